/* SPDX-License-Identifier: Apache-2.0 */
/* May this plan be applied? Decided from what the kernel and the operator said, not the agent. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <linux/nl80211.h>

#include "helper/radio_plan.h"
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

int plan_check_country(const struct plan *p, const struct plan_limits *limits,
		       struct plan_done *done)
{
	unsigned int i;

	if (!p->begin.country[0])
		return 0;
	for (i = 0; i < limits->ncountries; i++)
		if (strcmp(limits->countries[i], p->begin.country) == 0)
			return 0;
	return plan_refuse(done, -EACCES, PLAN_NOWHERE, PLAN_NOWHERE, PLAN_FIELD_COUNTRY,
			   "not among the countries that the operator allows");
}

static int check_channel(const struct plan_radio *q, const struct nl_wiphy *w,
			 struct plan_done *done)
{
	const struct nl_band *b = &w->bands[q->band];
	const struct nl_chan *c = nl_chan_find(b, q->channel);
	struct nl_chandef def;
	int r;

	if (!b->present)
		return plan_refuse(done, -EINVAL, q->radio, PLAN_NOWHERE, PLAN_FIELD_BAND,
				   "%s does not have this band", w->name);
	if (!c)
		return plan_refuse(done, -EINVAL, q->radio, PLAN_NOWHERE, PLAN_FIELD_CHANNEL,
				   "%s has no channel %u in this band", w->name, q->channel);
	if (!nl_chan_usable(c))
		return plan_refuse(done, -EACCES, q->radio, PLAN_NOWHERE, PLAN_FIELD_CHANNEL,
				   "an access point may not use channel %u of %s now", q->channel,
				   w->name);
	r = nl_chandef(w, q->band, q->channel, q->width, &def);
	if (r < 0)
		return plan_refuse(done, r == -EACCES ? -EACCES : -EINVAL, q->radio, PLAN_NOWHERE,
				   PLAN_FIELD_WIDTH, "%u MHz is not %s on channel %u of %s",
				   q->width, r == -EACCES ? "allowed" : "possible", q->channel,
				   w->name);
	if (q->power_mbm > c->max_mbm)
		return plan_refuse(done, -EACCES, q->radio, PLAN_NOWHERE, PLAN_FIELD_POWER,
				   "more than the %u.%02u dBm allowed on channel %u",
				   c->max_mbm / 100u, c->max_mbm % 100u, q->channel);
	return 0;
}

/* IEEE 802.11 12.4.4.1 leaves passphrases open; 8 to 63 printable characters is 12.7.1.3's rule
 * for WPA2, TR-181's for both, and keeps line ends out of hostapd's file. */
static bool passphrase_ok(const struct plan_bss *q)
{
	size_t n = strlen(q->passphrase);

	return n >= 8 && n <= 63 && ascii_printable(q->passphrase, n);
}

static int check_key(const struct plan_bss *q, struct plan_done *done)
{
	static const uint8_t none[RADIO_PSK_LEN];
	const bool phrase = q->passphrase[0] != '\0';

	if (!q->has_psk && memcmp(q->psk, none, sizeof(none)) != 0)
		return plan_refuse(done, -EINVAL, q->radio, q->slot, PLAN_FIELD_KEY,
				   "a pre-shared key that is not announced");
	if (q->security == RADIO_OPEN) {
		if (phrase || q->has_psk)
			return plan_refuse(done, -EINVAL, q->radio, q->slot, PLAN_FIELD_KEY,
					   "an open network has no key");
		return 0;
	}
	if (q->has_psk && (phrase || q->security != RADIO_WPA2_PSK))
		return plan_refuse(done, -EINVAL, q->radio, q->slot, PLAN_FIELD_KEY,
				   "a pre-shared key is for WPA2-Personal without a passphrase");
	if (!q->has_psk && !passphrase_ok(q))
		return plan_refuse(done, -EINVAL, q->radio, q->slot, PLAN_FIELD_KEY,
				   "a passphrase is 8 to 63 printable ASCII characters");
	return 0;
}

static int check_security(const struct plan_bss *q, const struct plan_radio *radio,
			  const struct nl_wiphy *w, struct plan_done *done)
{
	uint32_t need = 0;

	if (q->security != RADIO_OPEN)
		need |= NL_CIPHER_CCMP;
	if (q->security == RADIO_SAE || q->security == RADIO_SAE_TRANSITION)
		need |= NL_CIPHER_BIP_CMAC;
	if ((w->ciphers & need) != need)
		return plan_refuse(done, -EOPNOTSUPP, q->radio, q->slot, PLAN_FIELD_SECURITY,
				   "%s lacks the ciphers of this mode", w->name);
	if (radio->band == RADIO_6G && q->security != RADIO_SAE)
		return plan_refuse(done, -EINVAL, q->radio, q->slot, PLAN_FIELD_SECURITY,
				   "6 GHz takes WPA3-Personal only");
	return 0;
}

static int check_bss(const struct plan_bss *q, const struct plan_radio *radio,
		     const struct nl_wiphy *w, struct plan_done *done)
{
	int r;

	if (q->ssid_len < 1 || q->ssid_len > RADIO_SSID_MAX)
		return plan_refuse(done, -EINVAL, q->radio, q->slot, PLAN_FIELD_SSID,
				   "an SSID is 1 to 32 octets");
	if ((r = check_security(q, radio, w, done)) < 0 || (r = check_key(q, done)) < 0)
		return r;
	if (w->max_stations && q->max_stations > w->max_stations)
		return plan_refuse(done, -EINVAL, q->radio, q->slot, PLAN_FIELD_STATIONS,
				   "%s takes %u stations at most", w->name, w->max_stations);
	return 0;
}

static int check_row(const struct plan_row *row, const struct nl_wiphys *wiphys,
		     struct plan_done *done)
{
	const struct plan_radio *q = &row->radio;
	const struct nl_wiphy *w = nl_wiphy_find(wiphys, q->wiphy);
	uint32_t n = 0, s;
	int r;

	if (!plan_wants(row)) /* nothing of it goes anywhere */
		return 0;
	if (!w || !w->max_ap)
		return plan_refuse(done, -ENODEV, q->radio, PLAN_NOWHERE, PLAN_FIELD_WIPHY,
				   "no radio %u that can be an access point", q->wiphy);
	if ((r = check_channel(q, w, done)) < 0)
		return r;
	for (s = 0; s < RADIO_BSS_MAX; s++) {
		if (!row->has[s])
			continue;
		if (++n > w->max_ap)
			return plan_refuse(done, -EMFILE, q->radio, s, PLAN_FIELD_SLOT,
					   "%s has %u BSS at most", w->name, w->max_ap);
		if ((r = check_bss(&row->bss[s], q, w, done)) < 0)
			return r;
	}
	return 0;
}

static bool is_twin(const struct plan *p, uint32_t i)
{
	uint32_t k;

	for (k = 0; k < i; k++)
		if (p->rows[k].used && p->rows[k].radio.wiphy == p->rows[i].radio.wiphy)
			return true;
	return false;
}

int plan_check(struct plan *p, const struct nl_wiphys *wiphys, struct plan_done *done)
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
				  : check_row(row, wiphys, &one);
		if (r < 0) {
			row->bad = true;
			if (!first)
				*done = one;
			first = first ? first : r;
		}
	}
	return first;
}
