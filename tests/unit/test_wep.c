/* SPDX-License-Identifier: Apache-2.0 */
/* WEP, which a configuration has to ask for: the plan's rules with it, whatever this one has. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "config.h"

#ifndef CONFIG_WIFI_WEP
#define CONFIG_WIFI_WEP 1
#endif

#include "wifi/check.c"
#include "wifi/conf.c"
#include "wifi/modes.c"
#include "wifi/plan.c"

static struct nl_wiphy phy;
static struct plan_radio radio;
static struct plan_bss bss;
static struct plan_done done;

static int setup(void **state)
{
	struct nl_band *b = &phy.bands[NL_BAND_2G4];

	memset(&phy, 0, sizeof(phy));
	b->present = b->ht = b->dsss = b->ofdm = true;
	phy.ciphers = NL_CIPHER_WEP40 | NL_CIPHER_WEP104;
	radio = (struct plan_radio){ .channel = 6, .width = 20, .enable = 1 };
	bss = (struct plan_bss){ .security = RADIO_WEP_64,
				 .ssid_len = 1,
				 .ssid = "x",
				 .has_psk = 1,
				 .psk = { 0x01, 0x23, 0x45, 0x67, 0x89 } };
	return 0;
}

static int check(void)
{
	return plan_check_bss(&bss, &radio, &phy, &done);
}

static void a_wep_key_has_five_or_thirteen_octets(void **state)
{
	assert_int_equal(check(), 0);
	bss.psk[5] = 1; /* hidden behind it */
	assert_int_equal(check(), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_KEY);
	bss.security = RADIO_WEP_128;
	assert_int_equal(check(), 0);
	bss.psk[13] = 1;
	assert_int_equal(check(), -EINVAL);
	bss.psk[13] = 0;
	bss.has_psk = 0;
	assert_int_equal(check(), -EINVAL);
	bss.has_psk = 1;
	memcpy(bss.passphrase, "passphrase", sizeof("passphrase"));
	assert_int_equal(check(), -EINVAL);
}

static void wep_needs_a_radio_that_can_and_nothing_of_80211n(void **state)
{
	radio.width = 40;
	assert_int_equal(check(), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_SECURITY);
	radio.width = 20;
	radio.standards = RADIO_N;
	assert_int_equal(check(), -EINVAL);
	radio.standards = RADIO_G | RADIO_N;
	assert_int_equal(check(), 0);
	bss.mfp = RADIO_MFP_OPTIONAL;
	assert_int_equal(check(), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_MFP);
	bss.mfp = RADIO_MFP_DISABLED;
	phy.ciphers = NL_CIPHER_WEP104;
	assert_int_equal(check(), -EOPNOTSUPP);
}

static void a_new_wep_key_is_a_new_bss(void **state)
{
	struct plan_bss other = bss;

	assert_int_equal(plan_bss_change(&bss, &other), 0);
	other.psk[0]++;
	assert_int_equal(plan_bss_change(&bss, &other), PLAN_NEW);
}

static void hostapd_gets_the_wep_key_and_no_wpa(void **state)
{
	const struct bss_place at = { .ifname = "wlan0",
				      .bridge = "",
				      .country = "",
				      .standards = RADIO_B | RADIO_G | RADIO_N,
				      .all = RADIO_B | RADIO_G | RADIO_N,
				      .channel = { .mhz = 2437, .width = 20, .center = 2437 } };
	struct buf out;

	buf_init(&out, 2048);
	plan_hostapd_conf(&out, &bss, &at);
	buf_putc(&out, '\0');
	assert_false(out.failed);
	assert_non_null(strstr(out.data, "\nwep_key0=0123456789\nwep_default_key=0\n"));
	assert_null(strstr(out.data, "wpa"));
	buf_free(&out);
}

#define WITH(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(a_wep_key_has_five_or_thirteen_octets),
		WITH(wep_needs_a_radio_that_can_and_nothing_of_80211n),
		WITH(a_new_wep_key_is_a_new_bss),
		WITH(hostapd_gets_the_wep_key_and_no_wpa),
	};

	return cmocka_run_group_tests_name("wep", tests, NULL, NULL);
}
