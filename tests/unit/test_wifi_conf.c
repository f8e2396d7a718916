/* SPDX-License-Identifier: Apache-2.0 */
/* hostapd's file of a BSS: all that the plan says, and nothing that it does not. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "config.h"
#include "wifi/plan.h"

static struct plan_radio radio;
static struct plan_bss bss;
static struct nl_chandef channel;
static unsigned int standards, all;

static int setup(void **state)
{
	radio = (struct plan_radio){ .channel = 6, .width = 20, .enable = 1 };
	channel = (struct nl_chandef){ 2437, 20, 2437, 0, false };
	standards = all = RADIO_B | RADIO_G | RADIO_N;
	bss = (struct plan_bss){ .security = RADIO_WPA2_PSK,
				 .ssid_len = 3,
				 .ssid = "abc",
				 .passphrase = "passphrase",
				 .wmm = 1,
				 .rekey_s = 3600 };
	return 0;
}

static const char *conf_of(struct buf *out)
{
	struct bss_place place = { .ifname = "wlan0",
				   .country = radio.radar ? "DE" : "",
				   .radar = radio.radar,
				   .bridge = bss.bridge ? "br-guest" : "",
				   .all = all,
				   .standards = standards,
				   .band = radio.band,
				   .channel = channel };

	buf_reset(out);
	plan_hostapd_conf(out, &bss, &place);
	assert_false(out->failed);
	return buf_str(out);
}

static void assert_line(const char *conf, const char *line)
{
	const char *p = strstr(conf, line);

	if (!p || p[strlen(line)] != '\n' || (p != conf && p[-1] != '\n'))
		fail_msg("no line '%s' in:\n%s", line, conf);
}

static void assert_no_line(const char *conf, const char *key)
{
	const char *p = strstr(conf, key);

	if (p && (p == conf || p[-1] == '\n'))
		fail_msg("a line %s in:\n%s", key, conf);
}

static size_t count_lines(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == '\n';
	return n;
}

static void hostapd_conf_says_what_the_plan_says(void **state)
{
	struct buf out;
	const char *c;

	buf_init(&out, 2048);
	bss.hidden = bss.isolate = 1;
	bss.max_stations = 5;
	c = conf_of(&out);
	assert_line(c, "interface=wlan0");
	assert_line(c, "ssid2=616263");
	assert_line(c, "hw_mode=g");
	assert_line(c, "channel=6");
	assert_line(c, "ieee80211n=1");
	assert_line(c, "wpa=2");
	assert_line(c, "wpa_key_mgmt=WPA-PSK");
	assert_line(c, "rsn_pairwise=CCMP");
	assert_line(c, "wpa_group_rekey=3600");
	assert_line(c, "wpa_passphrase=passphrase");
	assert_line(c, "ignore_broadcast_ssid=1");
	assert_line(c, "ap_isolate=1");
	assert_line(c, "max_num_sta=5");
	assert_no_line(c, "ieee80211w");
	assert_no_line(c, "bssid");
	assert_no_line(c, "country_code");

	bss.security = RADIO_OPEN;
	c = conf_of(&out);
	assert_no_line(c, "wpa");

	radio.band = RADIO_5G;
	channel = (struct nl_chandef){ 5200, 80, 5210, -1, false };
	standards = all = RADIO_A | RADIO_N | RADIO_AC;
	bss.security = RADIO_SAE;
	bss.mfp = RADIO_MFP_REQUIRED;
	c = conf_of(&out);
	assert_line(c, "hw_mode=a");
	assert_line(c, "ht_capab=[HT40-]");
	assert_line(c, "vht_oper_chwidth=1");
	assert_line(c, "vht_oper_centr_freq_seg0_idx=42");
	assert_line(c, "wpa_key_mgmt=SAE");
	assert_line(c, "ieee80211w=2");
	assert_line(c, "sae_pwe=2");
	assert_no_line(c, "sae_password");
	assert_no_line(c, "ieee80211h");
	radio.radar = 1;
	c = conf_of(&out);
	assert_line(c, "country_code=DE");
	assert_line(c, "ieee80211d=1");
	assert_line(c, "ieee80211h=1");

	radio.radar = 0;
	radio.band = RADIO_6G;
	channel = (struct nl_chandef){ 5975, 80, 5985, 1, false };
	standards = all = RADIO_AX;
	c = conf_of(&out);
	assert_line(c, "op_class=133");
	assert_line(c, "he_oper_centr_freq_seg0_idx=7");
	assert_line(c, "sae_pwe=1");
	assert_no_line(c, "ieee80211n");
	buf_free(&out);
}

/* Every byte, in every place of a name; a passphrase with everything that it may hold. */
static void no_byte_of_a_plan_becomes_another_line(void **state)
{
	struct buf out;
	size_t lines;
	int b, at;

	buf_init(&out, 2048);
	lines = count_lines(conf_of(&out));
	bss.ssid_len = 32;
	for (b = 0; b < 256; b++) {
		char expect[80] = "ssid2=";

		memset(bss.ssid, b, sizeof(bss.ssid));
		for (at = 0; at < 32; at++)
			(void)snprintf(expect + 6 + 2 * at, 3, "%02x", (unsigned int)b);
		assert_int_equal(count_lines(conf_of(&out)), lines);
		assert_line(buf_str(&out), expect);
	}
	for (b = 0x20; b < 0x7f; b++) {
		char expect[80];

		memset(bss.passphrase, b, 63);
		(void)snprintf(expect, sizeof(expect), "wpa_passphrase=%s", bss.passphrase);
		assert_line(conf_of(&out), expect);
		assert_int_equal(count_lines(buf_str(&out)), lines);
	}
	buf_free(&out);
}

static void each_mode_says_what_it_takes(void **state)
{
	static const struct {
		uint32_t security;
		uint8_t mfp;
		const char *lines[4];
	} want[] = {
		{ RADIO_WPA2_PSK, 0, { "wpa=2", "wpa_key_mgmt=WPA-PSK" } },
		{ RADIO_WPA2_PSK, 1, { "wpa_key_mgmt=WPA-PSK WPA-PSK-SHA256", "ieee80211w=1" } },
		{ RADIO_WPA2_PSK, 2, { "wpa_key_mgmt=WPA-PSK WPA-PSK-SHA256", "ieee80211w=2" } },
		{ RADIO_SAE_TRANSITION, 1, { "wpa_key_mgmt=WPA-PSK SAE", "sae_require_mfp=1" } },
		{ RADIO_WPA_WPA2_PSK,
		  0,
		  { "wpa=3", "wpa_pairwise=TKIP CCMP", "rsn_pairwise=CCMP" } },
		{ RADIO_WPA2_EAP,
		  0,
		  { "wpa=2", "wpa_key_mgmt=WPA-EAP", "ieee8021x=1", "nas_identifier=wlan0" } },
		{ RADIO_WPA3_EAP, 2, { "wpa_key_mgmt=WPA-EAP-SHA256", "ieee80211w=2" } },
		{ RADIO_OWE, 2, { "wpa=2", "wpa_key_mgmt=OWE", "ieee80211w=2" } },
	};
	struct buf out;
	size_t i, k;

	buf_init(&out, 2048);
	bss.server[0] = (struct radio_server){
		.family = 4, .port = 1812, .addr = { 10, 1, 2, 3 }, .secret = "s e=cret#"
	};
	bss.server[1] = (struct radio_server){
		.family = 6, .port = 11812, .addr = { 0x20, 1 }, .secret = "other"
	};
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		const char *c;

		bss.security = want[i].security;
		bss.mfp = want[i].mfp;
		c = conf_of(&out);
		for (k = 0; k < 4 && want[i].lines[k]; k++)
			assert_line(c, want[i].lines[k]);
		if (!plan_mode(bss.security)->passphrase)
			assert_no_line(c, "wpa_passphrase");
		if (!bss.mfp)
			assert_no_line(c, "ieee80211w");
		if (!plan_mode(bss.security)->server) {
			assert_no_line(c, "auth_server");
			continue;
		}
		assert_line(c, "auth_server_addr=10.1.2.3");
		assert_line(c, "auth_server_port=1812");
		assert_line(c, "auth_server_shared_secret=s e=cret#");
		assert_line(c, "auth_server_addr=2001::");
		assert_line(c, "auth_server_port=11812");
		assert_line(c, "auth_server_shared_secret=other");
	}
	buf_free(&out);
}

static void rows_of_an_access_point_become_lines(void **state)
{
	struct buf out;
	const char *c;

	buf_init(&out, 2048);
	c = conf_of(&out);
	assert_line(c, "wmm_enabled=1");
	assert_line(c, "uapsd_advertisement_enabled=0");
	assert_line(c, "macaddr_acl=0");
	assert_no_line(c, "bridge");
	assert_no_line(c, "supported_rates");
	bss.uapsd = bss.filter = 1;
	bss.bridge = 2;
	standards = RADIO_G | RADIO_N;
	c = conf_of(&out);
	assert_line(c, "uapsd_advertisement_enabled=1");
	assert_line(c, "macaddr_acl=1");
	assert_line(c, "bridge=br-guest");
	assert_line(c, "basic_rates=60 120 240");
	assert_no_line(c, "require_ht");
	bss.wmm = bss.uapsd = 0;
	standards = RADIO_N;
	c = conf_of(&out);
	assert_line(c, "wmm_enabled=0");
	assert_line(c, "require_ht=1");
	standards = RADIO_B;
	c = conf_of(&out);
	assert_line(c, "hw_mode=b");
	assert_no_line(c, "ieee80211n");
	buf_free(&out);
}

static void a_pre_shared_key_stands_for_the_passphrase(void **state)
{
	struct buf out;
	const char *c;

	buf_init(&out, 2048);
	bss.has_psk = 1;
	memset(bss.psk, 0xab, sizeof(bss.psk));
	c = conf_of(&out);
	assert_line(c, "wpa_psk=abababababababababababababababababababababababababababababababab");
	assert_no_line(c, "wpa_passphrase");
	buf_free(&out);
}

#ifndef CONFIG_WIFI_WEP
static void wep_is_no_mode_unless_it_is_configured(void **state)
{
	assert_null(plan_mode(RADIO_WEP_64));
	assert_null(plan_mode(RADIO_WEP_128));
	assert_null(plan_mode(RADIO_MODES));
}
#endif

#define WITH(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifndef CONFIG_WIFI_WEP
		UNIT(wep_is_no_mode_unless_it_is_configured),
#endif
		WITH(hostapd_conf_says_what_the_plan_says),
		WITH(each_mode_says_what_it_takes),
		WITH(rows_of_an_access_point_become_lines),
		WITH(a_pre_shared_key_stands_for_the_passphrase),
		WITH(no_byte_of_a_plan_becomes_another_line),
	};

	return cmocka_run_group_tests_name("wifi_conf", tests, NULL, NULL);
}
