/* SPDX-License-Identifier: Apache-2.0 */
/* The two rtnetlink sockets. */
#include "agent/kernel/rt.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "agent/loop.h"
#include "lib/array.h"
#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/log.h"

struct rt {
	struct rt_tables t;
	struct mnl_socket *ask, *events;
	struct loop *loop;
	struct loop_io io;
	struct rt_listener *listeners;
	uint32_t seq;
	bool complained;
	uint8_t datagram[RT_DATAGRAM_MAX] __attribute__((aligned(8)));
};

static const int groups[] = { RTNLGRP_LINK,	  RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
			      RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,  RTNLGRP_NEIGH,
			      RTNLGRP_IPV6_IFINFO };

static int open_socket(struct mnl_socket **out)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int size = RT_RCVBUF, r;

	if (!s)
		return -errno;
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0) {
		r = -errno;
		(void)mnl_socket_close(s);
		return r;
	}
	/* Beyond the system's limit only as root; with less a storm is answered by a new dump. */
	if (setsockopt(mnl_socket_get_fd(s), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		(void)setsockopt(mnl_socket_get_fd(s), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	*out = s;
	return 0;
}

int rt_open(struct rt **out)
{
	struct rt *rt = calloc(1, sizeof(*rt));
	int r, group;

	if (!rt)
		return -ENOMEM;
	rt->io.fd = -1;
	rt_tables_init(&rt->t);
	if ((r = open_socket(&rt->ask)) || (r = open_socket(&rt->events)))
		goto fail;
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		group = groups[i];
		/* a kernel without IPv6 knows its groups all the same */
		if (mnl_socket_setsockopt(rt->events, NETLINK_ADD_MEMBERSHIP, &group,
					  sizeof(group)) < 0) {
			r = -errno;
			goto fail;
		}
	}
	*out = rt;
	return 0;
fail:
	if (rt->events)
		(void)mnl_socket_close(rt->events);
	if (rt->ask)
		(void)mnl_socket_close(rt->ask);
	rt_tables_free(&rt->t);
	free(rt);
	return r;
}

const struct rt_tables *rt_tables(const struct rt *rt)
{
	return &rt->t;
}

/* One datagram of the kernel's: its size, 0 for one of somebody else, -errno. */
static ssize_t receive(struct rt *rt, const struct mnl_socket *s)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { rt->datagram, sizeof(rt->datagram) };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1
	};
	ssize_t n = recvmsg(mnl_socket_get_fd(s), &msg, MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	if (msg.msg_flags & MSG_TRUNC)
		return -ENOBUFS; /* as good as lost */
	/* Any process may send to a netlink port: only the kernel has port 0. */
	return msg.msg_namelen == sizeof(from) && !from.nl_pid ? n : 0;
}

/* Takes up to max datagrams of events. */
static void pump(struct rt *rt, unsigned int max)
{
	const struct nlmsghdr *h;
	uint64_t now = clock_mono_ms();
	const void *at;
	size_t left;
	ssize_t n;

	while (max--) {
		n = receive(rt, rt->events);
		if (n == -ENOBUFS) {
			/* Some are lost: what is still in the queue is older than a dump. */
			for (int i = 0; i < RT_TABLES; i++)
				rt->t.stale[i] = true;
			continue;
		}
		if (n < 0)
			break;
		at = rt->datagram;
		left = (size_t)n;
		while ((h = rt_message(&at, &left)))
			rt_apply(&rt->t, h, now, false);
	}
}

struct dump {
	uint16_t type;
	uint8_t family;
	enum rt_table table;
};

static int ask(struct rt *rt, const struct dump *d)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	uint8_t room[MNL_ALIGN(sizeof(struct nlmsghdr)) + MNL_ALIGN(sizeof(struct ifinfomsg))]
		__attribute__((aligned(8))) = { 0 };
	struct nlmsghdr *h = mnl_nlmsg_put_header(room);
	struct iovec iov;
	const struct msghdr msg = {
		.msg_name = &kernel, .msg_namelen = sizeof(kernel), .msg_iov = &iov, .msg_iovlen = 1
	};
	uint8_t *body = mnl_nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));

	body[0] = d->family; /* every one of these headers begins with it */
	h->nlmsg_type = d->type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	h->nlmsg_seq = ++rt->seq;
	iov = (struct iovec){ room, h->nlmsg_len };
	return sendmsg(mnl_socket_get_fd(rt->ask), &msg, 0) < 0 ? -errno : 0;
}

/* One datagram of the answer: 1 more is to come, 0 the end, -errno (-EINTR: begin again). */
static int answer(struct rt *rt, size_t size, bool *disturbed)
{
	const struct nlmsghdr *h;
	const void *at = rt->datagram;
	uint64_t now = clock_mono_ms();
	int error;

	while ((h = rt_message(&at, &size))) {
		if (h->nlmsg_seq != rt->seq || h->nlmsg_pid != mnl_socket_get_portid(rt->ask))
			continue; /* late answer to a request that was given up */
		*disturbed |= h->nlmsg_flags & NLM_F_DUMP_INTR;
		if (h->nlmsg_type == NLMSG_ERROR) {
			if (mnl_nlmsg_get_payload_len(h) < sizeof(error))
				return -EPROTO;
			memcpy(&error, mnl_nlmsg_get_payload(h), sizeof(error));
			return error ? error : -EPROTO;
		}
		if (h->nlmsg_type == NLMSG_DONE)
			return *disturbed ? -EINTR : 0;
		rt_apply(&rt->t, h, now, true);
	}
	return 1;
}

static int collect(struct rt *rt)
{
	const uint64_t deadline = clock_mono_ms() + RT_DUMP_MS;
	struct pollfd p = { .fd = mnl_socket_get_fd(rt->ask), .events = POLLIN };
	bool disturbed = false;
	uint64_t now;
	ssize_t n;
	int r;

	for (;;) {
		n = receive(rt, rt->ask);
		if (n > 0) {
			r = answer(rt, (size_t)n, &disturbed);
			if (r <= 0)
				return r;
			continue;
		}
		if (n == -EAGAIN) {
			now = clock_mono_ms();
			if (now >= deadline)
				return -ETIMEDOUT;
			if (poll(&p, 1, (int)(deadline - now)) < 0 && errno != EINTR)
				return -errno;
			continue;
		}
		if (n < 0 && n != -EINTR)
			return n == -ENOBUFS ? -EINTR : (int)n;
	}
}

static int read_anew(struct rt *rt, const struct dump *d)
{
	int r = -EINTR;

	for (int i = 0; i < RT_DUMP_TRIES && r == -EINTR; i++) {
		rt->t.round++;
		r = ask(rt, d);
		if (!r)
			r = collect(rt);
	}
	if (!r)
		rt_sweep(&rt->t, d->table, d->table == RT_LINKS ? 0 : d->family);
	return r;
}

static const struct dump dumps[] = {
	{ RTM_GETLINK, AF_UNSPEC, RT_LINKS },  { RTM_GETADDR, AF_INET, RT_ADDRS },
	{ RTM_GETADDR, AF_INET6, RT_ADDRS },   { RTM_GETROUTE, AF_INET, RT_ROUTES },
	{ RTM_GETROUTE, AF_INET6, RT_ROUTES }, { RTM_GETNEIGH, AF_INET, RT_NEIGHS },
	{ RTM_GETNEIGH, AF_INET6, RT_NEIGHS }, { RTM_GETNEIGH, AF_BRIDGE, RT_NEIGHS },
};

static void read_table(struct rt *rt, enum rt_table which)
{
	bool ok = true;

	for (size_t i = 0; i < ARRAY_SIZE(dumps); i++) {
		int r;

		if (dumps[i].table != which)
			continue;
		r = read_anew(rt, &dumps[i]);
		/* not built into this kernel: nothing is there */
		if (!r || r == -EOPNOTSUPP || r == -EAFNOSUPPORT)
			continue;
		ok = false;
		if (!rt->complained)
			log_warn("rtnetlink: dump %u: %s", dumps[i].type, strerror(-r));
		rt->complained = true;
	}
	if (ok)
		rt->complained = false;
	rt->t.stale[which] = !ok;
}

void rt_fresh(struct rt *rt)
{
	pump(rt, RT_PUMP_MAX);
	for (enum rt_table i = 0; i < RT_TABLES; i++)
		if (rt->t.stale[i])
			read_table(rt, i);
}

void rt_fresh_stats(struct rt *rt)
{
	pump(rt, RT_PUMP_MAX);
	read_table(rt, RT_LINKS);
}

static void readable(void *arg, int fd, uint32_t events)
{
	struct rt *rt = arg;
	struct rt_listener *next;
	uint64_t before[RT_TABLES];
	unsigned int changed = 0;

	for (int i = 0; i < RT_TABLES; i++)
		before[i] = rt->t.gen[i];
	pump(rt, RT_ROUND_MAX);
	for (int i = 0; i < RT_TABLES; i++)
		if (rt->t.gen[i] != before[i] || rt->t.stale[i])
			changed |= 1u << i;
	for (struct rt_listener *l = rt->listeners; l && changed; l = next) {
		next = l->next; /* it may leave */
		l->fn(l->arg, changed);
	}
}

void rt_listen(struct rt *rt, struct rt_listener *listener)
{
	listener->next = rt->listeners;
	rt->listeners = listener;
}

int rt_start(struct rt *rt, struct loop *loop)
{
	rt->loop = loop;
	rt_fresh(rt);
	return loop_io_add(loop, &rt->io, mnl_socket_get_fd(rt->events), EPOLLIN, readable, rt);
}
