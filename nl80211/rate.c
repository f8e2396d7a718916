/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The highest PHY rate of a radio, from what it says of streams, MCS and widths: data bits of one
 * symbol over its time (IEEE 802.11 19.5, 21.5, 27.5).
 */
#include "nl80211/wiphy.h"

#define HT_SGI_20 0x0020 /* IEEE 802.11 9.4.2.55.2 */
#define HT_SGI_40 0x0040
#define VHT_SGI_80 0x00000020 /* 9.4.2.157.2 */
#define VHT_SGI_160 0x00000040
#define HE_40_IN_2G4 0x02
#define HE_40_80 0x04
#define HE_160 0x08

/* Symbol times in ns, with the shortest guard interval that both ends know */
#define SYMBOL_LONG_GI 4000
#define SYMBOL_SHORT_GI 3600
#define SYMBOL_HE 13600

#define RATE_OFDM 54000 /* kbit/s */
#define RATE_DSSS 11000

/* sixths: data bits that one subcarrier carries in one symbol, in 1/6 */
static uint32_t kbps(uint32_t streams, uint32_t subcarriers, uint32_t sixths, uint32_t symbol)
{
	return (uint32_t)((uint64_t)streams * subcarriers * sixths * 1000000 / 6 / symbol);
}

static uint32_t best_ht(const struct nl_band *b, unsigned int widths)
{
	const bool wide = widths & 2;
	const bool sgi = b->ht_capa & (wide ? HT_SGI_40 : HT_SGI_20);

	return kbps(b->ht_streams, wide ? 108 : 52, 30, sgi ? SYMBOL_SHORT_GI : SYMBOL_LONG_GI);
}

/*
 * Of a map with two bits for each number of streams (9.4.2.157.3, 9.4.2.248.4): the most streams,
 * and the code of the highest MCS with so many. 3: not with so many.
 */
static uint32_t streams_of(uint16_t map, unsigned int *code)
{
	uint32_t n;

	for (n = 8; n; n--) {
		*code = map >> 2 * (n - 1) & 3;
		if (*code != 3)
			break;
	}
	return n;
}

static uint32_t best_vht(const struct nl_band *b, unsigned int widths)
{
	static const uint32_t subcarriers[] = { 52, 108, 234, 468 };
	static const uint32_t sixths[] = { 30, 36, 40 }; /* MCS 7, 8, 9 */
	unsigned int code, w = widths & 8 ? 3 : widths & 4 ? 2 : widths & 2 ? 1 : 0;
	const uint32_t streams = streams_of(b->vht_map, &code);
	const bool sgi = w == 3	  ? b->vht_capa & VHT_SGI_160
			 : w == 2 ? b->vht_capa & VHT_SGI_80
				  : b->ht_capa & (w ? HT_SGI_40 : HT_SGI_20);

	if (!streams)
		return 0;
	if (w == 0 && code == 2 && streams % 3) /* not defined (21.5) */
		code = 1;
	return kbps(streams, subcarriers[w], sixths[code], sgi ? SYMBOL_SHORT_GI : SYMBOL_LONG_GI);
}

/* HE has its own bits for the widths (9.4.2.248.3). */
static uint32_t best_he(const struct nl_band *b, bool below_5ghz)
{
	const bool wide = b->he_phy0 & (below_5ghz ? HE_40_IN_2G4 : HE_40_80);
	static const uint32_t sixths[] = { 30, 40, 50 }; /* MCS 7, 9, 11 */
	unsigned int code;
	uint32_t streams, best = 0, at160;

	streams = streams_of(b->he_map80, &code);
	if (streams)
		best = kbps(streams, !wide ? 234 : below_5ghz ? 468 : 980, sixths[code], SYMBOL_HE);
	streams = b->he_phy0 & HE_160 && !below_5ghz ? streams_of(b->he_map160, &code) : 0;
	at160 = streams ? kbps(streams, 1960, sixths[code], SYMBOL_HE) : 0;
	return at160 > best ? at160 : best;
}

uint32_t nl_max_kbps(const struct nl_wiphy *w, enum nl_band_id band)
{
	const struct nl_band *b = &w->bands[band];
	const unsigned int widths = nl_widths(w, band);
	uint32_t best = b->ofdm ? RATE_OFDM : b->dsss ? RATE_DSSS : 0, rate;

	if (b->ht && (rate = best_ht(b, widths)) > best)
		best = rate;
	if (b->vht && (rate = best_vht(b, widths)) > best)
		best = rate;
	if (b->he && (rate = best_he(b, band == NL_BAND_2G4)) > best)
		best = rate;
	return best;
}
