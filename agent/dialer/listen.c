/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/dialer/addr.h"
#include "agent/dialer/request.h"
#include "lib/cleanup.h"

#define BACKLOG 16

int local_address(int fd, struct dial_addr *out)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &len))
		return -errno;
	return dial_addr_from(out, (struct sockaddr *)&ss, len);
}

static char device[16];

void bind_device(const char *name)
{
	memcpy(device, name, strnlen(name, sizeof(device) - 1) + 1);
}

/* Linux wants no capability for a socket that has no interface yet (5.7). */
int on_device(int fd)
{
	socklen_t len = (socklen_t)strlen(device);

	return len && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, len) ? -errno : 0;
}

int set_how(int fd, bool ipv6, const struct dial_how *how)
{
	int ifindex = (int)how->ifindex, is = 0, class = how->dscp << 2, priority = how->priority;
	socklen_t len = sizeof(is);

	if (ifindex && *device) {
		if (getsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &is, &len))
			return -errno;
		if (is != ifindex)
			return -EXDEV;
	} else if (ifindex &&
		   setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &ifindex, sizeof(ifindex))) {
		return -errno;
	}
	if (class && (ipv6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &class, sizeof(class))
			   : setsockopt(fd, IPPROTO_IP, IP_TOS, &class, sizeof(class))))
		return -errno;
	/* Last: a class of service brings a priority along. */
	if (priority && setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority)))
		return -errno;
	return 0;
}

int set_stamps(int fd, bool ipv6)
{
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)))
		return -errno;
	if (ipv6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on))
		 : setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)))
		return -errno;
	return 0;
}

static int bound(int type, const struct dial_addr *addr)
{
	_cleanup_close_ int fd = -1;
	struct sockaddr_storage ss;
	socklen_t len = dial_addr_to(addr, &ss);
	int on = 1, off = 0, r;

	fd = socket(ss.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if ((r = on_device(fd)))
		return r;
	if (type == SOCK_STREAM && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		return -errno;
	/* Whatever net.ipv6.bindv6only says: one socket for both families. */
	if (ss.ss_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)))
		return -errno;
	if (bind(fd, (struct sockaddr *)&ss, len))
		return -errno;
	return take_fd(&fd);
}

/* addr, or any address of both families, or of IPv4 alone on a kernel without IPv6. */
static int bound_any(int type, const struct dial_addr *addr, uint8_t family)
{
	struct dial_addr any = *addr;
	int fd;

	if (addr->family)
		return bound(type, addr);
	any.family = family ? family : DIAL_IPV6;
	fd = bound(type, &any);
	if (fd != -EAFNOSUPPORT && fd != -EADDRNOTAVAIL)
		return fd;
	any.family = DIAL_IPV4;
	return family ? fd : bound(type, &any);
}

int listen_tcp(const struct dial_addr *addr)
{
	_cleanup_close_ int fd = bound_any(SOCK_STREAM, addr, DIAL_ANY);

	if (fd < 0)
		return fd;
	if (listen(fd, BACKLOG))
		return -errno;
	return take_fd(&fd);
}

int open_udp(const struct dial_addr *peer, uint8_t family, uint16_t local_port,
	     const struct dial_how *how)
{
	struct dial_addr any = { .port = local_port };
	_cleanup_close_ int fd = bound_any(SOCK_DGRAM, &any, peer ? peer->family : family);
	struct sockaddr_storage ss;
	struct dial_addr local;
	int r;

	if (fd < 0)
		return fd;
	if ((r = local_address(fd, &local)) || (r = set_how(fd, local.family == DIAL_IPV6, how)))
		return r;
	if (!peer)
		return take_fd(&fd);

	socklen_t len = dial_addr_to(peer, &ss);

	if (connect(fd, (struct sockaddr *)&ss, len))
		return -errno;
	return take_fd(&fd);
}
