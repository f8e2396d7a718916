/* SPDX-License-Identifier: Apache-2.0 */
/* AddObject and DeleteObject inside a transaction, and references to what is deleted. */
#include <string.h>

#include "agent/tree/internal.h"
#include "agent/tree/value.h"
#include "lib/buf.h"
#include "lib/limits.h"

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

static enum dm_error add_row(struct dm_txn *txn, const struct dm_target *t, uint32_t *instance,
			     const char *path)
{
	struct dm_kid *kid = dm_kid_of(t->in, t->table);
	uint32_t max = t->table->obj->max ? t->table->obj->max : DM_TABLE_MAX, next = kid->next;
	uint32_t number = dm_kid_number(kid, max);
	struct dm_inst *in;
	struct dm_undo *u;

	if (!number)
		return dm_refuse(txn, NULL, path, DM_ERESOURCES, "The table is full (%u rows)",
				 max);
	in = dm_inst_make(t->table, t->in, number);
	u = in ? dm_txn_log(txn, DM_UNDO_ADD, in) : NULL;
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
	*instance = number;
	if (t->table->obj->added && t->table->bound && t->table->obj->added(in))
		return dm_refuse(txn, NULL, path, DM_ERESOURCES, "No room for another row");
	return t->alias ? set_alias(txn, in, t) : DM_OK;
}

enum dm_error dm_stage_add(struct dm_txn *txn, const char *table, uint32_t *instance)
{
	struct dm_target t;

	if (dm_resolve_add(txn->dm, table, strlen(table), &t) || t.in->gone ||
	    !(t.table->obj->flags & DM_ADD))
		return dm_fault(txn, DM_ENAME, table, strlen(table),
				"There is no table of that name to which rows can be added");
	return add_row(txn, &t, instance, table);
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
enum dm_error dm_unlink_references(struct dm_txn *txn, struct dm_inst *gone)
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
	e = dm_unlink_references(txn, t.in);
	return e ? dm_fault(txn, e, object, n, "References to it can't be emptied") : DM_OK;
}
