/* SPDX-License-Identifier: Apache-2.0 */
/* Device.WiFi.Radio.{i}. (TR-181 2.19.1): what the radio can do and does, as nl80211 says it. */
#include <string.h>

#include "agent/tr181/wifi_internal.h"
#include "lib/array.h"
#include "lib/num.h"

enum dm_error wifi_radio_get_bands(struct dm_inst *in, const struct dm_param *p,
				   struct dm_sink *sink)
{
	const struct nl_wiphy *wiphy = wifi_wiphy(wifi_of(in), in);
	unsigned int b;

	for (b = 0; wiphy && b < NL_BANDS; b++)
		if (wiphy->bands[b].present)
			dm_put_item(sink, wifi_bands[b], strlen(wifi_bands[b]));
	return DM_OK;
}

/* Those of the band in use; 802.11be is left out, for hostapd 2.10 can't do it. */
enum dm_error wifi_radio_get_standards(struct dm_inst *in, const struct dm_param *p,
				       struct dm_sink *sink)
{
	struct wifi_settings s;
	const struct nl_wiphy *wiphy = wifi_radio_look(in, &s, NULL);
	const struct nl_band *b = wiphy && s.band < NL_BANDS ? &wiphy->bands[s.band] : NULL;

	if (!b)
		return DM_OK;
	if (s.band == NL_BAND_5G && b->ofdm)
		dm_put_item(sink, "a", 1);
	if (s.band == NL_BAND_2G4 && b->dsss)
		dm_put_item(sink, "b", 1);
	if (s.band == NL_BAND_2G4 && b->ofdm)
		dm_put_item(sink, "g", 1);
	if (b->ht)
		dm_put_item(sink, "n", 1);
	if (b->vht && s.band == NL_BAND_5G)
		dm_put_item(sink, "ac", 2);
	if (b->he)
		dm_put_item(sink, "ax", 2);
	return DM_OK;
}

void wifi_put_channel(struct dm_sink *sink, unsigned int channel)
{
	char text[NUM_DIGITS];

	dm_put_item(sink, text, num_put(text, channel));
}

enum dm_error wifi_radio_get_possible(struct dm_inst *in, const struct dm_param *p,
				      struct dm_sink *sink)
{
	struct wifi_settings s;
	const struct nl_wiphy *wiphy = wifi_radio_look(in, &s, NULL);
	uint32_t i;

	for (i = 0; wiphy && s.band < NL_BANDS && i < wiphy->bands[s.band].nchans; i++)
		if (nl_chan_usable(&wiphy->bands[s.band].chans[i], s.radar) &&
		    !(wiphy->bands[s.band].chans[i].flags & NL_CHAN_RADAR_FOUND))
			wifi_put_channel(sink, wiphy->bands[s.band].chans[i].number);
	return DM_OK;
}

enum dm_error wifi_radio_get_widths(struct dm_inst *in, const struct dm_param *p,
				    struct dm_sink *sink)
{
	struct wifi_settings s;
	const struct nl_wiphy *wiphy = wifi_radio_look(in, &s, NULL);
	unsigned int i, can = wiphy && s.band < NL_BANDS ? nl_widths(wiphy, s.band) : 0;

	for (i = 0; wifi_widths[i]; i++)
		if (can & 1u << i)
			dm_put_item(sink, wifi_widths[i], strlen(wifi_widths[i]));
	dm_put_item(sink, "Auto", 4);
	return DM_OK;
}

enum dm_error wifi_radio_get_max_ssids(struct dm_inst *in, const struct dm_param *p,
				       struct dm_sink *sink)
{
	const struct nl_wiphy *wiphy = wifi_wiphy(wifi_of(in), in);
	uint32_t max = wiphy ? wiphy->max_ap : 0;

	dm_put_uint(sink, max < RADIO_BSS_MAX ? max : RADIO_BSS_MAX);
	return DM_OK;
}

bool wifi_radio_says_max_stations(const struct dm_inst *in)
{
	const struct nl_wiphy *wiphy = wifi_wiphy(wifi_of(in), in);

	return wiphy && wiphy->max_stations;
}

enum dm_error wifi_radio_get_max_stations(struct dm_inst *in, const struct dm_param *p,
					  struct dm_sink *sink)
{
	const struct nl_wiphy *wiphy = wifi_wiphy(wifi_of(in), in);

	dm_put_uint(sink, wiphy ? wiphy->max_stations : 0);
	return DM_OK;
}

enum dm_error wifi_radio_get_max_rate(struct dm_inst *in, const struct dm_param *p,
				      struct dm_sink *sink)
{
	const struct nl_wiphy *wiphy = wifi_wiphy(wifi_of(in), in);
	uint32_t best = 0, kbps;
	enum nl_band_id b;

	for (b = 0; wiphy && b < NL_BANDS; b++) {
		kbps = wiphy->bands[b].present ? nl_max_kbps(wiphy, b) : 0;
		best = kbps > best ? kbps : best;
	}
	dm_put_uint(sink, best / 1000);
	return DM_OK;
}

/* Power below full, from 1/100 dB to percent: 100 * 10^(-dB / 10), cut off. */
static int percent_of(int32_t below)
{
	static const uint8_t percent[] = { 100, 79, 63, 50, 39, 31, 25, 19, 15, 12, 10,
					   7,	6,  5,	3,  3,	2,  1,	1,  1,	1 };
	const size_t db = below > 0 ? ((size_t)below + 50) / 100 : 0;

	return db < ARRAY_SIZE(percent) ? percent[db] : 0;
}

enum dm_error wifi_radio_get_power(struct dm_inst *in, const struct dm_param *p,
				   struct dm_sink *sink)
{
	const struct nl_chan *c = NULL;
	const struct nl_iface *air;
	struct wifi_settings s;
	const struct nl_wiphy *wiphy = wifi_radio_look(in, &s, &air);
	int64_t percent = dm_int(in, p->name);

	if (wiphy && air && nl_mhz_band(air->mhz) < NL_BANDS)
		c = nl_chan_find(&wiphy->bands[nl_mhz_band(air->mhz)], nl_mhz_to_channel(air->mhz));
	if (percent >= 0 && c && air->has_power)
		percent = percent_of(c->max_mbm - air->power_mbm);
	dm_put_int(sink, percent);
	return DM_OK;
}
