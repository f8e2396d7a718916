/* SPDX-License-Identifier: Apache-2.0 */
/* Channel arithmetic of IEEE 802.11 Annex E and 19.3.15 to 27.3.23, against one wiphy's state. */
#include <errno.h>

#include "lib/array.h"
#include "nl80211/wiphy.h"

#define HT_40MHZ 0x0002	      /* HT: Supported Channel Width Set */
#define VHT_WIDTHS 0x0000000c /* VHT: not 0: 160 MHz */
#define HE_40_IN_2G4 0x02
#define HE_80 0x04 /* HE: 40 and 80 MHz in 5 and 6 GHz */
#define HE_160 0x08

enum nl_band_id nl_mhz_band(unsigned int mhz)
{
	if (mhz >= 2412 && mhz <= 2484)
		return NL_BAND_2G4;
	if (mhz >= 5160 && mhz <= 5885)
		return NL_BAND_5G;
	if (mhz >= 5935 && mhz <= 7115)
		return NL_BAND_6G;
	return NL_BANDS;
}

unsigned int nl_mhz_to_channel(unsigned int mhz)
{
	if (mhz == 2484)
		return 14;
	switch (nl_mhz_band(mhz)) {
	case NL_BAND_2G4:
		return mhz <= 2472 && (mhz - 2407) % 5 == 0 ? (mhz - 2407) / 5 : 0;
	case NL_BAND_5G: /* drivers also list the channels of 5 and 10 MHz between these */
		if (mhz < 5745)
			return mhz % 20 == 0 && ((mhz >= 5180 && mhz <= 5320) ||
						 (mhz >= 5500 && mhz <= 5720))
				       ? (mhz - 5000) / 5
				       : 0;
		return (mhz - 5745) % 20 == 0 ? (mhz - 5000) / 5 : 0;
	case NL_BAND_6G:
		if (mhz == 5935)
			return 2;
		return mhz >= 5955 && (mhz - 5955) % 20 == 0 ? (mhz - 5950) / 5 : 0;
	case NL_BANDS:
		break;
	}
	return 0;
}

unsigned int nl_channel_to_mhz(enum nl_band_id band, unsigned int channel)
{
	unsigned int mhz = 0;

	switch (band) {
	case NL_BAND_2G4:
		mhz = channel == 14 ? 2484 : 2407 + 5 * channel;
		break;
	case NL_BAND_5G:
		mhz = 5000 + 5 * channel;
		break;
	case NL_BAND_6G:
		mhz = channel == 2 ? 5935 : 5950 + 5 * channel;
		break;
	case NL_BANDS:
		return 0;
	}
	return nl_mhz_band(mhz) == band && nl_mhz_to_channel(mhz) == channel ? mhz : 0;
}

bool nl_chan_usable(const struct nl_chan *c, bool radar)
{
	const uint16_t no = NL_CHAN_DISABLED | NL_CHAN_NO_IR | NL_CHAN_NO_20;

	return !(c->flags & (no | (radar ? 0 : NL_CHAN_RADAR)));
}

bool nl_chan_wants_radar(const struct nl_wiphy *w, const struct nl_chan *c)
{
	return w->radar_widths & 1 && c->flags & NL_CHAN_RADAR && nl_chan_usable(c, true);
}

const struct nl_chan *nl_chan_find(const struct nl_band *b, unsigned int channel)
{
	uint32_t i;

	for (i = 0; i < b->nchans; i++)
		if (b->chans[i].number == channel)
			return &b->chans[i];
	return NULL;
}

unsigned int nl_chan_default(const struct nl_wiphy *w, enum nl_band_id band)
{
	/* Stations look there first: 1, 6 and 11 do not overlap; preferred scanning in 6 GHz. */
	static const unsigned int preferred[NL_BANDS] = { 6, 36, 5 };
	const struct nl_band *b = &w->bands[band];
	const struct nl_chan *c = nl_chan_find(b, preferred[band]);
	uint32_t i;

	if (c && nl_chan_usable(c, false))
		return c->number;
	for (i = 0; i < b->nchans; i++)
		if (nl_chan_usable(&b->chans[i], false))
			return b->chans[i].number;
	return 0;
}

unsigned int nl_widths(const struct nl_wiphy *w, enum nl_band_id band)
{
	const struct nl_band *b = &w->bands[band];
	unsigned int widths = 1;
	bool he40 = b->he && b->he_phy0 & (band == NL_BAND_2G4 ? HE_40_IN_2G4 : HE_80);

	if ((b->ht && b->ht_capa & HT_40MHZ) || (band == NL_BAND_6G && he40))
		widths |= 1 << 1;
	if (band == NL_BAND_2G4)
		return widths;
	if (b->vht || (band == NL_BAND_6G && he40))
		widths |= 1 << 2;
	if ((b->vht && b->vht_capa & VHT_WIDTHS) || (band == NL_BAND_6G && b->he_phy0 & HE_160))
		widths |= 1 << 3;
	return widths;
}

/* First channel of the block of n channels of 20 MHz that holds `channel`; 0: there is none. */
static unsigned int block_start(enum nl_band_id band, unsigned int channel, unsigned int n)
{
	static const struct {
		unsigned int first, last;
	} ranges[] = { { 36, 64 }, { 100, 144 }, { 149, 177 } };
	unsigned int first = 1, last = 233, start;
	size_t i;

	if (band == NL_BAND_5G) {
		for (i = 0; i < ARRAY_SIZE(ranges); i++)
			if (channel >= ranges[i].first && channel <= ranges[i].last)
				break;
		if (i == ARRAY_SIZE(ranges))
			return 0;
		first = ranges[i].first;
		last = ranges[i].last;
	}
	if (channel < first || (channel - first) % 4)
		return 0;
	start = channel - (channel - first) / 4 % n * 4;
	return start + 4 * (n - 1) <= last ? start : 0;
}

unsigned int nl_block_center(enum nl_band_id band, unsigned int channel, unsigned int width)
{
	const unsigned int n = width / 20;
	const unsigned int start = band == NL_BAND_5G || band == NL_BAND_6G
					   ? block_start(band, channel, n ? n : 1)
					   : 0;

	return start && n ? nl_channel_to_mhz(band, start) + 10u * (n - 1) : 0;
}

/* Whether radar has to be looked for in the block, or an error. */
static int check_block(const struct nl_wiphy *w, enum nl_band_id band, unsigned int start,
		       unsigned int n, bool radar)
{
	const uint16_t no = n == 4 ? NL_CHAN_NO_80 : n == 8 ? NL_CHAN_NO_160 : 0;
	const struct nl_chan *c;
	bool found = false;
	unsigned int i;

	for (i = 0; i < n; i++) {
		c = nl_chan_find(&w->bands[band], start + 4 * i);
		if (!c)
			return -ENOENT;
		if (!nl_chan_usable(c, radar) || c->flags & no)
			return -EACCES;
		found |= c->flags & NL_CHAN_RADAR;
	}
	return found && !(w->radar_widths & n) ? -EACCES : found; /* 1, 2, 4, 8: the bit, too */
}

static int chandef_2g4_40(const struct nl_band *b, const struct nl_chan *c, int side,
			  struct nl_chandef *out)
{
	const struct nl_chan *up = nl_chan_find(b, c->number + 4u);
	const struct nl_chan *down = c->number > 4 ? nl_chan_find(b, c->number - 4u) : NULL;

	if (c->number == 14)
		return -ENOENT;
	if (side >= 0 && up && up->number != 14 && nl_chan_usable(up, false) &&
	    !(c->flags & NL_CHAN_NO_HT40P))
		out->second = 1;
	else if (side <= 0 && down && nl_chan_usable(down, false) && !(c->flags & NL_CHAN_NO_HT40M))
		out->second = -1;
	else
		return -EACCES;
	out->center = out->second > 0 ? c->mhz + 10u : c->mhz - 10u;
	return 0;
}

int nl_chandef(const struct nl_wiphy *w, enum nl_band_id band, unsigned int channel,
	       unsigned int width, bool radar, struct nl_chandef *out)
{
	return nl_chandef_beside(w, band, channel, width, 0, radar, out);
}

int nl_chandef_beside(const struct nl_wiphy *w, enum nl_band_id band, unsigned int channel,
		      unsigned int width, int side, bool radar, struct nl_chandef *out)
{
	const struct nl_band *b;
	const struct nl_chan *c;
	unsigned int n, start;
	int r;

	if (band >= NL_BANDS || !w->bands[band].present)
		return -EINVAL;
	b = &w->bands[band];
	for (n = 0; n < 4 && 20u << n != width; n++)
		;
	if (n == 4 || !(nl_widths(w, band) & 1u << n))
		return -EINVAL;
	c = nl_chan_find(b, channel);
	if (!c)
		return -ENOENT;
	if (!nl_chan_usable(c, radar))
		return -EACCES;
	*out = (struct nl_chandef){ .mhz = c->mhz, .width = width, .center = c->mhz };
	if (band == NL_BAND_2G4)
		return width == 20 ? 0 : chandef_2g4_40(b, c, side, out);
	start = width == 20 ? channel : block_start(band, channel, 1u << n);
	if (!start)
		return -ENOENT;
	if ((r = check_block(w, band, start, 1u << n, radar)) < 0)
		return r;
	out->radar = r;
	if (width == 20)
		return 0;
	out->second = (channel - start) / 4 % 2 ? -1 : 1;
	if (side && side != out->second) /* elsewhere than in 2.4 GHz the channel decides */
		return -ENOENT;
	if (c->flags & (out->second > 0 ? NL_CHAN_NO_HT40P : NL_CHAN_NO_HT40M))
		return -EACCES;
	out->center = nl_block_center(band, channel, width);
	return 0;
}
