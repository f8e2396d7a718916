/* SPDX-License-Identifier: Apache-2.0 */
/* sallyportctl transfers, history, confirm, log TEXT. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "agent/agent.h"
#include "agent/ctl_verbs.h"
#include "agent/transfer/transfer.h"
#include "lib/num.h"

static void number(char out[24], uint64_t v)
{
	if (v == UINT64_MAX)
		out[0] = '\0';
	else
		(void)snprintf(out, 24, "%" PRIu64, v);
}

static void put(void *arg, const struct transfer_status *s)
{
	char id[24], bytes[24], total[24], what[128], state[48], text[256];

	number(id, s->id);
	number(bytes, s->running ? s->bytes : UINT64_MAX);
	number(total, s->total);
	(void)snprintf(what, sizeof(what), "%s of %s", s->kind, s->type);
	if (s->asks)
		(void)snprintf(state, sizeof(state), "asks for confirmation");
	else if (s->wait_s > 0)
		(void)snprintf(state, sizeof(state), "%s for %" PRId64 " s", s->state, s->wait_s);
	else
		(void)snprintf(state, sizeof(state), "%s", s->state);
	text[0] = '\0';
	if (s->fault)
		(void)snprintf(text, sizeof(text), "fault %u: %s", s->fault, s->why);
	ctl_reply_put(arg, CTL_TRANSFER, 7,
		      (const char *[]){ id, what, state, bytes, total, s->key,
					s->asks && !*text ? s->message : text },
		      NULL);
}

void ctl_transfers_put(struct agent *agent, struct ctl_reply *r)
{
	transfers_status(agent->transfers, put, r);
}

static void put_past(void *arg, const struct transfer_past *p)
{
	char id[24], what[128], state[48] = "ended", text[256];
	time_t ended = (time_t)p->ended;
	struct tm tm;

	number(id, p->number);
	(void)snprintf(what, sizeof(what), "%s of %s", p->kind, p->type);
	if (ended && gmtime_r(&ended, &tm))
		(void)strftime(state, sizeof(state), "%Y-%m-%dT%H:%M:%SZ", &tm);
	(void)snprintf(text, sizeof(text), "%s", *p->why ? p->why : "done");
	if (p->fault)
		(void)snprintf(text, sizeof(text), "fault %u: %s", p->fault, p->why);
	ctl_reply_put(arg, CTL_TRANSFER, 7,
		      (const char *[]){ id, what, state, "", "", p->key, text }, NULL);
}

void ctl_history_put(struct agent *agent, struct ctl_reply *r)
{
	transfers_history(agent->transfers, put_past, r);
}

static void put_line(void *arg, const char *line)
{
	ctl_reply_put(arg, CTL_LINE, 1, &line, NULL);
}

void ctl_log_search(struct agent *agent, const char *text, struct ctl_reply *r)
{
	transfers_log_search(agent->transfers, text, put_line, r);
}
