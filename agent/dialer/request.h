/* SPDX-License-Identifier: Apache-2.0 */
/* What the dialer is doing for the agent. Private to agent/dialer. */
#pragma once

#include "agent/dialer/dialer.h"
#include "agent/dialer/eyeballs.h"
#include "agent/dialer/resolver.h"
#include "agent/loop.h"
#include "ipc/ipc.h"
#include "lib/audit.h"

enum request_state { REQ_FREE, REQ_WAITS, REQ_RESOLVING, REQ_CONNECTING };

struct dialer;

struct request {
	struct dialer *d;
	enum request_state state;
	enum ipc_op op;
	uint32_t seq; /* of the agent */
	uint32_t ask; /* of the resolver */
	uint8_t purpose, family;
	uint16_t port, local_port;
	char host[DIAL_HOST_MAX];
	uint64_t until; /* monotonic ms: the end of all patience */
	struct loop_timer deadline;
	struct dial_how how; /* DIAL_UDP */
	struct eyeballs eyes;
};

struct dialer {
	struct loop loop;
	struct dialer_config cfg;
	struct ipc_chan chan; /* to the agent; fd -1: none */
	struct loop_io chan_io, resolver_io, listen_io;
	struct ipc_gate gate;
	uint32_t asks;
	bool resolver_busy;
	uint32_t nservers; /* name servers of the box, as the resolver said last */
	struct dial_addr servers[DIAL_ADDRS_MAX];
	struct audit_gate flood;
	struct request req[DIAL_REQUESTS_MAX];
};

/* requests.c: take over what the codec has let through. */
void requests_init(struct dialer *d);
void requests_drop(struct dialer *d);
void request_start(struct dialer *d, const struct ipc_hdr *hdr, const void *payload);
void request_answered(struct dialer *d, const struct resolver_answer *answer);

/* listen.c: a listening TCP socket; a datagram socket, connected when peer is given. */
int listen_tcp(const struct dial_addr *addr);
int open_udp(const struct dial_addr *peer, uint8_t family, uint16_t local_port,
	     const struct dial_how *how);
/* Before it is connected. 0 or -errno; -EXDEV: wan.interface is another one. */
int set_how(int fd, bool ipv6, const struct dial_how *how);
/* Datagrams bring along when and where they arrived. 0 or -errno. */
int set_stamps(int fd, bool ipv6);
int local_address(int fd, struct dial_addr *out);
/* Every socket from now on: by this interface only ("": any). */
void bind_device(const char *name);
/* 0 or -errno; -ENODEV: there is no such interface. */
int on_device(int fd);
