/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks over the live tree. The path is built in one buffer as the walk goes down and cut as it
 * comes up; nothing is allocated. Rows are found again by number after each step, so a refresh
 * may add and remove rows under it.
 */
#include <string.h>

#include "agent/tree/internal.h"
#include "agent/tree/value.h"
#include "lib/buf.h"
#include "lib/log.h"
#include "lib/num.h"

struct frame {
	struct dm_inst *in;
	uint16_t kid;
	bool open;     /* the table has been announced */
	uint32_t at;   /* row of the table */
	uint32_t last; /* its number */
	size_t len;    /* path up to in */
};

/* false when the path would be longer than a path can be. */
static bool push_name(struct dm_walk *w, const struct dm_class *cls)
{
	if (w->len + cls->name_len + 1u > DM_PATH_MAX)
		return false;
	memcpy(w->text + w->len, cls->name, cls->name_len);
	w->len += cls->name_len;
	w->text[w->len++] = '.';
	return true;
}

static bool push_row(struct dm_walk *w, const struct dm_inst *in)
{
	char row[DM_ROW_NAME_MAX];
	size_t n = w->told ? dm_row_name(in, row) : num_put(row, in->number);

	if (w->len + n + 1 > DM_PATH_MAX)
		return false;
	memcpy(w->text + w->len, row, n);
	w->len += n;
	w->text[w->len++] = '.';
	return true;
}

static enum dm_error visit(struct dm_walk *w, struct dm_inst *in)
{
	const struct dm_class *cls = in->cls;
	enum dm_error e = w->object ? w->object(w, in) : DM_OK;

	for (size_t i = 0; i < cls->nparams && !e; i++)
		if (dm_param_here(in, cls->params[i]))
			e = w->param(w, in, i);
	return e;
}

/* The first row whose number is over f->last, NULL at the end of the table. */
static struct dm_inst *next_row(struct frame *f, const struct dm_kid *kid)
{
	uint32_t at = f->at + 1;

	if (!f->last)
		at = 0;
	else if (f->at >= kid->n || kid->rows[f->at]->number != f->last) {
		if (dm_kid_find(kid, f->last, &at))
			at++;
	}
	while (at < kid->n && kid->rows[at]->gone)
		at++;
	if (at >= kid->n)
		return NULL;
	f->at = at;
	f->last = kid->rows[at]->number;
	return kid->rows[at];
}

/* The next instance below f; its path is in w->text. NULL: this class is done. */
static enum dm_error next_below(struct dm_walk *w, struct frame *f, struct dm_inst **out)
{
	struct dm_class *cls = f->in->cls->kids[f->kid];
	struct dm_kid *kid = &f->in->kids[f->kid];
	enum dm_error e = DM_OK;

	*out = NULL;
	w->len = f->len;
	if (!f->open && !dm_kid_here(f->in, cls))
		return DM_OK;
	if (!push_name(w, cls))
		return DM_OK;
	if (!f->open && !w->still)
		dm_refresh(f->in, cls);
	if (!cls->table) {
		*out = f->open ? NULL : kid->one;
		f->open = true;
		return DM_OK;
	}
	if (!f->open && w->table)
		e = w->table(w, f->in, cls);
	f->open = true;
	if (e)
		return e;
	*out = next_row(f, kid);
	if (*out && !push_row(w, *out))
		*out = NULL;
	return DM_OK;
}

static enum dm_error walk_below(struct dm_walk *w, struct dm_inst *start)
{
	struct frame stack[DM_LEVELS_MAX + 1], *f = stack;
	struct dm_inst *in;
	enum dm_error e;

	*f = (struct frame){ .in = start, .len = w->len };
	e = visit(w, start);
	while (!e) {
		if (f->kid == f->in->cls->nkids) {
			if (f == stack)
				break;
			f--;
			continue;
		}
		e = next_below(w, f, &in);
		if (e)
			break;
		if (!in) {
			f->kid++;
			f->open = false;
			f->last = 0;
			continue;
		}
		*++f = (struct frame){ .in = in, .len = w->len };
		e = visit(w, in);
	}
	return e;
}

static enum dm_error walk_table(struct dm_walk *w, const struct dm_target *t)
{
	struct frame f = { .in = t->in, .kid = t->table->slot, .len = w->len };
	struct dm_inst *in;
	enum dm_error e;

	for (;;) {
		e = next_below(w, &f, &in);
		if (e || !in)
			return e;
		e = walk_below(w, in);
		if (e)
			return e;
	}
}

/* Everything that the target names. w->text need not hold anything yet. */
enum dm_error dm_walk(struct dm_walk *w, const struct dm_target *t)
{
	int len = w->told ? dm_told_path(t->in, w->text) : dm_inst_path(t->in, w->text);
	enum dm_error e;

	if (len < 0)
		return DM_ENAME;
	w->len = (size_t)len;
	dm_hold(w->dm);
	if (t->kind == DM_T_PARAM)
		e = w->param(w, t->in, t->param);
	else if (t->kind == DM_T_TABLE)
		e = walk_table(w, t);
	else
		e = walk_below(w, t->in);
	dm_unhold(w->dm);
	if (w->told)
		dm_save_numbers(w->dm);
	return e;
}

static enum dm_error name_of(struct dm_walk *w, const struct dm_param *p, size_t len, bool writable)
{
	struct dm_name name = { w->text, len, p, writable };

	return w->name_fn(w->arg, &name) ? DM_ERESOURCES : DM_OK;
}

static enum dm_error name_object(struct dm_walk *w, struct dm_inst *in)
{
	/* of an instance: may it be deleted? */
	return name_of(w, NULL, w->len, in->cls->table && (in->cls->obj->flags & DM_ADD));
}

static enum dm_error name_table(struct dm_walk *w, struct dm_inst *parent, struct dm_class *cls)
{
	return name_of(w, NULL, w->len, cls->obj->flags & DM_ADD);
}

static enum dm_error name_param(struct dm_walk *w, struct dm_inst *in, size_t param)
{
	const struct dm_param *p = in->cls->params[param];
	size_t n = strlen(p->name);

	if (w->len + n > DM_PATH_MAX)
		return DM_OK;
	memcpy(w->text + w->len, p->name, n);
	return name_of(w, p, w->len + n, p->access == DM_RW);
}

/* NextLevel: what is directly below, not the object itself (TR-069 A6 A.3.2.3). */
static enum dm_error names_below(struct dm_walk *w, const struct dm_target *t)
{
	struct frame f = { .in = t->in };
	struct dm_inst *in = NULL;
	enum dm_error e = DM_OK;
	int len = dm_told_path(t->in, w->text);

	if (len < 0)
		return DM_ENAME;
	w->len = f.len = (size_t)len;
	if (t->kind == DM_T_ALL)
		return name_object(w, t->in);
	if (t->kind == DM_T_TABLE) {
		f.kid = t->table->slot;
		w->table = NULL;
		do {
			e = next_below(w, &f, &in);
			if (!e && in)
				e = name_object(w, in);
		} while (!e && in);
		return e;
	}
	for (size_t i = 0; i < t->in->cls->nparams && !e; i++)
		if (dm_param_here(t->in, t->in->cls->params[i]))
			e = name_param(w, t->in, i);
	for (f.kid = 0; f.kid < t->in->cls->nkids && !e; f.kid++) {
		struct dm_class *cls = t->in->cls->kids[f.kid];

		w->len = f.len;
		if (!dm_kid_here(t->in, cls) || !push_name(w, cls))
			continue;
		e = cls->table ? name_table(w, t->in, cls)
			       : name_object(w, dm_kid_of(t->in, cls)->one);
	}
	return e;
}

enum dm_error dm_names(struct dm *dm, const char *path, bool next_level, dm_name_fn fn, void *arg)
{
	struct dm_walk w = { .dm = dm,
			     .arg = arg,
			     .told = true,
			     .name_fn = fn,
			     .object = name_object,
			     .table = name_table,
			     .param = name_param };
	struct dm_target t;
	enum dm_error e = dm_resolve(dm, path, strlen(path), &t);

	if (e)
		return e;
	if (next_level && t.kind == DM_T_PARAM)
		return DM_EARGUMENTS;
	dm_hold(dm);
	e = next_level ? names_below(&w, &t) : dm_walk(&w, &t);
	dm_unhold(dm);
	dm_save_numbers(dm);
	return e;
}

enum dm_error dm_get(struct dm *dm, const char *path, dm_value_fn fn, void *arg)
{
	struct dm_walk w = {
		.dm = dm, .arg = arg, .told = true, .value_fn = fn, .param = dm_get_param
	};
	struct dm_target t;
	enum dm_error e = dm_resolve(dm, path, strlen(path), &t);

	if (e)
		return e;
	w.one = t.kind == DM_T_PARAM;
	return dm_walk(&w, &t);
}
