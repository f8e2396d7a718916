/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "agent/dialer/addr.h"
#include "agent/dialer/egress.h"
#include "tests/unit/unit.h"

static const struct {
	const char *addr;
	enum egress_class class;
} addresses[] = {
	{ "198.51.100.7", EGRESS_PUBLIC },
	{ "9.255.255.255", EGRESS_PUBLIC },
	{ "10.0.0.0", EGRESS_PRIVATE },
	{ "10.255.255.255", EGRESS_PRIVATE },
	{ "11.0.0.0", EGRESS_PUBLIC },
	{ "172.15.255.255", EGRESS_PUBLIC },
	{ "172.16.0.0", EGRESS_PRIVATE },
	{ "172.31.255.255", EGRESS_PRIVATE },
	{ "172.32.0.0", EGRESS_PUBLIC },
	{ "192.168.1.1", EGRESS_PRIVATE },
	{ "192.169.0.0", EGRESS_PUBLIC },
	{ "100.63.255.255", EGRESS_PUBLIC },
	{ "100.64.0.0", EGRESS_PRIVATE },
	{ "100.127.255.255", EGRESS_PRIVATE },
	{ "100.128.0.0", EGRESS_PUBLIC },
	{ "127.0.0.1", EGRESS_LOOPBACK },
	{ "127.255.255.255", EGRESS_LOOPBACK },
	{ "128.0.0.0", EGRESS_PUBLIC },
	{ "169.254.169.254", EGRESS_LINK_LOCAL },
	{ "0.0.0.0", EGRESS_NEVER },
	{ "0.1.2.3", EGRESS_NEVER },
	{ "223.255.255.255", EGRESS_PUBLIC },
	{ "224.0.0.1", EGRESS_NEVER },
	{ "255.255.255.255", EGRESS_NEVER },
	{ "2001:db8::1", EGRESS_PUBLIC },
	{ "::", EGRESS_NEVER },
	{ "::1", EGRESS_LOOPBACK },
	{ "::2", EGRESS_NEVER },
	{ "::127.0.0.1", EGRESS_NEVER },
	{ "::ffff:127.0.0.1", EGRESS_LOOPBACK },
	{ "::ffff:10.1.2.3", EGRESS_PRIVATE },
	{ "::ffff:198.51.100.7", EGRESS_PUBLIC },
	{ "64:ff9b::7f00:1", EGRESS_LOOPBACK },
	{ "64:ff9b::c633:6407", EGRESS_PUBLIC },
	{ "2002:7f00:1::", EGRESS_LOOPBACK },
	{ "2002:a9fe:a9fe::1", EGRESS_LINK_LOCAL },
	{ "2002:c633:6407::1", EGRESS_PUBLIC },
	{ "fe80::1", EGRESS_LINK_LOCAL },
	{ "febf::1", EGRESS_LINK_LOCAL },
	{ "fec0::1", EGRESS_PRIVATE },
	{ "fc00::1", EGRESS_PRIVATE },
	{ "fdff::1", EGRESS_PRIVATE },
	{ "ff02::1", EGRESS_NEVER },
};

static void N4_addresses_are_classified(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		struct dial_addr a;

		assert_int_equal(dial_addr_parse(&a, addresses[i].addr, 80), 0);
		if (egress_classify(&a) != addresses[i].class)
			fail_msg("%s is taken for %s", addresses[i].addr,
				 egress_class_text(egress_classify(&a)));
	}
}

/* Mapped addresses never come out of the parser; a hostile resolver could still send one. */
static void N4_mapped_address_is_seen_through(void **state)
{
	struct dial_addr a = { .family = DIAL_IPV6 };

	memcpy(a.addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1", 16);
	assert_int_equal(egress_classify(&a), EGRESS_LOOPBACK);
	a.family = 5;
	assert_int_equal(egress_classify(&a), EGRESS_NEVER);
}

static void N4_settings_decide_on_loopback_and_private_only(void **state)
{
	for (int mask = 0; mask < 4; mask++) {
		struct egress e = { .allow_loopback = mask & 1, .allow_private = mask & 2 };

		for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
			enum egress_class c = addresses[i].class;
			bool wanted = c == EGRESS_PUBLIC ||
				      (c == EGRESS_PRIVATE && e.allow_private) ||
				      (c == EGRESS_LOOPBACK && e.allow_loopback);
			struct dial_addr a;

			assert_int_equal(dial_addr_parse(&a, addresses[i].addr, 80), 0);
			assert_int_equal(egress_addr(&e, &a), wanted);
		}
	}
}

static void N4_ports_are_listed_per_purpose(void **state)
{
	struct egress e = { .allow_private = true };

	assert_int_equal(egress_parse_ports(&e.ports[DIAL_FOR_ACS], " 80, 443\t1024-65535"), 0);
	assert_true(egress_port(&e, DIAL_FOR_ACS, 80));
	assert_true(egress_port(&e, DIAL_FOR_ACS, 1024));
	assert_true(egress_port(&e, DIAL_FOR_ACS, 65535));
	assert_false(egress_port(&e, DIAL_FOR_ACS, 22));
	assert_false(egress_port(&e, DIAL_FOR_ACS, 1023));
	assert_false(egress_port(&e, DIAL_FOR_ACS, 0));
	assert_false(egress_port(&e, DIAL_FOR_TRANSFER, 80));
	assert_int_equal(egress_parse_ports(&e.ports[DIAL_FOR_ACS], ""), 0);
	assert_false(egress_port(&e, DIAL_FOR_ACS, 80));
}

static void N4_malformed_port_list_is_refused(void **state)
{
	static const char *const bad[] = { "x",	      "80-",   "-80",	"0",	 "65536", "443-80",
					   "80 - 90", "80;81", "1-2-3", "0-100", "+80" };
	struct egress_ports p;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (egress_parse_ports(&p, bad[i]) != -EINVAL)
			fail_msg("taken: %s", bad[i]);
	}
	assert_int_equal(egress_parse_ports(&p, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16"), 0);
	assert_int_equal(egress_parse_ports(&p, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"),
			 -EINVAL);
}

static void addresses_survive_the_kernels_form_and_text(void **state)
{
	static const char *const texts[] = { "192.0.2.1", "2001:db8::1", "::1" };
	struct sockaddr_storage ss;
	char text[DIAL_ADDR_TEXT];
	struct dial_addr a, b;

	for (size_t i = 0; i < 3; i++) {
		socklen_t len;

		assert_int_equal(dial_addr_parse(&a, texts[i], 7547), 0);
		len = dial_addr_to(&a, &ss);
		assert_int_equal(dial_addr_from(&b, (struct sockaddr *)&ss, len), 0);
		assert_memory_equal(&a, &b, sizeof(a));
		assert_string_equal(dial_addr_text(&b, false, text), texts[i]);
	}
	assert_string_equal(dial_addr_text(&b, true, text), "[::1]");
	b.family = 0;
	assert_string_equal(dial_addr_text(&b, true, text), "-");
	assert_int_equal(dial_addr_to(&b, &ss), 0);
	assert_int_equal(dial_addr_parse(&a, "fe80::1%eth0", 1), -EINVAL);
	assert_int_equal(dial_addr_parse(&a, "192.0.2.1.", 1), -EINVAL);
	assert_int_equal(dial_addr_parse(&a, "::ffff:192.0.2.1", 1), 0);
	assert_int_equal(a.family, DIAL_IPV4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(N4_addresses_are_classified),
		UNIT(N4_mapped_address_is_seen_through),
		UNIT(N4_settings_decide_on_loopback_and_private_only),
		UNIT(N4_ports_are_listed_per_purpose),
		UNIT(N4_malformed_port_list_is_refused),
		UNIT(addresses_survive_the_kernels_form_and_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
