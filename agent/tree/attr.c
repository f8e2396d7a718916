/* SPDX-License-Identifier: Apache-2.0 */
/* Parameter attributes (TR-069 A6 A.3.2.4): one byte per parameter, made when first needed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/store.h"
#include "agent/tree/internal.h"
#include "lib/log.h"

bool dm_attrs_make(struct dm_inst *in)
{
	if (!in->attrs)
		in->attrs = calloc(in->cls->nparams, sizeof(in->attrs[0]));
	return in->attrs != NULL;
}

static uint8_t default_notification(const struct dm_param *p)
{
	return p->notify == DM_FORCED_ACTIVE || p->notify == DM_DEFAULT_ACTIVE ? 2 : 0;
}

uint8_t dm_notification(const struct dm_inst *in, size_t param)
{
	const struct dm_param *p = in->cls->params[param];

	if (p->notify != DM_FORCED_ACTIVE && in->attrs && (in->attrs[param].flags & ATTR_SET))
		return in->attrs[param].flags & ATTR_NOTIFY;
	return default_notification(p);
}

/* "2 1": notification, and whether subscribers may write */
void dm_attr_load(struct dm_inst *in, size_t param, const char *text, size_t len)
{
	uint8_t *attr;

	if (len != 3 || text[0] < '0' || text[0] > '2' || text[1] != ' ' ||
	    (text[2] != '0' && text[2] != '1'))
		return;
	if (!dm_attrs_make(in))
		return;
	attr = &in->attrs[param].flags;
	*attr = (uint8_t)(ATTR_SET | (text[0] - '0'));
	if (text[2] == '0')
		*attr |= ATTR_NO_SUBSCRIBER;
}

struct attr_walk {
	dm_attr_fn fn;
	void *arg;
	const struct dm_attr_change *change;
};

static enum dm_error get_attr(struct dm_walk *w, struct dm_inst *in, size_t param)
{
	const struct attr_walk *a = w->arg;
	const struct dm_param *p = in->cls->params[param];
	size_t n = strlen(p->name);
	struct dm_attr attr = { .path = w->text, .path_len = w->len + n, .param = p };

	if (w->len + n > DM_PATH_MAX)
		return DM_OK;
	memcpy(w->text + w->len, p->name, n);
	attr.notification = dm_notification(in, param);
	attr.subscriber = !in->attrs || !(in->attrs[param].flags & ATTR_NO_SUBSCRIBER);
	return a->fn(a->arg, &attr) ? DM_ERESOURCES : DM_OK;
}

enum dm_error dm_attr_get(struct dm *dm, const char *path, dm_attr_fn fn, void *arg)
{
	struct attr_walk a = { .fn = fn, .arg = arg };
	struct dm_walk w = { .dm = dm, .arg = &a, .told = true, .param = get_attr };
	struct dm_target t;
	enum dm_error e = dm_resolve(dm, path, strlen(path), &t);

	return e ? e : dm_walk(&w, &t);
}

/*
 * May this be set? Passive is never refused, active only where the data model says so. Of a whole
 * subtree those that may deny are left alone: one counter must not refuse "Device.".
 */
static enum dm_error allowed(const struct attr_walk *a, const struct dm_param *p, bool one)
{
	if (!a->change->set_notification)
		return DM_OK;
	if (a->change->notification > 2)
		return DM_ENOTIFY; /* no lightweight notification protocol here (Annex M) */
	if (a->change->notification == 2 && p->notify == DM_CAN_DENY && one)
		return DM_ENOTIFY;
	return DM_OK;
}

static enum dm_error check_attr(struct dm_walk *w, struct dm_inst *in, size_t param)
{
	if (!dm_attrs_make(in))
		return DM_ERESOURCES;
	return allowed(w->arg, in->cls->params[param], w->one);
}

static enum dm_error set_attr(struct dm_walk *w, struct dm_inst *in, size_t param)
{
	const struct attr_walk *a = w->arg;
	const struct dm_attr_change *c = a->change;
	const struct dm_param *p = in->cls->params[param];
	uint8_t *attr = &in->attrs[param].flags;
	bool deny = c->notification == 2 && p->notify == DM_CAN_DENY;

	if (c->set_access) {
		*attr &= (uint8_t)~ATTR_NO_SUBSCRIBER;
		if (!c->subscriber)
			*attr |= ATTR_NO_SUBSCRIBER;
	}
	/* forced active stays what it is; the request is not an error (TR-069 A6 A.3.2.4) */
	if (c->set_notification && p->notify != DM_FORCED_ACTIVE && !deny) {
		*attr &= (uint8_t)~ATTR_NOTIFY;
		*attr |= ATTR_SET | c->notification;
	} else if (!(*attr & ATTR_SET) && c->set_access) {
		/* the record holds both */
		*attr |= ATTR_SET | default_notification(p);
	}
	if (dm_notification(in, param)) {
		dm_watch_start(in, param);
		dm_watch_baseline(in, param);
	} else {
		dm_watch_stop(in, param);
	}
	return dm_save_attr(in, param) ? DM_ERESOURCES : DM_OK;
}

static enum dm_error each(struct dm *dm, const struct dm_attr_change *change, bool set)
{
	struct attr_walk a = { .change = change };
	struct dm_walk w = { .dm = dm, .arg = &a, .param = set ? set_attr : check_attr };
	struct dm_target t;
	enum dm_error e = dm_resolve(dm, change->path, strlen(change->path), &t);

	if (e)
		return e;
	w.one = t.kind == DM_T_PARAM;
	return dm_walk(&w, &t);
}

static enum dm_error reload_attr(struct dm_walk *w, struct dm_inst *in, size_t param)
{
	if (!in->attrs || !in->cls->lasting)
		return DM_OK;
	in->attrs[param].flags &= (uint8_t) ~(ATTR_SET | ATTR_NOTIFY | ATTR_NO_SUBSCRIBER);
	dm_attr_fetch(in, param);
	if (dm_notification(in, param))
		dm_watch_start(in, param);
	else
		dm_watch_stop(in, param);
	return DM_OK;
}

/* After a save that failed: what the store says holds again. */
static void reload(struct dm *dm)
{
	struct dm_walk w = { .dm = dm, .still = true, .param = reload_attr };
	struct dm_target all = { .kind = DM_T_ALL, .in = dm->root };

	if (dm_walk(&w, &all))
		log_err("tree: attributes can't be read again");
}

enum dm_error dm_attr_set(struct dm *dm, const struct dm_attr_change *changes, size_t n,
			  size_t *bad)
{
	enum dm_error e = DM_OK;

	if (dm->txn)
		return DM_EINTERNAL;
	/* first all are checked; what is set after that can fail for want of space only */
	for (size_t pass = 0; pass < 2 && !e; pass++)
		for (size_t i = 0; i < n && !e; i++) {
			e = each(dm, &changes[i], pass);
			if (e && bad)
				*bad = i;
		}
	if (!e && dm->store && store_save(dm->store))
		e = DM_ERESOURCES;
	if (e && dm->store) {
		store_revert(dm->store);
		reload(dm);
	}
	return e;
}
