/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the dialer may connect to: the fence around an agent that has been taken over. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/dialer.h"

#define EGRESS_RANGES_MAX 16

struct egress_ports {
	size_t n;
	struct {
		uint16_t first, last;
	} range[EGRESS_RANGES_MAX];
};

struct egress {
	bool allow_loopback; /* dialer.allow_loopback: 127/8, ::1 and the box's own addresses */
	bool allow_private;  /* dialer.allow_private: RFC 1918, 6598, 4193 */
	struct egress_ports ports[DIAL_PURPOSES];
};

enum egress_class {
	EGRESS_PUBLIC,
	EGRESS_PRIVATE,
	EGRESS_LOOPBACK,
	EGRESS_LINK_LOCAL,
	EGRESS_NEVER, /* unspecified, multicast, broadcast, reserved */
};

/* "80 443 1024-65535". 0 or -EINVAL. */
int egress_parse_ports(struct egress_ports *out, const char *text);
bool egress_port(const struct egress *e, enum dial_purpose purpose, uint16_t port);
/* Also sees the IPv4 address inside of mapped, NAT64 and 6to4 addresses. */
enum egress_class egress_classify(const struct dial_addr *addr);
bool egress_addr(const struct egress *e, const struct dial_addr *addr);
const char *egress_class_text(enum egress_class c);
