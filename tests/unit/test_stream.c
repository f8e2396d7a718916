/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files by HTTP against the scripted server of http_peer.h: what arrives in the sink, what leaves
 * the source, and that a download that broke off goes on where it was.
 */
#include "tests/unit/http_peer.h"

#include "agent/http/range.h"
#include "agent/http/stream.h"
#include "agent/loop.h"
#include "lib/clock.h"
#include "lib/limits.h"

static struct loop loop;
static struct http *http;
static struct http_stream *st;
static char got[262144];
static size_t got_len;
static int begins;
static uint64_t begin_at[8], begin_total;
static struct http_stream_result res;
static char res_why[256];
static bool over;
static int marks[HTTP_MARK_FIRST + 1];

static int on_begin(void *arg, uint64_t from, uint64_t total)
{
	begin_at[begins++ % 8] = from;
	begin_total = total;
	got_len = from;
	return arg ? -1 : 0;
}

static int on_sink(void *arg, const void *data, size_t n)
{
	assert_true(got_len + n < sizeof(got));
	memcpy(got + got_len, data, n);
	got_len += n;
	got[got_len] = '\0';
	return 0;
}

static int64_t on_read(void *arg, uint64_t at, void *to, size_t n)
{
	static const char file[] = "the file";
	size_t left = sizeof(file) - 1 - (size_t)at;

	n = n > 3 ? 3 : n;
	n = n > left ? left : n;
	memcpy(to, file + at, n);
	return (int64_t)n;
}

static void on_mark(void *arg, enum http_mark mark)
{
	marks[mark]++;
}

static void on_end(void *arg, const struct http_stream_result *r)
{
	over = true;
	res = *r;
	snprintf(res_why, sizeof(res_why), "%s", r->why);
}

static struct http_stream_req request(void)
{
	return (struct http_stream_req){ .url = url,
					 .user = "",
					 .password = "",
					 .allow_http = true,
					 .purpose = DIAL_FOR_TRANSFER,
					 .timeout_s = 5,
					 .max = 4096,
					 .resumes = 3,
					 .resume_after_ms = 1,
					 .begin = on_begin,
					 .sink = on_sink,
					 .source = on_read,
					 .mark = on_mark,
					 .done = on_end };
}

static void transfer(const struct http_stream_req *req)
{
	uint64_t end = clock_mono_ms() + 10000;

	assert_int_equal(http_stream_start(&st, http, req), 0);
	assert_false(over);
	while (!over && clock_mono_ms() < end)
		assert_true(loop_once(&loop, 1000) >= 0);
	assert_true(over);
}

static int finish(void **state)
{
	int status = 0;

	http_stream_free(st);
	st = NULL;
	over = false;
	begins = 0;
	got_len = 0;
	memset(marks, 0, sizeof(marks));
	if (server > 0)
		waitpid(server, &status, 0);
	server = 0;
	return status;
}

static void get(const char *const *script)
{
	struct http_stream_req req = request();

	start(script);
	transfer(&req);
}

static void a_file_comes_whole(void **state)
{
	const char *const script[] = { "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789",
				       NULL };

	get(script);
	assert_int_equal(res.error, HTTP_OK);
	assert_int_equal(res.status, 200);
	assert_int_equal(res.bytes, 10);
	assert_int_equal(begin_total, 10);
	assert_string_equal(got, "0123456789");
	for (int i = 0; i <= HTTP_MARK_FIRST; i++)
		assert_int_equal(marks[i], 1);
	assert_int_equal(count(seen->request[0], "\r\nRange:"), 0);
	assert_int_equal(count(seen->request[0], "\r\nAccept-Encoding:"), 0);
}

static void an_empty_file_has_its_beginning_too(void **state)
{
	const char *const script[] = { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NULL };

	get(script);
	assert_int_equal(res.error, HTTP_OK);
	assert_int_equal(begins, 1);
	assert_int_equal(res.bytes, 0);
}

static void T114_a_broken_download_goes_on_by_range(void **state)
{
	const char *const script[] = {
		"HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 10\r\n\r\n0123",
		"",
		"HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Range: bytes 4-9/10\r\n"
		"Content-Length: 6\r\n\r\n45",
		"",
		"HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Range: bytes 6-9/10\r\n"
		"Content-Length: 4\r\n\r\n6789",
		NULL
	};

	get(script);
	assert_int_equal(res.error, HTTP_OK);
	assert_string_equal(got, "0123456789");
	assert_int_equal(res.bytes, 10);
	assert_int_equal(begins, 3);
	assert_int_equal(begin_at[1], 4);
	assert_int_equal(begin_at[2], 6);
	assert_int_equal(count(seen->request[1], "\r\nRange: bytes=4-\r\n"), 1);
	assert_int_equal(count(seen->request[1], "\r\nIf-Range: \"v1\"\r\n"), 1);
	assert_int_equal(count(seen->request[2], "\r\nRange: bytes=6-\r\n"), 1);
}

static void T114_another_file_begins_anew(void **state)
{
	const char *const script[] = {
		"HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 10\r\n\r\n0123", "",
		"HTTP/1.1 200 OK\r\nETag: \"v2\"\r\nContent-Length: 5\r\n\r\nabcde", NULL
	};

	get(script);
	assert_int_equal(res.error, HTTP_OK);
	assert_string_equal(got, "abcde");
	assert_int_equal(begin_at[1], 0);
}

static void T114_a_part_of_another_file_is_not_pieced_together(void **state)
{
	static const char *const heads[] = { "ETag: \"v2\"\r\nContent-Range: bytes 4-9/10",
					     "Content-Range: bytes 4-9/11" };
	char part[160];
	const char *script[] = {
		"HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 10\r\n\r\n0123", "",  part, "",
		"HTTP/1.1 200 OK\r\nETag: \"v2\"\r\nContent-Length: 5\r\n\r\nabcde", NULL
	};

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(part, sizeof(part),
			       "HTTP/1.1 206 Partial Content\r\n%s\r\nContent-Length: 6\r\n"
			       "\r\nefghij",
			       heads[i]);
		get(script);
		assert_int_equal(res.error, HTTP_OK);
		assert_string_equal(got, "abcde");
		assert_int_equal(count(seen->request[2], "\r\nRange:"), 0);
		finish(state);
	}
}

static void T114_without_a_validator_nothing_is_pieced_together(void **state)
{
	const char *const script[] = {
		"HTTP/1.1 200 OK\r\nETag: W/\"v1\"\r\nContent-Length: 10\r\n\r\n0123", "",
		"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", NULL
	};

	get(script);
	assert_int_equal(res.error, HTTP_OK);
	assert_string_equal(got, "0123456789");
	assert_int_equal(count(seen->request[1], "\r\nRange:"), 0);
}

static void T114_it_gives_up_after_so_many_resumptions(void **state)
{
	const char *const script[] = {
		"HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 10\r\n\r\n0123",
		"",
		"\n",
		"",
		"\n",
		"",
		"\n",
		"",
		NULL
	};

	get(script);
	assert_int_equal(res.error, HTTP_ECLOSED);
	assert_true(res.began);
	assert_int_equal(res.bytes, 4);
	assert_int_equal(seen->n, 4);
}

static void T114_a_part_that_was_not_asked_for_is_refused(void **state)
{
	const char *const script[] = { "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes "
				       "3-9/10\r\nContent-Length: 7\r\n\r\n3456789",
				       NULL };

	get(script);
	assert_int_equal(res.error, HTTP_ECLOSED);
	assert_int_equal(begins, 0);
}

static void T114_too_big_a_file_ends_before_it_comes(void **state)
{
	const char *const script[] = { "HTTP/1.1 200 OK\r\nContent-Length: 4097\r\n\r\n0123", "",
				       NULL };

	get(script);
	assert_int_equal(res.error, HTTP_ETOOBIG);
	assert_string_equal(res_why, "the file is too big");
	assert_int_equal(begins, 0);
}

static void T114_an_endless_body_ends_at_the_limit(void **state)
{
	static char big[8192];
	const char *const script[] = { big, "", NULL };
	int n = snprintf(big, sizeof(big), "HTTP/1.1 200 OK\r\n\r\n");

	memset(big + n, 'x', sizeof(big) - (size_t)n - 1);
	get(script);
	assert_int_equal(res.error, HTTP_ETOOBIG);
	assert_true(got_len <= 4096);
}

static void T114_an_error_page_is_no_file(void **state)
{
	static const char head[] = "HTTP/1.1 404 Not Found\r\n\r\n";
	static char page[2 * HTTP_HEAD_MAX];
	const char *const script[] = { page, "", NULL };

	memcpy(page, head, sizeof(head) - 1);
	for (size_t n = 4; n <= HTTP_HEAD_MAX + 4; n += HTTP_HEAD_MAX) {
		memset(page + sizeof(head) - 1, 'x', n);
		get(script);
		assert_int_equal(res.error, HTTP_OK);
		assert_int_equal(res.status, 404);
		assert_int_equal(begins, 0);
		assert_int_equal(got_len, 0);
		finish(state);
	}
}

static void the_sink_can_end_it(void **state)
{
	const char *const script[] = {
		"HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 10\r\n\r\n0123456789", "", NULL
	};
	struct http_stream_req req = request();

	start(script);
	req.arg = &req; /* on_begin says no */
	transfer(&req);
	assert_true(res.refused_here);
	assert_int_equal(seen->n, 1);
}

static void redirects_are_followed_but_not_without_end(void **state)
{
	const char *const script[] = {
		"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 3\r\n\r\nxyz", "",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", NULL
	};
	const char *const loop_script[] = {
		"HTTP/1.1 302 Found\r\nLocation: /1\r\nContent-Length: 0\r\n\r\n", "",
		"HTTP/1.1 302 Found\r\nLocation: /2\r\nContent-Length: 0\r\n\r\n", "",
		"HTTP/1.1 302 Found\r\nLocation: /3\r\nContent-Length: 0\r\n\r\n", "",
		"HTTP/1.1 302 Found\r\nLocation: /4\r\nContent-Length: 0\r\n\r\n", "",
		"HTTP/1.1 302 Found\r\nLocation: /5\r\nContent-Length: 0\r\n\r\n", "",
		"HTTP/1.1 302 Found\r\nLocation: /6\r\nContent-Length: 0\r\n\r\n", NULL
	};

	get(script);
	assert_string_equal(got, "ok");
	assert_int_equal(count(seen->request[1], "GET /b HTTP/1.1\r\n"), 1);
	finish(NULL);
	get(loop_script);
	assert_int_equal(res.status, 302);
	assert_int_equal(seen->n, 6);
}

static void digest_over_a_connection_that_closes(void **state)
{
	const char *const script[] = { UNAUTHORIZED(DIGEST) "Connection: close\r\n\r\n", "",
				       "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", NULL };
	struct http_stream_req req = request();

	start(script);
	req.user = "u";
	req.password = "p";
	transfer(&req);
	assert_int_equal(res.status, 200);
	assert_string_equal(got, "ok");
	assert_int_equal(count(seen->request[1], "\r\nAuthorization: Digest username=\"u\""), 1);
}

static void T114_wrong_credentials_are_seen_as_such(void **state)
{
	const char *const script[] = { UNAUTHORIZED(DIGEST) "\r\n", UNAUTHORIZED(DIGEST) "\r\n",
				       NULL };
	struct http_stream_req req = request();

	start(script);
	req.user = "u";
	req.password = "p";
	transfer(&req);
	assert_int_equal(res.status, 401);
}

static void T120_put_sends_the_file_again_after_a_challenge(void **state)
{
	const char *const script[] = { UNAUTHORIZED(DIGEST) "\r\n",
				       "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", NULL };
	struct http_stream_req req = request();

	start(script);
	req.put = true;
	req.size = 8;
	req.user = "u";
	req.password = "p";
	transfer(&req);
	assert_int_equal(res.status, 201);
	assert_int_equal(res.bytes, 8);
	assert_int_equal(count(seen->request[1], "PUT /acs HTTP/1.1\r\n"), 1);
	assert_int_equal(count(seen->request[1], "\r\nContent-Length: 8\r\n"), 1);
	assert_int_equal(count(seen->request[1], "\r\n\r\nthe file"), 1);
}

static void T114_schemes_that_are_none_are_refused_at_once(void **state)
{
	struct http_stream_req req = request();

	req.allow_http = false;
	req.url = "http://127.0.0.1/x";
	assert_int_equal(http_stream_start(&st, http, &req), -EPROTONOSUPPORT);
	req.url = "ftp://127.0.0.1/x";
	assert_int_equal(http_stream_start(&st, http, &req), -EPROTONOSUPPORT);
	req.url = "file:///etc/passwd";
	assert_true(http_stream_start(&st, http, &req) < 0);
	assert_int_equal(http_stream_check("http://127.0.0.1/x", true), 0);
	st = NULL;
}

static void T114_a_server_that_is_not_there_is_told(void **state)
{
	struct http_stream_req req = request();

	req.url = "http://127.0.0.1:1/x";
	transfer(&req);
	assert_int_equal(res.error, HTTP_ECONNECT);
	assert_int_equal(res.status, 0);
	assert_false(res.began);
}

static void a_rate_is_kept(void **state)
{
	static char file[200400];
	const char *const script[] = { file, NULL };
	struct http_stream_req req = request();
	int n = snprintf(file, sizeof(file), "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n");
	uint64_t began = clock_mono_ms();

	memset(file + n, 'x', 200000);
	start(script);
	req.rate = 100000;
	req.max = sizeof(got);
	transfer(&req);
	assert_int_equal(res.error, HTTP_OK);
	assert_true(clock_mono_ms() - began >= 700);
}

static void heads_are_read(void **state)
{
	static const char *const bad[] = { "bytes 5-4/10", "bytes 0-10/10", "bytes */10",
					   "bytes 1-x/10", "items 0-1/2",   "bytes -/",
					   "bytes 1-2/",   "bytes" };
	struct http_head h;
	char line[64];

	http_head_init(&h);
	assert_int_equal(http_head_line(&h, "HTTP/1.1 206 Partial Content\r\n", 30), 0);
	assert_int_equal(h.status, 206);
	assert_int_equal(http_head_line(&h, "content-range:  bytes 1-2/3 \r\n", 30), 0);
	assert_int_equal(h.from, 1);
	assert_int_equal(h.total, 3);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int n = snprintf(line, sizeof(line), "Content-Range: %s\r\n", bad[i]);

		assert_int_equal(http_head_line(&h, line, (size_t)n), 0);
		assert_true(h.from == UINT64_MAX);
	}
	assert_int_equal(http_head_line(&h, "ETag: \"a\"\r\n", 11), 0);
	assert_int_equal(http_head_line(&h, "Last-Modified: x\r\n", 18), 0);
	assert_string_equal(h.validator, "\"a\"");
	/* of an answer that has the whole file */
	assert_int_equal(http_head_line(&h, "HTTP/1.1 200 OK\r\n", 17), 0);
	assert_int_equal(http_head_line(&h, "Content-Range: bytes 1-2/3\r\n", 28), 0);
	assert_true(h.from == UINT64_MAX && h.total == UINT64_MAX);
}

static int set_up(void **state)
{
	static const struct http_config cfg = { .allow_http = true,
						.body_max = 4096,
						.user_agent = "test" };

	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	return loop_init(&loop) || http_new(&http, &loop, NULL, &cfg);
}

static int tear_down(void **state)
{
	http_free(http);
	loop_fini(&loop);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_file_comes_whole, finish),
		cmocka_unit_test_teardown(an_empty_file_has_its_beginning_too, finish),
		cmocka_unit_test_teardown(T114_a_broken_download_goes_on_by_range, finish),
		cmocka_unit_test_teardown(T114_another_file_begins_anew, finish),
		cmocka_unit_test_teardown(T114_a_part_of_another_file_is_not_pieced_together,
					  finish),
		cmocka_unit_test_teardown(T114_without_a_validator_nothing_is_pieced_together,
					  finish),
		cmocka_unit_test_teardown(T114_it_gives_up_after_so_many_resumptions, finish),
		cmocka_unit_test_teardown(T114_a_part_that_was_not_asked_for_is_refused, finish),
		cmocka_unit_test_teardown(T114_too_big_a_file_ends_before_it_comes, finish),
		cmocka_unit_test_teardown(T114_an_endless_body_ends_at_the_limit, finish),
		cmocka_unit_test_teardown(T114_an_error_page_is_no_file, finish),
		cmocka_unit_test_teardown(the_sink_can_end_it, finish),
		cmocka_unit_test_teardown(redirects_are_followed_but_not_without_end, finish),
		cmocka_unit_test_teardown(digest_over_a_connection_that_closes, finish),
		cmocka_unit_test_teardown(T114_wrong_credentials_are_seen_as_such, finish),
		cmocka_unit_test_teardown(T120_put_sends_the_file_again_after_a_challenge, finish),
		cmocka_unit_test_teardown(T114_schemes_that_are_none_are_refused_at_once, finish),
		cmocka_unit_test_teardown(T114_a_server_that_is_not_there_is_told, finish),
		cmocka_unit_test_teardown(a_rate_is_kept, finish),
		UNIT(heads_are_read),
	};

	return cmocka_run_group_tests_name("stream", tests, set_up, tear_down);
}
