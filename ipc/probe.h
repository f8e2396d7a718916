/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/*
 * Messages of the probe role, which sends ICMP echo requests, one after the other. One test at a
 * time: PING_START to PING_DONE (TR-181 Device.IP.Diagnostics.IPPing.), or TRACE_START, then
 * TRACE_HOP for each hop, to TRACE_DONE (TraceRoute.).
 */
#define TRACE_TRIES_MAX 3
#define TRACE_HOPS_MAX 64

struct probe_addr {
	uint8_t family; /* 4 or 6 */
	uint8_t zero[3];
	uint32_t scope;	  /* IPv6 scope id, else 0 */
	uint8_t addr[16]; /* IPv4 uses the first four; network order */
};

struct probe_test {
	struct probe_addr target;
	uint32_t ifindex;    /* leaves by this interface; 0: as the routes say */
	uint32_t timeout_ms; /* for each reply */
	uint32_t size;	     /* bytes of ICMP payload */
	uint32_t dscp;
};

struct ping_start {
	struct probe_test test;
	uint32_t count; /* echo requests */
};

struct probe_started {
	uint32_t id; /* of the test, in its events */
};

struct ping_done {
	uint32_t id;
	int32_t error; /* why the last request could not even be sent, -errno; else 0 */
	uint32_t received, lost;
	uint32_t min_us, avg_us, max_us; /* of those received; 0: none */
	struct probe_addr local;	 /* where they came to; family 0: none came */
};

struct trace_start {
	struct probe_test test;
	uint32_t tries; /* echo requests for each hop */
	uint32_t hops;	/* at most, until the target answers */
};

struct trace_try {
	uint32_t us; /* round trip; 0: no answer */
};

struct trace_hop {
	uint32_t id;
	uint32_t hop;		/* 1: the first */
	uint32_t code;		/* of the ICMP message that came last; 0: an answer, or none */
	struct probe_addr from; /* who sent it; family 0: nobody did */
	struct trace_try tries[TRACE_TRIES_MAX];
};

struct trace_done {
	uint32_t id;
	int32_t error;		 /* as in PING_DONE */
	uint32_t reached;	 /* 1: the target has answered */
	uint32_t gone;		 /* 1: somebody said that it cannot be reached */
	struct probe_addr local; /* as in PING_DONE */
};
