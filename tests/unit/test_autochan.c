/* SPDX-License-Identifier: Apache-2.0 */
/* Which channel is chosen: a radio of two bands, a survey of it, and access points around it. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "wifi/autochan.h"

static struct nl_wiphy wiphy;
static struct autochan at;

static void add(enum nl_band_id band, unsigned int channel, uint16_t flags)
{
	struct nl_band *b = &wiphy.bands[band];

	b->present = b->ht = b->vht = true;
	b->ht_capa = 2; /* 40 MHz */
	b->chans[b->nchans++] = (struct nl_chan){ .number = (uint16_t)channel,
						  .mhz = (uint16_t)nl_channel_to_mhz(band, channel),
						  .flags = flags };
}

static int setup(void **state)
{
	unsigned int n;

	memset(&wiphy, 0, sizeof(wiphy));
	for (n = 1; n <= 13; n++)
		add(NL_BAND_2G4, n, n == 13 ? NL_CHAN_NO_IR : 0);
	for (n = 36; n <= 64; n += 4)
		add(NL_BAND_5G, n, n >= 60 ? NL_CHAN_RADAR : 0);
	add(NL_BAND_5G, 165, 0);
	autochan_begin(&at, &wiphy, NL_BAND_2G4);
	return 0;
}

static bool survey(unsigned int channel, uint64_t active, uint64_t busy, uint64_t own)
{
	const struct nl_survey v = { .mhz = nl_channel_to_mhz(at.band, channel),
				     .has_busy = true,
				     .active_ms = active,
				     .busy_ms = busy,
				     .own_ms = own };

	return autochan_survey(&at, &v);
}

/* Every channel, as busy as mac80211_hwsim has it. */
static void measure(enum nl_band_id band)
{
	uint32_t i;

	autochan_begin(&at, &wiphy, band);
	for (i = 0; i < wiphy.bands[band].nchans; i++)
		assert_true(survey(wiphy.bands[band].chans[i].number, 104, 13, 0));
}

static void hear(unsigned int channel, uint16_t width, int8_t signal)
{
	const struct nl_bss b = { .mhz = (uint16_t)nl_channel_to_mhz(at.band, channel),
				  .width = width,
				  .has_signal = true,
				  .signal = signal };

	autochan_heard(&at, &b);
}

static void nothing_is_chosen_without_a_survey(void **state)
{
	const struct nl_survey noise = { .mhz = 2437, .has_noise = true, .active_ms = 50 };
	const struct nl_survey never = { .mhz = 2437, .has_busy = true };
	const struct nl_survey elsewhere = { .mhz = 5180, .has_busy = true, .active_ms = 9 };

	hear(6, 20, -40);
	assert_false(autochan_survey(&at, &noise));
	assert_false(autochan_survey(&at, &never));
	assert_false(autochan_survey(&at, &elsewhere));
	assert_int_equal(autochan_choose(&at, 6, 20), 0);
	/* who is on a channel that was not measured stays: nothing says that another is better */
	assert_true(survey(1, 100, 0, 0));
	assert_int_equal(autochan_choose(&at, 6, 20), 6);
	assert_int_equal(autochan_choose(&at, 13, 20), 1); /* where it may not be at all */
}

static void the_least_busy_channel_is_chosen_and_own_traffic_is_no_reason(void **state)
{
	measure(NL_BAND_2G4);
	assert_int_equal(autochan_choose(&at, 9, 20), 9); /* all are alike */
	assert_int_equal(autochan_choose(&at, 0, 20), 1);
	survey(6, 1000, 900, 800);
	assert_int_equal(autochan_choose(&at, 6, 20), 6);
	survey(6, 1000, 900, 0);
	assert_int_equal(autochan_choose(&at, 6, 20), 1);
	survey(11, 1000, 1, 0);
	survey(12, 1000, 1, 0);
	assert_int_equal(autochan_choose(&at, 6, 20), 1); /* 13 reaches into 12, 10 into 11 */
	survey(13, 1000, 1, 0);
	assert_int_equal(autochan_choose(&at, 6, 20), 12);
	survey(11, 10, UINT64_MAX, 0); /* nonsense is a busy channel */
	survey(12, UINT64_MAX, UINT64_MAX - 1, 0);
	assert_int_equal(autochan_choose(&at, 6, 20), 1);
}

static void stations_are_not_moved_for_little(void **state)
{
	measure(NL_BAND_2G4);
	survey(6, 1000, 125 + AUTOCHAN_GAIN - 1, 0);
	assert_int_equal(autochan_choose(&at, 6, 20), 6);
	survey(6, 1000, 125 + AUTOCHAN_GAIN, 0);
	assert_int_equal(autochan_choose(&at, 6, 20), 1);
	measure(NL_BAND_2G4);
	hear(6, 20, -95);
	assert_int_equal(autochan_choose(&at, 6, 20), 6);
	hear(6, 20, -95);
	assert_int_equal(autochan_choose(&at, 6, 20), 1);
}

static void neighbors_count_where_their_signal_reaches(void **state)
{
	measure(NL_BAND_2G4);
	hear(1, 20, -30);
	assert_int_equal(autochan_choose(&at, 1, 20), 6);
	hear(6, 20, -30);
	assert_int_equal(autochan_choose(&at, 1, 20), 11);
	assert_int_equal(autochan_choose(&at, 3, 20), 11); /* between two is in both */
	hear(11, 20, -60);
	assert_int_equal(autochan_choose(&at, 1, 20), 1); /* they are everywhere */
	hear(1, 20, -30);
	hear(6, 20, -30);
	assert_int_equal(autochan_choose(&at, 1, 20), 11);
	hear(44, 20, -30); /* not of this band: mhz 0 */
	assert_int_equal(at.n, 5);
}

static void wide_blocks_are_chosen_as_a_whole(void **state)
{
	measure(NL_BAND_5G);
	hear(44, 80, -40); /* 36 to 48 */
	assert_int_equal(autochan_choose(&at, 36, 20), 52);
	assert_int_equal(autochan_choose(&at, 36, 40), 52);
	assert_int_equal(autochan_choose(&at, 36, 80), 36); /* 60 and 64 need radar detection */
	measure(NL_BAND_5G);
	hear(40, 20, -40);
	assert_int_equal(autochan_choose(&at, 36, 20), 36);
	assert_int_equal(autochan_choose(&at, 36, 40), 44);
	survey(48, 100, 90, 0);
	assert_int_equal(autochan_choose(&at, 36, 40), 52);
	assert_int_equal(autochan_choose(&at, 165, 40), 52); /* has no 40 MHz */
	assert_int_equal(autochan_choose(&at, 165, 20), 165);
	assert_int_equal(autochan_choose(&at, 36, 160), 0);
}

static void whatever_is_heard_the_choice_may_be_used_and_does_not_swing(void **state)
{
	unsigned int round, i, first;
	struct nl_bss b;

	srandom(1);
	for (round = 0; round < 2000; round++) {
		measure(round % 2 ? NL_BAND_5G : NL_BAND_2G4);
		for (i = 0; i < 200; i++) {
			b = (struct nl_bss){ .mhz = (uint16_t)(2400 + random() % 5000),
					     .width = (uint16_t)(random() % 200),
					     .has_signal = random() % 2,
					     .signal = (int8_t)(random() % 256 - 128) };
			autochan_heard(&at, &b);
			(void)survey((unsigned int)random() % 14, (uint64_t)random() % 100,
				     (uint64_t)random() % 100, 0);
		}
		assert_true(at.n <= WIFI_NEIGHBORS_MAX);
		first = autochan_choose(&at, (unsigned int)random() % 70, 20);
		assert_true(nl_chan_usable(nl_chan_find(&wiphy.bands[at.band], first), false));
		assert_int_equal(autochan_choose(&at, first, 20), first);
	}
}

#define WITH(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(nothing_is_chosen_without_a_survey),
		WITH(the_least_busy_channel_is_chosen_and_own_traffic_is_no_reason),
		WITH(stations_are_not_moved_for_little),
		WITH(neighbors_count_where_their_signal_reaches),
		WITH(wide_blocks_are_chosen_as_a_whole),
		WITH(whatever_is_heard_the_choice_may_be_used_and_does_not_swing),
	};

	return cmocka_run_group_tests_name("autochan", tests, NULL, NULL);
}
