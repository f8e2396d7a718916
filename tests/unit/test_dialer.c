/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dialer as it runs: own process, own user, sandbox on, in a network namespace of its own with
 * name servers that are silent. Needs root.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/dial.h"
#include "agent/dialer/dialer.h"
#include "agent/loop.h"
#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "tests/unit/unit.h"

#define ANSWERS 32

static struct loop loop;
static struct dial *dialer;
static char hosts[] = "/tmp/test_dialer.XXXXXX", resolv[] = "/tmp/test_dialer.XXXXXX";

static struct answer {
	bool came;
	int status, fd;
	struct dial_conn conn;
	uint64_t at;
} answers[ANSWERS];
static struct dial_resolved names;

static void answered(void *arg, int status, int fd, const struct dial_conn *conn)
{
	struct answer *a = arg;

	assert_false(a->came);
	*a = (struct answer){ true, status, fd, *conn, clock_mono_ms() };
}

static void resolved(void *arg, int status, const struct dial_resolved *n)
{
	struct answer *a = arg;

	a->came = true;
	a->status = status;
	a->at = clock_mono_ms();
	names = *n;
}

static void wait_for(const struct answer *a, uint64_t max_ms)
{
	uint64_t end = clock_mono_ms() + max_ms;

	while (!a->came && clock_mono_ms() < end)
		assert_true(loop_once(&loop, 50) >= 0);
	assert_true(a->came);
}

static int ask(int i, const char *host, uint16_t port, enum dial_purpose purpose)
{
	struct dial_connect req = { .port = port, .purpose = (uint8_t)purpose };

	snprintf(req.host, sizeof(req.host), "%s", host);
	memset(&answers[i], 0, sizeof(answers[i]));
	return dial_connect(dialer, &req, answered, &answers[i]);
}

static int status_of(const char *host, uint16_t port, enum dial_purpose purpose)
{
	assert_true(ask(0, host, port, purpose) > 0);
	wait_for(&answers[0], 5000);
	if (answers[0].fd >= 0)
		close(answers[0].fd);
	return answers[0].status;
}

static int start_with(const char *text)
{
	struct dialer_config cfg;
	struct conf *conf;
	char all[512];
	int fd;

	snprintf(all, sizeof(all), "user.dialer = 64702\nuser.agent = 64701\n%s", text);
	if (conf_parse(&conf, "test", all, strlen(all)) || dialer_config_read(&cfg, conf))
		return -1;
	conf_free(conf);
	if (loop_init(&loop) || dialer_fork(&cfg, &fd))
		return -1;
	return dial_new(&dialer, &loop, fd);
}

static int strict(void **state)
{
	return start_with("");
}

static int loopback(void **state)
{
	return start_with("dialer.allow_loopback = yes\nconnreq.port = 7547\n");
}

static int teardown(void **state)
{
	int status;

	dial_free(dialer);
	loop_fini(&loop);
	if (wait(&status) < 0)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static int server(int family, uint16_t *port)
{
	struct sockaddr_in6 sa = { .sin6_family = (sa_family_t)family };
	socklen_t len = sizeof(sa);
	int fd = socket(family, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&sa, family == AF_INET ? 16 : len), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	*port = ntohs(sa.sin6_port);
	return fd;
}

static void N4_loopback_link_local_and_own_addresses_are_refused(void **state)
{
	static const char *const hosts_refused[] = {
		"127.0.0.1", "127.1.2.3", "::1",       "169.254.169.254", "fe80::1",
		"0.0.0.0",   "::",	  "224.0.0.1", "255.255.255.255", "::ffff:127.0.0.1",
		"localhost", "both.test", "192.0.2.1", "2001:db8::1",	  "198.51.100.7",
	};
	uint16_t port;
	int fd = server(AF_INET6, &port);

	for (size_t i = 0; i < ARRAY_SIZE(hosts_refused); i++) {
		int status = status_of(hosts_refused[i], port, DIAL_FOR_ACS);

		if (status != -EACCES)
			fail_msg("%s: %d", hosts_refused[i], status);
	}
	close(fd);
}

static int status_of_udp(const char *host, uint16_t port, enum dial_purpose purpose)
{
	struct dial_udp req = { .port = port, .purpose = (uint8_t)purpose };

	snprintf(req.host, sizeof(req.host), "%s", host);
	memset(&answers[0], 0, sizeof(answers[0]));
	assert_true(dial_udp(dialer, &req, answered, &answers[0]) > 0);
	wait_for(&answers[0], 5000);
	if (answers[0].fd >= 0)
		close(answers[0].fd);
	return answers[0].status;
}

static void N4_datagrams_do_not_go_to_own_addresses_either(void **state)
{
	static const char *const hosts_refused[] = { "127.0.0.1",   "::1",	    "192.0.2.1",
						     "2001:db8::1", "198.51.100.7", "localhost" };

	for (size_t i = 0; i < sizeof(hosts_refused) / sizeof(hosts_refused[0]); i++) {
		const char *host = hosts_refused[i];

		if (status_of_udp(host, 3478, DIAL_FOR_STUN) != -EACCES ||
		    status_of_udp(host, 7, DIAL_FOR_ECHO) != -EACCES ||
		    status_of_udp(host, 53, DIAL_FOR_NAMES) != -EACCES)
			fail_msg("%s", host);
	}
}

static void N4_ports_and_hosts_are_checked(void **state)
{
	assert_int_equal(status_of("127.0.0.1", 22, DIAL_FOR_ACS), -EACCES);
	assert_int_equal(status_of("127.0.0.1", 0, DIAL_FOR_ACS), -EACCES);
	assert_int_equal(status_of("127.0.0.1", 8080, DIAL_FOR_CONNREQ), -EACCES);
	assert_int_equal(status_of("127.0.0.1", 8080, (enum dial_purpose)0), -EACCES);
	assert_int_equal(status_of("", 8080, DIAL_FOR_ACS), -EINVAL);
	assert_int_equal(status_of("a b", 8080, DIAL_FOR_ACS), -EINVAL);
	assert_int_equal(status_of("fe80::1%lo", 8080, DIAL_FOR_ACS), -EINVAL);
	assert_int_equal(status_of("-x", 8080, DIAL_FOR_ACS), -EINVAL);
}

static void connection_carries_peer_and_local_address(void **state)
{
	uint16_t port;
	int fd = server(AF_INET, &port);

	assert_int_equal(status_of("127.0.0.1", port, DIAL_FOR_ACS), 0);
	assert_int_equal(answers[0].conn.peer.family, DIAL_IPV4);
	assert_int_equal(answers[0].conn.peer.port, port);
	assert_memory_equal(answers[0].conn.local.addr, "\x7f\0\0\1", 4);
	close(fd);
	assert_int_equal(status_of("127.0.0.1", port, DIAL_FOR_ACS), -ECONNREFUSED);
}

static void names_of_the_hosts_file_try_both_families(void **state)
{
	uint16_t port;
	int fd = server(AF_INET, &port);

	/* IPv6 refuses, IPv4 answers; and the other way round. */
	assert_int_equal(status_of("both.test", port, DIAL_FOR_ACS), 0);
	assert_int_equal(answers[0].conn.peer.family, DIAL_IPV4);
	close(fd);
	fd = server(AF_INET6, &port);
	assert_int_equal(status_of("both.test", port, DIAL_FOR_ACS), 0);
	assert_int_equal(answers[0].conn.peer.family, DIAL_IPV6);
	close(fd);
}

/* Two questions that no name server answers; literals and listeners do not wait for them. */
static void N4_silent_name_servers_block_nobody_else(void **state)
{
	uint64_t begin = clock_mono_ms();
	uint16_t port;
	int fd = server(AF_INET, &port);

	assert_true(ask(1, "silent.example", 8080, DIAL_FOR_ACS) > 0);
	assert_true(ask(2, "also-silent.example", 8080, DIAL_FOR_TRANSFER) > 0);
	assert_true(loop_once(&loop, 50) >= 0);
	assert_int_equal(status_of("127.0.0.1", port, DIAL_FOR_ACS), 0);
	memset(&answers[3], 0, sizeof(answers[3]));
	assert_true(dial_listen(dialer, DIAL_FOR_CONNREQ, answered, &answers[3]) > 0);
	wait_for(&answers[3], 1000);
	assert_int_equal(answers[3].status, 0);
	assert_int_equal(answers[3].conn.local.port, 7547);
	assert_int_equal(answers[3].conn.local.family, DIAL_IPV6);
	assert_true(clock_mono_ms() - begin < 1000);
	close(answers[3].fd);
	close(fd);

	/* Both end with an error, at the latest when their time is over. */
	wait_for(&answers[1], DIAL_RESOLVE_MS + 1000);
	wait_for(&answers[2], DIAL_RESOLVE_MS + 1000);
	assert_int_equal(answers[1].status, -EAGAIN);
	assert_int_equal(answers[2].status, -EAGAIN);
	assert_in_range(answers[2].at - begin, 1000, DIAL_RESOLVE_MS + 1000);
}

static void names_resolve_and_those_that_do_not_exist_say_so(void **state)
{
	struct dial_resolve req = { .host = "both.test", .purpose = DIAL_FOR_DIAGNOSTICS };

	memset(&answers[0], 0, sizeof(answers[0]));
	assert_true(dial_resolve(dialer, &req, resolved, &answers[0]) > 0);
	wait_for(&answers[0], 3000);
	assert_int_equal(answers[0].status, 0);
	assert_int_equal(names.count, 2);
	assert_int_not_equal(names.addr[0].family, names.addr[1].family);
}

static void route_to_the_acs_shows_the_local_address(void **state)
{
	struct dial_udp req = { .host = "127.0.0.1", .port = 8080, .purpose = DIAL_FOR_ACS };

	memset(&answers[0], 0, sizeof(answers[0]));
	assert_true(dial_udp(dialer, &req, answered, &answers[0]) > 0);
	wait_for(&answers[0], 1000);
	assert_int_equal(answers[0].status, 0);
	assert_memory_equal(answers[0].conn.local.addr, "\x7f\0\0\1", 4);
	close(answers[0].fd);
	/* A socket that could talk to anybody is not given for that. */
	memset(&req.host, 0, sizeof(req.host));
	memset(&answers[0], 0, sizeof(answers[0]));
	assert_true(dial_udp(dialer, &req, answered, &answers[0]) > 0);
	wait_for(&answers[0], 1000);
	assert_int_equal(answers[0].status, -EACCES);
}

static void N4_too_many_at_once_are_refused(void **state)
{
	/* Each waits for a name server. */
	for (int i = 1; i <= DIAL_REQUESTS_MAX; i++)
		assert_true(ask(i, "silent.example", 8080, DIAL_FOR_ACS) > 0);
	assert_int_equal(status_of("127.0.0.1", 8080, DIAL_FOR_ACS), -EBUSY);
	for (int i = 1; i <= DIAL_REQUESTS_MAX; i++)
		assert_false(answers[i].came);
}

static void N4_connections_per_minute_are_limited(void **state)
{
	int busy = 0, other = 0;

	for (int i = 0; i < 400; i++) {
		int status = status_of("127.0.0.1", 1, DIAL_FOR_ACS);

		busy += status == -EBUSY;
		other += status == -EACCES;
	}
	assert_in_range(other, 300, 320);
	assert_int_equal(busy + other, 400);
}

static void write_file(char *path, const char *text)
{
	int fd = mkstemp(path);

	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, 0644), 0);
	close(fd);
}

static int loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), r;

	ifr.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
	r = ioctl(fd, SIOCSIFFLAGS, &ifr);
	/* Own addresses that are not of 127.0.0.0/8. */
	if (!r)
		r = system("ip addr add 192.0.2.1/32 dev lo && "
			   "ip addr add 2001:db8::1/128 dev lo nodad && "
			   /* one that is no source, as an address is not while it is new */
			   "ip route add local 198.51.100.7 dev lo src 127.0.0.1");
	close(fd);
	return r;
}

static int group_setup(void **state)
{
	static const struct sockaddr_in dns = { .sin_family = AF_INET,
						.sin_port = 0x3500 /* 53 */,
						.sin_addr = { 0x3500007f } };
	int silent;

	if (unshare(CLONE_NEWNET | CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -1;
	write_file(hosts, "127.0.0.1 localhost\n::1 both.test\n127.0.0.1 both.test\n");
	write_file(resolv, "nameserver 127.0.0.53\n");
	if (mount(hosts, "/etc/hosts", NULL, MS_BIND, NULL) ||
	    mount(resolv, "/etc/resolv.conf", NULL, MS_BIND, NULL) || loopback_up())
		return -1;
	/* Takes every question and answers none. */
	silent = socket(AF_INET, SOCK_DGRAM, 0);
	log_set_fd(-1);
	return bind(silent, (const struct sockaddr *)&dns, sizeof(dns));
}

static int group_teardown(void **state)
{
	(void)umount("/etc/hosts");
	(void)umount("/etc/resolv.conf");
	(void)unlink(hosts);
	(void)unlink(resolv);
	return 0;
}

#define TEST(fn, setup) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(N4_loopback_link_local_and_own_addresses_are_refused, strict),
		TEST(N4_datagrams_do_not_go_to_own_addresses_either, strict),
		TEST(N4_ports_and_hosts_are_checked, loopback),
		TEST(connection_carries_peer_and_local_address, loopback),
		TEST(names_of_the_hosts_file_try_both_families, loopback),
		TEST(names_resolve_and_those_that_do_not_exist_say_so, loopback),
		TEST(route_to_the_acs_shows_the_local_address, loopback),
		TEST(N4_too_many_at_once_are_refused, loopback),
		TEST(N4_connections_per_minute_are_limited, loopback),
		TEST(N4_silent_name_servers_block_nobody_else, loopback),
	};

	if (geteuid()) {
		puts("skipped: the dialer's user can be taken by root only");
		return 77;
	}
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
