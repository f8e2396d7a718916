/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The radio role over a kernel and a hostapd that fail at every step in turn: whatever happens,
 * what is on the air is the old plan or the new one, and the role says which.
 */
#include "tests/unit/radio_world.h"

static struct plan_done done;

static void new_world(void)
{
	unsigned int i;
	uint16_t mhz;

	empty_world();
	put_iface(&world.ifaces, "wlan0", 0);
	put_iface(&world.ifaces, "wlan1", 1);
	wiphys.n = 2;
	for (i = 0; i < 2; i++) {
		struct nl_band *b = &wiphys.w[i].bands[NL_BAND_2G4];

		wiphys.w[i].index = i;
		(void)snprintf(wiphys.w[i].name, sizeof(wiphys.w[i].name), "phy%u", i);
		wiphys.w[i].max_ap = 4;
		wiphys.w[i].ciphers = NL_CIPHER_CCMP | NL_CIPHER_BIP_CMAC;
		b->present = true;
		for (mhz = 2412; mhz <= 2462; mhz += 5)
			b->chans[b->nchans++] =
				(struct nl_chan){ .mhz = mhz,
						  .max_mbm = 2000,
						  .number = (uint16_t)nl_mhz_to_channel(mhz) };
	}
}

struct wish {
	unsigned int radio, slot;
	const char *ssid, *key;
	unsigned int isolate, max_stations;
	const char *allowed; /* last digits of addresses; NULL: everybody */
};

#define WISH(r, s, name, k, ...)                                                   \
	{                                                                          \
		.radio = (r), .slot = (s), .ssid = (name), .key = (k), __VA_ARGS__ \
	}

struct wishes {
	unsigned int channel[2];
	const struct wish *w;
	unsigned int n;
};

static const struct wish before[] = {
	WISH(0, 0, "home", "first-key"),
	WISH(0, 1, "guest", "guest-key", .isolate = 0, .max_stations = 5, .allowed = "12"),
	WISH(0, 2, "things", ""),
	WISH(1, 0, "home", "first-key"),
	WISH(1, 1, "gone", ""),
};
/* One radio: a new key, other guests, another name, one added. The other: another channel, one BSS
 * fewer. */
static const struct wish after[] = {
	WISH(0, 0, "home", "second-key"),
	WISH(0, 1, "guest", "guest-key", .isolate = 1, .max_stations = 7, .allowed = "23"),
	WISH(0, 2, "renamed", ""),
	WISH(0, 3, "added", "third-key"),
	WISH(1, 0, "home", "first-key"),
};
/* The first BSS goes: the radio is set up anew around another one. */
static const struct wish later[] = { WISH(0, 1, "guest", "guest-key", .isolate = 0,
					  .max_stations = 5, .allowed = "12"),
				     WISH(0, 2, "things", "") };

static const struct wishes old = { { 1, 6 }, before, 5 };
static const struct wishes new = { { 1, 11 }, after, 5 };
static const struct wishes led = { { 1, 0 }, later, 2 };
static const struct wishes none = { { 0, 0 }, NULL, 0 };

static int commit(const struct wishes *want, bool standing)
{
	struct plan_begin begin = { .standing = standing, .bsses = want->n };
	unsigned int i, k;

	for (i = 0; i < 2; i++)
		begin.radios += want->channel[i] != 0;
	assert_int_equal(asroot_plan_begin(r, &begin), 0);
	for (i = 0; i < begin.radios; i++) {
		const struct plan_radio q = { .radio = i,
					      .wiphy = i,
					      .channel = want->channel[i],
					      .width = 20,
					      .enable = 1,
					      .power_mbm = 1000 };

		assert_int_equal(asroot_plan_radio(r, &q), 0);
	}
	for (i = 0; i < want->n; i++) {
		const struct wish *w = &want->w[i];
		struct plan_bss q = { .radio = w->radio,
				      .slot = w->slot,
				      .security = *w->key ? RADIO_WPA2_PSK : RADIO_OPEN,
				      .ssid_len = (uint8_t)strlen(w->ssid) };

		memcpy(q.ssid, w->ssid, strlen(w->ssid));
		memcpy(q.passphrase, w->key, strlen(w->key));
		q.isolate = (uint8_t)w->isolate;
		q.max_stations = w->max_stations;
		q.filter = w->allowed != NULL;
		for (k = 0; w->allowed && w->allowed[k]; k++, q.allowed_len += 6)
			q.allowed[6 * k + 5] = (uint8_t)(w->allowed[k] - '0');
		assert_int_equal(asroot_plan_bss(r, &q), 0);
	}
	memset(&done, 0, sizeof(done));
	return asroot_plan_commit(r, &done);
}

static bool lets_in(const struct bss *b, const char *digits)
{
	char address[] = "00:00:00:00:00:0?";
	size_t n = digits ? strlen(digits) : 0, i;

	for (i = 0; i < n; i++) {
		address[16] = digits[i];
		if (!strstr(b->allowed, address))
			return false;
	}
	return strlen(b->allowed) == 18 * n;
}

static bool on_air(const struct wishes *want)
{
	char name[NL_IFNAME_MAX], ssid[2 * RADIO_SSID_MAX + 1];
	unsigned int i;

	for (i = 0; i < want->n; i++) {
		const struct wish *w = &want->w[i];
		const struct bss *b;

		(void)nl_bss_name(name, w->radio ? "wlan1" : "wlan0", w->slot);
		hex_encode(ssid, w->ssid, strlen(w->ssid));
		b = find_bss(name);
		if (!b || strcmp(b->ssid, ssid) != 0 || strcmp(b->key, w->key) != 0 ||
		    b->channel != want->channel[w->radio] || b->isolate != w->isolate ||
		    b->max_stations != w->max_stations || !lets_in(b, w->allowed))
			return false;
	}
	return world.nbss == want->n;
}

static void let_time_pass(void)
{
	int ms, n;

	for (n = 0; n < 100; n++) {
		ms = radio_role.timeout(r);
		if (ms < 0)
			return;
		world.clock += (uint64_t)ms;
		world.hostapd |= world.watched;
		radio_role.tick(r);
	}
}

static void a_plan_that_holds_is_left_alone(void **state)
{
	new_world();
	assert_int_equal(commit(&old, true), 0);
	assert_true(on_air(&old));
	assert_int_equal(world.adds, 5);
	world.adds = world.removes = world.keys = 0;
	assert_int_equal(commit(&old, false), 0);
	let_time_pass();
	assert_int_equal(world.adds + world.removes + world.keys, 0);
}

static void the_difference_is_the_smallest_that_hostapd_can_do(void **state)
{
	new_world();
	assert_int_equal(commit(&old, false), 0);
	world.adds = world.removes = world.keys = 0;
	assert_int_equal(commit(&new, false), 0);
	assert_true(on_air(&new));
	assert_int_equal(world.keys, 1);
	assert_int_equal(world.removes, 2); /* things, gone */
	assert_int_equal(world.adds, 2);    /* renamed, added */
	assert_int_equal(world.moves, 1);   /* the other radio, with its stations */
	assert_int_equal(world.beacons, 1); /* guest, in place */
	assert_int_equal(world.power[0], 1000);
	assert_int_equal(commit(&none, false), 0);
	assert_int_equal(world.nbss, 0);
	assert_int_equal(radio_role.timeout(r), -1);
}

/* hostapd can't add a BSS to a radio that has followed a switch of channel. */
static void a_radio_that_moved_is_set_up_anew_when_one_is_added(void **state)
{
	static const struct wish one[] = { WISH(0, 0, "home", "first-key") };
	static const struct wish two[] = { WISH(0, 0, "home", "first-key"), WISH(0, 1, "new", "") };
	static const struct wishes here = { { 1, 0 }, one, 1 }, there = { { 6, 0 }, one, 1 };
	static const struct wishes more = { { 6, 0 }, two, 2 }, both = { { 11, 0 }, two, 2 };

	new_world();
	assert_int_equal(commit(&here, false), 0);
	assert_int_equal(commit(&there, false), 0);
	assert_int_equal(world.moves, 1);
	assert_int_equal(world.adds, 1);
	assert_int_equal(commit(&more, false), 0);
	assert_true(on_air(&more));
	assert_int_equal(world.adds, 3);
	assert_int_equal(commit(&both, false), 0); /* all that is there moves */
	assert_true(on_air(&both));
	assert_int_equal(world.moves, 2);
	assert_int_equal(world.adds, 3);
	assert_int_equal(commit(&here, false), 0); /* moving and removing */
	assert_true(on_air(&here));
	assert_int_equal(world.moves, 3);
	assert_int_equal(commit(&both, false), 0); /* moving and adding: once is enough */
	assert_true(on_air(&both));
	assert_int_equal(world.moves, 3);
}

static void a_radio_is_led_by_its_lowest_slot(void **state)
{
	new_world();
	assert_int_equal(commit(&old, false), 0);
	assert_int_equal(commit(&led, false), 0);
	assert_true(on_air(&led));
	assert_int_equal(world.ifaces.n, 3); /* wlan0-1 was made for hostapd to use */
	assert_int_equal(commit(&old, false), 0);
	assert_true(on_air(&old));
	assert_int_equal(world.ifaces.n, 2);
	assert_int_equal(commit(&led, false), 0);
	assert_int_equal(commit(&none, false), 0);
	assert_int_equal(world.ifaces.n, 2);
}

static void try_all_failures(const struct wishes *from, const struct wishes *to,
			     unsigned int fail_for)
{
	unsigned int steps, at, start;
	enum failure how;

	new_world();
	assert_int_equal(commit(from, false), 0);
	start = world.steps;
	assert_int_equal(commit(to, false), 0);
	steps = world.steps - start;
	assert_true(steps >= 5);
	for (at = 1; at <= steps; at++) {
		for (how = REFUSES; how <= DIES; how++) {
			int e;

			new_world();
			assert_int_equal(commit(from, false), 0);
			world.fail_at = world.steps + at;
			world.fail_for = fail_for;
			world.how = how;
			e = commit(to, false);
			world.watched = true;
			let_time_pass();
			if (on_air(e ? from : to))
				continue;
			fail_msg("step %u of %u, failure %d for %u: %d (%s), wrong on the air", at,
				 steps, (int)how, fail_for, e, done.why);
		}
	}
}

static void after_a_failure_at_any_step_the_old_plan_or_the_new_one_holds(void **state)
{
	try_all_failures(&old, &new, 1);
	try_all_failures(&new, &old, 1);
	try_all_failures(&old, &led, 1);
	try_all_failures(&led, &old, 1);
}

/* The way back fails too, for a while. */
static void after_a_row_of_failures_too(void **state)
{
	unsigned int n;

	for (n = 2; n <= 9; n++) {
		try_all_failures(&old, &new, n);
		try_all_failures(&old, &led, n);
	}
	try_all_failures(&old, &new, 60);
}

static void a_new_process_starts_over(void **state)
{
	new_world();
	assert_int_equal(commit(&old, false), 0);
	memset(r, 0, sizeof(*r)); /* killed and started again */
	r->countries = r->bridges = r->stations = "";
	r->holds = true;
	assert_int_equal(commit(&new, true), 0);
	assert_true(on_air(&new));
}

static void a_standing_plan_waits_for_hostapd(void **state)
{
	new_world();
	world.hostapd = false;
	assert_int_equal(commit(&old, true), -ENOTCONN);
	let_time_pass();
	assert_int_equal(world.nbss, 0);
	world.hostapd = true;
	let_time_pass();
	assert_true(on_air(&old));
	hostapd_dies();
	world.hostapd = true;
	let_time_pass();
	assert_true(on_air(&old));
	/* A change while it is gone is refused, and the plan stays what it was. */
	hostapd_dies();
	assert_int_equal(commit(&new, false), -ENOTCONN);
	world.hostapd = true;
	let_time_pass();
	assert_true(on_air(&old));
}

static void what_a_dead_hostapd_had_is_put_back_at_once(void **state)
{
	struct pollfd p;
	int i;

	new_world();
	assert_int_equal(commit(&old, false), 0);
	assert_int_equal(radio_role.polls(r, &p), 1);
	p.revents = POLLIN;
	radio_role.polled(r, &p, 1); /* some link has got its carrier */
	assert_int_equal(radio_role.timeout(r), RADIO_WATCH_MS);
	hostapd_dies();
	world.hostapd = true;
	world.lost = true;
	radio_role.polled(r, &p, 1);
	assert_int_equal(radio_role.timeout(r), RADIO_LOST_MS);
	world.clock += RADIO_LOST_MS;
	radio_role.tick(r);
	assert_true(on_air(&old));
	assert_int_equal(radio_role.timeout(r), RADIO_WATCH_MS);
	/* What does not hold is tried again in its own time. */
	hostapd_dies();
	world.clock += RADIO_WATCH_MS;
	radio_role.tick(r);
	assert_int_equal(radio_role.timeout(r), RADIO_RETRY_MIN_MS);
	world.lost = true;
	radio_role.polled(r, &p, 1);
	assert_int_equal(radio_role.timeout(r), RADIO_RETRY_MIN_MS);
	for (i = 0; i < 10; i++) {
		world.clock += (uint64_t)radio_role.timeout(r);
		radio_role.tick(r);
	}
	assert_int_equal(radio_role.timeout(r), RADIO_ABSENT_MAX_MS);
}

static void a_standing_plan_goes_as_far_as_it_can(void **state)
{
	static const struct wishes half = { { 14, 6 }, before, 5 };

	new_world();
	assert_int_equal(commit(&half, true), -EINVAL);
	assert_int_equal(done.radio, 0);
	assert_int_equal(done.field, PLAN_FIELD_CHANNEL);
	assert_int_equal(world.nbss, 2); /* those of the other radio */
	assert_int_equal(commit(&half, false), -EINVAL);
	assert_int_equal(world.nbss, 2);
}

static void I5_an_incomplete_plan_changes_nothing(void **state)
{
	struct plan_begin begin = { .radios = 1, .bsses = 1 };

	new_world();
	assert_int_equal(commit(&old, false), 0);
	assert_int_equal(asroot_plan_begin(r, &begin), 0);
	assert_int_equal(radio_role.state(r), IPC_ST_PLANNING);
	assert_int_equal(asroot_plan_commit(r, &done), -EINVAL);
	assert_int_equal(radio_role.state(r), IPC_ST_IDLE);
	assert_int_equal(asroot_plan_begin(r, &begin), 0);
	radio_role.client_gone(r);
	assert_int_equal(radio_role.state(r), IPC_ST_IDLE);
	let_time_pass();
	assert_true(on_air(&old));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_plan_that_holds_is_left_alone),
		UNIT(the_difference_is_the_smallest_that_hostapd_can_do),
		UNIT(a_radio_that_moved_is_set_up_anew_when_one_is_added),
		UNIT(a_radio_is_led_by_its_lowest_slot),
		UNIT(after_a_failure_at_any_step_the_old_plan_or_the_new_one_holds),
		UNIT(after_a_row_of_failures_too),
		UNIT(a_new_process_starts_over),
		UNIT(a_standing_plan_waits_for_hostapd),
		UNIT(what_a_dead_hostapd_had_is_put_back_at_once),
		UNIT(a_standing_plan_goes_as_far_as_it_can),
		UNIT(I5_an_incomplete_plan_changes_nothing),
	};

	log_set_fd(-1);
	return cmocka_run_group_tests_name("radio_apply", tests, NULL, end_of_world);
}
