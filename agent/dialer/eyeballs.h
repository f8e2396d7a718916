/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connects to the first of several addresses that answers (RFC 8305): one attempt after the other,
 * DIAL_STAGGER_MS apart or at once when one fails, at most DIAL_TRIES_MAX under way.
 */
#pragma once

#include <stddef.h>

#include "agent/loop.h"
#include "ipc/dialer.h"
#include "lib/limits.h"

struct eyeballs;

/* status 0: fd is a connected non-blocking TCP socket, the callee's. Else -errno of the address
 * tried last. Not called from within eyeballs_start(). */
typedef void (*eyeballs_fn)(void *arg, int status, int fd);

struct attempt {
	struct loop_io io; /* fd -1: free */
	struct loop_timer timer;
	uint64_t asked_us;
	struct eyeballs *owner;
};

struct eyeballs {
	struct loop *loop;
	struct loop_timer stagger;
	struct attempt tries[DIAL_TRIES_MAX];
	struct dial_addr addr[DIAL_ADDRS_MAX];
	size_t naddrs, next;
	struct dial_how how;	      /* the caller's, before eyeballs_start() */
	uint64_t asked_us, opened_us; /* of the one that stood */
	int error;
	eyeballs_fn done;
	void *arg;
};

void eyeballs_init(struct eyeballs *e, struct loop *loop, eyeballs_fn done, void *arg);
/* addrs with their ports, in the order of preference; n >= 1. 0 or -errno. */
int eyeballs_start(struct eyeballs *e, const struct dial_addr *addrs, size_t n);
/* Closes what is under way; done() will not be called. */
void eyeballs_stop(struct eyeballs *e);
