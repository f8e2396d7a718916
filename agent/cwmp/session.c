/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/cwmp/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/cwmp/retry.h"
#include "agent/cwmp/session_state.h"

static const char *const state_names[ST_STATES] = {
	[ST_NEW] = "new",	  [ST_DIALING] = "dialing", [ST_CALLING] = "calling",
	[ST_WAITING] = "waiting", [ST_TAKING] = "taking",   [ST_ANSWERING] = "answering",
	[ST_OVER] = "over",
};

static const char *const input_names[IN_KINDS] = {
	[IN_START] = "start",	   [IN_DIALED] = "dialed", [IN_HTTP] = "HTTP response",
	[IN_TIMEOUT] = "time-out", [IN_CLOSED] = "closed", [IN_RUN_DONE] = "done",
};

struct session *session_new(const struct session_config *cfg)
{
	struct session *s;

	if (!cfg->url || strlen(cfg->url) > CWMP_URL_MAX || cfg->ncalls > CWMP_CALLS_MAX)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->reader = soap_reader_new();
	if (!s->reader) {
		free(s);
		return NULL;
	}
	s->cfg = *cfg;
	memcpy(s->url, cfg->url, strlen(cfg->url) + 1);
	s->calls[0].call = CALL_INFORM;
	for (size_t i = 0; i < cfg->ncalls; i++)
		s->calls[i + 1] = cfg->calls[i];
	s->ncalls = cfg->ncalls + 1;
	s->offer = cfg->offer == CWMP_UNKNOWN ? CWMP_NEWEST : cfg->offer;
	s->version = CWMP_UNKNOWN;
	s->timeout_s = CWMP_TIMEOUT_S;
	buf_init(&s->out, CWMP_REPLY_MAX);
	return s;
}

void session_free(struct session *s)
{
	if (!s)
		return;
	soap_reader_free(s->reader);
	buf_wipe(&s->out); /* values may be nobody else's business */
	free(s);
}

uint8_t session_offer(const struct session *s)
{
	return s->informed ? s->offer : CWMP_UNKNOWN;
}

bool session_informed(const struct session *s)
{
	return s->informed;
}

uint32_t session_requests(const struct session *s)
{
	return s->requests;
}

static struct action over(struct session *s, struct action end)
{
	cwmp_events_session_end(s->cfg.events);
	s->state = ST_OVER;
	s->end = end;
	return end;
}

struct action session_fail(struct session *s, const struct input *in, const char *fmt, ...)
{
	struct action end = { .kind = ACT_END, .outcome = END_FAILED, .why = s->why };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
	end.retry_wait_ms = cwmp_retry_wait_ms(s->cfg.retry_count + 1, s->cfg.retry_min,
					       s->cfg.retry_mult, in->random, in->retry_after);
	over(s, end);
	if (s->informed)
		cwmp_events_session_again(s->cfg.events);
	return end;
}

static struct action end_ok(struct session *s)
{
	return over(s, (struct action){ .kind = ACT_END, .outcome = END_OK });
}

static struct action dial(struct session *s)
{
	s->state = ST_DIALING;
	return (struct action){ .kind = ACT_DIAL, .url = s->url, .timeout_s = s->timeout_s };
}

struct action session_post(struct session *s)
{
	s->state = ST_WAITING;
	return (struct action){
		.kind = ACT_POST,
		.body = s->out.data,
		.body_len = s->out.len,
		.timeout_s = s->timeout_s,
	};
}

static struct action run(struct session *s, enum session_state state, enum session_run what)
{
	s->state = state;
	return (struct action){ .kind = ACT_RUN, .run = what };
}

static struct action write_call(struct session *s)
{
	buf_reset(&s->out);
	s->id++;
	return run(s, ST_CALLING, RUN_CALL);
}

struct action session_go_on(struct session *s)
{
	/* All own calls go before the empty POST: some servers refuse them after it. */
	if (s->call < s->ncalls && !s->hold)
		return write_call(s);
	buf_reset(&s->out);
	return session_post(s);
}

bool session_fall_back(struct session *s, struct action *next)
{
	if (s->informed || s->cfg.offer != CWMP_UNKNOWN || s->fell_back || s->offer == CWMP_1_0)
		return false;
	s->fell_back = true;
	s->offer = CWMP_1_0;
	s->owed = false;
	buf_reset(&s->out);
	*next = dial(s);
	return true;
}

static struct action redirected(struct session *s, const struct input *in)
{
	const char *refused;

	if (!in->location)
		return session_fail(s, in, "HTTP %d without Location", in->status);
	if (++s->redirects > CWMP_REDIRECTS_MAX)
		return session_fail(s, in, "more than %d redirects in a row", CWMP_REDIRECTS_MAX);
	refused = session_redirect_refused(s->url, in->location, s->cfg.https_only);
	if (refused) {
		session_audit_url("redirect", "to", in->location, refused);
		return session_fail(s, in, "redirect refused: %s", refused);
	}
	memcpy(s->url, in->location, strlen(in->location) + 1);
	/* What was posted is posted again there; ManagementServer.URL stays what it is. */
	return dial(s);
}

static struct action nothing_from_acs(struct session *s, const struct input *in)
{
	if (s->owed)
		return session_fail(s, in, "empty answer where %sResponse was due",
				    cwmp_call_names[s->calls[s->call].call]);
	s->hold = false;
	s->unreadable = false;
	if (s->call < s->ncalls) /* held back until now */
		return session_go_on(s);
	return end_ok(s);
}

/* Some servers end an empty answer with a line feed. */
static bool blank(const char *body, size_t len)
{
	while (len && strchr(" \t\r\n", body[len - 1]) && body[len - 1])
		len--;
	return !len;
}

/* SOAP 1.1 sends faults with status 500; a CWMP ACS should not, but some do. */
static bool is_cwmp_fault(struct session *s, const struct input *in)
{
	return in->status == 500 && in->body_len &&
	       soap_read(s->reader, in->body, in->body_len, &s->msg) == SOAP_OK &&
	       s->msg.kind == SOAP_FAULT && s->msg.fault_code;
}

static struct action http(struct session *s, const struct input *in)
{
	struct action next;

	if (in->status == 302 || in->status == 307)
		return redirected(s, in);
	s->redirects = 0;
	if (in->status == 204 || (in->status == 200 && blank(in->body, in->body_len)))
		return nothing_from_acs(s, in);
	if (in->status == 200 || is_cwmp_fault(s, in))
		return session_envelope(s, in);
	if ((in->status == 500 || in->status == 400) && session_fall_back(s, &next))
		return next;
	return session_fail(s, in, "HTTP %d", in->status);
}

static struct action start(struct session *s, const struct input *in)
{
	const char *refused = session_redirect_refused(s->url, s->url, s->cfg.https_only);

	s->started_ms = in->now_ms;
	if (refused) {
		session_audit_url("acs_url", "url", s->url, refused);
		return session_fail(s, in, "ACS URL refused: %s", refused);
	}
	/* From here on these events have had their try, even when the dial fails. */
	cwmp_events_sent(s->cfg.events);
	return dial(s);
}

static struct action dialed(struct session *s)
{
	/* After a redirect the buffer (or its emptiness) is what has to be posted. */
	if (!s->informed && !s->owed)
		return write_call(s);
	return session_post(s);
}

static struct action done(struct session *s, const struct input *in)
{
	if (in->result)
		return session_fail(s, in, "%s: %s", state_names[s->state], strerror(-in->result));
	switch (s->state) {
	case ST_CALLING:
		s->owed = true;
		return session_post(s);
	case ST_TAKING:
		s->call++;
		return session_go_on(s);
	default:
		return session_post(s);
	}
}

struct action session_step(struct session *s, const struct input *in)
{
	bool running = s->state == ST_CALLING || s->state == ST_TAKING || s->state == ST_ANSWERING;

	if (s->state == ST_OVER)
		return s->end;
	if (s->state != ST_NEW && in->now_ms - s->started_ms > CWMP_SESSION_MAX_S * UINT64_C(1000))
		return session_fail(s, in, "longer than %d s", CWMP_SESSION_MAX_S);
	if (in->kind == IN_START && s->state == ST_NEW)
		return start(s, in);
	if (in->kind == IN_DIALED && s->state == ST_DIALING)
		return dialed(s);
	if (in->kind == IN_HTTP && s->state == ST_WAITING)
		return http(s, in);
	if (in->kind == IN_RUN_DONE && running)
		return done(s, in);
	if (in->kind == IN_TIMEOUT && (s->state == ST_WAITING || s->state == ST_DIALING))
		return session_fail(s, in, "no answer within %u s", s->timeout_s);
	if (in->kind == IN_CLOSED)
		return session_fail(s, in, "%s", in->why ? in->why : "connection closed");
	return session_fail(s, in, "%s while %s",
			    in->kind < IN_KINDS ? input_names[in->kind] : "nonsense",
			    state_names[s->state]);
}
