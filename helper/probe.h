/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the probe role. */
#pragma once

#include "helper/probe_echo.h"
#include "helper/role.h"

struct probe;

/* What became of a request. */
struct heard {
	enum echo_answer what;
	uint8_t code;
	int error; /* it could not even be sent: -errno; else 0 */
	struct probe_addr from;
	uint32_t us; /* the round trip, at least 1 */
};

/* A kind of test, as probe.c drives it: it sends, waits and hears for all of them. */
struct probe_job {
	/* Hops that the request numbered seq (1: the first) may take. NULL: the kernel's number. */
	uint8_t (*ttl)(const struct probe *p, uint32_t seq);
	void (*heard)(struct probe *p, const struct heard *h);
	/* After the request numbered seq: was it the last? */
	bool (*over)(const struct probe *p, uint32_t seq);
	/* Tells the agent. */
	void (*done)(struct probe *p);
};

/* The answer may come with IP options, or quote what it is about. */
#define PROBE_PACKET_MAX (ECHO_HEAD + 65535 + 128)

struct probe {
	struct role_io *io;
	int fd[2]; /* IPv4, IPv6; -1: the kernel has no such protocol */
	bool loopback, private;

	const struct probe_job *job; /* NULL: nothing to do */
	bool waiting;
	uint32_t id;
	struct probe_test test;
	struct probe_addr local; /* ours, that the test's answers came to */
	struct echo echo;
	uint32_t sent;
	int64_t sent_us;  /* CLOCK_REALTIME: the kernel stamps answers with it */
	uint64_t due_ms;  /* the answer's last moment, or the next request's first */
	uint64_t free_ms; /* no request before, of whatever test */

	/* of one job each */
	uint32_t count; /* ping: requests */
	uint64_t sum_us;
	struct ping_done ping;
	uint32_t tries, hops; /* trace */
	struct trace_hop hop;
	struct trace_done trace;

	uint8_t packet[PROBE_PACKET_MAX];
};

/* Checks what all tests have, and begins. 0, -EBUSY, -ERANGE, -EACCES, -EAFNOSUPPORT, -EIO. */
int probe_begin(struct probe *p, const struct probe_job *job, const struct probe_test *test,
		struct probe_started *rep);
