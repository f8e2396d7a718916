/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An agent that was taken over: it has the agent's uid and a role's socket, and tries everything
 * that the wire lets through, and everything that it does not. The role must cut off what breaks
 * the protocol without a byte in answer, refuse what is out of its limits, act on nothing, and be
 * there for the next client.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ipc/ipc.h"

struct evil {
	const char *path;
	enum ipc_role role;
	enum ipc_op op;	       /* its zeros are in shape, and it takes no descriptor */
	enum ipc_op spoilt[3]; /* whose fields are made random */
};

struct evil_test {
	const char *name;
	const char *(*run)(void); /* what is wrong, or NULL */
};

extern struct evil evil;
extern struct ipc_chan evil_chan;

/* PROGRAM SOCKET UID [NAME...], SEED and ROUNDS from the environment: the role's own tests, then
 * those of all roles. The exit status. */
int evil_main(int argc, char **argv, const struct evil *what, const struct evil_test *own,
	      size_t n);
/* The role takes the next client when it has seen the end of the last. */
int evil_connect(void);
void evil_disconnect(void);
int evil_raw(const void *bytes, size_t len, unsigned int nfds);
/* Sends it as another client: NULL when that is cut off without an answer. */
const char *evil_refused(const void *bytes, size_t len, unsigned int nfds);
/* true: the other end has closed, and said nothing. */
bool evil_cut_off(void);
