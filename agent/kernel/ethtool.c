/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/kernel/ethtool.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "agent/kernel/rt.h"
#include "agent/kernel/rt_attr.h"
#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/log.h"

_Static_assert(offsetof(struct eth_mode, round) == offsetof(struct eth_counts, round),
	       "sweep() reads both alike");

struct ethtool {
	struct mnl_socket *nl;
	struct rt_set modes, counts;
	uint32_t seq, round;
	uint16_t family; /* 0: the kernel has none */
	bool complained;
	uint8_t datagram[RT_DATAGRAM_MAX] __attribute__((aligned(8)));
};

typedef void (*message_fn)(struct ethtool *, const struct nlmsghdr *);

static uint32_t header_index(const struct nlattr *nest)
{
	const struct nlattr *n;
	uint32_t index = 0;

	each_nested(n, nest)
	{
		if (mnl_attr_get_type(n) == ETHTOOL_A_HEADER_DEV_INDEX)
			index = take_u32(n);
	}
	return index;
}

bool ethtool_parse_mode(struct eth_mode *m, const struct nlmsghdr *h)
{
	const struct nlattr *a;
	struct genlmsghdr g;
	uint32_t speed = 0;

	if (!header(h, &g, sizeof(g)) || g.cmd != ETHTOOL_MSG_LINKMODES_GET_REPLY)
		return false;
	*m = (struct eth_mode){ .duplex = DUPLEX_UNKNOWN };
	each_attr(a, h, sizeof(g))
	{
		switch (mnl_attr_get_type(a)) {
		case ETHTOOL_A_LINKMODES_HEADER:
			m->index = header_index(a);
			break;
		case ETHTOOL_A_LINKMODES_AUTONEG:
			m->autoneg = take_u8(a) == AUTONEG_ENABLE;
			break;
		case ETHTOOL_A_LINKMODES_SPEED:
			speed = take_u32(a);
			break;
		case ETHTOOL_A_LINKMODES_DUPLEX:
			m->duplex = take_u8(a);
			break;
		default:
			break;
		}
	}
	m->speed = speed <= INT32_MAX ? speed : 0; /* SPEED_UNKNOWN */
	return m->index != 0;
}

static void take_count(struct eth_counts *c, const struct nlattr *stat)
{
	static const uint16_t types[ETH_COUNTS] = {
		[ETH_TX_ALL] = ETHTOOL_A_STATS_ETH_MAC_2_TX_PKT,
		[ETH_TX_MULTICAST] = ETHTOOL_A_STATS_ETH_MAC_18_TX_MCAST,
		[ETH_TX_BROADCAST] = ETHTOOL_A_STATS_ETH_MAC_19_TX_BCAST,
		[ETH_RX_ALL] = ETHTOOL_A_STATS_ETH_MAC_5_RX_PKT,
		[ETH_RX_MULTICAST] = ETHTOOL_A_STATS_ETH_MAC_21_RX_MCAST,
		[ETH_RX_BROADCAST] = ETHTOOL_A_STATS_ETH_MAC_22_RX_BCAST,
	};
	const struct nlattr *n;

	each_nested(n, stat)
	{
		for (int i = 0; i < ETH_COUNTS; i++)
			if (mnl_attr_get_type(n) == types[i] && take(n, &c->v[i], sizeof(c->v[i])))
				c->has |= 1u << i;
	}
}

static void take_group(struct eth_counts *c, const struct nlattr *group)
{
	const struct nlattr *n;
	uint32_t id = UINT32_MAX;

	each_nested(n, group)
	{
		/* the kernel puts the id first */
		if (mnl_attr_get_type(n) == ETHTOOL_A_STATS_GRP_ID)
			id = take_u32(n);
		else if (mnl_attr_get_type(n) == ETHTOOL_A_STATS_GRP_STAT &&
			 id == ETHTOOL_STATS_ETH_MAC)
			take_count(c, n);
	}
}

bool ethtool_parse_counts(struct eth_counts *c, const struct nlmsghdr *h)
{
	const struct nlattr *a;
	struct genlmsghdr g;

	if (!header(h, &g, sizeof(g)) || g.cmd != ETHTOOL_MSG_STATS_GET_REPLY)
		return false;
	*c = (struct eth_counts){ .index = 0 };
	each_attr(a, h, sizeof(g))
	{
		if (mnl_attr_get_type(a) == ETHTOOL_A_STATS_HEADER)
			c->index = header_index(a);
		else if (mnl_attr_get_type(a) == ETHTOOL_A_STATS_GRP)
			take_group(c, a);
	}
	return c->index && c->has;
}

uint16_t ethtool_parse_family(const struct nlmsghdr *h)
{
	const struct nlattr *a;
	struct genlmsghdr g;

	if (!header(h, &g, sizeof(g)))
		return 0;
	each_attr(a, h, sizeof(g))
	{
		if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID)
			return take_u16(a);
	}
	return 0;
}

static void take_mode(struct ethtool *e, const struct nlmsghdr *h)
{
	struct eth_mode m;

	if (h->nlmsg_type != e->family || !ethtool_parse_mode(&m, h))
		return;
	m.round = e->round;
	(void)rt_set_put(&e->modes, &m);
}

static void take_counts(struct ethtool *e, const struct nlmsghdr *h)
{
	struct eth_counts c;

	if (h->nlmsg_type != e->family || !ethtool_parse_counts(&c, h))
		return;
	c.round = e->round;
	(void)rt_set_put(&e->counts, &c);
}

static void take_family(struct ethtool *e, const struct nlmsghdr *h)
{
	uint16_t family = ethtool_parse_family(h);

	if (h->nlmsg_type == GENL_ID_CTRL && family)
		e->family = family;
}

/* One datagram: 1 more is to come, 0 the end, -errno. */
static int answer(struct ethtool *e, size_t size, message_fn fn)
{
	const void *at = e->datagram;
	const struct nlmsghdr *h;
	int error;

	while ((h = rt_message(&at, &size))) {
		if (h->nlmsg_seq != e->seq || h->nlmsg_pid != mnl_socket_get_portid(e->nl))
			continue; /* late answer to a request that was given up */
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type == NLMSG_ERROR) {
			if (mnl_nlmsg_get_payload_len(h) < sizeof(error))
				return -EPROTO;
			memcpy(&error, mnl_nlmsg_get_payload(h), sizeof(error));
			return error;
		}
		fn(e, h);
	}
	return 1;
}

/* Its size, 0 for one of somebody else: only the kernel has port 0. */
static ssize_t receive(struct ethtool *e)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { e->datagram, sizeof(e->datagram) };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1
	};
	ssize_t n = recvmsg(mnl_socket_get_fd(e->nl), &msg, MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	if (msg.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	return msg.msg_namelen == sizeof(from) && !from.nl_pid ? n : 0;
}

static int collect(struct ethtool *e, message_fn fn)
{
	const uint64_t until = clock_mono_ms() + RT_DUMP_MS;
	struct pollfd p = { .fd = mnl_socket_get_fd(e->nl), .events = POLLIN };
	int r = 1;

	while (r > 0) {
		ssize_t n = receive(e);
		uint64_t now = clock_mono_ms();

		if (n > 0)
			r = answer(e, (size_t)n, fn);
		else if (n && n != -EAGAIN && n != -EINTR)
			r = (int)n;
		else if (now >= until || poll(&p, 1, (int)(until - now)) <= 0)
			r = -ETIMEDOUT;
	}
	return r;
}

static void put_question(struct nlmsghdr *h, uint8_t cmd)
{
	struct nlattr *nest;

	nest = mnl_attr_nest_start(h, cmd == ETHTOOL_MSG_STATS_GET ? ETHTOOL_A_STATS_HEADER
								   : ETHTOOL_A_LINKMODES_HEADER);
	mnl_attr_put_u32(h, ETHTOOL_A_HEADER_FLAGS, ETHTOOL_FLAG_COMPACT_BITSETS);
	mnl_attr_nest_end(h, nest);
	if (cmd != ETHTOOL_MSG_STATS_GET)
		return;
	nest = mnl_attr_nest_start(h, ETHTOOL_A_STATS_GROUPS);
	mnl_attr_put(h, ETHTOOL_A_BITSET_NOMASK, 0, NULL);
	mnl_attr_put_u32(h, ETHTOOL_A_BITSET_SIZE, ETHTOOL_STATS_RMON + 1);
	mnl_attr_put_u32(h, ETHTOOL_A_BITSET_VALUE, 1u << ETHTOOL_STATS_ETH_MAC);
	mnl_attr_nest_end(h, nest);
}

static int ask(struct ethtool *e, uint16_t family, uint8_t cmd, uint16_t flags, message_fn fn)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	uint8_t room[128] __attribute__((aligned(8))) = { 0 };
	struct iovec iov;
	const struct msghdr msg = {
		.msg_name = &kernel, .msg_namelen = sizeof(kernel), .msg_iov = &iov, .msg_iovlen = 1
	};
	struct nlmsghdr *h = mnl_nlmsg_put_header(room);
	struct genlmsghdr *g;

	h->nlmsg_type = family;
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	h->nlmsg_seq = ++e->seq;
	g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
	g->cmd = cmd;
	g->version = 1;
	if (family == GENL_ID_CTRL)
		mnl_attr_put_strz(h, CTRL_ATTR_FAMILY_NAME, ETHTOOL_GENL_NAME);
	else
		put_question(h, cmd);
	iov = (struct iovec){ room, h->nlmsg_len };
	if (sendmsg(mnl_socket_get_fd(e->nl), &msg, 0) < 0)
		return -errno;
	return collect(e, fn);
}

int ethtool_open(struct ethtool **out)
{
	struct ethtool *e = calloc(1, sizeof(*e));
	int r;

	if (!e)
		return -ENOMEM;
	if ((r = rt_set_init(&e->modes, sizeof(struct eth_mode), sizeof(uint32_t), RT_LINKS_MAX)) ||
	    (r = rt_set_init(&e->counts, sizeof(struct eth_counts), sizeof(uint32_t),
			     RT_LINKS_MAX)))
		goto fail;
	e->nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (!e->nl || mnl_socket_bind(e->nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		r = -errno;
		goto fail;
	}
	/* The controller's answer is no dump: an acknowledgement ends it. */
	r = ask(e, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK, take_family);
	if (r)
		log_info("ethtool: the kernel does not have it (%s)", strerror(-r));
	*out = e;
	return 0;
fail:
	ethtool_close(e);
	return r;
}

void ethtool_close(struct ethtool *e)
{
	if (!e)
		return;
	if (e->nl)
		(void)mnl_socket_close(e->nl);
	rt_set_free(&e->modes);
	rt_set_free(&e->counts);
	free(e);
}

/* What the dump did not mention is not there any more. Both entries begin alike. */
static void sweep(struct rt_set *set, uint32_t round)
{
	uint32_t i = 0;

	while (i < set->n) {
		const struct eth_mode *m = rt_set_at(set, i);
		uint32_t index = m->index;

		if (m->round == round)
			i++;
		else
			rt_set_del(set, &index);
	}
}

static void fresh(struct ethtool *e, uint8_t cmd, struct rt_set *set, message_fn fn)
{
	int r;

	if (!e->family)
		return;
	e->round++;
	r = ask(e, e->family, cmd, NLM_F_DUMP, fn);
	/* a kernel before 5.13 has no statistics */
	if (r && r != -EOPNOTSUPP && !e->complained)
		log_warn("ethtool: question %u: %s", cmd, strerror(-r));
	e->complained = e->complained || r;
	if (!r)
		sweep(set, e->round);
}

void ethtool_fresh(struct ethtool *e)
{
	fresh(e, ETHTOOL_MSG_LINKMODES_GET, &e->modes, take_mode);
}

void ethtool_fresh_counts(struct ethtool *e)
{
	fresh(e, ETHTOOL_MSG_STATS_GET, &e->counts, take_counts);
}

const struct eth_counts *ethtool_counts(const struct ethtool *e, uint32_t index)
{
	return e ? rt_set_find(&e->counts, &index) : NULL;
}

const struct eth_mode *ethtool_mode(const struct ethtool *e, uint32_t index)
{
	return e ? rt_set_find(&e->modes, &index) : NULL;
}
