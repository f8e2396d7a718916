/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "agent/http/request.h"
#include "tests/unit/unit.h"

static enum request_verdict parse(struct request *out, const char *head)
{
	return request_parse(out, head, strlen(head));
}

static void N6_connection_request_head_is_parsed(void **state)
{
	struct request q;

	assert_int_equal(parse(&q, "GET /abc HTTP/1.1\r\nHost: x\r\n\r\n"), REQUEST_OK);
	assert_int_equal(q.path_len, 4);
	assert_memory_equal(q.path, "/abc", 4);
	assert_null(q.authorization);

	assert_int_equal(parse(&q, "GET /abc?x=1&y=/z HTTP/1.0\nauthorization:\t Digest a=b \n\n"),
			 REQUEST_OK);
	assert_int_equal(q.path_len, 4);
	assert_int_equal(q.authorization_len, 10);
	assert_memory_equal(q.authorization, "Digest a=b", 10);

	assert_int_equal(parse(&q, "\r\nGET http://192.0.2.1:7547/p?q HTTP/1.1\r\n\r\n"),
			 REQUEST_OK);
	assert_int_equal(q.path_len, 2);
	assert_memory_equal(q.path, "/p", 2);
	assert_int_equal(parse(&q, "GET http://192.0.2.1 HTTP/1.1\r\n\r\n"), REQUEST_OK);
	assert_int_equal(q.path_len, 0);
}

static void N6_connection_request_other_methods_are_known_as_such(void **state)
{
	struct request q;

	assert_int_equal(parse(&q, "POST /abc HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"),
			 REQUEST_METHOD);
	assert_int_equal(parse(&q, "HEAD / HTTP/1.1\r\n\r\n"), REQUEST_METHOD);
	assert_int_equal(parse(&q, "get / HTTP/1.1\r\n\r\n"), REQUEST_METHOD);
	assert_int_equal(parse(&q, "GETS / HTTP/1.1\r\n\r\n"), REQUEST_METHOD);
}

static void N6_connection_request_malformed_head_is_refused(void **state)
{
	static const char *const bad[] = {
		"GET\r\n\r\n",
		"GET /\r\n\r\n",
		"GET  HTTP/1.1\r\n\r\n",
		"GET abc HTTP/1.1\r\n\r\n",
		"GET * HTTP/1.1\r\n\r\n",
		"GET /a b HTTP/1.1\r\n\r\n",
		"GET /a HTTP/2.0\r\n\r\n",
		"GET /a HTTP/1.x\r\n\r\n",
		"GET /a http/1.1\r\n\r\n",
		" GET /a HTTP/1.1\r\n\r\n",
		"GET /\001 HTTP/1.1\r\n\r\n",
		"GET /\377 HTTP/1.1\r\n\r\n",
		"G@T /a HTTP/1.1\r\n\r\n",
		"GET /a HTTP/1.1\r\nHost\r\n\r\n",
		"GET /a HTTP/1.1\r\n: x\r\n\r\n",
		"GET /a HTTP/1.1\r\nHost : x\r\n\r\n",
		"GET /a HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
		"GET /a HTTP/1.1\r\nX: \001\r\n\r\n",
		"GET /a HTTP/1.1\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n",
		"\x16\x03\x01\x02 TLS hello\n\n",
	};
	struct request q;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (parse(&q, bad[i]) != REQUEST_BAD)
			fail_msg("taken: %s", bad[i]);
	}
	assert_int_equal(request_parse(&q, "GET /\0a HTTP/1.1\r\n\r\n", 21), REQUEST_BAD);
}

/* Every prefix of a good head asks for more; exactly sized memory shows an overrun to ASan. */
static void N6_connection_request_head_may_come_byte_by_byte(void **state)
{
	static const char head[] =
		"GET /abc?d HTTP/1.1\r\nHost: x\r\nAuthorization: Digest a=b\r\n\r\n";
	struct request q;

	for (size_t n = 0; n < sizeof(head) - 1; n++) {
		char *copy = malloc(n ? n : 1);

		assert_non_null(copy);
		memcpy(copy, head, n);
		assert_int_equal(request_parse(&q, copy, n), REQUEST_MORE);
		free(copy);
	}
	assert_int_equal(request_parse(&q, head, sizeof(head) - 1), REQUEST_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(N6_connection_request_head_is_parsed),
		UNIT(N6_connection_request_other_methods_are_known_as_such),
		UNIT(N6_connection_request_malformed_head_is_refused),
		UNIT(N6_connection_request_head_may_come_byte_by_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
