/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody who watches over transactions may ask of one that is about to be applied. */
#include <string.h>

#include "agent/tree/internal.h"
#include "agent/tree/value.h"
#include "lib/buf.h"

void dm_set_guard(struct dm *dm, const struct dm_guard *guard)
{
	dm->guard = guard;
}

/* A row with a getter is not changed before its module has applied the transaction; the cell of any
 * other has the new value already, and the log the old one. */
enum dm_error dm_txn_each_old(struct dm_txn *txn, dm_old_fn fn, void *arg)
{
	char path[DM_PATH_MAX + 1];
	enum dm_error e = DM_OK;

	for (size_t i = 0; i < txn->n && !e; i++) {
		const struct dm_undo *u = &txn->log[i];
		const struct dm_param *p;
		struct dm_sink sink;

		if (u->kind != DM_UNDO_SET)
			continue;
		p = u->in->cls->params[u->param];
		dm_sink_start(&sink, &txn->dm->room);
		if (!p->get)
			dm_put_const(&sink, u->old.val, u->old.len);
		else if (p->get(u->in, p, &sink))
			dm_put_const(&sink, NULL, 0);
		(void)dm_param_path(u->in, u->param, path);
		e = fn(arg, path, sink.text, sink.len);
	}
	return e;
}

enum dm_error dm_get_own(struct dm *dm, const char *path, struct buf *out)
{
	const struct dm_param *p;
	const struct dm_cell *cell;
	struct dm_target t;
	struct dm_sink sink;
	enum dm_error e = dm_resolve(dm, path, strlen(path), &t);

	if (e)
		return e;
	cell = t.kind == DM_T_PARAM ? dm_cell_of(t.in, t.param) : NULL;
	if (!cell)
		return DM_ENAME;
	p = t.in->cls->params[t.param];
	dm_sink_start(&sink, &dm->room);
	if (p->get)
		e = p->get(t.in, p, &sink);
	else
		dm_put_const(&sink, cell->val, cell->len);
	buf_reset(out);
	if (!e)
		buf_put(out, sink.text, sink.len);
	return e ? e : out->failed ? DM_ERESOURCES : DM_OK;
}
