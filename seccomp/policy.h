/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A role's system calls: everything that has no line kills the process. Each line ends with the
 * reason why the role needs it (tests/sandbox/lint checks that it is there).
 *
 *	ALLOW(accept4),                          // connection requests
 *	ALLOW(fcntl, INT(1, F_GETFL)),           // curl looks whether a socket is non-blocking
 *	ERRNO(connect, EINPROGRESS),             // libcurl 7.88.1 calls it on a connected socket
 *
 * All conditions of one line must hold; several lines of one call are alternatives. A table ends
 * with END.
 */
#pragma once

#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include "seccomp/sandbox.h"

#define SB_CMPS 3

struct sb_cmp {
	uint8_t used;
	uint8_t arg;
	uint64_t mask;
	uint64_t value;
};

struct sb_rule {
	int nr;
	int err; /* 0: allowed; else the errno that is answered without calling */
	const char *name;
	struct sb_cmp cmp[SB_CMPS];
};

/* clang-format off */
/* The kernel looks at the lower half of an int's register only, and so does the filter: what a
 * compiler leaves in the upper half is not defined. */
#define INT(n, v) { 1, (n), 0xffffffffu, (uint32_t)(v) }
#define BITS(n, m, v) { 1, (n), (uint32_t)(m), (uint32_t)(v) }
/* A pointer, size_t or unsigned long: all 64 bits. */
#define WORD(n, v) { 1, (n), UINT64_MAX, (uint64_t)(v) }
#define ALLOW(call, ...) { SCMP_SYS(call), 0, #call, { __VA_ARGS__ } }
#define ERRNO(call, e, ...) { SCMP_SYS(call), (e), #call, { __VA_ARGS__ } }
#define END { .name = NULL }
/* clang-format on */

#define SB_CAPS 2
#define SB_NO_CAP (-1)

struct sb_policy {
	const char *name;
	const struct sb_rule *rules; /* up to END */
	unsigned int nofile;	     /* descriptors */
	int caps[SB_CAPS];	     /* all that is kept; SB_NO_CAP: nothing */
	bool net;		     /* may bind and connect TCP where Landlock knows networks */
	bool root;		     /* stays uid 0 */
};

extern const struct sb_policy sb_policies[SB_ROLES];

extern const struct sb_rule sb_agent[];
extern const struct sb_rule sb_dialer[];
extern const struct sb_rule sb_resolver[];
extern const struct sb_rule sb_flash[];
extern const struct sb_rule sb_probe[];
extern const struct sb_rule sb_radio[];
extern const struct sb_rule sb_station[];
extern const struct sb_rule sb_system[];
extern const struct sb_rule sb_parent[];
extern const struct sb_rule sb_san[]; /* added to every role in a sanitizer's build */

/* filter.c. The whole filter, not loaded: for sb_filter_load(), and for the dumps of make
 * policy.txt. 0 or -errno; *out is the caller's (seccomp_release). */
int sb_filter_build(enum sb_role role, uint32_t otherwise, scmp_filter_ctx *out);
int sb_filter_load(enum sb_role role);

/* privileges.c */
int sb_bound(const struct sb_policy *policy); /* drops the bounding set, while still root */
int sb_become(const struct sb_request *req, const struct sb_policy *policy);
int sb_limit(const struct sb_policy *policy);

/* files.c: Landlock, or an own root of nothing but the paths. */
int sb_landlock_abi(void);		   /* 0: the kernel has none */
int sb_root(const struct sb_request *req); /* where there is no Landlock: while still root */
int sb_landlock(const struct sb_request *req, const struct sb_policy *policy, int abi);

/* debug.c: CONFIG_SANDBOX_DEBUG only. */
int sb_report(enum sb_role role);
