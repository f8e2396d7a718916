/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/dialer/eyeballs.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/dialer/addr.h"
#include "agent/dialer/request.h"
#include "lib/cleanup.h"
#include "lib/clock.h"

static void step(void *arg);

static void end_attempt(struct attempt *a)
{
	int fd = a->io.fd;

	loop_timer_clear(a->owner->loop, &a->timer);
	loop_io_del(a->owner->loop, &a->io);
	if (fd >= 0)
		close(fd);
}

static void failed(struct attempt *a, int error)
{
	struct eyeballs *e = a->owner;

	e->error = error;
	end_attempt(a);
	/* RFC 8305 5: a failure starts the next attempt at once. */
	step(e);
}

static void writable(void *arg, int fd, uint32_t events)
{
	struct attempt *a = arg;
	struct eyeballs *e = a->owner;
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
		error = errno;
	if (error) {
		failed(a, -error);
		return;
	}
	e->asked_us = a->asked_us;
	e->opened_us = (uint64_t)clock_wall_us();
	loop_io_del(e->loop, &a->io);
	eyeballs_stop(e);
	e->done(e->arg, 0, fd);
}

static void too_slow(void *arg)
{
	failed(arg, -ETIMEDOUT);
}

/* 0: under way; -errno: this address will not do. */
static int attempt(struct eyeballs *e, struct attempt *a, const struct dial_addr *addr)
{
	_cleanup_close_ int fd = -1;
	struct sockaddr_storage ss;
	socklen_t len = dial_addr_to(addr, &ss);
	int r;

	fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (fd < 0)
		return -errno;
	if ((r = on_device(fd)) || (r = set_how(fd, addr->family == DIAL_IPV6, &e->how)))
		return r;
	a->asked_us = (uint64_t)clock_wall_us();
	if (connect(fd, (struct sockaddr *)&ss, len) && errno != EINPROGRESS)
		return -errno;
	r = loop_io_add(e->loop, &a->io, fd, EPOLLOUT, writable, a);
	if (r)
		return r;
	(void)take_fd(&fd);
	return loop_timer_set(e->loop, &a->timer, DIAL_TRY_MS);
}

static struct attempt *free_attempt(struct eyeballs *e)
{
	for (size_t i = 0; i < DIAL_TRIES_MAX; i++) {
		if (e->tries[i].io.fd < 0)
			return &e->tries[i];
	}
	return NULL;
}

static bool any_under_way(const struct eyeballs *e)
{
	for (size_t i = 0; i < DIAL_TRIES_MAX; i++) {
		if (e->tries[i].io.fd >= 0)
			return true;
	}
	return false;
}

/* One more attempt if there is an address and a place for it; the end when nothing is left. */
static void step(void *arg)
{
	struct eyeballs *e = arg;

	while (e->next < e->naddrs) {
		struct attempt *a = free_attempt(e);
		int r;

		if (!a)
			return; /* the next failure comes back here */
		r = attempt(e, a, &e->addr[e->next++]);
		if (!r) {
			(void)loop_timer_set(e->loop, &e->stagger, DIAL_STAGGER_MS);
			return;
		}
		e->error = r;
		end_attempt(a);
	}
	loop_timer_clear(e->loop, &e->stagger);
	if (!any_under_way(e))
		e->done(e->arg, e->error, -1);
}

void eyeballs_init(struct eyeballs *e, struct loop *loop, eyeballs_fn done, void *arg)
{
	memset(e, 0, sizeof(*e));
	e->loop = loop;
	e->done = done;
	e->arg = arg;
	loop_timer_init(&e->stagger, step, e);
	for (size_t i = 0; i < DIAL_TRIES_MAX; i++) {
		e->tries[i].io.fd = -1;
		e->tries[i].owner = e;
		loop_timer_init(&e->tries[i].timer, too_slow, &e->tries[i]);
	}
}

int eyeballs_start(struct eyeballs *e, const struct dial_addr *addrs, size_t n)
{
	eyeballs_stop(e);
	if (n > DIAL_ADDRS_MAX)
		n = DIAL_ADDRS_MAX;
	memcpy(e->addr, addrs, n * sizeof(*addrs));
	e->naddrs = n;
	e->next = 0;
	e->error = -EHOSTUNREACH;
	return loop_timer_set(e->loop, &e->stagger, 0);
}

void eyeballs_stop(struct eyeballs *e)
{
	loop_timer_clear(e->loop, &e->stagger);
	for (size_t i = 0; i < DIAL_TRIES_MAX; i++)
		end_attempt(&e->tries[i]);
	e->naddrs = 0;
	e->next = 0;
}
