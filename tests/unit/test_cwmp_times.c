/* SPDX-License-Identifier: Apache-2.0 */
/* Retry waits, periods, and when the next session starts. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "agent/cwmp/periodic.h"
#include "agent/cwmp/retry.h"
#include "agent/cwmp/rpc.h"
#include "agent/cwmp/schedule.h"

static void T023_retry_waits_are_the_tables(void **state)
{
	static const uint32_t table[][2] = {
		{ 5, 10 },	{ 10, 20 },	{ 20, 40 },	{ 40, 80 },
		{ 80, 160 },	{ 160, 320 },	{ 320, 640 },	{ 640, 1280 },
		{ 1280, 2560 }, { 2560, 5120 }, { 2560, 5120 }, { 2560, 5120 },
	};

	for (uint32_t i = 0; i < ARRAY_SIZE(table); i++) {
		assert_int_equal(cwmp_retry_wait_ms(i + 1, 5, 2000, 0, 0), table[i][0] * 1000);
		assert_int_equal(cwmp_retry_wait_ms(i + 1, 5, 2000, UINT32_MAX, 0),
				 table[i][1] * 1000);
		/* the middle, a millisecond more or less */
		assert_in_range(cwmp_retry_wait_ms(i + 1, 5, 2000, UINT32_MAX / 2, 0),
				(table[i][0] + table[i][1]) * 500 - 1,
				(table[i][0] + table[i][1]) * 500);
	}
	assert_int_equal(cwmp_retry_wait_ms(UINT32_MAX, 5, 2000, 0, 0), 2560000);
}

static void T024_minimum_and_multiplier_are_honoured(void **state)
{
	assert_int_equal(cwmp_retry_wait_ms(1, 10, 3000, 0, 0), 10000);
	assert_int_equal(cwmp_retry_wait_ms(1, 10, 3000, UINT32_MAX, 0), 30000);
	assert_int_equal(cwmp_retry_wait_ms(2, 10, 3000, UINT32_MAX, 0), 90000);
	/* No growth at all, and a fractional one */
	assert_int_equal(cwmp_retry_wait_ms(7, 30, 1000, 12345, 0), 30000);
	assert_int_equal(cwmp_retry_wait_ms(2, 1, 1500, UINT32_MAX, 0), 2250);
	/* Out of range is clamped, and nothing overflows. */
	assert_int_equal(cwmp_retry_wait_ms(0, 0, 0, UINT32_MAX, 0), 1000);
	assert_true(cwmp_retry_wait_ms(10, 65535, 65535, UINT32_MAX, 0) >= 65535000);
	assert_true(cwmp_retry_wait_ms(10, UINT32_MAX, UINT32_MAX, 0, 0) < UINT64_C(1) << 41);
}

static void retry_after_is_a_floor(void **state)
{
	assert_int_equal(cwmp_retry_wait_ms(1, 5, 2000, 0, 60), 60000);
	assert_int_equal(cwmp_retry_wait_ms(10, 5, 2000, 0, 60), 2560000);
	assert_true(cwmp_retry_wait_ms(1, 5, 2000, 0, UINT32_MAX) == UINT32_MAX * UINT64_C(1000));
}

static void waits_are_spread_over_the_range(void **state)
{
	unsigned low = 0, high = 0;

	for (uint32_t i = 0; i < 1000; i++) {
		uint64_t w = cwmp_retry_wait_ms(3, 5, 2000, i * 4294967u, 0);

		assert_true(w >= 20000 && w <= 40000);
		low += w < 25000;
		high += w > 35000;
	}
	assert_true(low > 200 && high > 200);
}

static void T102_periods_keep_the_phase_of_the_reference(void **state)
{
	/* 2026-01-01T00:00:00Z, an hour's period; now 00:59:59 and 12 ms */
	struct cwmp_periodic p = { .enabled = true,
				   .interval = 3600,
				   .has_time = true,
				   .time_us = INT64_C(1767225600000000) };
	int64_t now = p.time_us + INT64_C(3599012000);

	assert_int_equal(cwmp_periodic_next(&p, 500, true, now), 500 + 988);
	/* The same from a reference far in the future, in 1970 with milliseconds, before 1970 */
	p.time_us += INT64_C(3600000000) * 100000;
	assert_int_equal(cwmp_periodic_next(&p, 500, true, now), 500 + 988);
	p.time_us = INT64_C(1800123000);
	assert_int_equal(cwmp_periodic_next(&p, 0, true, INT64_C(1800123000) + 1000),
			 3600 * 1000 - 1);
	p.time_us = INT64_C(-1000000);
	assert_int_equal(cwmp_periodic_next(&p, 0, true, 0), 3599000);
	/* Exactly on time is the next one: never two at once. */
	assert_int_equal(cwmp_periodic_next(&p, 0, true, INT64_C(-1000000)), 3600000);
}

static void period_without_clock_or_reference_runs_from_its_start(void **state)
{
	struct cwmp_periodic p = {
		.enabled = true, .interval = 60, .has_time = true, .anchor_ms = 1000
	};

	assert_int_equal(cwmp_periodic_next(&p, 1000, false, 0), 61000);
	assert_int_equal(cwmp_periodic_next(&p, 60999, false, 0), 61000);
	assert_int_equal(cwmp_periodic_next(&p, 61000, false, 0), 121000);
	assert_int_equal(cwmp_periodic_next(&p, 0, false, 0), 1000);
	p.has_time = false;
	assert_int_equal(cwmp_periodic_next(&p, 1000, true, 99999999), 61000);
	p.interval = 0;
	assert_int_equal(cwmp_periodic_next(&p, 1000, true, 0), 2000);
	p.interval = UINT32_MAX;
	assert_true(cwmp_periodic_next(&p, 1000, true, 0) == 1000 + UINT32_MAX * UINT64_C(1000));
	p.enabled = false;
	assert_true(cwmp_periodic_next(&p, 1000, true, 0) == UINT64_MAX);
}

static struct cwmp_events ev;

static void T026_new_event_starts_a_session_and_keeps_the_count(void **state)
{
	struct cwmp_schedule s = { 0 };

	cwmp_events_init(&ev);
	assert_true(cwmp_schedule_next(&s, &ev, 100, 0) == UINT64_MAX);
	cwmp_event_raise(&ev, EV_PERIODIC, NULL);
	assert_int_equal(cwmp_schedule_next(&s, &ev, 100, 0), 100);
	cwmp_schedule_started(&s);
	cwmp_events_sent(&ev);
	assert_true(cwmp_schedule_next(&s, &ev, 100, 0) == UINT64_MAX);
	cwmp_events_session_end(&ev);
	cwmp_schedule_ended(&s, &ev, false, 200, 7000);
	assert_int_equal(s.failures, 1);
	assert_int_equal(cwmp_schedule_next(&s, &ev, 300, 0), 7200);
	assert_int_equal(cwmp_schedule_next(&s, &ev, 9000, 0), 9000);
	/* What waits already is no new event... */
	cwmp_event_raise(&ev, EV_PERIODIC, NULL);
	assert_int_equal(cwmp_schedule_next(&s, &ev, 300, 0), 7200);
	/* ...but somebody may ask... */
	s.asked = true;
	assert_int_equal(cwmp_schedule_next(&s, &ev, 300, 0), 300);
	s.asked = false;
	/* ...or something new happen. */
	cwmp_event_raise(&ev, EV_DIAGNOSTICS_COMPLETE, NULL);
	assert_int_equal(cwmp_schedule_next(&s, &ev, 300, 0), 300);
	cwmp_schedule_started(&s);
	cwmp_events_sent(&ev);
	cwmp_events_session_end(&ev);
	cwmp_schedule_ended(&s, &ev, false, 400, 15000);
	assert_int_equal(s.failures, 2);
	cwmp_schedule_started(&s);
	cwmp_events_sent(&ev);
	cwmp_events_delivered(&ev, CALL_INFORM, NULL, false);
	cwmp_schedule_ended(&s, &ev, true, 500, 0);
	assert_int_equal(s.failures, 0);
	assert_true(cwmp_schedule_next(&s, &ev, 600, 0) == UINT64_MAX);
}

static void T108_event_during_a_session_makes_one_more(void **state)
{
	struct cwmp_schedule s = { 0 };

	cwmp_events_init(&ev);
	cwmp_event_raise(&ev, EV_CONNECTION_REQUEST, NULL);
	cwmp_schedule_started(&s);
	cwmp_events_sent(&ev);
	cwmp_event_raise(&ev, EV_CONNECTION_REQUEST, NULL);
	cwmp_event_raise(&ev, EV_CONNECTION_REQUEST, NULL);
	assert_true(cwmp_schedule_next(&s, &ev, 100, 0) == UINT64_MAX);
	cwmp_events_delivered(&ev, CALL_INFORM, NULL, false);
	cwmp_schedule_ended(&s, &ev, true, 200, 0);
	assert_int_equal(cwmp_schedule_next(&s, &ev, 200, 0), 200);
	cwmp_schedule_started(&s);
	cwmp_events_sent(&ev);
	cwmp_events_delivered(&ev, CALL_INFORM, NULL, false);
	cwmp_schedule_ended(&s, &ev, true, 300, 0);
	assert_true(cwmp_schedule_next(&s, &ev, 300, 0) == UINT64_MAX);
}

/* A parameter that flaps while the ACS is away must not undo the waits. */
static void event_repeated_during_failing_sessions_waits(void **state)
{
	struct cwmp_schedule s = { 0 };

	cwmp_events_init(&ev);
	cwmp_event_raise(&ev, EV_VALUE_CHANGE, NULL);
	cwmp_schedule_started(&s);
	cwmp_events_sent(&ev);
	cwmp_event_raise(&ev, EV_VALUE_CHANGE, NULL);
	cwmp_events_session_end(&ev);
	cwmp_schedule_ended(&s, &ev, false, 100, 5000);
	assert_int_equal(cwmp_schedule_next(&s, &ev, 100, 0), 5100);
}

static void T111_nothing_is_retried_when_nothing_waits(void **state)
{
	struct cwmp_schedule s = { 0 };

	cwmp_events_init(&ev);
	cwmp_event_raise(&ev, EV_CONNECTION_REQUEST, NULL);
	cwmp_schedule_started(&s);
	cwmp_events_sent(&ev);
	cwmp_events_session_end(&ev);
	cwmp_schedule_ended(&s, &ev, false, 100, 5000);
	assert_true(cwmp_schedule_next(&s, &ev, 100, 0) == UINT64_MAX);
	assert_int_equal(s.failures, 1);
}

static void T015_throttle_holds_back_active_notifications_only(void **state)
{
	struct cwmp_schedule s = { 0 };

	cwmp_events_init(&ev);
	cwmp_event_raise(&ev, EV_VALUE_CHANGE, NULL);
	assert_int_equal(cwmp_schedule_next(&s, &ev, 100, 30), 100);
	cwmp_schedule_started(&s);
	cwmp_events_sent(&ev);
	cwmp_events_delivered(&ev, CALL_INFORM, NULL, false);
	cwmp_schedule_ended(&s, &ev, true, 1000, 0);
	cwmp_event_raise(&ev, EV_VALUE_CHANGE, NULL);
	assert_int_equal(cwmp_schedule_next(&s, &ev, 2000, 30), 31000);
	assert_int_equal(cwmp_schedule_next(&s, &ev, 40000, 30), 40000);
	assert_int_equal(cwmp_schedule_next(&s, &ev, 2000, 0), 2000);
	cwmp_event_raise(&ev, EV_PERIODIC, NULL);
	assert_int_equal(cwmp_schedule_next(&s, &ev, 2000, 30), 2000);
}

static void time_is(bool known, int64_t unix_s, uint64_t uptime, const char *expected)
{
	char text[32];

	cwmp_time(text, known, unix_s, uptime);
	assert_string_equal(text, expected);
}

static void times_are_utc_or_seconds_since_boot(void **state)
{
	time_is(true, 0, 0, "1970-01-01T00:00:00Z");
	time_is(true, 1767323045, 0, "2026-01-02T03:04:05Z");
	time_is(true, 951782399, 0, "2000-02-28T23:59:59Z");
	time_is(true, 951782400, 0, "2000-02-29T00:00:00Z");
	time_is(true, 951868800, 0, "2000-03-01T00:00:00Z");
	time_is(true, 4107542400, 0, "2100-03-01T00:00:00Z");
	time_is(true, -1, 0, "1969-12-31T23:59:59Z");
	time_is(true, 253402300799, 0, "9999-12-31T23:59:59Z");
	time_is(true, INT64_MAX, 0, "0001-01-01T00:00:00Z");
	time_is(true, INT64_MIN, 0, "0001-01-01T00:00:00Z");
	/* 2 days 3 hours 4 minutes 5 seconds (TR-106) */
	time_is(false, 77, 183845, "0001-01-03T03:04:05");
	time_is(false, 77, 0, "0001-01-01T00:00:00");
	time_is(false, 0, UINT64_MAX, "9999-12-31T23:59:59");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT(T023_retry_waits_are_the_tables),
		UNIT(T024_minimum_and_multiplier_are_honoured),
		UNIT(retry_after_is_a_floor),
		UNIT(waits_are_spread_over_the_range),
		UNIT(T102_periods_keep_the_phase_of_the_reference),
		UNIT(period_without_clock_or_reference_runs_from_its_start),
		UNIT(T026_new_event_starts_a_session_and_keeps_the_count),
		UNIT(T108_event_during_a_session_makes_one_more),
		UNIT(event_repeated_during_failing_sessions_waits),
		UNIT(T111_nothing_is_retried_when_nothing_waits),
		UNIT(T015_throttle_holds_back_active_notifications_only),
		UNIT(times_are_utc_or_seconds_since_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
