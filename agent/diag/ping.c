/* SPDX-License-Identifier: Apache-2.0 */
/* Drives Device.IP.Diagnostics.IPPing. */
#include <errno.h>
#include <stdlib.h>

#include "agent/agent.h"
#include "agent/diag/parts.h"
#include "agent/diag/probe.h"
#include "agent/priv.h"
#include "agent/tr181/diag.h"
#include "agent/tr181/ip_ping.h"
#include "lib/limits.h"

struct ping {
	struct ip_ping rows;
	struct probe_run run;
	struct ping_start test;
};

static struct ping *ping_of(struct diag *d)
{
	return (struct ping *)d; /* the first member of its first member */
}

static int start(struct probe_run *run, const struct probe_addr *target, uint32_t *id)
{
	struct ping *p = ping_of(run->diag);
	struct probe_started started = { .id = 0 };
	int r;

	p->test.test.target = *target;
	r = priv_ping_start(diag_agent(run->diag)->priv, &p->test, &started);
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
	struct ping *p = ping_of(d);
	int r = diag_interface(in, &p->test.test.ifindex);

	if (r) {
		diag_end(d, DIAG_OTHER, "Interface", r);
		return;
	}
	p->test.count = (uint32_t)dm_uint(in, "NumberOfRepetitions");
	if (probe_run_test(in, &p->test.test) || p->test.count > PROBE_COUNT_MAX)
		diag_end(d, DIAG_OTHER, "more than this box does in one test", 0);
	else
		probe_run_begin(&p->run, dm_str(in, "Host", NULL), diag_family(in));
}

static void stop(struct diag *d)
{
	probe_run_stop(&ping_of(d)->run);
}

static void event(struct diag *d, enum ipc_op op, const void *payload)
{
	struct ping *p = ping_of(d);
	const struct ping_done *done = payload;

	if (op != IPC_PING_DONE || !probe_run_is(&p->run, done->id))
		return;
	p->run.id = 0;
	p->rows.last = *done;
	diag_end(d, done->received ? DIAG_COMPLETE : probe_run_verdict(done->error), NULL, 0);
}

int diag_ping_new(struct diags *all)
{
	static const struct diag_ops ops = { .name = "IPPing",
					     .object = &ip_ping,
					     .size = sizeof(struct ip_ping),
					     .begin = begin,
					     .stop = stop,
					     .event = event };
	struct ping *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->run = (struct probe_run){ .diag = &p->rows.diag, .start = start, .failed = failed };
	diags_add(all, &p->rows.diag, &ops);
	return 0;
}
