/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/*
 * Messages between the agent and the dialer. The dialer owns all that touches the network's
 * naming and addressing: it resolves, applies the egress policy, connects, listens and hands the
 * socket over. It never sees a byte of plain text.
 *
 * A reply's status in the frame header is 0 or one of these:
 *   -EACCES        the egress policy refuses (port, range of addresses)
 *   -ENOENT        the name does not exist
 *   -EAGAIN        the name could not be resolved now
 *   -ETIMEDOUT, -ECONNREFUSED, -EHOSTUNREACH, -ENETUNREACH ...   the last address tried
 *   -EBUSY         too many requests at once or per minute
 *   -EINVAL        not understood
 */
#define DIAL_HOST_MAX 256 /* 255 octets (RFC 1035 2.3.4) and the terminator */
#define DIAL_ADDRS_MAX 8

enum dial_purpose {
	DIAL_FOR_ACS = 1,	  /* CWMP sessions */
	DIAL_FOR_TRANSFER = 2,	  /* download and upload of files */
	DIAL_FOR_CONNREQ = 3,	  /* TCP connection requests, listening */
	DIAL_FOR_STUN = 4,	  /* TR-069 Annex G, UDP */
	DIAL_FOR_DIAGNOSTICS = 5, /* TR-143 and the like */
	DIAL_FOR_NAMES = 6,	  /* NSLookupDiagnostics, UDP */
	DIAL_FOR_ECHO = 7,	  /* UDPEchoDiagnostics and UDPEchoConfig, UDP */
	DIAL_PURPOSES
};

enum dial_family { DIAL_ANY = 0, DIAL_IPV4 = 4, DIAL_IPV6 = 6 };

struct dial_addr {
	uint8_t family; /* enum dial_family; 0: no address */
	uint8_t pad;
	uint16_t port;	  /* host order */
	uint32_t scope;	  /* IPv6 scope id, else 0 */
	uint8_t addr[16]; /* IPv4 uses the first four; network order */
};

/* How the packets of a socket leave; zero: as the routes say, without a mark. */
struct dial_how {
	uint32_t ifindex; /* by this interface; where wan.interface is set, only by that one */
	uint8_t dscp;
	uint8_t priority; /* SO_PRIORITY, 1 to 6: what a VLAN makes its priority of */
	uint8_t zero[2];
};

/* DIAL_CONNECT: TCP to host:port. Reply: connected, non-blocking socket and struct dial_conn. */
struct dial_connect {
	char host[DIAL_HOST_MAX]; /* name or literal address, IPv6 without brackets */
	uint16_t port;
	uint8_t purpose;
	uint8_t family;
	uint32_t timeout_ms; /* for all of it; 0: the dialer's own limit */
	struct dial_how how;
};

struct dial_conn {
	struct dial_addr peer;
	struct dial_addr local;
	uint64_t asked_us, opened_us; /* of TCP: when it was asked for and stood, since 1970 */
};

/* DIAL_LISTEN: the listening socket of a purpose; port and address come from the configuration. */
struct dial_listen {
	uint8_t purpose;
	uint8_t pad[3];
};

struct dial_listening {
	struct dial_addr local;
};

/* DIAL_UDP: datagram socket bound to local_port, connected to host:port when host is set. */
struct dial_udp {
	char host[DIAL_HOST_MAX];
	uint16_t port;
	uint16_t local_port; /* 0: any */
	uint8_t purpose;
	uint8_t family;
	uint8_t pad[2];
	struct dial_how how;
};

/* DIAL_RESOLVE */
struct dial_resolve {
	char host[DIAL_HOST_MAX];
	uint8_t purpose;
	uint8_t family;
	uint8_t pad[2];
};

struct dial_resolved {
	uint32_t count;
	struct dial_addr addr[DIAL_ADDRS_MAX]; /* port 0 */
};

/* DIAL_SERVERS: the name servers that the box has; for DIAL_FOR_NAMES they are always allowed. */
struct dial_servers {
	uint32_t count;
	struct dial_addr addr[DIAL_ADDRS_MAX];
	char domain[DIAL_HOST_MAX]; /* for names without a dot; "": none */
};

_Static_assert(sizeof(struct dial_addr) == 24, "no hidden padding on the wire");
_Static_assert(sizeof(struct dial_connect) == 272, "no hidden padding on the wire");
_Static_assert(sizeof(struct dial_conn) == 64, "no hidden padding on the wire");
_Static_assert(sizeof(struct dial_listen) == 4, "no hidden padding on the wire");
_Static_assert(sizeof(struct dial_udp) == 272, "no hidden padding on the wire");
_Static_assert(sizeof(struct dial_resolve) == 260, "no hidden padding on the wire");
_Static_assert(sizeof(struct dial_resolved) == 4 + 8 * 24, "no hidden padding on the wire");
