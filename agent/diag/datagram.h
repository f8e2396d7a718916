/* SPDX-License-Identifier: Apache-2.0 */
/* UDP echo (RFC 862) and UDP Echo Plus (TR-143 A.1), over a socket of DIAL_FOR_ECHO. */
#pragma once

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "ipc/dialer.h"

#define DATAGRAM_MAX 65507 /* of an IPv4 datagram without its headers */

/* Octets of the fields of UDP Echo Plus, each of four. */
enum {
	ECHO_GEN_SN = 0,
	ECHO_RESP_SN = 4,
	ECHO_RECEIVED = 8,
	ECHO_REPLIED = 12,
	ECHO_FAILURES = 16
};
#define ECHO_PLUS_MIN 20
#define ECHO_ITERATION 20

uint32_t echo_get(const uint8_t *data, size_t at);
void echo_put(uint8_t *data, size_t at, uint32_t v);

struct datagram {
	struct sockaddr_storage from;
	socklen_t from_len;
	struct dial_addr sender;
	union {
		struct in_pktinfo v4;
		struct in6_pktinfo v6;
	} to;	       /* which of our addresses it came to, and by which link */
	int to_level;  /* IPPROTO_IP or IPPROTO_IPV6; 0: the kernel did not say */
	int64_t at_us; /* arrival, since 1970, by the kernel's clock */
	size_t len;
};

/* One datagram into data (DATAGRAM_MAX octets). 0 or -errno; -EAGAIN: none there; -EMSGSIZE: it was
 * longer, and is gone. */
int datagram_receive(int fd, struct datagram *d, uint8_t *data);
/* Back to its sender, from the address that it came to. 0 or -errno. */
int datagram_return(int fd, const struct datagram *d, const uint8_t *data);
