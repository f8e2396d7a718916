/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile agent's plan meets before anything is touched, and what becomes of a good one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "wifi/plan.h"
#include "lib/text.h"

static struct nl_wiphys wiphys;
static struct plan plan;
static struct plan_done done;
static struct plan_radio radio;
static struct plan_bss bss;

static void add_chan(struct nl_band *b, uint16_t mhz, uint16_t flags)
{
	b->present = true;
	b->chans[b->nchans++] = (struct nl_chan){ .mhz = mhz,
						  .flags = flags,
						  .max_mbm = 2000,
						  .number = (uint16_t)nl_mhz_to_channel(mhz) };
}

/* Two radios: 2.4 GHz (4 BSS, 10 stations), and 5 and 6 GHz (1 BSS, no protected frames). */
static int setup(void **state)
{
	struct nl_wiphy *w = &wiphys.w[0];
	uint16_t mhz;

	memset(&wiphys, 0, sizeof(wiphys));
	wiphys.n = 2;
	*w = (struct nl_wiphy){ .index = 3,
				.name = "phy3",
				.max_ap = 4,
				.max_stations = 10,
				.ciphers = NL_CIPHER_CCMP | NL_CIPHER_BIP_CMAC };
	for (mhz = 2412; mhz <= 2472; mhz += 5)
		add_chan(&w->bands[NL_BAND_2G4], mhz, mhz == 2472 ? NL_CHAN_NO_IR : 0);
	w->bands[NL_BAND_2G4].ht = true;
	w->bands[NL_BAND_2G4].ht_capa = 2;
	w = &wiphys.w[1];
	*w = (struct nl_wiphy){
		.index = 9, .name = "phy9", .max_ap = 1, .ciphers = NL_CIPHER_CCMP
	};
	for (mhz = 5180; mhz <= 5320; mhz += 20)
		add_chan(&w->bands[NL_BAND_5G], mhz, mhz >= 5260 ? NL_CHAN_RADAR : 0);
	w->bands[NL_BAND_5G].ht = w->bands[NL_BAND_5G].vht = true;
	w->bands[NL_BAND_5G].ht_capa = 2;
	for (mhz = 5955; mhz <= 6015; mhz += 20)
		add_chan(&w->bands[NL_BAND_6G], mhz, 0);

	memset(&plan, 0, sizeof(plan));
	memset(&done, 0, sizeof(done));
	plan.begin.radios = 2;
	radio = (struct plan_radio){ .wiphy = 3, .channel = 6, .width = 20, .enable = 1 };
	bss = (struct plan_bss){ .security = RADIO_WPA2_PSK,
				 .ssid_len = 3,
				 .ssid = "abc",
				 .passphrase = "passphrase",
				 .rekey_s = 3600 };
	return 0;
}

static void set_phrase(struct plan_bss *q, const char *phrase)
{
	memset(q->passphrase, 0, sizeof(q->passphrase));
	memcpy(q->passphrase, phrase, strlen(phrase));
}

static int check(void)
{
	memset(plan.rows, 0, sizeof(plan.rows));
	plan_put_radio(&plan, &radio);
	plan_put_bss(&plan, &bss);
	return plan_check(&plan, &wiphys, &done);
}

static void I5_plan_pieces_must_fit_together(void **state)
{
	plan.begin.radios = 1;
	plan.begin.bsses = 1;
	assert_int_equal(plan_put_bss(&plan, &bss), -EINVAL); /* its radio comes first */
	assert_int_equal(plan_put_radio(&plan, &radio), 0);
	assert_int_equal(plan_put_radio(&plan, &radio), -EINVAL);
	radio.radio = 1;
	assert_int_equal(plan_put_radio(&plan, &radio), -EINVAL);
	radio.radio = UINT32_MAX;
	assert_int_equal(plan_put_radio(&plan, &radio), -EINVAL);
	assert_false(plan_complete(&plan));
	bss.slot = RADIO_BSS_MAX;
	assert_int_equal(plan_put_bss(&plan, &bss), -EINVAL);
	bss.slot = 1;
	assert_int_equal(plan_put_bss(&plan, &bss), 0);
	assert_int_equal(plan_put_bss(&plan, &bss), -EINVAL);
	assert_true(plan_complete(&plan));
	assert_int_equal(plan_lead(&plan.rows[0]), 1);
}

static void I5_good_plan_passes(void **state)
{
	assert_int_equal(check(), 0);
	radio.width = 40;
	assert_int_equal(check(), 0);
	radio.power_mbm = 2000;
	assert_int_equal(check(), 0);
	bss.security = RADIO_SAE_TRANSITION;
	assert_int_equal(check(), 0);
}

static void I5_channel_outside_wiphy_or_regulation_is_refused(void **state)
{
	radio.channel = 13;
	assert_int_equal(check(), -EACCES);
	assert_int_equal(done.field, PLAN_FIELD_CHANNEL);
	radio.channel = 14;
	assert_int_equal(check(), -EINVAL);
	radio.channel = 0;
	assert_int_equal(check(), -EINVAL);
	radio.channel = 6;
	radio.width = 80;
	assert_int_equal(check(), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_WIDTH);
	radio.width = 30;
	assert_int_equal(check(), -EINVAL);
	radio.width = 20;
	radio.band = RADIO_5G;
	assert_int_equal(check(), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_BAND);
	radio.wiphy = 9;
	radio.channel = 52; /* without radar detection */
	assert_int_equal(check(), -EACCES);
	radio.channel = 36;
	radio.width = 80;
	assert_int_equal(check(), 0);
	radio.width = 160;
	assert_int_equal(check(), -EINVAL);
}

static void I5_power_over_the_limit_is_refused(void **state)
{
	radio.power_mbm = 2001;
	assert_int_equal(check(), -EACCES);
	assert_int_equal(done.field, PLAN_FIELD_POWER);
}

static void I5_wiphy_must_exist_and_be_named_once(void **state)
{
	radio.wiphy = 0;
	assert_int_equal(check(), -ENODEV);
	radio.wiphy = 3;
	assert_int_equal(check(), 0);
	radio.radio = 1;
	bss.radio = 1;
	plan_put_radio(&plan, &radio);
	plan_put_bss(&plan, &bss);
	assert_int_equal(plan_check(&plan, &wiphys, &done), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_WIPHY);
	assert_int_equal(done.radio, 1);
	wiphys.w[0].max_ap = 0;
	radio.radio = bss.radio = 0;
	assert_int_equal(check(), -ENODEV);
}

static void I5_more_bss_than_the_radio_has_are_refused(void **state)
{
	assert_int_equal(check(), 0);
	for (bss.slot = 1; bss.slot < 4; bss.slot++)
		plan_put_bss(&plan, &bss);
	assert_int_equal(plan_check(&plan, &wiphys, &done), 0);
	bss.slot = 15;
	plan_put_bss(&plan, &bss);
	assert_int_equal(plan_check(&plan, &wiphys, &done), -EMFILE);
	assert_int_equal(done.bss, 15);
}

static void I5_ssid_and_key_are_checked(void **state)
{
	static const char *const bad[] = {
		"", "short", "seven77", "tab\tinside it", "umlaut\xc3\xa4 here", "line\nwpa=0\nx="
	};
	size_t i;

	bss.ssid_len = 0;
	assert_int_equal(check(), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_SSID);
	bss.ssid_len = 33;
	assert_int_equal(check(), -EINVAL);
	bss.ssid_len = 32;
	assert_int_equal(check(), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		set_phrase(&bss, bad[i]);
		assert_int_equal(check(), -EINVAL);
		assert_int_equal(done.field, PLAN_FIELD_KEY);
	}
	memset(bss.passphrase, 'x', 63);
	bss.passphrase[63] = '\0';
	assert_int_equal(check(), 0);
	bss.has_psk = 1; /* both */
	assert_int_equal(check(), -EINVAL);
	memset(bss.passphrase, 0, sizeof(bss.passphrase));
	assert_int_equal(check(), 0);
	bss.security = RADIO_SAE; /* SAE has no pre-shared key */
	assert_int_equal(check(), -EINVAL);
	bss.security = RADIO_OPEN;
	assert_int_equal(check(), -EINVAL);
	bss.has_psk = 0;
	assert_int_equal(check(), 0);
	bss.psk[31] = 1; /* hidden in what is not looked at */
	assert_int_equal(check(), -EINVAL);
}

static void I5_security_needs_the_ciphers_and_the_band(void **state)
{
	radio.wiphy = 9;
	radio.band = RADIO_5G;
	radio.channel = 36;
	bss.security = RADIO_SAE;
	assert_int_equal(check(), -EOPNOTSUPP);
	assert_int_equal(done.field, PLAN_FIELD_SECURITY);
	wiphys.w[1].ciphers |= NL_CIPHER_BIP_CMAC;
	assert_int_equal(check(), 0);
	radio.band = RADIO_6G;
	radio.channel = 1;
	assert_int_equal(check(), 0);
	bss.security = RADIO_SAE_TRANSITION;
	assert_int_equal(check(), -EINVAL);
	bss.security = RADIO_OPEN;
	memset(bss.passphrase, 0, sizeof(bss.passphrase));
	assert_int_equal(check(), -EINVAL);
	bss.max_stations = 11;
	bss.security = RADIO_OPEN;
	radio = (struct plan_radio){ .wiphy = 3, .channel = 6, .width = 20, .enable = 1 };
	assert_int_equal(check(), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_STATIONS);
}

static void I5_country_is_the_operators(void **state)
{
	static const char *const refused[] = { "US", "D", "DEU", "E ", " F", "de", "CH", "HA" };
	size_t i;

	assert_int_equal(plan_check_country("", "", &done), 0);
	assert_int_equal(plan_check_country("FR", "", &done), -EACCES);
	assert_int_equal(done.field, PLAN_FIELD_COUNTRY);
	assert_int_equal(plan_check_country("DE", "DE FR CHAT", &done), 0);
	assert_int_equal(plan_check_country("FR", "DE FR", &done), 0);
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_int_equal(plan_check_country(refused[i], "DE FR CHAT", &done), -EACCES);
}

static void of_a_standing_plan_only_the_radio_at_fault_is_marked(void **state)
{
	radio.channel = 14;
	plan_put_radio(&plan, &radio);
	plan_put_bss(&plan, &bss);
	radio = (struct plan_radio){
		.radio = 1, .wiphy = 9, .band = RADIO_5G, .channel = 36, .width = 20, .enable = 1
	};
	bss.radio = 1;
	plan_put_radio(&plan, &radio);
	plan_put_bss(&plan, &bss);
	assert_int_equal(plan_check(&plan, &wiphys, &done), -EINVAL);
	assert_int_equal(done.radio, 0);
	assert_true(plan.rows[0].bad && !plan_wants(&plan.rows[0]));
	assert_true(!plan.rows[1].bad && plan_wants(&plan.rows[1]));
}

static const char *conf_of(struct buf *out)
{
	struct bss_place place = { .ifname = "wlan0",
				   .country = "",
				   .band_id = radio.band,
				   .band = &wiphys.w[radio.wiphy == 9].bands[radio.band] };

	assert_int_equal(nl_chandef(&wiphys.w[radio.wiphy == 9], radio.band, radio.channel,
				    radio.width, &place.channel),
			 0);
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

	radio = (struct plan_radio){ .wiphy = 9, .band = RADIO_5G, .channel = 40, .width = 80 };
	bss.security = RADIO_SAE;
	c = conf_of(&out);
	assert_line(c, "hw_mode=a");
	assert_line(c, "ht_capab=[HT40-]");
	assert_line(c, "vht_oper_chwidth=1");
	assert_line(c, "vht_oper_centr_freq_seg0_idx=42");
	assert_line(c, "wpa_key_mgmt=SAE");
	assert_line(c, "ieee80211w=2");
	assert_line(c, "sae_pwe=2");
	assert_no_line(c, "sae_password");

	wiphys.w[1].bands[NL_BAND_6G].he = true;
	wiphys.w[1].bands[NL_BAND_6G].he_phy0 = 4;
	radio = (struct plan_radio){ .wiphy = 9, .band = RADIO_6G, .channel = 5, .width = 80 };
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
		if (check() != 0)
			fail_msg("0x%02x refused", (unsigned int)b);
		(void)snprintf(expect, sizeof(expect), "wpa_passphrase=%s", bss.passphrase);
		assert_line(conf_of(&out), expect);
		assert_int_equal(count_lines(buf_str(&out)), lines);
	}
	for (b = 1; b < 256; b++) {
		if (b >= 0x20 && b < 0x7f)
			continue;
		memset(bss.passphrase, 'x', 63);
		bss.passphrase[b % 63] = (char)b;
		assert_int_equal(check(), -EINVAL);
	}
	buf_free(&out);
}

static void bss_addresses_differ_and_keep_to_the_mask(void **state)
{
	static const uint8_t base[6] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0xfe };
	static const uint8_t none[6], low[6] = { 0, 0, 0, 0, 0, 0x0f };
	uint8_t a[16][6];
	unsigned int i, k;

	for (i = 1; i < 16; i++) {
		nl_bss_address(a[i], base, none, i);
		assert_int_equal(a[i][0] & 3, 2); /* local, not a group */
		assert_memory_equal(a[i] + 1, base + 1, 5);
		for (k = 1; k < i; k++)
			assert_memory_not_equal(a[i], a[k], 6);
		assert_memory_not_equal(a[i], base, 6);
	}
	for (i = 1; i < 16; i++) {
		nl_bss_address(a[i], base, low, i);
		assert_memory_equal(a[i], base, 5);
		assert_int_equal(a[i][5] & 0xf0, 0xf0);
		for (k = 1; k < i; k++)
			assert_memory_not_equal(a[i], a[k], 6);
	}
}

static void differences_are_told_apart(void **state)
{
	struct plan_bss other = bss;
	struct plan_radio there = radio;

	assert_false(plan_bss_differs(&bss, &other));
	set_phrase(&other, "another phrase");
	assert_false(plan_bss_differs(&bss, &other));
	other = bss;
	other.ssid[31] = 1;
	assert_true(plan_bss_differs(&bss, &other));
	other = bss;
	other.psk[0] = 1;
	assert_true(plan_bss_differs(&bss, &other));
	there.power_mbm = 100;
	assert_false(plan_radio_differs(&radio, &there));
	there.width = 40;
	assert_true(plan_radio_differs(&radio, &there));
}

#define WITH(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(I5_plan_pieces_must_fit_together),
		WITH(I5_good_plan_passes),
		WITH(I5_channel_outside_wiphy_or_regulation_is_refused),
		WITH(I5_power_over_the_limit_is_refused),
		WITH(I5_wiphy_must_exist_and_be_named_once),
		WITH(I5_more_bss_than_the_radio_has_are_refused),
		WITH(I5_ssid_and_key_are_checked),
		WITH(I5_security_needs_the_ciphers_and_the_band),
		WITH(I5_country_is_the_operators),
		WITH(of_a_standing_plan_only_the_radio_at_fault_is_marked),
		WITH(hostapd_conf_says_what_the_plan_says),
		WITH(no_byte_of_a_plan_becomes_another_line),
		WITH(bss_addresses_differ_and_keep_to_the_mask),
		WITH(differences_are_told_apart),
	};

	return cmocka_run_group_tests_name("radio_plan", tests, NULL, NULL);
}
