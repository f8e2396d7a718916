/* SPDX-License-Identifier: Apache-2.0 */
/* What modules use to look at the tree: cells, rows, paths. */
#include <stdio.h>
#include <string.h>

#include "agent/tree/internal.h"
#include "lib/buf.h"
#include "lib/num.h"
#include "lib/text.h"

const char *dm_str(const struct dm_inst *in, const char *name, size_t *len)
{
	int i = in ? dm_param_index(in->cls, name) : -1;
	const struct dm_cell *cell = i < 0 ? NULL : dm_cell_of(in, (size_t)i);

	if (len)
		*len = cell ? cell->len : 0;
	return cell ? cell->val : "";
}

uint64_t dm_uint(const struct dm_inst *in, const char *name)
{
	uint64_t v = 0;
	size_t len;
	const char *text = dm_str(in, name, &len);

	if (num_parse_u64(text, len, UINT64_MAX, &v))
		return 0;
	return v;
}

int64_t dm_int(const struct dm_inst *in, const char *name)
{
	int64_t v = 0;
	size_t len;
	const char *text = dm_str(in, name, &len);

	if (num_parse_i64(text, len, INT64_MIN, INT64_MAX, &v))
		return 0;
	return v;
}

bool dm_bool(const struct dm_inst *in, const char *name)
{
	size_t len;
	const char *text = dm_str(in, name, &len);

	return text_eq(text, len, "true");
}

struct dm_inst *dm_ref(const struct dm_inst *in, const char *name)
{
	size_t len;
	const char *text = dm_str(in, name, &len);

	return len ? dm_find(in->cls->dm, text) : NULL;
}

struct dm_inst *dm_find(struct dm *dm, const char *path)
{
	size_t len = strlen(path);
	char text[DM_PATH_MAX + 2];
	struct dm_target t;

	if (!len || len > DM_PATH_MAX)
		return NULL;
	memcpy(text, path, len);
	if (text[len - 1] != '.')
		text[len++] = '.';
	if (dm_resolve(dm, text, len, &t) || t.kind != DM_T_OBJECT || t.in->gone)
		return NULL;
	return t.in;
}

struct dm_inst *dm_single(struct dm *dm, const struct dm_object *obj)
{
	struct dm_class *cls = dm_class_of(dm, obj), *way[DM_LEVELS_MAX];
	struct dm_inst *in = dm->root;
	size_t n = 0;

	for (; cls && cls->parent; cls = cls->parent) {
		if (cls->table)
			return NULL;
		way[n++] = cls;
	}
	if (!cls)
		return NULL;
	while (n--)
		in = dm_kid_of(in, way[n])->one;
	return in;
}

static struct dm_kid *table_of(const struct dm_inst *parent, const struct dm_object *obj)
{
	if (!parent)
		return NULL;
	for (size_t i = 0; i < parent->cls->nkids; i++)
		if (parent->cls->kids[i]->obj == obj)
			return &parent->kids[i];
	return NULL;
}

struct dm_inst *dm_row_by_number(struct dm_inst *parent, const struct dm_object *obj,
				 uint32_t number)
{
	const struct dm_kid *kid = table_of(parent, obj);
	struct dm_inst *in = kid ? dm_kid_find(kid, number, NULL) : NULL;

	return in && !in->gone ? in : NULL;
}

size_t dm_row_count(struct dm_inst *parent, const struct dm_object *obj)
{
	const struct dm_kid *kid = table_of(parent, obj);

	return kid ? kid->live : 0;
}

struct dm_inst *dm_row_at(struct dm_inst *parent, const struct dm_object *obj, size_t i)
{
	const struct dm_kid *kid = table_of(parent, obj);

	if (!kid || i >= kid->live)
		return NULL;
	if (kid->live == kid->n)
		return kid->rows[i];
	for (uint32_t k = 0; k < kid->n; k++)
		if (!kid->rows[k]->gone && !i--)
			return kid->rows[k];
	return NULL;
}

size_t dm_row_name(const struct dm_inst *in, char out[DM_ROW_NAME_MAX])
{
	int i = dm_param_index(in->cls, "Alias");
	const struct dm_cell *cell;

	if (!in->cls->dm->alias_names || i < 0 || !(in->cls->params[i]->flags & DM_ALIAS))
		return num_put(out, in->number);
	cell = dm_cell_of(in, (size_t)i);
	if (!cell->len)
		return (size_t)snprintf(out, DM_ROW_NAME_MAX, "[cpe-%u]", in->number);
	if (cell->len > DM_ROW_NAME_MAX - 2)
		return num_put(out, in->number);
	out[0] = '[';
	memcpy(out + 1, cell->val, cell->len);
	out[cell->len + 1] = ']';
	return cell->len + 2;
}

/* As the ACS is told: InstanceMode says how rows are named. */
int dm_told_path(const struct dm_inst *in, char out[DM_PATH_MAX + 1])
{
	const struct dm_inst *way[DM_LEVELS_MAX];
	char row[DM_ROW_NAME_MAX];
	size_t n = 0, len = 0, used;

	if (!in->cls->dm->alias_names)
		return dm_inst_path(in, out);
	for (; in && n < DM_LEVELS_MAX; in = in->parent)
		way[n++] = in;
	while (n--) {
		const struct dm_class *cls = way[n]->cls;

		used = cls->table ? dm_row_name(way[n], row) : 0;
		if (len + cls->name_len + used + 2 > DM_PATH_MAX)
			return -1;
		memcpy(out + len, cls->name, cls->name_len);
		len += cls->name_len;
		out[len++] = '.';
		if (used) {
			memcpy(out + len, row, used);
			len += used;
			out[len++] = '.';
		}
	}
	out[len] = 0;
	return (int)len;
}

int dm_inst_path(const struct dm_inst *in, char out[DM_PATH_MAX + 1])
{
	const struct dm_inst *way[DM_LEVELS_MAX];
	size_t n = 0, len = 0;

	for (; in && n < DM_LEVELS_MAX; in = in->parent)
		way[n++] = in;
	while (n--) {
		const struct dm_class *cls = way[n]->cls;

		if (len + cls->name_len + 14u > DM_PATH_MAX)
			return -1;
		memcpy(out + len, cls->name, cls->name_len);
		len += cls->name_len;
		out[len++] = '.';
		if (cls->table) {
			len += num_put(out + len, way[n]->number);
			out[len++] = '.';
		}
	}
	out[len] = 0;
	return (int)len;
}

size_t dm_param_path(const struct dm_inst *in, size_t param, char out[DM_PATH_MAX + 1])
{
	const char *name = in->cls->params[param]->name;
	int len = dm_inst_path(in, out);
	size_t n = strlen(name);

	if (len < 0 || (size_t)len + n > DM_PATH_MAX) {
		out[0] = 0;
		return 0;
	}
	memcpy(out + len, name, n + 1);
	return (size_t)len + n;
}

const char *dm_type_xsd(enum dm_type type)
{
	static const char *const names[] = {
		[DM_STRING] = "xsd:string",	 [DM_INT] = "xsd:int",
		[DM_UINT] = "xsd:unsignedInt",	 [DM_LONG] = "xsd:long",
		[DM_ULONG] = "xsd:unsignedLong", [DM_BOOL] = "xsd:boolean",
		[DM_DATETIME] = "xsd:dateTime",	 [DM_BASE64] = "xsd:base64Binary",
		[DM_HEXBIN] = "xsd:hexBinary",	 [DM_DECIMAL] = "xsd:decimal",
	};

	return type < DM_TYPES ? names[type] : "";
}

const char *dm_error_name(enum dm_error e)
{
	static const char *const names[DM_ERRORS] = {
		[DM_OK] = "no error",
		[DM_ENAME] = "Invalid parameter name",
		[DM_ETYPE] = "Invalid parameter type",
		[DM_EVALUE] = "Invalid parameter value",
		[DM_EREADONLY] = "Attempt to set a non-writable parameter",
		[DM_ERESOURCES] = "Resources exceeded",
		[DM_EDENIED] = "Request denied",
		[DM_EINTERNAL] = "Internal error",
		[DM_EARGUMENTS] = "Invalid arguments",
		[DM_ENOTIFY] = "Notification request rejected",
	};

	return e < DM_ERRORS ? names[e] : "";
}
