/* SPDX-License-Identifier: Apache-2.0 */
/* The radio role with as much as a plan can hold: eight radios, sixteen BSS on each. */
#include "tests/unit/radio_world.h"

static struct plan_done done;

static void new_world(void)
{
	unsigned int i;
	char name[NL_IFNAME_MAX];

	empty_world();
	for (i = 0; i < RADIO_MAX; i++) {
		struct nl_wiphy *w = &wiphys.w[wiphys.n++];
		struct nl_band *b = &w->bands[NL_BAND_2G4];

		w->index = i;
		(void)snprintf(w->name, sizeof(w->name), "phy%u", i);
		w->max_ap = RADIO_BSS_MAX;
		b->present = true;
		b->chans[b->nchans++] =
			(struct nl_chan){ .mhz = 2412, .max_mbm = 2000, .number = 1 };
		b = &w->bands[NL_BAND_5G];
		b->present = b->ht = true;
		b->ht_capa = 1 << 1; /* 40 MHz */
		b->chans[b->nchans++] =
			(struct nl_chan){ .mhz = 5180, .max_mbm = 2000, .number = 36 };
		b->chans[b->nchans++] =
			(struct nl_chan){ .mhz = 5200, .max_mbm = 2000, .number = 40 };
		(void)snprintf(name, sizeof(name), "wlan%u", i);
		put_iface(&world.ifaces, name, i);
	}
}

static int commit(bool standing)
{
	const struct plan_begin begin = { .standing = standing,
					  .radios = RADIO_MAX,
					  .bsses = RADIO_MAX * RADIO_BSS_MAX };
	unsigned int i, s;

	assert_int_equal(asroot_plan_begin(r, &begin), 0);
	for (i = 0; i < RADIO_MAX; i++) {
		const struct plan_radio q = {
			.radio = i, .wiphy = i, .channel = 1, .width = 20, .enable = 1
		};

		assert_int_equal(asroot_plan_radio(r, &q), 0);
		for (s = 0; s < RADIO_BSS_MAX; s++) {
			const struct plan_bss b = { .radio = i,
						    .slot = s,
						    .ssid_len = 2,
						    .ssid = { (uint8_t)('A' + i),
							      (uint8_t)('a' + s) } };

			assert_int_equal(asroot_plan_bss(r, &b), 0);
		}
	}
	memset(&done, 0, sizeof(done));
	return asroot_plan_commit(r, &done);
}

static void no_more_steps(void)
{
	world.adds = world.removes = 0;
}

/* Some link has gone quiet: the role looks. */
static void look(void)
{
	struct pollfd p;

	assert_int_equal(radio_role.polls(r, &p), 1);
	p.revents = POLLIN;
	world.lost = true;
	radio_role.polled(r, &p, 1);
	world.clock += (uint64_t)radio_role.timeout(r);
	radio_role.tick(r);
}

static void let_time_pass(unsigned int looks)
{
	int ms;

	while (looks-- && (ms = radio_role.timeout(r)) >= 0) {
		world.clock += (uint64_t)ms;
		radio_role.tick(r);
	}
}

static void everything_a_plan_can_hold_is_put_on_the_air_once(void **state)
{
	new_world();
	assert_int_equal(commit(false), 0);
	assert_int_equal(world.nbss, RADIO_MAX * RADIO_BSS_MAX);
	assert_int_equal(world.adds, RADIO_MAX * RADIO_BSS_MAX);
	no_more_steps();
	look();
	assert_int_equal(commit(false), 0);
	assert_int_equal(world.adds + world.removes, 0);
}

/* hostapd leaves out of a list what has no room: that is not gone, and what is gone is noticed. */
static void a_list_that_hostapd_cuts_off_takes_nothing_away(void **state)
{
	new_world();
	assert_int_equal(commit(false), 0);
	no_more_steps();
	for (world.others = 0; world.others < 30; world.others++) {
		look();
		assert_int_equal(world.adds + world.removes, 0);
		assert_true(r->holds);
	}
	assert_int_equal(commit(false), 0);
	assert_int_equal(world.adds + world.removes, 0);
	drop_bss(find_bss("wlan5-11"));
	look();
	assert_int_equal(world.adds, 1);
	assert_int_equal(world.removes, 0);
	assert_int_equal(world.nbss, RADIO_MAX * RADIO_BSS_MAX);
}

/* A single look that does not show a BSS is no reason to take a radio's stations away. */
static void what_the_kernel_does_not_show_for_a_moment_is_not_lost(void **state)
{
	new_world();
	assert_int_equal(commit(false), 0);
	no_more_steps();
	world.blinks = 3;
	look();
	assert_int_equal(world.blinks, 0);
	assert_int_equal(world.adds + world.removes, 0);
	assert_true(r->holds);
	world.blinks = RADIO_SETTLE_MS / RADIO_POLL_MS + 2;
	look(); /* that long: it is */
	let_time_pass(3);
	assert_int_equal(world.removes, 1);
	assert_int_equal(world.adds, RADIO_BSS_MAX);
	assert_true(r->holds);
}

/* What was begun is waited for: an answer that comes too late says nothing about what is. */
static void a_slow_hostapd_gets_there_and_loses_nothing(void **state)
{
	unsigned int ms;

	for (ms = 50; ms <= 450; ms += 100) {
		new_world();
		world.slow_ms = ms; /* up to 7 s for the REMOVE of a whole radio */
		(void)commit(true);
		let_time_pass(20);
		assert_int_equal(world.nbss, RADIO_MAX * RADIO_BSS_MAX);
		assert_true(r->holds);
		no_more_steps();
		memset(r->live, 0, sizeof(r->live)); /* as a new process: it knows of nothing */
		look();
		let_time_pass(20);
		assert_int_equal(world.nbss, RADIO_MAX * RADIO_BSS_MAX);
		assert_true(r->holds);
		assert_true(world.removes < 2 * RADIO_MAX);
	}
}

/* After its first BSS a radio has none: hostapd is not asked to remove what is gone already. */
static void what_went_along_is_not_removed_again(void **state)
{
	new_world();
	assert_int_equal(commit(false), 0);
	memset(r->live, 0, sizeof(r->live));
	no_more_steps();
	assert_int_equal(commit(false), 0);
	assert_int_equal(world.removes, RADIO_MAX);
	assert_int_equal(world.misses, 0);
	assert_int_equal(world.adds, RADIO_MAX * RADIO_BSS_MAX);
}

/* 40 MHz in 5 GHz: a neighbour decides which 20 of them are the first. */
static void the_two_halves_of_a_channel_may_change_places(void **state)
{
	const struct plan_begin begin = { .radios = 1, .bsses = 1 };
	const struct plan_radio q = { .band = RADIO_5G, .channel = 40, .width = 40, .enable = 1 };
	const struct plan_bss b = { .ssid_len = 1, .ssid = "x" };
	unsigned int mhz;

	for (mhz = 5160; mhz <= 5220; mhz += 20) {
		new_world();
		world.mhz = mhz;
		world.width = 40;
		assert_int_equal(asroot_plan_begin(r, &begin), 0);
		assert_int_equal(asroot_plan_radio(r, &q), 0);
		assert_int_equal(asroot_plan_bss(r, &b), 0);
		assert_int_equal(asroot_plan_commit(r, &done),
				 mhz == 5180 || mhz == 5200 ? 0 : -ESTALE);
	}
}

static int commit_radar(unsigned int channel, unsigned int bsses)
{
	const struct plan_begin begin = { .country = "DE", .radios = 1, .bsses = bsses };
	const struct plan_radio q = {
		.band = RADIO_5G, .channel = channel, .width = 20, .enable = 1, .radar = 1
	};
	unsigned int i;

	assert_int_equal(asroot_plan_begin(r, &begin), 0);
	assert_int_equal(asroot_plan_radio(r, &q), 0);
	for (i = 0; i < bsses; i++) {
		const struct plan_bss b = { .slot = i,
					    .ssid_len = 1,
					    .ssid = { (uint8_t)('a' + i) } };

		assert_int_equal(asroot_plan_bss(r, &b), 0);
	}
	return asroot_plan_commit(r, &done);
}

static void watch(void)
{
	world.clock += RADIO_WATCH_MS;
	radio_tick(r);
}

/* The plan is taken while it is looked for, and nobody drives hostapd back to where it was. */
static void radar_is_hostapds_business(void **state)
{
	unsigned int adds;

	new_world();
	r->countries = "DE";
	memcpy(r->country, "DE", 3); /* the kernel has been told */
	wiphys.w[0].bands[NL_BAND_5G].chans[1].flags = NL_CHAN_RADAR;
	wiphys.w[0].radar_widths = 1;
	world.radar = true;
	assert_int_equal(commit_radar(40, 2), 0);
	assert_int_equal(world.adds, 2);
	watch();
	watch();
	assert_int_equal(world.adds, 2);
	assert_int_equal(commit_radar(36, 2), 0); /* there is nobody to tell */
	assert_int_equal(world.moves, 0);
	assert_int_equal(commit_radar(40, 2), 0);
	world.adds = 2;
	world.removes = 0;
	world.radar = false; /* nothing was found */
	world.mhz = 5200;
	watch();
	assert_int_equal(world.adds, 2);
	world.mhz = 5180; /* now it was: hostapd has left */
	watch();
	assert_int_equal(world.adds + world.removes, 2);
	/* and can't add one any more */
	assert_int_equal(commit_radar(40, 3), 0);
	assert_int_equal(world.removes, 1);
	adds = world.adds;
	/* without a switch: stations could not be told in time */
	assert_int_equal(commit_radar(36, 3), 0);
	assert_int_equal(world.moves, 1);
	world.mhz = 5200;
	assert_int_equal(commit_radar(40, 3), 0);
	assert_int_equal(world.moves, 1);
	assert_int_equal(world.adds, adds + 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(everything_a_plan_can_hold_is_put_on_the_air_once),
		UNIT(a_list_that_hostapd_cuts_off_takes_nothing_away),
		UNIT(what_the_kernel_does_not_show_for_a_moment_is_not_lost),
		UNIT(a_slow_hostapd_gets_there_and_loses_nothing),
		UNIT(what_went_along_is_not_removed_again),
		UNIT(radar_is_hostapds_business),
		UNIT(the_two_halves_of_a_channel_may_change_places),
	};

	log_set_fd(-1);
	return cmocka_run_group_tests_name("radio_crowd", tests, NULL, end_of_world);
}
