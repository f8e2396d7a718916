/* SPDX-License-Identifier: Apache-2.0 */
/* AutoChannelEnable: when a radio listens, what comes of it, and what ends it. */
#include "agent/kernel/wifi.h"
#include "lib/clock.h"

#define clock_mono_ms test_clock
#define wifi_reader_heard test_heard
#define wifi_reader_survey test_survey

uint64_t test_clock(void);
int test_heard(struct wifi_reader *, uint32_t ifindex, nl80211_bss_fn fn, void *arg);
int test_survey(struct wifi_reader *, uint32_t ifindex, nl80211_survey_fn fn, void *arg);

#include "agent/tr181/wifi_air.c"
#include "agent/tr181/wifi_auto.c"

#include "tests/unit/wifi_world.h"

/* The air around the radio */
static struct {
	uint64_t clock;
	bool measures; /* its driver does, and has */
	unsigned int surveys;
	unsigned int loud_on; /* a channel with an access point */
	int fails;
} around;

uint64_t test_clock(void)
{
	return around.clock;
}

int test_heard(struct wifi_reader *r, uint32_t ifindex, nl80211_bss_fn fn, void *arg)
{
	struct nl_bss b = { .has_signal = true, .signal = -40 };

	b.mhz = (uint16_t)nl_channel_to_mhz(around.loud_on > 14 ? NL_BAND_5G : NL_BAND_2G4,
					    around.loud_on);
	if (b.mhz)
		fn(arg, &b);
	return around.fails;
}

int test_survey(struct wifi_reader *r, uint32_t ifindex, nl80211_survey_fn fn, void *arg)
{
	struct nl_survey v = { .has_noise = true };
	const struct nl_band *b;
	uint32_t i, n;

	around.surveys++;
	for (n = 0; n < NL_BANDS; n++)
		for (b = &r->wiphys.w[0].bands[n], i = 0; i < b->nchans; i++) {
			v.mhz = b->chans[i].mhz;
			v.has_busy = around.measures;
			v.active_ms = around.measures ? 100 : 0;
			fn(arg, &v);
		}
	return 0;
}

static int start(void **state)
{
	memset(&around, 0, sizeof(around));
	around.clock = 1000000;
	around.measures = true;
	return setup(state);
}

static void look(void)
{
	dm_rpc_begin(dm);
	wifi_auto_look(dm_ctx(dm_single(dm, &wifi)));
}

static void scan_ends(void)
{
	wifi_auto_scanned(dm_ctx(dm_single(dm, &wifi)), 0);
	look();
}

#define RADIO "Device.WiFi.Radio.1."

static void only_who_measures_can_choose(void **state)
{
	around.measures = false;
	assert_string_equal(get(RADIO "AutoChannelSupported"), "false");
	assert_int_equal(set("Radio.1.AutoChannelEnable=true", NULL), DM_EVALUE);
	assert_string_equal(fault.path, RADIO "AutoChannelEnable");
	around.measures = true;
	assert_string_equal(get(RADIO "AutoChannelSupported"), "true");
	around.surveys = 0;
	assert_string_equal(get(RADIO "AutoChannelSupported"), "true");
	assert_int_equal(around.surveys, 0); /* it is known now */
	assert_string_equal(get("Device.WiFi.Radio.2.AutoChannelSupported"), "false");
	assert_int_equal(set("Radio.1.AutoChannelEnable=true", NULL), DM_OK);
	assert_int_equal(set("Radio.1.AutoChannelRefreshPeriod=59", NULL), DM_EVALUE);
	assert_int_equal(set("Radio.1.AutoChannelRefreshPeriod=0", NULL), DM_OK);
}

static void the_radio_listens_and_moves_away_from_others(void **state)
{
	assert_string_equal(get(RADIO "Channel"), "6");
	look();
	assert_int_equal(role.scans, 0); /* nobody asked */
	assert_int_equal(set("Radio.1.AutoChannelEnable=true", NULL), DM_OK);
	look();
	look();
	assert_int_equal(role.scans, 1);
	assert_int_equal(role.commits, 1);
	around.loud_on = 6;
	scan_ends();
	assert_int_equal(role.commits, 2);
	assert_int_equal(role.radio[0].channel, 1);
	assert_string_equal(get(RADIO "Channel"), "1");
	assert_string_equal(get(RADIO "AutoChannelEnable"), "true");
	assert_string_equal(get(RADIO "ChannelsInUse"), "1,6");
	scan_ends(); /* somebody else's */
	look();
	assert_int_equal(role.scans, 1);
	assert_int_equal(role.commits, 2);
	/* after a restart it begins where it was, and listens */
	close_tree();
	open_tree();
	assert_int_equal(role.radio[0].channel, 1);
	look();
	assert_int_equal(role.scans, 2);
	scan_ends();
	assert_int_equal(role.radio[0].channel, 1);
	/* "the currently selected channel remains selected" */
	assert_int_equal(set("Radio.1.AutoChannelEnable=false", NULL), DM_OK);
	assert_string_equal(get(RADIO "Channel"), "1");
}

static void a_channel_that_is_written_ends_it(void **state)
{
	assert_string_equal(get(RADIO "AutoChannelSupported"), "true");
	assert_int_equal(set("Radio.1.AutoChannelEnable=true", "Radio.1.Channel=11", NULL), DM_OK);
	assert_string_equal(get(RADIO "AutoChannelEnable"), "true");
	assert_int_equal(role.radio[0].channel, 11);
	look();
	assert_int_equal(set("Radio.1.Channel=3", NULL), DM_OK);
	assert_string_equal(get(RADIO "AutoChannelEnable"), "false");
	around.loud_on = 3;
	scan_ends();
	assert_int_equal(role.radio[0].channel, 3);
	around.clock += WIFI_SCAN_MS;
	look();
	assert_int_equal(role.scans, 1);
}

static void another_band_is_another_choice(void **state)
{
	assert_string_equal(get(RADIO "AutoChannelSupported"), "true");
	assert_int_equal(set("Radio.1.AutoChannelEnable=true", NULL), DM_OK);
	look();
	scan_ends();
	assert_int_equal(role.scans, 1);
	assert_int_equal(set("Radio.1.OperatingFrequencyBand=5GHz",
			     "Radio.1.OperatingChannelBandwidth=20MHz", NULL),
			 DM_OK);
	assert_string_equal(get(RADIO "Channel"), "36");
	look();
	assert_int_equal(role.scans, 2);
	around.loud_on = 36;
	scan_ends();
	assert_string_equal(get(RADIO "Channel"), "40");
	assert_string_equal(get(RADIO "AutoChannelEnable"), "true");
}

static void the_period_brings_it_back_and_nothing_else_does(void **state)
{
	assert_string_equal(get(RADIO "AutoChannelSupported"), "true");
	assert_int_equal(set("Radio.1.AutoChannelEnable=true", NULL), DM_OK);
	look();
	scan_ends();
	around.clock += UINT64_C(1000) * UINT32_MAX;
	look();
	assert_int_equal(role.scans, 1);
	assert_int_equal(set("Radio.1.AutoChannelRefreshPeriod=600", NULL), DM_OK);
	look();
	assert_int_equal(role.scans, 2);
	scan_ends();
	around.clock += 599999;
	look();
	assert_int_equal(role.scans, 2);
	around.clock++;
	look();
	assert_int_equal(role.scans, 3);
	/* that one never ends */
	around.clock += WIFI_SCAN_MS;
	look();
	assert_int_equal(role.scans, 3);
	around.clock += 600000;
	look();
	assert_int_equal(role.scans, 4);
	assert_int_equal(role.commits, 1);
}

static void what_fails_leaves_the_channel_as_it_is(void **state)
{
	const struct wifi_radio_row *row;

	around.loud_on = 6;
	assert_string_equal(get(RADIO "AutoChannelSupported"), "true");
	role.scan_fails = -ENETDOWN;
	assert_int_equal(
		set("Radio.1.AutoChannelEnable=true", "Radio.1.AutoChannelRefreshPeriod=60", NULL),
		DM_OK);
	look();
	scan_ends(); /* of another's scan nothing was asked */
	assert_int_equal(role.scans, 1);
	role.scan_fails = -EBUSY; /* another's scan is on: that will do */
	around.clock += 60000;
	look();
	around.fails = -EINTR;
	scan_ends();
	assert_int_equal(role.commits, 1);
	around.fails = 0;
	around.clock += 60000;
	look();
	assert_int_equal(role.scans, 3);
	role.says = (struct plan_done){ .error = -EIO, .why = "no" };
	scan_ends();
	assert_int_equal(role.commits, 2);
	assert_string_equal(get(RADIO "Channel"), "6");
	role.says.error = 0;
	around.clock += 60000;
	look();
	scan_ends();
	assert_string_equal(get(RADIO "Channel"), "1");
	row = dm_row_at(dm_single(dm, &wifi), &wifi_radio, 0)->data;
	assert_int_equal(row->choice, AUTO_CHOSEN);
}

static void a_driver_without_a_survey_ends_what_the_factory_asked_for(void **state)
{
	close_tree();
	write_factory(HOME "Device.WiFi.Radio.1.AutoChannelEnable = true\n"
			   "Device.WiFi.Radio.1.AutoChannelRefreshPeriod = 60\n");
	around.measures = false;
	open_tree();
	assert_string_equal(get(RADIO "AutoChannelSupported"), "true"); /* as it once was */
	look();
	assert_int_equal(role.scans, 1);
	scan_ends();
	assert_string_equal(get(RADIO "AutoChannelSupported"), "false");
	assert_string_equal(get(RADIO "AutoChannelEnable"), "false");
	around.clock += 60000;
	look();
	assert_int_equal(role.scans, 1);
}

static void a_minute_off_the_air_is_never_chosen(void **state)
{
	more_of_kernel = radar_around;
	radar_around();
	assert_string_equal(get(RADIO "AutoChannelSupported"), "true");
	assert_int_equal(set("Radio.1.OperatingFrequencyBand=5GHz", "Radio.1.AutoChannelEnable=1",
			     "Radio.1.RegulatoryDomain=DE ", "Radio.1.IEEE80211hEnabled=1",
			     "Radio.1.OperatingChannelBandwidth=20MHz", NULL),
			 DM_OK);
	look();
	around.loud_on = 36;
	scan_ends();
	assert_int_equal(role.radio[0].channel, 36);
}

static void what_was_heard_is_forgotten(void **state)
{
	around.loud_on = 3;
	scan_ends();
	assert_string_equal(get(RADIO "ChannelsInUse"), "3,6");
	around.clock += WIFI_HEARD_MS;
	assert_string_equal(get(RADIO "ChannelsInUse"), "6");
	around.loud_on = 40;
	scan_ends();
	assert_string_equal(get(RADIO "ChannelsInUse"), "6");
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, start, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(only_who_measures_can_choose),
		WITH(the_radio_listens_and_moves_away_from_others),
		WITH(a_channel_that_is_written_ends_it),
		WITH(another_band_is_another_choice),
		WITH(the_period_brings_it_back_and_nothing_else_does),
		WITH(what_fails_leaves_the_channel_as_it_is),
		WITH(a_driver_without_a_survey_ends_what_the_factory_asked_for),
		WITH(a_minute_off_the_air_is_never_chosen),
		WITH(what_was_heard_is_forgotten),
	};

	return cmocka_run_group_tests_name("wifi_auto", tests, NULL, NULL);
}
