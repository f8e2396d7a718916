/* SPDX-License-Identifier: Apache-2.0 */
/* A clock that is not set, or that somebody sets while we wait. */
#include "tests/unit/unit.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/cwmp/periodic.h"
#include "agent/http/tls.h"
#include "agent/known_time.h"
#include "agent/scheduled.h"
#include "agent/store.h"
#include "lib/log.h"

#define BUILT 1700000000
#define DAY 86400

static X509 *expires_at(int64_t at)
{
	X509 *cert = X509_new();

	assert_non_null(cert);
	assert_non_null(ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)(at - 365 * DAY)));
	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)at));
	return cert;
}

static bool forgiven(bool right, int error, int64_t expires, int64_t past)
{
	X509 *cert = expires_at(expires);
	bool r = tls_forgives_date(right, error, cert, past);

	X509_free(cert);
	return r;
}

static void T051_dates_count_when_the_clock_is_right(void **state)
{
	assert_false(forgiven(true, X509_V_ERR_CERT_HAS_EXPIRED, BUILT + DAY, BUILT));
	assert_false(forgiven(true, X509_V_ERR_CERT_NOT_YET_VALID, BUILT + DAY, BUILT));
}

static void T051_without_a_clock_only_what_has_surely_expired_is_refused(void **state)
{
	assert_true(forgiven(false, X509_V_ERR_CERT_NOT_YET_VALID, BUILT + DAY, BUILT));
	assert_true(forgiven(false, X509_V_ERR_CERT_HAS_EXPIRED, BUILT + 1, BUILT));
	assert_false(forgiven(false, X509_V_ERR_CERT_HAS_EXPIRED, BUILT, BUILT));
	assert_false(forgiven(false, X509_V_ERR_CERT_HAS_EXPIRED, BUILT - DAY, BUILT));
	/* Expired after the build, but before the clock was last right. */
	assert_false(forgiven(false, X509_V_ERR_CERT_HAS_EXPIRED, BUILT + DAY, BUILT + 2 * DAY));
}

static void T051_nothing_but_dates_is_forgiven(void **state)
{
	static const int others[] = { X509_V_ERR_CERT_REVOKED,
				      X509_V_ERR_CERT_SIGNATURE_FAILURE,
				      X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
				      X509_V_ERR_HOSTNAME_MISMATCH,
				      X509_V_ERR_UNSPECIFIED,
				      X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(forgiven(false, others[i], BUILT + DAY, BUILT));
}

struct box {
	char dir[40];
	struct store *st;
};

static int setup(void **state)
{
	struct box *b = calloc(1, sizeof(*b));

	log_set_level(LOG_LVL_ERR);
	snprintf(b->dir, sizeof(b->dir), "/tmp/sallyport-time-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	assert_int_equal(store_open(&b->st, b->dir, NULL), 0);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct box *b = *state;
	char path[64];

	store_close(b->st);
	snprintf(path, sizeof(path), "%s/state", b->dir);
	(void)unlink(path);
	(void)rmdir(b->dir);
	free(b);
	return 0;
}

static void the_past_is_the_build_or_the_last_time_that_was_right(void **state)
{
	struct store *st = ((struct box *)*state)->st;

	assert_int_equal(known_time(st, BUILT), BUILT);
	assert_int_equal(known_time_keep(st, false, BUILT + DAY), 0);
	assert_false(store_dirty(st)); /* not right: nothing is known */
	assert_int_equal(known_time_keep(st, true, BUILT + DAY), 0);
	assert_int_equal(known_time(st, BUILT), BUILT + DAY);
	/* an older store under a newer release */
	assert_int_equal(known_time(st, BUILT + 9 * DAY), BUILT + 9 * DAY);
	assert_int_equal(store_set(st, STORE_KEY_TIME, "soon", 4), 0);
	assert_int_equal(known_time(st, BUILT), BUILT);
}

static void time_is_kept_once_an_hour_and_over_a_factory_reset(void **state)
{
	struct store *st = ((struct box *)*state)->st;

	assert_int_equal(known_time_keep(st, true, BUILT + DAY), 0);
	assert_int_equal(store_save(st), 0);
	assert_int_equal(known_time_keep(st, true, BUILT + DAY + 3599), 0);
	assert_false(store_dirty(st));
	assert_int_equal(known_time_keep(st, true, BUILT + DAY + 3600), 0);
	assert_int_equal(known_time(st, BUILT), BUILT + DAY + 3600);
	/* It was wrong: what is right now is earlier. */
	assert_int_equal(known_time_keep(st, true, BUILT + 5), 0);
	assert_int_equal(known_time(st, BUILT), BUILT + 5);
	assert_int_equal(store_factory_reset(st), 0);
	assert_int_equal(known_time(st, BUILT), BUILT + 5);
}

static void a_step_of_the_clock_moves_no_scheduled_inform(void **state)
{
	struct scheduled_now now = {
		.boot = "b1", .boot_ms = 100000, .right = true, .wall = BUILT
	};
	const struct scheduled s = scheduled_new(&now, 60, "key");

	for (int64_t step = -10 * DAY; step <= 10 * DAY; step += DAY / 4) {
		now.wall = BUILT + step;
		now.boot_ms = 130000;
		assert_int_equal(scheduled_left(&s, &now), 30000);
		now.right = !now.right; /* lost, and found again */
		assert_int_equal(scheduled_left(&s, &now), 30000);
	}
	now.boot_ms = 159001;
	assert_int_equal(scheduled_left(&s, &now), 999); /* never early */
	now.boot_ms = 160000;
	assert_int_equal(scheduled_left(&s, &now), 0);
	now.boot_ms = 9999000;
	assert_int_equal(scheduled_left(&s, &now), 0);
}

static void after_a_reboot_a_scheduled_inform_goes_by_the_wall_if_it_can(void **state)
{
	struct scheduled_now now = {
		.boot = "b1", .boot_ms = 100000, .right = true, .wall = BUILT
	};
	struct scheduled s = scheduled_new(&now, 600, "");

	now = (struct scheduled_now){ .boot = "b2", .boot_ms = 5000, .right = true, .wall = BUILT };
	now.wall = BUILT + 200;
	assert_int_equal(scheduled_left(&s, &now), 400000);
	now.wall = BUILT + DAY;
	assert_int_equal(scheduled_left(&s, &now), 0);
	now.wall = BUILT - DAY; /* set back: never longer than it was asked for */
	assert_int_equal(scheduled_left(&s, &now), 600000);
	now.right = false;
	now.wall = 17;
	assert_int_equal(scheduled_left(&s, &now), 600000);
	/* From here on this boot's clock counts, and the wall does not. */
	scheduled_rebase(&s, &now);
	now.right = true;
	now.wall = BUILT + DAY;
	now.boot_ms = 105000;
	assert_int_equal(scheduled_left(&s, &now), 500000);
}

static void a_scheduled_inform_survives_a_round_trip(void **state)
{
	const struct scheduled_now now = { .boot = "0e6c-1", .boot_ms = 7000 };
	const struct scheduled s = scheduled_new(&now, 4294967295u, "a key\xc3\xa4 ");
	struct scheduled got;
	char text[SCHEDULED_MAX];

	scheduled_print(text, &s);
	assert_true(scheduled_parse(&got, text));
	assert_string_equal(got.boot, s.boot);
	assert_string_equal(got.key, s.key);
	assert_int_equal(got.due, s.due);
	assert_int_equal(got.wall, 0);
	assert_int_equal(got.delay, s.delay);
	assert_false(scheduled_parse(&got, ""));
	assert_false(scheduled_parse(&got, "boot 1 2"));
	assert_false(scheduled_parse(&got, "boot x 2 3 key"));
}

/* A day of periods, armed anew when each is due, while the clock is set to and fro. */
static void T102_periods_go_on_whatever_the_clock_does(void **state)
{
	const struct cwmp_periodic base = { .enabled = true, .interval = 600, .has_time = true };
	uint64_t now = 5000;
	int64_t offset = 0; /* of the wall clock, in seconds */
	unsigned int seed = 1, known = 0;

	for (int i = 0; i < 2000; i++) {
		struct cwmp_periodic p = base;
		uint64_t next;

		seed = seed * 1103515245u + 12345u;
		known = seed >> 16 & 1;
		offset += (int64_t)(seed >> 17 & 0x7fff) * 100 - 1638400;
		p.anchor_ms = now;
		next = cwmp_periodic_next(&p, now, known, offset * 1000000 + (int64_t)now * 1000);
		assert_true(next > now);
		assert_true(next <= now + 600000);
		if (known) /* on the phase, to the millisecond */
			assert_int_equal((offset * 1000 + (int64_t)next) % 600000, 0);
		else
			assert_int_equal(next, now + 600000);
		now = next;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(T051_dates_count_when_the_clock_is_right),
		UNIT(T051_without_a_clock_only_what_has_surely_expired_is_refused),
		UNIT(T051_nothing_but_dates_is_forgiven),
		cmocka_unit_test_setup_teardown(
			the_past_is_the_build_or_the_last_time_that_was_right, setup, teardown),
		cmocka_unit_test_setup_teardown(time_is_kept_once_an_hour_and_over_a_factory_reset,
						setup, teardown),
		UNIT(a_step_of_the_clock_moves_no_scheduled_inform),
		UNIT(after_a_reboot_a_scheduled_inform_goes_by_the_wall_if_it_can),
		UNIT(a_scheduled_inform_survives_a_round_trip),
		UNIT(T102_periods_go_on_whatever_the_clock_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
