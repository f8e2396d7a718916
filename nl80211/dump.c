/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <linux/nl80211.h>

#include "lib/array.h"
#include "nl80211/dump.h"

static uint32_t width_mhz(uint32_t width)
{
	switch (width) {
	case NL80211_CHAN_WIDTH_20_NOHT:
	case NL80211_CHAN_WIDTH_20:
		return 20;
	case NL80211_CHAN_WIDTH_40:
		return 40;
	case NL80211_CHAN_WIDTH_80:
		return 80;
	case NL80211_CHAN_WIDTH_80P80:
	case NL80211_CHAN_WIDTH_160:
		return 160;
	case NL80211_CHAN_WIDTH_320:
		return 320;
	default:
		return 0;
	}
}

int nl_iface_read(struct nl_iface *i, struct nl_view attrs)
{
	struct nl_view ssid = { NULL, 0 };
	uint32_t width = UINT32_MAX, power = UINT32_MAX;
	const struct nl_want want[] = {
		NL_NEED(NL80211_ATTR_WIPHY, NL_U32, &i->wiphy),
		NL_NEED(NL80211_ATTR_IFTYPE, NL_U32, &i->type),
		NL_MAY(NL80211_ATTR_IFINDEX, NL_U32, &i->ifindex),
		NL_MAY_SIZE(NL80211_ATTR_IFNAME, NL_TEXT, i->name, sizeof(i->name)),
		NL_MAY(NL80211_ATTR_MAC, NL_MAC, i->mac),
		NL_MAY_SIZE(NL80211_ATTR_SSID, NL_BYTES, &ssid, NL_SSID_MAX),
		NL_MAY(NL80211_ATTR_WIPHY_FREQ, NL_U32, &i->mhz),
		NL_MAY(NL80211_ATTR_CHANNEL_WIDTH, NL_U32, &width),
		NL_MAY(NL80211_ATTR_CENTER_FREQ1, NL_U32, &i->center),
		NL_MAY(NL80211_ATTR_WIPHY_TX_POWER_LEVEL, NL_U32, &power),
	};
	int r;

	memset(i, 0, sizeof(*i));
	if ((r = nl_read(attrs, want, ARRAY_SIZE(want))) < 0)
		return r;
	if (!i->ifindex || !i->name[0])
		return 0;
	if (ssid.len)
		memcpy(i->ssid, ssid.p, ssid.len);
	i->ssid_len = (uint8_t)ssid.len;
	i->width = width_mhz(width);
	i->has_power = power != UINT32_MAX;
	i->power_mbm = i->has_power ? (int32_t)power : 0;
	return 1;
}

/* kbit/s; 0: not told. */
static int read_rate(struct nl_view attrs, uint32_t *kbps, uint16_t *how)
{
	uint32_t rate = 0;
	uint16_t old = 0;
	uint8_t ht = 0, vht = 0, he = 0, eht = 0;
	const struct nl_want want[] = {
		NL_MAY(NL80211_RATE_INFO_BITRATE32, NL_U32, &rate),
		NL_MAY(NL80211_RATE_INFO_BITRATE, NL_U16, &old),
		NL_MAY(NL80211_RATE_INFO_MCS, NL_U8, &ht),
		NL_MAY(NL80211_RATE_INFO_VHT_MCS, NL_U8, &vht),
		NL_MAY(NL80211_RATE_INFO_HE_MCS, NL_U8, &he),
		NL_MAY(NL80211_RATE_INFO_EHT_MCS, NL_U8, &eht),
	};
	struct nl_view one;
	uint16_t type;
	int r = nl_read(attrs, want, ARRAY_SIZE(want));

	if (r < 0)
		return r;
	rate = rate ? rate : old;
	*kbps = rate < UINT32_MAX / 100 ? rate * 100 : 0;
	while (nl_next(&attrs, &type, &one) > 0) { /* MCS 0 is a value: only presence tells */
		if (type == NL80211_RATE_INFO_MCS)
			*how |= NL_STA_HT;
		else if (type == NL80211_RATE_INFO_VHT_MCS)
			*how |= NL_STA_VHT;
		else if (type == NL80211_RATE_INFO_HE_MCS)
			*how |= NL_STA_HE;
		else if (type == NL80211_RATE_INFO_EHT_MCS)
			*how |= NL_STA_EHT;
	}
	return 0;
}

static void read_flags(struct nl_station *s, struct nl_view flags)
{
	struct nl80211_sta_flag_update f;

	if (flags.len != sizeof(f))
		return;
	memcpy(&f, flags.p, sizeof(f));
	f.set &= f.mask;
	if (f.set & 1u << NL80211_STA_FLAG_AUTHORIZED)
		s->has |= NL_STA_AUTHORIZED;
	if (f.set & 1u << NL80211_STA_FLAG_ASSOCIATED)
		s->has |= NL_STA_ASSOCIATED;
	if (f.set & 1u << NL80211_STA_FLAG_TDLS_PEER)
		s->has |= NL_STA_TDLS;
}

static int read_station_info(struct nl_station *s, struct nl_view info)
{
	struct nl_view tx = { NULL, 0 }, rx = { NULL, 0 }, flags = { NULL, 0 };
	uint32_t tx32 = 0, rx32 = 0, retries = UINT32_MAX, failed = UINT32_MAX;
	int8_t signal = 127;
	const struct nl_want want[] = {
		NL_MAY(NL80211_STA_INFO_SIGNAL, NL_S8, &signal),
		NL_MAY(NL80211_STA_INFO_TX_BITRATE, NL_NEST, &tx),
		NL_MAY(NL80211_STA_INFO_RX_BITRATE, NL_NEST, &rx),
		NL_MAY(NL80211_STA_INFO_TX_BYTES, NL_U32, &tx32),
		NL_MAY(NL80211_STA_INFO_RX_BYTES, NL_U32, &rx32),
		NL_MAY(NL80211_STA_INFO_TX_BYTES64, NL_U64, &s->tx_bytes),
		NL_MAY(NL80211_STA_INFO_RX_BYTES64, NL_U64, &s->rx_bytes),
		NL_MAY(NL80211_STA_INFO_TX_PACKETS, NL_U32, &s->tx_packets),
		NL_MAY(NL80211_STA_INFO_RX_PACKETS, NL_U32, &s->rx_packets),
		NL_MAY(NL80211_STA_INFO_TX_RETRIES, NL_U32, &retries),
		NL_MAY(NL80211_STA_INFO_TX_FAILED, NL_U32, &failed),
		NL_MAY(NL80211_STA_INFO_CONNECTED_TIME, NL_U32, &s->connected_s),
		NL_MAY(NL80211_STA_INFO_INACTIVE_TIME, NL_U32, &s->inactive_ms),
		NL_MAY(NL80211_STA_INFO_ASSOC_AT_BOOTTIME, NL_U64, &s->since_ns),
		NL_MAY(NL80211_STA_INFO_STA_FLAGS, NL_BYTES, &flags),
	};
	uint16_t rx_how = 0;
	int r;

	if ((r = nl_read(info, want, ARRAY_SIZE(want))) < 0 ||
	    (r = read_rate(tx, &s->tx_kbps, &s->has)) < 0 ||
	    (r = read_rate(rx, &s->rx_kbps, &rx_how)) < 0)
		return r;
	s->tx_bytes = s->tx_bytes ? s->tx_bytes : tx32;
	s->rx_bytes = s->rx_bytes ? s->rx_bytes : rx32;
	s->signal = signal;
	s->tx_retries = retries != UINT32_MAX ? retries : 0;
	s->tx_failed = failed != UINT32_MAX ? failed : 0;
	s->has |= (uint16_t)((signal != 127) * NL_STA_SIGNAL | (s->tx_kbps > 0) * NL_STA_TX_RATE |
			     (s->rx_kbps > 0) * NL_STA_RX_RATE | rx_how |
			     (retries != UINT32_MAX) * NL_STA_RETRIES |
			     (failed != UINT32_MAX) * NL_STA_FAILED);
	read_flags(s, flags);
	return 0;
}

int nl_station_read(struct nl_station *s, struct nl_view attrs)
{
	struct nl_view info = { NULL, 0 };
	const struct nl_want want[] = {
		NL_NEED(NL80211_ATTR_IFINDEX, NL_U32, &s->ifindex),
		NL_NEED(NL80211_ATTR_MAC, NL_MAC, s->mac),
		NL_MAY(NL80211_ATTR_STA_INFO, NL_NEST, &info),
	};
	int r;

	memset(s, 0, sizeof(*s));
	if ((r = nl_read(attrs, want, ARRAY_SIZE(want))) < 0)
		return r;
	return read_station_info(s, info);
}

int nl_survey_read(struct nl_survey *s, struct nl_view attrs)
{
	struct nl_view info = { NULL, 0 };
	const struct nl_want want[] = {
		NL_NEED(NL80211_ATTR_IFINDEX, NL_U32, &s->ifindex),
		NL_NEED(NL80211_ATTR_SURVEY_INFO, NL_NEST, &info),
	};
	uint64_t active = UINT64_MAX, busy = UINT64_MAX, sent = 0, received = 0;
	int8_t noise = 127;
	int r;

	memset(s, 0, sizeof(*s));
	if ((r = nl_read(attrs, want, ARRAY_SIZE(want))) < 0)
		return r;
	const struct nl_want inside[] = {
		NL_NEED(NL80211_SURVEY_INFO_FREQUENCY, NL_U32, &s->mhz),
		NL_MAY(NL80211_SURVEY_INFO_NOISE, NL_S8, &noise),
		NL_MAY(NL80211_SURVEY_INFO_IN_USE, NL_FLAG, &s->in_use),
		NL_MAY(NL80211_SURVEY_INFO_TIME, NL_U64, &active),
		NL_MAY(NL80211_SURVEY_INFO_TIME_BUSY, NL_U64, &busy),
		NL_MAY(NL80211_SURVEY_INFO_TIME_TX, NL_U64, &sent),
		NL_MAY(NL80211_SURVEY_INFO_TIME_BSS_RX, NL_U64, &received),
	};

	if ((r = nl_read(info, inside, ARRAY_SIZE(inside))) < 0)
		return r;
	s->has_noise = noise != 127;
	s->noise = noise;
	s->has_busy = active != UINT64_MAX && busy != UINT64_MAX;
	s->active_ms = s->has_busy ? active : 0;
	s->busy_ms = s->has_busy ? busy : 0;
	s->own_ms = sent < UINT64_MAX - received ? sent + received : UINT64_MAX;
	return 0;
}

int nl_reg_read(struct nl_reg *reg, struct nl_view attrs)
{
	const struct nl_want want[] = {
		NL_NEED_SIZE(NL80211_ATTR_REG_ALPHA2, NL_TEXT, reg->country, sizeof(reg->country)),
		NL_MAY(NL80211_ATTR_DFS_REGION, NL_U8, &reg->dfs_region),
	};

	memset(reg, 0, sizeof(*reg));
	return nl_read(attrs, want, ARRAY_SIZE(want));
}

/* Its place among the words of a list, from 1; 0: it is none of them. */
static uint8_t place_of(const char *list, const char *word)
{
	const size_t len = strlen(word);
	uint8_t place;
	size_t n;

	for (place = 1; *(list += strspn(list, " ")) && place < UINT8_MAX; list += n, place++) {
		n = strcspn(list, " ");
		if (n == len && memcmp(list, word, n) == 0)
			return place;
	}
	return 0;
}

void nl_ifaces_mark(struct nl_iface *v, size_t n, const char *names)
{
	size_t i;

	for (i = 0; i < n; i++)
		v[i].station = place_of(names, v[i].name);
}

static const struct nl_iface *first_of(const struct nl_iface *v, size_t n, uint32_t wiphy,
				       bool station)
{
	const struct nl_iface *first = NULL;
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].wiphy == wiphy && (v[i].station != 0) == station &&
		    (v[i].type == NL80211_IFTYPE_AP || v[i].type == NL80211_IFTYPE_STATION) &&
		    (!first || v[i].ifindex < first->ifindex))
			first = &v[i];
	return first;
}

const struct nl_iface *nl_first_iface(const struct nl_iface *v, size_t n, uint32_t wiphy)
{
	return first_of(v, n, wiphy, false);
}

const struct nl_iface *nl_scan_iface(const struct nl_iface *v, size_t n, uint32_t wiphy)
{
	const struct nl_iface *first = first_of(v, n, wiphy, false);

	return first ? first : first_of(v, n, wiphy, true);
}

static bool name_fits(char out[NL_IFNAME_MAX], int n)
{
	if (n > 0 && n < NL_IFNAME_MAX)
		return true;
	out[0] = '\0';
	return false;
}

bool nl_bss_name(char out[NL_IFNAME_MAX], const char *first, unsigned int slot)
{
	return name_fits(out, slot ? snprintf(out, NL_IFNAME_MAX, "%s-%u", first, slot)
				   : snprintf(out, NL_IFNAME_MAX, "%s", first));
}

const struct nl_iface *nl_bss_iface(const struct nl_iface *v, size_t n, uint32_t wiphy,
				    unsigned int slot, char name[NL_IFNAME_MAX])
{
	const struct nl_iface *first = nl_first_iface(v, n, wiphy);
	size_t i;

	name[0] = '\0';
	if (first && nl_bss_name(name, first->name, slot))
		for (i = 0; i < n; i++)
			if (v[i].wiphy == wiphy && strcmp(v[i].name, name) == 0)
				return &v[i];
	return NULL;
}

void nl_bss_address(uint8_t out[6], const uint8_t first[6], const uint8_t mask[6],
		    unsigned int slot)
{
	memcpy(out, first, 6);
	if (mask[5]) /* the hardware says which bits it can tell apart */
		out[5] = (uint8_t)((first[5] & ~mask[5]) | ((first[5] + slot) & mask[5]));
	else /* locally administered (IEEE 802 8.4.2): no other box was given it */
		out[0] = (uint8_t)((first[0] | 0x02) ^ (slot << 2));
}

bool nl_ap_name(char out[NL_IFNAME_MAX], const char *wiphy)
{
	return name_fits(out, snprintf(out, NL_IFNAME_MAX, "%s-ap", wiphy));
}
