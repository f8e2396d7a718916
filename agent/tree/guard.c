/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody who watches over transactions, keeps what was before one, and has it put back. */
#include <string.h>

#include "agent/tree/internal.h"
#include "agent/tree/value.h"
#include "lib/buf.h"

void dm_set_guard(struct dm *dm, const struct dm_guard *guard)
{
	dm->guard = guard;
}

/* Its value is where the getter looks; the cell holds what was set last, if anything. */
static bool is_elsewhere(const struct dm_param *p)
{
	return p->get && p->flags & DM_VOLATILE;
}

/* What is elsewhere does not change before its module has applied the transaction; the cell of any
 * other has the new value already, and the log the old one. */
static enum dm_error tell_value(const struct dm_undo *u, struct buf *room, dm_old_fn fn, void *arg)
{
	const struct dm_param *p = u->in->cls->params[u->param];
	char path[DM_PATH_MAX + 1];
	struct dm_sink sink;

	if (!dm_param_path(u->in, u->param, path))
		return DM_EINTERNAL;
	dm_sink_start(&sink, room);
	if (!is_elsewhere(p))
		dm_put_const(&sink, u->old.val, u->old.len);
	else if (p->get(u->in, p, &sink))
		dm_put_const(&sink, NULL, 0);
	return fn(arg, path, sink.text, sink.len);
}

enum dm_error dm_txn_each_old(struct dm_txn *txn, dm_old_fn fn, void *arg)
{
	char path[DM_PATH_MAX + 1];
	enum dm_error e = DM_OK;

	for (size_t i = 0; i < txn->n && !e; i++) {
		const struct dm_undo *u = &txn->log[i];

		if (u->kind == DM_UNDO_SET)
			e = tell_value(u, &txn->dm->room, fn, arg);
		else if (dm_inst_path(u->in, path) < 0)
			e = DM_EINTERNAL;
		else
			e = fn(arg, path, u->kind == DM_UNDO_DEL ? "1" : "0", 1);
	}
	return e;
}

void dm_txn_keep(struct dm_txn *txn)
{
	txn->keep = true;
}

/* As from the store, checks of more than its type are not made: a row need not allow its default,
 * and what others say now may be put back too. The modules look at the whole. */
enum dm_error dm_stage_old(struct dm_txn *txn, const char *path, const char *value, size_t len)
{
	struct dm_refusal why = { .text = "" };
	struct dm_cell def = { 0 };
	const struct dm_param *p;
	struct dm_target t;
	enum dm_error e;

	if (dm_resolve(txn->dm, path, strlen(path), &t) || t.kind != DM_T_PARAM || t.in->gone ||
	    !dm_cell_of(t.in, t.param))
		return DM_OK;
	p = t.in->cls->params[t.param];
	if (is_elsewhere(p))
		return dm_stage_own(txn, path, value, len);
	dm_cell_default(&def, p);
	buf_reset(&txn->value);
	if (len == def.len && !memcmp(value, def.val, len))
		e = DM_OK;
	else
		e = dm_check(p, DM_ANY, value, len, &txn->value, &why);
	if (!e && txn->value.len) {
		value = buf_str(&txn->value);
		len = txn->value.len;
	}
	if (!e)
		e = dm_txn_cell(txn, t.in, t.param, value, len);
	return e ? dm_fault(txn, e, path, strlen(path), why.text) : DM_OK;
}

int dm_forget_row(struct dm *dm, const char *path)
{
	return dm_find(dm, path) ? 0 : dm_forget_below(dm->store, path);
}

struct refs {
	dm_ref_fn fn;
	void *arg;
};

static enum dm_error tell_refs(struct dm_walk *w, struct dm_inst *in, size_t param)
{
	const struct refs *refs = w->arg;
	struct dm_items items;
	struct dm_sink sink;
	const char *item;
	size_t len;

	dm_sink_start(&sink, &w->dm->room);
	if (!in->cls->params[param]->ref || dm_read(in, param, &sink))
		return DM_OK;
	dm_items_start(&items, sink.text, sink.len);
	while (dm_items_next(&items, &item, &len))
		refs->fn(refs->arg, item, len);
	return DM_OK;
}

void dm_each_ref(struct dm *dm, const char *path, dm_ref_fn fn, void *arg)
{
	struct refs refs = { fn, arg };
	struct dm_walk w = { .dm = dm, .arg = &refs, .still = true, .param = tell_refs };
	struct dm_target t;

	if (!dm_resolve(dm, path, strlen(path), &t))
		(void)dm_walk(&w, &t);
}
