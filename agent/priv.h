/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's side of the wall: one stub per message, generated from ipc/messages.def, e.g.
 *
 *	int priv_plan_begin(struct priv *p, const struct plan_begin *req);
 *	int priv_plan_commit(struct priv *p, struct plan_done *rep);
 *
 * Each waits for its reply (timeout_ms of the row): the role's status, 0 or -errno; -ENOTCONN when
 * the role is not there. -EPIPE, -EPROTO, -ETIMEDOUT: the role is lost, and priv_lost() says so;
 * the agent then ends. A stub whose row has FD takes `int fd` or `int *fd` last.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "ipc/ipc.h"

struct priv {
	struct ipc_chan *role[IPC_ROLES]; /* NULL: not connected */
	bool lost;
};

void priv_init(struct priv *p);
void priv_free(struct priv *p);
/* run_dir/<role>.sock. 0 or -errno. Before the sandbox: after it nothing can be connected. The
 * role admits the agent's uid as it was when connecting, so root connects as uid and gid. */
int priv_connect(struct priv *p, enum ipc_role role, const char *run_dir, uid_t uid, gid_t gid);
/* Takes over a connected socket. 0 or -ENOMEM. */
int priv_attach(struct priv *p, enum ipc_role role, int fd);
bool priv_lost(const struct priv *p);

#define PRIV_REQ_NONE
#define PRIV_REQ_MSG(x) , const struct x *req
#define PRIV_REP_NONE
#define PRIV_REP_MSG(x) , struct x *rep
#define PRIV_IN_NONE
#define PRIV_IN_FD , int fd_in
#define PRIV_OUT_NONE
#define PRIV_OUT_FD , int *fd_out
#define IPC_OP(NAME, name, ROLE, request, reply, in, out, ...) \
	int priv_##name(                                       \
		struct priv *p PRIV_REQ_##request PRIV_REP_##reply PRIV_IN_##in PRIV_OUT_##out);
#define IPC_EVENT(...)
#include "ipc/messages.def"
#undef IPC_OP
#undef IPC_EVENT

/* IMAGE_CHUNK in two halves: the next chunk is fetched while the role writes this one. Whatever
 * else the role is asked in between waits for that answer. */
int priv_image_chunk_ask(struct priv *p, const struct image_chunk *req, int fd_in);
int priv_image_chunk_answer(struct priv *p, struct image_result *rep);
