/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/dialer/egress.h"

#include <errno.h>
#include <string.h>

#include "lib/array.h"
#include "lib/num.h"

struct net {
	uint8_t addr[16];
	uint8_t bits;
	uint8_t class;
};

/* The first that matches counts (IANA special-purpose registries). */
static const struct net ipv4_nets[] = {
	{ { 0 }, 8, EGRESS_NEVER },
	{ { 127 }, 8, EGRESS_LOOPBACK },
	{ { 169, 254 }, 16, EGRESS_LINK_LOCAL },
	{ { 10 }, 8, EGRESS_PRIVATE },
	{ { 172, 16 }, 12, EGRESS_PRIVATE },
	{ { 192, 168 }, 16, EGRESS_PRIVATE },
	{ { 100, 64 }, 10, EGRESS_PRIVATE }, /* RFC 6598: behind the carrier's NAT */
	{ { 224 }, 3, EGRESS_NEVER },	     /* multicast, reserved, broadcast */
};

static const struct net ipv6_nets[] = {
	{ { [15] = 1 }, 128, EGRESS_LOOPBACK },
	{ { 0 }, 96, EGRESS_NEVER }, /* unspecified and "IPv4-compatible" */
	{ { 0xfe, 0x80 }, 10, EGRESS_LINK_LOCAL },
	{ { 0xfe, 0xc0 }, 10, EGRESS_PRIVATE }, /* old site-local */
	{ { 0xfc }, 7, EGRESS_PRIVATE },
	{ { 0xff }, 8, EGRESS_NEVER },
};

/* Where an IPv4 address lies inside of an IPv6 one. */
static const struct {
	uint8_t addr[16];
	uint8_t bits, at;
} embeddings[] = {
	{ { [10] = 0xff, 0xff }, 96, 12 },	/* mapped */
	{ { 0x00, 0x64, 0xff, 0x9b }, 96, 12 }, /* NAT64, RFC 6052 */
	{ { 0x20, 0x02 }, 16, 2 },		/* 6to4 */
};

static bool within(const uint8_t *addr, const uint8_t *net, unsigned int bits)
{
	unsigned int whole = bits / 8, rest = bits % 8;
	uint8_t mask = (uint8_t)(0xff00u >> rest);

	if (memcmp(addr, net, whole))
		return false;
	return !rest || !((addr[whole] ^ net[whole]) & mask);
}

static enum egress_class lookup(const struct net *nets, size_t n, const uint8_t *addr)
{
	for (size_t i = 0; i < n; i++) {
		if (within(addr, nets[i].addr, nets[i].bits))
			return nets[i].class;
	}
	return EGRESS_PUBLIC;
}

enum egress_class egress_classify(const struct dial_addr *addr)
{
	const uint8_t *v4 = addr->family == DIAL_IPV4 ? addr->addr : NULL;

	if (!v4 && addr->family != DIAL_IPV6)
		return EGRESS_NEVER;
	for (size_t i = 0; !v4 && i < ARRAY_SIZE(embeddings); i++) {
		if (within(addr->addr, embeddings[i].addr, embeddings[i].bits))
			v4 = addr->addr + embeddings[i].at;
	}
	if (v4)
		return lookup(ipv4_nets, ARRAY_SIZE(ipv4_nets), v4);
	return lookup(ipv6_nets, ARRAY_SIZE(ipv6_nets), addr->addr);
}

bool egress_addr(const struct egress *e, const struct dial_addr *addr)
{
	switch (egress_classify(addr)) {
	case EGRESS_PUBLIC:
		return true;
	case EGRESS_PRIVATE:
		return e->allow_private;
	case EGRESS_LOOPBACK:
		return e->allow_loopback;
	case EGRESS_LINK_LOCAL:
	case EGRESS_NEVER:
		break;
	}
	return false;
}

const char *egress_class_text(enum egress_class c)
{
	switch (c) {
	case EGRESS_PUBLIC:
		return "public";
	case EGRESS_PRIVATE:
		return "private (dialer.allow_private)";
	case EGRESS_LOOPBACK:
		return "loopback (dialer.allow_loopback)";
	case EGRESS_LINK_LOCAL:
		return "link-local";
	case EGRESS_NEVER:
		break;
	}
	return "no host";
}

bool egress_port(const struct egress *e, enum dial_purpose purpose, uint16_t port)
{
	const struct egress_ports *p = &e->ports[purpose];

	for (size_t i = 0; port && i < p->n; i++) {
		if (port >= p->range[i].first && port <= p->range[i].last)
			return true;
	}
	return false;
}

static int parse_range(const char *p, size_t n, uint64_t *first, uint64_t *last)
{
	const char *dash = memchr(p, '-', n);
	size_t len = dash ? (size_t)(dash - p) : n;

	if (num_parse_u64(p, len, UINT16_MAX, first) || !*first)
		return -EINVAL;
	*last = *first;
	if (dash && (num_parse_u64(dash + 1, n - len - 1, UINT16_MAX, last) || *last < *first))
		return -EINVAL;
	return 0;
}

int egress_parse_ports(struct egress_ports *out, const char *text)
{
	out->n = 0;
	for (const char *p = text;;) {
		uint64_t first, last;
		size_t n;

		p += strspn(p, " \t,");
		n = strcspn(p, " \t,");
		if (!n)
			return 0;
		if (out->n == EGRESS_RANGES_MAX || parse_range(p, n, &first, &last))
			return -EINVAL;
		out->range[out->n].first = (uint16_t)first;
		out->range[out->n++].last = (uint16_t)last;
		p += n;
	}
}
