/* SPDX-License-Identifier: Apache-2.0 */
/* Device.IP.Diagnostics.IPPing.: the rows. Who sends anything is agent/ping.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct dm;

enum ping_state {
	PING_NONE,
	PING_REQUESTED,
	PING_COMPLETE,
	PING_NO_NAME,  /* Error_CannotResolveHostName */
	PING_NO_ROUTE, /* Error_NoRouteToHost */
	PING_INTERNAL, /* Error_Internal */
	PING_OTHER,    /* Error_Other */
};

/* What is to be tested, as the rows say it now. */
struct ping_test {
	const char *host;    /* good until the next transaction */
	unsigned int family; /* 4, 6; 0: any */
	uint32_t ifindex;    /* 0: as the routes say */
	uint32_t count;
	uint32_t timeout_ms;
	uint32_t size;
	uint32_t dscp;
};

struct ping_results {
	uint32_t received, lost;
	uint32_t min_us, avg_us, max_us;
};

/*
 * Called within the commit of a change of this object: whatever runs is over, and if `requested` a
 * new test is wanted. It must not begin a transaction.
 */
typedef void (*ip_ping_fn)(void *arg, bool requested);

/* From now on Device.IP.Diagnostics. is there. 0 or -ENOMEM. */
int ip_ping_init(struct dm *, ip_ping_fn, void *arg);
void ip_ping_exit(struct dm *);

/* Begins an RPC of the tree. 0; -ENODEV: Interface names no interface of now. */
int ip_ping_test(struct dm *, struct ping_test *out);
/* The end of the requested test. results NULL: it never came to sending. */
void ip_ping_ended(struct dm *, enum ping_state, const struct ping_results *results);
