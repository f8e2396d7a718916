/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/log.h"

void priv_init(struct priv *p)
{
	memset(p, 0, sizeof(*p));
}

void priv_free(struct priv *p)
{
	int i;

	for (i = 0; i < IPC_ROLES; i++) {
		if (!p->role[i])
			continue;
		ipc_chan_close(p->role[i]);
		free(p->role[i]);
		p->role[i] = NULL;
	}
}

int priv_attach(struct priv *p, enum ipc_role role, int fd)
{
	struct ipc_chan *chan = malloc(sizeof(*chan));

	if (!chan)
		return -ENOMEM;
	ipc_chan_init(chan, fd, role, IPC_ASKS);
	p->role[role] = chan;
	return 0;
}

static int connect_as(const char *path, uid_t uid, gid_t gid)
{
	uid_t was_uid = geteuid();
	gid_t was_gid = getegid();
	int fd;

	if (was_uid)
		return ipc_connect(path);
	if (setegid(gid) || seteuid(uid))
		return -errno;
	fd = ipc_connect(path);
	if (seteuid(was_uid) || setegid(was_gid)) {
		int err = errno;

		if (fd >= 0)
			close(fd);
		return -err;
	}
	return fd;
}

int priv_connect(struct priv *p, enum ipc_role role, const char *run_dir, uid_t uid, gid_t gid)
{
	_cleanup_close_ int fd = -1;
	char path[256];
	int n = snprintf(path, sizeof(path), "%s/%s.sock", run_dir, ipc_role_name(role));

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	fd = connect_as(path, uid, gid);
	if (fd < 0)
		return fd;
	return priv_attach(p, role, take_fd(&fd));
}

bool priv_lost(const struct priv *p)
{
	return p->lost;
}

/* Whatever closed the channel, there is no second one behind the sandbox's door. */
static int came_back(struct priv *p, const struct ipc_chan *chan, int r)
{
	if (chan->fd < 0) {
		if (!p->lost)
			log_err("the %s role is lost: %s", ipc_role_name(chan->role), strerror(-r));
		p->lost = true;
	}
	return r;
}

static int call(struct priv *p, enum ipc_op op, const void *req, void *rep, int fd_in, int *fd_out)
{
	struct ipc_chan *chan = p->role[ipc_rows[op].role];

	if (fd_out)
		*fd_out = -1;
	if (!chan)
		return -ENOTCONN;
	return came_back(p, chan, ipc_call(chan, op, req, rep, fd_in, fd_out));
}

int priv_image_chunk_ask(struct priv *p, const struct image_chunk *req, int fd_in)
{
	struct ipc_chan *chan = p->role[IPC_FLASH];

	return chan ? came_back(p, chan, ipc_ask(chan, IPC_IMAGE_CHUNK, req, fd_in)) : -ENOTCONN;
}

int priv_image_chunk_answer(struct priv *p, struct image_result *rep)
{
	struct ipc_chan *chan = p->role[IPC_FLASH];

	return chan ? came_back(p, chan, ipc_answer(chan, rep)) : -ENOTCONN;
}

#define PASS_REQ_NONE NULL
#define PASS_REQ_MSG(x) req
#define PASS_REP_NONE NULL
#define PASS_REP_MSG(x) rep
#define PASS_IN_NONE -1
#define PASS_IN_FD fd_in
#define PASS_OUT_NONE NULL
#define PASS_OUT_FD fd_out

#define IPC_OP(NAME, name, ROLE, request, reply, in, out, ...)                                  \
	int priv_##name(                                                                        \
		struct priv *p PRIV_REQ_##request PRIV_REP_##reply PRIV_IN_##in PRIV_OUT_##out) \
	{                                                                                       \
		return call(p, IPC_##NAME, PASS_REQ_##request, PASS_REP_##reply, PASS_IN_##in,  \
			    PASS_OUT_##out);                                                    \
	}
#define IPC_EVENT(...)
#include "ipc/messages.def"
