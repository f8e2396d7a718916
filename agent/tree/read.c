/* SPDX-License-Identifier: Apache-2.0 */
/* One parameter's value, as everybody outside the agent sees it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/tree/internal.h"
#include "agent/tree/value.h"
#include "lib/log.h"

static enum dm_error read_counter(struct dm_inst *in, size_t param, struct dm_sink *sink)
{
	struct dm_class *table = in->cls->counted[param - in->cls->obj->nparams];

	dm_refresh(in, table);
	dm_put_uint(sink, dm_kid_here(in, table) ? dm_kid_of(in, table)->live : 0);
	return DM_OK;
}

static void read_alias(struct dm_inst *in, struct dm_sink *sink)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "cpe-%u", in->number);

	dm_put_mem(sink, text, (size_t)n);
}

enum dm_error dm_read(struct dm_inst *in, size_t param, struct dm_sink *sink)
{
	const struct dm_param *p = in->cls->params[param];
	const struct dm_cell *cell;
	size_t len;

	/* TR-106 A17 3.2: hidden values and commands read as the type's null value */
	if (p->flags & (DM_SECRET | DM_COMMAND)) {
		const char *text = dm_value_null(p->type, &len);

		dm_put_const(sink, text, len);
		return DM_OK;
	}
	if (p->flags & DM_ENTRIES)
		return read_counter(in, param, sink);
	if (p->get)
		return p->get(in, p, sink);
	cell = dm_cell_of(in, param);
	if ((p->flags & DM_ALIAS) && !cell->len)
		read_alias(in, sink);
	else
		dm_put_const(sink, cell->val, cell->len);
	return DM_OK;
}

enum dm_error dm_get_param(struct dm_walk *w, struct dm_inst *in, size_t param)
{
	const struct dm_param *p = in->cls->params[param];
	struct dm_value value = { .path = w->text, .param = p };
	size_t n = strlen(p->name);
	struct dm_sink sink;
	enum dm_error e;

	if (w->len + n > DM_PATH_MAX)
		return DM_OK;
	memcpy(w->text + w->len, p->name, n);
	value.path_len = w->len + n;
	dm_sink_start(&sink, &w->dm->room);
	e = dm_read(in, param, &sink);
	if (!e && sink.room->failed)
		e = DM_ERESOURCES;
	if (e) {
		log_warn("tree: %.*s can't be read: %s", (int)value.path_len, w->text,
			 dm_error_name(e));
		/* of many, the others are still worth having */
		return w->one ? e : DM_OK;
	}
	value.text = sink.text;
	value.len = sink.len;
	return w->value_fn(w->arg, &value) ? DM_ERESOURCES : DM_OK;
}

static int forced_below(struct dm *dm, struct dm_inst *in)
{
	struct dm_class *cls = in->cls;
	int r = 0;

	for (size_t i = 0; i < cls->nparams; i++) {
		struct dm_watch *v;

		if (!(cls->params[i]->flags & DM_FORCED_INFORM))
			continue;
		v = dm_grow(dm->forced, &dm->forced_cap, dm->nforced, sizeof(*v));
		if (!v)
			return -ENOMEM;
		dm->forced = v;
		v[dm->nforced++] = (struct dm_watch){ .in = in, .param = (uint16_t)i };
	}
	for (size_t i = 0; i < cls->nkids && !r; i++)
		if (!cls->kids[i]->table)
			r = forced_below(dm, in->kids[i].one);
	return r;
}

int dm_forced_build(struct dm *dm)
{
	return forced_below(dm, dm->root);
}

/* TR-069 A6 3.7.1.5: seven parameters of single objects, so the way to them is known. */
enum dm_error dm_forced(struct dm *dm, dm_value_fn fn, void *arg)
{
	struct dm_walk w = { .dm = dm, .arg = arg, .value_fn = fn, .param = dm_get_param };
	enum dm_error e = DM_OK;

	dm_hold(dm);
	for (size_t i = 0; i < dm->nforced && !e; i++) {
		struct dm_target t = { .kind = DM_T_PARAM,
				       .in = dm->forced[i].in,
				       .param = dm->forced[i].param };

		if (dm_param_here(t.in, t.in->cls->params[t.param]))
			e = dm_walk(&w, &t);
	}
	dm_unhold(dm);
	return e;
}
