/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/*
 * Messages of the probe role: PING_START sends ICMP echo requests, one after the other, and
 * PING_DONE tells what came back (TR-181 Device.IP.Diagnostics.IPPing.). One at a time.
 */
struct probe_addr {
	uint8_t family; /* 4 or 6 */
	uint8_t zero[3];
	uint32_t scope;	  /* IPv6 scope id, else 0 */
	uint8_t addr[16]; /* IPv4 uses the first four; network order */
};

struct ping_start {
	struct probe_addr target;
	uint32_t ifindex;    /* leaves by this interface; 0: as the routes say */
	uint32_t count;	     /* echo requests */
	uint32_t timeout_ms; /* for each reply */
	uint32_t size;	     /* bytes of ICMP payload */
	uint32_t dscp;
};

struct probe_started {
	uint32_t id; /* of the test, in its events */
};

struct ping_done {
	uint32_t id;
	int32_t error; /* why the last request could not even be sent, -errno; else 0 */
	uint32_t received, lost;
	uint32_t min_us, avg_us, max_us; /* of those received; 0: none */
};
