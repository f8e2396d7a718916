/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links, addresses, routes and neighbours: from what a Linux 6 kernel sent for a small gateway
 * (tests/unit/data/rtnl), and from messages made here for what it does not show.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/unit/unit.h"

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "agent/kernel/rt.h"
#include "lib/limits.h"
#include "lib/log.h"

#define DATA "tests/unit/data/rtnl/"
#define NOW 1000000u

static struct rt_tables t;
static _Alignas(8) uint8_t bytes[65536];
static _Alignas(8) uint8_t room[8192];

static int setup(void **state)
{
	log_set_level(LOG_LVL_ERR);
	rt_tables_init(&t);
	return 0;
}

static int teardown(void **state)
{
	rt_tables_free(&t);
	return 0;
}

static void apply_file(const char *file)
{
	FILE *f = fopen(file, "rb");
	const struct nlmsghdr *h;
	const void *at = bytes;
	size_t left;

	assert_non_null(f);
	left = fread(bytes, 1, sizeof(bytes), f);
	(void)fclose(f);
	assert_true(left > 0 && left < sizeof(bytes));
	t.round++;
	while ((h = rt_message(&at, &left)))
		rt_apply(&t, h, NOW, true);
}

static struct nlmsghdr *message(uint16_t type, const void *head, size_t size)
{
	struct nlmsghdr *h;

	memset(room, 0, sizeof(room));
	h = mnl_nlmsg_put_header(room);
	h->nlmsg_type = type;
	memcpy(mnl_nlmsg_put_extra_header(h, size), head, size);
	return h;
}

static struct nlmsghdr *link_message(uint16_t type, int index, const char *name, unsigned int flags)
{
	struct ifinfomsg m = { .ifi_index = index, .ifi_type = 1, .ifi_flags = flags };
	struct nlmsghdr *h = message(type, &m, sizeof(m));

	if (name)
		mnl_attr_put_strz(h, IFLA_IFNAME, name);
	return h;
}

static struct nlmsghdr *neigh_message(uint16_t type, uint32_t n, uint16_t state, bool mac)
{
	struct ndmsg m = { .ndm_family = AF_INET, .ndm_ifindex = 3, .ndm_state = state };
	uint8_t lladdr[6] = { 2, 0, 0, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };
	struct nlmsghdr *h = message(type, &m, sizeof(m));

	n = htonl(0x0a000000 + n);
	mnl_attr_put(h, NDA_DST, 4, &n);
	if (mac)
		mnl_attr_put(h, NDA_LLADDR, 6, lladdr);
	return h;
}

static const struct rt_link *link_named(const char *name)
{
	for (uint32_t i = 0; i < t.set[RT_LINKS].n; i++) {
		const struct rt_link *l = rt_set_at(&t.set[RT_LINKS], i);

		if (!strcmp(l->name, name))
			return l;
	}
	fail_msg("no link %s", name);
	return NULL;
}

static void links_are_as_the_kernel_tells_them(void **state)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 1, 1 };
	const struct rt_link *wan, *br, *p1, *lo;

	apply_file(DATA "links.bin");
	wan = link_named("wan");
	br = link_named("br0");
	p1 = link_named("p1");
	lo = link_named("lo");
	assert_int_equal(wan->kind, RT_VETH);
	assert_memory_equal(wan->mac, mac, 6);
	assert_int_equal(wan->oper, IF_OPER_UP);
	assert_int_equal(wan->mtu, 1500);
	assert_true(wan->flags & IFF_UP);
	assert_true(wan->ipv6);
	assert_int_equal(br->kind, RT_BRIDGE);
	assert_int_equal(br->ageing, 30000);
	assert_int_equal(p1->master, br->index);
	assert_true(p1->bridging);
	assert_int_equal(p1->port_state, BR_STATE_FORWARDING);
	assert_int_equal(lo->mtu, 65536);
	assert_true(lo->flags & IFF_LOOPBACK);
	assert_true(wan->stats.tx_packets > 0);
}

static void a_vlan_has_its_id_and_what_it_stands_on(void **state)
{
	struct nlmsghdr *h = link_message(RTM_NEWLINK, 9, "wan.7", IFF_UP);
	struct nlattr *info, *data;

	mnl_attr_put_u32(h, IFLA_LINK, 4);
	info = mnl_attr_nest_start(h, IFLA_LINKINFO);
	mnl_attr_put_strz(h, IFLA_INFO_KIND, "vlan");
	data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
	mnl_attr_put_u16(h, IFLA_VLAN_ID, 7);
	mnl_attr_put_u16(h, IFLA_VLAN_PROTOCOL, htons(0x8100));
	mnl_attr_nest_end(h, data);
	mnl_attr_nest_end(h, info);
	rt_apply(&t, h, NOW, false);
	assert_int_equal(rt_link(&t, 9)->kind, RT_VLAN);
	assert_int_equal(rt_link(&t, 9)->vlan, 7);
	assert_int_equal(rt_link(&t, 9)->vlan_proto, 0x8100);
	assert_int_equal(rt_link(&t, 9)->below, 4);
	/* the number of a link of another namespace means nothing here */
	mnl_attr_put_u32(h, IFLA_LINK_NETNSID, 0);
	rt_apply(&t, h, NOW, false);
	assert_int_equal(rt_link(&t, 9)->below, 0);
}

static void a_state_has_its_time_and_statistics_are_no_change(void **state)
{
	struct rtnl_link_stats64 s = { .rx_packets = 5 };
	struct nlmsghdr *h = link_message(RTM_NEWLINK, 3, "a", IFF_UP);
	uint64_t gen;

	rt_apply(&t, h, NOW, false);
	gen = t.gen[RT_LINKS];
	mnl_attr_put(h, IFLA_STATS64, sizeof(s), &s);
	rt_apply(&t, h, NOW + 5000, false);
	assert_int_equal(t.gen[RT_LINKS], gen);
	assert_int_equal(rt_link(&t, 3)->since_ms, NOW);
	assert_int_equal(rt_link(&t, 3)->stats.rx_packets, 5);
	mnl_attr_put_u8(h, IFLA_OPERSTATE, IF_OPER_UP);
	rt_apply(&t, h, NOW + 6000, false);
	assert_int_not_equal(t.gen[RT_LINKS], gen);
	assert_int_equal(rt_link(&t, 3)->since_ms, NOW + 6000);
}

static void a_link_takes_its_addresses_and_neighbours_along(void **state)
{
	apply_file(DATA "links.bin");
	apply_file(DATA "addr4.bin");
	apply_file(DATA "neigh4.bin");
	t.stale[RT_ROUTES] = false;
	for (uint32_t i = t.set[RT_LINKS].n; i-- > 0;) {
		const struct rt_link *l = rt_set_at(&t.set[RT_LINKS], i);

		rt_apply(&t, link_message(RTM_DELLINK, (int)l->index, l->name, 0), NOW, false);
	}
	assert_int_equal(t.set[RT_LINKS].n, 0);
	assert_int_equal(t.set[RT_ADDRS].n, 0);
	assert_int_equal(t.set[RT_NEIGHS].n, 0);
	assert_true(t.stale[RT_ROUTES]);
}

/* A port that leaves a bridge is told as DELLINK of the family AF_BRIDGE. */
static void a_port_that_leaves_its_bridge_is_still_a_link(void **state)
{
	struct ifinfomsg m = { .ifi_family = AF_BRIDGE, .ifi_index = 3 };
	struct nlmsghdr *h;
	struct nlattr *nest;

	rt_apply(&t, link_message(RTM_NEWLINK, 3, "a", IFF_UP), NOW, false);
	h = message(RTM_NEWLINK, &m, sizeof(m));
	nest = mnl_attr_nest_start(h, IFLA_PROTINFO);
	mnl_attr_put_u8(h, IFLA_BRPORT_STATE, BR_STATE_LEARNING);
	mnl_attr_nest_end(h, nest);
	rt_apply(&t, h, NOW, false);
	assert_int_equal(rt_link(&t, 3)->port_state, BR_STATE_LEARNING);
	rt_apply(&t, message(RTM_DELLINK, &m, sizeof(m)), NOW, false);
	assert_non_null(rt_link(&t, 3));
}

static const struct rt_addr *address(const char *text_bytes, uint8_t family, uint8_t plen)
{
	for (uint32_t i = 0; i < t.set[RT_ADDRS].n; i++) {
		const struct rt_addr *a = rt_set_at(&t.set[RT_ADDRS], i);

		if (a->key.family == family && a->key.plen == plen &&
		    !memcmp(a->key.addr, text_bytes, family == AF_INET ? 4 : 16))
			return a;
	}
	return NULL;
}

static void addresses_have_flags_and_lifetimes(void **state)
{
	const struct rt_addr *fixed, *leased, *v6;

	apply_file(DATA "addr4.bin");
	apply_file(DATA "addr6.bin");
	fixed = address("\300\000\002\002", AF_INET, 24);
	leased = address("\306\063\144\001", AF_INET, 24);
	v6 = address("\x20\x01\x0d\xb8\0\1\0\0\0\0\0\0\0\0\0\5", AF_INET6, 128);
	assert_non_null(fixed);
	assert_non_null(leased);
	assert_non_null(v6);
	assert_true(fixed->flags & IFA_F_PERMANENT);
	assert_true(fixed->valid_ms == UINT64_MAX);
	assert_false(leased->flags & IFA_F_PERMANENT);
	assert_true(leased->valid_ms > NOW + 3590000 && leased->valid_ms <= NOW + 3600000);
	assert_true(leased->preferred_ms <= NOW + 1800000);
	assert_true(v6->valid_ms <= NOW + 600000);
}

static void a_lifetime_that_goes_by_is_no_change(void **state)
{
	uint64_t gen;
	struct ifaddrmsg m = { .ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = 3 };
	struct ifa_cacheinfo ci = { .ifa_prefered = 600, .ifa_valid = 600 };
	struct nlmsghdr *h = message(RTM_NEWADDR, &m, sizeof(m));
	struct nlattr *a;

	mnl_attr_put_u32(h, IFA_LOCAL, 0x01020304);
	a = mnl_nlmsg_get_payload_tail(h);
	mnl_attr_put(h, IFA_CACHEINFO, sizeof(ci), &ci);
	rt_apply(&t, h, NOW, false);
	gen = t.gen[RT_ADDRS];
	ci.ifa_prefered = ci.ifa_valid = 590;
	memcpy(mnl_attr_get_payload(a), &ci, sizeof(ci));
	rt_apply(&t, h, NOW + 10400, true);
	assert_int_equal(t.gen[RT_ADDRS], gen);
	/* renewed */
	rt_apply(&t, h, NOW + 60000, false);
	assert_int_not_equal(t.gen[RT_ADDRS], gen);
	h->nlmsg_type = RTM_DELADDR;
	rt_apply(&t, h, NOW + 60000, false);
	assert_int_equal(t.set[RT_ADDRS].n, 0);
}

static void put_address(uint16_t type, uint32_t address, uint8_t flags, uint32_t seconds)
{
	struct ifaddrmsg m = {
		.ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = 3, .ifa_flags = flags
	};
	struct ifa_cacheinfo ci = { .ifa_prefered = seconds, .ifa_valid = seconds };
	struct nlmsghdr *h = message(type, &m, sizeof(m));

	mnl_attr_put_u32(h, IFA_LOCAL, address);
	mnl_attr_put(h, IFA_CACHEINFO, sizeof(ci), &ci);
	rt_apply(&t, h, NOW, false);
}

static void another_address_or_route_is_elsewhere_and_a_renewed_one_is_not(void **state)
{
	uint64_t empty = rt_whereabouts(&t), one, two;

	put_address(RTM_NEWADDR, 1, 0, 600);
	one = rt_whereabouts(&t);
	assert_int_not_equal(one, empty);
	put_address(RTM_NEWADDR, 1, 0, 9000);
	assert_int_equal(rt_whereabouts(&t), one);
	put_address(RTM_NEWADDR, 1, IFA_F_DEPRECATED, 9000);
	assert_int_not_equal(rt_whereabouts(&t), one);
	put_address(RTM_NEWADDR, 1, 0, 9000);
	put_address(RTM_NEWADDR, 2, 0, 600);
	two = rt_whereabouts(&t);
	assert_int_not_equal(two, one);
	/* in whatever order they came */
	put_address(RTM_DELADDR, 1, 0, 600);
	put_address(RTM_NEWADDR, 1, 0, 600);
	assert_int_equal(rt_whereabouts(&t), two);
	put_address(RTM_DELADDR, 1, 0, 600);
	put_address(RTM_DELADDR, 2, 0, 600);
	assert_int_equal(rt_whereabouts(&t), empty);
	apply_file(DATA "route4.bin");
	assert_int_not_equal(rt_whereabouts(&t), empty);
}

static unsigned int routes(uint8_t family, uint8_t type, uint8_t plen, bool gw)
{
	unsigned int n = 0;

	for (uint32_t i = 0; i < t.set[RT_ROUTES].n; i++) {
		const struct rt_route *r = rt_set_at(&t.set[RT_ROUTES], i);

		n += r->key.family == family && r->key.type == type && r->key.plen == plen &&
		     r->has_gw == gw;
	}
	return n;
}

static void routes_of_table_main_are_there_each_next_hop_apart(void **state)
{
	apply_file(DATA "route4.bin");
	assert_int_equal(routes(AF_INET, RTN_UNICAST, 0, true), 1);
	assert_int_equal(routes(AF_INET, RTN_BLACKHOLE, 16, false), 1);
	/* two next hops, and the two networks of the addresses */
	assert_int_equal(routes(AF_INET, RTN_UNICAST, 24, true), 2);
	assert_int_equal(routes(AF_INET, RTN_UNICAST, 24, false), 2);
	assert_int_equal(t.set[RT_ROUTES].n, 6);
	apply_file(DATA "route6.bin");
	assert_int_equal(routes(AF_INET6, RTN_UNICAST, 0, true), 1);
	assert_int_equal(routes(AF_INET6, RTN_LOCAL, 128, false), 0);
}

static void what_a_dump_does_not_mention_is_gone(void **state)
{
	uint32_t v4;

	apply_file(DATA "route4.bin");
	v4 = t.set[RT_ROUTES].n;
	apply_file(DATA "route6.bin");
	t.round++;
	rt_sweep(&t, RT_ROUTES, AF_INET6);
	assert_int_equal(t.set[RT_ROUTES].n, v4);
	rt_sweep(&t, RT_ROUTES, AF_INET);
	assert_int_equal(t.set[RT_ROUTES].n, 0);
}

static void an_event_of_a_route_asks_for_a_dump(void **state)
{
	struct rtmsg m = { .rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_type = 1 };

	t.stale[RT_ROUTES] = false;
	rt_apply(&t, message(RTM_DELROUTE, &m, sizeof(m)), NOW, false);
	assert_true(t.stale[RT_ROUTES]);
	assert_int_equal(t.set[RT_ROUTES].n, 0);
}

static void a_neighbour_that_fell_silent_keeps_its_name(void **state)
{
	const struct rt_neigh *n;

	rt_apply(&t, neigh_message(RTM_NEWNEIGH, 1, NUD_REACHABLE, true), NOW, false);
	rt_apply(&t, neigh_message(RTM_NEWNEIGH, 1, NUD_FAILED, false), NOW, false);
	n = rt_set_at(&t.set[RT_NEIGHS], 0);
	assert_int_equal(n->state, NUD_FAILED);
	assert_true(n->has_mac);
	assert_int_equal(n->mac[5], 1);
	rt_apply(&t, neigh_message(RTM_DELNEIGH, 1, NUD_FAILED, false), NOW, false);
	assert_int_equal(t.set[RT_NEIGHS].n, 0);
}

static void what_a_bridge_learned_is_there_its_own_addresses_are_not(void **state)
{
	unsigned int learned = 0;

	apply_file(DATA "fdb.bin");
	for (uint32_t i = 0; i < t.set[RT_NEIGHS].n; i++) {
		const struct rt_neigh *n = rt_set_at(&t.set[RT_NEIGHS], i);

		assert_int_equal(n->key.family, AF_BRIDGE);
		assert_false(n->state & NUD_PERMANENT);
		learned += !memcmp(n->mac, "\x02\xaa\0\0\0\x14", 6);
	}
	assert_int_equal(learned, 1);
}

static void ten_thousand_neighbours_come_and_go_and_the_table_is_right(void **state)
{
	static bool there[12000];
	uint32_t n = 0;

	srand(7);
	for (unsigned int i = 0; i < 200000; i++) {
		uint32_t k = (uint32_t)rand() % 12000;
		bool add = rand() % 3 || !there[k];

		rt_apply(&t, neigh_message(add ? RTM_NEWNEIGH : RTM_DELNEIGH, k, NUD_STALE, true),
			 NOW, false);
		there[k] = add;
	}
	for (uint32_t k = 0; k < 12000; k++)
		n += there[k];
	assert_int_equal(t.set[RT_NEIGHS].n, n);
	for (uint32_t i = 0; i < n; i++) {
		const struct rt_neigh *e = rt_set_at(&t.set[RT_NEIGHS], i);
		uint32_t k = (uint32_t)(e->mac[3] << 16 | e->mac[4] << 8 | e->mac[5]);

		assert_true(there[k]);
		assert_ptr_equal(rt_set_find(&t.set[RT_NEIGHS], &e->key), e);
	}
	for (uint32_t k = 0; k < 12000; k++)
		rt_apply(&t, neigh_message(RTM_DELNEIGH, k, NUD_STALE, true), NOW, false);
	assert_int_equal(t.set[RT_NEIGHS].n, 0);
}

static void a_full_table_takes_no_more(void **state)
{
	for (int i = 1; i <= RT_LINKS_MAX + 20; i++)
		rt_apply(&t, link_message(RTM_NEWLINK, i, "x", 0), NOW, false);
	assert_int_equal(t.set[RT_LINKS].n, RT_LINKS_MAX);
	assert_non_null(rt_link(&t, RT_LINKS_MAX));
	assert_null(rt_link(&t, RT_LINKS_MAX + 1));
}

static void short_messages_change_nothing(void **state)
{
	static const uint16_t types[] = { RTM_NEWLINK,	RTM_DELLINK,  RTM_NEWADDR,  RTM_DELADDR,
					  RTM_NEWROUTE, RTM_DELROUTE, RTM_NEWNEIGH, RTM_DELNEIGH };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		rt_apply(&t, message(types[i], "\2", 1), NOW, true);
		rt_apply(&t, message(types[i], "\12", 2), NOW, true);
	}
	rt_apply(&t, link_message(RTM_NEWLINK, 0, "zero", 0), NOW, false);
	rt_apply(&t, link_message(RTM_NEWLINK, 5, NULL, 0), NOW, false);
	for (int i = 0; i < RT_TABLES; i++)
		assert_int_equal(t.set[i].n, 0);
}

int main(void)
{
#define RT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		RT(links_are_as_the_kernel_tells_them),
		RT(a_vlan_has_its_id_and_what_it_stands_on),
		RT(a_state_has_its_time_and_statistics_are_no_change),
		RT(a_link_takes_its_addresses_and_neighbours_along),
		RT(a_port_that_leaves_its_bridge_is_still_a_link),
		RT(addresses_have_flags_and_lifetimes),
		RT(a_lifetime_that_goes_by_is_no_change),
		RT(another_address_or_route_is_elsewhere_and_a_renewed_one_is_not),
		RT(routes_of_table_main_are_there_each_next_hop_apart),
		RT(what_a_dump_does_not_mention_is_gone),
		RT(an_event_of_a_route_asks_for_a_dump),
		RT(a_neighbour_that_fell_silent_keeps_its_name),
		RT(what_a_bridge_learned_is_there_its_own_addresses_are_not),
		RT(ten_thousand_neighbours_come_and_go_and_the_table_is_right),
		RT(a_full_table_takes_no_more),
		RT(short_messages_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
