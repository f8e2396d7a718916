/* SPDX-License-Identifier: Apache-2.0 */
/* What an envelope of the ACS does to a session. */
#include <stdio.h>
#include <string.h>

#include "agent/cwmp/handlers.h"
#include "agent/cwmp/session_state.h"
#include "agent/soap/write.h"
#include "lib/audit.h"
#include "lib/log.h"

static uint8_t answer_version(const struct session *s)
{
	return s->msg.version == CWMP_UNKNOWN ? s->version : s->msg.version;
}

static struct action soap_fault(struct session *s, const char *code, const char *text)
{
	audit("message", AUDIT_REFUSED, "reason", text);
	buf_reset(&s->out);
	soap_write_fault(&s->out, answer_version(s), s->msg.id, s->msg.id_len, code, text);
	return session_post(s);
}

static bool one_more_request(struct session *s)
{
	return ++s->requests <= CWMP_REQUESTS_MAX;
}

static struct action too_many(struct session *s, const struct input *in)
{
	return session_fail(s, in, "more than %d requests", CWMP_REQUESTS_MAX);
}

static struct action too_much(struct session *s, const struct input *in, const char *text)
{
	struct soap_writer w;

	if (!one_more_request(s))
		return too_many(s, in);
	audit("message", AUDIT_REFUSED, "reason", text);
	buf_reset(&s->out);
	soap_begin(&w, &s->out, answer_version(s), s->msg.id, s->msg.id_len);
	rpc_write_fault(&w, FAULT_RESOURCES, text, NULL);
	soap_end(&w);
	return session_post(s);
}

/* One that can't be read may have been a request; the ACS is told once, then we hang up. */
static struct action unreadable(struct session *s, const struct input *in, enum soap_error e)
{
	const char *why = soap_why(s->reader);

	if (s->owed || s->unreadable || e == SOAP_EMEMORY)
		return session_fail(s, in, "unreadable answer: %s", why);
	if (e == SOAP_ELIMIT)
		return too_much(s, in, why);
	s->unreadable = true;
	return soap_fault(s, e == SOAP_EVERSION ? "VersionMismatch" : "Client", why);
}

static struct action not_understood(struct session *s)
{
	char text[160];

	snprintf(text, sizeof(text), "header %.64s not understood", s->msg.not_understood);
	return soap_fault(s, "MustUnderstand", text);
}

static uint8_t parse_version(const char *text)
{
	if (strlen(text) == 3 && text[0] == '1' && text[1] == '.' && text[2] >= '0' &&
	    text[2] <= '0' + CWMP_NEWEST)
		return (uint8_t)(text[2] - '0');
	return CWMP_UNKNOWN;
}

/* TR-069 A6 3.7.2.1: UseCWMPVersion, else what the answer's namespace and headers tell. */
static uint8_t agreed_version(const struct soap_msg *m)
{
	if (m->use_version)
		return parse_version(m->use_version);
	return m->version == CWMP_1_2 && m->has_session_timeout ? CWMP_1_3 : m->version;
}

static bool more_like_it(const struct session *s)
{
	for (size_t i = s->call + 1; i < s->ncalls; i++)
		if (s->calls[i].call == s->calls[s->call].call)
			return true;
	return false;
}

static struct action take(struct session *s)
{
	s->owed = false;
	s->repeats = 0;
	s->state = ST_TAKING;
	return (struct action){ .kind = ACT_RUN, .run = RUN_ANSWERED };
}

static struct action response(struct session *s, const struct input *in)
{
	const struct cwmp_own_call *call = &s->calls[s->call];
	const char *name = cwmp_call_names[call->call];

	if (!s->owed || s->msg.body->ns != SOAP_NS_CWMP || strlen(name) != s->msg.method_len ||
	    memcmp(name, s->msg.method, s->msg.method_len))
		return session_fail(s, in, "unexpected %.64s", s->msg.method);
	if (s->call == 0) {
		s->version = agreed_version(&s->msg);
		if (s->version == CWMP_UNKNOWN)
			return session_fail(s, in,
					    "the ACS wants a version that we don't speak: %.16s",
					    s->msg.use_version ? s->msg.use_version : "unknown");
		s->informed = true;
	}
	cwmp_events_delivered(s->cfg.events, call->call, *call->key ? call->key : NULL,
			      more_like_it(s));
	return take(s);
}

static struct action fault(struct session *s, const struct input *in)
{
	uint32_t code = s->msg.fault_code;
	struct action next;

	if (!s->owed)
		return session_fail(s, in, "fault %u out of turn: %.96s", code, s->msg.fault_text);
	if (code == 8005 && s->repeats++ < CWMP_REPEATS_MAX) {
		s->owed = false;
		s->hold = false;
		return session_go_on(s);
	}
	/* An ACS of 2006 may answer so to a namespace or a header that it has never seen. */
	if ((!code || code == 8000 || code == 8003) && session_fall_back(s, &next))
		return next;
	if (s->call == 0 || code == 8005)
		return session_fail(s, in, "fault %u to %s: %.96s", code,
				    cwmp_call_names[s->calls[s->call].call], s->msg.fault_text);
	/* It will never learn this call: without this the event would come again for ever. */
	if (code == 8000)
		cwmp_events_drop(s->cfg.events, s->calls[s->call].call);
	return take(s);
}

static struct action request(struct session *s, const struct input *in)
{
	if (!s->informed)
		return session_fail(s, in, "%.64s before the InformResponse", s->msg.method);
	if (!one_more_request(s))
		return too_many(s, in);
	if (s->msg.not_understood)
		return not_understood(s);
	buf_reset(&s->out);
	s->state = ST_ANSWERING;
	return (struct action){ .kind = ACT_RUN, .run = RUN_REQUEST };
}

struct action session_envelope(struct session *s, const struct input *in)
{
	enum soap_error e = soap_read(s->reader, in->body, in->body_len, &s->msg);

	if (e)
		return unreadable(s, in, e);
	s->unreadable = false;
	s->hold = s->msg.hold_requests;
	if (s->msg.has_session_timeout && s->msg.session_timeout)
		s->timeout_s = s->msg.session_timeout < CWMP_TIMEOUT_MAX_S ? s->msg.session_timeout
									   : CWMP_TIMEOUT_MAX_S;
	if (s->msg.kind == SOAP_CALL)
		return request(s, in);
	if (s->msg.not_understood)
		return session_fail(s, in, "header %.64s not understood", s->msg.not_understood);
	return s->msg.kind == SOAP_FAULT ? fault(s, in) : response(s, in);
}
