/* SPDX-License-Identifier: Apache-2.0 */
/* What a radio is to do: what was asked, and by rule what nobody asked for. */
#include <string.h>

#include "agent/tr181/wifi_internal.h"
#include "agent/tree/value.h"
#include "lib/array.h"
#include "lib/text.h"

const char *const wifi_bands[] = { "2.4GHz", "5GHz", "6GHz", NULL };
const char *const wifi_widths[] = { "20MHz", "40MHz", "80MHz", "160MHz", NULL };

/* In the order in which they build on each other */
const char *const wifi_standards[] = { "b", "g", "a", "n", "ac", "ax", NULL };
static const unsigned int standard_bits[] = {
	RADIO_B, RADIO_G, RADIO_A, RADIO_N, RADIO_AC, RADIO_AX
};

/* Percent of full power, and what that is in 1/100 dB */
static const struct {
	int percent, mbm;
} powers[] = { { 12, -900 }, { 25, -600 }, { 50, -300 }, { 100, 0 } };

bool wifi_power_known(int64_t percent)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(powers) && powers[i].percent != percent; i++)
		;
	return percent == -1 || i < ARRAY_SIZE(powers);
}

const char *wifi_band_name(enum nl_band_id band)
{
	return band < NL_BANDS ? wifi_bands[band] : "";
}

static enum nl_band_id band_of(const struct dm_inst *radio, const struct nl_wiphy *w)
{
	size_t len;
	const char *asked = dm_str(radio, "OperatingFrequencyBand", &len);
	enum nl_band_id b;

	for (b = 0; b < NL_BANDS; b++)
		if (text_eq(asked, len, wifi_bands[b]) && nl_chan_default(w, b))
			return b;
	for (b = 0; b < NL_BANDS && !nl_chan_default(w, b); b++)
		;
	return b;
}

static unsigned int channel_of(const struct dm_inst *radio, const struct nl_wiphy *w,
			       enum nl_band_id band, bool radar)
{
	const struct nl_chan *c =
		nl_chan_find(&w->bands[band], (unsigned int)dm_uint(radio, "Channel"));

	return c && nl_chan_usable(c, radar) ? c->number : nl_chan_default(w, band);
}

bool wifi_radio_has_11h(const struct nl_wiphy *w)
{
	const struct nl_band *b = &w->bands[NL_BAND_5G];
	uint32_t i;

	for (i = 0; i < b->nchans && !nl_chan_wants_radar(w, &b->chans[i]); i++)
		;
	return i < b->nchans;
}

unsigned int wifi_standard_bits(const struct dm_inst *radio)
{
	struct dm_items it;
	unsigned int s = 0;
	const char *item;
	size_t len, i;

	item = dm_str(radio, "OperatingStandards", &len);
	dm_items_start(&it, item, len);
	while (dm_items_next(&it, &item, &len))
		for (i = 0; wifi_standards[i]; i++)
			if (text_eq(item, len, wifi_standards[i]))
				s |= standard_bits[i];
	return s;
}

void wifi_put_standards(struct dm_sink *sink, unsigned int bits)
{
	size_t i;

	for (i = 0; wifi_standards[i]; i++)
		if (bits & standard_bits[i])
			dm_put_item(sink, wifi_standards[i], strlen(wifi_standards[i]));
}

/* Those asked for, 0: all. A choice for another band than the one in use means nothing. */
static unsigned int standards_of(const struct dm_inst *radio, const struct nl_wiphy *w,
				 enum nl_band_id band)
{
	const unsigned int asked = wifi_standard_bits(radio);

	return plan_standards_fit(asked, plan_standards(w, band)) ? asked : 0;
}

static enum radio_extension extension_of(const struct dm_inst *radio)
{
	size_t len;
	const char *asked = dm_str(radio, "ExtensionChannel", &len);

	if (text_eq(asked, len, "AboveControlChannel"))
		return RADIO_EXT_ABOVE;
	return text_eq(asked, len, "BelowControlChannel") ? RADIO_EXT_BELOW : RADIO_EXT_AUTO;
}

/* OperatingChannelBandwidth is a preference: where it is not possible the next narrower is used. */
static unsigned int width_of(const struct dm_inst *radio, const struct nl_wiphy *w,
			     enum nl_band_id band, unsigned int channel, unsigned int widest,
			     bool radar)
{
	unsigned int width = band == NL_BAND_2G4 ? 20 : 80, i;
	struct nl_chandef def;
	size_t len;
	const char *asked = dm_str(radio, "OperatingChannelBandwidth", &len);

	for (i = 0; wifi_widths[i]; i++)
		if (text_eq(asked, len, wifi_widths[i]))
			width = 20u << i;
	while (width > 20 &&
	       (width > widest || nl_chandef(w, band, channel, width, radar, &def) != 0))
		width /= 2;
	return width;
}

unsigned int wifi_radio_widest(const struct dm_inst *radio, const struct nl_wiphy *w,
			       enum nl_band_id band)
{
	const unsigned int standards = standards_of(radio, w, band);
	const unsigned int widest =
		plan_standards_width(standards ? standards : plan_standards(w, band));
	const struct nl_band *b = &w->bands[band];
	unsigned int width, best = 20;
	uint32_t i;

	for (i = 0; i < b->nchans; i++)
		if (nl_chan_usable(&b->chans[i], false)) {
			width = width_of(radio, w, band, b->chans[i].number, widest, false);
			best = width > best ? width : best;
		}
	return best;
}

static int32_t power_of(const struct dm_inst *radio, const struct nl_wiphy *w, enum nl_band_id band,
			unsigned int channel)
{
	const struct nl_chan *c = nl_chan_find(&w->bands[band], channel);
	const int64_t percent = dm_int(radio, "TransmitPower");
	int32_t mbm = 0;
	size_t i;

	for (i = 0; c && i < ARRAY_SIZE(powers); i++)
		if (powers[i].percent == percent)
			mbm = c->max_mbm + powers[i].mbm;
	return mbm > 0 ? mbm : 0;
}

void wifi_radio_settings(const struct dm_inst *radio, const struct nl_wiphy *w,
			 struct wifi_settings *s)
{
	struct nl_chandef def;

	*s = (struct wifi_settings){ .enable = dm_bool(radio, "Enable"),
				     .band = band_of(radio, w) };
	if (s->band == NL_BANDS)
		return;
	s->radar = s->band == NL_BAND_5G && dm_bool(radio, "IEEE80211hEnabled") &&
		   wifi_radio_has_11h(w);
	s->channel = channel_of(radio, w, s->band, s->radar);
	s->standards = standards_of(radio, w, s->band);
	s->width = width_of(
		radio, w, s->band, s->channel,
		plan_standards_width(s->standards ? s->standards : plan_standards(w, s->band)),
		s->radar);
	/* Where it can't be on the side asked for, it is on the other. */
	s->extension = extension_of(radio);
	if (s->width != 40 ||
	    nl_chandef_beside(w, s->band, s->channel, s->width,
			      s->extension == RADIO_EXT_ABOVE ? 1 : -1, s->radar, &def) < 0)
		s->extension = RADIO_EXT_AUTO;
	s->retry = (unsigned int)dm_uint(radio, "RetryLimit");
	s->power_mbm = power_of(radio, w, s->band, s->channel);
}
