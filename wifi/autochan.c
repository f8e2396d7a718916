/* SPDX-License-Identifier: Apache-2.0 */
#include "wifi/autochan.h"

#include <string.h>

#define QUIET_DBM (-95) /* an access point that is just about heard */
#define LOUD_DBM (-45)	/* one in the same room; louder ones are no worse */
#define QUIET_COST 50u	/* thousandths of the time */
#define LOUD_COST 150u
#define BESIDE_MHZ 5u /* in 2.4 GHz, where signals are 22 MHz wide: 1, 6 and 11 do not meet */

void autochan_begin(struct autochan *a, const struct nl_wiphy *w, enum nl_band_id band)
{
	memset(a, 0, sizeof(*a));
	a->wiphy = w;
	a->band = band;
}

bool autochan_survey(struct autochan *a, const struct nl_survey *v)
{
	const struct nl_band *b = &a->wiphy->bands[a->band];
	uint64_t others;
	uint32_t i;

	if (!v->has_busy || !v->active_ms)
		return false;
	for (i = 0; i < b->nchans && b->chans[i].mhz != v->mhz; i++)
		;
	if (i == b->nchans)
		return false;
	others = v->busy_ms > v->own_ms ? v->busy_ms - v->own_ms : 0;
	a->chans[i].measured = true;
	a->chans[i].busy = 1000;
	if (others < v->active_ms && others < UINT64_MAX / 1000)
		a->chans[i].busy = (uint16_t)(others * 1000 / v->active_ms);
	return true;
}

void autochan_heard(struct autochan *a, const struct nl_bss *bss)
{
	const unsigned int width = bss->width > 20 ? bss->width : 20;
	const unsigned int center = nl_block_center(a->band, nl_mhz_to_channel(bss->mhz), width);
	int dbm = bss->has_signal ? bss->signal : (QUIET_DBM + LOUD_DBM) / 2;

	if (nl_mhz_band(bss->mhz) != a->band || a->n == WIFI_NEIGHBORS_MAX)
		return;
	dbm = dbm < QUIET_DBM ? QUIET_DBM : dbm > LOUD_DBM ? LOUD_DBM : dbm;
	a->heard[a->n].center = (uint16_t)(center ? center : bss->mhz);
	a->heard[a->n].width = (uint16_t)(center ? width : 20);
	a->heard[a->n].cost =
		(uint16_t)(QUIET_COST + (LOUD_COST - QUIET_COST) * (unsigned int)(dbm - QUIET_DBM) /
						(LOUD_DBM - QUIET_DBM));
	a->n++;
}

static unsigned int apart(unsigned int a, unsigned int b)
{
	return a > b ? a - b : b - a;
}

static unsigned int cost_of(const struct autochan *a, const struct nl_chandef *def)
{
	const unsigned int beside = a->band == NL_BAND_2G4 ? BESIDE_MHZ : 0;
	const struct nl_band *b = &a->wiphy->bands[a->band];
	unsigned int cost = 0;
	uint32_t i;

	for (i = 0; i < b->nchans; i++)
		if (a->chans[i].measured && apart(b->chans[i].mhz, def->center) < def->width / 2 &&
		    a->chans[i].busy > cost)
			cost = a->chans[i].busy;
	for (i = 0; i < a->n; i++)
		if (apart(a->heard[i].center, def->center) <
		    (a->heard[i].width + def->width) / 2 + beside)
			cost += a->heard[i].cost;
	return cost;
}

/* Among equals: where the others of the band are, so that fewer channels are disturbed. */
static bool customary(const struct autochan *a, unsigned int channel)
{
	return a->band == NL_BAND_2G4 && (channel == 1 || channel == 6 || channel == 11);
}

unsigned int autochan_choose(const struct autochan *a, unsigned int now, unsigned int width)
{
	const struct nl_band *b = &a->wiphy->bands[a->band];
	unsigned int best = 0, least = 0, stay = UINT32_MAX, cost;
	struct nl_chandef def;
	uint32_t i;

	for (i = 0; i < b->nchans; i++) {
		const unsigned int channel = b->chans[i].number;

		if (nl_chandef(a->wiphy, a->band, channel, width, false, &def) < 0)
			continue;
		cost = cost_of(a, &def);
		if (channel == now)
			stay = a->chans[i].measured ? cost : 0;
		if (!a->chans[i].measured)
			continue;
		if (!best || cost < least ||
		    (cost == least && customary(a, channel) && !customary(a, best))) {
			best = channel;
			least = cost;
		}
	}
	return best && stay < least + AUTOCHAN_GAIN ? now : best;
}
