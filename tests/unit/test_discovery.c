/* SPDX-License-Identifier: Apache-2.0 */
/* DHCP's options for the ACS: what counts, and what a hostile server can not do. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/discovery.h"
#include "lib/buf.h"
#include "lib/hex.h"

static struct discovery d;

static const char o43[] = "\x01\x09https://a\x02\x03lab\x03\x02"
			  "12\x04\x04"
			  "3000";

static void option_43_gives_all_four(void **state)
{
	assert_int_equal(discovery_option43(&d, (const uint8_t *)o43, sizeof(o43) - 1), 0);
	assert_string_equal(d.url, "https://a");
	assert_string_equal(d.code, "lab");
	assert_int_equal(d.retry_wait, 12);
	assert_int_equal(d.retry_multiplier, 3000);
}

static void a_trailing_nul_is_no_part_of_the_text(void **state)
{
	static const char nul[] = "\x01\x0ahttps://a\0\x02\x04lab\0\x03\x03"
				  "12\0";

	assert_int_equal(discovery_option43(&d, (const uint8_t *)nul, sizeof(nul) - 1), 0);
	assert_string_equal(d.url, "https://a");
	assert_string_equal(d.code, "lab");
	assert_int_equal(d.retry_wait, 12);
}

static void a_nul_inside_is_refused(void **state)
{
	static const char nul[] = "\x01\x0bhttps://a\0b";

	assert_int_equal(discovery_option43(&d, (const uint8_t *)nul, sizeof(nul) - 1), -EBADMSG);
}

static void padding_and_the_end_of_option_43_are_seen(void **state)
{
	static const char pad[] = "\0\0\x01\x09https://a\xff\x02\x63";

	assert_int_equal(discovery_option43(&d, (const uint8_t *)pad, sizeof(pad) - 1), 0);
	assert_string_equal(d.url, "https://a");
	assert_string_equal(d.code, "");
}

static void every_cut_is_malformed_or_shorter(void **state)
{
	for (size_t n = 0; n < sizeof(o43) - 1; n++) {
		bool whole = n == 0 || n == 11 || n == 16 || n == 20;

		memset(&d, 0, sizeof(d));
		assert_int_equal(discovery_option43(&d, (const uint8_t *)o43, n),
				 whole ? 0 : -EBADMSG);
	}
}

static void option_125_counts_for_its_enterprise_only(void **state)
{
	static const char v125[] = "\0\0\0\x09\x05\x0b\x03www\0\0\x0d\xe9\x10\x0b\x09https://b"
				   "\x0d\x03"
				   "300";
	static const char other[] = "\0\0\0\x09\x0b\x0b\x09https://b";

	memset(&d, 0, sizeof(d));
	assert_int_equal(discovery_option125(&d, (const uint8_t *)v125, sizeof(v125) - 1), 0);
	assert_string_equal(d.url, "https://b");
	assert_int_equal(d.retry_wait, 300);
	assert_int_equal(discovery_option125(&d, (const uint8_t *)other, sizeof(other) - 1), 0);
	assert_string_equal(d.url, "");
}

static void dhcpv6_option_17_has_wide_codes(void **state)
{
	static const char v17[] = "\0\0\x0d\xe9\0\x01\0\x09https://c\0\x02\0\x02xy";

	assert_int_equal(discovery_option17(&d, (const uint8_t *)v17, sizeof(v17) - 1), 0);
	assert_string_equal(d.url, "https://c");
	assert_string_equal(d.code, "xy");
	assert_int_equal(discovery_option17(&d, (const uint8_t *)v17, sizeof(v17) - 2), -EBADMSG);
	assert_int_equal(discovery_option17(&d, (const uint8_t *)v17, 3), -EBADMSG);
}

static void numbers_out_of_range_are_refused(void **state)
{
	static const char zero[] = "\x03\x01"
				   "0";
	static const char big[] = "\x04\x05"
				  "65536";
	static const char word[] = "\x03\x03ten";

	assert_int_equal(discovery_option43(&d, (const uint8_t *)zero, 3), -EBADMSG);
	assert_int_equal(discovery_option43(&d, (const uint8_t *)big, 7), -EBADMSG);
	assert_int_equal(discovery_option43(&d, (const uint8_t *)word, 5), -EBADMSG);
}

static int file(const char *text)
{
	return discovery_parse(&d, text, strlen(text));
}

static void option_43_goes_before_125_wherever_it_stands(void **state)
{
	assert_int_equal(file("option125 00000de9050b03622f62\noption43 0103612f61\n"), 0);
	assert_string_equal(d.url, "a/a");
	/* 43 without a URL is another vendor's, or only a part of an answer */
	assert_int_equal(file("option43 0203616263\noption125 00000de9050b03622f62\n"), 0);
	assert_string_equal(d.url, "b/b");
	assert_string_equal(d.code, "");
	assert_int_equal(file("option17 00000de90001000163\noption125 00000de9050b03622f62"), 0);
	assert_string_equal(d.url, "b/b");
}

static void a_malformed_option_does_not_hide_the_other(void **state)
{
	assert_int_equal(file("option43 0109\noption125 00000de9050b03622f62\n"), 0);
	assert_string_equal(d.url, "b/b");
	assert_int_equal(file("option43 0109\n"), -EBADMSG);
	assert_int_equal(file("option43\n"), -EBADMSG);
	assert_int_equal(file("option99 00\n"), -EBADMSG);
	assert_int_equal(file("option43 0x\n"), -EBADMSG);
	assert_int_equal(file("option43 010\n"), -EBADMSG);
	assert_int_equal(file(""), -ENOENT);
	assert_int_equal(file("# nothing\n\n"), -ENOENT);
	assert_string_equal(d.url, "");
}

static void isc_writes_octets_with_colons_and_without_zeros(void **state)
{
	assert_int_equal(file("option43 1:3:61:2f:61\n"), 0);
	assert_string_equal(d.url, "a/a");
	assert_int_equal(file("option43 1:3:61:2F:61:\n"), -EBADMSG);
	assert_int_equal(file("option43 1::3:61\n"), -EBADMSG);
	assert_int_equal(file("option43 001:3:61\n"), -EBADMSG);
}

static void an_option_that_is_too_long_is_refused(void **state)
{
	struct buf text;

	buf_init(&text, 65536);
	buf_puts(&text, "option43 ");
	for (int i = 0; i < 20000; i++)
		buf_puts(&text, "00");
	assert_int_equal(file(buf_str(&text)), -EBADMSG);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(option_43_gives_all_four),
		UNIT(a_trailing_nul_is_no_part_of_the_text),
		UNIT(a_nul_inside_is_refused),
		UNIT(padding_and_the_end_of_option_43_are_seen),
		UNIT(every_cut_is_malformed_or_shorter),
		UNIT(option_125_counts_for_its_enterprise_only),
		UNIT(dhcpv6_option_17_has_wide_codes),
		UNIT(numbers_out_of_range_are_refused),
		UNIT(option_43_goes_before_125_wherever_it_stands),
		UNIT(a_malformed_option_does_not_hide_the_other),
		UNIT(isc_writes_octets_with_colons_and_without_zeros),
		UNIT(an_option_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
