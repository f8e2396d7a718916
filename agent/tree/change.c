/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Value changes (TR-069 A6 3.7.1.5). Watched is what has notification; a change comes as an event
 * of its module, from a transaction, or from comparing hashes. The hash that an ACS was last told
 * is in the store, so that a change while the box was off is a change too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/store.h"
#include "agent/tree/internal.h"
#include "lib/buf.h"
#include "lib/hex.h"
#include "lib/log.h"

/* Not secret, and the same in the next release: it is compared over restarts. */
#define SEEN_SEED 0x53414c4c59504f52u

static struct dm_watch *watch_of(struct dm_inst *in, size_t param)
{
	if (!in->attrs || !(in->attrs[param].flags & ATTR_WATCHED))
		return NULL;
	return &in->cls->dm->watch[in->attrs[param].watch];
}

static bool hash_of(struct dm_inst *in, size_t param, uint64_t *hash)
{
	struct dm_sink sink;

	dm_sink_start(&sink, &in->cls->dm->room);
	if (!dm_param_here(in, in->cls->params[param]) || dm_read(in, param, &sink))
		return false;
	*hash = dm_hash(SEEN_SEED, sink.text, sink.len);
	return true;
}

static int seen_key(const struct dm_inst *in, size_t param, char key[DM_PATH_MAX + 8])
{
	char path[DM_PATH_MAX + 1];

	if (!in->cls->dm->store || !in->cls->lasting || !dm_param_path(in, param, path))
		return -1;
	return snprintf(key, DM_PATH_MAX + 8, "@seen.%s", path);
}

static void load_seen(struct dm_watch *w)
{
	char key[DM_PATH_MAX + 8];
	const char *text;
	size_t len;

	if (seen_key(w->in, w->param, key) < 0)
		return;
	text = store_get(w->in->cls->dm->store, key, &len);
	w->saved = text && len == 2 * sizeof(w->hash) && !hex_decode(&w->hash, text, len);
}

static int save_seen(const struct dm_watch *w)
{
	char key[DM_PATH_MAX + 8], text[2 * sizeof(w->hash) + 1];

	if (!w->known || seen_key(w->in, w->param, key) < 0)
		return 0;
	hex_encode(text, &w->hash, sizeof(w->hash));
	return store_set_spare(w->in->cls->dm->store, key, text, sizeof(text) - 1);
}

int dm_seen_by_acs(struct dm_inst *in, size_t param)
{
	const struct dm_watch *w = watch_of(in, param);
	struct dm_watch told;

	if (!w)
		return 0;
	told = *w;
	told.known = hash_of(in, param, &told.hash);
	return save_seen(&told);
}

void dm_watch_start(struct dm_inst *in, size_t param)
{
	struct dm *dm = in->cls->dm;
	struct dm_watch *v;

	if (!dm_attrs_make(in) || (in->attrs[param].flags & ATTR_WATCHED))
		return;
	v = dm_grow(dm->watch, &dm->watch_cap, dm->nwatch, sizeof(*v));
	if (!v) {
		log_err("tree: no memory to watch %s", in->cls->params[param]->name);
		return;
	}
	dm->watch = v;
	in->attrs[param].watch = (uint32_t)dm->nwatch;
	in->attrs[param].flags |= ATTR_WATCHED;
	v += dm->nwatch++;
	*v = (struct dm_watch){ .in = in, .param = (uint16_t)param };
	load_seen(v);
}

/* Both arrays are unordered: the last entry fills the gap. */
static void drop_pending(struct dm_inst *in, size_t param)
{
	struct dm *dm = in->cls->dm;
	struct dm_pending *p, *last;

	if (!(in->attrs[param].flags & ATTR_PENDING))
		return;
	p = &dm->pending[in->attrs[param].pending];
	last = &dm->pending[--dm->npending];
	last->in->attrs[last->param].pending = in->attrs[param].pending;
	*p = *last;
	in->attrs[param].flags &= (uint8_t)~ATTR_PENDING;
}

static void drop_watch(struct dm_inst *in, size_t param)
{
	struct dm *dm = in->cls->dm;
	struct dm_watch *w = watch_of(in, param), *last;

	drop_pending(in, param);
	last = &dm->watch[--dm->nwatch];
	last->in->attrs[last->param].watch = in->attrs[param].watch;
	*w = *last;
	in->attrs[param].flags &= (uint8_t)~ATTR_WATCHED;
}

void dm_watch_stop(struct dm_inst *in, size_t param)
{
	char key[DM_PATH_MAX + 8];

	if (!watch_of(in, param))
		return;
	drop_watch(in, param);
	if (seen_key(in, param, key) > 0 && store_del(in->cls->dm->store, key))
		log_warn("store: %s stays", key);
}

void dm_watch_forget(struct dm_inst *in)
{
	for (size_t i = 0; in->attrs && i < in->cls->nparams; i++)
		if (watch_of(in, i))
			drop_watch(in, i);
}

static void add_pending(struct dm_inst *in, size_t param)
{
	struct dm *dm = in->cls->dm;
	struct dm_attrib *attr = &in->attrs[param];
	struct dm_pending *v;

	if (attr->flags & ATTR_PENDING) {
		/* it changed again after an Inform took it: it stays for the next */
		dm->pending[attr->pending].handed = false;
	} else {
		v = dm_grow(dm->pending, &dm->pending_cap, dm->npending, sizeof(*v));
		if (!v) {
			log_err("tree: no memory for a value change");
			return;
		}
		dm->pending = v;
		attr->pending = (uint32_t)dm->npending;
		attr->flags |= ATTR_PENDING;
		v[dm->npending++] = (struct dm_pending){ .in = in, .param = (uint16_t)param };
	}
	if (dm->on_change)
		dm->on_change(dm->on_change_arg, dm_notification(in, param) == 2);
}

/*
 * The value may be another now. Of an event we believe it (also changed-and-back is reported),
 * but for the first look of this run, which is compared with what was last told.
 */
static void look(struct dm_watch *w, bool event, bool report)
{
	uint64_t hash;
	bool changed;

	if (!hash_of(w->in, w->param, &hash))
		return;
	changed = w->known ? event || hash != w->hash : w->saved && hash != w->hash;
	w->hash = hash;
	w->known = true;
	if (changed && report)
		add_pending(w->in, w->param);
}

/* An ACS that begins to watch knows the value of now: the very next change counts. */
void dm_watch_baseline(struct dm_inst *in, size_t param)
{
	struct dm_watch *w = watch_of(in, param);

	if (w && !w->known && !w->saved)
		look(w, false, false);
}

void dm_note(struct dm_inst *in, size_t param, bool by_acs)
{
	struct dm_watch *w = watch_of(in, param);

	if (w)
		look(w, true, !by_acs);
}

void dm_changed(struct dm_inst *in, const char *name)
{
	int i = in ? dm_param_index(in->cls, name) : -1;

	if (i >= 0)
		dm_note(in, (size_t)i, false);
}

void dm_changed_all(struct dm_inst *in)
{
	for (size_t i = 0; in->attrs && i < in->cls->nparams; i++) {
		struct dm_watch *w = watch_of(in, i);

		if (w)
			look(w, false, true);
	}
}

bool dm_watched(const struct dm *dm, const struct dm_object *obj)
{
	for (size_t i = 0; i < dm->nwatch; i++) {
		const struct dm_class *c = dm->watch[i].in->cls;
		size_t param = dm->watch[i].param;

		/* who watches how many rows there are watches the table */
		if (param >= c->obj->nparams)
			c = c->counted[param - c->obj->nparams];
		for (; c; c = c->parent)
			if (c->obj == obj)
				return true;
	}
	return false;
}

void dm_on_change(struct dm *dm, dm_change_fn fn, void *arg)
{
	dm->on_change = fn;
	dm->on_change_arg = arg;
}

void dm_sample(struct dm *dm)
{
	dm_hold(dm);
	for (size_t i = 0; i < dm->nwatch; i++) {
		struct dm_watch *w = &dm->watch[i];
		bool evented = w->in->cls->params[w->param]->flags & DM_EVENTED;

		if (!w->in->ghost && !w->in->gone && !evented)
			look(w, false, true);
	}
	dm_unhold(dm);
}

size_t dm_changes(struct dm *dm, bool *active)
{
	if (active)
		*active = false;
	for (size_t i = 0; active && i < dm->npending; i++)
		*active |= dm_notification(dm->pending[i].in, dm->pending[i].param) == 2;
	return dm->npending;
}

enum dm_error dm_changes_get(struct dm *dm, dm_value_fn fn, void *arg)
{
	struct dm_walk w = {
		.dm = dm, .arg = arg, .told = true, .value_fn = fn, .param = dm_get_param
	};
	enum dm_error e = DM_OK;

	dm_hold(dm);
	for (size_t i = 0; i < dm->npending && !e; i++) {
		struct dm_pending *p = &dm->pending[i];
		struct dm_target t = { .kind = DM_T_PARAM, .in = p->in, .param = p->param };

		p->handed = true;
		e = dm_walk(&w, &t);
	}
	dm_unhold(dm);
	dm_save_numbers(dm);
	return e;
}

void dm_changes_delivered(struct dm *dm)
{
	size_t lost = 0;

	for (size_t i = dm->npending; i-- > 0;)
		if (dm->pending[i].handed)
			drop_pending(dm->pending[i].in, dm->pending[i].param);
	/* what an ACS has now seen: each watched value that is not waiting to be told */
	for (size_t i = 0; i < dm->nwatch; i++) {
		struct dm_watch *w = &dm->watch[i];

		if (!(w->in->attrs[w->param].flags & ATTR_PENDING) && save_seen(w))
			lost++;
	}
	if (lost)
		log_warn("store: no room for what the ACS has seen of %zu parameters", lost);
	if (dm->store && store_save(dm->store))
		log_warn("store: what the ACS has seen is not saved");
}
