/* SPDX-License-Identifier: Apache-2.0 */
/*
 * I5: whatever a hostile agent plans, as far as the codec lets it through: what is accepted becomes
 * lines of hostapd's file that are known, one key each, and nothing else.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/text.h"
#include "wifi/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct nl_wiphys wiphys;
static struct plan plan;

static void add_band(enum nl_band_id id, uint16_t first, uint16_t last, uint16_t step)
{
	struct nl_band *b = &wiphys.w[0].bands[id];

	*b = (struct nl_band){ .present = true,
			       .dsss = true,
			       .ofdm = true,
			       .ht = true,
			       .vht = true,
			       .he = true,
			       .he_phy0 = 0x0e,
			       .ht_capa = 2,
			       .vht_capa = 4 };
	for (; first <= last; first = (uint16_t)(first + step))
		b->chans[b->nchans++] = (struct nl_chan){
			.mhz = first, .max_mbm = 2000, .number = (uint16_t)nl_mhz_to_channel(first)
		};
}

static void check_lines(const char *conf)
{
	static const char *const keys[] = {
		"interface",
		"driver",
		"bridge",
		"bssid",
		"ssid2",
		"country_code",
		"ieee80211d",
		"hw_mode",
		"channel",
		"op_class",
		"ieee80211n",
		"ieee80211ac",
		"ieee80211ax",
		"ht_capab",
		"vht_oper_chwidth",
		"vht_oper_centr_freq_seg0_idx",
		"he_oper_chwidth",
		"he_oper_centr_freq_seg0_idx",
		"supported_rates",
		"basic_rates",
		"require_ht",
		"require_vht",
		"wmm_enabled",
		"uapsd_advertisement_enabled",
		"auth_algs",
		"ignore_broadcast_ssid",
		"ap_isolate",
		"macaddr_acl",
		"max_num_sta",
		"wpa",
		"wpa_key_mgmt",
		"wpa_pairwise",
		"rsn_pairwise",
		"wpa_group_rekey",
		"ieee80211w",
		"sae_require_mfp",
		"sae_pwe",
		"ieee8021x",
		"nas_identifier",
		"auth_server_addr",
		"auth_server_port",
		"auth_server_shared_secret",
		"wep_default_key",
		"wep_key0",
		"wpa_psk",
		"wpa_passphrase",
	};
	size_t n, i;

	for (; *conf; conf += n + 1) {
		n = strcspn(conf, "\n");
		if (conf[n] != '\n' || !ascii_printable(conf, n))
			abort();
		for (i = 0; i < ARRAY_SIZE(keys); i++)
			if (text_eq(conf, strcspn(conf, "="), keys[i]))
				break;
		if (i == ARRAY_SIZE(keys))
			abort();
	}
}

/* What the codec would not let through is put right. */
static void codec(struct plan_radio *r, struct plan_bss *b)
{
	unsigned int i;

	r->radio = b->radio = 0;
	r->wiphy = 0;
	r->band %= NL_BANDS;
	r->enable = 1;
	r->extension %= RADIO_EXT_BELOW + 1;
	b->slot %= RADIO_BSS_MAX;
	b->security %= RADIO_MODES;
	b->ssid_len %= RADIO_SSID_MAX + 1;
	b->allowed_len %= sizeof(b->allowed) + 1;
	b->passphrase[sizeof(b->passphrase) - 1] = '\0';
	for (i = 0; i < RADIO_SERVERS; i++)
		b->server[i].secret[RADIO_SECRET_MAX - 1] = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bss_place at = { .ifname = "wlan0", .bridge = "br-guest", .country = "DE" };
	struct plan_done done;
	struct plan_radio r;
	struct plan_bss b;
	struct buf out;

	if (size < sizeof(r) + sizeof(b))
		return 0;
	memcpy(&r, data, sizeof(r));
	memcpy(&b, data + sizeof(r), sizeof(b));
	if (!wiphys.n) {
		wiphys.n = 1;
		wiphys.w[0].max_ap = 16;
		wiphys.w[0].ciphers = UINT32_MAX;
		add_band(NL_BAND_2G4, 2412, 2472, 5);
		add_band(NL_BAND_5G, 5180, 5240, 20);
		add_band(NL_BAND_6G, 5955, 6095, 20);
	}
	codec(&r, &b);
	memset(&plan, 0, sizeof(plan));
	plan.begin.radios = plan.begin.bsses = 1;
	if (plan_put_radio(&plan, &r) || plan_put_bss(&plan, &b))
		return 0;
	if (plan_check(&plan, &wiphys, "br-guest br-lan", &done) < 0) {
		if (!memchr(done.why, '\0', sizeof(done.why)) || !done.why[0])
			abort();
		return 0;
	}
	if (plan_chandef(&wiphys.w[0], &r, &at.channel) < 0 || plan_bss_change(&b, &b))
		abort();
	at.band = r.band;
	at.all = plan_standards(&wiphys.w[0], r.band);
	at.standards = r.standards ? r.standards : at.all;
	buf_init(&out, 4096);
	plan_hostapd_conf(&out, &b, &at);
	check_lines(buf_str(&out));
	buf_free(&out);
	return 0;
}
