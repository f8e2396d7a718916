/* SPDX-License-Identifier: Apache-2.0 */
/* One session: performs what the session machine asks for and reports back. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "agent/client_parts.h"
#include "agent/diag/diag.h"
#include "agent/http/client.h"
#include "agent/tr181/agent_status.h"
#include "agent/tr181/dns_client.h"
#include "agent/transfer/transfer.h"
#include "agent/tree/tree.h"
#include "agent/trial.h"
#include "lib/audit.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/rand.h"

static void perform(struct client *c, struct action act);

static struct input make_input(enum in_kind kind)
{
	return (struct input){ .kind = kind,
			       .now_ms = clock_mono_ms(),
			       .random = rand_below(UINT32_MAX) };
}

static void advance(struct client *c, const struct input *in)
{
	perform(c, session_step(c->session, in));
}

static void set_time(struct cwmp_env *env)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	env->time_known = clock_synced();
	env->unix_us = (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
	env->uptime_s = clock_mono_ms() / 1000;
}

/* The ACS is not who it must be, or does not take us for who we are. */
static void leave_line(const struct client *c, const struct http_reply *reply)
{
	if (reply->error == HTTP_ETLS)
		audit("acs_tls", AUDIT_REFUSED, "url", http_session_url(c->http), "reason",
		      reply->why);
	else if (!reply->error && reply->status == 401)
		audit("acs_login", AUDIT_REFUSED, "url", http_session_url(c->http), "reason",
		      "the ACS does not take the credentials");
}

static void on_reply(void *arg, const struct http_reply *reply)
{
	struct client *c = arg;
	bool dialed = c->dialing;
	struct input in;

	c->dialing = false;
	leave_line(c, reply);
	if (reply->error) {
		in = make_input(reply->error == HTTP_ETIMEOUT ? IN_TIMEOUT : IN_CLOSED);
		in.why = reply->why;
	} else if (dialed) {
		/* Before the Inform is written, which has to name this address. */
		client_connreq_local(c, http_session_local(c->http));
		in = make_input(IN_DIALED);
	} else {
		client_confirm_answered(c);
		in = make_input(IN_HTTP);
		in.status = reply->status;
		in.retry_after = reply->retry_after;
		in.location = reply->location;
		in.body = buf_str(reply->body);
		in.body_len = reply->body->len;
	}
	advance(c, &in);
}

static void log_events(const struct client *c)
{
	char text[256] = "";
	size_t n = 0;

	for (size_t i = 0; i < c->events.n && n < sizeof(text); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i ? ", " : "",
				      cwmp_event_rows[c->events.v[i].event].code);
	log_info("session with %s: %s", http_session_url(c->http), text);
}

static void keep_end(struct client *c, const struct action *act)
{
	if (act->outcome == END_OK) {
		c->last_error[0] = '\0';
		log_info("session done: %u requests in %u ms", session_requests(c->session),
			 (unsigned int)(clock_mono_ms() - c->began_ms));
		return;
	}
	snprintf(c->last_error, sizeof(c->last_error), "%s", act->why);
	log_warn("session failed: %s", act->why);
}

static void end_session(struct client *c, const struct action *act)
{
	struct http_session *http = c->http;
	struct session *session = c->session;
	unsigned int changed = c->changed;
	bool synced = clock_synced(), well = act->outcome == END_OK;
	bool contacted = session_informed(session);

	keep_end(c, act);
	client_record_save(c);
	if (session_offer(session) != CWMP_UNKNOWN)
		c->offer = session_offer(session);
	cwmp_events_session_end(&c->events);
	dm_session_end(c->agent->dm);
	cwmp_schedule_ended(&c->schedule, &c->events, well, clock_mono_ms(), act->retry_wait_ms);
	if (well)
		agent_status_good(c->agent->dm);
	else
		agent_status_failed(c->agent->dm, act->why, clock_mono_ms() + act->retry_wait_ms);
	if (!well && c->events.n)
		log_info("next try in %u ms, number %u", (unsigned int)act->retry_wait_ms,
			 c->schedule.failures);
	c->session = NULL;
	c->http = NULL;
	c->changed = 0;
	session_free(session);
	http_session_free(http); /* closes the connection: the session is over for the ACS too */
	/* Only now a phase can be kept to. */
	if (synced && !c->synced)
		changed |= MS_PERIODIC;
	c->synced = synced;
	client_settings(c, changed);
	if (!well)
		client_discovery_failed(c, contacted);
	client_record_save(c);
	client_confirm_ended(c);
	client_arm(c);
	diags_session_ended(c->agent->diags);
#ifdef CONFIG_ROLE_FLASH
	trial_watch_session(c->agent->trial, well);
#endif
	client_command_run(c);
	transfers_session_ended(c->agent->transfers);
}

static int run(struct client *c, const struct action *act)
{
	int r;

	set_time(&c->env);
	r = cwmp_run(&c->env, c->session, act);
	/* What the ACS has confirmed must not be told again after a crash. */
	if (act->run == RUN_ANSWERED)
		client_record_save(c);
	return r;
}

static void perform(struct client *c, struct action act)
{
	for (;;) {
		struct input in;

		switch (act.kind) {
		case ACT_DIAL:
			c->dialing = true;
			http_session_open(c->http, act.url, act.timeout_s);
			return;
		case ACT_POST:
			http_session_post(c->http, act.body, act.body_len, act.timeout_s);
			return;
		case ACT_RUN:
			in = make_input(IN_RUN_DONE);
			in.result = run(c, &act);
			act = session_step(c->session, &in);
			break;
		case ACT_END:
			end_session(c, &act);
			return;
		}
	}
}

static void cannot_begin(struct client *c, int r)
{
	const struct ms_settings *ms = ms_settings(c->agent->dm);

	log_err("cannot begin a session: %s", strerror(-r));
	session_free(c->session);
	http_session_free(c->http);
	c->session = NULL;
	c->http = NULL;
	cwmp_events_session_end(&c->events);
	cwmp_schedule_ended(&c->schedule, &c->events, false, clock_mono_ms(),
			    (uint64_t)ms->retry_min_wait * 1000);
	client_arm(c);
}

void client_session_begin(struct client *c)
{
	const struct ms_settings *ms = ms_settings(c->agent->dm);
	static struct cwmp_own_call calls[CWMP_CALLS_MAX];
	struct session_config cfg = { .url = ms->url,
				      .offer = c->offer,
				      .retry_count = c->schedule.failures,
				      .retry_min = ms->retry_min_wait,
				      .retry_mult = ms->retry_multiplier,
				      .https_only = !c->agent->set.allow_http,
				      .events = &c->events,
				      .calls = calls,
				      .ncalls = cwmp_calls_plan(&c->env, calls) };
	struct input in = make_input(IN_START);
	int r;

	c->began_ms = in.now_ms;
	snprintf(c->url, sizeof(c->url), "%s", ms->url);
	cwmp_schedule_started(&c->schedule);
	client_confirm_session(c);
	/* What has no event of its own is looked at now, so that this Inform tells it. */
	dm_sample(c->agent->dm);
	cwmp_events_sent(&c->events);
	c->env.retry_count = c->schedule.failures;
	c->session = session_new(&cfg);
	r = c->session ? http_session_new(&c->http, c->agent->http, ms->username, ms->password,
					  on_reply, c)
		       : -ENOMEM;
	if (r) {
		cannot_begin(c, r);
		return;
	}
	dm_session_begin(c->agent->dm);
	dns_client_look(c->agent->dm);
	advance(c, &in);
	if (c->http)
		log_events(c);
}
