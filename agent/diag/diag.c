/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/diag/diag.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/client.h"
#include "agent/diag/parts.h"
#include "agent/diag/record.h"
#include "agent/kernel/wifi.h"
#include "agent/priv.h"
#include "agent/store.h"
#include "agent/tree/tree.h"
#include "config.h"
#include "lib/limits.h"
#include "lib/log.h"

struct diags {
	struct agent *agent;
	struct loop_timer start;
	struct diag *first;
	struct diag *current; /* has begun */
	uint32_t turns;
};

struct agent *diag_agent(const struct diag *d)
{
	return d->all->agent;
}

struct dm_inst *diag_inst(const struct diag *d)
{
	return dm_single(d->all->agent->dm, d->ops->object);
}

static bool in_session(const struct diags *all)
{
	struct client_status s;

	client_status(all->agent->client, &s);
	return s.in_session;
}

static struct diag *next_one(const struct diags *all)
{
	struct diag *next = NULL;

	for (struct diag *d = all->first; d; d = d->next)
		if (d->turn && (!next || next->turn - d->turn < UINT32_MAX / 2))
			next = d;
	return next;
}

static int record(const struct diag *d, enum diag_state state, uint32_t begun)
{
	const struct agent *a = d->all->agent;

	return diag_record_write(a->store, a->boot_id, d, state, begun);
}

/* Should it end the agent, the next one knows how often it has. */
static void begin(struct diag *d)
{
	struct store *store = d->all->agent->store;
	int r;

	if (d->begun >= DIAG_BEGUN_MAX) {
		diag_end(d, DIAG_INTERNAL, "each time it began, the agent ended before it", 0);
		return;
	}
	r = record(d, DIAG_REQUESTED, ++d->begun) ?: store_save(store);
	if (r)
		log_err("%s: cannot be kept: %s", d->ops->name, strerror(-r));
	d->ops->begin(d);
}

static void due(void *arg)
{
	struct diags *all = arg;

	/* Another session was quicker: its end brings us here again, as does that of a run. */
	if (in_session(all) || all->current)
		return;
	all->current = next_one(all);
	if (!all->current)
		return;
	all->current->turn = 0;
	begin(all->current);
}

void diags_session_ended(struct diags *all)
{
	if (all && next_one(all))
		(void)loop_timer_set(&all->agent->loop, &all->start, 0);
}

static void over(struct diag *d)
{
	d->all->current = NULL;
	diags_session_ended(d->all);
}

static void show(struct diag *d)
{
	if (d->ops->show)
		d->ops->show(d);
}

void diag_end(struct diag *d, enum diag_state state, const char *why, int r)
{
	if (d != d->all->current)
		return;
	if (why)
		log_notice("%s: %s%s%s", d->ops->name, why, r ? ": " : "", r ? strerror(-r) : "");
	d->state = state;
	show(d);
	r = record(d, state, 0);
	if (r) {
		log_err("%s: the results cannot be kept: %s", d->ops->name, strerror(-r));
		(void)record(d, DIAG_NONE, 0);
	}
	/* It saves the store: both are there after a power cut, or none. */
	(void)client_raise(d->all->agent->client, EV_DIAGNOSTICS_COMPLETE, NULL);
	dm_changed_all(diag_inst(d));
	over(d);
}

/* Within a commit: what it makes of the object. DIAG_STATES: it does not touch it. */
static enum diag_state becomes(const struct dm_txn *txn, struct dm_inst *in)
{
	if (!dm_ctx(in) || !dm_txn_touched(txn, in, NULL))
		return DIAG_STATES;
	return dm_txn_touched(txn, in, "DiagnosticsState") &&
			       !strcmp(dm_str(in, "DiagnosticsState", NULL), "Requested")
		       ? DIAG_REQUESTED
		       : DIAG_NONE;
}

enum dm_error diag_apply(struct dm *dm, const struct dm_txn *txn, const struct dm_object *object)
{
	struct dm_inst *in = dm_single(dm, object);
	enum diag_state state = becomes(txn, in);

	if (state == DIAG_STATES)
		return DM_OK;
	return record(dm_ctx(in), state, 0) ? DM_ERESOURCES : DM_OK;
}

void diag_revert(struct dm *dm, const struct dm_object *object)
{
	const struct diag *d = dm_ctx(dm_single(dm, object));

	if (d && record(d, d->state, d->begun))
		log_err("%s: cannot be kept", d->ops->name);
}

void diag_committed(struct dm *dm, const struct dm_txn *txn, const struct dm_object *object)
{
	struct dm_inst *in = dm_single(dm, object);
	enum diag_state state = becomes(txn, in);
	struct diag *d = dm_ctx(in);

	if (state == DIAG_STATES)
		return;
	if (d == d->all->current) {
		d->ops->stop(d);
		over(d);
	}
	memset(d + 1, 0, d->ops->size - sizeof(*d));
	show(d);
	d->state = state;
	d->begun = 0;
	d->turn = state == DIAG_REQUESTED ? ++d->all->turns : 0;
	/* Within the commit there is nothing to look at yet. */
	if (d->turn && !in_session(d->all))
		(void)loop_timer_set(&d->all->agent->loop, &d->all->start, 0);
}

void diags_event(struct diags *all, enum ipc_op op, const void *payload)
{
	if (all && all->current && all->current->ops->event)
		all->current->ops->event(all->current, op, payload);
}

static void event_in_call(void *arg, enum ipc_op op, const void *payload, int fd)
{
	if (fd >= 0)
		close(fd);
	diags_event(arg, op, payload);
}

void diags_add(struct diags *all, struct diag *d, const struct diag_ops *ops)
{
	d->ops = ops;
	d->all = all;
	d->next = all->first;
	all->first = d;
	dm_bind(all->agent->dm, ops->object, d);
}

static int add_all(struct diags *all)
{
	int r = diag_lookup_new(all) ?: diag_speed_new(all) ?: diag_echo_new(all) ?:
	diag_self_test_new(all);

	if (!r)
		r = echo_server_new(all->agent);

#ifdef CONFIG_ROLE_PROBE
	if (!r && all->agent->priv->role[IPC_PROBE])
		r = diag_ping_new(all) ?: diag_trace_new(all) ?: diag_select_new(all);
#endif
#ifdef CONFIG_ROLE_RADIO
	if (!r && all->agent->priv->role[IPC_RADIO] && all->agent->wifi->events)
		r = diag_neighbors_new(all, all->agent);
#endif
	return r;
}

/* What an agent before us was asked for in this boot, and what it has found. */
static int restore(struct diags *all)
{
	struct store *store = all->agent->store;
	int r = diag_records_open(store, all->agent->boot_id);

	if (r)
		return r;
	/* What is not written now is with the next change. */
	r = store_save(store);
	if (r)
		log_err("store: %s", strerror(-r));
	for (struct diag *d = all->first; d; d = d->next) {
		diag_record_read(store, d);
		show(d);
		if (d->state == DIAG_REQUESTED)
			d->turn = ++all->turns;
	}
	if (all->turns)
		(void)loop_timer_set(&all->agent->loop, &all->start, 0);
	return 0;
}

int diags_new(struct diags **out, struct agent *agent)
{
	struct ipc_chan *probe = agent->priv->role[IPC_PROBE];
	struct diags *all = calloc(1, sizeof(*all));

	*out = all;
	if (!all)
		return -ENOMEM;
	all->agent = agent;
	loop_timer_init(&all->start, due, all);
	if (probe) {
		probe->on_event = event_in_call;
		probe->arg = all;
	}
	return add_all(all) ?: restore(all);
}
