/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which channel of a band an access point is best on, from the survey of its radio and from the
 * access points that a scan heard. Pure: the same facts give the same channel.
 *
 * A channel costs what others fill of its time, in thousandths (the worst of those that lie in the
 * block), and something for each access point in the block or too near to it, by how loud it is:
 * who is idle now need not be tomorrow. Whoever sends beacons near the box can drive it from
 * channel to channel of those that it may use, and no further.
 */
#pragma once

#include "lib/limits.h"
#include "nl80211/bss.h"
#include "nl80211/dump.h"
#include "nl80211/wiphy.h"

#define AUTOCHAN_GAIN 100 /* thousandths: stations are not moved for less */

struct autochan {
	const struct nl_wiphy *wiphy;
	enum nl_band_id band;
	struct {
		bool measured;
		uint16_t busy; /* thousandths of its time, by others */
	} chans[NL_CHANS_MAX]; /* parallel to those of the band */
	uint32_t n;
	struct {
		uint16_t center, width; /* MHz */
		uint16_t cost;
	} heard[WIFI_NEIGHBORS_MAX]; /* in this band; of more than there is room for the first */
};

void autochan_begin(struct autochan *, const struct nl_wiphy *, enum nl_band_id);
/* Does the driver tell what a choice needs, of a channel of this band? */
bool autochan_survey(struct autochan *, const struct nl_survey *);
void autochan_heard(struct autochan *, const struct nl_bss *);
/*
 * Of the channels that may be used with a block of width MHz around them and were measured: the one
 * that costs least, but `now` as long as none costs AUTOCHAN_GAIN less. 0: there is none. A `now`
 * that may be used so and was not measured stays.
 */
unsigned int autochan_choose(const struct autochan *, unsigned int now, unsigned int width);
