/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A taken-over agent and the probe role (tests/sandbox/evil.h), whose operator allows neither
 * private addresses nor loopback:
 *
 *	evil_probe SOCKET UID [NAME...]      SEED and ROUNDS from the environment
 *
 * What leaves the box is counted by the kernel, in the namespace of whoever calls.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/clock.h"
#include "lib/limits.h"
#include "tests/sandbox/evil.h"

#define NOBODY "203.0.113.1" /* documentation (RFC 5737): allowed, and there is nobody */
#define PER_SECOND 10

/* Of a line such as "IcmpMsg: OutType8 5" in two lines of names and values, or of one of snmp6. */
static unsigned long counter(const char *file, const char *group, const char *name)
{
	char names[4096], values[4096], *at, *next;
	unsigned long sum = 0;
	FILE *f = fopen(file, "re");

	while (f && fgets(names, sizeof(names), f)) {
		if (!group && !strncmp(names, name, strlen(name)))
			sum = strtoul(names + strlen(name), NULL, 10);
		if (!group || strncmp(names, group, strlen(group)) != 0 ||
		    !fgets(values, sizeof(values), f))
			continue;
		at = values + strlen(group);
		for (next = strtok(names + strlen(group), " \n"); next;
		     next = strtok(NULL, " \n")) {
			unsigned long n = strtoul(at, &at, 10);

			if (!strcmp(next, name))
				sum = n;
		}
	}
	if (f)
		(void)fclose(f);
	return sum;
}

/* Echo requests that this namespace has sent. */
static unsigned long sent(void)
{
	return counter("/proc/self/net/snmp", "IcmpMsg:", "OutType8") +
	       counter("/proc/self/net/snmp6", NULL, "Icmp6OutEchos");
}

/* Until that many have left since. */
static bool left(unsigned long before, unsigned long n)
{
	for (int i = 0; i < 2000 && sent() < before + n; i++)
		(void)poll(NULL, 0, 10);
	return sent() >= before + n;
}

static struct probe_addr address(const char *text)
{
	struct probe_addr a = { .family = strchr(text, ':') ? 6 : 4 };

	(void)inet_pton(a.family == 6 ? AF_INET6 : AF_INET, text, a.addr);
	return a;
}

struct bad {
	const char *host; /* NULL: NOBODY */
	uint8_t family;	  /* instead of the host's */
	uint32_t timeout, size, count, tries, hops;
	int wanted;
};

#define HOST(name)                                 \
	{                                          \
		name, 0, 100, 56, 1, 1, 1, -EACCES \
	}
#define FAMILY(f)                                  \
	{                                          \
		NULL, f, 100, 56, 1, 1, 1, -EACCES \
	}
#define LIMIT(timeout, size, count, tries, hops)                    \
	{                                                           \
		NULL, 0, timeout, size, count, tries, hops, -ERANGE \
	}

/* In shape, and not for an agent to ask for. Of a ping tries and hops do not count, nor count of
 * a trace. */
static const struct bad bads[] = {
	HOST("127.0.0.1"),
	HOST("127.255.255.254"),
	HOST("0.0.0.0"),
	HOST("0.1.2.3"),
	HOST("10.0.0.1"),
	HOST("172.31.255.255"),
	HOST("192.168.1.1"),
	HOST("169.254.169.254"),
	HOST("100.64.0.1"),
	HOST("224.0.0.1"),
	HOST("239.255.255.250"),
	HOST("240.0.0.1"),
	HOST("255.255.255.255"),
	HOST("::"),
	HOST("::1"),
	HOST("::ffff:203.0.113.1"),
	HOST("fe80::1"),
	HOST("fd00::1"),
	HOST("ff02::1"),
	HOST("ff0e::1"),
	FAMILY(1),
	FAMILY(5),
	LIMIT(0, 56, 1, 1, 1),
	LIMIT(PROBE_TIMEOUT_MAX_MS + 1, 56, 1, 1, 1),
	LIMIT(UINT32_MAX, 56, 1, 1, 1),
	LIMIT(100, 0, 1, 1, 1),
	LIMIT(100, PROBE_SIZE_MAX + 1, 1, 1, 1),
	LIMIT(100, 65535, 1, 1, 1),
	LIMIT(100, 56, 0, 0, 1),
	LIMIT(100, 56, PROBE_COUNT_MAX + 1, 1, 0),
	LIMIT(100, 56, UINT32_MAX, 0, 0),
};

static struct probe_test test_of(const struct bad *b)
{
	struct probe_test t = { .target = address(b->host ? b->host : NOBODY),
				.timeout_ms = b->timeout,
				.size = b->size };

	if (b->family)
		t.target.family = b->family;
	return t;
}

/* Waits when it comes faster than the role answers. */
static int ask(enum ipc_op op, const void *req, void *rep)
{
	int r;

	while ((r = ipc_call(&evil_chan, op, req, rep, -1, NULL)) == -EAGAIN)
		(void)poll(NULL, 0, 300);
	return r;
}

static const char *senseless(void)
{
	static char wrong[160];
	unsigned long before = sent();
	struct probe_started rep;

	if (evil_connect())
		return "the role takes no client";
	for (size_t i = 0; i < ARRAY_SIZE(bads); i++) {
		const struct bad *b = &bads[i];
		struct ping_start ping = { test_of(b), b->count };
		struct trace_start trace = { test_of(b), b->tries, b->hops };
		int p = ask(IPC_PING_START, &ping, &rep), t = ask(IPC_TRACE_START, &trace, &rep);

		if (p == b->wanted && t == b->wanted && evil_chan.fd >= 0)
			continue;
		(void)snprintf(wrong, sizeof(wrong), "row %zu: a ping %d, a trace %d", i, p, t);
		evil_disconnect();
		return wrong;
	}
	evil_disconnect();
	return sent() == before ? NULL : "something was sent";
}

static const char *refused(enum ipc_op op, const void *req, int number)
{
	static struct ipc_frame f;
	static char wrong[80];

	ipc_build(&f, IPC_KIND_REQUEST, op, 1, 0, req);
	if (!evil_refused(&f, sizeof(f.hdr) + f.hdr.size, 0))
		return NULL;
	(void)snprintf(wrong, sizeof(wrong), "%s %d: not cut off, or answered", ipc_rows[op].name,
		       number);
	return wrong;
}

/* What no field may hold does not come as far as the role. */
static const char *out_of_shape(void)
{
	struct probe_test good = { .target = address(NOBODY), .timeout_ms = 100, .size = 56 };
	const char *wrong = NULL;

	for (int i = 0; i < 7 && !wrong; i++) {
		struct ping_start ping = { good, 1 };
		struct trace_start trace = { good, i == 5 ? TRACE_TRIES_MAX + 1 : 1,
					     i == 6 ? TRACE_HOPS_MAX + 1 : 1 };
		struct probe_test *t = &ping.test;

		t->dscp = i == 0 ? 64 : 0;
		t->ifindex = i == 1 ? UINT32_MAX : 0;
		t->target.family = i == 2 ? 7 : 4;
		t->target.zero[2] = i == 3;
		t->size = i == 4 ? 65536 : 56;
		trace.test = *t;
		if (i < 5)
			wrong = refused(IPC_PING_START, &ping, i);
		if (!wrong)
			wrong = refused(IPC_TRACE_START, &trace, i);
	}
	return wrong;
}

static const char *one_at_a_time(void)
{
	struct probe_test test = { .target = address(NOBODY), .timeout_ms = 60000, .size = 56 };
	const struct ping_start ping = { test, 1000 };
	const struct trace_start trace = { test, 3, 64 };
	struct probe_started rep;
	unsigned long before = sent();
	int first, ping_too, trace_too;

	if (evil_connect())
		return "the role takes no client";
	first = ask(IPC_PING_START, &ping, &rep);
	ping_too = ask(IPC_PING_START, &ping, &rep);
	trace_too = ask(IPC_TRACE_START, &trace, &rep);
	if (!first && left(before, 1))
		(void)poll(NULL, 0, 300);
	evil_disconnect();
	if (first || ping_too != -EBUSY || trace_too != -EBUSY)
		return "two tests at the same time";
	return sent() == before + 1 ? NULL : "not one request under way";
}

/* In the most hurried way that there is: no wait for answers, tests stopped and begun anew. */
static const char *no_flood(void)
{
	struct probe_test test = { .target = address(NOBODY), .timeout_ms = 1, .size = 56 };
	const struct ping_start ping = { test, 1000 };
	const struct trace_start trace = { test, 1, 64 };
	unsigned long before = sent(), n;
	uint64_t began = clock_mono_ms(), took;
	struct probe_started rep;

	for (unsigned int i = 0; i < 40; i++) {
		if (i % 10 == 0) {
			evil_disconnect();
			if (evil_connect())
				return "the role takes no client";
		}
		(void)ask(IPC_PROBE_STOP, NULL, NULL);
		(void)ask(i % 2 ? IPC_PING_START : IPC_TRACE_START,
			  i % 2 ? (const void *)&ping : (const void *)&trace, &rep);
		if (i == 20 && !left(before, 5))
			return "it does not send at all";
	}
	evil_disconnect();
	n = sent() - before;
	took = clock_mono_ms() - began;
	fprintf(stderr, "no_flood: %lu requests in %lu ms\n", n, (unsigned long)took);
	return n <= PER_SECOND * took / 1000 + 1 ? NULL : "faster than ten a second";
}

int main(int argc, char **argv)
{
	static const struct evil probe = { .role = IPC_PROBE,
					   .op = IPC_PING_START,
					   .spoilt = { IPC_PING_START, IPC_TRACE_START,
						       IPC_PROBE_STOP } };
	static const struct evil_test own[] = {
		{ "I5_targets_and_limits_are_checked_again", senseless },
		{ "I2_fields_out_of_shape_are_cut_off", out_of_shape },
		{ "I5_one_test_and_one_request_at_a_time", one_at_a_time },
		{ "I4_no_flood_leaves_the_box", no_flood },
	};

	return evil_main(argc, argv, &probe, own, ARRAY_SIZE(own));
}
