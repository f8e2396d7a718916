/* SPDX-License-Identifier: Apache-2.0 */
/* Drives Device.IP.Diagnostics.TraceRoute. */
#include <errno.h>
#include <stdlib.h>

#include "agent/agent.h"
#include "agent/diag/parts.h"
#include "agent/diag/probe.h"
#include "agent/priv.h"
#include "agent/tr181/diag.h"
#include "agent/tr181/trace_route.h"

struct trace {
	struct trace_route rows;
	struct probe_run run;
	struct trace_start test;
};

static struct trace *trace_of(struct diag *d)
{
	return (struct trace *)d; /* the first member of its first member */
}

static int start(struct probe_run *run, const struct probe_addr *target, uint32_t *id)
{
	struct trace *t = trace_of(run->diag);
	struct probe_started started = { .id = 0 };
	int r;

	t->test.test.target = *target;
	r = priv_trace_start(diag_agent(run->diag)->priv, &t->test, &started);
	*id = started.id;
	return r;
}

static void failed(struct probe_run *run, enum diag_state state, const char *why, int r)
{
	diag_end(run->diag, state, why, r);
}

static void begin(struct diag *d)
{
	const struct dm_inst *in = diag_inst(d);
	struct trace *t = trace_of(d);
	int r = diag_interface(in, &t->test.test.ifindex);

	if (r) {
		diag_end(d, DIAG_OTHER, "Interface", r);
		return;
	}
	t->test.tries = (uint32_t)dm_uint(in, "NumberOfTries");
	t->test.hops = (uint32_t)dm_uint(in, "MaxHopCount");
	t->rows.tries = t->test.tries;
	if (probe_run_test(in, &t->test.test))
		diag_end(d, DIAG_OTHER, "more than this box does in one test", 0);
	else
		probe_run_begin(&t->run, dm_str(in, "Host", NULL), diag_family(in));
}

static void stop(struct diag *d)
{
	probe_run_stop(&trace_of(d)->run);
}

static void show(struct diag *d)
{
	trace_route_show(diag_agent(d)->dm, &trace_of(d)->rows);
}

static bool sound(const struct diag *d)
{
	const struct trace_route *rows = (const void *)d;

	return rows->nhops <= TRACE_HOPS_MAX && rows->tries <= TRACE_TRIES_MAX;
}

static uint32_t average(const struct trace_hop *hop)
{
	uint64_t sum = 0;
	uint32_t n = 0;

	for (size_t i = 0; i < TRACE_TRIES_MAX; i++) {
		sum += hop->tries[i].us;
		n += hop->tries[i].us != 0;
	}
	return n ? (uint32_t)(sum / n) : 0;
}

static void done(struct trace *t, const struct trace_done *end)
{
	struct trace_route *rows = &t->rows;
	enum diag_state state = DIAG_MAX_HOPS;

	t->run.id = 0;
	rows->local = end->local;
	if (end->reached)
		state = DIAG_COMPLETE;
	else if (end->gone)
		state = DIAG_NO_ROUTE;
	else if (end->error)
		state = probe_run_verdict(end->error);
	if (end->reached && rows->nhops)
		rows->response_us = average(&rows->hops[rows->nhops - 1]);
	diag_end(&rows->diag, state, NULL, 0);
}

static void event(struct diag *d, enum ipc_op op, const void *payload)
{
	struct trace *t = trace_of(d);
	const struct trace_hop *hop = payload;
	const struct trace_done *end = payload;

	if (op == IPC_TRACE_HOP && probe_run_is(&t->run, hop->id) && t->rows.nhops < TRACE_HOPS_MAX)
		t->rows.hops[t->rows.nhops++] = *hop;
	else if (op == IPC_TRACE_DONE && probe_run_is(&t->run, end->id))
		done(t, end);
}

int diag_trace_new(struct diags *all)
{
	static const struct diag_ops ops = { .name = "TraceRoute",
					     .object = &trace_route,
					     .size = sizeof(struct trace_route),
					     .begin = begin,
					     .stop = stop,
					     .show = show,
					     .sound = sound,
					     .event = event };
	struct trace *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->run = (struct probe_run){ .diag = &t->rows.diag, .start = start, .failed = failed };
	diags_add(all, &t->rows.diag, &ops);
	return 0;
}
