/* SPDX-License-Identifier: Apache-2.0 */
/* The dialer's process. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "agent/dialer/egress.h"

struct conf;

struct dialer_config {
	uid_t uid;
	gid_t gid;
	uid_t agent_uid; /* the only one to be served */
	gid_t agent_gid; /* may connect to the socket */
	const char *run_dir;
	struct egress egress;
	char device[16];	      /* wan.interface; "": whatever the routes say */
	struct dial_addr listen_addr; /* connreq.address and connreq.port; family 0: any */
};

/* 0 or -EINVAL, -ENOENT; logged. The strings live as long as conf. */
int dialer_config_read(struct dialer_config *out, const struct conf *conf);

/*
 * Serves until its client is gone. fd: the agent's end of a socketpair made by ipc_pair(), or -1 to
 * listen on run.dir/dialer.sock for one agent after the other. Enters the sandbox. The exit status
 * of the process.
 */
int dialer_run(const struct dialer_config *cfg, int fd);

/* Forks the dialer; *fd is the agent's end. 0 or -errno. */
int dialer_fork(const struct dialer_config *cfg, int *fd);
