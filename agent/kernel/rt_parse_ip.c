/* SPDX-License-Identifier: Apache-2.0 */
/* rtnetlink's addresses, neighbours and routes into the structs of rt.h. Pure. */
#include <string.h>
#include <sys/socket.h>

#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "agent/kernel/rt.h"
#include "agent/kernel/rt_attr.h"

#define FOREVER UINT64_MAX
#define INFINITE_S 0xffffffffu
#define USER_HZ 100 /* of all clocks that rtnetlink tells */

static size_t address_size(uint8_t family)
{
	return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

static uint64_t ends(uint64_t now, uint32_t seconds)
{
	return seconds == INFINITE_S ? FOREVER : now + (uint64_t)seconds * 1000;
}

bool rt_parse_addr(struct rt_addr *r, const struct nlmsghdr *h, uint64_t now)
{
	const struct nlattr *a;
	struct ifa_cacheinfo ci;
	struct ifaddrmsg m;
	bool local = false, any = false;
	size_t size;

	if (!header(h, &m, sizeof(m)) || !(size = address_size(m.ifa_family)) ||
	    m.ifa_prefixlen > 8 * size || !m.ifa_index)
		return false;
	memset(r, 0, sizeof(*r));
	r->key.index = m.ifa_index;
	r->key.family = m.ifa_family;
	r->key.plen = m.ifa_prefixlen;
	r->flags = m.ifa_flags;
	r->scope = m.ifa_scope;
	r->preferred_ms = r->valid_ms = FOREVER;
	each_attr(a, h, sizeof(m))
	{
		switch (mnl_attr_get_type(a)) {
		case IFA_LOCAL: /* on a point-to-point link IFA_ADDRESS is the other end's */
			local = take(a, r->key.addr, size);
			break;
		case IFA_ADDRESS:
			if (!local)
				any = take(a, r->key.addr, size);
			break;
		case IFA_FLAGS:
			r->flags = take_u32(a);
			break;
		case IFA_CACHEINFO:
			if (take(a, &ci, sizeof(ci))) {
				r->preferred_ms = ends(now, ci.ifa_prefered);
				r->valid_ms = ends(now, ci.ifa_valid);
			}
			break;
		case IFA_RT_PRIORITY + 2: /* IFA_PROTO, since Linux 5.18 */
			r->proto = take_u8(a);
			break;
		default:
			break;
		}
	}
	return local || any;
}

bool rt_parse_neigh(struct rt_neigh *n, const struct nlmsghdr *h)
{
	const struct nlattr *a;
	struct ndmsg m;
	bool dst = false;
	size_t size;

	if (!header(h, &m, sizeof(m)) || m.ndm_ifindex <= 0)
		return false;
	size = address_size(m.ndm_family);
	if (!size && m.ndm_family != AF_BRIDGE)
		return false;
	memset(n, 0, sizeof(*n));
	n->key.index = (uint32_t)m.ndm_ifindex;
	n->key.family = m.ndm_family;
	n->state = m.ndm_state;
	n->flags = m.ndm_flags;
	each_attr(a, h, sizeof(m))
	{
		switch (mnl_attr_get_type(a)) {
		case NDA_DST:
			if (size)
				dst = take(a, n->key.dst, size);
			break;
		case NDA_LLADDR:
			n->has_mac = take_mac(a, n->mac);
			break;
		case NDA_VLAN:
			if (!size)
				n->key.vlan = take_u16(a);
			break;
		default:
			break;
		}
	}
	if (size)
		return dst && m.ndm_type != RTN_MULTICAST && m.ndm_type != RTN_BROADCAST &&
		       !(n->state & NUD_NOARP);
	memcpy(n->key.dst, n->mac, 6);
	/* the bridge's own addresses are permanent, and those of the port's hardware are its own */
	return n->has_mac && !(n->state & NUD_PERMANENT) && !(n->flags & NTF_SELF);
}

struct hops {
	struct rt_route base;
	const struct nlattr *multi;
	struct rt_route *out;
	size_t n, max;
};

static void hop_attrs(struct hops *r, const struct nlattr *hop, size_t len, uint32_t index)
{
	const struct nlattr *a = hop;
	struct rt_route *to = &r->out[r->n];

	if (r->n >= r->max)
		return;
	*to = r->base;
	to->key.index = index;
	while (mnl_attr_ok(a, (int)len)) {
		size_t step = MNL_ALIGN(a->nla_len);

		if (mnl_attr_get_type(a) == RTA_GATEWAY)
			to->has_gw = take(a, to->key.gw, address_size(to->key.family));
		if (step >= len)
			break;
		len -= step;
		a = mnl_attr_next(a);
	}
	r->n++;
}

static void multipath(struct hops *r)
{
	const uint8_t *at = mnl_attr_get_payload(r->multi);
	size_t left = mnl_attr_get_payload_len(r->multi);
	struct rtnexthop nh;

	while (left >= sizeof(nh)) {
		size_t step;

		memcpy(&nh, at, sizeof(nh));
		if (nh.rtnh_len < sizeof(nh) || nh.rtnh_len > left || nh.rtnh_ifindex < 0)
			break;
		hop_attrs(r, (const void *)(at + sizeof(nh)), nh.rtnh_len - sizeof(nh),
			  (uint32_t)nh.rtnh_ifindex);
		step = MNL_ALIGN(nh.rtnh_len);
		if (step >= left)
			break;
		at += step;
		left -= step;
	}
}

static void route_attr(struct hops *r, const struct nlattr *a, uint32_t *table, uint64_t now)
{
	const size_t size = address_size(r->base.key.family);
	struct rta_cacheinfo ci;

	switch (mnl_attr_get_type(a)) {
	case RTA_TABLE:
		*table = take_u32(a);
		break;
	case RTA_DST:
		(void)take(a, r->base.key.dst, size);
		break;
	case RTA_GATEWAY:
		r->base.has_gw = take(a, r->base.key.gw, size);
		break;
	case RTA_OIF:
		r->base.key.index = take_u32(a);
		break;
	case RTA_PRIORITY:
		r->base.key.priority = take_u32(a);
		r->base.has_priority = true;
		break;
	case RTA_PREFSRC:
		(void)take(a, r->base.src, size);
		break;
	case RTA_CACHEINFO:
		if (take(a, &ci, sizeof(ci)) && ci.rta_expires > 0)
			r->base.expires_ms = now + (uint64_t)ci.rta_expires * (1000 / USER_HZ);
		break;
	case RTA_MULTIPATH:
		r->multi = a;
		break;
	default:
		break;
	}
}

size_t rt_parse_routes(struct rt_route *out, size_t max, const struct nlmsghdr *h, uint64_t now)
{
	struct hops r = { .out = out, .max = max };
	const struct nlattr *a;
	struct rtmsg m;
	uint32_t table;
	size_t size;

	if (!header(h, &m, sizeof(m)) || !(size = address_size(m.rtm_family)) ||
	    m.rtm_dst_len > 8 * size || (m.rtm_flags & RTM_F_CLONED))
		return 0;
	r.base.key.family = m.rtm_family;
	r.base.key.plen = m.rtm_dst_len;
	r.base.key.tos = m.rtm_tos;
	r.base.key.type = m.rtm_type;
	r.base.protocol = m.rtm_protocol;
	r.base.expires_ms = FOREVER;
	table = m.rtm_table;
	each_attr(a, h, sizeof(m)) route_attr(&r, a, &table, now);
	if (table != RT_TABLE_MAIN || !max)
		return 0;
	if (r.multi) {
		multipath(&r);
		return r.n;
	}
	out[0] = r.base;
	return 1;
}
