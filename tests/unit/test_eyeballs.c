/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/dialer/addr.h"
#include "agent/dialer/eyeballs.h"
#include "lib/clock.h"
#include "tests/unit/unit.h"

static struct loop loop;
static struct eyeballs eyes;
static int called, status, got;

static void done(void *arg, int s, int fd)
{
	called++;
	status = s;
	got = fd;
}

static int setup(void **state)
{
	called = 0;
	got = -1;
	if (loop_init(&loop))
		return -1;
	eyeballs_init(&eyes, &loop, done, NULL);
	return 0;
}

static int teardown(void **state)
{
	eyeballs_stop(&eyes);
	loop_fini(&loop);
	if (got >= 0)
		close(got);
	return 0;
}

/* A socket on 127.0.0.x; listening or only bound (then it refuses). */
static int server(struct dial_addr *addr, uint8_t last, int backlog)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int fd;

	*addr = (struct dial_addr){ .family = DIAL_IPV4, .addr = { 127, 0, 0, last } };
	len = dial_addr_to(addr, &ss);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
	if (backlog >= 0)
		assert_int_equal(listen(fd, backlog), 0);
	len = sizeof(ss);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	assert_int_equal(dial_addr_from(addr, (struct sockaddr *)&ss, len), 0);
	return fd;
}

static void run(uint64_t max_ms)
{
	uint64_t end = clock_mono_ms() + max_ms;

	while (!called && clock_mono_ms() < end)
		assert_true(loop_once(&loop, 100) >= 0);
}

static uint16_t peer_port(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct dial_addr a;

	assert_int_equal(getpeername(fd, (struct sockaddr *)&ss, &len), 0);
	assert_int_equal(dial_addr_from(&a, (struct sockaddr *)&ss, len), 0);
	return a.port;
}

static void first_address_wins_when_it_answers(void **state)
{
	struct dial_addr addr[2];
	int s0 = server(&addr[0], 1, 4), s1 = server(&addr[1], 2, 4);

	assert_int_equal(eyeballs_start(&eyes, addr, 2), 0);
	assert_int_equal(called, 0);
	run(1000);
	assert_int_equal(called, 1);
	assert_int_equal(status, 0);
	assert_int_equal(peer_port(got), addr[0].port);
	assert_true(fcntl(got, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(got, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(accept(s1, NULL, NULL), -1);
	assert_int_equal(loop.ntimers, 0);
	assert_int_equal(loop.nios, 0);
	close(s0);
	close(s1);
}

static void refused_address_makes_way_at_once(void **state)
{
	struct dial_addr addr[3];
	int s0 = server(&addr[0], 1, -1), s1 = server(&addr[1], 2, -1), s2 = server(&addr[2], 3, 4);
	uint64_t start = clock_mono_ms();

	assert_int_equal(eyeballs_start(&eyes, addr, 3), 0);
	run(1000);
	assert_int_equal(status, 0);
	assert_int_equal(peer_port(got), addr[2].port);
	assert_true(clock_mono_ms() - start < DIAL_STAGGER_MS);
	close(s0);
	close(s1);
	close(s2);
}

/* A full accept queue drops the SYN: the address is silent, like one behind a dead route. */
static int silent(struct dial_addr *addr, uint8_t last, int fill[8])
{
	int s = server(addr, last, 0);
	struct sockaddr_storage ss;
	socklen_t len = dial_addr_to(addr, &ss);

	for (int i = 0; i < 8; i++) {
		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fill[i], (struct sockaddr *)&ss, len);
	}
	return s;
}

static void silent_address_is_overtaken_after_the_stagger(void **state)
{
	struct dial_addr addr[2];
	int fill[8], s0 = silent(&addr[0], 1, fill), s1 = server(&addr[1], 2, 4);
	uint64_t start = clock_mono_ms(), took;

	assert_int_equal(eyeballs_start(&eyes, addr, 2), 0);
	run(3000);
	took = clock_mono_ms() - start;
	assert_int_equal(called, 1);
	assert_int_equal(status, 0);
	assert_int_equal(peer_port(got), addr[1].port);
	assert_in_range(took, DIAL_STAGGER_MS, DIAL_STAGGER_MS + 500);
	assert_int_equal(loop.nios, 0);
	assert_int_equal(loop.ntimers, 0);
	close(s0);
	close(s1);
	for (int i = 0; i < 8; i++)
		close(fill[i]);
}

static void last_error_is_told_when_none_answers(void **state)
{
	struct dial_addr addr[2];
	int s0 = server(&addr[0], 1, -1), s1 = server(&addr[1], 2, -1);

	assert_int_equal(eyeballs_start(&eyes, addr, 2), 0);
	run(1000);
	assert_int_equal(called, 1);
	assert_int_equal(status, -ECONNREFUSED);
	assert_int_equal(got, -1);
	assert_int_equal(loop.nios, 0);
	close(s0);
	close(s1);
}

static void stopped_attempts_stay_silent(void **state)
{
	struct dial_addr addr;
	int fill[8], s0 = silent(&addr, 1, fill);

	assert_int_equal(eyeballs_start(&eyes, &addr, 1), 0);
	assert_true(loop_once(&loop, 10) >= 0);
	eyeballs_stop(&eyes);
	assert_int_equal(loop.nios, 0);
	assert_int_equal(loop.ntimers, 0);
	assert_int_equal(called, 0);
	close(s0);
	for (int i = 0; i < 8; i++)
		close(fill[i]);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_address_wins_when_it_answers),
		TEST(refused_address_makes_way_at_once),
		TEST(silent_address_is_overtaken_after_the_stagger),
		TEST(last_error_is_told_when_none_answers),
		TEST(stopped_attempts_stay_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
