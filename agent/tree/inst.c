/* SPDX-License-Identifier: Apache-2.0 */
/* Instances and the arrays that hold them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/store.h"
#include "agent/tree/internal.h"
#include "agent/tree/value.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/rand.h"

void *dm_grow(void *v, size_t *cap, size_t n, size_t size)
{
	size_t want = *cap ? *cap * 2 : 8;
	void *grown;

	if (n < *cap)
		return v;
	grown = reallocarray(v, want, size);
	if (grown)
		*cap = want;
	return grown;
}

void dm_cell_drop(struct dm_cell *cell)
{
	if (cell->own) {
		/* it may have been a passphrase */
		explicit_bzero((char *)(uintptr_t)cell->val, cell->len);
		free((char *)(uintptr_t)cell->val);
	}
	cell->own = false;
	cell->val = "";
	cell->len = 0;
}

void dm_cell_default(struct dm_cell *cell, const struct dm_param *p)
{
	size_t len;

	dm_cell_drop(cell);
	cell->val = p->def;
	if (p->def)
		len = strlen(p->def);
	else
		cell->val = dm_value_null(p->type, &len);
	cell->len = (uint32_t)len;
}

int dm_cell_set(struct dm_cell *cell, const char *val, size_t len)
{
	char *own;

	if (len >= UINT32_MAX)
		return -E2BIG;
	own = malloc(len + 1);
	if (!own)
		return -ENOMEM;
	memcpy(own, val, len);
	own[len] = 0;
	dm_cell_drop(cell);
	cell->val = own;
	cell->len = (uint32_t)len;
	cell->own = true;
	return 0;
}

struct dm_inst *dm_kid_find(const struct dm_kid *kid, uint32_t number, uint32_t *at)
{
	uint32_t lo = 0, hi = kid->n;

	/* mostly the numbers are dense from 1 */
	if (number && number <= kid->n && kid->rows[number - 1]->number == number) {
		if (at)
			*at = number - 1;
		return kid->rows[number - 1];
	}
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (kid->rows[mid]->number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (at)
		*at = lo;
	return lo < kid->n && kid->rows[lo]->number == number ? kid->rows[lo] : NULL;
}

int dm_kid_insert(struct dm_kid *kid, struct dm_inst *in)
{
	size_t cap = kid->cap;
	struct dm_inst **rows = dm_grow(kid->rows, &cap, kid->n, sizeof(rows[0]));
	uint32_t at;

	if (!rows)
		return -ENOMEM;
	kid->rows = rows;
	kid->cap = (uint32_t)cap;
	if (dm_kid_find(kid, in->number, &at))
		return -EEXIST;
	memmove(&rows[at + 1], &rows[at], (kid->n - at) * sizeof(rows[0]));
	rows[at] = in;
	kid->n++;
	if (in->number >= kid->next)
		kid->next = in->number + 1;
	return 0;
}

void dm_kid_remove(struct dm_kid *kid, struct dm_inst *in)
{
	uint32_t at;

	if (dm_kid_find(kid, in->number, &at) != in)
		return;
	memmove(&kid->rows[at], &kid->rows[at + 1], (kid->n - at - 1) * sizeof(kid->rows[0]));
	kid->n--;
}

/* Numbers go up so that none is used again soon (TR-069 A6 A.3.2.6); after 2^31 gaps are taken. */
uint32_t dm_kid_number(struct dm_kid *kid, uint32_t max)
{
	uint32_t number = kid->next ? kid->next : 1;

	if (kid->live >= max)
		return 0;
	if (number > INT32_MAX) {
		number = 1;
		while (dm_kid_find(kid, number, NULL))
			number++;
	}
	kid->next = number + 1;
	return number;
}

static int make_single(struct dm_inst *in, struct dm_class *cls)
{
	struct dm_kid *kid = dm_kid_of(in, cls);

	kid->one = dm_inst_make(cls, in, 0);
	if (!kid->one)
		return -ENOMEM;
	kid->rows = &kid->one;
	kid->n = kid->cap = kid->live = 1;
	return 0;
}

/* Depth is that of the schema: at most DM_LEVELS_MAX. */
struct dm_inst *dm_inst_make(struct dm_class *cls, struct dm_inst *parent, uint32_t number)
{
	struct dm_inst *in = calloc(1, sizeof(*in) + cls->ncells * sizeof(in->cells[0]) +
					       cls->nkids * sizeof(in->kids[0]));

	if (!in)
		return NULL;
	in->cls = cls;
	in->parent = parent;
	in->number = number;
	in->kids = (struct dm_kid *)(in + 1);
	in->cells = (struct dm_cell *)(in->kids + cls->nkids);
	for (size_t i = 0; i < cls->nparams; i++)
		if (cls->cell_at[i])
			dm_cell_default(dm_cell_of(in, i), cls->params[i]);
	if (cls->lasting)
		dm_load_cells(in);
	for (size_t i = 0; i < cls->nparams; i++)
		if (dm_notification(in, i))
			dm_watch_start(in, i);
	for (size_t i = 0; i < cls->nkids; i++) {
		struct dm_class *kid = cls->kids[i];

		if (kid->table && kid->lasting)
			dm_load_rows(in, kid);
		else if (!kid->table && make_single(in, kid)) {
			dm_inst_free(in);
			return NULL;
		}
	}
	return in;
}

static void kid_free(struct dm_kid *kid, bool table)
{
	for (uint32_t i = 0; i < kid->n; i++)
		dm_inst_free(kid->rows[i]);
	if (table) {
		free(kid->rows);
		free(kid->hash);
	}
}

void dm_inst_free(struct dm_inst *in)
{
	struct dm_class *cls = in->cls;

	for (size_t i = 0; i < cls->nkids; i++)
		kid_free(&in->kids[i], cls->kids[i]->table);
	/* a ghost's data went when it became one */
	if (cls->obj->release && !in->ghost && (in->number || in->data))
		cls->obj->release(in);
	dm_watch_forget(in);
	dm_dead_forget(in);
	for (size_t i = 0; i < cls->ncells; i++)
		dm_cell_drop(&in->cells[i]);
	free(in->attrs);
	free((char *)(uintptr_t)in->key);
	free(in);
}

static void bind_below(struct dm_inst *in, struct dm_class *cls)
{
	/* the class on the way from the root to cls that is below in */
	struct dm_class *step = cls;
	struct dm_kid *kid;

	while (step->parent != in->cls)
		step = step->parent;
	kid = dm_kid_of(in, step);
	for (uint32_t i = 0; i < kid->n; i++) {
		if (step != cls)
			bind_below(kid->rows[i], cls);
		else if (!kid->rows[i]->ghost && cls->obj->added(kid->rows[i]))
			log_warn("tree: row %u of %s is of no use", kid->rows[i]->number,
				 cls->obj->path);
	}
}

void dm_bind(struct dm *dm, const struct dm_object *obj, void *ctx)
{
	struct dm_class *cls = dm_class_of(dm, obj);

	if (!cls)
		return;
	cls->ctx = ctx;
	if (!cls->bound && cls->table && obj->added)
		bind_below(dm->root, cls);
	cls->bound = true;
}

void *dm_ctx(const struct dm_inst *in)
{
	return in->cls->ctx;
}

const struct dm_object *dm_inst_object(const struct dm_inst *in)
{
	return in->cls->obj;
}

struct dm *dm_inst_dm(const struct dm_inst *in)
{
	return in->cls->dm;
}

int dm_open(struct dm **out, const struct dm_object *const *objects, size_t n, struct store *store)
{
	struct dm *dm = calloc(1, sizeof(*dm));
	int r;

	if (!dm)
		return -ENOMEM;
	dm->store = store;
	dm->rpc = 1;
	buf_init(&dm->room, DM_VALUE_MAX);
	r = rand_bytes(&dm->seed, sizeof(dm->seed));
	if (!r)
		r = dm_schema_build(dm, objects, n);
	for (size_t i = 0; i < dm->nclasses && !r; i++) {
		if (dm->classes[i].parent)
			continue;
		dm->root = dm_inst_make(&dm->classes[i], NULL, 0);
		if (!dm->root)
			r = -ENOMEM;
	}
	if (!r)
		r = dm_forced_build(dm);
	if (r) {
		dm_close(dm);
		return r;
	}
	*out = dm;
	return 0;
}

void dm_close(struct dm *dm)
{
	if (!dm)
		return;
	if (dm->txn)
		dm_abort(dm->txn);
	if (dm->root)
		dm_inst_free(dm->root);
	dm_schema_free(dm);
	buf_free(&dm->room);
	free(dm->dead);
	free(dm->watch);
	free(dm->forced);
	free(dm->pending);
	free(dm);
}
