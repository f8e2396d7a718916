/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include <linux/nl80211.h>

#include "lib/array.h"
#include "nl80211/wiphy.h"

/* nl80211 numbers its bands by history: 60 GHz came before 6 GHz. */
static struct nl_band *band_of(struct nl_wiphy *w, uint16_t kernel)
{
	switch (kernel) {
	case NL80211_BAND_2GHZ:
		return &w->bands[NL_BAND_2G4];
	case NL80211_BAND_5GHZ:
		return &w->bands[NL_BAND_5G];
	case NL80211_BAND_6GHZ:
		return &w->bands[NL_BAND_6G];
	default:
		return NULL;
	}
}

static int read_chan(struct nl_band *b, struct nl_view attrs)
{
	bool off = false, no_ir = false, radar = false, minus = false, plus = false, no80 = false;
	bool no160 = false, no20 = false, no_he = false, indoor = false;
	uint32_t mhz = 0, power = 0, dfs = NL80211_DFS_USABLE, i;
	struct nl_chan c;
	const struct nl_want want[] = {
		NL_NEED(NL80211_FREQUENCY_ATTR_FREQ, NL_U32, &mhz),
		NL_MAY(NL80211_FREQUENCY_ATTR_DISABLED, NL_FLAG, &off),
		NL_MAY(NL80211_FREQUENCY_ATTR_NO_IR, NL_FLAG, &no_ir),
		NL_MAY(NL80211_FREQUENCY_ATTR_RADAR, NL_FLAG, &radar),
		NL_MAY(NL80211_FREQUENCY_ATTR_NO_HT40_MINUS, NL_FLAG, &minus),
		NL_MAY(NL80211_FREQUENCY_ATTR_NO_HT40_PLUS, NL_FLAG, &plus),
		NL_MAY(NL80211_FREQUENCY_ATTR_NO_80MHZ, NL_FLAG, &no80),
		NL_MAY(NL80211_FREQUENCY_ATTR_NO_160MHZ, NL_FLAG, &no160),
		NL_MAY(NL80211_FREQUENCY_ATTR_NO_20MHZ, NL_FLAG, &no20),
		NL_MAY(NL80211_FREQUENCY_ATTR_NO_HE, NL_FLAG, &no_he),
		NL_MAY(NL80211_FREQUENCY_ATTR_INDOOR_ONLY, NL_FLAG, &indoor),
		NL_MAY(NL80211_FREQUENCY_ATTR_MAX_TX_POWER, NL_U32, &power),
		NL_MAY(NL80211_FREQUENCY_ATTR_DFS_STATE, NL_U32, &dfs),
	};
	int r = nl_read(attrs, want, ARRAY_SIZE(want));

	if (r < 0)
		return r;
	c.number = (uint16_t)nl_mhz_to_channel(mhz);
	if (!c.number) /* sub-1 GHz, 60 GHz */
		return 0;
	c.mhz = (uint16_t)mhz;
	c.max_mbm = power < UINT16_MAX ? (uint16_t)power : UINT16_MAX;
	c.flags =
		(uint16_t)(off * NL_CHAN_DISABLED | no_ir * NL_CHAN_NO_IR | radar * NL_CHAN_RADAR |
			   minus * NL_CHAN_NO_HT40M | plus * NL_CHAN_NO_HT40P |
			   no80 * NL_CHAN_NO_80 | no160 * NL_CHAN_NO_160 | no20 * NL_CHAN_NO_20 |
			   no_he * NL_CHAN_NO_HE | indoor * NL_CHAN_INDOOR |
			   (dfs == NL80211_DFS_UNAVAILABLE) * NL_CHAN_RADAR_FOUND);
	for (i = 0; i < b->nchans && b->chans[i].mhz != c.mhz; i++)
		;
	if (i == NL_CHANS_MAX)
		return 0;
	b->chans[i] = c;
	if (i == b->nchans)
		b->nchans++;
	return 0;
}

static int read_rates(struct nl_band *b, struct nl_view list)
{
	struct nl_view one;
	uint32_t rate;
	uint16_t type;
	int r;

	while ((r = nl_next(&list, &type, &one)) > 0) {
		const struct nl_want want[] = { NL_NEED(NL80211_BITRATE_ATTR_RATE, NL_U32, &rate) };

		if ((r = nl_read(one, want, ARRAY_SIZE(want))) < 0)
			return r;
		/* In 100 kbit/s; IEEE 802.11 15.2.3.3, 16.2.3.3: 1, 2, 5.5 and 11 Mbit/s */
		if (rate == 10 || rate == 20 || rate == 55 || rate == 110)
			b->dsss = true;
		else
			b->ofdm = true;
	}
	return r;
}

/* Little-endian, as on the air. All ones: nothing; so is what is not there. */
static uint16_t map_at(struct nl_view v, size_t at)
{
	return v.len >= at + 2 ? (uint16_t)(v.p[at] | v.p[at + 1] << 8) : 0xffff;
}

static uint8_t ht_streams(struct nl_view mcs)
{
	uint8_t n = 0;

	while (n < 4 && n < mcs.len && mcs.p[n]) /* eight MCS for each stream (9.4.2.55.4) */
		n++;
	return n;
}

/* HE capabilities are told per interface type: those of an access point count. */
static int read_iftype_data(struct nl_band *b, struct nl_view list)
{
	struct nl_view one;
	uint16_t type;
	int r;

	while ((r = nl_next(&list, &type, &one)) > 0) {
		struct nl_view types = { NULL, 0 }, he = { NULL, 0 }, mcs = { NULL, 0 };
		bool ap = false;
		const struct nl_want want[] = {
			NL_NEED(NL80211_BAND_IFTYPE_ATTR_IFTYPES, NL_NEST, &types),
			NL_MAY(NL80211_BAND_IFTYPE_ATTR_HE_CAP_PHY, NL_BYTES, &he),
			NL_MAY(NL80211_BAND_IFTYPE_ATTR_HE_CAP_MCS_SET, NL_BYTES, &mcs),
		};
		const struct nl_want flags[] = { NL_MAY(NL80211_IFTYPE_AP, NL_FLAG, &ap) };

		if ((r = nl_read(one, want, ARRAY_SIZE(want))) < 0 ||
		    (r = nl_read(types, flags, ARRAY_SIZE(flags))) < 0)
			return r;
		if (!ap)
			continue;
		if (he.len) {
			b->he = true;
			b->he_phy0 = he.p[0];
			b->he_map80 = map_at(mcs, 0);
			b->he_map160 = map_at(mcs, 4);
		}
	}
	return r;
}

static int read_band(struct nl_band *b, struct nl_view attrs)
{
	struct nl_view chans = { NULL, 0 }, rates = { NULL, 0 }, data = { NULL, 0 }, one;
	struct nl_view mcs = { NULL, 0 }, vmcs = { NULL, 0 };
	const struct nl_want want[] = {
		NL_MAY(NL80211_BAND_ATTR_FREQS, NL_NEST, &chans),
		NL_MAY(NL80211_BAND_ATTR_RATES, NL_NEST, &rates),
		NL_MAY(NL80211_BAND_ATTR_HT_CAPA, NL_U16, &b->ht_capa),
		NL_MAY(NL80211_BAND_ATTR_HT_MCS_SET, NL_BYTES, &mcs),
		NL_MAY(NL80211_BAND_ATTR_VHT_CAPA, NL_U32, &b->vht_capa),
		NL_MAY(NL80211_BAND_ATTR_VHT_MCS_SET, NL_BYTES, &vmcs),
		NL_MAY(NL80211_BAND_ATTR_IFTYPE_DATA, NL_NEST, &data),
	};
	uint16_t type;
	int r;

	if ((r = nl_read(attrs, want, ARRAY_SIZE(want))) < 0 || (r = read_rates(b, rates)) < 0 ||
	    (r = read_iftype_data(b, data)) < 0)
		return r;
	b->present = true;
	if (mcs.len) {
		b->ht = true;
		b->ht_streams = ht_streams(mcs);
	}
	if (vmcs.len) {
		b->vht = true;
		b->vht_map = map_at(vmcs, 0);
	}
	while ((r = nl_next(&chans, &type, &one)) > 0)
		if ((r = read_chan(b, one)) < 0)
			return r;
	return r;
}

static int read_bands(struct nl_wiphy *w, struct nl_view list)
{
	struct nl_view one;
	struct nl_band *b;
	uint16_t type;
	int r;

	while ((r = nl_next(&list, &type, &one)) > 0) {
		b = band_of(w, type);
		if (b && (r = read_band(b, one)) < 0)
			return r;
	}
	return r;
}

static int read_iftypes(struct nl_wiphy *w, struct nl_view list)
{
	struct nl_view one;
	uint16_t type;
	int r;

	while ((r = nl_next(&list, &type, &one)) > 0)
		if (type < 32)
			w->iftypes |= UINT32_C(1) << type;
	return r;
}

static void read_ciphers(struct nl_wiphy *w, struct nl_view list)
{
	static const struct {
		uint32_t suite, bit;
	} known[] = {
		/* IEEE 802.11 table 9-186 */
		{ 0x000fac02, NL_CIPHER_TKIP },	    { 0x000fac04, NL_CIPHER_CCMP },
		{ 0x000fac06, NL_CIPHER_BIP_CMAC }, { 0x000fac08, NL_CIPHER_GCMP },
		{ 0x000fac09, NL_CIPHER_GCMP256 },  { 0x000fac0a, NL_CIPHER_CCMP256 },
		{ 0x000fac01, NL_CIPHER_WEP40 },    { 0x000fac05, NL_CIPHER_WEP104 },
	};
	uint32_t suite;
	size_t i, k;

	for (i = 0; i + sizeof(suite) <= list.len; i += sizeof(suite)) {
		memcpy(&suite, list.p + i, sizeof(suite));
		for (k = 0; k < ARRAY_SIZE(known); k++)
			if (known[k].suite == suite)
				w->ciphers |= known[k].bit;
	}
}

/* Bit n: 20 << n MHz */
static uint32_t read_widths(uint32_t kernel)
{
	static const uint8_t order[] = { NL80211_CHAN_WIDTH_20, NL80211_CHAN_WIDTH_40,
					 NL80211_CHAN_WIDTH_80, NL80211_CHAN_WIDTH_160 };
	uint32_t widths = 0, n;

	for (n = 0; n < ARRAY_SIZE(order); n++)
		if (kernel & UINT32_C(1) << order[n])
			widths |= UINT32_C(1) << n;
	return widths;
}

/* How many access points one combination carries at the same time, and where it sees radar. */
static int read_combination(struct nl_view attrs, struct nl_wiphy *w)
{
	struct nl_view limits = { NULL, 0 }, one, types;
	uint32_t all = 0, max, radar = 0;
	uint16_t type;
	const struct nl_want want[] = {
		NL_NEED(NL80211_IFACE_COMB_LIMITS, NL_NEST, &limits),
		NL_NEED(NL80211_IFACE_COMB_MAXNUM, NL_U32, &all),
		NL_MAY(NL80211_IFACE_COMB_RADAR_DETECT_WIDTHS, NL_U32, &radar),
	};
	int r = nl_read(attrs, want, ARRAY_SIZE(want));

	if (r < 0)
		return r;
	while ((r = nl_next(&limits, &type, &one)) > 0) {
		bool ap = false;
		const struct nl_want limit[] = {
			NL_NEED(NL80211_IFACE_LIMIT_MAX, NL_U32, &max),
			NL_NEED(NL80211_IFACE_LIMIT_TYPES, NL_NEST, &types),
		};
		const struct nl_want flags[] = { NL_MAY(NL80211_IFTYPE_AP, NL_FLAG, &ap) };

		if ((r = nl_read(one, limit, ARRAY_SIZE(limit))) < 0 ||
		    (r = nl_read(types, flags, ARRAY_SIZE(flags))) < 0)
			return r;
		if (max > all)
			max = all;
		if (ap && max > w->max_ap)
			w->max_ap = max;
		if (ap)
			w->radar_widths |= read_widths(radar);
	}
	return r;
}

static int read_combinations(struct nl_wiphy *w, struct nl_view list)
{
	struct nl_view one;
	uint16_t type;
	int r;

	while ((r = nl_next(&list, &type, &one)) > 0)
		if ((r = read_combination(one, w)) < 0)
			return r;
	return r;
}

static struct nl_wiphy *slot_of(struct nl_wiphys *t, uint32_t index)
{
	uint32_t i;

	for (i = 0; i < t->n; i++)
		if (t->w[i].index == index)
			return &t->w[i];
	if (t->n == NL_WIPHYS_MAX) {
		t->more = true;
		return NULL;
	}
	memset(&t->w[t->n], 0, sizeof(t->w[t->n]));
	t->w[t->n].index = index;
	return &t->w[t->n++];
}

int nl_wiphys_add(struct nl_wiphys *t, struct nl_view attrs)
{
	struct nl_view bands = { NULL, 0 }, types = { NULL, 0 }, ciphers = { NULL, 0 };
	struct nl_view combinations = { NULL, 0 };
	struct nl_wiphy *w;
	uint32_t index = 0;
	uint16_t stations = 0;
	const struct nl_want first[] = { NL_NEED(NL80211_ATTR_WIPHY, NL_U32, &index) };
	int r = nl_read(attrs, first, ARRAY_SIZE(first));

	if (r < 0)
		return r;
	w = slot_of(t, index);
	if (!w)
		return 0;
	const struct nl_want want[] = {
		NL_MAY_SIZE(NL80211_ATTR_WIPHY_NAME, NL_TEXT, w->name, sizeof(w->name)),
		NL_MAY(NL80211_ATTR_WIPHY_BANDS, NL_NEST, &bands),
		NL_MAY(NL80211_ATTR_SUPPORTED_IFTYPES, NL_NEST, &types),
		NL_MAY(NL80211_ATTR_CIPHER_SUITES, NL_BYTES, &ciphers),
		NL_MAY(NL80211_ATTR_INTERFACE_COMBINATIONS, NL_NEST, &combinations),
		NL_MAY(NL80211_ATTR_MAX_AP_ASSOC_STA, NL_U16, &stations),
		NL_MAY(NL80211_ATTR_MAC_MASK, NL_MAC, w->mac_mask),
		NL_MAY(NL80211_ATTR_WIPHY_RETRY_SHORT, NL_U8, &w->retry),
		NL_MAY(NL80211_ATTR_SUPPORT_AP_UAPSD, NL_FLAG, &w->uapsd),
	};

	if ((r = nl_read(attrs, want, ARRAY_SIZE(want))) < 0 || (r = read_bands(w, bands)) < 0 ||
	    (r = read_iftypes(w, types)) < 0 || (r = read_combinations(w, combinations)) < 0)
		return r;
	read_ciphers(w, ciphers);
	if (stations)
		w->max_stations = stations;
	/* Without combinations there is one interface at a time. */
	if (!w->max_ap && w->iftypes & 1u << NL80211_IFTYPE_AP)
		w->max_ap = 1;
	return 0;
}

const struct nl_wiphy *nl_wiphy_find(const struct nl_wiphys *t, uint32_t index)
{
	uint32_t i;

	for (i = 0; i < t->n; i++)
		if (t->w[i].index == index)
			return &t->w[i];
	return NULL;
}
