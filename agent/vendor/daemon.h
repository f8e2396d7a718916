/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local socket of a vendor's daemon. The agent listens and the daemon connects: it may come and
 * go as it likes, while the agent cannot connect to anything after lockdown. The daemon may be
 * hostile: lines have a limit, all answers of one RPC together have a deadline, and whatever breaks
 * the protocol ends the connection.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "agent/loop.h"
#include "lib/audit.h"
#include "lib/limits.h"

struct buf;

typedef void (*vendor_changed_fn)(void *arg, const char *path);

struct vendor_daemon {
	const char *name;
	uid_t uid; /* who may connect, beside root */
	struct loop *loop;
	struct loop_io listener, io; /* io.fd -1: nobody is connected */
	uint64_t rpc;		     /* of which left_ms is what is left */
	uint32_t left_ms;
	struct audit_gate strangers;
	vendor_changed_fn changed;
	void *arg;
	size_t have;
	char in[VENDOR_LINE_MAX + 1];
};

/* Before lockdown: run_dir/vendor-NAME.sock. 0 or -errno. */
int vendor_daemon_listen(struct vendor_daemon *, const char *run_dir);
int vendor_daemon_start(struct vendor_daemon *, struct loop *);
void vendor_daemon_close(struct vendor_daemon *);
/*
 * Asks and waits for the answer. rpc: dm_rpc() of the caller. out gets the value, or what the
 * daemon says against it. 0; -EBADE: its "error"; -ENOTCONN, -ETIMEDOUT, -EPROTO: it is silent.
 */
int vendor_daemon_get(struct vendor_daemon *, uint64_t rpc, const char *path, struct buf *out);
int vendor_daemon_set(struct vendor_daemon *, uint64_t rpc, const char *path, const char *text,
		      size_t len, struct buf *out);
