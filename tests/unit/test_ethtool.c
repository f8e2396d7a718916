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
		UNIT(the_family_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
