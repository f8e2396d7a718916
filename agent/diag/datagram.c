/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/diag/datagram.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "agent/dialer/addr.h"
#include "lib/clock.h"

uint32_t echo_get(const uint8_t *data, size_t at)
{
	const uint8_t *p = data + at;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void echo_put(uint8_t *data, size_t at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		data[at + (size_t)i] = (uint8_t)(v >> (24 - 8 * i));
}

union control {
	char room[CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(struct in6_pktinfo)) +
		  CMSG_SPACE(sizeof(struct in_pktinfo))];
	struct cmsghdr align;
};

static void take_control(struct datagram *d, struct msghdr *m)
{
	struct timespec ts;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			d->at_us = (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
		} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&d->to.v4, CMSG_DATA(c), sizeof(d->to.v4));
			/* ipi_spec_dst is what answers come from. */
			d->to_level = IPPROTO_IP;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&d->to.v6, CMSG_DATA(c), sizeof(d->to.v6));
			d->to_level = IPPROTO_IPV6;
		}
	}
}

int datagram_receive(int fd, struct datagram *d, uint8_t *data)
{
	union control control;
	struct iovec iov = { data, DATAGRAM_MAX };
	struct msghdr m = { .msg_name = &d->from,
			    .msg_namelen = sizeof(d->from),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	d->len = (size_t)n;
	d->from_len = m.msg_namelen;
	d->to_level = 0;
	d->at_us = clock_wall_us();
	take_control(d, &m);
	if (m.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	return dial_addr_from(&d->sender, (struct sockaddr *)&d->from, d->from_len);
}

int datagram_return(int fd, const struct datagram *d, const uint8_t *data)
{
	bool v6 = d->to_level == IPPROTO_IPV6;
	size_t size = v6 ? sizeof(d->to.v6) : sizeof(d->to.v4);
	union control control = { { 0 } };
	struct sockaddr_storage to = d->from;
	struct iovec iov = { (void *)(uintptr_t)data, d->len };
	struct msghdr m = {
		.msg_name = &to, .msg_namelen = d->from_len, .msg_iov = &iov, .msg_iovlen = 1
	};

	if (d->to_level) {
		struct cmsghdr *c;

		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(size);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = d->to_level;
		c->cmsg_type = v6 ? IPV6_PKTINFO : IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(c), &d->to, size);
	}
	return sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}
