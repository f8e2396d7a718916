/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/vendor/daemon.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/vendor/line.h"
#include "lib/audit.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"

int vendor_daemon_listen(struct vendor_daemon *d, const char *run_dir)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int n = snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/vendor-%s.sock", run_dir, d->name);
	_cleanup_close_ int fd = -1;
	mode_t mask;
	int r;

	d->io.fd = d->listener.fd = -1;
	if (n < 0 || (size_t)n >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || (unlink(sa.sun_path) && errno != ENOENT))
		return -errno;
	/* Who it is counts, by SO_PEERCRED; where we may, the socket's owner says it too. */
	mask = umask(geteuid() ? 0111 : 0177);
	r = bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) ? -errno : 0;
	umask(mask);
	if (r)
		return r;
	if ((!geteuid() && lchown(sa.sun_path, d->uid, (gid_t)-1)) || listen(fd, 1))
		return -errno;
	d->listener.fd = take_fd(&fd);
	return 0;
}

static void drop(struct vendor_daemon *d, const char *why)
{
	int fd = d->io.fd;

	if (fd < 0)
		return;
	loop_io_del(d->loop, &d->io);
	close(fd);
	d->io.fd = -1;
	d->have = 0;
	log_notice("vendor daemon %s: %s", d->name, why);
}

/* The next line that is there; NULL: none yet. It is good until the next call of receive(). */
static char *next_line(struct vendor_daemon *d, size_t *at, size_t *len)
{
	char *line = d->in + *at, *end = memchr(line, '\n', d->have - *at);

	if (!end)
		return NULL;
	*len = (size_t)(end - line);
	*end = '\0';
	*at += *len + 1;
	return line;
}

static void forget(struct vendor_daemon *d, size_t n)
{
	memmove(d->in, d->in + n, d->have - n);
	d->have -= n;
}

/* 1: more is there; 0: nothing now; else it is gone, or says too much. */
static int receive(struct vendor_daemon *d)
{
	ssize_t n = recv(d->io.fd, d->in + d->have, VENDOR_LINE_MAX - d->have, 0);

	if (n > 0) {
		d->have += (size_t)n;
		return 1;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	/* recv() into no room is 0, too */
	return d->have == VENDOR_LINE_MAX ? -EPROTO : -ENOTCONN;
}

/* Outside of a request it may only tell of changes. */
static void hear(void *arg, int fd, uint32_t events)
{
	struct vendor_daemon *d = arg;
	char *line, *text;
	size_t at = 0, len, n;
	int r = receive(d);

	while (r >= 0 && (line = next_line(d, &at, &len))) {
		if (vendor_take_line(line, len, &text, &n) != VENDOR_CHANGED)
			r = -EPROTO;
		else
			d->changed(d->arg, text);
	}
	if (r < 0)
		return drop(d, r == -EPROTO ? "says what was not asked" : "has gone");
	forget(d, at);
}

/* Whoever is on the box may knock where the socket could not be given to the daemon's user. */
static bool may_serve(struct vendor_daemon *d, int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return false;
	if (peer.uid == d->uid || !peer.uid)
		return true;
	audit_gated(&d->strangers, "vendor_daemon", AUDIT_REFUSED, "daemon", d->name, "uid",
		    AUDIT_NUM(peer.uid), "reason", "not the daemon's user");
	return false;
}

static void take(void *arg, int listener, uint32_t events)
{
	struct vendor_daemon *d = arg;
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (!may_serve(d, fd)) {
		close(fd);
		return;
	}
	/* one that was started anew; the old one may not have been noticed yet */
	drop(d, "another one takes its place");
	if (loop_io_add(d->loop, &d->io, fd, EPOLLIN, hear, d)) {
		d->io.fd = -1;
		close(fd);
		return;
	}
	log_info("vendor daemon %s is there", d->name);
}

int vendor_daemon_start(struct vendor_daemon *d, struct loop *loop)
{
	int fd = d->listener.fd;

	d->loop = loop;
	return loop_io_add(loop, &d->listener, fd, EPOLLIN, take, d);
}

void vendor_daemon_close(struct vendor_daemon *d)
{
	int fd = d->listener.fd;

	if (d->loop)
		drop(d, "is let go");
	if (fd >= 0 && d->loop)
		loop_io_del(d->loop, &d->listener);
	if (fd >= 0)
		close(fd);
	d->listener.fd = -1;
}

static int wait_for(struct vendor_daemon *d, short events, uint64_t until)
{
	struct pollfd p = { .fd = d->io.fd, .events = events };
	uint64_t now = clock_mono_ms();

	if (now >= until)
		return -ETIMEDOUT;
	return poll(&p, 1, (int)(until - now)) < 0 && errno != EINTR ? -errno : 0;
}

static int say(struct vendor_daemon *d, const struct buf *request, uint64_t until)
{
	size_t sent = 0;
	int r = 0;

	while (sent < request->len && !r) {
		ssize_t n = send(d->io.fd, request->data + sent, request->len - sent, MSG_NOSIGNAL);

		if (n > 0)
			sent += (size_t)n;
		else if (n < 0 && errno != EAGAIN && errno != EINTR)
			r = -ENOTCONN;
		else
			r = wait_for(d, POLLOUT, until);
	}
	return r;
}

/* Lines up to the answer. 0: not yet; 1: it is in *word and out. */
static int look_for_answer(struct vendor_daemon *d, enum vendor_word *word, struct buf *out)
{
	char *line, *text;
	size_t at = 0, len, n;
	int r = 0;

	while (!r && (line = next_line(d, &at, &len))) {
		*word = vendor_take_line(line, len, &text, &n);
		if (*word == VENDOR_MALFORMED) {
			r = -EPROTO;
		} else if (*word == VENDOR_CHANGED) {
			d->changed(d->arg, text);
		} else {
			buf_put(out, text, n);
			r = out->failed ? -EPROTO : 1;
		}
	}
	forget(d, at);
	return r;
}

static int hear_answer(struct vendor_daemon *d, enum vendor_word *word, struct buf *out,
		       uint64_t until)
{
	for (;;) {
		int r = look_for_answer(d, word, out);

		if (r)
			return r < 0 ? r : 0;
		r = receive(d);
		/* the clock is looked at in any case: it may tell of changes without end */
		if (r > 0)
			r = clock_mono_ms() < until ? 0 : -ETIMEDOUT;
		else if (!r)
			r = wait_for(d, POLLIN, until);
		if (r < 0)
			return r;
	}
}

static int ask(struct vendor_daemon *d, uint64_t rpc, const struct buf *request,
	       enum vendor_word want, struct buf *out)
{
	uint64_t start = clock_mono_ms(), took;
	enum vendor_word word;
	int r;

	if (d->rpc != rpc + 1) {
		d->rpc = rpc + 1;
		d->left_ms = VENDOR_WAIT_MS;
	}
	if (d->loop)
		take(d, d->listener.fd, 0); /* it may have knocked anew while the agent was busy */
	if (d->io.fd < 0)
		return -ENOTCONN;
	r = request->failed ? -EPROTO : say(d, request, start + d->left_ms);
	if (!r)
		r = hear_answer(d, &word, out, start + d->left_ms);
	if (!r && word == VENDOR_ERROR)
		r = -EBADE;
	else if (!r && word != want)
		r = -EPROTO;
	took = clock_mono_ms() - start;
	d->left_ms -= took < d->left_ms ? (uint32_t)took : d->left_ms;
	/* An answer that comes too late would be taken for the next one. */
	if (r && r != -EBADE)
		drop(d, r == -ETIMEDOUT	 ? "takes too long"
			: r == -ENOTCONN ? "has gone"
					 : "does not keep to the protocol");
	return r;
}

int vendor_daemon_get(struct vendor_daemon *d, uint64_t rpc, const char *path, struct buf *out)
{
	_cleanup_buf_ struct buf request = BUF_INIT(VENDOR_LINE_MAX);

	vendor_put_get(&request, path);
	return ask(d, rpc, &request, VENDOR_VALUE, out);
}

int vendor_daemon_set(struct vendor_daemon *d, uint64_t rpc, const char *path, const char *text,
		      size_t len, struct buf *out)
{
	_cleanup_buf_ struct buf request = BUF_INIT(VENDOR_LINE_MAX);

	vendor_put_set(&request, path, text, len);
	return ask(d, rpc, &request, VENDOR_OK, out);
}
