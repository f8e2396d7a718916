/* SPDX-License-Identifier: Apache-2.0 */
/* Plans for channels where radar has to be looked for before an access point sends. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "wifi/plan.h"

static struct nl_wiphys wiphys;
static struct plan_radio radio;
static struct plan_done done;

static int setup(void **state)
{
	struct nl_wiphy *w = wiphys.w;
	struct nl_band *b = &w->bands[NL_BAND_5G];

	memset(&wiphys, 0, sizeof(wiphys));
	wiphys.n = 1;
	w->max_ap = 1;
	w->radar_widths = 1;
	b->present = true;
	b->chans[b->nchans++] = (struct nl_chan){ .mhz = 5180, .number = 36 };
	b->chans[b->nchans++] =
		(struct nl_chan){ .mhz = 5260, .number = 52, .flags = NL_CHAN_RADAR };
	b = &w->bands[NL_BAND_2G4];
	b->present = true;
	b->chans[b->nchans++] = (struct nl_chan){ .mhz = 2437, .number = 6 };
	radio = (struct plan_radio){
		.band = RADIO_5G, .channel = 52, .width = 20, .enable = 1, .radar = 1
	};
	return 0;
}

static int check(const char *country)
{
	const struct plan_bss bss = { .ssid_len = 1, .ssid = "x" };
	static struct plan plan;

	memset(&plan, 0, sizeof(plan));
	plan.begin.radios = plan.begin.bsses = 1;
	memcpy(plan.begin.country, country, strlen(country));
	memset(&done, 0, sizeof(done));
	assert_int_equal(plan_put_radio(&plan, &radio), 0);
	assert_int_equal(plan_put_bss(&plan, &bss), 0);
	return plan_check(&plan, &wiphys, "", &done);
}

static void I5_channels_with_radar_want_a_country_and_a_radio_that_looks(void **state)
{
	assert_int_equal(check("DE"), 0);
	assert_int_equal(check(""), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_RADAR);
	assert_non_null(strstr(done.why, "country"));
	radio.radar = 0;
	assert_int_equal(check("DE"), -EACCES);
	assert_int_equal(done.field, PLAN_FIELD_CHANNEL);
	radio.radar = 1;
	wiphys.w[0].radar_widths = 0;
	assert_int_equal(check("DE"), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_RADAR);
	wiphys.w[0].radar_widths = 2; /* in other widths than this */
	assert_int_equal(check("DE"), -EACCES);
	assert_int_equal(done.field, PLAN_FIELD_WIDTH);
	wiphys.w[0].radar_widths = 1;
	radio.channel = 36; /* no radar there: it may be moved to when some is found */
	assert_int_equal(check("DE"), 0);
	radio.band = RADIO_2G4;
	radio.channel = 6;
	assert_int_equal(check("DE"), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_RADAR);
}

static void what_was_found_does_not_take_a_plan_away(void **state)
{
	struct nl_chan *c = &wiphys.w[0].bands[NL_BAND_5G].chans[1];

	c->flags |= NL_CHAN_RADAR_FOUND; /* hostapd starts elsewhere */
	assert_int_equal(check("DE"), 0);
	c->flags |= NL_CHAN_NO_IR;
	assert_int_equal(check("DE"), -EACCES);
}

static void looking_is_another_file_for_hostapd(void **state)
{
	struct plan_radio to = radio;

	to.channel = 36;
	assert_int_equal(plan_radio_change(&radio, &to), PLAN_MOVE);
	to.radar = 0;
	assert_int_equal(plan_radio_change(&radio, &to), PLAN_NEW);
}

#define WITH(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(I5_channels_with_radar_want_a_country_and_a_radio_that_looks),
		WITH(what_was_found_does_not_take_a_plan_away),
		WITH(looking_is_another_file_for_hostapd),
	};

	return cmocka_run_group_tests_name("radar", tests, NULL, NULL);
}
