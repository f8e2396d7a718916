/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP client against a scripted server in a child process, dialing by itself: what goes over
 * the wire and what comes back. libcurl 7.88 connects a socket that is connected already; the
 * product answers that connect() by seccomp, here it is this program's own connect().
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/http/client.h"
#include "agent/loop.h"
#include "lib/clock.h"
#include "tests/unit/http_peer.h"
#include "tests/unit/unit.h"

static struct loop loop;
static struct http *http;
static struct http_session *hs;
static void wait_reply(void)
{
	uint64_t end = clock_mono_ms() + 10000;

	while (!told && clock_mono_ms() < end)
		assert_true(loop_once(&loop, 1000) >= 0);
	assert_true(told);
	told = false;
}

static void open_session(const char *user, const char *password)
{
	assert_int_equal(http_session_new(&hs, http, user, password, on_done, NULL), 0);
	http_session_open(hs, url, 30);
	assert_false(told);
	wait_reply();
}

static void post(const char *body)
{
	http_session_post(hs, body, strlen(body), 30);
	assert_false(told);
	wait_reply();
}

static int finish(void **state)
{
	int status;

	http_session_free(hs);
	hs = NULL;
	if (server > 0) {
		waitpid(server, &status, 0);
		server = 0;
		return status;
	}
	return 0;
}

static void T035_T036_headers_of_full_and_empty_posts(void **state)
{
	const char *const script[] = { OK, NO_CONTENT, NULL };

	start(script);
	open_session("", "");
	assert_int_equal(reply.error, HTTP_OK);
	assert_int_equal(http_session_local(hs)->family, DIAL_IPV4);
	post("<x/>");
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply_body, "<a/>");
	post("");
	assert_int_equal(reply.status, 204);
	assert_string_equal(reply_body, "");
	finish(NULL);

	assert_int_equal(seen->n, 2);
	assert_int_equal(seen->conn[1], 0);
	assert_int_equal(dials, 1);
	assert_int_equal(count(seen->request[0], "\r\nSOAPAction:\r\n"), 1);
	assert_int_equal(count(seen->request[0], "\r\nContent-Type: text/xml; charset=utf-8\r\n"),
			 1);
	assert_int_equal(count(seen->request[0], "\r\nContent-Length: 4\r\n"), 1);
	assert_int_equal(count(seen->request[0], "\r\nExpect:"), 0);
	assert_int_equal(count(seen->request[0], "\r\nAuthorization:"), 0);
	assert_int_equal(count(seen->request[1], "SOAPAction"), 0);
	assert_int_equal(count(seen->request[1], "Content-Type"), 0);
	assert_int_equal(count(seen->request[1], "\r\nContent-Length: 0\r\n"), 1);
	assert_true(seen->eof[0]); /* T028: the session's end closes the connection */
}

static void T037_cookies_return_and_end_with_the_session(void **state)
{
	static char many[3000];
	const char *const script[] = { many, OK, "", OK, NULL };

	snprintf(many, sizeof(many),
		 OK_BODY "Set-Cookie: long=%0600d\r\nSet-Cookie: b=2; Path=/acs\r\n"
			 "Set-Cookie: c=3; Path=/other\r\nSet-Cookie: d=4; Max-Age=60\r\n\r\n<a/>",
		 7);
	start(script);
	open_session("", "");
	post("<x/>");
	post("<y/>");
	assert_int_equal(seen->n, 2);
	assert_int_equal(count(seen->request[1], "long=000"), 1);
	assert_int_equal(count(seen->request[1], "b=2"), 1);
	assert_int_equal(count(seen->request[1], "c=3"), 0);
	assert_int_equal(count(seen->request[1], "d=4"), 1);
	http_session_free(hs);
	open_session("", "");
	post("<x/>");
	finish(NULL);
	assert_int_equal(seen->n, 3);
	assert_int_equal(seen->conn[2], 1);
	assert_int_equal(count(seen->request[2], "Cookie"), 0);
}

static void T042_digest_on_one_connection(void **state)
{
	const char *const script[] = { UNAUTHORIZED(DIGEST) "\r\n", OK, OK, NULL };

	start(script);
	open_session("cpe", "secret");
	post("<x/>");
	assert_int_equal(reply.status, 200);
	post("<y/>");
	assert_int_equal(reply.status, 200);
	finish(NULL);
	assert_int_equal(seen->n, 3);
	assert_int_equal(dials, 1);
	assert_int_equal(count(seen->request[0], "Authorization"), 0);
	assert_int_equal(count(seen->request[0], "<x/>"), 1);
	assert_int_equal(count(seen->request[1], "Authorization: Digest"), 1);
	assert_int_equal(count(seen->request[1], "<x/>"), 1);
	assert_int_equal(count(seen->request[1], "nc=00000001"), 1);
	assert_int_equal(count(seen->request[2], "nc=00000002"), 1);
	assert_int_equal(count(seen->request[2], "<y/>"), 1);
}

static void T042_digest_with_a_server_that_always_closes(void **state)
{
	const char *const script[] = {
		UNAUTHORIZED(DIGEST) "Connection: close\r\n\r\n", "",
		OK_BODY "Connection: close\r\n\r\n<a/>",	  "",
		OK_BODY "Connection: close\r\n\r\n<a/>",	  NULL,
	};

	start(script);
	open_session("cpe", "secret");
	post("<x/>");
	assert_int_equal(reply.status, 200);
	post("<y/>");
	assert_int_equal(reply.status, 200);
	finish(NULL);
	assert_int_equal(seen->n, 3);
	assert_int_equal(dials, 3);
	assert_int_equal(count(seen->request[1], "Authorization: Digest"), 1);
	assert_int_equal(count(seen->request[1], "<x/>"), 1);
	assert_int_equal(count(seen->request[2], "nc=00000002"), 1);
}

static void T042_stale_nonce_is_answered_with_the_new_one(void **state)
{
	const char *const script[] = {
		UNAUTHORIZED(DIGEST) "\r\n",
		OK,
		UNAUTHORIZED("Digest realm=\"acs\", nonce=\"n2\", qop=\"auth\", stale=true") "\r\n",
		OK,
		NULL,
	};

	start(script);
	open_session("cpe", "secret");
	post("<x/>");
	post("<y/>");
	assert_int_equal(reply.status, 200);
	finish(NULL);
	assert_int_equal(seen->n, 4);
	assert_int_equal(count(seen->request[3], "nonce=\"n2\""), 1);
	assert_int_equal(count(seen->request[3], "nc=00000001"), 1);
}

/* A restarted server knows no nonce any more and says nothing of stale. */
static void T042_forgotten_nonce_is_no_wrong_password(void **state)
{
	const char *const script[] = {
		UNAUTHORIZED(DIGEST) "\r\n",
		OK,
		UNAUTHORIZED("Digest realm=\"acs\", nonce=\"n2\", "
			     "qop=\"auth\"") "\r\n",
		UNAUTHORIZED("Digest realm=\"acs\", nonce=\"n3\", "
			     "qop=\"auth\"") "\r\n",
		OK_BODY "Set-Cookie: a=1\r\n\r\n<a/>",
		UNAUTHORIZED(DIGEST) "\r\n",
		UNAUTHORIZED(DIGEST) "\r\n",
		UNAUTHORIZED(DIGEST) "\r\n",
		NULL,
	};

	start(script);
	open_session("cpe", "secret");
	post("<x/>");
	post("<y/>");
	assert_int_equal(reply.status, 200);
	assert_int_equal(seen->n, 5);
	assert_int_equal(dials, 1);
	assert_int_equal(count(seen->request[3], "Authorization"), 0);
	assert_int_equal(count(seen->request[4], "nonce=\"n3\""), 1);
	assert_int_equal(count(seen->request[4], "<y/>"), 1);
	/* But a password that is wrong now ends it. */
	post("<z/>");
	assert_int_equal(reply.status, 401);
	finish(NULL);
	assert_int_equal(count(seen->request[5], "Cookie: a=1"), 1);
	assert_int_equal(count(seen->request[7], "Cookie: a=1"), 1);
}

/* The request was taken and the connection closed: whether it was acted upon is not known. */
static void T039_request_without_an_answer_is_not_sent_twice(void **state)
{
	const char *const script[] = { OK, "\n", "", OK, NULL };

	start(script);
	open_session("", "");
	post("<x/>");
	post("<y/>");
	assert_int_equal(reply.error, HTTP_ECLOSED);
	assert_int_equal(seen->n, 2);
	assert_int_equal(dials, 1);
	post("<z/>");
	assert_int_equal(reply.status, 200);
	finish(NULL);
	assert_int_equal(dials, 2);
	assert_int_equal(count(seen->request[2], "<z/>"), 1);
}

static void T041_basic_when_the_first_host_asks_for_it(void **state)
{
	const char *const script[] = { UNAUTHORIZED("Basic realm=\"acs\"") "\r\n", OK, OK, NULL };

	start(script);
	open_session("cpe", "secret");
	post("<x/>");
	assert_int_equal(reply.status, 200);
	post("<y/>");
	finish(NULL);
	assert_int_equal(seen->n, 3);
	assert_int_equal(count(seen->request[1], "Authorization: Basic Y3BlOnNlY3JldA=="), 1);
	assert_int_equal(count(seen->request[2], "Authorization: Basic Y3BlOnNlY3JldA=="), 1);
}

static void T042_wrong_password_ends_with_401(void **state)
{
	const char *const script[] = { UNAUTHORIZED(DIGEST) "\r\n", UNAUTHORIZED(DIGEST) "\r\n",
				       NULL };

	start(script);
	open_session("cpe", "wrong");
	post("<x/>");
	assert_int_equal(reply.error, HTTP_OK);
	assert_int_equal(reply.status, 401);
	finish(NULL);
	assert_int_equal(seen->n, 2);
}

static void N3_other_host_gets_no_credentials_over_http(void **state)
{
	static const char *const challenges[] = { UNAUTHORIZED(DIGEST) "\r\n",
						  UNAUTHORIZED("Basic realm=\"x\"") "\r\n" };

	for (int i = 0; i < 2; i++) {
		const char *const script[] = { UNAUTHORIZED(DIGEST) "\r\n", OK, "", challenges[i],
					       NULL };
		char other[64];

		start(script);
		open_session("cpe", "secret");
		post("<x/>");
		assert_int_equal(reply.status, 200);
		snprintf(other, sizeof(other), "http://other.example:%u/", port);
		http_session_open(hs, other, 30);
		wait_reply();
		assert_int_equal(reply.error, HTTP_OK);
		post("<x/>");
		assert_int_equal(reply.status, 401);
		finish(NULL);
		assert_int_equal(seen->n, 3);
		assert_int_equal(count(seen->request[2], "Host: other.example"), 1);
		assert_int_equal(count(seen->request[2], "Authorization"), 0);
	}
}

static void T039_connection_close_mid_session_keeps_cookies(void **state)
{
	const char *const script[] = {
		OK_BODY "Set-Cookie: s=1\r\nConnection: close\r\n\r\n<a/>",
		"",
		OK,
		NULL,
	};

	start(script);
	open_session("", "");
	post("<x/>");
	post("<y/>");
	assert_int_equal(reply.status, 200);
	finish(NULL);
	assert_int_equal(dials, 2);
	assert_int_equal(count(seen->request[1], "Cookie: s=1"), 1);
}

/* The server lets the idle connection die without a word. */
static void T039_connection_lost_while_idle_is_dialed_again(void **state)
{
	const char *const script[] = { OK, "", OK, NULL };

	start(script);
	open_session("", "");
	post("<x/>");
	usleep(50000);
	post("<y/>");
	assert_int_equal(reply.status, 200);
	finish(NULL);
	assert_int_equal(dials, 2);
	assert_int_equal(seen->n, 2);
}

static void T038_chunked_and_continue_and_trailers(void **state)
{
	const char *const script[] = {
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"2\r\n<a\r\n2;x=y\r\n/>\r\n0\r\nTrailer: x\r\n\r\n",
		OK,
		NULL,
	};

	start(script);
	open_session("", "");
	post("<x/>");
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply_body, "<a/>");
	post("<y/>");
	finish(NULL);
	assert_int_equal(dials, 1);
}

static void N3_redirect_is_reported_and_not_followed(void **state)
{
	const char *const script[] = {
		"HTTP/1.1 302 Found\r\nLocation: /other?x#f\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 307 Temporary Redirect\r\nLocation: file:///etc/passwd\r\n"
		"Content-Length: 0\r\n\r\n",
		"HTTP/1.1 503 Busy\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n",
		NULL,
	};
	char expected[80];

	start(script);
	open_session("", "");
	post("<x/>");
	assert_int_equal(reply.status, 302);
	snprintf(expected, sizeof(expected), "http://127.0.0.1:%u/other?x", port);
	assert_true(strncmp(reply_location, expected, strlen(expected)) == 0);
	http_session_open(hs, reply_location, 30);
	wait_reply();
	assert_string_equal(http_session_url(hs), expected);
	post("<x/>");
	assert_int_equal(reply.status, 307);
	http_session_open(hs, "file:///etc/passwd", 30);
	wait_reply();
	assert_int_equal(reply.error, HTTP_EURL);
	http_session_open(hs, url, 30);
	wait_reply();
	post("");
	assert_int_equal(reply.status, 503);
	assert_int_equal(reply.retry_after, 60);
	finish(NULL);
	assert_int_equal(seen->n, 3);
	assert_int_equal(dials, 2); /* the refused URL was no origin of ours */
	assert_int_equal(count(seen->request[1], "POST /other?x HTTP/1.1"), 1);
}

static void T040_body_over_the_limit_ends_the_transfer(void **state)
{
	static char big[200000];
	const char *const script[] = { big, NULL };
	int n = snprintf(big, sizeof(big), "HTTP/1.1 200 OK\r\nContent-Length: 150000\r\n\r\n");

	memset(big + n, 'x', 150000);
	start(script);
	open_session("", "");
	post("<x/>");
	assert_int_equal(reply.error, HTTP_ETOOBIG);
	finish(NULL);
}

static void broken_answers_end_the_transfer(void **state)
{
	static const struct {
		const char *answer;
		enum http_error error;
	} cases[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", HTTP_ECLOSED },
		{ "\x16\x03\x01garbage garbage\r\n\r\n", HTTP_EURL },
		{ "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
		  HTTP_ECLOSED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *const script[] = { cases[i].answer, "", NULL };

		start(script);
		open_session("", "");
		post("<x/>");
		if (reply.error != cases[i].error)
			fail_msg("case %zu: error %d (%s)", i, reply.error, reply_why);
		assert_int_equal(reply.status, 0);
		finish(NULL);
	}
}

static void N3_plain_http_needs_the_setting_and_https_a_ca(void **state)
{
	struct http_config strict = { .body_max = 1000, .user_agent = "t" };
	struct http *other = http, *h;

	strict.allow_http = false;
	assert_int_equal(http_new(&h, &loop, NULL, &strict), 0);
	http = h;
	snprintf(url, sizeof(url), "http://127.0.0.1:9/");
	open_session("", "");
	assert_int_equal(reply.error, HTTP_EURL);
	http_session_open(hs, "https://127.0.0.1:9/", 30);
	wait_reply();
	assert_int_equal(reply.error, HTTP_ETLS);
	http_session_free(hs);
	hs = NULL;
	http_free(h);
	http = other;
}

static int group_setup(void **state)
{
	struct http_config cfg = { .allow_http = true, .body_max = 100000, .user_agent = "test/1" };

	signal(SIGPIPE, SIG_IGN);
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED || loop_init(&loop))
		return -1;
	return http_new(&http, &loop, NULL, &cfg);
}

static int group_teardown(void **state)
{
	int left = (int)loop.nios + (int)loop.ntimers;

	http_free(http);
	loop_fini(&loop);
	return left;
}

#define TEST(fn) UNIT(fn)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(T035_T036_headers_of_full_and_empty_posts),
		TEST(T037_cookies_return_and_end_with_the_session),
		TEST(T042_digest_on_one_connection),
		TEST(T042_digest_with_a_server_that_always_closes),
		TEST(T042_stale_nonce_is_answered_with_the_new_one),
		TEST(T042_forgotten_nonce_is_no_wrong_password),
		TEST(T039_request_without_an_answer_is_not_sent_twice),
		TEST(T041_basic_when_the_first_host_asks_for_it),
		TEST(T042_wrong_password_ends_with_401),
		TEST(N3_other_host_gets_no_credentials_over_http),
		TEST(T039_connection_close_mid_session_keeps_cookies),
		TEST(T039_connection_lost_while_idle_is_dialed_again),
		TEST(T038_chunked_and_continue_and_trailers),
		TEST(N3_redirect_is_reported_and_not_followed),
		TEST(T040_body_over_the_limit_ends_the_transfer),
		TEST(broken_answers_end_the_transfer),
		TEST(N3_plain_http_needs_the_setting_and_https_a_ca),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
