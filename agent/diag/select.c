/* SPDX-License-Identifier: Apache-2.0 */
/* Drives Device.IP.Diagnostics.ServerSelectionDiagnostics.: pings one host after the other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/diag/parts.h"
#include "agent/diag/probe.h"
#include "agent/priv.h"
#include "agent/tr181/diag.h"
#include "agent/tr181/server_selection.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/text.h"

#define SIZE 56 /* octets, as ping sends them: the object does not say */

struct selection {
	struct server_selection rows;
	struct probe_run run;
	struct ping_start test;
	struct loop_timer next; /* one more host, or the end */
	unsigned int family;
	uint32_t at, nhosts;
	bool asked;	       /* the role has asked at least one */
	enum diag_state state; /* of the host that could not be asked last */
	char host[SELECT_HOSTS_MAX][DIAL_HOST_MAX];
};

static struct selection *selection_of(struct diag *d)
{
	return (struct selection *)d; /* the first member of its first member */
}

static void go_on(struct selection *s)
{
	(void)loop_timer_set(&diag_agent(&s->rows.diag)->loop, &s->next, 0);
}

static void ask_next(void *arg)
{
	struct selection *s = arg;

	if (s->at < s->nhosts)
		probe_run_begin(&s->run, s->host[s->at++], s->family);
	else
		diag_end(&s->rows.diag, s->asked ? DIAG_COMPLETE : s->state, NULL, 0);
}

static int start(struct probe_run *run, const struct probe_addr *target, uint32_t *id)
{
	struct selection *s = selection_of(run->diag);
	struct probe_started started = { .id = 0 };
	int r;

	s->test.test.target = *target;
	r = priv_ping_start(diag_agent(run->diag)->priv, &s->test, &started);
	*id = started.id;
	return r;
}

/* The others may still be asked. */
static void failed(struct probe_run *run, enum diag_state state, const char *why, int r)
{
	struct selection *s = selection_of(run->diag);

	log_notice("ServerSelectionDiagnostics: host %u: %s%s%s", s->at, why, r ? ": " : "",
		   r ? strerror(-r) : "");
	s->state = state == DIAG_NO_ROUTE ? DIAG_OTHER : state;
	go_on(s);
}

static void event(struct diag *d, enum ipc_op op, const void *payload)
{
	struct selection *s = selection_of(d);
	const struct ping_done *done = payload;
	struct server_selection *rows = &s->rows;

	if (op != IPC_PING_DONE || !probe_run_is(&s->run, done->id))
		return;
	s->run.id = 0;
	s->asked = true;
	if (done->received && (!*rows->fastest || done->avg_us < rows->best.avg_us)) {
		rows->best = *done;
		memcpy(rows->fastest, s->host[s->at - 1], sizeof(rows->fastest));
	}
	go_on(s);
}

/* false: an item that is no host. */
static bool take_hosts(struct selection *s, const char *list)
{
	for (s->nhosts = 0; *list && s->nhosts < SELECT_HOSTS_MAX; s->nhosts++) {
		size_t n = strcspn(list, ",");

		if (!text_copy(s->host[s->nhosts], sizeof(s->host[0]), list, n))
			return false;
		list += n;
		list += strspn(list, ", ");
	}
	return s->nhosts != 0;
}

static void begin(struct diag *d)
{
	const struct dm_inst *in = diag_inst(d);
	struct selection *s = selection_of(d);
	uint64_t count = dm_uint(in, "NumberOfRepetitions"), timeout = dm_uint(in, "Timeout");
	int r = diag_interface(in, &s->test.test.ifindex);

	if (r) {
		diag_end(d, DIAG_OTHER, "Interface", r);
		return;
	}
	if (count > PROBE_COUNT_MAX || timeout > PROBE_TIMEOUT_MAX_MS) {
		diag_end(d, DIAG_OTHER, "more than this box does in one test", 0);
		return;
	}
	s->test.count = (uint32_t)count;
	s->test.test.timeout_ms = (uint32_t)timeout;
	s->test.test.size = SIZE;
	s->family = diag_family(in);
	s->at = 0;
	s->asked = false;
	if (take_hosts(s, dm_str(in, "HostList", NULL)))
		ask_next(s);
	else
		diag_end(d, DIAG_NO_NAME, "HostList is no list of hosts", 0);
}

static void stop(struct diag *d)
{
	struct selection *s = selection_of(d);

	loop_timer_clear(&diag_agent(d)->loop, &s->next);
	probe_run_stop(&s->run);
}

static bool sound(const struct diag *d)
{
	const struct server_selection *rows = (const void *)d;

	return memchr(rows->fastest, '\0', sizeof(rows->fastest)) != NULL;
}

int diag_select_new(struct diags *all)
{
	static const struct diag_ops ops = { .name = "ServerSelectionDiagnostics",
					     .object = &server_selection,
					     .size = sizeof(struct server_selection),
					     .begin = begin,
					     .stop = stop,
					     .sound = sound,
					     .event = event };
	struct selection *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->run = (struct probe_run){ .diag = &s->rows.diag, .start = start, .failed = failed };
	loop_timer_init(&s->next, ask_next, s);
	diags_add(all, &s->rows.diag, &ops);
	return 0;
}
