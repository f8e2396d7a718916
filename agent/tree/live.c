/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables whose rows come and go with the world. A row that left is gone (no longer listed) but
 * kept while a session or a walk may still read it; of a DM_KEEP table its number is then
 * remembered by a ghost, so that the same thing comes back with the same number.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/tree/internal.h"
#include "lib/limits.h"
#include "lib/log.h"

uint64_t dm_hash(uint64_t seed, const char *s, size_t n)
{
	uint64_t h = seed ^ 0xcbf29ce484222325u;

	for (size_t i = 0; i < n; i++) {
		h = (h ^ (uint8_t)s[i]) * 0x100000001b3u;
		h ^= h >> 29;
	}
	return h ^ h >> 32;
}

static struct dm_inst **bucket(const struct dm_kid *kid, uint64_t seed, const char *key)
{
	return &kid->hash[dm_hash(seed, key, strlen(key)) & (kid->nhash - 1)];
}

static struct dm_inst *find_key(const struct dm_kid *kid, uint64_t seed, const char *key)
{
	struct dm_inst *in = kid->nhash ? *bucket(kid, seed, key) : NULL;

	while (in && strcmp(in->key, key))
		in = in->hnext;
	return in;
}

static int hash_grow(struct dm_kid *kid, uint64_t seed)
{
	uint32_t n = kid->nhash ? kid->nhash * 2 : 16;
	struct dm_inst **hash = calloc(n, sizeof(hash[0]));

	if (!hash)
		return -ENOMEM;
	free(kid->hash);
	kid->hash = hash;
	kid->nhash = n;
	for (uint32_t i = 0; i < kid->n; i++) {
		struct dm_inst **at = bucket(kid, seed, kid->rows[i]->key);

		kid->rows[i]->hnext = *at;
		*at = kid->rows[i];
	}
	return 0;
}

static void unhash(struct dm_kid *kid, uint64_t seed, struct dm_inst *in)
{
	struct dm_inst **at = bucket(kid, seed, in->key);

	while (*at && *at != in)
		at = &(*at)->hnext;
	if (*at)
		*at = in->hnext;
}

static struct dm_inst *make_row(struct dm_inst *parent, struct dm_class *cls, uint32_t number,
				const char *key)
{
	struct dm_kid *kid = dm_kid_of(parent, cls);
	uint64_t seed = cls->dm->seed;
	struct dm_inst *in, **at;

	if (kid->n >= kid->nhash && hash_grow(kid, seed))
		return NULL;
	in = dm_inst_make(cls, parent, number);
	if (!in)
		return NULL;
	in->key = strdup(key);
	if (!in->key || dm_kid_insert(kid, in)) {
		in->ghost = true; /* nothing to release yet */
		dm_inst_free(in);
		return NULL;
	}
	at = bucket(kid, seed, key);
	in->hnext = *at;
	*at = in;
	return in;
}

static void remove_row(struct dm_inst *in)
{
	struct dm_kid *kid = dm_kid_of(in->parent, in->cls);

	unhash(kid, in->cls->dm->seed, in);
	dm_kid_remove(kid, in);
	dm_inst_free(in);
}

int dm_live_load(struct dm_inst *parent, struct dm_class *cls, uint32_t number, const char *key)
{
	struct dm_kid *kid = dm_kid_of(parent, cls);
	struct dm_inst *in;

	if (find_key(kid, cls->dm->seed, key) || dm_kid_find(kid, number, NULL))
		return -EEXIST;
	in = make_row(parent, cls, number, key);
	if (!in)
		return -ENOMEM;
	in->gone = in->ghost = true;
	return 0;
}

/* Random MAC addresses would fill the store: the oldest absent thing is forgotten. */
static void drop_old_ghost(struct dm_kid *kid)
{
	for (uint32_t i = 0; i < kid->n; i++) {
		struct dm_inst *in = kid->rows[i];

		if (!in->ghost)
			continue;
		if (dm_forget(in))
			log_warn("tree: can't forget row %u of %s", in->number, in->cls->obj->path);
		remove_row(in);
		return;
	}
}

static enum dm_error revive(struct dm_kid *kid, struct dm_inst *in)
{
	if (in->ghost) {
		in->fresh = true;
		in->ghost = false;
	}
	in->gone = false;
	kid->live++;
	return in->fresh && in->cls->obj->added ? in->cls->obj->added(in) : DM_OK;
}

static struct dm_inst *new_row(struct dm_inst *parent, struct dm_class *cls, const char *key)
{
	struct dm_kid *kid = dm_kid_of(parent, cls);
	uint32_t max = cls->obj->max ? cls->obj->max : DM_TABLE_MAX, number;
	struct dm_inst *in;

	/* those that are gone but still held count too */
	if (kid->n >= 2 * max + DM_GHOSTS_MAX)
		return NULL;
	/* two for one, as many may have left at once */
	for (int i = 0; i < 2 && kid->n - kid->live >= DM_GHOSTS_MAX; i++)
		drop_old_ghost(kid);
	if (!kid->n && (cls->obj->flags & DM_ANEW))
		kid->next = 1;
	number = dm_kid_number(kid, max);
	in = number ? make_row(parent, cls, number, key) : NULL;
	if (!in)
		return NULL;
	kid->live++;
	in->fresh = true;
	if (cls->obj->added && cls->obj->added(in)) {
		kid->live--;
		in->ghost = true;
		remove_row(in);
		return NULL;
	}
	if (cls->lasting && (cls->obj->flags & DM_KEEP)) {
		if (dm_save_key(in))
			log_warn("tree: the number of a row of %s can't be kept", cls->obj->path);
		cls->dm->numbers_dirty = true;
	}
	return in;
}

struct dm_inst *dm_row(struct dm_inst *parent, const struct dm_object *obj, const char *key)
{
	struct dm_class *cls = parent ? dm_class_of(parent->cls->dm, obj) : NULL;
	struct dm_inst *in;
	struct dm_kid *kid;

	if (!cls || !cls->table || cls->parent != parent->cls)
		return NULL;
	kid = dm_kid_of(parent, cls);
	in = find_key(kid, cls->dm->seed, key);
	if (!in)
		in = new_row(parent, cls, key);
	else if (in->gone && revive(kid, in)) {
		dm_row_gone(in);
		return NULL;
	}
	if (in)
		in->seen = true;
	return in;
}

void dm_rows_begin(struct dm_inst *parent, const struct dm_object *obj)
{
	struct dm_class *cls = dm_class_of(parent->cls->dm, obj);
	struct dm_kid *kid = dm_kid_of(parent, cls);

	for (uint32_t i = 0; i < kid->n; i++)
		kid->rows[i]->seen = false;
}

void dm_rows_end(struct dm_inst *parent, const struct dm_object *obj)
{
	struct dm_class *cls = dm_class_of(parent->cls->dm, obj);
	struct dm_kid *kid = dm_kid_of(parent, cls);

	dm_hold(cls->dm);
	for (uint32_t i = 0; i < kid->n; i++)
		if (!kid->rows[i]->seen)
			dm_row_gone(kid->rows[i]);
	dm_unhold(cls->dm);
}

static void clear_rows(struct dm_inst *in)
{
	for (size_t i = 0; i < in->cls->nkids; i++) {
		struct dm_class *cls = in->cls->kids[i];
		struct dm_kid *kid = &in->kids[i];

		if (!cls->table) {
			clear_rows(kid->one);
			continue;
		}
		if (cls->lasting)
			continue;
		while (kid->n)
			remove_row(kid->rows[kid->n - 1]);
		kid->live = 0;
	}
}

static void bury(struct dm *dm)
{
	for (size_t i = 0; i < dm->ndead; i++) {
		struct dm_inst *in = dm->dead[i];

		if (!in)
			continue;
		dm->dead[i] = NULL;
		in->dead = false;
		if (!in->gone)
			continue;
		if (!in->cls->lasting) {
			remove_row(in);
			continue;
		}
		clear_rows(in);
		if (in->cls->obj->release)
			in->cls->obj->release(in);
		in->data = NULL;
		in->ghost = true;
	}
	dm->ndead = 0;
}

void dm_dead_forget(struct dm_inst *in)
{
	struct dm *dm = in->cls->dm;

	for (size_t i = 0; in->dead && i < dm->ndead; i++)
		if (dm->dead[i] == in)
			dm->dead[i] = NULL;
}

void dm_row_gone(struct dm_inst *in)
{
	struct dm *dm = in->cls->dm;
	struct dm_inst **dead;

	if (in->gone)
		return;
	in->gone = true;
	dm_kid_of(in->parent, in->cls)->live--;
	if (in->dead)
		return;
	dead = dm_grow(dm->dead, &dm->dead_cap, dm->ndead, sizeof(dead[0]));
	if (!dead)
		return; /* it stays, not listed; the next thing of that key takes it over */
	dm->dead = dead;
	dead[dm->ndead++] = in;
	in->dead = true;
	if (!dm->walking && !dm->session)
		bury(dm);
}

void dm_hold(struct dm *dm)
{
	dm->walking++;
}

void dm_unhold(struct dm *dm)
{
	if (!--dm->walking && !dm->session)
		bury(dm);
}

void dm_refresh(struct dm_inst *parent, struct dm_class *cls)
{
	struct dm_kid *kid = dm_kid_of(parent, cls);

	if (!cls->obj->refresh || kid->refreshed == cls->dm->rpc)
		return;
	kid->refreshed = cls->dm->rpc;
	dm_hold(cls->dm);
	cls->obj->refresh(cls->dm, cls->obj, parent);
	dm_unhold(cls->dm);
}

void dm_rpc_begin(struct dm *dm)
{
	dm->rpc++;
}

uint64_t dm_rpc(const struct dm *dm)
{
	return dm->rpc;
}

void dm_session_begin(struct dm *dm)
{
	dm->session = true;
	dm->sessions++;
}

uint64_t dm_session(const struct dm *dm)
{
	return dm->session ? dm->sessions : 0;
}

void dm_session_end(struct dm *dm)
{
	dm->session = false;
	if (!dm->walking)
		bury(dm);
}
