/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/ipc.h"
#include "lib/audit.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"

/* Room to see that more than one descriptor came: a buffer of CMSG_SPACE(sizeof(int)) lets a
 * second one in behind the first because of its alignment, so what came is counted, not assumed. */
#define FDS_SEEN 4

union control {
	char buf[CMSG_SPACE(FDS_SEEN * sizeof(int))];
	struct cmsghdr align;
};

void ipc_chan_init(struct ipc_chan *chan, int fd, enum ipc_role role, enum ipc_side side)
{
	memset(chan, 0, sizeof(*chan));
	chan->fd = fd;
	chan->role = role;
	chan->kinds = side == IPC_SERVES ? 1u << IPC_KIND_REQUEST
					 : 1u << IPC_KIND_REPLY | 1u << IPC_KIND_EVENT;
}

void ipc_chan_close(struct ipc_chan *chan)
{
	if (chan->fd >= 0)
		close(chan->fd);
	chan->fd = -1;
}

static int send_frame(struct ipc_chan *chan, int fd)
{
	struct iovec iov = { &chan->tx, sizeof(chan->tx.hdr) + chan->tx.hdr.size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	union control ctl = { .buf = { 0 } };
	struct cmsghdr *c;
	ssize_t n;

	if (chan->fd < 0)
		return -EPIPE;
	if (fd >= 0) {
		msg.msg_control = ctl.buf;
		msg.msg_controllen = CMSG_SPACE(sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	do
		n = sendmsg(chan->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 0;
	return errno == ECONNRESET || errno == ENOTCONN ? -EPIPE : -errno;
}

int ipc_send(struct ipc_chan *chan, enum ipc_op op, uint32_t seq, const void *req, int fd)
{
	ipc_build(&chan->tx, IPC_KIND_REQUEST, op, seq, 0, req);
	return send_frame(chan, ipc_rows[op].fd_in ? fd : -1);
}

int ipc_reply(struct ipc_chan *chan, enum ipc_op op, uint32_t seq, int32_t status, const void *rep,
	      int fd)
{
	ipc_build(&chan->tx, IPC_KIND_REPLY, op, seq, status, rep);
	return send_frame(chan, ipc_rows[op].fd_out && !status ? fd : -1);
}

int ipc_event(struct ipc_chan *chan, enum ipc_op op, const void *payload, int fd)
{
	ipc_build(&chan->tx, IPC_KIND_EVENT, op, 0, 0, payload);
	return send_frame(chan, ipc_rows[op].fd_in ? fd : -1);
}

int ipc_violation(struct ipc_chan *chan, enum ipc_op op, enum ipc_fault fault)
{
	chan->violations++;
	audit("ipc", AUDIT_REFUSED, "role", ipc_role_name(chan->role), "message",
	      (unsigned int)op < IPC_OPS ? ipc_rows[op].name : "", "reason", ipc_fault_text(fault));
	ipc_chan_close(chan);
	return -EPROTO;
}

/* Collects what came; whatever is not the one descriptor that is wanted is closed. */
static unsigned int collect_fds(struct msghdr *msg, int *first)
{
	struct cmsghdr *c;
	unsigned int n = 0;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t i, count;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (n++ == 0)
				*first = fd;
			else
				close(fd);
		}
	}
	return n;
}

int ipc_recv(struct ipc_chan *chan, struct ipc_hdr *hdr, int *fd)
{
	struct iovec iov = { &chan->rx, sizeof(chan->rx) };
	union control ctl;
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = ctl.buf,
			      .msg_controllen = sizeof(ctl.buf) };
	_cleanup_close_ int got = -1;
	enum ipc_fault fault;
	unsigned int nfds;
	ssize_t n;

	if (fd)
		*fd = -1;
	if (chan->fd < 0)
		return -EPIPE;
	do
		n = recvmsg(chan->fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	nfds = collect_fds(&msg, &got);
	/* An empty packet cannot be told from the end, and no frame is empty. */
	if (n == 0 && !nfds)
		return -EPIPE;
	if (msg.msg_flags & MSG_CTRUNC)
		fault = IPC_BAD_FDS;
	else if (msg.msg_flags & MSG_TRUNC)
		fault = IPC_BAD_LENGTH;
	else
		fault = ipc_check(&chan->rx, (size_t)n, nfds, chan->role, chan->kinds);
	if (fault)
		return ipc_violation(chan, fault == IPC_BAD_LENGTH ? IPC_OPS : chan->rx.hdr.op,
				     fault);
	*hdr = chan->rx.hdr;
	if (fd)
		*fd = take_fd(&got);
	return 0;
}

static int wait_for(struct ipc_chan *chan, short events, uint64_t until_ms)
{
	struct pollfd p = { chan->fd, events, 0 };
	uint64_t now = clock_mono_ms();
	int r;

	if (now >= until_ms)
		return -ETIMEDOUT;
	r = poll(&p, 1, (int)(until_ms - now));
	if (r < 0 && errno != EINTR)
		return -errno;
	return 0;
}

static void deliver_event(struct ipc_chan *chan, const struct ipc_hdr *hdr, int fd)
{
	if (chan->on_event)
		chan->on_event(chan->arg, hdr->op, chan->rx.payload, fd);
	else if (fd >= 0)
		close(fd);
}

static int wait_reply(struct ipc_chan *chan, enum ipc_op op, uint32_t seq, void *rep, int *fd_out,
		      uint64_t until_ms, int *status)
{
	struct ipc_hdr hdr;
	int fd, r;

	for (;;) {
		r = ipc_recv(chan, &hdr, &fd);
		if (r == -EAGAIN) {
			if ((r = wait_for(chan, POLLIN, until_ms)))
				return r;
			continue;
		}
		if (r)
			return r;
		if (hdr.kind != IPC_KIND_EVENT)
			break;
		deliver_event(chan, &hdr, fd);
	}
	if (hdr.op != op || hdr.seq != seq) {
		if (fd >= 0)
			close(fd);
		return ipc_violation(chan, hdr.op, IPC_BAD_SEQ);
	}
	if (rep)
		memcpy(rep, chan->rx.payload, hdr.size);
	if (fd_out)
		*fd_out = fd;
	else if (fd >= 0)
		close(fd);
	*status = hdr.status;
	return 0;
}

/* Sends and says when the reply has to be there, and under which number. */
static int ask(struct ipc_chan *chan, enum ipc_op op, const void *req, int fd_in, uint32_t *seq,
	       uint64_t *until_ms)
{
	int r;

	if (++chan->seq == 0)
		chan->seq = 1;
	*seq = chan->seq;
	*until_ms = clock_mono_ms() + ipc_rows[op].timeout_ms;
	while ((r = ipc_send(chan, op, *seq, req, fd_in)) == -EAGAIN)
		if ((r = wait_for(chan, POLLOUT, *until_ms)))
			break;
	return r;
}

static void answered(struct ipc_chan *chan)
{
	chan->asked.answered = true;
	if (chan->on_answer)
		chan->on_answer(chan->arg);
}

/* The peer serves one request after the other: what was asked first is answered first. */
static int collect(struct ipc_chan *chan)
{
	struct ipc_asked *a = &chan->asked;
	int r;

	if (!a->seq || a->answered)
		return 0;
	r = wait_reply(chan, a->op, a->seq, a->reply, NULL, a->until_ms, &a->status);
	if (!r)
		answered(chan);
	return r;
}

int ipc_call(struct ipc_chan *chan, enum ipc_op op, const void *req, void *rep, int fd_in,
	     int *fd_out)
{
	uint64_t until;
	int status = 0;
	uint32_t seq;
	int r;

	if (fd_out)
		*fd_out = -1;
	r = collect(chan);
	if (!r)
		r = ask(chan, op, req, fd_in, &seq, &until);
	if (!r)
		r = wait_reply(chan, op, seq, rep, fd_out, until, &status);
	if (r)
		ipc_chan_close(chan);
	return r ? r : status;
}

int ipc_ask(struct ipc_chan *chan, enum ipc_op op, const void *req, int fd_in)
{
	struct ipc_asked *a = &chan->asked;
	int r;

	if (a->seq)
		return -EBUSY;
	if (ipc_rows[op].fd_out)
		return -EINVAL;
	r = ask(chan, op, req, fd_in, &a->seq, &a->until_ms);
	a->op = op;
	a->answered = false;
	if (r) {
		a->seq = 0;
		ipc_chan_close(chan);
	}
	return r;
}

int ipc_answer(struct ipc_chan *chan, void *rep)
{
	struct ipc_asked *a = &chan->asked;
	int r;

	if (!a->seq)
		return -EINVAL;
	r = collect(chan);
	a->seq = 0;
	if (r) {
		ipc_chan_close(chan);
		return r;
	}
	if (rep)
		memcpy(rep, a->reply, ipc_rows[a->op].rep->size);
	return a->status;
}

int ipc_keep(struct ipc_chan *chan)
{
	const struct ipc_hdr *hdr = &chan->rx.hdr;
	struct ipc_asked *a = &chan->asked;

	if (!a->seq || a->answered || hdr->op != a->op || hdr->seq != a->seq)
		return ipc_violation(chan, hdr->op, IPC_BAD_SEQ);
	memcpy(a->reply, chan->rx.payload, hdr->size);
	a->status = hdr->status;
	answered(chan);
	return 0;
}
