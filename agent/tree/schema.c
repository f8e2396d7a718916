/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the const rows to classes and the index. A wrong row (a parent that is missing, a name
 * twice) is a mistake of the program: it is logged and the tree does not open.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/tree/internal.h"
#include "lib/log.h"
#include "lib/text.h"

static uint32_t index_hash(uint16_t owner, const char *s, size_t n)
{
	uint32_t h = 2166136261u ^ owner * 2654435761u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)s[i]) * 16777619u;
	return h ^ h >> 15;
}

const struct dm_slot *dm_index(const struct dm_class *cls, const char *name, size_t len)
{
	const struct dm *dm = cls->dm;
	uint32_t hash = index_hash(cls->id, name, len), mask = dm->nslots - 1;

	for (uint32_t i = hash & mask; dm->slots[i].owner; i = (i + 1) & mask) {
		const struct dm_slot *s = &dm->slots[i];
		const char *have;

		if (s->hash != hash || s->owner != cls->id + 1)
			continue;
		have = s->is_param ? cls->params[s->what]->name : NULL;
		if (have ? text_eq(name, len, have)
			 : (cls->kids[s->what]->name_len == len &&
			    !memcmp(cls->kids[s->what]->name, name, len)))
			return s;
	}
	return NULL;
}

static int index_add(struct dm_class *cls, const char *name, size_t len, bool is_param, size_t what)
{
	struct dm *dm = cls->dm;
	uint32_t hash = index_hash(cls->id, name, len), i = hash & (dm->nslots - 1);

	if (dm_index(cls, name, len)) {
		log_err("tree: %s%.*s is there twice", cls->obj->path, (int)len, name);
		return -EEXIST;
	}
	while (dm->slots[i].owner)
		i = (i + 1) & (dm->nslots - 1);
	dm->slots[i] = (struct dm_slot){ hash, (uint16_t)(cls->id + 1), (uint16_t)what, is_param };
	return 0;
}

struct dm_class *dm_class_of(const struct dm *dm, const struct dm_object *obj)
{
	size_t lo = 0, hi = dm->nclasses;

	/* classes are sorted by path; the same const object is the same path */
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = strcmp(dm->classes[mid].obj->path, obj->path);

		if (!c)
			return &dm->classes[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

int dm_param_index(const struct dm_class *cls, const char *name)
{
	const struct dm_slot *s = dm_index(cls, name, strlen(name));

	return s && s->is_param ? s->what : -1;
}

/* "Device.WiFi.SSID.{i}." -> name "SSID", table, and the length of "Device.WiFi." */
static int split_path(struct dm_class *cls, size_t *parent_len)
{
	const char *path = cls->obj->path;
	size_t end = strlen(path), start;

	if (end < 2 || path[end - 1] != '.')
		return -EINVAL;
	end--;
	if (end > 4 && !strncmp(path + end - 4, ".{i}", 4)) {
		cls->table = true;
		end -= 4;
	}
	start = end;
	while (start && path[start - 1] != '.')
		start--;
	if (end - start == 0 || end - start > DM_NAME_MAX)
		return -EINVAL;
	cls->name = path + start;
	cls->name_len = (uint16_t)(end - start);
	*parent_len = start;
	return 0;
}

static struct dm_class *class_at(struct dm *dm, const char *path, size_t len)
{
	for (size_t i = 0; i < dm->nclasses; i++)
		if (text_eq(path, len, dm->classes[i].obj->path))
			return &dm->classes[i];
	return NULL;
}

static int by_path(const void *a, const void *b)
{
	const struct dm_class *x = a, *y = b;

	return strcmp(x->obj->path, y->obj->path);
}

static int link_class(struct dm *dm, struct dm_class *cls)
{
	size_t parent_len;

	if (split_path(cls, &parent_len)) {
		log_err("tree: '%s' is no object path", cls->obj->path);
		return -EINVAL;
	}
	if (!parent_len)
		return 0;
	cls->parent = class_at(dm, cls->obj->path, parent_len);
	if (!cls->parent) {
		log_err("tree: %s has no parent object", cls->obj->path);
		return -ENOENT;
	}
	cls->parent->nkids++;
	return 0;
}

/* Parameters: those of the row, and one counter for each table below that asks for it. */
static int fill_class(struct dm_class *cls, struct dm_param **counter)
{
	const struct dm_object *obj = cls->obj;
	size_t n = obj->nparams;

	for (size_t i = 0; i < cls->nkids; i++)
		n += cls->kids[i]->obj->entries != NULL;
	cls->params = calloc(n + 1, sizeof(cls->params[0]));
	cls->counted = calloc(n - obj->nparams + 1, sizeof(cls->counted[0]));
	cls->cell_at = calloc(n + 1, sizeof(cls->cell_at[0]));
	if (!cls->params || !cls->counted || !cls->cell_at)
		return -ENOMEM;
	for (size_t i = 0; i < obj->nparams; i++) {
		const struct dm_param *p = &obj->params[i];

		if (!p->get || p->access == DM_RW)
			cls->cell_at[i] = ++cls->ncells;
		cls->params[cls->nparams++] = p;
	}
	for (size_t i = 0; i < cls->nkids; i++) {
		if (!cls->kids[i]->obj->entries)
			continue;
		(*counter)->name = cls->kids[i]->obj->entries;
		(*counter)->type = DM_UINT;
		(*counter)->flags = DM_ENTRIES;
		if (cls->kids[i]->obj->flags & DM_COUNT_DENY)
			(*counter)->notify = DM_CAN_DENY;
		(*counter)->source = "the number of rows";
		cls->counted[cls->nparams - obj->nparams] = cls->kids[i];
		cls->params[cls->nparams++] = (*counter)++;
	}
	return 0;
}

static int index_class(struct dm_class *cls)
{
	int r;

	for (size_t i = 0; i < cls->nparams; i++) {
		const struct dm_param *p = cls->params[i];

		if (p->type >= DM_TYPES || ((p->flags & DM_LIST) && p->type != DM_STRING)) {
			log_err("tree: %s%s has a wrong type", cls->obj->path, p->name);
			return -EINVAL;
		}
		r = index_add(cls, p->name, strlen(p->name), true, i);
		if (r)
			return r;
	}
	for (size_t i = 0; i < cls->nkids; i++) {
		r = index_add(cls, cls->kids[i]->name, cls->kids[i]->name_len, false, i);
		if (r)
			return r;
	}
	return 0;
}

/* Parents are sorted before their children, so one pass inherits. */
static int inherit(struct dm_class *cls)
{
	struct dm_class *up = cls->parent;

	cls->module = cls->obj->module;
	cls->level = up ? (uint8_t)(up->level + 1) : 0;
	cls->lasting = up ? up->lasting : true;
	if (cls->table && !(cls->obj->flags & (DM_ADD | DM_KEEP)))
		cls->lasting = false;
	if (up && !cls->module)
		cls->module = up->module;
	if (cls->level >= DM_LEVELS_MAX) {
		log_err("tree: %s is too deep", cls->obj->path);
		return -EINVAL;
	}
	return 0;
}

static int make_kids(struct dm *dm, const struct dm_object *const *objects, size_t n)
{
	for (size_t i = 0; i < dm->nclasses; i++) {
		struct dm_class *cls = &dm->classes[i];

		cls->kids = calloc(cls->nkids + 1u, sizeof(cls->kids[0]));
		if (!cls->kids)
			return -ENOMEM;
		cls->nkids = 0;
	}
	/* in the order of registration: that of the walk */
	for (size_t i = 0; i < n; i++) {
		struct dm_class *cls = dm_class_of(dm, objects[i]);

		if (!cls->parent)
			continue;
		cls->slot = cls->parent->nkids;
		cls->parent->kids[cls->parent->nkids++] = cls;
	}
	return 0;
}

static int check_roots(struct dm *dm)
{
	size_t roots = 0;

	for (size_t i = 0; i < dm->nclasses; i++) {
		roots += !dm->classes[i].parent && !dm->classes[i].table;
		if (i && !strcmp(dm->classes[i].obj->path, dm->classes[i - 1].obj->path)) {
			log_err("tree: %s is there twice", dm->classes[i].obj->path);
			return -EEXIST;
		}
	}
	return roots == 1 ? 0 : -EINVAL;
}

static int build_index(struct dm *dm, size_t entries)
{
	dm->nslots = 64;
	while (dm->nslots < entries * 2)
		dm->nslots *= 2;
	dm->slots = calloc(dm->nslots, sizeof(dm->slots[0]));
	if (!dm->slots)
		return -ENOMEM;
	for (size_t i = 0; i < dm->nclasses; i++) {
		int r = index_class(&dm->classes[i]);

		if (r)
			return r;
	}
	return 0;
}

int dm_schema_build(struct dm *dm, const struct dm_object *const *objects, size_t n)
{
	struct dm_param *counter;
	size_t entries = n;
	int r = 0;

	if (!n || n >= UINT16_MAX)
		return -EINVAL;
	dm->classes = calloc(n, sizeof(dm->classes[0]));
	dm->counters = counter = calloc(n, sizeof(dm->counters[0]));
	if (!dm->classes || !counter)
		return -ENOMEM;
	dm->nclasses = n;
	for (size_t i = 0; i < n; i++)
		dm->classes[i].obj = objects[i];
	qsort(dm->classes, n, sizeof(dm->classes[0]), by_path);
	for (size_t i = 0; i < n && !r; i++) {
		dm->classes[i].dm = dm;
		dm->classes[i].id = (uint16_t)i;
		r = link_class(dm, &dm->classes[i]);
	}
	if (!r)
		r = check_roots(dm);
	for (size_t i = 0; i < n && !r; i++)
		r = inherit(&dm->classes[i]);
	if (!r)
		r = make_kids(dm, objects, n);
	for (size_t i = 0; i < n && !r; i++) {
		r = fill_class(&dm->classes[i], &counter);
		entries += dm->classes[i].nparams;
	}
	return r ? r : build_index(dm, entries);
}

void dm_schema_free(struct dm *dm)
{
	for (size_t i = 0; i < dm->nclasses && dm->classes; i++) {
		free(dm->classes[i].kids);
		free(dm->classes[i].params);
		free(dm->classes[i].counted);
		free(dm->classes[i].cell_at);
	}
	free(dm->classes);
	free(dm->counters);
	free(dm->slots);
}

void dm_schema(struct dm *dm, dm_schema_fn fn, void *arg)
{
	for (size_t i = 0; i < dm->nclasses; i++) {
		const struct dm_class *cls = &dm->classes[i];

		fn(arg, cls->obj->path, cls->obj, NULL);
		for (size_t k = 0; k < cls->nparams; k++) {
			char path[DM_PATH_MAX + DM_NAME_MAX + 1];
			size_t len = strlen(cls->obj->path), name = strlen(cls->params[k]->name);

			if (len + name >= sizeof(path))
				continue;
			memcpy(path, cls->obj->path, len);
			memcpy(path + len, cls->params[k]->name, name + 1);
			fn(arg, path, cls->obj, cls->params[k]);
		}
	}
}
