/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A privileged role is one const struct role. The frame forks it, lets it open what it needs as
 * root, takes everything away that it does not need, and then feeds it checked messages. A role
 * never opens, executes or connects anything afterwards, and believes nothing that the agent says.
 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ipc/ipc.h"
#include "lib/conf.h"
#include "seccomp/sandbox.h"

#define ROLE_POLLS 6 /* descriptors of its own that a role may wait for */
#define ROLE_GROUPS 2

/* Exit statuses of the helper by which the system role asks the service manager to act. */
#define HELPER_EXIT_REBOOT 82
#define HELPER_EXIT_FACTORY_RESET 83

struct role_io; /* the frame's: how a role sends its events */

/* One line of a role's dispatch table, from helper/asroot.h. */
struct role_op {
	int (*run)(void *self, const void *req, void *rep, int fd_in, int *fd_out);
};

struct role {
	enum ipc_role ipc; /* its messages; names its socket run.dir/<name>.sock */
	enum sb_role sandbox;
	const char *user_key; /* of sallyport.conf; the role is started when the key is there */
	const char *group_keys[ROLE_GROUPS]; /* supplementary groups; NULL: none */
	bool reboots, resets;		     /* may end with HELPER_EXIT_x, which is passed on */
	const struct role_op *ops; /* IPC_OPS lines; a line without run is another role's */

	/* As root, in the role's own process: opens all it will ever need and builds *self.
	 * 0 or -errno, logged. io is for role_event(), valid for ever. */
	int (*open)(void **self, const struct conf *conf, struct role_io *io);
	/* Path of the socket, not connected, that it will send to. NULL: there is none. */
	const char *(*talks_to)(void *self);
	/* In the sandbox, before the first client: what shows that the sandbox lets the role work.
	 * NULL: nothing. 0 or -errno. */
	int (*ready)(void *self);
	/* Exactly one bit of enum ipc_state. NULL: always IPC_ST_IDLE. */
	uint32_t (*state)(void *self);
	/* Descriptors to wait for, filled with fd and events, at most ROLE_POLLS; how many. */
	unsigned int (*polls)(void *self, struct pollfd *fds);
	void (*polled)(void *self, const struct pollfd *fds, unsigned int n);
	/* ms until tick() is wanted, -1: not at all. */
	int (*timeout)(void *self);
	void (*tick)(void *self);
	/* The agent is gone: what it left half-said is forgotten; what was applied stays. */
	void (*client_gone)(void *self);
};

/* For the audit line of the request that is being carried out: one more key and value, at most
 * four; and why the answer, though it is one, is a refusal. */
void role_says(const char *key, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void role_refuses(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* To the agent, if it is connected; else nothing. A client that does not read is cut off. */
void role_event(struct role_io *io, enum ipc_op op, const void *payload);

extern const struct role radio_role;
extern const struct role station_role;
extern const struct role probe_role;
extern const struct role flash_role;
extern const struct role system_role;
