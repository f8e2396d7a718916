/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe role, with no capability: two raw ICMP sockets, opened before. One test at a time, one
 * request under way, at a pace that is no flood.
 */
#include "helper/probe.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/rand.h"

/* linux/icmp.h has it, and clashes with netinet/ip_icmp.h. */
#define ICMP_FILTER 1
struct icmp_filter {
	uint32_t data;
};

#define ASROOT_TABLE_PROBE
#include "helper/asroot_table.h"

static int raw_socket(int family)
{
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	const struct icmp_filter only4 = { ~(1u << ICMP_ECHOREPLY | 1u << ICMP_DEST_UNREACH |
					     1u << ICMP_TIME_EXCEEDED) };
	struct icmp6_filter only6;
	int on = 1;

	if (fd < 0)
		return -errno;
	ICMP6_FILTER_SETBLOCKALL(&only6);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &only6);
	ICMP6_FILTER_SETPASS(ICMP6_DST_UNREACH, &only6);
	ICMP6_FILTER_SETPASS(ICMP6_TIME_EXCEEDED, &only6);
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    (family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on))) ||
	    (family == AF_INET
		     ? setsockopt(fd, SOL_RAW, ICMP_FILTER, &only4, sizeof(only4))
		     : setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &only6, sizeof(only6)))) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd;
}

static int probe_open(void **self, const struct conf *conf, struct role_io *io)
{
	int loopback = conf_bool(conf, "probe.allow_loopback", false);
	int private = conf_bool(conf, "probe.allow_private", true);
	struct probe *p;

	if (loopback < 0 || private < 0)
		return -EINVAL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->io = io;
	p->loopback = loopback;
	p->private = private;
	p->fd[0] = raw_socket(AF_INET);
	p->fd[1] = raw_socket(AF_INET6);
	if (p->fd[0] < 0 && p->fd[1] < 0) {
		int r = p->fd[0];

		log_err("probe: no raw socket: %s", strerror(-r));
		free(p);
		return r;
	}
	*self = p;
	return 0;
}

static int socket_of(const struct probe *p)
{
	return p->fd[p->test.target.family == 6];
}

static void finish(struct probe *p)
{
	const struct probe_job *job = p->job;

	p->job = NULL;
	p->waiting = false;
	job->done(p);
}

static void add_cmsg(struct msghdr *m, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *c = (void *)((char *)m->msg_control + m->msg_controllen);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	m->msg_controllen += CMSG_SPACE(len);
}

/* Interface, DSCP and hops go with each packet: what is set on a socket stays for the next. */
static int transmit(struct probe *p, size_t len, int ttl)
{
	const struct probe_test *t = &p->test;
	union {
		char room[2 * CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct in6_pktinfo))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct iovec iov = { p->packet, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control };
	struct sockaddr_in to4 = { .sin_family = AF_INET };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6, .sin6_scope_id = t->target.scope };
	struct in_pktinfo if4 = { .ipi_ifindex = (int)t->ifindex };
	struct in6_pktinfo if6 = { .ipi6_ifindex = t->ifindex };
	int class = (int)(t->dscp << 2);

	if (t->target.family == 4) {
		memcpy(&to4.sin_addr, t->target.addr, 4);
		m.msg_name = &to4;
		m.msg_namelen = sizeof(to4);
		add_cmsg(&m, IPPROTO_IP, IP_TOS, &class, sizeof(class));
		if (t->ifindex)
			add_cmsg(&m, IPPROTO_IP, IP_PKTINFO, &if4, sizeof(if4));
		if (ttl)
			add_cmsg(&m, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl));
	} else {
		memcpy(&to6.sin6_addr, t->target.addr, 16);
		m.msg_name = &to6;
		m.msg_namelen = sizeof(to6);
		add_cmsg(&m, IPPROTO_IPV6, IPV6_TCLASS, &class, sizeof(class));
		if (t->ifindex)
			add_cmsg(&m, IPPROTO_IPV6, IPV6_PKTINFO, &if6, sizeof(if6));
		if (ttl)
			add_cmsg(&m, IPPROTO_IPV6, IPV6_HOPLIMIT, &ttl, sizeof(ttl));
	}
	p->sent_us = clock_wall_us();
	return sendmsg(socket_of(p), &m, 0) < 0 ? -errno : 0;
}

/* Of the request that is under way. */
static void heard(struct probe *p, const struct heard *h)
{
	p->waiting = false;
	/* However short the time-out is, and whoever stops and begins tests. */
	p->due_ms = p->free_ms;
	p->job->heard(p, h);
	if (p->job->over(p, p->sent))
		finish(p);
}

static void send_next(struct probe *p)
{
	uint64_t now = clock_mono_ms();
	struct heard failure = { .what = ECHO_LOST };

	p->echo.seq = (uint16_t)++p->sent;
	echo_build(&p->echo, p->test.target.family, p->packet);
	failure.error = transmit(p, ECHO_HEAD + (size_t)p->echo.size,
				 p->job->ttl ? p->job->ttl(p, p->sent) : 0);
	p->waiting = true;
	p->free_ms = now + PROBE_SPACING_MS;
	p->due_ms = now + p->test.timeout_ms;
	if (failure.error)
		heard(p, &failure);
}

static bool find_cmsg(struct msghdr *m, int level, int type, void *out, size_t size)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);

	while (c && (c->cmsg_level != level || c->cmsg_type != type))
		c = CMSG_NXTHDR(m, c);
	if (!c || c->cmsg_len < CMSG_LEN(size))
		return false;
	memcpy(out, CMSG_DATA(c), size);
	return true;
}

/* When the kernel took it in; it stamps before we are woken. */
static int64_t arrival_us(struct msghdr *m)
{
	struct timespec ts;

	if (!find_cmsg(m, SOL_SOCKET, SCM_TIMESTAMPNS, &ts, sizeof(ts)))
		return clock_wall_us();
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Where it came to; an IPv4 packet that echo_read() took has its header in front. */
static struct probe_addr receiver(unsigned int family, struct msghdr *m, const uint8_t *packet)
{
	struct probe_addr a = { .family = (uint8_t)family };
	struct in6_pktinfo info = { 0 };

	(void)find_cmsg(m, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	if (family == 4)
		memcpy(a.addr, packet + offsetof(struct iphdr, daddr), 4);
	else
		memcpy(a.addr, &info.ipi6_addr, 16);
	return a;
}

static uint32_t round_trip(const struct probe *p, int64_t at_us)
{
	int64_t took = at_us - p->sent_us;

	/* Somebody set the clock in between: the time-out bounds what it can have been. */
	if (took < 1 || took > (int64_t)p->test.timeout_ms * 1000)
		return 1;
	return (uint32_t)took;
}

static struct probe_addr sender(unsigned int family, const struct sockaddr_in6 *from)
{
	const struct sockaddr_in *from4 = (const void *)from;
	struct probe_addr a = { .family = (uint8_t)family };

	if (family == 4)
		memcpy(a.addr, &from4->sin_addr, 4);
	else
		memcpy(a.addr, &from->sin6_addr, 16);
	return a;
}

/* One packet; false: nothing there. */
static bool receive(struct probe *p, int fd)
{
	union {
		char room[CMSG_SPACE(sizeof(struct timespec)) * 2 +
			  CMSG_SPACE(sizeof(struct in6_pktinfo))];
		struct cmsghdr align;
	} control;
	struct sockaddr_in6 from = { 0 };
	struct iovec iov = { p->packet, sizeof(p->packet) };
	struct msghdr m = { .msg_name = &from,
			    .msg_namelen = sizeof(from),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, 0);
	struct heard h = { .what = ECHO_NOT_OURS };

	if (n < 0)
		return false;
	if (!p->job || !p->waiting || fd != socket_of(p))
		return true;
	h.what = echo_read(&p->echo, p->test.target.family, p->packet, (size_t)n, &h.code);
	h.from = sender(p->test.target.family, &from);
	if (h.what == ECHO_NOT_OURS ||
	    (h.what == ECHO_REPLY && memcmp(h.from.addr, p->test.target.addr, sizeof(h.from.addr))))
		return true;
	h.us = round_trip(p, arrival_us(&m));
	p->local = receiver(p->test.target.family, &m, p->packet);
	heard(p, &h);
	return true;
}

static unsigned int probe_polls(void *self, struct pollfd *fds)
{
	const struct probe *p = self;
	unsigned int n = 0;

	for (int i = 0; i < 2; i++)
		if (p->fd[i] >= 0)
			fds[n++] = (struct pollfd){ p->fd[i], POLLIN, 0 };
	return n;
}

static void probe_polled(void *self, const struct pollfd *fds, unsigned int n)
{
	/* A flood of answers that nobody asked for does not keep the role from the rest. */
	for (unsigned int i = 0; i < n; i++)
		for (int k = 0; fds[i].revents && k < 64 && receive(self, fds[i].fd); k++)
			;
}

static int probe_timeout(void *self)
{
	const struct probe *p = self;
	uint64_t now = clock_mono_ms();

	if (!p->job)
		return -1;
	return p->due_ms > now ? (int)(p->due_ms - now) : 0;
}

static void probe_tick(void *self)
{
	struct probe *p = self;

	if (p->job && p->waiting)
		heard(p, &(struct heard){ .what = ECHO_LOST });
	if (p->job && p->due_ms <= clock_mono_ms())
		send_next(p);
}

int probe_begin(struct probe *p, const struct probe_job *job, const struct probe_test *test,
		struct probe_started *rep)
{
	if (p->job)
		return -EBUSY;
	if (!test->timeout_ms || test->timeout_ms > PROBE_TIMEOUT_MAX_MS || !test->size ||
	    test->size > PROBE_SIZE_MAX)
		return -ERANGE;
	if (!probe_target_ok(&test->target, p->loopback, p->private))
		return -EACCES;
	if (p->fd[test->target.family == 6] < 0)
		return -EAFNOSUPPORT;
	if (rand_bytes(&p->echo.ident, sizeof(p->echo.ident)) ||
	    rand_bytes(p->echo.token, sizeof(p->echo.token)))
		return -EIO;
	p->test = *test;
	p->echo.size = test->size;
	p->local = (struct probe_addr){ 0 };
	p->sent = 0;
	p->waiting = false;
	p->due_ms = p->free_ms;
	p->job = job;
	rep->id = ++p->id;
	return 0;
}

int asroot_probe_stop(struct probe *p)
{
	p->job = NULL;
	p->waiting = false;
	return 0;
}

static void probe_client_gone(void *self)
{
	(void)asroot_probe_stop(self);
}

const struct role probe_role = {
	.ipc = IPC_PROBE,
	.sandbox = SB_PROBE,
	.user_key = "user.probe",
	.ops = asroot_ops,
	.open = probe_open,
	.polls = probe_polls,
	.polled = probe_polled,
	.timeout = probe_timeout,
	.tick = probe_tick,
	.client_gone = probe_client_gone,
};
