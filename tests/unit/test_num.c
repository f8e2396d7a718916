/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/num.h"
#include "lib/rand.h"
#include "lib/text.h"

static int u64(const char *s, uint64_t max, uint64_t *out)
{
	return num_parse_u64(s, strlen(s), max, out);
}

static void unsigned_numbers_are_digits_and_nothing_else(void **state)
{
	static const char *const wrong[] = { "",   " 1", "1 ", "+1",  "-1",  "0x1", "1.0",
					     "1e", "a",	 "١",  "1\n", "--1", "1_0" };
	uint64_t v = 7;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(u64(wrong[i], UINT64_MAX, &v), -EINVAL);
	assert_int_equal(num_parse_u64("1\0", 2, UINT64_MAX, &v), -EINVAL);
	assert_int_equal(v, 7);
	assert_int_equal(u64("0", 0, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(u64("00042", 42, &v), 0);
	assert_int_equal(v, 42);
}

static void what_is_put_is_parsed_again(void **state)
{
	static const uint64_t some[] = { 0, 9, 10, 4294967295, 10000000000, UINT64_MAX };
	char text[NUM_DIGITS];
	uint64_t v;

	for (size_t i = 0; i < ARRAY_SIZE(some); i++) {
		assert_int_equal(num_parse_u64(text, num_put(text, some[i]), UINT64_MAX, &v), 0);
		assert_true(v == some[i]);
	}
	assert_int_equal(num_put(text, UINT64_MAX), NUM_DIGITS);
}

static void unsigned_limits_are_exact(void **state)
{
	uint64_t v;

	assert_int_equal(u64("18446744073709551615", UINT64_MAX, &v), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(u64("18446744073709551616", UINT64_MAX, &v), -ERANGE);
	assert_int_equal(u64("99999999999999999999999", UINT64_MAX, &v), -ERANGE);
	/* Not a number, however large: the kind of fault depends on it. */
	assert_int_equal(u64("99999999999999999999999x", UINT64_MAX, &v), -EINVAL);
	assert_int_equal(u64("65536", 65535, &v), -ERANGE);
	assert_int_equal(u64("65535", 65535, &v), 0);
}

static void signed_limits_are_exact(void **state)
{
	int64_t v;

	assert_int_equal(num_parse_i64("-9223372036854775808", 20, INT64_MIN, INT64_MAX, &v), 0);
	assert_true(v == INT64_MIN);
	assert_int_equal(num_parse_i64("-9223372036854775809", 20, INT64_MIN, INT64_MAX, &v),
			 -ERANGE);
	assert_int_equal(num_parse_i64("9223372036854775807", 19, INT64_MIN, INT64_MAX, &v), 0);
	assert_true(v == INT64_MAX);
	assert_int_equal(num_parse_i64("9223372036854775808", 19, INT64_MIN, INT64_MAX, &v),
			 -ERANGE);
	assert_int_equal(num_parse_i64("-5", 2, -4, 4, &v), -ERANGE);
	assert_int_equal(num_parse_i64("-0", 2, -4, 4, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(num_parse_i64("-", 1, -4, 4, &v), -EINVAL);
	assert_int_equal(num_parse_i64("--1", 3, -4, 4, &v), -EINVAL);
	assert_int_equal(num_parse_i64("", 0, -4, 4, &v), -EINVAL);
}

static void time_is_written_and_read_back(void **state)
{
	static const struct {
		int64_t wall;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ -1, "1969-12-31T23:59:59Z" },
		{ 951782400, "2000-02-29T00:00:00Z" },
		{ 1709251199, "2024-02-29T23:59:59Z" },
		{ 4107542400, "2100-03-01T00:00:00Z" },
		{ -62135596800, "0001-01-01T00:00:00Z" },
		{ 253402300799, "9999-12-31T23:59:59Z" },
	};
	char text[CLOCK_TEXT_MAX];
	int64_t back;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(clock_format(text, rows[i].wall), 0);
		assert_string_equal(text, rows[i].text);
		assert_int_equal(clock_parse(text, strlen(text), &back), 0);
		assert_true(back == rows[i].wall);
	}
	assert_int_equal(clock_format(text, 253402300800), -ERANGE);
	assert_int_equal(clock_format(text, -62135596801), -ERANGE);
	assert_int_equal(clock_format(text, INT64_MIN), -ERANGE);
}

static void time_zones_and_fractions_are_understood(void **state)
{
	static const char *const same[] = {
		"2024-01-01T12:00:00",	     "2024-01-01T12:00:00.999Z",
		"2024-01-01T13:30:00+01:30", "2024-01-01T02:00:00.5-10:00",
		"2024-01-02T02:00:00+14:00",
	};
	int64_t v;

	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		assert_int_equal(clock_parse(same[i], strlen(same[i]), &v), 0);
		assert_int_equal(v, 1704110400);
	}
}

static void times_that_are_none_are_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"2024-01-01",
		"2024-01-01T12:00",
		"2024-01-01 12:00:00Z",
		"2023-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z",
		"2024-04-31T00:00:00Z",
		"2024-13-01T00:00:00Z",
		"2024-00-01T00:00:00Z",
		"2024-01-00T00:00:00Z",
		"2024-01-01T24:00:00Z",
		"2024-01-01T00:60:00Z",
		"2024-01-01T00:00:60Z",
		"0000-01-01T00:00:00Z",
		"2024-01-01T00:00:00.Z",
		"2024-01-01T00:00:00ZZ",
		"2024-01-01T00:00:00+1:00",
		"2024-01-01T00:00:00+14:01",
		"2024-01-01T00:00:00+01:00Z",
		"-024-01-01T00:00:00Z",
		"2024-01-01T00:00:00+15:00",
	};
	int64_t v;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(clock_parse(wrong[i], strlen(wrong[i]), &v), -EINVAL);
}

static void utf8_is_what_rfc3629_says(void **state)
{
	static const struct {
		const char *s;
		size_t n;
		bool valid, xml;
	} rows[] = {
		{ "", 0, true, true },
		{ "a\tb\r\n", 5, true, true },
		{ "a\0b", 3, true, false },
		{ "\x1f", 1, true, false },
		{ "\x7f", 1, true, true },
		{ "\xc3\xa4", 2, true, true },
		{ "\xe2\x82\xac", 3, true, true },
		{ "\xf0\x9f\x93\xb6", 4, true, true },
		{ "\xf4\x8f\xbf\xbf", 4, true, true },
		{ "\xf4\x90\x80\x80", 4, false, false }, /* above U+10FFFF */
		{ "\xc0\x80", 2, false, false },	 /* overlong NUL */
		{ "\xc1\xbf", 2, false, false },
		{ "\xe0\x9f\xbf", 3, false, false },
		{ "\xf0\x8f\xbf\xbf", 4, false, false },
		{ "\xed\xa0\x80", 3, false, false }, /* a surrogate */
		{ "\xed\x9f\xbf", 3, true, true },
		{ "\xef\xbf\xbd", 3, true, true },
		{ "\xef\xbf\xbe", 3, true, false }, /* U+FFFE */
		{ "\xef\xbf\xbf", 3, true, false },
		{ "\x80", 1, false, false },
		{ "\xc3", 1, false, false },
		{ "\xe2\x82", 2, false, false },
		{ "\xe2\x28\xa1", 3, false, false },
		{ "\xf0\x9f\x93\x28", 4, false, false },
		{ "\xff", 1, false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(utf8_valid(rows[i].s, rows[i].n), rows[i].valid);
		assert_int_equal(xml_clean(rows[i].s, rows[i].n), rows[i].xml);
	}
	assert_int_equal(utf8_length("a\xc3\xa4\xf0\x9f\x93\xb6", 7), 3);
}

static void text_helpers_mind_the_length(void **state)
{
	char out[4];

	assert_true(ascii_printable(" ~", 2));
	assert_false(ascii_printable("\x7f", 1));
	assert_false(ascii_printable("\xc3\xa4", 2));
	assert_true(text_eq("abcd", 3, "abc"));
	assert_false(text_eq("ab", 2, "abc"));
	assert_true(text_eq("", 0, ""));
	assert_true(text_copy(out, sizeof(out), "abcd", 3));
	assert_string_equal(out, "abc");
	assert_false(text_copy(out, sizeof(out), "abcd", 4));
	assert_string_equal(out, "");
}

static void random_numbers_stay_below_and_reach_all(void **state)
{
	unsigned int seen = 0;

	for (int i = 0; i < 500; i++) {
		uint32_t v = rand_below(7);

		assert_true(v < 7);
		seen |= 1U << v;
	}
	assert_int_equal(seen, 0x7f);
	assert_int_equal(rand_below(1), 0);
}

static void random_bytes_differ(void **state)
{
	char a[300], b[300];

	assert_int_equal(rand_bytes(a, sizeof(a)), 0);
	assert_int_equal(rand_bytes(b, sizeof(b)), 0);
	assert_memory_not_equal(a, b, sizeof(a));
}

static void monotonic_clock_does_not_go_back(void **state)
{
	uint64_t before = clock_mono_ms();

	assert_true(before > 0);
	assert_true(clock_mono_ms() >= before);
	assert_true(clock_wall() > 1704110400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(unsigned_numbers_are_digits_and_nothing_else),
		UNIT(what_is_put_is_parsed_again),
		UNIT(unsigned_limits_are_exact),
		UNIT(signed_limits_are_exact),
		UNIT(time_is_written_and_read_back),
		UNIT(time_zones_and_fractions_are_understood),
		UNIT(times_that_are_none_are_refused),
		UNIT(utf8_is_what_rfc3629_says),
		UNIT(text_helpers_mind_the_length),
		UNIT(random_numbers_stay_below_and_reach_all),
		UNIT(random_bytes_differ),
		UNIT(monotonic_clock_does_not_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
