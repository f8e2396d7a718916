/* SPDX-License-Identifier: Apache-2.0 */
/* What wpa_supplicant is told of a network: all that the plan says, and nothing else. */
#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "wifi/station.h"

#define PHRASE "correct \"horse\" #1 \\"

static struct station_network net;
static struct station_done done;

static void network(uint32_t security, uint8_t mfp, const char *passphrase)
{
	memset(&net, 0, sizeof(net));
	net.station = 2;
	net.security = security;
	net.mfp = mfp;
	net.ssid_len = 3;
	memcpy(net.ssid, "a\n\xff", 3);
	memcpy(net.passphrase, passphrase, strlen(passphrase));
}

static void assert_settings(const char *expected)
{
	struct buf out;

	assert_int_equal(station_check(&net, NULL, &done), 0);
	buf_init(&out, 1024);
	station_settings(&out, &net);
	assert_string_equal(buf_str(&out), expected);
	buf_free(&out);
}

static void each_mode_is_said_in_wpa_supplicants_words(void **state)
{
	network(RADIO_OPEN, RADIO_MFP_DISABLED, "");
	assert_settings("ssid 610aff\nscan_ssid 1\nkey_mgmt NONE\n");
	network(RADIO_WPA2_PSK, RADIO_MFP_DISABLED, PHRASE);
	assert_settings("ssid 610aff\nscan_ssid 1\nkey_mgmt WPA-PSK\nproto RSN\npairwise CCMP\n"
			"group CCMP\nieee80211w 0\npsk \"" PHRASE "\"\n");
	network(RADIO_WPA2_PSK, RADIO_MFP_REQUIRED, PHRASE);
	assert_settings("ssid 610aff\nscan_ssid 1\nkey_mgmt WPA-PSK WPA-PSK-SHA256\nproto RSN\n"
			"pairwise CCMP\ngroup CCMP\nieee80211w 2\npsk \"" PHRASE "\"\n");
	network(RADIO_SAE, RADIO_MFP_REQUIRED, PHRASE);
	assert_settings("ssid 610aff\nscan_ssid 1\nkey_mgmt SAE\nproto RSN\npairwise CCMP\n"
			"group CCMP\nieee80211w 2\npsk \"" PHRASE "\"\n");
	network(RADIO_SAE_TRANSITION, RADIO_MFP_OPTIONAL, PHRASE);
	assert_settings("ssid 610aff\nscan_ssid 1\nkey_mgmt WPA-PSK SAE\nproto RSN\npairwise CCMP\n"
			"group CCMP\nieee80211w 1\npsk \"" PHRASE "\"\n");
	network(RADIO_WPA_WPA2_PSK, RADIO_MFP_DISABLED, PHRASE);
	assert_settings("ssid 610aff\nscan_ssid 1\nkey_mgmt WPA-PSK\nproto RSN WPA\n"
			"pairwise CCMP TKIP\ngroup CCMP TKIP\nieee80211w 0\npsk \"" PHRASE "\"\n");
	network(RADIO_OWE, RADIO_MFP_REQUIRED, "");
	assert_settings("ssid 610aff\nscan_ssid 1\nkey_mgmt OWE\nproto RSN\npairwise CCMP\n"
			"group CCMP\nieee80211w 2\n");
}

static void a_pre_shared_key_goes_in_as_hexadecimal(void **state)
{
	network(RADIO_WPA2_PSK, RADIO_MFP_DISABLED, "");
	net.has_psk = 1;
	memset(net.psk, 0xa5, sizeof(net.psk));
	assert_settings("ssid 610aff\nscan_ssid 1\nkey_mgmt WPA-PSK\nproto RSN\npairwise CCMP\n"
			"group CCMP\nieee80211w 0\n"
			"psk a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\n");
}

static void assert_refused(int error, enum plan_field field)
{
	memset(&done, 0, sizeof(done));
	assert_int_equal(station_check(&net, NULL, &done), error);
	assert_int_equal(done.error, error);
	assert_int_equal(done.field, field);
	assert_int_equal(done.station, 2);
	assert_true(done.why[0]);
}

static void what_no_station_can_join_is_refused(void **state)
{
	static const char *const keys[] = {
		"",	      "1234567",      "12345678\n",  "12345678\r",
		"\t12345678", "12345678\x7f", "12345678\xe9"
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		network(RADIO_WPA2_PSK, RADIO_MFP_DISABLED, keys[i]);
		assert_refused(-EINVAL, PLAN_FIELD_KEY);
	}
	network(RADIO_OPEN, RADIO_MFP_DISABLED, PHRASE);
	assert_refused(-EINVAL, PLAN_FIELD_KEY);
	network(RADIO_SAE, RADIO_MFP_REQUIRED, "");
	net.has_psk = 1;
	assert_refused(-EINVAL, PLAN_FIELD_KEY);
	network(RADIO_WPA2_PSK, RADIO_MFP_DISABLED, PHRASE);
	net.psk[31] = 1;
	assert_refused(-EINVAL, PLAN_FIELD_KEY);
	network(RADIO_SAE, RADIO_MFP_OPTIONAL, PHRASE);
	assert_refused(-EINVAL, PLAN_FIELD_MFP);
	network(RADIO_OPEN, RADIO_MFP_OPTIONAL, "");
	assert_refused(-EINVAL, PLAN_FIELD_MFP);
	network(RADIO_WPA2_EAP, RADIO_MFP_DISABLED, "");
	assert_refused(-EOPNOTSUPP, PLAN_FIELD_SECURITY);
	network(RADIO_WEP_128, RADIO_MFP_DISABLED, "");
	assert_refused(-EOPNOTSUPP, PLAN_FIELD_SECURITY);
	network(RADIO_MODES, RADIO_MFP_DISABLED, "");
	assert_refused(-EOPNOTSUPP, PLAN_FIELD_SECURITY);
	network(RADIO_OPEN, RADIO_MFP_DISABLED, "");
	net.ssid_len = 0;
	assert_refused(-EINVAL, PLAN_FIELD_SSID);
}

static void a_radio_without_the_ciphers_joins_nothing_that_wants_them(void **state)
{
	struct nl_wiphy radio = { .name = "phy3", .ciphers = NL_CIPHER_CCMP };

	network(RADIO_WPA2_PSK, RADIO_MFP_DISABLED, PHRASE);
	assert_int_equal(station_check(&net, &radio, &done), 0);
	net.mfp = RADIO_MFP_OPTIONAL;
	assert_int_equal(station_check(&net, &radio, &done), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_MFP);
	network(RADIO_WPA_WPA2_PSK, RADIO_MFP_DISABLED, PHRASE);
	assert_int_equal(station_check(&net, &radio, &done), -EOPNOTSUPP);
	assert_int_equal(done.field, PLAN_FIELD_SECURITY);
}

static void lists_of_interfaces_are_names_and_each_once(void **state)
{
	char names[3][NL_IFNAME_MAX];

	assert_int_equal(plan_names("", 3, names), 0);
	assert_int_equal(plan_names(" wlan2  up0.1 ", 3, names), 2);
	assert_string_equal(names[0], "wlan2");
	assert_string_equal(names[1], "up0.1");
	assert_int_equal(plan_names("a b c d", 3, names), -E2BIG);
	assert_int_equal(plan_names("a 0123456789abcdef", 3, names), -ENAMETOOLONG);
	assert_int_equal(plan_names("a b\tc", 3, names), -EINVAL);
	assert_int_equal(plan_names("../a", 3, names), -EINVAL);
	assert_int_equal(plan_names("-a", 3, names), -EINVAL);
	assert_int_equal(plan_names("a b a", 3, names), -EEXIST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(each_mode_is_said_in_wpa_supplicants_words),
		UNIT(a_pre_shared_key_goes_in_as_hexadecimal),
		UNIT(what_no_station_can_join_is_refused),
		UNIT(a_radio_without_the_ciphers_joins_nothing_that_wants_them),
		UNIT(lists_of_interfaces_are_names_and_each_once),
	};

	return cmocka_run_group_tests_name("wifi_station", tests, NULL, NULL);
}
