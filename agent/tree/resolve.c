/* SPDX-License-Identifier: Apache-2.0 */
/* From a path to what it names: one hash probe per component. */
#include <string.h>

#include "agent/tree/internal.h"

static struct dm_inst *row_by_alias(struct dm_inst *parent, struct dm_class *cls,
				    const struct dm_part *part)
{
	const struct dm_slot *slot = dm_index(cls, "Alias", 5);
	const struct dm_kid *kid = dm_kid_of(parent, cls);

	if (!slot || !slot->is_param || !(cls->params[slot->what]->flags & DM_ALIAS))
		return NULL;
	for (uint32_t i = 0; i < kid->n; i++) {
		struct dm_sink sink;

		dm_sink_start(&sink, &cls->dm->room);
		if (kid->rows[i]->ghost || dm_read(kid->rows[i], slot->what, &sink))
			continue;
		if (sink.len == part->len && !memcmp(sink.text, part->s, part->len))
			return kid->rows[i];
	}
	return NULL;
}

static struct dm_inst *row_of(struct dm_inst *parent, struct dm_class *cls,
			      const struct dm_part *part)
{
	struct dm_inst *in = NULL;

	dm_refresh(parent, cls);
	if (part->kind == DM_PART_NUMBER)
		in = dm_kid_find(dm_kid_of(parent, cls), part->number, NULL);
	else if (part->kind == DM_PART_ALIAS && cls->dm->alias)
		in = row_by_alias(parent, cls, part);
	/* gone rows are kept for their readers, ghosts have nothing to read */
	return in && !in->ghost ? in : NULL;
}

/* One component further. */
static bool step(struct dm_target *t, const struct dm_part *part, bool last)
{
	const struct dm_slot *slot;
	struct dm_class *cls;

	if (t->kind == DM_T_TABLE) {
		struct dm_inst *in = row_of(t->in, t->table, part);

		t->kind = DM_T_OBJECT;
		t->in = in;
		return in != NULL;
	}
	if (part->kind != DM_PART_NAME)
		return false;
	slot = dm_index(t->in->cls, part->s, part->len);
	if (!slot)
		return false;
	if (slot->is_param) {
		t->kind = DM_T_PARAM;
		t->param = slot->what;
		return last && dm_param_here(t->in, t->in->cls->params[slot->what]);
	}
	cls = t->in->cls->kids[slot->what];
	if (!dm_kid_here(t->in, cls))
		return false;
	if (cls->table) {
		t->kind = DM_T_TABLE;
		t->table = cls;
		return true;
	}
	dm_refresh(t->in, cls);
	t->in = dm_kid_of(t->in, cls)->one;
	return true;
}

static enum dm_error resolve_parts(struct dm *dm, const struct dm_path *path, size_t n,
				   struct dm_target *t)
{
	const struct dm_part *root = &path->part[0];

	*t = (struct dm_target){ .kind = DM_T_ALL, .in = dm->root };
	if (!n)
		return DM_OK;
	if (root->kind != DM_PART_NAME || root->len != dm->root->cls->name_len ||
	    memcmp(root->s, dm->root->cls->name, root->len))
		return DM_ENAME;
	t->kind = DM_T_OBJECT;
	for (size_t i = 1; i < n; i++)
		if (!step(t, &path->part[i], i + 1 == path->n && !path->partial))
			return DM_ENAME;
	return DM_OK;
}

enum dm_error dm_resolve(struct dm *dm, const char *text, size_t len, struct dm_target *t)
{
	struct dm_path path;
	enum dm_error e;

	if (dm_path_parse(&path, text, len))
		return DM_ENAME;
	dm_hold(dm);
	e = resolve_parts(dm, &path, path.n, t);
	dm_unhold(dm);
	if (e)
		return e;
	/* an object's name ends in a dot, a parameter's does not */
	return (t->kind == DM_T_PARAM) == !path.partial ? DM_OK : DM_ENAME;
}

enum dm_error dm_resolve_add(struct dm *dm, const char *text, size_t len, struct dm_target *t)
{
	struct dm_path path;
	enum dm_error e;
	size_t n;

	if (dm_path_parse(&path, text, len) || !path.partial || !path.n)
		return DM_ENAME;
	n = path.n;
	if (path.part[n - 1].kind == DM_PART_ALIAS)
		n--;
	e = resolve_parts(dm, &path, n, t);
	if (e || t->kind != DM_T_TABLE || (n < path.n && !dm->alias))
		return DM_ENAME;
	if (n < path.n) {
		t->alias = path.part[n].s;
		t->alias_len = path.part[n].len;
	}
	return DM_OK;
}

void dm_allow_alias(struct dm *dm, bool on)
{
	dm->alias = on;
}

void dm_tell_alias(struct dm *dm, bool on)
{
	dm->alias_names = on && dm->alias;
}

bool dm_alias_allowed(const struct dm *dm)
{
	return dm->alias;
}
