/* SPDX-License-Identifier: Apache-2.0 */
/* hostapd.conf(5) of one BSS. Strings go in as hexadecimal, or checked to be printable. */
#include <string.h>

#include "wifi/plan.h"
#include "lib/hex.h"

static void put_bytes(struct buf *out, const char *key, const void *bytes, size_t n)
{
	buf_puts(out, key);
	buf_puthex(out, bytes, n);
	buf_putc(out, '\n');
}

/* 0: 20 or 40 MHz, 1: 80, 2: 160 (the same numbers for VHT and HE) */
static unsigned int width_code(unsigned int width)
{
	return width == 160 ? 2 : width == 80 ? 1 : 0;
}

static void put_6ghz(struct buf *out, const struct nl_chandef *c)
{
	/* IEEE 802.11 table E-4 */
	const unsigned int op_class = c->width == 160  ? 134
				      : c->width == 80 ? 133
				      : c->width == 40 ? 132
						       : 131;

	buf_printf(out, "op_class=%u\nieee80211ax=1\nhe_oper_chwidth=%u\n", op_class,
		   width_code(c->width));
	buf_printf(out, "he_oper_centr_freq_seg0_idx=%u\n", (c->center - 5950) / 5);
}

static void put_channel(struct buf *out, const struct bss_place *at)
{
	const struct nl_chandef *c = &at->channel;
	const unsigned int center = c->width >= 80 ? (c->center - 5000) / 5 : 0;

	if (at->country[0])
		buf_printf(out, "country_code=%s\nieee80211d=1\n", at->country);
	buf_printf(out, "hw_mode=%c\n", at->band_id == NL_BAND_2G4 ? 'g' : 'a');
	buf_printf(out, "channel=%u\n", nl_mhz_to_channel(c->mhz));
	if (at->band_id == NL_BAND_6G) {
		put_6ghz(out, c);
		return;
	}
	if (at->band->ht)
		buf_puts(out, "ieee80211n=1\n");
	if (c->second)
		buf_puts(out, c->second > 0 ? "ht_capab=[HT40+]\n" : "ht_capab=[HT40-]\n");
	if (at->band_id == NL_BAND_5G && at->band->vht)
		buf_printf(out,
			   "ieee80211ac=1\nvht_oper_chwidth=%u\nvht_oper_centr_freq_seg0_idx=%u\n",
			   width_code(c->width), center);
	if (at->band->he)
		buf_printf(out,
			   "ieee80211ax=1\nhe_oper_chwidth=%u\nhe_oper_centr_freq_seg0_idx=%u\n",
			   width_code(c->width), center);
}

static void put_security(struct buf *out, const struct plan_bss *q, enum nl_band_id band)
{
	static const char *const key_mgmt[] = {
		[RADIO_WPA2_PSK] = "WPA-PSK",
		[RADIO_SAE] = "SAE",
		[RADIO_SAE_TRANSITION] = "WPA-PSK SAE",
	};

	if (q->security == RADIO_OPEN)
		return;
	buf_printf(out, "wpa=2\nwpa_key_mgmt=%s\nrsn_pairwise=CCMP\nwpa_group_rekey=%u\n",
		   key_mgmt[q->security], q->rekey_s);
	if (q->security == RADIO_SAE)
		buf_puts(out, "ieee80211w=2\n");
	else if (q->security == RADIO_SAE_TRANSITION)
		buf_puts(out, "ieee80211w=1\nsae_require_mfp=1\n");
	if (q->security != RADIO_WPA2_PSK) /* 6 GHz: hash to element only (IEEE 802.11 12.12.2) */
		buf_puts(out, band == NL_BAND_6G ? "sae_pwe=1\n" : "sae_pwe=2\n");
	if (q->has_psk)
		put_bytes(out, "wpa_psk=", q->psk, sizeof(q->psk));
	else /* never sae_password: it would read "|id=" out of the passphrase */
		buf_printf(out, "wpa_passphrase=%s\n", q->passphrase);
}

void plan_hostapd_conf(struct buf *out, const struct plan_bss *q, const struct bss_place *at)
{
	(void)buf_room(out, 1024); /* grown once: no copy with a key stays on the heap */
	buf_printf(out, "interface=%s\ndriver=nl80211\n", at->ifname);
	if (at->address)
		buf_printf(out, "bssid=%02x:%02x:%02x:%02x:%02x:%02x\n", at->address[0],
			   at->address[1], at->address[2], at->address[3], at->address[4],
			   at->address[5]);
	put_bytes(out, "ssid2=", q->ssid, q->ssid_len);
	put_channel(out, at);
	buf_printf(out, "wmm_enabled=1\nauth_algs=1\nignore_broadcast_ssid=%u\nap_isolate=%u\n",
		   q->hidden, q->isolate);
	if (q->max_stations)
		buf_printf(out, "max_num_sta=%u\n", q->max_stations);
	put_security(out, q, at->band_id);
}
