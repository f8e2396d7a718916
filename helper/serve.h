/* SPDX-License-Identifier: Apache-2.0 */
/* The frame inside a role's process. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "helper/role.h"
#include "ipc/ipc.h"
#include "lib/audit.h"

struct role_io {
	const struct role *role;
	void *self;
	int listener;
	int line; /* to the helper's first process: its end is ours */
	uid_t agent;
	uint64_t violations;
	uint64_t throttled; /* requests refused for coming too fast, since the last line about it */
	uint64_t throttled_at;
	struct audit_gate quiet; /* lines about requests that leave none when they are done */
	struct ipc_chan chan;
	struct ipc_gate gate;
	uint64_t reply[IPC_FRAME_MAX / sizeof(uint64_t)];
};

/* Opens, drops, enters the sandbox, serves until the parent or a signal ends it. Exit status. */
int role_serve(struct role_io *io, const struct conf *conf, const char *run_dir, int line);
/* Takes one message off the channel and answers it. 0, -EAGAIN; else the client is to be dropped:
 * its connection is of no use any more. */
int dispatch(struct role_io *io);
