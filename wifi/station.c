/* SPDX-License-Identifier: Apache-2.0 */
#include "wifi/station.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/hex.h"

int station_refuse(struct station_done *done, int error, uint32_t station, enum plan_field field,
		   const char *fmt, ...)
{
	va_list ap;

	done->error = error;
	done->station = station;
	done->field = field;
	memset(done->why, 0, sizeof(done->why));
	va_start(ap, fmt);
	(void)vsnprintf(done->why, sizeof(done->why), fmt, ap);
	va_end(ap);
	return error;
}

#define NO(e, f, ...) station_refuse(done, e, q->station, PLAN_FIELD_##f, __VA_ARGS__)

int station_check(const struct station_network *q, const struct nl_wiphy *radio,
		  struct station_done *done)
{
	const struct plan_mode *m = plan_mode(q->security);
	const char *wrong;

	if (q->ssid_len < 1 || q->ssid_len > RADIO_SSID_MAX)
		return NO(-EINVAL, SSID, "an SSID is 1 to 32 octets");
	if (!m || m->server || m->wep)
		return NO(-EOPNOTSUPP, SECURITY, "a station has no enterprise mode and no WEP");
	if (radio && !plan_mode_possible(radio, q->security, m->mfp_min))
		return NO(-EOPNOTSUPP, SECURITY, "%s lacks the ciphers of this mode", radio->name);
	if (q->mfp < m->mfp_min || q->mfp > m->mfp_max ||
	    (radio && !plan_mode_possible(radio, q->security, q->mfp)))
		return NO(-EINVAL, MFP, "this mode can't protect management frames so");
	wrong = plan_key_wrong(m, q->passphrase, q->has_psk, q->psk);
	return wrong ? NO(-EINVAL, KEY, "%s", wrong) : 0;
}

static void put_security(struct buf *out, const struct station_network *q,
			 const struct plan_mode *m)
{
	const char *ciphers = m->wpa & 1 ? "CCMP TKIP" : "CCMP";

	buf_printf(out, "key_mgmt %s%s\nproto %s\n", m->key_mgmt, q->mfp ? m->key_mgmt_sha256 : "",
		   m->wpa & 1 ? "RSN WPA" : "RSN");
	buf_printf(out, "pairwise %s\ngroup %s\nieee80211w %u\n", ciphers, ciphers, q->mfp);
	if (q->has_psk) {
		buf_puts(out, "psk ");
		buf_puthex(out, q->psk, sizeof(q->psk));
		buf_putc(out, '\n');
	} else if (m->passphrase) { /* it ends at the last quote: one within is like any other */
		buf_printf(out, "psk \"%s\"\n", q->passphrase);
	}
}

void station_settings(struct buf *out, const struct station_network *q)
{
	const struct plan_mode *m = plan_mode(q->security);

	(void)buf_room(out, 512); /* grown once: no copy with a key stays on the heap */
	buf_puts(out, "ssid ");
	buf_puthex(out, q->ssid, q->ssid_len);
	/* Asked for by name too: a hidden one answers to nothing else. */
	buf_puts(out, "\nscan_ssid 1\n");
	if (m && m->key_mgmt)
		put_security(out, q, m);
	else
		buf_puts(out, "key_mgmt NONE\n");
}
