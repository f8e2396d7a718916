/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a transaction: references, the modules' hooks, the store, or all of it undone.
 * The store's rename is the moment at which the new state holds: a crash before it leaves the old
 * state, which is sent to the helper again at the next start.
 */
#include <errno.h>
#include <string.h>

#include "agent/store.h"
#include "agent/tree/internal.h"
#include "agent/tree/value.h"
#include "lib/log.h"

#define MODULES_MAX 32

struct modules {
	const struct dm_module *v[MODULES_MAX];
	size_t n;
};

static bool ref_allowed(const struct dm_param *p, const struct dm_inst *target)
{
	const char *path = target->cls->obj->path, *ref = p->ref;
	size_t n = strlen(path);

	if (!*ref)
		return true;
	/* "A.{i}. B.{i}.": names of tables, with or without the {i}. of the last */
	while (*ref) {
		size_t len = strcspn(ref, " ");

		if ((len == n || (len + 4 == n && target->cls->table)) && !memcmp(ref, path, len))
			return true;
		ref += len;
		ref += *ref == ' ';
	}
	return false;
}

static enum dm_error check_item(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
				const char *item, size_t len)
{
	char path[DM_PATH_MAX + 1];
	struct dm_inst *target = NULL;

	if (len && len <= DM_PATH_MAX) {
		memcpy(path, item, len);
		path[len] = 0;
		target = dm_find(txn->dm, path);
	}
	if (target && target->cls->table && ref_allowed(p, target))
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE,
			 "'%.*s' is refused: allowed is empty or the path of an existing row%s%s",
			 len > 60 ? 60 : (int)len, item, *p->ref ? " of " : "", p->ref);
}

/* A strong reference names a row that is there at the end of the transaction. */
static enum dm_error check_reference(struct dm_txn *txn, const struct dm_undo *u)
{
	const struct dm_param *p = u->in->cls->params[u->param];
	const struct dm_cell *cell = dm_cell_of(u->in, u->param);
	struct dm_items items;
	enum dm_error e = DM_OK;
	const char *item;
	size_t len;

	if (!p->ref || !(p->flags & DM_STRONG) || !cell->len)
		return DM_OK;
	if (!(p->flags & DM_LIST))
		return check_item(txn, u->in, p, cell->val, cell->len);
	dm_items_start(&items, cell->val, cell->len);
	while (!e && dm_items_next(&items, &item, &len))
		e = check_item(txn, u->in, p, item, len);
	return e;
}

static bool detached(const struct dm_inst *in)
{
	for (; in; in = in->parent)
		if (in->gone)
			return true;
	return false;
}

static void check_references(struct dm_txn *txn)
{
	for (size_t i = 0; i < txn->n; i++)
		if (txn->log[i].kind == DM_UNDO_SET && !detached(txn->log[i].in))
			check_reference(txn, &txn->log[i]);
}

/* An alias is unique in its table at the end of the transaction (TR-106 A17 3.6.1). */
static void check_alias(struct dm_txn *txn, struct dm_inst *in, size_t param)
{
	const struct dm_kid *kid = dm_kid_of(in->parent, in->cls);
	const struct dm_cell *cell = dm_cell_of(in, param);

	for (uint32_t i = 0; cell->len && i < kid->n; i++) {
		const struct dm_cell *other = dm_cell_of(kid->rows[i], param);

		if (kid->rows[i] == in || kid->rows[i]->ghost || other->len != cell->len ||
		    memcmp(other->val, cell->val, cell->len) != 0)
			continue;
		dm_refuse(txn, in, "Alias", DM_EVALUE, "row %u has this alias",
			  kid->rows[i]->number);
		return;
	}
}

/* Of rows that came with theirs, too. */
static void check_aliases(struct dm_txn *txn)
{
	for (size_t i = 0; i < txn->n; i++) {
		const struct dm_undo *u = &txn->log[i];
		int param = u->kind == DM_UNDO_SET ? u->param : dm_param_index(u->in->cls, "Alias");

		if (param < 0 || !(u->in->cls->params[param]->flags & DM_ALIAS) || detached(u->in))
			continue;
		if (u->kind == DM_UNDO_SET || !dm_cell_of(u->in, (size_t)param)->touched)
			check_alias(txn, u->in, (size_t)param);
	}
}

static void touched_modules(const struct dm_txn *txn, struct modules *m)
{
	for (size_t i = 0; i < txn->n; i++) {
		const struct dm_module *module = txn->log[i].in->cls->module;
		size_t k = 0;

		while (k < m->n && m->v[k] != module)
			k++;
		if (module && k == m->n && m->n < MODULES_MAX)
			m->v[m->n++] = module;
	}
}

static enum dm_error apply_modules(struct dm_txn *txn, const struct modules *m, size_t *applied)
{
	for (*applied = 0; *applied < m->n; (*applied)++) {
		const struct dm_module *module = m->v[*applied];
		size_t known = txn->faults.n + txn->faults.more;
		enum dm_error e = module->apply ? module->apply(txn->dm, txn) : DM_OK;

		if (!e)
			continue;
		if (known == txn->faults.n + txn->faults.more)
			dm_refuse(txn, txn->n ? txn->log[0].in : NULL, NULL, e,
				  "%s could not apply the change", module->name);
		return e;
	}
	return DM_OK;
}

static int save_one(const struct dm_txn *txn, const struct dm_undo *u)
{
	int r;

	switch (u->kind) {
	case DM_UNDO_SET:
		return detached(u->in) ? 0 : dm_save_cell(u->in, u->param);
	case DM_UNDO_ADD:
		return detached(u->in) ? 0 : dm_save_rows(u->in->parent, u->in->cls);
	case DM_UNDO_DEL:
		if (detached(u->in->parent))
			return 0;
		r = txn->keep ? 0 : dm_forget(u->in);
		return r ? r : dm_save_rows(u->in->parent, u->in->cls);
	}
	return -EINVAL;
}

static enum dm_error save(struct dm_txn *txn)
{
	struct store *store = txn->dm->store;
	int r = 0;

	if (!store)
		return DM_OK;
	for (size_t i = 0; i < txn->n && !r; i++) {
		const struct dm_undo *u = &txn->log[i];

		r = save_one(txn, u);
		if (!r && u->kind == DM_UNDO_SET && txn->origin == DM_BY_ACS && !detached(u->in))
			r = dm_seen_by_acs(u->in, u->param);
	}
	if (!r)
		r = store_save(store);
	if (!r)
		return DM_OK;
	log_err("store: a change can't be saved and is undone: %s", strerror(-r));
	store_revert(store);
	dm_refuse(txn, txn->n ? txn->log[0].in : NULL, NULL, DM_ERESOURCES,
		  "The change can't be saved");
	return DM_ERESOURCES;
}

static bool same(const struct dm_cell *a, const struct dm_cell *b)
{
	return a->len == b->len && !memcmp(a->val, b->val, a->len);
}

/* From here on the new state holds; deleted rows go, changes are told. */
static void finish(struct dm_txn *txn, const struct modules *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i]->committed)
			m->v[i]->committed(txn->dm, txn);
	for (size_t i = 0; i < txn->n; i++) {
		struct dm_undo *u = &txn->log[i];
		struct dm_cell *cell;

		if (u->kind != DM_UNDO_SET)
			continue;
		cell = dm_cell_of(u->in, u->param);
		cell->touched = cell->staged = false;
		if (!detached(u->in) && !same(cell, &u->old))
			dm_note(u->in, u->param, txn->origin == DM_BY_ACS);
		dm_cell_drop(&u->old);
	}
	/* a row deleted after its child was: both are logged, the child first */
	for (size_t i = 0; i < txn->n; i++)
		if (txn->log[i].kind == DM_UNDO_DEL)
			dm_inst_free(txn->log[i].in);
	txn->n = 0;
}

static void fail(struct dm_txn *txn, const struct modules *m, size_t applied)
{
	dm_txn_undo(txn);
	while (applied--)
		if (m->v[applied]->revert)
			m->v[applied]->revert(txn->dm);
}

enum dm_error dm_commit(struct dm_txn *txn, struct dm_faults *faults)
{
	struct modules m = { .n = 0 };
	enum dm_error e = DM_OK, failed;
	const struct dm_guard *guard = txn->dm->guard;
	bool guarded = false;
	size_t applied = 0;

	check_references(txn);
	check_aliases(txn);
	touched_modules(txn, &m);
	for (size_t i = 0; i < m.n; i++)
		if (m.v[i]->check && (failed = m.v[i]->check(txn->dm, txn)))
			e = failed;
	if (txn->faults.n)
		e = txn->faults.v[0].error;
	else if (txn->faults.more)
		e = DM_ERESOURCES;
	if (!e && guard) {
		guarded = true;
		e = guard->before(guard->arg, txn);
	}
	if (!e)
		e = apply_modules(txn, &m, &applied);
	if (!e)
		e = save(txn);
	if (e)
		fail(txn, &m, applied);
	else
		finish(txn, &m);
	if (guarded)
		guard->after(guard->arg, !e);
	if (faults) {
		*faults = txn->faults;
		txn->faults = (struct dm_faults){ 0 };
	}
	dm_txn_free(txn);
	return e;
}

enum dm_error dm_set_own(struct dm *dm, const char *path, const char *value, size_t len)
{
	struct dm_txn *txn = dm_begin(dm, DM_BY_SELF);

	if (!txn)
		return DM_ERESOURCES;
	dm_stage(txn, path, DM_ANY, value, len);
	return dm_commit(txn, NULL);
}
