/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/session_model.h"

#include "lib/log.h"

static void version_is_agreed_by_header_or_namespace(void **state)
{
#define USE(v) "<c:UseCWMPVersion s:mustUnderstand='1'>" v "</c:UseCWMPVersion>"
	static const struct {
		const char *body;
		uint8_t version;
	} cases[] = {
		{ ENVELOPE("0", "", "<c:InformResponse/>"), CWMP_1_0 },
		{ ENVELOPE("1", "", "<c:InformResponse/>"), CWMP_1_1 },
		{ ENVELOPE("2", "", "<c:InformResponse/>"), CWMP_1_2 },
		{ ENVELOPE("2", "<c:SessionTimeout>40</c:SessionTimeout>", "<c:InformResponse/>"),
		  CWMP_1_3 },
		{ ENVELOPE("2", USE("1.4"), "<c:InformResponse/>"), CWMP_1_4 },
		{ ENVELOPE("2", USE("1.0"), "<c:InformResponse/>"), CWMP_1_0 },
		{ ENVELOPE("2", USE("1.5"), "<c:InformResponse/>"), CWMP_UNKNOWN },
		{ ENVELOPE("2", USE(""), "<c:InformResponse/>"), CWMP_UNKNOWN },
		{ ENVELOPE("2", USE("2.0"), "<c:InformResponse/>"), CWMP_UNKNOWN },
		{ ENVELOPE("9", "", "<c:InformResponse/>"), CWMP_UNKNOWN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		set_up(state);
		until_inform();
		http(200, cases[i].body);
		assert_int_equal(s->version, cases[i].version);
		if (cases[i].version == CWMP_UNKNOWN)
			failed("version that we don't speak");
		else
			assert_int_equal(act.kind, ACT_RUN);
		tear_down(state);
	}
}

static void old_acs_is_asked_again_in_cwmp_1_0_once(void **state)
{
	static const struct {
		int status;
		const char *body;
	} cases[] = {
		{ 500, NULL },		{ 500, "oops" },
		{ 400, NULL },		{ 200, SOAP_FAULT_ONLY },
		{ 200, FAULT("8003") }, { 200, FAULT("8000") },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		set_up(state);
		until_inform();
		assert_int_equal(s->offer, CWMP_1_4);
		assert_int_equal(http(cases[i].status, cases[i].body), ACT_DIAL);
		assert_int_equal(plain(IN_DIALED), ACT_RUN);
		assert_int_equal(s->offer, CWMP_1_0);
		run();
		posted("Inform 2");
		if (i % 2) {
			http(500, NULL);
			failed("HTTP 500");
			assert_int_equal(session_offer(s), CWMP_UNKNOWN);
		} else {
			http(200, ENVELOPE("0", "", "<c:InformResponse/>"));
			run();
			posted("");
			assert_int_equal(session_offer(s), CWMP_1_0);
		}
		tear_down(state);
	}
	/* One that is known to take it is not taken for an old one. */
	set_up(state);
	config.offer = CWMP_1_4;
	until_inform();
	http(500, NULL);
	failed("HTTP 500");
	/* And an old one is asked in its way at once. */
	config.offer = CWMP_1_0;
	until_inform();
	assert_int_equal(s->offer, CWMP_1_0);
	set_up(state);
	until_empty_post();
	http(500, NULL);
	failed("HTTP 500");
}

static void T031_session_timeout_is_obeyed(void **state)
{
	until_inform();
	assert_true(act.timeout_s >= 30);
	http(200, ENVELOPE("2", "<c:SessionTimeout s:mustUnderstand='0'>90</c:SessionTimeout>",
			   "<c:InformResponse/>"));
	run();
	assert_int_equal(act.timeout_s, 90);
	assert_int_equal(http(200, ENVELOPE("2", "<c:SessionTimeout>4000000</c:SessionTimeout>",
					    "<c:GetRPCMethods/>")),
			 ACT_RUN);
	run();
	assert_int_equal(act.timeout_s, CWMP_TIMEOUT_MAX_S);
	http(200, ENVELOPE("2", "<c:SessionTimeout>0</c:SessionTimeout>", "<c:GetRPCMethods/>"));
	run();
	assert_int_equal(act.timeout_s, CWMP_TIMEOUT_MAX_S);
}

static void T043_redirect_takes_the_same_body_elsewhere(void **state)
{
	static const int statuses[] = { 302, 307 };

	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		set_up(state);
		until_inform();
		assert_int_equal(redirect(statuses[i], "https://other.example:8443/x?y"), ACT_DIAL);
		assert_string_equal(act.url, "https://other.example:8443/x?y");
		assert_int_equal(plain(IN_DIALED), ACT_POST);
		posted("Inform 1");
		http(200, RESPONSE("Inform"));
		run();
		posted("");
		/* T046: in the middle of a session too, also the empty POST */
		assert_int_equal(redirect(statuses[i], "https://third.example/"), ACT_DIAL);
		assert_int_equal(plain(IN_DIALED), ACT_POST);
		posted("");
		http(200, REQUEST);
		run();
		assert_int_equal(redirect(statuses[i], URL), ACT_DIAL);
		assert_int_equal(plain(IN_DIALED), ACT_POST);
		posted("GetRPCMethods 1");
		tear_down(state);
	}
}

static void T047_five_redirects_are_followed_and_a_loop_is_stopped(void **state)
{
	until_inform();
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < CWMP_REDIRECTS_MAX; i++) {
			assert_int_equal(redirect(302, "https://a.example/"), ACT_DIAL);
			assert_int_equal(plain(IN_DIALED), ACT_POST);
		}
		/* An answer in between: the count begins anew. */
		if (!round) {
			http(200, RESPONSE("Inform"));
			run();
		}
	}
	redirect(302, "https://a.example/");
	failed("more than 5 redirects");
}

static void N3_redirects_that_would_weaken_us_are_refused(void **state)
{
	static const struct {
		const char *to, *why;
	} cases[] = {
		{ NULL, "without Location" },
		{ "http://acs.example/", "https to http" },
		{ "HTTP://acs.example/", "https to http" },
		{ "file:///etc/passwd", "neither http nor https" },
		{ "ftp://acs.example/", "neither http nor https" },
		{ "/relative", "neither http nor https" },
		{ "", "neither http nor https" },
		{ "https://", "no host" },
		{ "https:///x", "no host" },
		{ "https://:443/x", "no host" },
		{ "https://user:pw@acs.example/", "user name" },
		{ "https://acs.example/a b", "character" },
		{ "https://acs.example/\r\nX: y", "character" },
		{ "https://acs.example\\@evil.example/", "character" },
	};
	char *longest = malloc(CWMP_URL_MAX + 2);

	assert_non_null(longest);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		set_up(state);
		until_inform();
		redirect(302, cases[i].to);
		failed(cases[i].why);
		tear_down(state);
	}
	set_up(state);
	memset(longest, 'x', CWMP_URL_MAX + 1);
	memcpy(longest, "https://a/", 10);
	longest[CWMP_URL_MAX + 1] = '\0';
	until_inform();
	redirect(302, longest);
	failed("too long");
	longest[CWMP_URL_MAX] = '\0';
	until_inform();
	assert_int_equal(redirect(302, longest), ACT_DIAL);
	free(longest);

	/* From http both ways, when plain http is allowed */
	config.url = "http://acs.example/";
	start();
	plain(IN_DIALED);
	run();
	assert_int_equal(redirect(302, "http://b.example/"), ACT_DIAL);
	plain(IN_DIALED);
	assert_int_equal(redirect(302, "https://b.example/"), ACT_DIAL);
	plain(IN_DIALED);
	redirect(302, "http://b.example/");
	failed("https to http");

	config.https_only = true;
	session_free(s);
	s = session_new(&config);
	plain(IN_START);
	failed("plain http is not allowed");
}

static char logged[256];

static void keep(int level, const char *text, void *arg)
{
	snprintf(logged, sizeof(logged), "%s", text);
}

static void K2_no_password_of_a_url_is_in_a_log(void **state)
{
	static const char *const urls[] = { "https://user:secret@acs.example/x",
					    "ftp://user:secret@acs.example/x",
					    "user:secret@acs.example/x" };

	assert_int_equal(log_add_tap(keep, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		until_inform();
		redirect(302, urls[i]);
		assert_non_null(strstr(logged, "action=redirect result=refused"));
		assert_non_null(strstr(logged, "acs.example/x"));
		assert_null(strstr(logged, "secret"));
		config.url = urls[i];
		session_free(s);
		s = session_new(&config);
		plain(IN_START);
		config.url = URL;
		assert_non_null(strstr(logged, "action=acs_url result=refused"));
		assert_non_null(strstr(logged, "acs.example/x"));
		assert_null(strstr(logged, "secret"));
	}
	log_drop_tap(keep);
}

static void T034_header_not_understood_is_a_soap_fault(void **state)
{
	until_empty_post();
	assert_int_equal(http(200, ENVELOPE("2",
					    "<c:ID s:mustUnderstand='1'>q</c:ID>"
					    "<x:New xmlns:x='urn:x' s:mustUnderstand='1'/>",
					    "<c:GetRPCMethods/>")),
			 ACT_POST);
	assert_non_null(strstr(act.body, "<faultcode>soap-env:MustUnderstand</faultcode>"));
	assert_non_null(strstr(act.body, ">q</cwmp:ID>"));
	assert_null(strstr(act.body, "<detail>"));
	assert_int_equal(http(204, NULL), ACT_END);
	assert_int_equal(act.outcome, END_OK);
}

static void unreadable_request_is_a_soap_fault_once(void **state)
{
	until_empty_post();
	assert_int_equal(http(200, "<!DOCTYPE a><a/>"), ACT_POST);
	assert_non_null(strstr(act.body, "soap-env:Client"));
	assert_non_null(strstr(act.body, "a DTD is not allowed"));
	assert_int_equal(http(200, "<s:Envelope xmlns:s='urn:soap12'/>"), ACT_END);
	failed("unreadable answer: an Envelope that is not of SOAP 1.1");

	set_up(state);
	until_empty_post();
	assert_int_equal(http(200, "<s:Envelope xmlns:s='urn:soap12'/>"), ACT_POST);
	assert_non_null(strstr(act.body, "soap-env:VersionMismatch"));
	assert_int_equal(http(200, REQUEST), ACT_RUN);
	run();
	/* with the ID, when that could be read */
	assert_int_equal(http(200, ENVELOPE("2", "<c:ID s:mustUnderstand='1'>r9</c:ID>",
					    "<c:GetRPCMethods>&bad;</c:GetRPCMethods>")),
			 ACT_POST);
	assert_non_null(strstr(act.body, ">r9</cwmp:ID>"));
	assert_non_null(strstr(act.body, "soap-env:Client"));
	assert_int_equal(http(204, NULL), ACT_END);
	assert_int_equal(act.outcome, END_OK);
}

static void X2_request_over_a_limit_is_9004(void **state)
{
	static const char tail[] = "</V></c:X></s:Body></s:Envelope>";
	_cleanup_buf_ struct buf b;

	buf_init(&b, 1 << 20);
	buf_puts(&b, ENVELOPE("2", "<c:ID s:mustUnderstand='1'>r9</c:ID>", ""));
	buf_truncate(&b, b.len - strlen("</s:Body></s:Envelope>"));
	buf_puts(&b, "<c:X><V>");
	for (size_t i = 0; i <= SOAP_TEXT_MAX; i++)
		buf_putc(&b, 'x');
	buf_puts(&b, tail);
	until_empty_post();
	assert_int_equal(http(200, b.data), ACT_POST);
	assert_int_equal(http(200, b.data), ACT_POST);
	assert_non_null(strstr(act.body, "<FaultCode>9004</FaultCode>"));
	assert_non_null(strstr(act.body, "a text is too long"));
	assert_non_null(strstr(act.body, ">r9</cwmp:ID>"));
	assert_int_equal(http(204, NULL), ACT_END);
	assert_int_equal(act.outcome, END_OK);
}

static void limits_of_requests_and_time_end_a_session(void **state)
{
	until_empty_post();
	for (int i = 0; i < CWMP_REQUESTS_MAX; i++) {
		assert_int_equal(http(200, REQUEST), ACT_RUN);
		run();
	}
	http(200, REQUEST);
	failed("more than 10000 requests");

	set_up(state);
	until_empty_post();
	now += CWMP_SESSION_MAX_S * UINT64_C(1000);
	assert_int_equal(http(200, REQUEST), ACT_RUN);
	now++;
	run();
	failed("longer than");
}

static void a_session_that_fails_after_its_inform_is_retried(void **state)
{
	until_inform();
	http(503, NULL);
	failed("HTTP 503");
	assert_int_equal(events.n, 1); /* 1 BOOT still */
	assert_int_equal(events.v[0].event, EV_BOOT);

	until_empty_post();
	http(503, NULL);
	failed("HTTP 503");
	assert_int_equal(events.n, 1); /* told, so an Inform needs another */
	assert_int_equal(events.v[0].event, EV_PERIODIC);
	assert_true(events.v[0].tried && !events.v[0].sent);

	set_up(state);
	until_empty_post();
	cwmp_event_raise(&events, EV_VALUE_CHANGE, NULL);
	http(503, NULL);
	assert_int_equal(events.n, 1); /* there is one already */
	assert_int_equal(events.v[0].event, EV_VALUE_CHANGE);

	set_up(state);
	until_empty_post();
	http(204, NULL);
	assert_int_equal(act.outcome, END_OK);
	assert_int_equal(events.n, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(version_is_agreed_by_header_or_namespace),
		TEST(old_acs_is_asked_again_in_cwmp_1_0_once),
		TEST(T031_session_timeout_is_obeyed),
		TEST(T043_redirect_takes_the_same_body_elsewhere),
		TEST(T047_five_redirects_are_followed_and_a_loop_is_stopped),
		TEST(N3_redirects_that_would_weaken_us_are_refused),
		TEST(K2_no_password_of_a_url_is_in_a_log),
		TEST(T034_header_not_understood_is_a_soap_fault),
		TEST(unreadable_request_is_a_soap_fault_once),
		TEST(X2_request_over_a_limit_is_9004),
		TEST(limits_of_requests_and_time_end_a_session),
		TEST(a_session_that_fails_after_its_inform_is_retried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
