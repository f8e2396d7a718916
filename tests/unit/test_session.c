/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/session_model.h"

static void T028_empty_answer_to_the_empty_post_ends_a_session(void **state)
{
	static const int statuses[] = { 200, 204 };

	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		set_up(state);
		until_empty_post();
		assert_int_equal(events.n, 0);
		assert_int_equal(http(statuses[i], i ? NULL : "\r\n"), ACT_END);
		assert_int_equal(act.outcome, END_OK);
		assert_true(session_informed(s));
		tear_down(state);
	}
}

static void requests_are_run_and_answered_in_order(void **state)
{
	until_empty_post();
	for (int i = 0; i < 3; i++) {
		assert_int_equal(http(200, REQUEST), ACT_RUN);
		assert_int_equal(act.run, RUN_REQUEST);
		assert_string_equal(s->msg.id, "r1");
		assert_int_equal(run(), ACT_POST);
		posted("GetRPCMethods 1");
	}
	assert_int_equal(session_requests(s), 3);
	assert_int_equal(http(204, NULL), ACT_END);
	assert_int_equal(act.outcome, END_OK);
}

static void own_calls_go_before_the_empty_post(void **state)
{
	static const struct cwmp_own_call calls[] = { { CALL_GET_RPC_METHODS, 0, "" },
						      { CALL_TRANSFER_COMPLETE, 7, "a" },
						      { CALL_TRANSFER_COMPLETE, 8, "b" } };

	cwmp_event_raise(&events, EV_TRANSFER_COMPLETE, NULL);
	cwmp_event_raise(&events, EV_M_DOWNLOAD, "a");
	cwmp_event_raise(&events, EV_M_DOWNLOAD, "b");
	with_calls(calls, 3);
	informed();
	assert_int_equal(run(), ACT_POST);
	posted("GetRPCMethods 2");
	assert_int_equal(http(200, RESPONSE("GetRPCMethods")), ACT_RUN);
	run();
	assert_int_equal(run(), ACT_POST);
	posted("TransferComplete 3");
	assert_int_equal(http(200, RESPONSE("TransferComplete")), ACT_RUN);
	/* 7 TRANSFER COMPLETE stays for the second */
	assert_int_equal(events.n, 2);
	run();
	assert_int_equal(run(), ACT_POST);
	assert_int_equal(http(200, RESPONSE("TransferComplete")), ACT_RUN);
	assert_int_equal(events.n, 0);
	run();
	posted("");
}

static void T032_hold_requests_delays_own_calls_only(void **state)
{
	static const struct cwmp_own_call calls[] = { { CALL_TRANSFER_COMPLETE, 0, "" } };

	with_calls(calls, 1);
	until_inform();
	assert_int_equal(http(200, ENVELOPE("2", HOLD, "<c:InformResponse/>")), ACT_RUN);
	run();
	posted("");
	assert_int_equal(http(200, ENVELOPE("2", HOLD, "<c:GetRPCMethods/>")), ACT_RUN);
	run();
	posted("GetRPCMethods 1");
	/* No header in an empty answer: no longer held */
	assert_int_equal(http(200, NULL), ACT_RUN);
	assert_int_equal(act.run, RUN_CALL);
	run();
	posted("TransferComplete 2");
	assert_int_equal(http(200, RESPONSE("TransferComplete")), ACT_RUN);
	run();
	posted("");
	assert_int_equal(http(204, NULL), ACT_END);
	assert_int_equal(act.outcome, END_OK);
}

static void session_does_not_end_well_while_an_answer_is_owed(void **state)
{
	static const struct cwmp_own_call calls[] = { { CALL_TRANSFER_COMPLETE, 0, "" } };

	until_inform();
	http(200, NULL);
	failed("empty answer where InformResponse was due");
	assert_int_equal(events.n, 1);
	tear_down(state);
	set_up(state);
	with_calls(calls, 1);
	informed();
	run();
	http(204, NULL);
	failed("empty answer where TransferCompleteResponse was due");
}

static void acs_may_ask_before_it_answers_our_call(void **state)
{
	static const struct cwmp_own_call calls[] = { { CALL_TRANSFER_COMPLETE, 0, "" } };

	with_calls(calls, 1);
	informed();
	run();
	posted("TransferComplete 2");
	assert_int_equal(http(200, REQUEST), ACT_RUN);
	assert_int_equal(act.run, RUN_REQUEST);
	run();
	assert_int_equal(http(200, RESPONSE("TransferComplete")), ACT_RUN);
	assert_int_equal(act.run, RUN_ANSWERED);
	run();
	posted("");
}

static void nothing_but_the_inform_response_opens_a_session(void **state)
{
	static const struct {
		const char *body, *why;
	} cases[] = {
		{ REQUEST, "GetRPCMethods before the InformResponse" },
		{ RESPONSE("TransferComplete"), "unexpected TransferCompleteResponse" },
		{ RESPONSE("InformX"), "unexpected InformXResponse" },
		{ ENVELOPE("2", "", "<InformResponse/>"), "unexpected InformResponse" },
		{ FAULT("8002"), "fault 8002 to Inform: because" },
		{ FAULT("8006"), "fault 8006" },
		{ "<html/>", "unreadable answer: not a SOAP envelope" },
		{ "garbage", "unreadable answer" },
		{ ENVELOPE("2", "<x:N xmlns:x='u' s:mustUnderstand='1'/>", "<c:InformResponse/>"),
		  "header N not understood" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		set_up(state);
		until_inform();
		http(200, cases[i].body);
		failed(cases[i].why);
		assert_false(session_informed(s));
		/* not lost */
		assert_int_equal(events.n, 1);
		assert_false(events.v[0].sent);
		tear_down(state);
	}
}

static void T027_8005_repeats_the_call_in_the_session(void **state)
{
	char id[32];

	until_inform();
	for (unsigned i = 0; i < CWMP_REPEATS_MAX; i++) {
		assert_int_equal(http(200, FAULT("8005")), ACT_RUN);
		assert_int_equal(act.run, RUN_CALL);
		run();
		snprintf(id, sizeof(id), "Inform %u", i + 2);
		posted(id);
	}
	http(200, FAULT("8005"));
	failed("fault 8005 to Inform");
	/* A fault with HTTP 500, as SOAP 1.1 has it, is the same fault. */
	set_up(state);
	until_inform();
	assert_int_equal(http(500, FAULT("8005")), ACT_RUN);
	run();
	assert_int_equal(http(200, RESPONSE("Inform")), ACT_RUN);
}

static void refused_call_is_reported_and_the_session_goes_on(void **state)
{
	static const struct cwmp_own_call calls[] = {
		{ CALL_AUTONOMOUS_TRANSFER_COMPLETE, 0, "" },
		{ CALL_TRANSFER_COMPLETE, 0, "k" },
	};

	cwmp_event_raise(&events, EV_AUTONOMOUS_TRANSFER_COMPLETE, NULL);
	cwmp_event_raise(&events, EV_TRANSFER_COMPLETE, NULL);
	cwmp_event_raise(&events, EV_M_DOWNLOAD, "k");
	with_calls(calls, 2);
	informed();
	run();
	assert_int_equal(http(200, FAULT("8000")), ACT_RUN);
	assert_int_equal(act.run, RUN_ANSWERED);
	/* dropped: it would come again for ever */
	assert_false(cwmp_event_pending(&events, EV_AUTONOMOUS_TRANSFER_COMPLETE));
	run();
	run();
	posted("TransferComplete 3");
	assert_int_equal(http(200, FAULT("8002")), ACT_RUN);
	run();
	posted("");
	http(204, NULL);
	assert_int_equal(act.outcome, END_OK);
	/* kept: it is sent again in the next session */
	assert_true(cwmp_event_pending(&events, EV_TRANSFER_COMPLETE));
	assert_true(cwmp_event_pending(&events, EV_M_DOWNLOAD));
}

static void retry_after_is_never_undercut(void **state)
{
	until_inform();
	step((struct input){ .kind = IN_HTTP, .status = 503, .retry_after = 60 });
	failed("HTTP 503");
	assert_int_equal(act.retry_wait_ms, 60000);
	set_up(state);
	config.retry_count = 9;
	until_inform();
	step((struct input){ .kind = IN_HTTP, .status = 503, .retry_after = 60 });
	assert_true(act.retry_wait_ms >= 2560000);
}

static void connection_request_is_not_tried_again(void **state)
{
	cwmp_event_raise(&events, EV_CONNECTION_REQUEST, NULL);
	start();
	plain(IN_CLOSED);
	failed("connection closed");
	assert_false(cwmp_event_pending(&events, EV_CONNECTION_REQUEST));
	assert_true(cwmp_event_pending(&events, EV_BOOT));
	/* One that came while the session was under way is for the next. */
	set_up(state);
	until_inform();
	assert_int_equal(cwmp_event_raise(&events, EV_CONNECTION_REQUEST, NULL), 1);
	plain(IN_TIMEOUT);
	failed("no answer within 60 s");
	assert_true(cwmp_event_pending(&events, EV_CONNECTION_REQUEST));
}

static void failed_run_ends_the_session(void **state)
{
	start();
	plain(IN_DIALED);
	step((struct input){ .kind = IN_RUN_DONE, .result = -ENOENT });
	failed("calling: No such file");
}

static const struct {
	enum session_state state;
	void (*reach)(void);
	unsigned good; /* inputs that do not end the session there */
} walks[] = {
	{ ST_NEW, NULL, 1u << IN_START },
	{ ST_DIALING, start, 1u << IN_DIALED },
	{ ST_WAITING, until_inform, 1u << IN_HTTP },
	{ ST_WAITING, until_empty_post, 1u << IN_HTTP },
};

static void reach(size_t i)
{
	session_free(s);
	s = NULL;
	if (i < ARRAY_SIZE(walks)) {
		if (walks[i].reach)
			walks[i].reach();
		else
			s = session_new(&config);
		assert_int_equal(s->state, walks[i].state);
		return;
	}
	switch (i - ARRAY_SIZE(walks)) {
	case 0:
		start();
		plain(IN_DIALED);
		assert_int_equal(s->state, ST_CALLING);
		return;
	case 1:
		until_inform();
		http(200, RESPONSE("Inform"));
		assert_int_equal(s->state, ST_TAKING);
		return;
	case 2:
		until_empty_post();
		http(200, REQUEST);
		assert_int_equal(s->state, ST_ANSWERING);
		return;
	default:
		until_inform();
		plain(IN_CLOSED);
		assert_int_equal(s->state, ST_OVER);
	}
}

static void every_state_takes_every_input(void **state)
{
	static const unsigned good[] = { 1u << IN_RUN_DONE, 1u << IN_RUN_DONE, 1u << IN_RUN_DONE,
					 0 };

	for (size_t i = 0; i < ARRAY_SIZE(walks) + ARRAY_SIZE(good); i++) {
		unsigned expected =
			i < ARRAY_SIZE(walks) ? walks[i].good : good[i - ARRAY_SIZE(walks)];

		for (int k = 0; k <= IN_KINDS; k++) {
			struct input in = { .kind = (enum in_kind)k,
					    .status = 200,
					    .body = RESPONSE("Inform"),
					    .body_len = strlen(RESPONSE("Inform")) };

			set_up(state);
			reach(i);
			/* A second InformResponse is out of turn: there the good answer is none. */
			if (s->informed)
				in.body_len = 0;
			step(in);
			if (expected & 1u << k && !(s->informed && act.kind == ACT_END)) {
				assert_int_not_equal(act.kind, ACT_END);
			} else if (expected & 1u << k) {
				assert_int_equal(act.outcome, END_OK);
			} else {
				failed("");
				assert_true(strlen(act.why) > 3);
			}
			if (act.kind != ACT_END)
				continue;
			/* Over is over. */
			for (int j = 0; j < IN_KINDS; j++) {
				struct action first = act;

				plain((enum in_kind)j);
				assert_int_equal(act.kind, ACT_END);
				assert_int_equal(act.outcome, first.outcome);
				assert_ptr_equal(act.why, first.why);
			}
		}
	}
}

static void what_does_not_fit_makes_no_session(void **state)
{
	_cleanup_free_ char *url = malloc(CWMP_URL_MAX + 2);

	assert_non_null(url);
	memset(url, 'x', CWMP_URL_MAX + 1);
	url[CWMP_URL_MAX + 1] = '\0';
	config.url = url;
	assert_null(session_new(&config));
	config.url = NULL;
	assert_null(session_new(&config));
	config.url = URL;
	config.ncalls = CWMP_CALLS_MAX + 1;
	assert_null(session_new(&config));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(T028_empty_answer_to_the_empty_post_ends_a_session),
		TEST(requests_are_run_and_answered_in_order),
		TEST(own_calls_go_before_the_empty_post),
		TEST(T032_hold_requests_delays_own_calls_only),
		TEST(session_does_not_end_well_while_an_answer_is_owed),
		TEST(acs_may_ask_before_it_answers_our_call),
		TEST(nothing_but_the_inform_response_opens_a_session),
		TEST(T027_8005_repeats_the_call_in_the_session),
		TEST(refused_call_is_reported_and_the_session_goes_on),
		TEST(retry_after_is_never_undercut),
		TEST(connection_request_is_not_tried_again),
		TEST(failed_run_ends_the_session),
		TEST(every_state_takes_every_input),
		TEST(what_does_not_fit_makes_no_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
