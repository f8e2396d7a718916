/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/ping.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/client.h"
#include "agent/dial.h"
#include "agent/priv.h"
#include "agent/tr181/ip_ping.h"
#include "lib/limits.h"
#include "lib/log.h"

/* One test: wanted, then its name is asked for (resolving), then the role is at it (id). */
struct ping {
	struct agent *agent;
	struct loop_timer start;
	bool wanted;
	int resolving;	     /* of dial_resolve(); 0: no */
	uint32_t id;	     /* of the role; 0: no */
	unsigned int family; /* wanted: 4, 6; 0: any */
	struct ping_start test;
};

static bool in_session(const struct ping *p)
{
	struct client_status s;

	client_status(p->agent->client, &s);
	return s.in_session;
}

static void stop(struct ping *p)
{
	p->wanted = false;
	loop_timer_clear(&p->agent->loop, &p->start);
	if (p->resolving)
		dial_cancel(p->agent->dial, p->resolving);
	p->resolving = 0;
	if (!p->id)
		return;
	/* First: its end may come while we wait for the answer. */
	p->id = 0;
	(void)priv_ping_stop(p->agent->priv);
}

/* Within a commit: not before it is over is there anything to look at. */
static void asked(void *arg, bool requested)
{
	struct ping *p = arg;

	stop(p);
	p->wanted = requested;
	if (requested && !in_session(p))
		(void)loop_timer_set(&p->agent->loop, &p->start, 0);
}

static void end(struct ping *p, enum ping_state state, const struct ping_results *results)
{
	ip_ping_ended(p->agent->dm, state, results);
	(void)client_raise(p->agent->client, EV_DIAGNOSTICS_COMPLETE, NULL);
}

static void failed(struct ping *p, enum ping_state state, const char *what, int r)
{
	log_notice("IPPing: %s%s%s", what, r ? ": " : "", r ? strerror(-r) : "");
	end(p, state, NULL);
}

static void resolved(void *arg, int status, const struct dial_resolved *names)
{
	struct ping *p = arg;
	struct ping_started started;
	int r = -ENOENT;

	p->resolving = 0;
	if (status || !names->count) {
		enum ping_state state = status == -EACCES  ? PING_OTHER
					: status == -EBUSY ? PING_INTERNAL
							   : PING_NO_NAME;

		failed(p, state, "the host's address is not to be had", status);
		return;
	}
	/* Not only the first: the kernel may not speak its protocol. */
	for (uint32_t i = 0; i < names->count && (r == -ENOENT || r == -EAFNOSUPPORT); i++) {
		const struct dial_addr *a = &names->addr[i];

		/* An address in digits is what it is, whatever family was asked for. */
		if (p->family && p->family != a->family)
			continue;
		p->test.target = (struct probe_addr){ .family = a->family, .scope = a->scope };
		memcpy(p->test.target.addr, a->addr, sizeof(a->addr));
		r = priv_ping_start(p->agent->priv, &p->test, &started);
	}
	if (!r)
		p->id = started.id;
	else if (r == -ENOENT)
		failed(p, PING_NO_NAME, "the host has no such address", 0);
	else if (r == -EACCES || r == -ERANGE || r == -EAFNOSUPPORT)
		failed(p, PING_OTHER, "the probe role refuses", r);
	else
		failed(p, PING_INTERNAL, "the probe role", r);
}

static void begin(struct ping *p)
{
	struct dial_resolve req = { .purpose = DIAL_FOR_DIAGNOSTICS };
	struct ping_test t;
	int r = ip_ping_test(p->agent->dm, &t);

	if (r) {
		failed(p, PING_OTHER, "Interface", r);
		return;
	}
	if (t.count > PROBE_COUNT_MAX || t.timeout_ms > PROBE_TIMEOUT_MAX_MS ||
	    t.size > PROBE_SIZE_MAX) {
		failed(p, PING_OTHER, "more than this box does in one test", 0);
		return;
	}
	p->test = (struct ping_start){ .ifindex = t.ifindex,
				       .count = t.count,
				       .timeout_ms = t.timeout_ms,
				       .size = t.size,
				       .dscp = t.dscp };
	if (!*t.host || strlen(t.host) >= sizeof(req.host)) {
		failed(p, PING_NO_NAME, "Host is no name", 0);
		return;
	}
	memcpy(req.host, t.host, strlen(t.host) + 1);
	p->family = t.family;
	req.family = (uint8_t)t.family;
	r = dial_resolve(p->agent->dial, &req, resolved, p);
	if (r < 0)
		failed(p, PING_INTERNAL, "the dialer", r);
	else
		p->resolving = r;
}

static void due(void *arg)
{
	struct ping *p = arg;

	/* Another session was quicker: its end brings us here again. */
	if (!p->wanted || in_session(p))
		return;
	p->wanted = false;
	begin(p);
}

void ping_session_ended(struct ping *p)
{
	if (p && p->wanted)
		(void)loop_timer_set(&p->agent->loop, &p->start, 0);
}

static enum ping_state verdict(const struct ping_done *d)
{
	if (d->received || !d->error)
		return PING_COMPLETE;
	return d->error == -EHOSTUNREACH || d->error == -ENETUNREACH ? PING_NO_ROUTE : PING_OTHER;
}

void ping_event(struct ping *p, enum ipc_op op, const void *payload)
{
	const struct ping_done *d = payload;
	struct ping_results results;

	/* Also the end of a test that was stopped a moment ago. */
	if (!p || op != IPC_PING_DONE || !p->id || d->id != p->id)
		return;
	p->id = 0;
	results = (struct ping_results){ .received = d->received,
					 .lost = d->lost,
					 .min_us = d->min_us,
					 .avg_us = d->avg_us,
					 .max_us = d->max_us };
	end(p, verdict(d), &results);
}

static void event_in_call(void *arg, enum ipc_op op, const void *payload, int fd)
{
	if (fd >= 0)
		close(fd);
	ping_event(arg, op, payload);
}

int ping_new(struct ping **out, struct agent *agent)
{
	struct ipc_chan *chan = agent->priv->role[IPC_PROBE];
	struct ping *p;
	int r;

	*out = NULL;
	if (!chan)
		return 0;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->agent = agent;
	loop_timer_init(&p->start, due, p);
	r = ip_ping_init(agent->dm, asked, p);
	if (r) {
		free(p);
		return r;
	}
	chan->on_event = event_in_call;
	chan->arg = p;
	*out = p;
	return 0;
}
