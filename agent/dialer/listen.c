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

int open_udp(const struct dial_addr *peer, uint8_t family, uint16_t local_port)
{
	struct dial_addr any = { .port = local_port };
	_cleanup_close_ int fd = bound_any(SOCK_DGRAM, &any, peer ? peer->family : family);
	struct sockaddr_storage ss;

	if (fd < 0 || !peer)
		return take_fd(&fd);

	socklen_t len = dial_addr_to(peer, &ss);

	if (connect(fd, (struct sockaddr *)&ss, len))
		return -errno;
	return take_fd(&fd);
}
