/* SPDX-License-Identifier: Apache-2.0 */
/* rtnetlink's links into the structs of rt.h. Pure: no I/O, no clock. */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>

#include "agent/kernel/rt.h"
#include "agent/kernel/rt_attr.h"
#include "lib/array.h"

const struct nlmsghdr *rt_message(const void **at, size_t *left)
{
	const struct nlmsghdr *h = *at;
	size_t step;

	/* mnl_nlmsg_ok() takes a length over 2 GiB for a negative one, and says yes */
	if (*left < sizeof(*h) || h->nlmsg_len < sizeof(*h) || h->nlmsg_len > *left)
		return NULL;
	step = MNL_ALIGN((size_t)h->nlmsg_len);
	if (step > *left)
		step = *left;
	*at = (const char *)*at + step;
	*left -= step;
	return h;
}

/* Terminated and cut; names are bytes that the tree must be able to show. */
static void take_text(const struct nlattr *a, char *out, size_t size)
{
	size_t n = mnl_attr_get_payload_len(a), i;

	if (n > size - 1)
		n = size - 1;
	memcpy(out, mnl_attr_get_payload(a), n);
	out[n] = '\0';
	for (i = 0; out[i]; i++)
		if (out[i] < 0x21 || out[i] > 0x7e)
			out[i] = '?';
	memset(out + i, 0, size - i);
}

static enum rt_kind kind_of(const char *name)
{
	static const struct {
		const char *name;
		enum rt_kind kind;
	} kinds[] = {
		{ "", RT_PLAIN },	 { "dsa", RT_PLAIN },	     { "veth", RT_VETH },
		{ "bridge", RT_BRIDGE }, { "vlan", RT_VLAN },	     { "bond", RT_BOND },
		{ "ipip", RT_TUNNEL },	 { "sit", RT_TUNNEL },	     { "gre", RT_TUNNEL },
		{ "ip6gre", RT_TUNNEL }, { "ip6tnl", RT_TUNNEL },    { "vti", RT_TUNNEL },
		{ "vti6", RT_TUNNEL },	 { "wireguard", RT_TUNNEL }, { "xfrm", RT_TUNNEL },
		{ "tun", RT_TUNNEL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return kinds[i].kind;
	return RT_OTHER;
}

static void parse_vlan(struct rt_link *l, const struct nlattr *data)
{
	const struct nlattr *a;

	each_nested(a, data)
	{
		uint16_t v = take_u16(a);

		if (mnl_attr_get_type(a) == IFLA_VLAN_ID)
			l->vlan = v;
		else if (mnl_attr_get_type(a) == IFLA_VLAN_PROTOCOL)
			l->vlan_proto = ntohs(v);
	}
}

static void parse_bridge(struct rt_link *l, const struct nlattr *data)
{
	const struct nlattr *a;

	each_nested(a, data)
	{
		if (mnl_attr_get_type(a) == IFLA_BR_AGEING_TIME)
			l->ageing = take_u32(a);
		else if (mnl_attr_get_type(a) == IFLA_BR_VLAN_FILTERING)
			l->vlan_filtering = take_u8(a);
	}
}

static void parse_port(struct rt_link *l, const struct nlattr *data)
{
	const struct nlattr *a;

	each_nested(a, data)
	{
		if (mnl_attr_get_type(a) == IFLA_BRPORT_STATE)
			l->port_state = take_u8(a);
	}
}

static void parse_linkinfo(struct rt_link *l, const struct nlattr *info)
{
	const struct nlattr *a, *data = NULL, *port = NULL;
	char kind[16] = "", slave[16] = "";

	each_nested(a, info)
	{
		switch (mnl_attr_get_type(a)) {
		case IFLA_INFO_KIND:
			take_text(a, kind, sizeof(kind));
			break;
		case IFLA_INFO_DATA:
			data = a;
			break;
		case IFLA_INFO_SLAVE_KIND:
			take_text(a, slave, sizeof(slave));
			break;
		case IFLA_INFO_SLAVE_DATA:
			port = a;
			break;
		default:
			break;
		}
	}
	l->kind = (uint8_t)kind_of(kind);
	if (data && l->kind == RT_VLAN)
		parse_vlan(l, data);
	if (data && l->kind == RT_BRIDGE)
		parse_bridge(l, data);
	l->bridging = !strcmp(slave, "bridge");
	if (port && l->bridging)
		parse_port(l, port);
}

static void parse_inet6(struct rt_link *l, const struct nlattr *inet6)
{
	int32_t conf[DEVCONF_DISABLE_IPV6 + 1];
	const struct nlattr *a;

	each_nested(a, inet6)
	{
		if (mnl_attr_get_type(a) == IFLA_INET6_CONF && take(a, conf, sizeof(conf)))
			l->ipv6 = !conf[DEVCONF_DISABLE_IPV6];
	}
}

static void parse_stats(struct rt_stats *s, const struct nlattr *a)
{
	struct rtnl_link_stats64 k = { 0 };
	size_t n = mnl_attr_get_payload_len(a);

	/* an older kernel has fewer counters behind */
	memcpy(&k, mnl_attr_get_payload(a), n < sizeof(k) ? n : sizeof(k));
	*s = (struct rt_stats){ .rx_packets = k.rx_packets,
				.tx_packets = k.tx_packets,
				.rx_bytes = k.rx_bytes,
				.tx_bytes = k.tx_bytes,
				.rx_errors = k.rx_errors,
				.tx_errors = k.tx_errors,
				.rx_dropped = k.rx_dropped,
				.tx_dropped = k.tx_dropped,
				.collisions = k.collisions };
}

static void parse_af(struct rt_link *l, const struct nlattr *spec)
{
	const struct nlattr *a;

	each_nested(a, spec)
	{
		if (mnl_attr_get_type(a) == AF_INET6)
			parse_inet6(l, a);
	}
}

static void link_attr(struct rt_link *l, const struct nlattr *a)
{
	switch (mnl_attr_get_type(a)) {
	case IFLA_IFNAME:
		take_text(a, l->name, sizeof(l->name));
		break;
	case IFLA_ADDRESS:
		l->has_mac = take_mac(a, l->mac);
		break;
	case IFLA_PERM_ADDRESS:
		l->has_perm = take_mac(a, l->perm);
		break;
	case IFLA_MTU:
		l->mtu = take_u32(a);
		break;
	case IFLA_MASTER:
		l->master = take_u32(a);
		break;
	case IFLA_LINK:
		l->below = take_u32(a);
		break;
	case IFLA_OPERSTATE:
		l->oper = take_u8(a);
		break;
	case IFLA_CARRIER_CHANGES:
		l->carrier_changes = take_u32(a);
		break;
	case IFLA_LINKINFO:
		parse_linkinfo(l, a);
		break;
	case IFLA_STATS64:
		parse_stats(&l->stats, a);
		break;
	case IFLA_AF_SPEC:
		parse_af(l, a);
		break;
	default:
		break;
	}
}

bool rt_parse_link(struct rt_link *l, const struct nlmsghdr *h, uint64_t now)
{
	const struct nlattr *a;
	struct ifinfomsg m;
	bool elsewhere = false;

	/* AF_BRIDGE: a bridge speaks of its port; AF_INET6: of settings. Neither is a link. */
	if (!header(h, &m, sizeof(m)) || m.ifi_family != AF_UNSPEC || m.ifi_index <= 0)
		return false;
	memset(l, 0, sizeof(*l));
	l->index = (uint32_t)m.ifi_index;
	l->type = m.ifi_type;
	l->flags = m.ifi_flags;
	l->since_ms = now;
	each_attr(a, h, sizeof(m))
	{
		link_attr(l, a);
		elsewhere |= mnl_attr_get_type(a) == IFLA_LINK_NETNSID;
	}
	if (elsewhere || l->below == l->index)
		l->below = 0;
	return l->name[0] != '\0';
}

bool rt_parse_port(uint32_t *index, uint8_t *state, const struct nlmsghdr *h)
{
	const struct nlattr *a, *p;
	struct ifinfomsg m;

	if (!header(h, &m, sizeof(m)) || m.ifi_family != AF_BRIDGE || m.ifi_index <= 0)
		return false;
	*index = (uint32_t)m.ifi_index;
	each_attr(a, h, sizeof(m))
	{
		if (mnl_attr_get_type(a) != IFLA_PROTINFO)
			continue;
		each_nested(p, a)
		{
			if (mnl_attr_get_type(p) != IFLA_BRPORT_STATE)
				continue;
			*state = take_u8(p);
			return true;
		}
	}
	return false;
}
