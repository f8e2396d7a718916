/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree at 12,500 and at 50,000 parameters: what one costs must stay the same. The reference is
 * a plain loop over ready text that escapes and copies the same names and values.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/soap/write.h"
#include "agent/tree/rows.h"
#include "lib/buf.h"
#include "lib/log.h"

#define ROW_PARAMS 25
#define OUT_MAX (64u << 20)

static size_t rows;

struct host {
	uint8_t mac[6];
	uint64_t bytes;
	char name[40];
};

static enum dm_error get_mac(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct host *h = in->data;

	dm_put_mac(sink, h->mac);
	return DM_OK;
}

static enum dm_error get_name(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct host *h = in->data;

	dm_put_str(sink, h->name);
	return DM_OK;
}

static enum dm_error get_bytes(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct host *h = in->data;

	dm_put_uint(sink, h->bytes);
	return DM_OK;
}

static enum dm_error get_active(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct host *h = in->data;

	dm_put_bool(sink, h->bytes % 2);
	return DM_OK;
}

static enum dm_error get_when(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct host *h = in->data;

	dm_put_time(sink, (int64_t)(1700000000 + h->bytes));
	return DM_OK;
}

#define GETTERS(n)                                                         \
	{ "PhysAddress" #n, DM_STRING, DM_RO, .get = get_mac },            \
		{ "HostName" #n, DM_STRING, DM_RO, .get = get_name },      \
		{ "BytesReceived" #n, DM_ULONG, DM_RO, .get = get_bytes }, \
		{ "Active" #n, DM_BOOL, DM_RO, .get = get_active },        \
	{                                                                  \
		"ActiveLastChange" #n, DM_DATETIME, DM_RO, .get = get_when \
	}

static const struct dm_param host_params[] = {
	GETTERS(1),
	GETTERS(2),
	GETTERS(3),
	GETTERS(4),
	{ "Enable", DM_BOOL, DM_RW },
	{ "Description", DM_STRING, DM_RW, .def = "a stored text of usual length" },
	{ "Limit", DM_UINT, DM_RW, .def = "1500" },
	DM_ROW_ALIAS,
	{ "Status", DM_STRING, DM_RW, .def = "Enabled" },
};

static void refresh(struct dm *dm, const struct dm_object *obj, struct dm_inst *parent)
{
	dm_rows_begin(parent, obj);
	for (size_t i = 0; i < rows; i++) {
		struct dm_inst *in;
		char key[24];

		snprintf(key, sizeof(key), "%zu", i);
		in = dm_row(parent, obj, key);
		if (!in)
			abort();
		if (in->fresh) {
			struct host *h = calloc(1, sizeof(*h));

			if (!h)
				abort();
			memcpy(h->mac, &i, sizeof(h->mac));
			h->bytes = i * 7919;
			snprintf(h->name, sizeof(h->name), "host-%zu.example", i);
			in->data = h;
			in->fresh = false;
		}
	}
	dm_rows_end(parent, obj);
}

static void release(struct dm_inst *in)
{
	free(in->data);
}

static const struct dm_object root = DM_EMPTY("Device.");
static const struct dm_object hosts = DM_EMPTY("Device.Hosts.");
static const struct dm_object host =
	DM_TABLE("Device.Hosts.Host.{i}.", host_params, .entries = "HostNumberOfEntries",
		 .refresh = refresh, .release = release);
static const struct dm_object *const objects[] = { &root, &hosts, &host };

static double cpu(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

struct item {
	char *path, *text;
	size_t path_len, len;
	const char *type;
};

struct bench {
	struct dm *dm;
	struct buf out;
	struct soap_writer w;
	struct item *items;
	size_t n;
};

static int keep(void *arg, const struct dm_value *v)
{
	struct bench *b = arg;
	struct item *i = &b->items[b->n++];

	i->path = strndup(v->path, v->path_len);
	i->path_len = v->path_len;
	i->text = strndup(v->text, v->len);
	i->len = v->len;
	i->type = dm_type_xsd(v->param->type);
	return 0;
}

static int count(void *arg, const struct dm_value *v)
{
	((struct bench *)arg)->n++;
	return 0;
}

static int write_value(void *arg, const struct dm_value *v)
{
	struct bench *b = arg;

	soap_value(&b->w, v->path, v->path_len, dm_type_xsd(v->param->type), v->text, v->len);
	return 0;
}

static int write_name(void *arg, const struct dm_name *n)
{
	struct bench *b = arg;

	soap_info(&b->w, n->path, n->len, n->writable);
	return 0;
}

static void get_all(struct bench *b)
{
	if (dm_get(b->dm, "Device.", write_value, b))
		abort();
}

static void names_all(struct bench *b)
{
	if (dm_names(b->dm, "Device.", false, write_name, b))
		abort();
}

static void get_each(struct bench *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (dm_get(b->dm, b->items[i].path, write_value, b))
			abort();
}

static void sample(struct bench *b)
{
	dm_sample(b->dm);
}

static void plain(struct bench *b)
{
	for (size_t i = 0; i < b->n; i++)
		soap_value(&b->w, b->items[i].path, b->items[i].path_len, b->items[i].type,
			   b->items[i].text, b->items[i].len);
}

/* The best of several: the machine does other things too. Parameters per second of CPU. */
static double rate(struct bench *b, void (*what)(struct bench *))
{
	double best = 0;

	for (int round = 0; round < 7; round++) {
		double start, took;

		buf_reset(&b->out);
		soap_begin(&b->w, &b->out, 2, "1", 1);
		soap_array_begin(&b->w, "ParameterList", "cwmp:ParameterValueStruct");
		dm_rpc_begin(b->dm);
		start = cpu();
		what(b);
		took = cpu() - start;
		if (b->out.failed)
			abort();
		if ((double)b->n / took > best)
			best = (double)b->n / took;
	}
	return best;
}

static void line(const char *name, const char *unit, double value, double reference)
{
	printf("{\"name\": \"%s\", \"unit\": \"%s\", \"value\": %.3f, \"reference\": %.3f}\n", name,
	       unit, value, reference);
}

struct rates {
	double get, names, each, sample, plain;
};

static struct rates measure(size_t params)
{
	struct dm_attr_change all = { .path = "Device.",
				      .set_notification = true,
				      .notification = 1 };
	struct bench b = { .n = 0 };
	struct rates r;

	rows = params / ROW_PARAMS;
	buf_init(&b.out, OUT_MAX);
	b.items = calloc(params + 10, sizeof(b.items[0]));
	if (!b.items || dm_open(&b.dm, objects, 3, NULL))
		abort();
	dm_rpc_begin(b.dm);
	if (dm_get(b.dm, "Device.", count, &b) || b.n != params + 1)
		abort();
	b.n = 0;
	if (dm_get(b.dm, "Device.", keep, &b))
		abort();
	r.get = rate(&b, get_all);
	r.names = rate(&b, names_all);
	r.each = rate(&b, get_each);
	r.plain = rate(&b, plain);
	if (dm_attr_set(b.dm, &all, 1, NULL))
		abort();
	r.sample = rate(&b, sample);
	for (size_t i = 0; i < b.n; i++) {
		free(b.items[i].path);
		free(b.items[i].text);
	}
	free(b.items);
	buf_free(&b.out);
	dm_close(b.dm);
	return r;
}

int main(void)
{
	struct rates small, large;

	log_set_fd(-1);
	small = measure(12500);
	large = measure(50000);
	line("tree.get_all.50000", "parameters/s", large.get, large.plain);
	line("tree.names_all.50000", "names/s", large.names, large.plain);
	line("tree.get_by_name.50000", "parameters/s", large.each, large.plain);
	line("tree.notification_check.50000", "parameters/s", large.sample, large.plain);
	/* 1: growing linearly; the reference is the same at a quarter of the size */
	line("tree.get_all.linear", "us/parameter", 1e6 / large.get, 1e6 / small.get);
	line("tree.names_all.linear", "us/name", 1e6 / large.names, 1e6 / small.names);
	line("tree.get_by_name.linear", "us/parameter", 1e6 / large.each, 1e6 / small.each);
	line("tree.notification_check.linear", "us/parameter", 1e6 / large.sample,
	     1e6 / small.sample);
	return 0;
}
