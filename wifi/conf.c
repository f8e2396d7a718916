/* SPDX-License-Identifier: Apache-2.0 */
/* hostapd.conf(5) of one BSS. Strings go in as hexadecimal, or checked to be printable. */
#include <arpa/inet.h>
#include <string.h>

#include "lib/hex.h"
#include "wifi/plan.h"

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

/* Stations that can do no more than what is left out are not wanted: they are told so. */
static void put_standards(struct buf *out, const struct bss_place *at)
{
	const unsigned int s = at->standards;

	if (at->band == NL_BAND_2G4 && at->all & RADIO_B && !(s & RADIO_B)) /* OFDM rates only */
		buf_puts(out, "supported_rates=60 90 120 180 240 360 480 540\n"
			      "basic_rates=60 120 240\n");
	if (!(s & (RADIO_B | RADIO_G | RADIO_A)))
		buf_puts(out, s & RADIO_N ? "require_ht=1\n" : "require_vht=1\n");
}

static void put_channel(struct buf *out, const struct bss_place *at)
{
	const struct nl_chandef *c = &at->channel;
	const unsigned int center = c->width >= 80 ? (c->center - 5000) / 5 : 0;
	const bool only_b = at->standards == RADIO_B;

	if (at->country[0])
		buf_printf(out, "country_code=%s\nieee80211d=1\n", at->country);
	if (at->radar) /* with the transmit power that stations have to keep to */
		buf_puts(out, "ieee80211h=1\n");
	buf_printf(out, "hw_mode=%c\n", at->band != NL_BAND_2G4 ? 'a' : only_b ? 'b' : 'g');
	buf_printf(out, "channel=%u\n", nl_mhz_to_channel(c->mhz));
	if (at->band == NL_BAND_6G) {
		put_6ghz(out, c);
		return;
	}
	put_standards(out, at);
	if (at->standards & (RADIO_N | RADIO_AC)) /* 802.11ac is said on top of 802.11n */
		buf_puts(out, "ieee80211n=1\n");
	if (c->second)
		buf_puts(out, c->second > 0 ? "ht_capab=[HT40+]\n" : "ht_capab=[HT40-]\n");
	if (at->standards & RADIO_AC)
		buf_printf(out,
			   "ieee80211ac=1\nvht_oper_chwidth=%u\nvht_oper_centr_freq_seg0_idx=%u\n",
			   width_code(c->width), center);
	if (at->standards & RADIO_AX)
		buf_printf(out,
			   "ieee80211ax=1\nhe_oper_chwidth=%u\nhe_oper_centr_freq_seg0_idx=%u\n",
			   width_code(c->width), center);
}

static void put_server(struct buf *out, const struct radio_server *s)
{
	char address[INET6_ADDRSTRLEN];

	if (!s->family ||
	    !inet_ntop(s->family == 4 ? AF_INET : AF_INET6, s->addr, address, sizeof(address)))
		return;
	buf_printf(out, "auth_server_addr=%s\nauth_server_port=%u\nauth_server_shared_secret=%s\n",
		   address, s->port, s->secret);
}

static void put_security(struct buf *out, const struct plan_bss *q, const struct bss_place *at)
{
	const struct plan_mode *m = plan_mode(q->security);
	unsigned int i;

	if (m && m->wep) {
		put_bytes(out, "wep_key0=", q->psk, m->wep);
		buf_puts(out, "wep_default_key=0\n");
	}
	if (!m || !m->key_mgmt)
		return;
	buf_printf(out, "wpa=%u\nwpa_key_mgmt=%s%s\nrsn_pairwise=CCMP\nwpa_group_rekey=%u\n",
		   m->wpa, m->key_mgmt, q->mfp ? m->key_mgmt_sha256 : "", q->rekey_s);
	if (m->wpa & 1)
		buf_puts(out, "wpa_pairwise=TKIP CCMP\n");
	if (q->mfp)
		buf_printf(out, "ieee80211w=%u\n", q->mfp);
	if (q->security == RADIO_SAE_TRANSITION)
		buf_puts(out, "sae_require_mfp=1\n");
	/* 6 GHz: hash to element only (IEEE 802.11 12.12.2) */
	if (q->security == RADIO_SAE || q->security == RADIO_SAE_TRANSITION)
		buf_puts(out, at->band == NL_BAND_6G ? "sae_pwe=1\n" : "sae_pwe=2\n");
	if (m->server) /* RFC 2865 5.32: the server knows by it who asks */
		buf_printf(out, "ieee8021x=1\nnas_identifier=%s\n", at->ifname);
	for (i = 0; m->server && i < RADIO_SERVERS; i++)
		put_server(out, &q->server[i]);
	if (q->has_psk)
		put_bytes(out, "wpa_psk=", q->psk, sizeof(q->psk));
	else if (m->passphrase) /* never sae_password: it would read "|id=" out of it */
		buf_printf(out, "wpa_passphrase=%s\n", q->passphrase);
}

void plan_hostapd_conf(struct buf *out, const struct plan_bss *q, const struct bss_place *at)
{
	(void)buf_room(out, 1536); /* grown once: no copy with a key stays on the heap */
	buf_printf(out, "interface=%s\ndriver=nl80211\n", at->ifname);
	if (at->bridge[0])
		buf_printf(out, "bridge=%s\n", at->bridge);
	if (at->address)
		buf_printf(out, "bssid=%02x:%02x:%02x:%02x:%02x:%02x\n", at->address[0],
			   at->address[1], at->address[2], at->address[3], at->address[4],
			   at->address[5]);
	put_bytes(out, "ssid2=", q->ssid, q->ssid_len);
	put_channel(out, at);
	buf_printf(out, "wmm_enabled=%u\nuapsd_advertisement_enabled=%u\nauth_algs=1\n", q->wmm,
		   q->uapsd);
	buf_printf(out, "ignore_broadcast_ssid=%u\nap_isolate=%u\nmacaddr_acl=%u\n", q->hidden,
		   q->isolate, q->filter);
	if (q->max_stations)
		buf_printf(out, "max_num_sta=%u\n", q->max_stations);
	put_security(out, q, at);
}
