/* SPDX-License-Identifier: Apache-2.0 */
/* What the probe role makes of its echo requests: a ping, or the way to a host. */
#include <errno.h>
#include <string.h>

#include "helper/asroot.h"
#include "helper/probe.h"
#include "lib/limits.h"
#include "lib/log.h"

static void ping_heard(struct probe *p, const struct heard *h)
{
	struct ping_done *d = &p->ping;

	if (h->error)
		d->error = h->error;
	if (h->what != ECHO_REPLY) {
		d->lost++;
		return;
	}
	if (!d->received || h->us < d->min_us)
		d->min_us = h->us;
	if (h->us > d->max_us)
		d->max_us = h->us;
	p->sum_us += h->us;
	d->received++;
}

static bool ping_over(const struct probe *p, uint32_t seq)
{
	return seq == p->count;
}

static void ping_done(struct probe *p)
{
	struct ping_done *d = &p->ping;

	d->id = p->id;
	d->local = p->local;
	d->avg_us = d->received ? (uint32_t)(p->sum_us / d->received) : 0;
	log_info("probe: ping %u: %u answers, %u lost", p->id, d->received, d->lost);
	role_event(p->io, IPC_PING_DONE, d);
}

int asroot_ping_start(struct probe *p, const struct ping_start *req, struct probe_started *rep)
{
	static const struct probe_job job = { .heard = ping_heard,
					      .over = ping_over,
					      .done = ping_done };
	int r;

	if (!req->count || req->count > PROBE_COUNT_MAX)
		return -ERANGE;
	r = probe_begin(p, &job, &req->test, rep);
	if (r)
		return r;
	p->count = req->count;
	p->sum_us = 0;
	p->ping = (struct ping_done){ 0 };
	return 0;
}

static uint8_t trace_ttl(const struct probe *p, uint32_t seq)
{
	return (uint8_t)((seq - 1) / p->tries + 1);
}

static void trace_heard(struct probe *p, const struct heard *h)
{
	uint32_t try = (p->sent - 1) % p->tries;

	if (!try)
		p->hop = (struct trace_hop){ .id = p->id, .hop = trace_ttl(p, p->sent) };
	p->trace.error = h->error;
	if (h->what != ECHO_LOST) {
		p->hop.tries[try].us = h->us;
		p->hop.from = h->from;
		p->hop.code = h->code;
	}
	p->trace.reached |= h->what == ECHO_REPLY;
	p->trace.gone |= h->what == ECHO_UNREACHABLE;
	if (try == p->tries - 1)
		role_event(p->io, IPC_TRACE_HOP, &p->hop);
}

static bool trace_over(const struct probe *p, uint32_t seq)
{
	if (seq % p->tries)
		return false;
	/* What cannot be sent now will not get further either. */
	return p->trace.reached || p->trace.gone || p->trace.error || seq / p->tries == p->hops;
}

static void trace_done(struct probe *p)
{
	p->trace.id = p->id;
	p->trace.local = p->local;
	log_info("probe: trace %u: %u hops%s", p->id, p->hop.hop,
		 p->trace.reached ? "" : ", not reached");
	role_event(p->io, IPC_TRACE_DONE, &p->trace);
}

int asroot_trace_start(struct probe *p, const struct trace_start *req, struct probe_started *rep)
{
	static const struct probe_job job = {
		.ttl = trace_ttl, .heard = trace_heard, .over = trace_over, .done = trace_done
	};
	int r;

	if (!req->tries || req->tries > TRACE_TRIES_MAX || !req->hops || req->hops > TRACE_HOPS_MAX)
		return -ERANGE;
	r = probe_begin(p, &job, &req->test, rep);
	if (r)
		return r;
	p->tries = req->tries;
	p->hops = req->hops;
	p->trace = (struct trace_done){ 0 };
	return 0;
}
