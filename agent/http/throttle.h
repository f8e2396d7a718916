/* SPDX-License-Identifier: Apache-2.0 */
/* Counts what comes without credentials, by source address and in all. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ipc/dialer.h"
#include "lib/limits.h"

struct throttle_bucket {
	uint64_t tokens; /* in 1/60000 of a request */
	uint64_t at_ms;
};

struct throttle {
	uint32_t per_minute; /* of one source; also the burst */
	struct throttle_bucket all;
	struct {
		struct throttle_bucket bucket;
		uint8_t net[8]; /* an IPv6 customer has a /64 to choose from */
		uint8_t family; /* 0: free */
	} source[CONNREQ_SOURCES_MAX];
};

void throttle_init(struct throttle *t, uint32_t per_minute, uint64_t now_ms);
/* Takes a token; false: too many. */
bool throttle_pass(struct throttle *t, const struct dial_addr *from, uint64_t now_ms);
