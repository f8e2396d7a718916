/* SPDX-License-Identifier: Apache-2.0 */
/* May this plan be applied? Decided from what the kernel and the operator said, not the agent. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wifi/plan.h"
#include "lib/text.h"

int plan_refuse(struct plan_done *done, int error, uint32_t radio, uint32_t bss,
		enum plan_field field, const char *fmt, ...)
{
	va_list ap;

	done->error = error;
	done->radio = radio;
	done->bss = bss;
	done->field = field;
	memset(done->why, 0, sizeof(done->why));
	va_start(ap, fmt);
	(void)vsnprintf(done->why, sizeof(done->why), fmt, ap);
	va_end(ap);
	return error;
}

/* For checks of one radio or one BSS, which is called q */
#define RADIO_NO(e, f, ...) \
	plan_refuse(done, e, q->radio, PLAN_NOWHERE, PLAN_FIELD_##f, __VA_ARGS__)
#define BSS_NO(e, f, ...) plan_refuse(done, e, q->radio, q->slot, PLAN_FIELD_##f, __VA_ARGS__)

int plan_check_country(const char *country, const char *allowed, struct plan_done *done)
{
	const size_t n = strlen(country);
	const char *at = allowed;

	while (n == 2 && (at = strstr(at, country))) {
		if ((at == allowed || at[-1] == ' ') && (!at[2] || at[2] == ' '))
			return 0;
		at++;
	}
	return n ? plan_refuse(done, -EACCES, PLAN_NOWHERE, PLAN_NOWHERE, PLAN_FIELD_COUNTRY,
			       "not among the countries that the operator allows")
		 : 0;
}

static int check_standards(const struct plan_radio *q, const struct nl_wiphy *w,
			   struct plan_done *done)
{
	const unsigned int all = plan_standards(w, q->band), s = q->standards ? q->standards : all;

	if (q->standards && !plan_standards_fit(s, all))
		return RADIO_NO(-EINVAL, STANDARDS, "%s can't do these standards, and no others",
				w->name);
	if (q->width > plan_standards_width(s))
		return RADIO_NO(-EINVAL, WIDTH, "the standards in use have no %u MHz", q->width);
	return 0;
}

/* What radar may be where is a country's business: hostapd says the country in its beacons. */
static int check_radar(const struct plan_radio *q, const struct nl_wiphy *w, const char *country,
		       struct plan_done *done)
{
	if (!q->radar)
		return 0;
	if (q->band != RADIO_5G || !w->radar_widths)
		return RADIO_NO(-EINVAL, RADAR, "%s does not look for radar in this band", w->name);
	return country[0] ? 0 : RADIO_NO(-EINVAL, RADAR, "no country says where to look for radar");
}

static int check_channel(const struct plan_radio *q, const struct nl_wiphy *w,
			 struct plan_done *done)
{
	const struct nl_band *b = &w->bands[q->band];
	const struct nl_chan *c = nl_chan_find(b, q->channel);
	struct nl_chandef def;
	int r;

	if (!b->present)
		return RADIO_NO(-EINVAL, BAND, "%s does not have this band", w->name);
	if (!c)
		return RADIO_NO(-EINVAL, CHANNEL, "%s has no channel %u in this band", w->name,
				q->channel);
	if (!nl_chan_usable(c, q->radar))
		return RADIO_NO(-EACCES, CHANNEL, "no access point may use channel %u of %s now",
				q->channel, w->name);
	r = nl_chandef(w, q->band, q->channel, q->width, q->radar, &def);
	if (r < 0)
		return RADIO_NO(r == -EACCES ? -EACCES : -EINVAL, WIDTH,
				"%u MHz is not %s on channel %u of %s", q->width,
				r == -EACCES ? "allowed" : "possible", q->channel, w->name);
	if (plan_chandef(w, q, &def) < 0)
		return RADIO_NO(-EINVAL, EXTENSION, "channel %u of %s has no 20 MHz %s it",
				q->channel, w->name,
				q->extension == RADIO_EXT_ABOVE ? "above" : "below");
	if (q->power_mbm > c->max_mbm)
		return RADIO_NO(-EACCES, POWER, "more than the %u.%02u dBm allowed on channel %u",
				c->max_mbm / 100u, c->max_mbm % 100u, q->channel);
	return check_standards(q, w, done);
}

/* IEEE 802.11 12.4.4.1 leaves passphrases open; 8 to 63 printable characters is 12.7.1.3's rule
 * for WPA2, TR-181's for both, and keeps line ends out of what hostapd and wpa_supplicant read. */
static bool passphrase_ok(const char *passphrase)
{
	size_t n = strlen(passphrase);

	return n >= 8 && n <= 63 && ascii_printable(passphrase, n);
}

const char *plan_key_wrong(const struct plan_mode *m, const char *passphrase, bool has_psk,
			   const uint8_t psk[RADIO_PSK_LEN])
{
	static const uint8_t none[RADIO_PSK_LEN];
	const bool phrase = passphrase[0] != '\0';

	if (m->wep)
		return has_psk && !phrase && !memcmp(psk + m->wep, none, sizeof(none) - m->wep)
			       ? NULL
			       : "a WEP key is 5 or 13 octets, as the mode says";
	if (!has_psk && memcmp(psk, none, sizeof(none)) != 0)
		return "a pre-shared key that is not announced";
	if (!m->passphrase && (phrase || has_psk))
		return "this mode has no key";
	if (has_psk && (phrase || !m->psk))
		return "a pre-shared key is for WPA2-Personal without a passphrase";
	if (m->passphrase && !has_psk && !passphrase_ok(passphrase))
		return "a passphrase is 8 to 63 printable ASCII characters";
	return NULL;
}

/* An address that is one host's, elsewhere: hostapd must not be made to talk to this box. */
static bool server_address_ok(const struct radio_server *s)
{
	static const uint8_t none[16];
	const uint8_t *a = s->addr;

	if (s->family == 4)
		return a[0] && a[0] != 127 && a[0] < 224 &&
		       memcmp(a + 4, none, sizeof(none) - 4) == 0;
	/* 2000::/3 and fc00::/7: none of ::, ::1, mapped IPv4, link-local and multicast */
	return s->family == 6 && ((a[0] & 0xe0) == 0x20 || (a[0] & 0xfe) == 0xfc);
}

static int check_servers(const struct plan_bss *q, const struct plan_mode *m,
			 struct plan_done *done)
{
	static const struct radio_server none;
	const struct radio_server *s = q->server;
	size_t i, n;

	if (m->server != (s->family != 0))
		return BSS_NO(-EINVAL, SERVER, "a RADIUS server %s this mode",
			      m->server ? "is needed for" : "has no place in");
	for (i = 0; i < RADIO_SERVERS; i++, s++) {
		n = strlen(s->secret);
		if (!s->family) {
			if (memcmp(s, &none, sizeof(none)) != 0)
				return BSS_NO(-EINVAL, SERVER, "a RADIUS server without address");
		} else if (!server_address_ok(s)) {
			return BSS_NO(-EACCES, SERVER, "not the address of a RADIUS server");
		} else if (!s->port || !n || n > RADIO_SECRET_LEN ||
			   !ascii_printable(s->secret, n)) {
			return BSS_NO(-EINVAL, SERVER,
				      "a RADIUS server has a port and a secret of 1 to 64 "
				      "printable ASCII characters");
		}
	}
	return 0;
}

/* Group addresses are no station's, and a list that is not asked for has no place. */
static int check_allowed(const struct plan_bss *q, struct plan_done *done)
{
	unsigned int i;

	if (q->allowed_len % 6 || (q->allowed_len && !q->filter))
		return BSS_NO(-EINVAL, ALLOWED, "not a list of the stations that may join");
	for (i = 0; i < q->allowed_len; i += 6)
		if (q->allowed[i] & 1)
			return BSS_NO(-EINVAL, ALLOWED, "a group address is no station's");
	return 0;
}

int plan_check_bss(const struct plan_bss *q, const struct plan_radio *radio,
		   const struct nl_wiphy *w, struct plan_done *done)
{
	const unsigned int before_n = RADIO_A | RADIO_B | RADIO_G;
	const struct plan_mode *m = plan_mode(q->security);
	const char *wrong;
	int r;

	if (q->ssid_len < 1 || q->ssid_len > RADIO_SSID_MAX)
		return BSS_NO(-EINVAL, SSID, "an SSID is 1 to 32 octets");
	if (!m || !plan_mode_possible(w, q->security, m->mfp_min))
		return BSS_NO(-EOPNOTSUPP, SECURITY, "%s lacks the ciphers of this mode", w->name);
	if (m->wep && (radio->width != 20 || (radio->standards && !(radio->standards & before_n))))
		return BSS_NO(-EINVAL, SECURITY, "WEP is for 20 MHz, and with 802.11 a, b or g");
	if (radio->band == RADIO_6G && !m->in_6ghz)
		return BSS_NO(-EINVAL, SECURITY, "6 GHz takes WPA3 and OWE only");
	if (q->mfp < m->mfp_min || q->mfp > m->mfp_max ||
	    !plan_mode_possible(w, q->security, q->mfp))
		return BSS_NO(-EINVAL, MFP, "this mode can't protect management frames so");
	if (w->max_stations && q->max_stations > w->max_stations)
		return BSS_NO(-EINVAL, STATIONS, "%s takes %u stations at most", w->name,
			      w->max_stations);
	if (q->uapsd && !q->wmm)
		return BSS_NO(-EINVAL, UAPSD, "there is no U-APSD without WMM");
	if ((wrong = plan_key_wrong(m, q->passphrase, q->has_psk, q->psk)))
		return BSS_NO(-EINVAL, KEY, "%s", wrong);
	if ((r = check_servers(q, m, done)) < 0)
		return r;
	return check_allowed(q, done);
}

static int check_bridge(const struct plan_bss *q, const char *bridges, struct plan_done *done)
{
	char name[NL_IFNAME_MAX];

	if (!q->bridge || plan_word(bridges, q->bridge, name, sizeof(name)))
		return 0;
	return BSS_NO(-EINVAL, BRIDGE, "not one of the operator's bridges");
}

static int check_row(const struct plan_row *row, const char *country,
		     const struct nl_wiphys *wiphys, const char *bridges, struct plan_done *done)
{
	const struct plan_radio *q = &row->radio;
	const struct nl_wiphy *w = nl_wiphy_find(wiphys, q->wiphy);
	uint32_t n = 0, s;
	int r;

	if (!plan_wants(row)) /* nothing of it goes anywhere */
		return 0;
	if (!w || !w->max_ap)
		return RADIO_NO(-ENODEV, WIPHY, "no radio %u that can be an access point",
				q->wiphy);
	r = check_radar(q, w, country, done);
	if (!r)
		r = check_channel(q, w, done);
	for (s = 0; !r && s < RADIO_BSS_MAX; s++) {
		if (!row->has[s])
			continue;
		if (++n > w->max_ap)
			return plan_refuse(done, -EMFILE, q->radio, s, PLAN_FIELD_SLOT,
					   "%s has %u BSS at most", w->name, w->max_ap);
		r = plan_check_bss(&row->bss[s], q, w, done);
		if (!r)
			r = check_bridge(&row->bss[s], bridges, done);
	}
	return r;
}

static bool is_twin(const struct plan *p, uint32_t i)
{
	uint32_t k;

	for (k = 0; k < i; k++)
		if (p->rows[k].used && p->rows[k].radio.wiphy == p->rows[i].radio.wiphy)
			return true;
	return false;
}

int plan_check(struct plan *p, const struct nl_wiphys *wiphys, const char *bridges,
	       struct plan_done *done)
{
	struct plan_done one = { 0 };
	int r, first = 0;
	uint32_t i;

	for (i = 0; i < RADIO_MAX; i++) {
		struct plan_row *row = &p->rows[i];

		row->bad = false;
		if (!row->used)
			continue;
		r = is_twin(p, i) ? plan_refuse(&one, -EINVAL, i, PLAN_NOWHERE, PLAN_FIELD_WIPHY,
						"radio %u is there twice", row->radio.wiphy)
				  : check_row(row, p->begin.country, wiphys, bridges, &one);
		if (r < 0) {
			row->bad = true;
			if (!first)
				*done = one;
			first = first ? first : r;
		}
	}
	return first;
}
