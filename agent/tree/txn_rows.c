/* SPDX-License-Identifier: Apache-2.0 */
/* AddObject and DeleteObject inside a transaction, and references to what is deleted. */
#include <string.h>

#include "agent/tree/internal.h"
#include "agent/tree/value.h"
#include "lib/buf.h"
#include "lib/limits.h"
#include "lib/text.h"

static enum dm_error set_alias(struct dm_txn *txn, struct dm_inst *in, const struct dm_target *t)
{
	char path[DM_PATH_MAX + 1];
	int i = dm_param_index(in->cls, "Alias");
	char alias[4 * DM_ALIAS_MAX + 1];

	if (i < 0 || !dm_param_path(in, (size_t)i, path) || t->alias_len >= sizeof(alias))
		return DM_ENAME;
	memcpy(alias, t->alias, t->alias_len);
	return dm_stage_own(txn, path, alias, t->alias_len);
}

static enum dm_error row_added(struct dm_walk *w, struct dm_inst *in)
{
	const struct dm_class *cls = in->cls;

	return cls->table && cls->bound && cls->obj->added ? cls->obj->added(in) : DM_OK;
}

static enum dm_error no_param(struct dm_walk *w, struct dm_inst *in, size_t param)
{
	return DM_OK;
}

/* next: what to go back to when it is undone. The store may know the row, and others below it. */
static enum dm_error insert_row(struct dm_txn *txn, const struct dm_target *t, uint32_t number,
				uint32_t next, const char *path)
{
	struct dm_walk w = { .dm = txn->dm, .still = true, .object = row_added, .param = no_param };
	struct dm_target row = { .kind = DM_T_OBJECT };
	struct dm_kid *kid = dm_kid_of(t->in, t->table);
	struct dm_inst *in = dm_inst_make(t->table, t->in, number);
	struct dm_undo *u = in ? dm_txn_log(txn, DM_UNDO_ADD, in) : NULL;

	if (!u || dm_kid_insert(kid, in)) {
		kid->next = next;
		if (u)
			txn->n--;
		if (in)
			dm_inst_free(in);
		return dm_refuse(txn, NULL, path, DM_ERESOURCES, "No memory for another row");
	}
	kid->live++;
	u->next = next;
	row.in = in;
	if (dm_walk(&w, &row))
		return dm_refuse(txn, NULL, path, DM_ERESOURCES, "No room for another row");
	return t->alias ? set_alias(txn, in, t) : DM_OK;
}

static uint32_t table_max(const struct dm_class *table)
{
	return table->obj->max ? table->obj->max : DM_TABLE_MAX;
}

static enum dm_error table_full(struct dm_txn *txn, const struct dm_target *t, const char *path)
{
	return dm_refuse(txn, NULL, path, DM_ERESOURCES, "The table is full (%u rows)",
			 table_max(t->table));
}

enum dm_error dm_stage_add(struct dm_txn *txn, const char *table, uint32_t *instance)
{
	struct dm_target t;
	struct dm_kid *kid;
	uint32_t next;

	if (dm_resolve_add(txn->dm, table, strlen(table), &t) || t.in->gone ||
	    !(t.table->obj->flags & DM_ADD))
		return dm_fault(txn, DM_ENAME, table, strlen(table),
				"There is no table of that name to which rows can be added");
	kid = dm_kid_of(t.in, t.table);
	next = kid->next;
	*instance = dm_kid_number(kid, table_max(t.table));
	if (!*instance)
		return table_full(txn, &t, table);
	return insert_row(txn, &t, *instance, next, table);
}

enum dm_error dm_stage_row(struct dm_txn *txn, const char *path, bool there)
{
	char table[DM_PATH_MAX + 1];
	const struct dm_part *row;
	struct dm_path parts;
	struct dm_target t;
	struct dm_kid *kid;

	if (!there)
		return dm_find(txn->dm, path) ? dm_stage_del(txn, path) : DM_OK;
	if (dm_path_parse(&parts, path, strlen(path)) || !parts.n || !parts.partial)
		return dm_fault(txn, DM_ENAME, path, strlen(path), "It is no row");
	row = &parts.part[parts.n - 1];
	(void)text_copy(table, sizeof(table), path, (size_t)(row->s - path));
	if (row->kind != DM_PART_NUMBER || dm_find(txn->dm, path) ||
	    dm_resolve_add(txn->dm, table, strlen(table), &t) || t.in->gone)
		return DM_OK;
	kid = dm_kid_of(t.in, t.table);
	if (kid->live >= table_max(t.table))
		return table_full(txn, &t, path);
	return insert_row(txn, &t, row->number, kid->next, path);
}

enum dm_error dm_stage_missing(struct dm_txn *txn, const char *text)
{
	char table[DM_PATH_MAX + 2];
	struct dm_path path;
	struct dm_target t;
	uint32_t instance;

	/* What is wrong with it is said when the value is staged. */
	if (!txn->dm->alias || dm_path_parse(&path, text, strlen(text)))
		return DM_OK;
	for (size_t i = 0; i < path.n; i++) {
		/* up to the bracket and the dot behind it */
		size_t len = (size_t)(path.part[i].s - text) + path.part[i].len + 2;
		enum dm_error e;

		if (path.part[i].kind != DM_PART_ALIAS || len > strlen(text))
			continue;
		memcpy(table, text, len);
		table[len] = '\0';
		if (!dm_resolve(txn->dm, table, len, &t) ||
		    dm_resolve_add(txn->dm, table, len, &t) || !(t.table->obj->flags & DM_ADD))
			continue;
		e = dm_stage_add(txn, table, &instance);
		if (e)
			return e;
	}
	return DM_OK;
}

/* Does item name gone or something below it? item has no final dot, path has. */
static bool refers_to(const char *item, size_t len, const char *path, size_t path_len)
{
	return len >= path_len - 1 && !memcmp(item, path, path_len - 1) &&
	       (len == path_len - 1 || item[path_len - 1] == '.');
}

static enum dm_error unlink_cell(struct dm_txn *txn, struct dm_inst *in, size_t param,
				 const char *path, size_t path_len)
{
	const struct dm_cell *cell = dm_cell_of(in, param);
	struct dm_items items;
	const char *item;
	bool found = false;
	size_t len;

	if (cell->len < path_len - 1)
		return DM_OK;
	buf_reset(&txn->value);
	dm_items_start(&items, cell->val, cell->len);
	while (dm_items_next(&items, &item, &len)) {
		if (refers_to(item, len, path, path_len)) {
			found = true;
			continue;
		}
		if (txn->value.len)
			buf_putc(&txn->value, ',');
		buf_put(&txn->value, item, len);
	}
	if (!found)
		return DM_OK;
	return dm_txn_cell(txn, in, param, buf_str(&txn->value), txn->value.len);
}

struct unlinker {
	struct dm_txn *txn;
	const char *path;
	size_t len;
};

static enum dm_error unlink_param(struct dm_walk *w, struct dm_inst *in, size_t param)
{
	const struct unlinker *u = w->arg;

	if (!(in->cls->params[param]->flags & DM_STRONG) || !dm_cell_of(in, param))
		return DM_OK;
	return unlink_cell(u->txn, in, param, u->path, u->len);
}

/* A strong reference becomes empty when its target goes (TR-106 A17 3.2.4). */
static enum dm_error unlink_references(struct dm_txn *txn, struct dm_inst *gone)
{
	char path[DM_PATH_MAX + 1];
	int len = dm_inst_path(gone, path);
	struct unlinker u = { txn, path, (size_t)len };
	struct dm_walk w = { .dm = txn->dm, .arg = &u, .still = true, .param = unlink_param };
	struct dm_target all = { .kind = DM_T_ALL, .in = txn->dm->root };

	return len < 0 ? DM_EINTERNAL : dm_walk(&w, &all);
}

enum dm_error dm_stage_del(struct dm_txn *txn, const char *object)
{
	size_t n = strlen(object), known;
	struct dm_target t;
	struct dm_undo *u;
	struct dm_kid *kid;
	enum dm_error e;

	if (dm_resolve(txn->dm, object, n, &t) || t.kind != DM_T_OBJECT || t.in->gone ||
	    !t.in->cls->table || !(t.in->cls->obj->flags & DM_ADD))
		return dm_fault(txn, DM_ENAME, object, n,
				"There is no row of that name that can be deleted");
	known = txn->faults.n + txn->faults.more;
	e = t.in->cls->obj->may_delete ? t.in->cls->obj->may_delete(txn, t.in) : DM_OK;
	if (e) {
		if (known == txn->faults.n + txn->faults.more)
			dm_fault(txn, e, object, n, "This row can't be deleted");
		return e;
	}
	u = dm_txn_log(txn, DM_UNDO_DEL, t.in);
	if (!u)
		return dm_fault(txn, DM_ERESOURCES, object, n, "no memory");
	kid = dm_kid_of(t.in->parent, t.in->cls);
	u->next = kid->next;
	dm_kid_remove(kid, t.in);
	kid->live--;
	t.in->gone = true;
	e = unlink_references(txn, t.in);
	return e ? dm_fault(txn, e, object, n, "References to it can't be emptied") : DM_OK;
}
