/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/nl80211.h>

#include "nl80211/build.h"

enum nl_command {
#define X(name, cmd, admin) NL_CMD_##name = NL80211_CMD_##cmd,
	NL_REQUESTS(X)
#undef X
};

static void append(struct nl_request *q, const void *p, size_t n)
{
	size_t room = (n + 3) & ~(size_t)3;

	if (!q->len)
		return;
	if (room > sizeof(q->bytes) - q->len) {
		q->len = 0;
		return;
	}
	memcpy(q->bytes + q->len, p, n);
	memset(q->bytes + q->len + n, 0, room - n);
	q->len += (uint32_t)room;
}

/* The length of the whole message stands in its first field. */
static void finish(struct nl_request *q)
{
	memcpy(q->bytes, &q->len, sizeof(q->len));
}

static void begin(struct nl_request *q, uint16_t family, enum nl_command cmd, bool dump)
{
	const struct nlmsghdr h = {
		.nlmsg_type = family,
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK)),
	};
	const struct genlmsghdr g = { .cmd = (uint8_t)cmd };

	q->len = sizeof(h) + sizeof(g);
	memcpy(q->bytes, &h, sizeof(h));
	memcpy(q->bytes + sizeof(h), &g, sizeof(g));
	finish(q);
}

static void put(struct nl_request *q, uint16_t type, const void *p, size_t n)
{
	const struct nlattr a = { .nla_len = (uint16_t)(sizeof(a) + n), .nla_type = type };

	append(q, &a, sizeof(a));
	append(q, p, n);
	finish(q);
}

static void put_u32(struct nl_request *q, uint16_t type, uint32_t v)
{
	put(q, type, &v, sizeof(v));
}

void nl_get_wiphy(struct nl_request *q, uint16_t family)
{
	begin(q, family, NL_CMD_get_wiphy, true);
	put(q, NL80211_ATTR_SPLIT_WIPHY_DUMP, "", 0);
}

void nl_get_interface(struct nl_request *q, uint16_t family)
{
	begin(q, family, NL_CMD_get_interface, true);
}

void nl_get_station(struct nl_request *q, uint16_t family, uint32_t ifindex)
{
	begin(q, family, NL_CMD_get_station, true);
	put_u32(q, NL80211_ATTR_IFINDEX, ifindex);
}

void nl_get_survey(struct nl_request *q, uint16_t family, uint32_t ifindex)
{
	begin(q, family, NL_CMD_get_survey, true);
	put_u32(q, NL80211_ATTR_IFINDEX, ifindex);
}

void nl_get_scan(struct nl_request *q, uint16_t family, uint32_t ifindex)
{
	begin(q, family, NL_CMD_get_scan, true);
	put_u32(q, NL80211_ATTR_IFINDEX, ifindex);
}

void nl_trigger_scan(struct nl_request *q, uint16_t family, uint32_t ifindex, bool beacons)
{
	const struct nlattr any = { .nla_len = sizeof(any), .nla_type = 1 };

	begin(q, family, NL_CMD_trigger_scan, false);
	put_u32(q, NL80211_ATTR_IFINDEX, ifindex);
	put(q, NL80211_ATTR_SCAN_SSIDS | NLA_F_NESTED, &any, sizeof(any));
	put_u32(q, NL80211_ATTR_SCAN_FLAGS,
		NL80211_SCAN_FLAG_FLUSH | (beacons ? NL80211_SCAN_FLAG_AP : 0));
}

void nl_get_reg(struct nl_request *q, uint16_t family, uint32_t wiphy)
{
	begin(q, family, NL_CMD_get_reg, false);
	put_u32(q, NL80211_ATTR_WIPHY, wiphy);
}

void nl_set_power(struct nl_request *q, uint16_t family, uint32_t wiphy, int32_t mbm)
{
	bool limited = mbm >= 0;

	begin(q, family, NL_CMD_set_power, false);
	put_u32(q, NL80211_ATTR_WIPHY, wiphy);
	put_u32(q, NL80211_ATTR_WIPHY_TX_POWER_SETTING,
		limited ? NL80211_TX_POWER_LIMITED : NL80211_TX_POWER_AUTOMATIC);
	if (limited)
		put_u32(q, NL80211_ATTR_WIPHY_TX_POWER_LEVEL, (uint32_t)mbm);
}

void nl_set_retry(struct nl_request *q, uint16_t family, uint32_t wiphy, uint8_t times)
{
	begin(q, family, NL_CMD_set_retry, false);
	put_u32(q, NL80211_ATTR_WIPHY, wiphy);
	put(q, NL80211_ATTR_WIPHY_RETRY_SHORT, &times, sizeof(times));
}

void nl_new_interface(struct nl_request *q, uint16_t family, uint32_t wiphy, const char *name,
		      const uint8_t *address)
{
	size_t n = strnlen(name, NL_IFNAME_MAX);

	begin(q, family, NL_CMD_new_interface, false);
	if (!n || n == NL_IFNAME_MAX) {
		q->len = 0;
		return;
	}
	put_u32(q, NL80211_ATTR_WIPHY, wiphy);
	put(q, NL80211_ATTR_IFNAME, name, n + 1);
	put_u32(q, NL80211_ATTR_IFTYPE, NL80211_IFTYPE_AP);
	if (address)
		put(q, NL80211_ATTR_MAC, address, 6);
}

void nl_del_interface(struct nl_request *q, uint16_t family, uint32_t ifindex)
{
	begin(q, family, NL_CMD_del_interface, false);
	put_u32(q, NL80211_ATTR_IFINDEX, ifindex);
}

void nl_req_set_reg(struct nl_request *q, uint16_t family, const char *country)
{
	begin(q, family, NL_CMD_req_set_reg, false);
	if (strnlen(country, 3) != 2) {
		q->len = 0;
		return;
	}
	put(q, NL80211_ATTR_REG_ALPHA2, country, 3);
}
