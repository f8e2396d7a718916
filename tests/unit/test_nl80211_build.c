/* SPDX-License-Identifier: Apache-2.0 */
/* What can leave for nl80211: the listed requests, byte by byte, and nothing else. */
#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/nl80211.h>

#include "nl80211/attr.h"
#include "nl80211/build.h"

#define FAMILY 0x1c

/* Header of a request as it must stand; its attributes. */
static struct nl_view open_request(const struct nl_request *q, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr h;
	struct genlmsghdr g;

	assert_true(q->len >= sizeof(h) + sizeof(g) && q->len <= sizeof(q->bytes));
	memcpy(&h, q->bytes, sizeof(h));
	memcpy(&g, q->bytes + sizeof(h), sizeof(g));
	assert_int_equal(h.nlmsg_len, q->len);
	assert_int_equal(h.nlmsg_type, FAMILY);
	assert_int_equal(h.nlmsg_flags, flags);
	assert_int_equal(g.cmd, cmd);
	return (struct nl_view){ q->bytes + sizeof(h) + sizeof(g), q->len - sizeof(h) - sizeof(g) };
}

#define DUMP (NLM_F_REQUEST | NLM_F_DUMP)
#define DO (NLM_F_REQUEST | NLM_F_ACK)

static void I6_reading_requests_are_dumps_with_the_right_attributes(void **state)
{
	struct nl_request q;
	struct nl_view attrs;
	uint32_t n = 0;
	bool split = false;
	const struct nl_want flag[] = { NL_NEED(NL80211_ATTR_SPLIT_WIPHY_DUMP, NL_FLAG, &split) };
	const struct nl_want ifindex[] = { NL_NEED(NL80211_ATTR_IFINDEX, NL_U32, &n) };
	const struct nl_want wiphy[] = { NL_NEED(NL80211_ATTR_WIPHY, NL_U32, &n) };

	nl_get_wiphy(&q, FAMILY);
	attrs = open_request(&q, NL80211_CMD_GET_WIPHY, DUMP);
	assert_int_equal(nl_read(attrs, flag, 1), 0);
	assert_true(split);
	nl_get_interface(&q, FAMILY);
	attrs = open_request(&q, NL80211_CMD_GET_INTERFACE, DUMP);
	assert_int_equal(attrs.len, 0);
	nl_get_station(&q, FAMILY, 42);
	assert_int_equal(nl_read(open_request(&q, NL80211_CMD_GET_STATION, DUMP), ifindex, 1), 0);
	assert_int_equal(n, 42);
	nl_get_survey(&q, FAMILY, 43);
	assert_int_equal(nl_read(open_request(&q, NL80211_CMD_GET_SURVEY, DUMP), ifindex, 1), 0);
	assert_int_equal(n, 43);
	nl_get_reg(&q, FAMILY, 3);
	assert_int_equal(nl_read(open_request(&q, NL80211_CMD_GET_REG, DO), wiphy, 1), 0);
	assert_int_equal(n, 3);
}

static void I6_power_is_a_limit_or_automatic(void **state)
{
	struct nl_request q;
	uint32_t wiphy = 0, setting = 99, level = 99;
	const struct nl_want want[] = {
		NL_NEED(NL80211_ATTR_WIPHY, NL_U32, &wiphy),
		NL_NEED(NL80211_ATTR_WIPHY_TX_POWER_SETTING, NL_U32, &setting),
		NL_MAY(NL80211_ATTR_WIPHY_TX_POWER_LEVEL, NL_U32, &level),
	};

	nl_set_power(&q, FAMILY, 5, 1700);
	assert_int_equal(nl_read(open_request(&q, NL80211_CMD_SET_WIPHY, DO), want, 3), 0);
	assert_int_equal(wiphy, 5);
	assert_int_equal(setting, NL80211_TX_POWER_LIMITED);
	assert_int_equal(level, 1700);
	level = 99;
	nl_set_power(&q, FAMILY, 5, -1);
	assert_int_equal(nl_read(open_request(&q, NL80211_CMD_SET_WIPHY, DO), want, 3), 0);
	assert_int_equal(setting, NL80211_TX_POWER_AUTOMATIC);
	assert_int_equal(level, 99);
}

static void I6_retries_are_a_number(void **state)
{
	struct nl_request q;
	uint32_t wiphy = 0;
	uint8_t times = 0;
	const struct nl_want want[] = {
		NL_NEED(NL80211_ATTR_WIPHY, NL_U32, &wiphy),
		NL_NEED(NL80211_ATTR_WIPHY_RETRY_SHORT, NL_U8, &times),
	};

	nl_set_retry(&q, FAMILY, 5, 3);
	assert_int_equal(nl_read(open_request(&q, NL80211_CMD_SET_WIPHY, DO), want, 2), 0);
	assert_int_equal(wiphy, 5);
	assert_int_equal(times, 3);
}

static void I6_a_new_interface_is_an_access_point(void **state)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 9 };
	struct nl_request q;
	uint32_t type = 0;
	uint8_t address[6] = { 0 };
	char name[NL_IFNAME_MAX];
	const struct nl_want want[] = {
		NL_NEED(NL80211_ATTR_IFTYPE, NL_U32, &type),
		NL_NEED_SIZE(NL80211_ATTR_IFNAME, NL_TEXT, name, sizeof(name)),
		NL_MAY(NL80211_ATTR_MAC, NL_MAC, address),
	};

	nl_new_interface(&q, FAMILY, 1, "wlan0-15", mac);
	assert_int_equal(nl_read(open_request(&q, NL80211_CMD_NEW_INTERFACE, DO), want, 3), 0);
	assert_int_equal(type, NL80211_IFTYPE_AP);
	assert_string_equal(name, "wlan0-15");
	assert_memory_equal(address, mac, 6);
	nl_new_interface(&q, FAMILY, 1, "fifteen-letters", NULL);
	assert_int_not_equal(q.len, 0);
	nl_del_interface(&q, FAMILY, 7);
	(void)open_request(&q, NL80211_CMD_DEL_INTERFACE, DO);
}

static void I6_a_scan_is_one_of_every_channel_for_any_network(void **state)
{
	struct nl_view ssids = { NULL, 0 }, one;
	uint32_t flags = 0, ifindex = 0;
	struct nl_request q;
	uint16_t type;
	const struct nl_want want[] = {
		NL_NEED(NL80211_ATTR_IFINDEX, NL_U32, &ifindex),
		NL_NEED(NL80211_ATTR_SCAN_SSIDS, NL_NEST, &ssids),
		NL_NEED(NL80211_ATTR_SCAN_FLAGS, NL_U32, &flags),
	};

	nl_trigger_scan(&q, FAMILY, 7, true);
	assert_int_equal(nl_read(open_request(&q, NL80211_CMD_TRIGGER_SCAN, DO), want, 3), 0);
	assert_int_equal(ifindex, 7);
	assert_int_equal(flags, NL80211_SCAN_FLAG_FLUSH | NL80211_SCAN_FLAG_AP);
	assert_int_equal(nl_next(&ssids, &type, &one), 1);
	assert_int_equal(one.len, 0);
	assert_int_equal(ssids.len, 0);
	nl_trigger_scan(&q, FAMILY, 7, false);
	assert_int_equal(nl_read(open_request(&q, NL80211_CMD_TRIGGER_SCAN, DO), want, 3), 0);
	assert_int_equal(flags, NL80211_SCAN_FLAG_FLUSH);
	nl_get_scan(&q, FAMILY, 8);
	assert_int_equal(nl_read(open_request(&q, NL80211_CMD_GET_SCAN, DUMP), want, 1), 0);
	assert_int_equal(ifindex, 8);
}

static void I6_what_does_not_fit_is_not_sent(void **state)
{
	struct nl_request q;

	nl_new_interface(&q, FAMILY, 1, "sixteen-letters-", NULL);
	assert_int_equal(q.len, 0);
	nl_new_interface(&q, FAMILY, 1, "", NULL);
	assert_int_equal(q.len, 0);
	nl_req_set_reg(&q, FAMILY, "DEU");
	assert_int_equal(q.len, 0);
	nl_req_set_reg(&q, FAMILY, "D");
	assert_int_equal(q.len, 0);
	nl_req_set_reg(&q, FAMILY, "DE");
	assert_int_not_equal(q.len, 0);
}

/* The list is the whole of it: it names what the radio role is for, and none of the commands with
 * which a process could join networks, send frames or set keys. */
static void I6_only_listed_commands_exist(void **state)
{
	static const uint8_t listed[] = {
#define X(name, cmd, admin) NL80211_CMD_##cmd,
		NL_REQUESTS(X)
#undef X
	};
	static const uint8_t golden[] = {
		NL80211_CMD_GET_WIPHY,	   NL80211_CMD_GET_INTERFACE, NL80211_CMD_GET_STATION,
		NL80211_CMD_GET_SURVEY,	   NL80211_CMD_GET_REG,	      NL80211_CMD_GET_SCAN,
		NL80211_CMD_TRIGGER_SCAN,  NL80211_CMD_SET_WIPHY,     NL80211_CMD_SET_WIPHY,
		NL80211_CMD_NEW_INTERFACE, NL80211_CMD_DEL_INTERFACE, NL80211_CMD_REQ_SET_REG,
	};

	assert_int_equal(sizeof(listed), sizeof(golden));
	assert_memory_equal(listed, golden, sizeof(golden));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(I6_reading_requests_are_dumps_with_the_right_attributes),
		UNIT(I6_power_is_a_limit_or_automatic),
		UNIT(I6_retries_are_a_number),
		UNIT(I6_a_new_interface_is_an_access_point),
		UNIT(I6_a_scan_is_one_of_every_channel_for_any_network),
		UNIT(I6_what_does_not_fit_is_not_sent),
		UNIT(I6_only_listed_commands_exist),
	};

	return cmocka_run_group_tests_name("nl80211_build", tests, NULL, NULL);
}
