/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/ctl_verbs.h"
#include "agent/loop.h"
#include "lib/array.h"
#include "lib/audit.h"
#include "lib/limits.h"
#include "lib/log.h"

struct ctl_client {
	struct ctl_server *server;
	struct loop_io io; /* fd -1: a free place */
	struct loop_timer idle;
	struct buf frames; /* of the answer, from `sent` on still to be sent */
	size_t sent;
};

struct ctl_server {
	struct agent *agent;
	struct loop_io io;
	int fd;
	struct ctl_client clients[CTL_CLIENTS_MAX];
};

/* The request that is being read: one thread, one at a time. Not on the heap, from which it would
 * be a mapping of its own, and the sandbox lets none go. */
static char packet[CTL_PACKET_MAX];

static int bind_socket(int fd, const struct agent *agent)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int n = snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/%s", agent->set.run_dir, CTL_SOCKET);
	mode_t mask;
	int r;

	if (n < 0 || (size_t)n >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	if (unlink(sa.sun_path) && errno != ENOENT)
		return -errno;
	/* Nobody else may connect in the moment before its owner is set. */
	mask = umask(0177);
	r = bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) ? -errno : 0;
	umask(mask);
	if (r)
		return r;
	if (geteuid() == 0 && lchown(sa.sun_path, 0, agent->set.gid))
		return -errno;
	if (chmod(sa.sun_path, 0660))
		return -errno;
	return listen(fd, CTL_CLIENTS_MAX) ? -errno : 0;
}

int ctl_open(struct ctl_server **out, struct agent *agent)
{
	struct ctl_server *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->agent = agent;
	s->io.fd = -1;
	for (size_t i = 0; i < ARRAY_SIZE(s->clients); i++) {
		s->clients[i].server = s;
		s->clients[i].io.fd = -1;
		buf_init(&s->clients[i].frames, CTL_REPLY_MAX);
	}
	s->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	r = s->fd < 0 ? -errno : bind_socket(s->fd, agent);
	if (r) {
		log_err("cannot open the control socket in %s: %s", agent->set.run_dir,
			strerror(-r));
		ctl_close(s);
		return r;
	}
	ctl_log_start();
	*out = s;
	return 0;
}

static void drop(struct ctl_client *c)
{
	struct loop *loop = &c->server->agent->loop;
	int fd = c->io.fd;

	if (fd < 0)
		return;
	loop_timer_clear(loop, &c->idle);
	loop_io_del(loop, &c->io);
	close(fd);
	c->io.fd = -1;
	buf_free(&c->frames);
	c->sent = 0;
}

/* Sends what there is. 0: all gone; -EAGAIN: the rest when it can be taken; else lost. */
static int send_frames(struct ctl_client *c)
{
	while (c->sent < c->frames.len) {
		size_t size;

		memcpy(&size, c->frames.data + c->sent, sizeof(size));
		if (send(c->io.fd, c->frames.data + c->sent + sizeof(size), size, MSG_NOSIGNAL) < 0)
			return errno == EINTR ? -EAGAIN : -errno;
		c->sent += sizeof(size) + size;
	}
	buf_free(&c->frames);
	c->sent = 0;
	return 0;
}

static void answer(struct ctl_client *c, const char *bytes, size_t n)
{
	struct ctl_reply reply = { .frames = &c->frames };
	struct ctl_record request;

	buf_init(&reply.packet, CTL_PACKET_MAX);
	if (ctl_next(&bytes, &n, &request) <= 0 || request.type != CTL_REQUEST || n)
		request.n = 0;
	ctl_run(c->server->agent, &request, &reply);
	if (c->frames.failed) {
		static const char *const why[] = { "DM_ERESOURCES", "",
						   "the answer is too large; ask for less" };
		static const char *const failed[] = { "failed" };

		buf_reset(&c->frames);
		buf_reset(&reply.packet);
		ctl_reply_put(&reply, CTL_FAULT, 3, why, NULL);
		ctl_reply_put(&reply, CTL_DONE, 1, failed, NULL);
		ctl_reply_flush(&reply);
	}
	buf_free(&reply.packet);
}

static void serve(void *arg, int fd, uint32_t events)
{
	struct ctl_client *c = arg;
	struct ctl_server *s = c->server;
	ssize_t n;
	int r;

	/* One request at a time: the next is read when the answer to this one is gone. */
	if (!c->frames.len) {
		n = recv(fd, packet, sizeof(packet), 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			drop(c);
			return;
		}
		answer(c, packet, (size_t)n);
	}
	r = send_frames(c);
	if (!r || r == -EAGAIN)
		r = loop_io_mod(&s->agent->loop, &c->io, r ? EPOLLOUT : EPOLLIN);
	if (r || loop_timer_set(&s->agent->loop, &c->idle, CTL_IDLE_MS))
		drop(c);
}

static void idle(void *arg)
{
	drop(arg);
}

/* The socket's mode says it already; this holds also where somebody has changed that. */
static bool may_talk(const struct ctl_server *s, int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return false;
	if (peer.uid == 0 || peer.uid == s->agent->set.uid || peer.gid == s->agent->set.gid)
		return true;
	audit("local", AUDIT_REFUSED, "uid", AUDIT_NUM(peer.uid), "reason", "not an allowed user");
	return false;
}

static void take(void *arg, int listener, uint32_t events)
{
	struct ctl_server *s = arg;
	struct loop *loop = &s->agent->loop;
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	size_t i;

	if (fd < 0)
		return;
	for (i = 0; i < ARRAY_SIZE(s->clients) && s->clients[i].io.fd >= 0; i++)
		;
	if (i == ARRAY_SIZE(s->clients) || !may_talk(s, fd)) {
		close(fd);
		return;
	}
	loop_timer_init(&s->clients[i].idle, idle, &s->clients[i]);
	if (loop_io_add(loop, &s->clients[i].io, fd, EPOLLIN, serve, &s->clients[i])) {
		s->clients[i].io.fd = -1;
		close(fd);
		return;
	}
	if (loop_timer_set(loop, &s->clients[i].idle, CTL_IDLE_MS))
		drop(&s->clients[i]);
}

int ctl_start(struct ctl_server *s)
{
	return loop_io_add(&s->agent->loop, &s->io, s->fd, EPOLLIN, take, s);
}

void ctl_close(struct ctl_server *s)
{
	if (!s)
		return;
	ctl_log_stop();
	for (size_t i = 0; i < ARRAY_SIZE(s->clients); i++)
		drop(&s->clients[i]);
	if (s->io.fd >= 0)
		loop_io_del(&s->agent->loop, &s->io);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}
