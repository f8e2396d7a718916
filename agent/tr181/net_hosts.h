/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by net_hosts.c and net_host.c. */
#pragma once

#include "agent/kernel/leases.h"
#include "agent/tr181/net_internal.h"

/* One on the LAN; also the data of its row. */
struct host {
	uint8_t mac[6]; /* key */
	uint8_t family; /* of ip; 0: none is known */
	bool active, was_active, is_new;
	uint8_t ip[16];
	uint32_t round;
	uint32_t index;	     /* link on which ip is; 0: not on any now */
	uint32_t port;	     /* link behind which it is */
	uint64_t changed_ms; /* monotonic: active is so since, as far as the agent saw it */
	int64_t changed;     /* the same on the wall, once that is right: it does not move then */
	char name[LEASE_NAME_MAX + 1];
	char assoc[DM_PATH_MAX + 1]; /* its WiFi station, "" none */
	struct dm_inst *row;
};
