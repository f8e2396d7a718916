/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if.h>
#include <linux/rtnetlink.h>

#include "nl80211/links.h"

/* What a message begins with; no more of it is wanted. */
struct link_news {
	struct nlmsghdr head;
	struct ifinfomsg link;
};

int nl_links_open(void)
{
	const struct sockaddr_nl links = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE), e;

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&links, sizeof(links)) < 0) {
		e = -errno;
		close(fd);
		return e;
	}
	return fd;
}

static bool is_lost(const struct link_news *m, size_t n, const struct nl_ifaces *ifaces)
{
	const unsigned int type = n < sizeof(*m) ? NLMSG_NOOP : m->head.nlmsg_type;
	uint32_t i;

	if (type != RTM_DELLINK && (type != RTM_NEWLINK || m->link.ifi_flags & IFF_RUNNING))
		return false;
	for (i = 0; i < ifaces->n; i++)
		if (m->link.ifi_index == (int)ifaces->v[i].ifindex)
			return true;
	return false;
}

bool nl_links_lost(int fd, const struct nl_ifaces *ifaces)
{
	struct sockaddr_nl from;
	struct link_news m;
	struct iovec iov = { &m, sizeof(m) };
	struct msghdr msg = { .msg_name = &from, .msg_iov = &iov, .msg_iovlen = 1 };
	bool lost = false;
	ssize_t n;

	for (;;) {
		msg.msg_namelen = sizeof(from);
		n = recvmsg(fd, &msg, MSG_DONTWAIT); /* the rest of it is cut off */
		if (n < 0 && errno == ENOBUFS)
			lost = true; /* or may have been */
		else if (n < 0)
			return lost;
		/* Any process may send to a netlink port: only the kernel has port 0. */
		else if (msg.msg_namelen == sizeof(from) && !from.nl_pid)
			lost |= is_lost(&m, (size_t)n, ifaces);
	}
}
