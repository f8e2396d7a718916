/* SPDX-License-Identifier: Apache-2.0 */
/* The connection-request server over real sockets on 127.0.0.0/8. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/http/connreq.h"
#include "agent/http/digest.h"
#include "agent/http/throttle.h"
#include "agent/loop.h"
#include "lib/clock.h"
#include "lib/limits.h"
#include "tests/unit/unit.h"

#define PATH "/0123456789abcdef"

static struct loop loop;
static struct connreq *cr;
static uint16_t port;
static int accepted;
static bool has_credentials;
static char answer[1024];

static bool credentials(void *arg, const char **user, const char **password)
{
	*user = has_credentials ? "acs" : "";
	*password = has_credentials ? "pass" : "";
	return has_credentials;
}

static const char *path(void *arg)
{
	return PATH;
}

static void on_accepted(void *arg)
{
	accepted++;
}

static int start(uint32_t per_minute, bool sha256)
{
	const struct connreq_config cfg = { .sha256 = sha256, .unauth_per_minute = per_minute };
	const struct connreq_ops ops = { credentials, path, on_accepted, NULL };
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	accepted = 0;
	has_credentials = true;
	if (loop_init(&loop) || connreq_new(&cr, &loop, &cfg, &ops))
		return -1;
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) || listen(fd, 16) ||
	    getsockname(fd, (struct sockaddr *)&sin, &len))
		return -1;
	port = ntohs(sin.sin_port);
	return connreq_listen(cr, fd);
}

static int setup(void **state)
{
	return start(100, false);
}

static int teardown(void **state)
{
	connreq_free(cr);
	if (loop.nios || loop.ntimers)
		return -1;
	loop_fini(&loop);
	return 0;
}

static int dial(uint8_t last)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_addr.s_addr = htonl(0x7f000000u | last);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons(port);
	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	return fd;
}

/* What the server says until it closes its side; "" when it closes without a word. */
static const char *listen_to(int fd)
{
	uint64_t end = clock_mono_ms() + 2000;
	size_t n = 0;

	while (clock_mono_ms() < end) {
		ssize_t r;

		assert_true(loop_once(&loop, 5) >= 0);
		r = recv(fd, answer + n, sizeof(answer) - 1 - n, MSG_DONTWAIT);
		if (r <= 0 && n)
			break;
		if (r == 0)
			break;
		if (r > 0)
			n += (size_t)r;
	}
	answer[n] = '\0';
	return answer;
}

static const char *ask_from(uint8_t last, const char *text)
{
	int fd = dial(last);

	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
	listen_to(fd);
	close(fd);
	while (loop.nios > 1)
		assert_true(loop_once(&loop, 100) >= 0);
	return answer;
}

static const char *ask(const char *text)
{
	return ask_from(1, text);
}

static bool is(const char *text, const char *status)
{
	return !strncmp(text, "HTTP/1.1 ", 9) && !strncmp(text + 9, status, 3);
}

static void take_nonce(char out[128])
{
	const char *p = strstr(answer, "nonce=\"");

	assert_non_null(p);
	assert_int_equal(sscanf(p, "nonce=\"%127[^\"]", out), 1);
}

static const char *request(enum digest_alg alg, const char *nonce, const char *nc, const char *user,
			   const char *password, const char *target)
{
	static char text[2000];
	struct digest_auth auth = { .qop = "auth", .realm = "sallyport", .cnonce = "c" };
	char hash[DIGEST_HEX_MAX];

	snprintf(auth.username, sizeof(auth.username), "%s", user);
	snprintf(auth.nonce, sizeof(auth.nonce), "%s", nonce);
	snprintf(auth.nc, sizeof(auth.nc), "%s", nc);
	snprintf(auth.uri, sizeof(auth.uri), "%s", target);
	assert_int_equal(digest_response(alg, &auth, password, "GET", hash), 0);
	snprintf(text, sizeof(text),
		 "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Digest username=\"%s\", "
		 "realm=\"sallyport\", nonce=\"%s\", uri=\"%s\", response=\"%s\", qop=auth, "
		 "nc=%s, cnonce=\"c\", algorithm=%s\r\n\r\n",
		 target, user, nonce, target, hash, nc, digest_alg_name(alg));
	return text;
}

static void fresh_nonce(char out[128])
{
	assert_true(is(ask("GET " PATH " HTTP/1.1\r\n\r\n"), "401"));
	take_nonce(out);
}

static void T105_digest_is_answered_with_an_empty_200(void **state)
{
	char nonce[128];

	fresh_nonce(nonce);
	assert_int_equal(accepted, 0);
	assert_non_null(strstr(answer, "algorithm=MD5"));
	assert_null(strstr(strstr(answer, "WWW-Authenticate") + 1, "WWW-Authenticate"));
	assert_true(is(ask(request(DIGEST_MD5, nonce, "00000001", "acs", "pass", PATH)), "200"));
	assert_non_null(strstr(answer, "Content-Length: 0\r\n"));
	assert_int_equal(accepted, 1);
	assert_true(
		is(ask(request(DIGEST_MD5, nonce, "00000002", "acs", "pass", PATH "?x=1")), "200"));
	assert_int_equal(accepted, 2);
}

static void T106_wrong_credentials_get_401_and_no_session(void **state)
{
	static const char *const wrong[][2] = { { "acs", "Pass" },
						{ "other", "pass" },
						{ "", "" } };
	char nonce[128];

	for (size_t i = 0; i < 3; i++) {
		fresh_nonce(nonce);
		ask(request(DIGEST_MD5, nonce, "00000001", wrong[i][0], wrong[i][1], PATH));
		assert_true(is(answer, "401"));
		assert_null(strstr(answer, "stale"));
	}
	assert_true(is(ask("GET " PATH " HTTP/1.1\r\nAuthorization: Basic YWNzOnBhc3M=\r\n\r\n"),
		       "401"));
	has_credentials = false;
	fresh_nonce(nonce);
	assert_true(is(ask(request(DIGEST_MD5, nonce, "00000001", "", "", PATH)), "401"));
	assert_int_equal(accepted, 0);
}

static void T107_wrong_path_is_404(void **state)
{
	assert_true(is(ask("GET / HTTP/1.1\r\n\r\n"), "404"));
	assert_true(is(ask("GET " PATH "/ HTTP/1.1\r\n\r\n"), "404"));
	assert_true(is(ask("GET /0123456789abcdee HTTP/1.1\r\n\r\n"), "404"));
	assert_null(strstr(answer, "WWW-Authenticate"));
}

static void N5_digest_for_another_path_is_refused(void **state)
{
	char nonce[128], text[2000];

	fresh_nonce(nonce);
	snprintf(text, sizeof(text), "%s",
		 request(DIGEST_MD5, nonce, "00000001", "acs", "pass", "/0123456789abcdeX"));
	memcpy(strstr(text, "abcdeX"), "abcdef", 6); /* the request line, not the uri */
	assert_true(is(ask(text), "401"));
	assert_int_equal(accepted, 0);
}

static void T110_replayed_nonce_is_stale(void **state)
{
	char nonce[128], text[2000];

	fresh_nonce(nonce);
	snprintf(text, sizeof(text), "%s",
		 request(DIGEST_MD5, nonce, "00000001", "acs", "pass", PATH));
	assert_true(is(ask(text), "200"));
	assert_true(is(ask(text), "401"));
	assert_non_null(strstr(answer, "stale=true"));
	assert_int_equal(accepted, 1);
	ask(request(DIGEST_MD5, "0123", "00000001", "acs", "pass", PATH));
	assert_true(is(answer, "401"));
	assert_int_equal(accepted, 1);
}

static void N5_sha256_by_setting(void **state)
{
	char nonce[128];

	teardown(NULL);
	assert_int_equal(start(100, true), 0);
	fresh_nonce(nonce);
	assert_non_null(strstr(answer, "algorithm=SHA-256"));
	assert_true(is(ask(request(DIGEST_MD5, nonce, "00000001", "acs", "pass", PATH)), "401"));
	assert_true(is(ask(request(DIGEST_SHA256, nonce, "00000001", "acs", "pass", PATH)), "200"));
	assert_int_equal(accepted, 1);
}

static void N6_other_methods_bodies_and_garbage_are_refused(void **state)
{
	char big[CONNREQ_HEAD_MAX + 200];

	assert_true(is(ask("POST " PATH " HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"), "405"));
	assert_non_null(strstr(answer, "Allow: GET"));
	assert_true(is(ask("\x16\x03\x01\n\n"), "400"));
	memset(big, 'x', sizeof(big) - 1);
	memcpy(big, "GET / HTTP/1.1\r\nX: ", 19);
	big[sizeof(big) - 1] = '\0';
	assert_true(is(ask(big), "400"));
	assert_int_equal(accepted, 0);
}

static void T109_flood_is_limited_with_503_but_who_has_the_password_is_not(void **state)
{
	char nonce[128];

	teardown(NULL);
	assert_int_equal(start(5, false), 0);
	fresh_nonce(nonce);
	for (int i = 0; i < 4; i++)
		assert_true(is(ask("GET " PATH " HTTP/1.1\r\n\r\n"), "401"));
	assert_true(is(ask("GET " PATH " HTTP/1.1\r\n\r\n"), "503"));
	assert_null(strstr(answer, "Retry-After"));
	assert_true(is(ask("GET / HTTP/1.1\r\n\r\n"), "503"));
	assert_true(is(ask_from(2, "GET " PATH " HTTP/1.1\r\n\r\n"), "401"));
	assert_true(is(ask(request(DIGEST_MD5, nonce, "00000001", "acs", "pass", PATH)), "200"));
	assert_int_equal(accepted, 1);
}

/* Four half-open connections, then a good request: it is answered at once. */
static void N6_half_open_connections_block_nobody(void **state)
{
	int fd[2 * CONNREQ_CONNS_MAX];
	uint64_t begin = clock_mono_ms();

	for (size_t i = 0; i < 2 * CONNREQ_CONNS_MAX; i++) {
		fd[i] = dial(1);
		assert_int_equal(send(fd[i], "GET /", 5, 0), 5);
		assert_true(loop_once(&loop, 10) >= 0);
	}
	int good = dial(1);
	static const char text[] = "GET " PATH " HTTP/1.1\r\n\r\n";

	assert_int_equal(send(good, text, sizeof(text) - 1, 0), (ssize_t)sizeof(text) - 1);
	assert_true(is(listen_to(good), "401"));
	assert_true(clock_mono_ms() - begin < 1000);
	assert_true(loop.nios <= 1 + CONNREQ_CONNS_MAX);
	close(good);
	for (size_t i = 0; i < 2 * CONNREQ_CONNS_MAX; i++)
		close(fd[i]);
}

static void N6_silent_connection_is_closed_at_the_deadline(void **state)
{
	uint64_t begin = clock_mono_ms();
	int fd = dial(1);

	while (loop.nios < 2)
		assert_true(loop_once(&loop, 100) >= 0);
	while (loop.nios > 1)
		assert_true(loop_once(&loop, 1000) >= 0);
	assert_in_range(clock_mono_ms() - begin, CONNREQ_DEADLINE_MS - 10,
			CONNREQ_DEADLINE_MS + 500);
	assert_int_equal(recv(fd, answer, 1, 0), 0);
	close(fd);
}

static void N6_closed_port_drops_its_connections(void **state)
{
	int fd = dial(1);

	while (loop.nios < 2)
		assert_true(loop_once(&loop, 100) >= 0);
	assert_true(connreq_listening(cr));
	assert_int_equal(connreq_listen(cr, -1), 0);
	assert_false(connreq_listening(cr));
	assert_int_equal(loop.nios, 0);
	close(fd);
}

static void N6_throttle_counts_sources_apart_and_all_together(void **state)
{
	struct dial_addr a = { .family = DIAL_IPV4, .addr = { 192, 0, 2, 1 } };
	static struct throttle t;
	int passed = 0;

	throttle_init(&t, 3, 1000);
	for (int i = 0; i < 3; i++)
		assert_true(throttle_pass(&t, &a, 1000));
	assert_false(throttle_pass(&t, &a, 1000));
	assert_false(throttle_pass(&t, &a, 1000 + 19999));
	assert_true(throttle_pass(&t, &a, 1000 + 20001));
	a.addr[3] = 2;
	assert_true(throttle_pass(&t, &a, 1000));

	throttle_init(&t, 3, 1000);
	for (int i = 0; i < 1000; i++) {
		a.addr[2] = (uint8_t)(i >> 8);
		a.addr[3] = (uint8_t)i;
		passed += throttle_pass(&t, &a, 1000);
	}
	assert_int_equal(passed, 3 * CONNREQ_GLOBAL_FACTOR);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(T105_digest_is_answered_with_an_empty_200),
		TEST(T106_wrong_credentials_get_401_and_no_session),
		TEST(T107_wrong_path_is_404),
		TEST(N5_digest_for_another_path_is_refused),
		TEST(T110_replayed_nonce_is_stale),
		TEST(N5_sha256_by_setting),
		TEST(N6_other_methods_bodies_and_garbage_are_refused),
		TEST(T109_flood_is_limited_with_503_but_who_has_the_password_is_not),
		TEST(N6_half_open_connections_block_nobody),
		TEST(N6_silent_connection_is_closed_at_the_deadline),
		TEST(N6_closed_port_drops_its_connections),
		UNIT(N6_throttle_counts_sources_apart_and_all_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
