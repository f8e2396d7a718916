/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction: what is given is checked and staged into the cells, with a log to undo it. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/tree/internal.h"
#include "agent/tree/rows.h"
#include "agent/tree/value.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/limits.h"
#include "lib/text.h"

struct dm_txn *dm_begin(struct dm *dm, enum dm_origin origin)
{
	struct dm_txn *txn;

	if (dm->txn)
		return NULL;
	txn = calloc(1, sizeof(*txn));
	if (!txn)
		return NULL;
	txn->dm = dm;
	txn->origin = origin;
	buf_init(&txn->value, DM_VALUE_MAX);
	dm->txn = txn;
	dm_hold(dm);
	return txn;
}

void dm_txn_free(struct dm_txn *txn)
{
	struct dm *dm = txn->dm;

	dm->txn = NULL;
	free(txn->log);
	dm_faults_free(&txn->faults);
	buf_wipe(&txn->value);
	free(txn);
	dm_unhold(dm);
}

void dm_abort(struct dm_txn *txn)
{
	dm_txn_undo(txn);
	dm_txn_free(txn);
}

void dm_faults_free(struct dm_faults *faults)
{
	free(faults->v);
	*faults = (struct dm_faults){ 0 };
}

enum dm_error dm_fault(struct dm_txn *txn, enum dm_error error, const char *path, size_t len,
		       const char *text)
{
	struct dm_faults *faults = &txn->faults;
	struct dm_fault *v = NULL;

	if (faults->n < DM_FAULTS_MAX)
		v = dm_grow(faults->v, &faults->cap, faults->n, sizeof(*v));
	if (!v) {
		faults->more++;
		return error;
	}
	faults->v = v;
	v += faults->n++;
	v->error = error;
	if (len > DM_PATH_MAX || !xml_clean(path, len))
		len = 0;
	memcpy(v->path, path, len);
	v->path[len] = 0;
	snprintf(v->text, sizeof(v->text), "%s", text && *text ? text : dm_error_name(error));
	return error;
}

enum dm_error dm_refuse(struct dm_txn *txn, const struct dm_inst *in, const char *name,
			enum dm_error error, const char *fmt, ...)
{
	char path[DM_PATH_MAX + DM_NAME_MAX + 1], text[DM_TEXT_MAX];
	int len = in ? dm_inst_path(in, path) : 0;
	va_list ap;

	if (len < 0)
		len = 0;
	if (name)
		len += snprintf(path + len, sizeof(path) - (size_t)len, "%s", name);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return dm_fault(txn, error, path, (size_t)len, text);
}

struct dm_undo *dm_txn_log(struct dm_txn *txn, enum dm_undo_kind kind, struct dm_inst *in)
{
	struct dm_undo *log = dm_grow(txn->log, &txn->cap, txn->n, sizeof(*log));

	if (!log)
		return NULL;
	txn->log = log;
	log += txn->n++;
	*log = (struct dm_undo){ .kind = kind, .in = in };
	return log;
}

/* Stages one canonical value. The old one goes to the log the first time. */
enum dm_error dm_txn_cell(struct dm_txn *txn, struct dm_inst *in, size_t param, const char *val,
			  size_t len)
{
	struct dm_cell *cell = dm_cell_of(in, param), fresh = { 0 };
	struct dm_undo *undo;

	if (dm_cell_set(&fresh, val, len))
		return DM_ERESOURCES;
	if (cell->touched) {
		fresh.staged = cell->staged;
		fresh.touched = true;
		dm_cell_drop(cell);
		*cell = fresh;
		return DM_OK;
	}
	undo = dm_txn_log(txn, DM_UNDO_SET, in);
	if (!undo) {
		dm_cell_drop(&fresh);
		return DM_ERESOURCES;
	}
	undo->param = (uint16_t)param;
	undo->old = *cell;
	fresh.touched = true;
	*cell = fresh;
	return DM_OK;
}

static void undo_one(struct dm_txn *txn, struct dm_undo *u)
{
	struct dm_kid *kid;

	if (u->kind == DM_UNDO_SET) {
		struct dm_cell *cell = dm_cell_of(u->in, u->param);

		dm_cell_drop(cell);
		*cell = u->old;
		cell->touched = cell->staged = false;
		return;
	}
	kid = dm_kid_of(u->in->parent, u->in->cls);
	kid->next = u->next;
	if (u->kind == DM_UNDO_ADD) {
		dm_kid_remove(kid, u->in);
		kid->live--;
		dm_inst_free(u->in);
		return;
	}
	/* room is there: it was in this array before */
	if (!dm_kid_insert(kid, u->in)) {
		u->in->gone = false;
		kid->live++;
	}
}

void dm_txn_undo(struct dm_txn *txn)
{
	while (txn->n)
		undo_one(txn, &txn->log[--txn->n]);
}

/* An alias is, but for its own, not the CPE's cpe-N (TR-069 A6 3.6.1). That it is unique in its
 * table is looked at when all is staged. */
static enum dm_error check_alias(struct dm_txn *txn, struct dm_inst *in, size_t param,
				 const char *val, size_t len)
{
	struct dm_sink sink;

	dm_sink_start(&sink, &txn->dm->room);
	if (!dm_read(in, param, &sink) && sink.len == len && !memcmp(sink.text, val, len))
		return DM_OK;
	if (!dm_match_alias(val, len) || (len >= 4 && !memcmp(val, "cpe-", 4)))
		return dm_refuse(txn, in, "Alias", DM_EVALUE,
				 "allowed is a name that begins with a letter, not with cpe-");
	return DM_OK;
}

/* What the row itself can't say. A hook that refuses without a word gets a general one. */
static enum dm_error check_more(struct dm_txn *txn, struct dm_inst *in, size_t param)
{
	const struct dm_param *p = in->cls->params[param];
	const char *val = buf_str(&txn->value);
	size_t known = txn->faults.n + txn->faults.more;
	enum dm_error e = DM_OK;

	if (p->flags & DM_ALIAS)
		return check_alias(txn, in, param, val, txn->value.len);
	if (p->check)
		e = p->check(txn, in, p, val, txn->value.len);
	if (e && known == txn->faults.n + txn->faults.more)
		dm_refuse(txn, in, p->name, e, "%s", p->wants ? p->wants : "");
	return e;
}

/* References are kept as TR-106 has them: without a final dot, though some ACSs send one. */
static void trim_references(const struct dm_param *p, struct buf *value)
{
	size_t out = 0;

	if (!p->ref || !value->len)
		return;
	for (size_t i = 0; i < value->len; i++) {
		bool last = i + 1 == value->len || value->data[i + 1] == ',';

		if (value->data[i] != '.' || !last)
			value->data[out++] = value->data[i];
	}
	buf_truncate(value, out);
}

/* With numbers, whatever the ACS wrote: an alias may change, and a deleted row is looked for. */
static enum dm_error name_by_number(struct dm_txn *txn, const struct dm_param *p)
{
	_cleanup_buf_ struct buf out = { 0 };
	char path[DM_PATH_MAX + 1];
	struct dm_items items;
	const char *item;
	size_t len;

	if (!p->ref || !txn->dm->alias || !memchr(buf_str(&txn->value), '[', txn->value.len))
		return DM_OK;
	buf_init(&out, DM_VALUE_MAX);
	dm_items_start(&items, buf_str(&txn->value), txn->value.len);
	while (dm_items_next(&items, &item, &len)) {
		struct dm_target t;
		int n = -1;

		if (len < DM_PATH_MAX && memchr(item, '[', len)) {
			memcpy(path, item, len);
			path[len] = '.';
			if (!dm_resolve(txn->dm, path, len + 1, &t) && t.kind == DM_T_OBJECT)
				n = dm_inst_path(t.in, path);
		}
		if (out.len)
			buf_putc(&out, ',');
		buf_put(&out, n > 0 ? path : item, n > 0 ? (size_t)n - 1 : len);
	}
	if (out.failed)
		return DM_ERESOURCES;
	buf_reset(&txn->value);
	buf_put(&txn->value, out.data, out.len);
	return txn->value.failed ? DM_ERESOURCES : DM_OK;
}

static enum dm_error stage_value(struct dm_txn *txn, const struct dm_target *t, enum dm_type given,
				 const char *path, const char *value, size_t len)
{
	const struct dm_param *p = t->in->cls->params[t->param];
	struct dm_refusal why;
	enum dm_error e;

	buf_reset(&txn->value);
	e = dm_check(p, given, value, len, &txn->value, &why);
	if (e)
		return dm_fault(txn, e, path, strlen(path), why.text);
	trim_references(p, &txn->value);
	e = name_by_number(txn, p);
	if (e)
		return dm_fault(txn, e, path, strlen(path), "no memory");
	e = check_more(txn, t->in, t->param);
	if (e)
		return e;
	e = dm_txn_cell(txn, t->in, t->param, buf_str(&txn->value), txn->value.len);
	if (e)
		return dm_fault(txn, e, path, strlen(path), "no memory");
	dm_cell_of(t->in, t->param)->staged = true;
	return DM_OK;
}

static enum dm_error stage(struct dm_txn *txn, const char *path, enum dm_type given,
			   const char *value, size_t len, bool own)
{
	struct dm_target t;
	struct dm_cell *cell;
	size_t n = strlen(path);

	if (dm_resolve(txn->dm, path, n, &t) || t.kind != DM_T_PARAM || t.in->gone)
		return dm_fault(txn, DM_ENAME, path, n, "There is no such parameter");
	cell = dm_cell_of(t.in, t.param);
	if (!cell || (t.in->cls->params[t.param]->access != DM_RW && !own))
		return dm_fault(txn, DM_EREADONLY, path, n, "The parameter is read-only");
	if (cell->staged && !own)
		return dm_fault(txn, DM_EARGUMENTS, path, n, "The parameter is given twice");
	return stage_value(txn, &t, given, path, value, len);
}

enum dm_error dm_stage(struct dm_txn *txn, const char *path, enum dm_type given, const char *value,
		       size_t len)
{
	return stage(txn, path, given, value, len, txn->origin == DM_BY_SELF);
}

enum dm_error dm_stage_own(struct dm_txn *txn, const char *path, const char *value, size_t len)
{
	return stage(txn, path, DM_ANY, value, len, true);
}

enum dm_origin dm_txn_origin(const struct dm_txn *txn)
{
	return txn->origin;
}

bool dm_txn_touched(const struct dm_txn *txn, const struct dm_inst *in, const char *name)
{
	for (size_t i = 0; i < txn->n; i++) {
		const struct dm_undo *u = &txn->log[i];

		if (u->in != in)
			continue;
		if (!name || u->kind != DM_UNDO_SET ||
		    !strcmp(in->cls->params[u->param]->name, name))
			return true;
	}
	return false;
}
