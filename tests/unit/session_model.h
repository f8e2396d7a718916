/* SPDX-License-Identifier: Apache-2.0 */
/* A session with an ACS that says what the test wants, and no tree. */
#pragma once

#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/cwmp/session.h"
#include "agent/cwmp/session_state.h"
#include "lib/cleanup.h"

#define URL "https://acs.example/cwmp"

static struct cwmp_events events;
static struct session *s;
static struct session_config config;
static struct action act;
static uint64_t now;

static int set_up(void **state)
{
	cwmp_events_init(&events);
	cwmp_event_raise(&events, EV_BOOT, NULL);
	config = (struct session_config){
		.url = URL,
		.offer = CWMP_UNKNOWN,
		.retry_min = 5,
		.retry_mult = 2000,
		.events = &events,
	};
	now = 1000;
	session_free(s);
	s = NULL;
	return 0;
}

static int tear_down(void **state)
{
	session_free(s);
	s = NULL;
	return 0;
}

static enum act_kind step(struct input in)
{
	in.now_ms = now;
	act = session_step(s, &in);
	return act.kind;
}

static enum act_kind plain(enum in_kind kind)
{
	return step((struct input){ .kind = kind });
}

static enum act_kind http(int status, const char *body)
{
	return step((struct input){ .kind = IN_HTTP,
				    .status = status,
				    .body = body,
				    .body_len = body ? strlen(body) : 0 });
}

__attribute__((unused)) static enum act_kind redirect(int status, const char *to)
{
	return step((struct input){ .kind = IN_HTTP, .status = status, .location = to });
}

/* What cwmp_run() would do: a body that names what was asked for. */
static enum act_kind run(void)
{
	assert_int_equal(act.kind, ACT_RUN);
	if (act.run != RUN_ANSWERED) {
		buf_puts(&s->out, act.run == RUN_CALL ? cwmp_call_names[s->calls[s->call].call]
						      : s->msg.method);
		buf_printf(&s->out, " %u", s->id);
	}
	return plain(IN_RUN_DONE);
}

__attribute__((unused)) static void posted(const char *body)
{
	assert_int_equal(act.kind, ACT_POST);
	assert_int_equal(act.body_len, strlen(body));
	assert_memory_equal(act.body_len ? act.body : "", body, strlen(body));
}

__attribute__((unused)) static void failed(const char *why)
{
	assert_int_equal(act.kind, ACT_END);
	assert_int_equal(act.outcome, END_FAILED);
	if (!strstr(act.why, why))
		fail_msg("%s: not %s", act.why, why);
	assert_true(act.retry_wait_ms >= 5000);
}

#define ENVELOPE(ns, head, body)                                                              \
	"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' "                    \
	"xmlns:c='urn:dslforum-org:cwmp-1-" ns "'><s:Header>" head "</s:Header><s:Body>" body \
	"</s:Body></s:Envelope>"
#define RESPONSE(x) ENVELOPE("2", "", "<c:" x "Response/>")
#define HOLD "<c:HoldRequests s:mustUnderstand='1'>1</c:HoldRequests>"
#define REQUEST ENVELOPE("2", "<c:ID s:mustUnderstand='1'>r1</c:ID>", "<c:GetRPCMethods/>")
#define FAULT(code)                                                                            \
	ENVELOPE("2", "",                                                                      \
		 "<s:Fault><faultcode>Server</faultcode><faultstring>CWMP fault</faultstring>" \
		 "<detail><c:Fault><FaultCode>" code "</FaultCode><FaultString>because"        \
		 "</FaultString></c:Fault></detail></s:Fault>")
#define SOAP_FAULT_ONLY \
	ENVELOPE("2", "", "<s:Fault><faultcode>VersionMismatch</faultcode></s:Fault>")

static void start(void)
{
	session_free(s);
	s = session_new(&config);
	assert_non_null(s);
	assert_int_equal(plain(IN_START), ACT_DIAL);
}

static void until_inform(void)
{
	start();
	assert_string_equal(act.url, URL);
	assert_int_equal(plain(IN_DIALED), ACT_RUN);
	assert_int_equal(act.run, RUN_CALL);
	assert_int_equal(run(), ACT_POST);
	posted("Inform 1");
}

/* The InformResponse has been looked at; what comes next is in act. */
static void informed(void)
{
	until_inform();
	assert_int_equal(http(200, RESPONSE("Inform")), ACT_RUN);
	assert_int_equal(act.run, RUN_ANSWERED);
	run();
}

__attribute__((unused)) static void until_empty_post(void)
{
	informed();
	posted("");
}

__attribute__((unused)) static void with_calls(const struct cwmp_own_call *calls, size_t n)
{
	config.calls = calls;
	config.ncalls = n;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
