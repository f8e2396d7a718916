/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile agent's plan meets before anything is touched, and what becomes of a good one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "nl80211/dump.h"
#include "wifi/plan.h"

static struct nl_wiphys wiphys;
static struct plan plan;
static struct plan_done done;
static struct plan_radio radio;
static struct plan_bss bss;
static const char bridges[] = "br-lan br-guest";

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
	return plan_check(&plan, &wiphys, bridges, &done);
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
	bss.mfp = RADIO_MFP_OPTIONAL;
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
	assert_int_equal(plan_check(&plan, &wiphys, bridges, &done), -EINVAL);
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
	assert_int_equal(plan_check(&plan, &wiphys, bridges, &done), 0);
	bss.slot = 15;
	plan_put_bss(&plan, &bss);
	assert_int_equal(plan_check(&plan, &wiphys, bridges, &done), -EMFILE);
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
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
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
	bss.mfp = RADIO_MFP_REQUIRED;
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
	bss.mfp = 0;
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
	for (i = 0; i < ARRAY_SIZE(refused); i++)
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
	assert_int_equal(plan_check(&plan, &wiphys, bridges, &done), -EINVAL);
	assert_int_equal(done.radio, 0);
	assert_true(plan.rows[0].bad && !plan_wants(&plan.rows[0]));
	assert_true(!plan.rows[1].bad && plan_wants(&plan.rows[1]));
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

	assert_int_equal(plan_bss_change(&bss, &other), 0);
	set_phrase(&other, "another phrase");
	assert_int_equal(plan_bss_change(&bss, &other), PLAN_KEY);
	other.hidden = 1;
	assert_int_equal(plan_bss_change(&bss, &other), PLAN_KEY | PLAN_LIVE);
	other.ssid[31] = 1;
	assert_int_equal(plan_bss_change(&bss, &other), PLAN_NEW);
	other = bss;
	other.psk[0] = 1;
	assert_int_equal(plan_bss_change(&bss, &other), PLAN_KEY);
	other.has_psk = 1; /* the one instead of the other */
	assert_int_equal(plan_bss_change(&bss, &other), PLAN_NEW);
	other = bss;
	other.server[1].secret[0] = 'x';
	assert_int_equal(plan_bss_change(&bss, &other), PLAN_NEW);
	other = bss;
	other.allowed[383] = 2;
	assert_int_equal(plan_bss_change(&bss, &other), PLAN_LIVE);
	other.filter = 1;
	assert_int_equal(plan_bss_change(&bss, &other), PLAN_NEW);
	there.power_mbm = 100;
	assert_int_equal(plan_radio_change(&radio, &there), PLAN_POWER);
	there.width = 40;
	assert_int_equal(plan_radio_change(&radio, &there), PLAN_POWER | PLAN_MOVE);
	there.band = RADIO_5G;
	assert_int_equal(plan_radio_change(&radio, &there), PLAN_NEW);
}

static void I5_protected_frames_go_with_the_mode(void **state)
{
	static const struct {
		uint32_t security;
		bool may[3];
	} want[] = {
		{ RADIO_OPEN, { true, false, false } },
		{ RADIO_WPA2_PSK, { true, true, true } },
		{ RADIO_SAE, { false, false, true } },
		{ RADIO_SAE_TRANSITION, { false, true, false } },
		{ RADIO_WPA_WPA2_PSK, { true, true, false } },
		{ RADIO_OWE, { false, false, true } },
	};
	size_t i;

	wiphys.w[0].ciphers |= NL_CIPHER_TKIP;
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		bss.security = want[i].security;
		set_phrase(&bss, plan_mode(bss.security)->passphrase ? "passphrase" : "");
		for (bss.mfp = 0; bss.mfp < 3; bss.mfp++) {
			if ((check() == 0) == want[i].may[bss.mfp])
				continue;
			fail_msg("mode %zu with %u: %s", i, bss.mfp, done.why);
		}
	}
	wiphys.w[0].ciphers &= ~(uint32_t)NL_CIPHER_BIP_CMAC;
	bss.security = RADIO_WPA2_PSK;
	bss.mfp = RADIO_MFP_OPTIONAL;
	set_phrase(&bss, "passphrase");
	assert_int_equal(check(), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_MFP);
}

static void set_server(unsigned int n, uint8_t family, const char *addr, const char *secret)
{
	struct radio_server *s = &bss.server[n];

	memset(s, 0, sizeof(*s));
	s->family = family;
	s->port = 1812;
	memcpy(s->addr, addr, family == 4 ? 4 : 16);
	memcpy(s->secret, secret, strlen(secret));
}

static void I5_radius_servers_are_elsewhere_and_have_a_secret(void **state)
{
	static const char v6[16] = "\x20\x01\x0d\xb8", local6[16] = "\xfe\x80";
	static const char mapped[16] = "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\x01";
	static const char *const bad4[] = { "\x7f\0\0\1", "\xe0\0\0\1", "\xff\xff\xff\xff" };
	size_t i;

	bss.security = RADIO_WPA2_EAP;
	set_phrase(&bss, "");
	assert_int_equal(check(), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_SERVER);
	set_server(0, 4, "\x0a\1\2\3", "s e=cret#");
	assert_int_equal(check(), 0);
	set_server(1, 6, v6, "x");
	assert_int_equal(check(), 0);
	set_server(1, 6, v6, "");
	assert_int_equal(check(), -EINVAL);
	set_server(1, 6, v6, "a\nwpa=0");
	assert_int_equal(check(), -EINVAL);
	set_server(1, 6, local6, "x");
	assert_int_equal(check(), -EACCES);
	set_server(1, 6, mapped, "x");
	assert_int_equal(check(), -EACCES);
	set_server(1, 5, v6, "x");
	assert_int_equal(check(), -EACCES);
	memset(&bss.server[1], 0, sizeof(bss.server[1]));
	bss.server[1].secret[0] = 'x'; /* a secret without a server */
	assert_int_equal(check(), -EINVAL);
	for (i = 0; i < 3; i++) {
		memset(&bss.server[1], 0, sizeof(bss.server[1]));
		set_server(0, 4, bad4[i], "x");
		assert_int_equal(check(), -EACCES);
	}
	set_server(0, 4, "\x0a\1\2\3", "x");
	bss.server[0].port = 0;
	assert_int_equal(check(), -EINVAL);
	set_server(0, 4, "\x0a\1\2\3", "x");
	bss.security = RADIO_WPA2_PSK; /* has no place for one */
	set_phrase(&bss, "passphrase");
	assert_int_equal(check(), -EINVAL);
}

static void I5_lists_bridges_and_power_save_are_checked(void **state)
{
	bss.allowed_len = 6;
	assert_int_equal(check(), -EINVAL); /* without the filter */
	assert_int_equal(done.field, PLAN_FIELD_ALLOWED);
	bss.filter = 1;
	assert_int_equal(check(), 0);
	bss.allowed_len = 7;
	assert_int_equal(check(), -EINVAL);
	bss.allowed_len = 12;
	bss.allowed[6] = 1; /* a group */
	assert_int_equal(check(), -EINVAL);
	bss.allowed[6] = 0;
	bss.uapsd = 1;
	assert_int_equal(check(), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_UAPSD);
	bss.wmm = 1;
	bss.bridge = 2;
	assert_int_equal(check(), 0);
	bss.bridge = 3;
	assert_int_equal(check(), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_BRIDGE);
}

static void I5_standards_are_one_run_that_the_radio_has(void **state)
{
	static const unsigned int fit[] = { RADIO_B, RADIO_B | RADIO_G,
					    RADIO_G, RADIO_G | RADIO_N,
					    RADIO_N, RADIO_B | RADIO_G | RADIO_N };
	static const unsigned int bad[] = { RADIO_B | RADIO_N, RADIO_A, RADIO_AX, RADIO_AC,
					    RADIO_N | RADIO_AX };
	size_t i;

	wiphys.w[0].bands[NL_BAND_2G4].dsss = wiphys.w[0].bands[NL_BAND_2G4].ofdm = true;
	for (i = 0; i < ARRAY_SIZE(fit); i++) {
		radio.standards = (uint8_t)fit[i];
		assert_int_equal(check(), 0);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		radio.standards = (uint8_t)bad[i];
		assert_int_equal(check(), -EINVAL);
		assert_int_equal(done.field, PLAN_FIELD_STANDARDS);
	}
	radio.standards = RADIO_B | RADIO_G;
	radio.width = 40; /* came with 802.11n */
	assert_int_equal(check(), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_WIDTH);
	radio.standards = 0;
	radio.extension = RADIO_EXT_BELOW;
	assert_int_equal(check(), 0);
	radio.channel = 1;
	assert_int_equal(check(), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_EXTENSION);
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
		WITH(bss_addresses_differ_and_keep_to_the_mask),
		WITH(differences_are_told_apart),
		WITH(I5_protected_frames_go_with_the_mode),
		WITH(I5_radius_servers_are_elsewhere_and_have_a_secret),
		WITH(I5_lists_bridges_and_power_save_are_checked),
		WITH(I5_standards_are_one_run_that_the_radio_has),
	};

	return cmocka_run_group_tests_name("radio_plan", tests, NULL, NULL);
}
