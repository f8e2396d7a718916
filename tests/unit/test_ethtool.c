/* SPDX-License-Identifier: Apache-2.0 */
/* What the ethtool family says of a link, as the kernel has it on the wire. */
#include "tests/unit/unit.h"

#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "agent/kernel/ethtool.h"

static uint8_t room[512] __attribute__((aligned(8)));

static struct nlmsghdr *message(uint8_t cmd)
{
	struct nlmsghdr *h;
	struct genlmsghdr *g;

	memset(room, 0, sizeof(room));
	h = mnl_nlmsg_put_header(room);
	g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
	g->cmd = cmd;
	return h;
}

static struct nlmsghdr *mode(uint32_t index, uint8_t autoneg, uint32_t speed, uint8_t duplex)
{
	struct nlmsghdr *h = message(ETHTOOL_MSG_LINKMODES_GET_REPLY);
	struct nlattr *nest = mnl_attr_nest_start(h, ETHTOOL_A_LINKMODES_HEADER);

	mnl_attr_put_u32(h, ETHTOOL_A_HEADER_DEV_INDEX, index);
	mnl_attr_put_strz(h, ETHTOOL_A_HEADER_DEV_NAME, "eth0");
	mnl_attr_nest_end(h, nest);
	mnl_attr_put_u8(h, ETHTOOL_A_LINKMODES_AUTONEG, autoneg);
	mnl_attr_put_u32(h, ETHTOOL_A_LINKMODES_SPEED, speed);
	mnl_attr_put_u8(h, ETHTOOL_A_LINKMODES_DUPLEX, duplex);
	return h;
}

static void a_mode_is_read(void **state)
{
	struct eth_mode m;

	assert_true(ethtool_parse_mode(&m, mode(7, AUTONEG_ENABLE, 1000, DUPLEX_FULL)));
	assert_int_equal(m.index, 7);
	assert_int_equal(m.speed, 1000);
	assert_int_equal(m.duplex, DUPLEX_FULL);
	assert_true(m.autoneg);
	assert_true(ethtool_parse_mode(&m, mode(8, AUTONEG_DISABLE, 10, DUPLEX_HALF)));
	assert_int_equal(m.speed, 10);
	assert_int_equal(m.duplex, DUPLEX_HALF);
	assert_false(m.autoneg);
	/* no carrier */
	assert_true(ethtool_parse_mode(
		&m, mode(8, AUTONEG_ENABLE, (uint32_t)SPEED_UNKNOWN, DUPLEX_UNKNOWN)));
	assert_int_equal(m.speed, 0);
	assert_int_equal(m.duplex, DUPLEX_UNKNOWN);
}

static void what_is_no_mode_is_left_alone(void **state)
{
	struct eth_mode m;
	struct nlmsghdr *h;

	assert_false(ethtool_parse_mode(&m, message(ETHTOOL_MSG_LINKMODES_GET_REPLY)));
	assert_false(ethtool_parse_mode(&m, message(ETHTOOL_MSG_STATS_GET_REPLY)));
	/* cut at every octet: nothing behind the end is read, and no speed is made up */
	h = mode(7, AUTONEG_ENABLE, 1000, DUPLEX_FULL);
	for (uint32_t len = h->nlmsg_len; len >= sizeof(*h); len--) {
		h->nlmsg_len = len;
		if (ethtool_parse_mode(&m, h))
			assert_true(m.index == 7 && (m.speed == 1000 || !m.speed));
	}
}

static void put_u64(struct nlmsghdr *h, uint16_t type, uint64_t v)
{
	struct nlattr *nest = mnl_attr_nest_start(h, ETHTOOL_A_STATS_GRP_STAT);

	mnl_attr_put_u64(h, type, v);
	mnl_attr_nest_end(h, nest);
}

static struct nlmsghdr *counts(uint32_t group)
{
	struct nlmsghdr *h = message(ETHTOOL_MSG_STATS_GET_REPLY);
	struct nlattr *nest = mnl_attr_nest_start(h, ETHTOOL_A_STATS_HEADER);

	mnl_attr_put_u32(h, ETHTOOL_A_HEADER_DEV_INDEX, 3);
	mnl_attr_nest_end(h, nest);
	nest = mnl_attr_nest_start(h, ETHTOOL_A_STATS_GRP);
	mnl_attr_put_u32(h, ETHTOOL_A_STATS_GRP_ID, group);
	mnl_attr_put_u32(h, ETHTOOL_A_STATS_GRP_SS_ID, 18);
	put_u64(h, ETHTOOL_A_STATS_ETH_MAC_2_TX_PKT, 1000);
	put_u64(h, ETHTOOL_A_STATS_ETH_MAC_5_RX_PKT, 2000);
	put_u64(h, ETHTOOL_A_STATS_ETH_MAC_18_TX_MCAST, 5000000000);
	put_u64(h, ETHTOOL_A_STATS_ETH_MAC_22_RX_BCAST, 7);
	mnl_attr_nest_end(h, nest);
	return h;
}

static void counters_are_those_that_the_driver_has(void **state)
{
	struct eth_counts c;
	struct nlmsghdr *h = counts(ETHTOOL_STATS_ETH_MAC);

	assert_true(ethtool_parse_counts(&c, h));
	assert_int_equal(c.index, 3);
	assert_int_equal(c.v[ETH_TX_ALL], 1000);
	assert_int_equal(c.v[ETH_RX_ALL], 2000);
	assert_int_equal(c.v[ETH_TX_MULTICAST], 5000000000);
	assert_int_equal(c.v[ETH_RX_BROADCAST], 7);
	assert_int_equal(c.has, 1u << ETH_TX_ALL | 1u << ETH_RX_ALL | 1u << ETH_TX_MULTICAST |
					1u << ETH_RX_BROADCAST);
	for (uint32_t len = h->nlmsg_len; len >= sizeof(*h); len--) {
		h->nlmsg_len = len;
		if (ethtool_parse_counts(&c, h))
			assert_true(c.index == 3 && (!c.v[ETH_RX_ALL] || c.v[ETH_RX_ALL] == 2000));
	}
	/* the same numbers in another group mean something else */
	assert_false(ethtool_parse_counts(&c, counts(ETHTOOL_STATS_RMON)));
	assert_false(ethtool_parse_counts(&c, mode(7, AUTONEG_ENABLE, 1000, DUPLEX_FULL)));
}

static void the_family_is_found(void **state)
{
	struct nlmsghdr *h = message(CTRL_CMD_NEWFAMILY);

	assert_int_equal(ethtool_parse_family(h), 0);
	mnl_attr_put_strz(h, CTRL_ATTR_FAMILY_NAME, "ethtool");
	mnl_attr_put_u16(h, CTRL_ATTR_FAMILY_ID, 21);
	assert_int_equal(ethtool_parse_family(h), 21);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_mode_is_read),
		UNIT(what_is_no_mode_is_left_alone),
		UNIT(counters_are_those_that_the_driver_has),
		UNIT(the_family_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
