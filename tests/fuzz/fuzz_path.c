/* SPDX-License-Identifier: Apache-2.0 */
/* Any path name: taken apart it holds together, and the tree finds what is there or says no. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/tree/path.h"
#include "agent/tree/rows.h"
#include "lib/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct dm_param root_params[] = {
	{ "Text", DM_STRING, DM_RW, DM_MAXLEN(8) },
};
static const struct dm_object root = DM_SINGLE("Device.", root_params);
static const struct dm_param row_params[] = {
	DM_ROW_ALIAS,
	{ "Value", DM_UINT, DM_RW },
};
static const struct dm_object row =
	DM_TABLE("Device.Row.{i}.", row_params, .flags = DM_ADD, .entries = "RowNumberOfEntries");
static const struct dm_object sub = DM_TABLE("Device.Row.{i}.Sub.{i}.", row_params, .flags = DM_ADD,
					     .entries = "SubNumberOfEntries");
static const struct dm_object *const objects[] = { &root, &row, &sub };

static struct dm *make(void)
{
	struct dm_txn *txn;
	struct dm *dm;
	uint32_t n;

	if (dm_open(&dm, objects, 3, NULL))
		abort();
	dm_allow_alias(dm, true);
	txn = dm_begin(dm, DM_BY_ACS);
	for (int i = 0; i < 3; i++)
		dm_stage_add(txn, "Device.Row.", &n);
	dm_stage_add(txn, "Device.Row.2.Sub.", &n);
	if (dm_commit(txn, NULL))
		abort();
	return dm;
}

static void check_parts(const struct dm_path *p, const char *s, size_t n)
{
	const char *at = s;

	for (size_t i = 0; i < p->n; i++) {
		const struct dm_part *part = &p->part[i];

		if (!part->len || part->s < at || part->s + part->len > s + n)
			abort();
		if (part->kind == DM_PART_NUMBER && !part->number)
			abort();
		at = part->s + part->len;
	}
	if (n && p->partial != (s[n - 1] == '.'))
		abort();
}

static int name(void *arg, const struct dm_name *n)
{
	struct dm_path p;

	/* every name that the tree says is one that it takes */
	if (dm_path_parse(&p, n->path, n->len) || p.partial == (n->param != NULL))
		abort();
	return 0;
}

static int value(void *arg, const struct dm_value *v)
{
	return !v->param;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dm *dm;
	struct dm_path p;
	enum dm_error e;
	uint32_t number;
	char *path;

	if (!dm)
		dm = make();
	if (!dm_path_parse(&p, (const char *)data, size))
		check_parts(&p, (const char *)data, size);
	path = strndup((const char *)data, size);
	e = dm_names(dm, path, false, name, NULL);
	if (e != dm_get(dm, path, value, NULL))
		abort();
	if (e && e != DM_ENAME)
		abort();
	if (!e && dm_path_parse(&p, path, strlen(path)))
		abort();
	dm_names(dm, path, true, name, NULL);
	dm_find(dm, path);
	for (int i = 0; i < 2; i++) {
		struct dm_txn *txn = dm_begin(dm, DM_BY_ACS);

		dm_stage(txn, path, DM_ANY, (const char *)data, size);
		if (i ? dm_stage_del(txn, path) : dm_stage_add(txn, path, &number))
			dm_stage_add(txn, "Device.Row.", &number);
		dm_abort(txn);
	}
	free(path);
	return 0;
}
