/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.IP.Diagnostics.UDPEchoConfig. and UDPEchoDiagnostics. (TR-143): the rows. Who receives and
 * sends is in agent/diag/: echo_server.c and echo.c. Times are microseconds since 1970.
 */
#pragma once

#include "agent/diag/diag.h"
#include "ipc/dialer.h"
#include "lib/limits.h"

struct echo_config {
	/* The settings have changed, within the commit. */
	void (*changed)(struct echo_config *);
	uint32_t received, responded; /* packets; all counters wrap */
	uint32_t octets_received, octets_responded;
	int64_t first_us, last_us; /* 0: none yet */
};

struct echo_packet {
	bool good;
	int64_t sent_us, heard_us;
	uint32_t gen_sn, resp_sn, received, replied, failures; /* as in the packet */
};

struct udp_echo {
	struct diag diag;
	struct dial_addr local;
	uint32_t good, bad;
	uint32_t min_us, max_us;
	uint64_t sum_us;
	uint32_t count;
	struct echo_packet packet[ECHO_COUNT_MAX];
};

extern const struct dm_object udp_echo, udp_echo_config;

/* The table has the first ECHO_RESULTS_MAX packets, if wanted. */
void udp_echo_show(struct dm *, struct udp_echo *, bool packets);
