/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.WiFi.Radio.{i}. (TR-181 2.19.1): IEEE 802.11h. Where others have radar an access point
 * looks for it before it sends, and leaves when it is found; both are hostapd's and the kernel's.
 */
#include <string.h>

#include <linux/nl80211.h>

#include "agent/tr181/wifi_internal.h"

const char *const wifi_radar[] = { "None", "Listening", "Clear", NULL };

static bool block_has_radar(const struct nl_band *b, const struct nl_iface *f)
{
	uint32_t i;

	for (i = 0; i < b->nchans; i++) {
		const uint32_t mhz = b->chans[i].mhz;

		if (b->chans[i].flags & NL_CHAN_RADAR &&
		    (mhz == f->mhz ||
		     (mhz + f->width / 2 > f->center && mhz < f->center + f->width / 2)))
			return true;
	}
	return false;
}

/* Has this radio an access point where there may be radar? on_air: the kernel has it on the air, so
 * it was looked for. */
static bool among_radar(const struct wifi *w, const struct dm_inst *radio, bool on_air)
{
	const struct nl_wiphy *wiphy = wifi_wiphy(w, radio);
	uint32_t i;

	for (i = 0; wiphy && i < w->reader->ifaces.n; i++) {
		const struct nl_iface *f = &w->reader->ifaces.v[i];

		if (f->wiphy == wiphy->index && f->type == NL80211_IFTYPE_AP &&
		    nl_mhz_band(f->mhz) == NL_BAND_5G && (f->ssid_len != 0) == on_air &&
		    block_has_radar(&wiphy->bands[NL_BAND_5G], f))
			return true;
	}
	return false;
}

bool wifi_radio_listens(const struct wifi *w, const struct dm_inst *radio)
{
	return among_radar(w, radio, false) && !among_radar(w, radio, true);
}

bool wifi_radio_says_radar(const struct dm_inst *in)
{
	const struct nl_wiphy *wiphy = wifi_wiphy(wifi_of(in), in);

	return wiphy && wifi_radio_has_11h(wiphy);
}

enum dm_error wifi_radio_get_has_11h(struct dm_inst *in, const struct dm_param *p,
				     struct dm_sink *sink)
{
	dm_put_bool(sink, wifi_radio_says_radar(in));
	return DM_OK;
}

enum dm_error wifi_radio_get_11h(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	struct wifi_settings s;

	wifi_radio_look(in, &s, NULL);
	dm_put_bool(sink, s.radar);
	return DM_OK;
}

enum dm_error wifi_radio_get_radar(struct dm_inst *in, const struct dm_param *p,
				   struct dm_sink *sink)
{
	const struct wifi *w = wifi_of(in);

	dm_put_str(sink, wifi_radar[among_radar(w, in, true)	? 2
				    : wifi_radio_listens(w, in) ? 1
								: 0]);
	return DM_OK;
}

enum dm_error wifi_radio_get_found(struct dm_inst *in, const struct dm_param *p,
				   struct dm_sink *sink)
{
	const struct nl_wiphy *wiphy = wifi_wiphy(wifi_of(in), in);
	const struct nl_band *b = wiphy ? &wiphy->bands[NL_BAND_5G] : NULL;
	uint32_t i;

	for (i = 0; b && i < b->nchans; i++)
		if (b->chans[i].flags & NL_CHAN_RADAR_FOUND)
			wifi_put_channel(sink, b->chans[i].number);
	return DM_OK;
}
