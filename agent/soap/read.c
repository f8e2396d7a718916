/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/soap/read.h"

#include <stdlib.h>
#include <string.h>

#include "agent/soap/reader.h"
#include "lib/text.h"

#define CHUNK 4096
#define NODES_AT_FIRST 256

static void reset(struct soap_reader *r)
{
	r->n = 1;
	r->depth = 0;
	r->error = SOAP_OK;
	r->why[0] = '\0';
	memset(r->cache, 0, sizeof(r->cache));
	buf_reset(&r->text);
	buf_putc(&r->text, '\0');
}

void soap_warm_up(void)
{
	static const char message[] = "<a b='&lt;'>\n</a>";
	struct soap_reader *r;
	struct soap_msg msg;

	xmlInitParser();
	r = soap_reader_new();
	if (r)
		soap_read(r, message, sizeof(message) - 1, &msg);
	soap_reader_free(r);
}

struct soap_reader *soap_reader_new(void)
{
	struct soap_reader *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	buf_init(&r->text, SOAP_BODY_MAX + SOAP_NODES_MAX);
	r->cap = NODES_AT_FIRST;
	r->nodes = calloc(r->cap, sizeof(*r->nodes));
	if (!r->nodes) {
		free(r);
		return NULL;
	}
	soap_sax_init(&r->sax);
	return r;
}

void soap_reader_free(struct soap_reader *r)
{
	if (!r)
		return;
	free(r->nodes);
	buf_wipe(&r->text); /* passwords come through here */
	free(r);
}

const char *soap_why(const struct soap_reader *r)
{
	return r->why;
}

/*
 * libxml2 would choose a converter by the first bytes, and iconv opens files for it, which the
 * sandbox answers with death. So only what begins like UTF-8 gets in: '<' and not a zero byte.
 */
static bool begins_like_xml(const char **data, size_t *len)
{
	if (*len >= 3 && !memcmp(*data, "\xef\xbb\xbf", 3)) {
		*data += 3;
		*len -= 3;
	}
	while (*len && (**data == ' ' || **data == '\t' || **data == '\r' || **data == '\n')) {
		(*data)++;
		(*len)--;
	}
	return *len >= 2 && (*data)[0] == '<' && (*data)[1];
}

static void parse(struct soap_reader *r, const char *data, size_t len)
{
	r->ctxt = xmlCreatePushParserCtxt(&r->sax, r, NULL, 0, NULL);
	if (!r->ctxt) {
		soap_stop(r, SOAP_EMEMORY, "out of memory");
		return;
	}
	xmlCtxtUseOptions(r->ctxt, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
	while (len && !r->error) {
		size_t n = len < CHUNK ? len : CHUNK;

		xmlParseChunk(r->ctxt, data, (int)n, 0);
		data += n;
		len -= n;
		/* What the parser still holds back is one tag or comment without its end. */
		if (r->ctxt->input && r->ctxt->input->end - r->ctxt->input->cur > SOAP_TAG_MAX)
			soap_stop(r, SOAP_ELIMIT, "a tag or comment is too long");
	}
	if (!r->error)
		xmlParseChunk(r->ctxt, NULL, 0, 1);
	if (!r->error && !r->ctxt->wellFormed)
		soap_stop(r, SOAP_EXML, "not well-formed");
	if (!r->error && r->text.failed)
		soap_stop(r, SOAP_EMEMORY, "out of memory");
	xmlFreeParserCtxt(r->ctxt);
	r->ctxt = NULL;
}

enum soap_error soap_read(struct soap_reader *r, const char *data, size_t len, struct soap_msg *msg)
{
	enum soap_error e;

	*msg = (struct soap_msg){ .version = CWMP_UNKNOWN, .method = "", .fault_text = "" };
	reset(r);
	if (len > SOAP_BODY_MAX)
		soap_stop(r, SOAP_ELIMIT, "the message is too big");
	else if (!begins_like_xml(&data, &len))
		soap_stop(r, SOAP_EXML, "not XML in UTF-8");
	else if (!utf8_valid(data, len))
		soap_stop(r, SOAP_EXML, "bytes that are not UTF-8");
	else
		parse(r, data, len);
	msg->nodes = r->nodes;
	msg->text = r->text.data;
	if (r->error) {
		soap_take_header(r, msg);
		return r->error;
	}
	e = soap_take_envelope(r, msg);
	r->error = e;
	return e;
}
