/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/tr181/device_type.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "agent/tree/rows.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/limits.h"

#define SPEC "urn:broadband-forum-org:tr-181-2-19-1-cwmp"
#define MODEL "Device:2.19"
#define UUID_MAX 37

struct writer {
	struct buf *out;
	bool own; /* the object is a vendor's: of those the standard's file knows nothing */
	bool open;
};

static void close_object(struct writer *w)
{
	if (w->open)
		buf_puts(w->out, "    </object>\n");
	w->open = false;
}

static void put_param(struct buf *out, const char *name, const struct dm_param *p)
{
	if (!strncmp(name, "X_", 2))
		return;
	buf_printf(out, "      <parameter ref=\"%s\" access=\"%s\"%s/>\n", name,
		   p->access == DM_RW ? "readWrite" : "readOnly",
		   p->notify == DM_CAN_DENY ? " activeNotify=\"willDeny\"" : "");
}

static void put_row(void *arg, const char *path, const struct dm_object *obj,
		    const struct dm_param *p)
{
	struct writer *w = arg;
	bool table = strlen(path) > 5 && !strcmp(path + strlen(path) - 5, ".{i}.");

	if (!p) {
		close_object(w);
		w->own = strstr(path, ".X_") != NULL;
	}
	if (w->own)
		return;
	if (p) {
		put_param(w->out, path + strlen(obj->path), p);
		return;
	}
	w->open = true;
	buf_printf(w->out,
		   "    <object ref=\"%s\" access=\"%s\" minEntries=\"%d\" maxEntries=\"%u\">\n",
		   path, obj->flags & DM_ADD ? "createDelete" : "readOnly", table ? 0 : 1,
		   !table     ? 1
		   : obj->max ? obj->max
			      : DM_TABLE_MAX);
}

/* RFC 4122 4.3, version 5, in the name space of URLs */
static int make_uuid(const struct buf *content, char out[UUID_MAX])
{
	static const uint8_t space[16] = { 0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1,
					   0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8 };
	uint8_t h[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx && EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) &&
		    EVP_DigestUpdate(ctx, space, sizeof(space)) &&
		    EVP_DigestUpdate(ctx, content->data, content->len) &&
		    EVP_DigestFinal_ex(ctx, h, NULL);

	EVP_MD_CTX_free(ctx);
	if (!good)
		return -ENOMEM;
	h[6] = (uint8_t)((h[6] & 0x0f) | 0x50);
	h[8] = (uint8_t)((h[8] & 0x3f) | 0x80);
	(void)snprintf(out, UUID_MAX,
		       "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", h[0],
		       h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8], h[9], h[10], h[11], h[12],
		       h[13], h[14], h[15]);
	return 0;
}

static int make(struct dm *dm, struct buf *body, char uuid[UUID_MAX])
{
	struct writer w = { .out = body };

	buf_puts(body, "  <import file=\"tr-181-2-19-1-cwmp.xml\" spec=\"" SPEC "\">\n"
		       "    <model name=\"" MODEL "\"/>\n  </import>\n"
		       "  <model ref=\"" MODEL "\">\n");
	dm_schema(dm, put_row, &w);
	close_object(&w);
	buf_puts(body, "  </model>\n</dt:document>\n");
	return body->failed ? -ENOMEM : make_uuid(body, uuid);
}

int device_type_write(struct dm *dm, struct buf *out)
{
	_cleanup_buf_ struct buf body = BUF_INIT(DEVICE_TYPE_MAX);
	char uuid[UUID_MAX];
	int r = make(dm, &body, uuid);

	if (r)
		return r;
	buf_printf(out,
		   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		   "<dt:document xmlns:dt=\"urn:broadband-forum-org:cwmp:devicetype-1-6\"\n"
		   "             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"\n"
		   "             xsi:schemaLocation=\"urn:broadband-forum-org:cwmp:devicetype-1-6"
		   " https://www.broadband-forum.org/cwmp/cwmp-devicetype-1-6.xsd\"\n"
		   "             deviceType=\"urn:uuid:%s\" uuid=\"%s\">\n",
		   uuid, uuid);
	buf_put(out, body.data, body.len);
	return out->failed ? -ENOMEM : 0;
}

/* One in a process, as there is one tree; url "": nobody hosts the file. */
static struct {
	const char *url;
	char uuid[UUID_MAX];
} model = { .url = "" };

static void refresh(struct dm *dm, const struct dm_object *obj, struct dm_inst *parent)
{
	dm_rows_begin(parent, obj);
	if (*model.url)
		(void)dm_row(parent, obj, SPEC);
	dm_rows_end(parent, obj);
}

static enum dm_error get_url(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, model.url);
	return DM_OK;
}

static enum dm_error get_uuid(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, model.uuid);
	return DM_OK;
}

static enum dm_error get_urn(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_const(sink, SPEC, strlen(SPEC));
	return DM_OK;
}

/* Those of <feature> in the file, which has none. */
static enum dm_error get_features(struct dm_inst *in, const struct dm_param *p,
				  struct dm_sink *sink)
{
	dm_put_const(sink, "", 0);
	return DM_OK;
}

#define FILE_SAYS "the file that sallyport-agent --device-type makes"

static const struct dm_param params[] = {
	DM_ROW_ALIAS,
	{ "URL", DM_STRING, DM_RO, DM_MAXLEN(2048), .get = get_url, .source = "device_type.url" },
	{ "UUID", DM_STRING, DM_RO, DM_LEN(36, 36), .get = get_uuid, .source = FILE_SAYS },
	{ "URN", DM_STRING, DM_RO, DM_MAXLEN(256), .get = get_urn, .source = FILE_SAYS },
	{ "Features", DM_STRING, DM_RO, .flags = DM_LIST, .get = get_features,
	  .source = FILE_SAYS ", which has none" },
};

extern const struct dm_object supported_model;
const struct dm_object supported_model =
	DM_TABLE("Device.DeviceInfo.SupportedDataModel.{i}.", params, .flags = DM_KEEP, .max = 1,
		 .entries = "SupportedDataModelNumberOfEntries", .refresh = refresh);

int device_type_init(struct dm *dm, const char *url)
{
	_cleanup_buf_ struct buf body = BUF_INIT(DEVICE_TYPE_MAX);

	model.url = url;
	return make(dm, &body, model.uuid);
}
