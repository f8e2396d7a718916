/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process for names alone. getaddrinfo() blocks for as long as the name servers are silent, and
 * connecting and listening must not wait for that; a thread would need clone() in the filter.
 * The resolver answers one question after the other; the dialer gives up on an answer that comes
 * too late. Same user and same filter as the dialer.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "ipc/dialer.h"

struct resolver_ask {
	uint32_t id;
	uint32_t family;
	char host[DIAL_HOST_MAX]; /* "": which name servers are there? */
};

struct resolver_answer {
	uint32_t id;
	int32_t status; /* 0, -ENOENT, -EAGAIN */
	uint32_t count;
	struct dial_addr addr[DIAL_ADDRS_MAX]; /* families take turns (RFC 8305 4) */
	char domain[DIAL_HOST_MAX];	       /* with name servers: what names are searched in */
};

/* Forks it, before the sandbox, into its own sandbox. The descriptor to talk to it, or -errno. */
int resolver_start(uid_t uid, gid_t gid);
/* Letters, digits, '.', '-', '_' and ':', not longer than a name can be. */
int resolver_host_ok(const char *host);
