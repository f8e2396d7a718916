/* SPDX-License-Identifier: Apache-2.0 */
/* A small data model with one of each kind, and a state directory, for the tests of the tree. */
#pragma once

#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/store.h"
#include "agent/tree/rows.h"
#include "lib/buf.h"
#include "lib/log.h"

#define MODEL_HOSTS 64

/* What the outside world is, for the live tables; and what the module does when asked. */
static struct {
	const char *host[MODEL_HOSTS];
	size_t nhosts;
	const char *port[4];
	size_t nports;
	unsigned int host_refreshes, applies, reverts, commits, released;
	enum dm_error apply_says;
	unsigned int gauge;
} world;

static enum dm_error model_get_gauge(struct dm_inst *in, const struct dm_param *p,
				     struct dm_sink *sink)
{
	dm_put_uint(sink, world.gauge);
	return DM_OK;
}

static enum dm_error model_get_key(struct dm_inst *in, const struct dm_param *p,
				   struct dm_sink *sink)
{
	dm_put_str(sink, in->data);
	return DM_OK;
}

static enum dm_error model_check_even(struct dm_txn *txn, struct dm_inst *in,
				      const struct dm_param *p, const char *value, size_t len)
{
	if ((value[len - 1] - '0') % 2)
		return dm_refuse(txn, in, p->name, DM_EVALUE, "only even numbers are allowed");
	return DM_OK;
}

static bool model_never(const struct dm_inst *in)
{
	return false;
}

static void model_refresh_hosts(struct dm *dm, const struct dm_object *obj, struct dm_inst *up)
{
	world.host_refreshes++;
	dm_rows_begin(up, obj);
	for (size_t i = 0; i < world.nhosts; i++) {
		struct dm_inst *in = dm_row(up, obj, world.host[i]);

		if (in && in->fresh) {
			in->data = strdup(world.host[i]);
			in->fresh = false;
		}
	}
	dm_rows_end(up, obj);
}

static void model_refresh_ports(struct dm *dm, const struct dm_object *obj, struct dm_inst *up)
{
	dm_rows_begin(up, obj);
	for (size_t i = 0; i < world.nports; i++) {
		struct dm_inst *in = dm_row(up, obj, world.port[i]);

		if (in && in->fresh) {
			in->data = strdup(world.port[i]);
			in->fresh = false;
		}
	}
	dm_rows_end(up, obj);
}

static void model_release(struct dm_inst *in)
{
	world.released += in->data != NULL;
	free(in->data);
	in->data = NULL;
}

static enum dm_error model_apply(struct dm *dm, struct dm_txn *txn)
{
	world.applies++;
	return world.apply_says;
}

static void model_revert(struct dm *dm)
{
	world.reverts++;
}

static void model_committed(struct dm *dm, const struct dm_txn *txn)
{
	world.commits++;
}

static const struct dm_module model_module = {
	.name = "model", .apply = model_apply, .revert = model_revert, .committed = model_committed
};

static const char *const model_modes[] = { "Off", "On", "Auto", NULL };

static const struct dm_param model_root_params[] = {
	{ "Version", DM_STRING, DM_RO, .def = "2.19", .flags = DM_FORCED_INFORM },
	{ "Text", DM_STRING, DM_RW, DM_MAXLEN(8) },
	{ "Octets", DM_STRING, DM_RW, DM_LEN(1, 32), .max_octets = 32, .def = "x" },
	{ "Uint", DM_UINT, DM_RW, DM_RANGES({ 1, 10 }, { 20, 30 }), .def = "1" },
	{ "Int", DM_INT, DM_RW, DM_RANGE(-5, 5) },
	{ "Long", DM_LONG, DM_RW },
	{ "Ulong", DM_ULONG, DM_RW },
	{ "Flag", DM_BOOL, DM_RW },
	{ "When", DM_DATETIME, DM_RW },
	{ "Bin", DM_BASE64, DM_RW, DM_MAXLEN(4) },
	{ "Hex", DM_HEXBIN, DM_RW, DM_LEN(2, 4) },
	{ "Dec", DM_DECIMAL, DM_RW },
	{ "Mode", DM_STRING, DM_RW, DM_VALUES(model_modes), .def = "Off" },
	{ "OpenMode", DM_STRING, DM_RW, DM_VALUES(model_modes), .flags = DM_ENUM_OPEN,
	  .def = "Off" },
	{ "Csv", DM_STRING, DM_RW, .flags = DM_LIST, .item = DM_UINT, DM_RANGE(0, 7),
	  .max_items = 3 },
	{ "Modes", DM_STRING, DM_RW, .flags = DM_LIST, DM_VALUES(model_modes) },
	{ "Secret", DM_STRING, DM_RW, .flags = DM_SECRET, DM_MAXLEN(16) },
	{ "Command", DM_BOOL, DM_RW, .flags = DM_COMMAND },
	{ "Mac", DM_STRING, DM_RW, DM_MATCH(dm_match_mac, DM_WANTS_MAC) },
	{ "Even", DM_UINT, DM_RW, .check = model_check_even },
	{ "Gauge", DM_UINT, DM_RO, .get = model_get_gauge, .notify = DM_CAN_DENY },
	{ "Forced", DM_UINT, DM_RO, .get = model_get_gauge, .notify = DM_FORCED_ACTIVE },
	{ "Default", DM_STRING, DM_RW, .notify = DM_DEFAULT_ACTIVE },
	{ "Key", DM_STRING, DM_RO, DM_MAXLEN(32), .flags = DM_FORCED_INFORM },
	{ "Absent", DM_STRING, DM_RO, .when = model_never },
	{ "Forgotten", DM_STRING, DM_RW, .flags = DM_VOLATILE },
};
static const struct dm_object model_root = DM_SINGLE("Device.", model_root_params);

static const struct dm_object model_net = DM_EMPTY("Device.Net.");

static const struct dm_param model_link_params[] = {
	{ "Enable", DM_BOOL, DM_RW, .def = "false" },
	DM_ROW_ALIAS,
	{ "Name", DM_STRING, DM_RW, DM_MAXLEN(16), .def = "new" },
	{ "Lower", DM_STRING, DM_RW, DM_MAXLEN(1024), DM_REFS("Device.Net.Port.") },
	{ "Any", DM_STRING, DM_RW, DM_REF("") },
};
static const struct dm_object model_link =
	DM_TABLE("Device.Net.Link.{i}.", model_link_params, .flags = DM_ADD, .max = 4,
		 .entries = "LinkNumberOfEntries", .module = &model_module);

static const struct dm_param model_sub_params[] = {
	{ "Value", DM_UINT, DM_RW, .def = "7" },
	{ "Up", DM_STRING, DM_RW, DM_REF("Device.Net.Link.{i}.") },
};
static const struct dm_object model_sub =
	DM_TABLE("Device.Net.Link.{i}.Sub.{i}.", model_sub_params, .flags = DM_ADD,
		 .entries = "SubNumberOfEntries");

static const struct dm_param model_stats_params[] = {
	{ "Bytes", DM_ULONG, DM_RO, .get = model_get_gauge },
};
static const struct dm_object model_stats =
	DM_SINGLE("Device.Net.Link.{i}.Stats.", model_stats_params);

static const struct dm_param model_port_params[] = {
	{ "Name", DM_STRING, DM_RO, .get = model_get_key },
	DM_ROW_ALIAS,
	{ "Speed", DM_UINT, DM_RW, .def = "100" },
};
static const struct dm_object model_port = DM_TABLE(
	"Device.Net.Port.{i}.", model_port_params, .flags = DM_KEEP,
	.entries = "PortNumberOfEntries", .refresh = model_refresh_ports, .release = model_release);

static const struct dm_param model_host_params[] = {
	{ "Mac", DM_STRING, DM_RO, .get = model_get_key },
	{ "Note", DM_STRING, DM_RW },
};
static const struct dm_object model_host = DM_TABLE(
	"Device.Net.Host.{i}.", model_host_params, .max = 50, .entries = "HostNumberOfEntries",
	.refresh = model_refresh_hosts, .release = model_release);

static const struct dm_object model_hidden = DM_EMPTY("Device.Hidden.", .when = model_never);

static const struct dm_object *const model_objects[] = {
	&model_root,  &model_net,  &model_link, &model_sub,
	&model_stats, &model_port, &model_host, &model_hidden,
};

struct model {
	char dir[64], factory[96];
	struct store *store;
	struct dm *dm;
	struct dm_faults faults;
	struct buf out;
};

static void model_open(struct model *m)
{
	assert_int_equal(store_open(&m->store, m->dir, m->factory), 0);
	assert_int_equal(dm_open(&m->dm, model_objects, ARRAY_SIZE(model_objects), m->store), 0);
}

static void model_close(struct model *m)
{
	dm_close(m->dm);
	store_close(m->store);
	m->dm = NULL;
	m->store = NULL;
}

__attribute__((unused)) static void model_write(const char *dir, const char *name, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int model_setup(void **state)
{
	struct model *m = calloc(1, sizeof(*m));

	log_set_fd(-1);
	memset(&world, 0, sizeof(world));
	snprintf(m->dir, sizeof(m->dir), "/tmp/sallyport-test-XXXXXX");
	assert_non_null(mkdtemp(m->dir));
	snprintf(m->factory, sizeof(m->factory), "%s/factory.conf", m->dir);
	buf_init(&m->out, 1 << 20);
	model_open(m);
	*state = m;
	return 0;
}

static int model_teardown(void **state)
{
	static const char *const files[] = { "state", "state.new", "state.bad", "factory.conf" };
	struct model *m = *state;
	char path[128];

	if (m->dm)
		model_close(m);
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", m->dir, files[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(m->dir), 0);
	dm_faults_free(&m->faults);
	buf_free(&m->out);
	free(m);
	return 0;
}

static int model_put_value(void *arg, const struct dm_value *v)
{
	buf_printf(arg, "%.*s=%.*s\n", (int)v->path_len, v->path, (int)v->len, v->text);
	return 0;
}

static int model_put_name(void *arg, const struct dm_name *n)
{
	buf_printf(arg, "%.*s %c\n", (int)n->len, n->path, n->writable ? 'w' : 'r');
	return 0;
}

/* "Device.Text=abc\n" or the error's name */
__attribute__((unused)) static const char *model_get(struct model *m, const char *path)
{
	enum dm_error e;

	buf_reset(&m->out);
	dm_rpc_begin(m->dm);
	e = dm_get(m->dm, path, model_put_value, &m->out);
	return e ? dm_error_name(e) : buf_str(&m->out);
}

__attribute__((unused)) static const char *model_names(struct model *m, const char *path, bool next)
{
	enum dm_error e;

	buf_reset(&m->out);
	dm_rpc_begin(m->dm);
	e = dm_names(m->dm, path, next, model_put_name, &m->out);
	return e ? dm_error_name(e) : buf_str(&m->out);
}

/* One value in a transaction of the ACS. */
__attribute__((unused)) static enum dm_error model_set(struct model *m, const char *path,
						       const char *value)
{
	struct dm_txn *txn = dm_begin(m->dm, DM_BY_ACS);

	assert_non_null(txn);
	dm_stage(txn, path, DM_ANY, value, strlen(value));
	dm_faults_free(&m->faults);
	return dm_commit(txn, &m->faults);
}

__attribute__((unused)) static uint32_t model_add(struct model *m, const char *table)
{
	struct dm_txn *txn = dm_begin(m->dm, DM_BY_ACS);
	uint32_t n = 0;

	assert_non_null(txn);
	dm_stage_add(txn, table, &n);
	dm_faults_free(&m->faults);
	return dm_commit(txn, &m->faults) ? 0 : n;
}

__attribute__((unused)) static enum dm_error model_del(struct model *m, const char *row)
{
	struct dm_txn *txn = dm_begin(m->dm, DM_BY_ACS);

	assert_non_null(txn);
	dm_stage_del(txn, row);
	dm_faults_free(&m->faults);
	return dm_commit(txn, &m->faults);
}

#define MODEL_TEST(f) cmocka_unit_test_setup_teardown(f, model_setup, model_teardown)
