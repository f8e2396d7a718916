/* SPDX-License-Identifier: Apache-2.0 */
/* From the rows of an SSID, its AccessPoint and its Security to one BSS of a plan. */
#include <arpa/inet.h>
#include <string.h>

#include "agent/tr181/wifi_internal.h"
#include "agent/tree/value.h"
#include "lib/hex.h"
#include "lib/text.h"

bool wifi_key(const struct plan_mode *m, const struct dm_inst *security,
	      char passphrase[RADIO_PASSPHRASE_MAX], uint8_t psk[RADIO_PSK_LEN])
{
	size_t len;
	const char *key = dm_str(security, "PreSharedKey", &len);

	if (m->psk && len == 2 * RADIO_PSK_LEN)
		return hex_decode(psk, key, len) == 0;
	if (m->wep) {
		key = dm_str(security, "WEPKey", &len);
		return len == 2u * m->wep && hex_decode(psk, key, len) == 0;
	}
	key = dm_str(security, "KeyPassphrase", &len);
	if (m->passphrase && len < RADIO_PASSPHRASE_MAX)
		memcpy(passphrase, key, len);
	return false;
}

static bool put_server(struct radio_server *s, const struct dm_inst *security,
		       const char *const name[3])
{
	size_t len, secret_len;
	const char *addr = dm_str(security, name[0], &len);
	const char *secret = dm_str(security, name[2], &secret_len);

	if (!len || !secret_len || secret_len >= sizeof(s->secret))
		return false;
	if (inet_pton(AF_INET, addr, s->addr) == 1)
		s->family = 4;
	else if (inet_pton(AF_INET6, addr, s->addr) == 1)
		s->family = 6;
	else
		return false;
	s->port = (uint16_t)dm_uint(security, name[1]);
	memcpy(s->secret, secret, secret_len);
	return true;
}

static void put_servers(struct plan_bss *q, const struct dm_inst *security)
{
	static const char *const names[][3] = {
		{ "RadiusServerIPAddr", "RadiusServerPort", "RadiusSecret" },
		{ "SecondaryRadiusServerIPAddr", "SecondaryRadiusServerPort",
		  "SecondaryRadiusSecret" },
	};
	size_t i, n = 0;

	for (i = 0; i < RADIO_SERVERS; i++)
		if (put_server(&q->server[n], security, names[i]))
			n++;
}

/* MFPConfig is WPA2's to choose; WPA3 and OWE say themselves what they need (TR-181, 802.11). */
uint8_t wifi_mfp(const struct plan_mode *m, const struct dm_inst *security)
{
	size_t len;
	const char *asked = dm_str(security, "MFPConfig", &len);

	if (m->mfp_min == m->mfp_max)
		return m->mfp_min;
	if (text_eq(asked, len, "Required"))
		return RADIO_MFP_REQUIRED;
	return text_eq(asked, len, "Optional") ? RADIO_MFP_OPTIONAL : RADIO_MFP_DISABLED;
}

static void put_security(struct plan_bss *q, const struct dm_inst *security)
{
	size_t len;
	const char *text = dm_str(security, "ModeEnabled", &len);
	const int mode = wifi_mode_security(text, len);
	const struct plan_mode *m;

	q->security = mode >= 0 ? (uint32_t)mode : RADIO_WPA2_PSK;
	m = plan_mode(q->security);
	q->mfp = wifi_mfp(m, security);
	if (m->key_mgmt)
		q->rekey_s = (uint32_t)dm_uint(security, "RekeyingInterval");
	q->has_psk = wifi_key(m, security, q->passphrase, q->psk);
	if (m->server)
		put_servers(q, security);
}

static void put_allowed(struct plan_bss *q, const struct dm_inst *ap)
{
	struct dm_items it;
	const char *item;
	char digits[13];
	size_t len, i, n;

	q->filter = dm_bool(ap, "MACAddressControlEnabled");
	item = dm_str(ap, "AllowedMACAddress", &len);
	dm_items_start(&it, item, len);
	while (q->filter && dm_items_next(&it, &item, &len) &&
	       q->allowed_len < sizeof(q->allowed)) {
		for (i = n = 0; i < len && n < 12; i++)
			if (item[i] != ':')
				digits[n++] = item[i];
		if (n == 12 && hex_decode(q->allowed + q->allowed_len, digits, n) == 0)
			q->allowed_len = (uint16_t)(q->allowed_len + 6);
	}
}

static uint8_t bridge_of(const struct wifi *w, const struct dm_inst *ssid)
{
	char name[NL_IFNAME_MAX];
	size_t len;
	const char *asked = dm_str(ssid, WIFI_BRIDGE, &len);
	unsigned int n;

	for (n = 1; len && n <= RADIO_BRIDGES_MAX; n++)
		if (plan_word(w->bridges, n, name, sizeof(name)) && text_eq(asked, len, name))
			return (uint8_t)n;
	return 0;
}

void wifi_plan_bss(const struct wifi *w, struct plan_bss *q, const struct nl_wiphy *wiphy,
		   const struct dm_inst *ssid, const struct dm_inst *ap)
{
	const uint64_t stations = dm_uint(ap, "MaxAllowedAssociations");
	size_t len;
	const char *text = dm_str(ssid, "SSID", &len);

	q->ssid_len = (uint8_t)(len <= RADIO_SSID_MAX ? len : 0); /* the row allows no more */
	memcpy(q->ssid, text, q->ssid_len);
	q->bridge = bridge_of(w, ssid);
	q->hidden = !dm_bool(ap, "SSIDAdvertisementEnabled");
	q->isolate = dm_bool(ap, "IsolationEnable");
	q->wmm = dm_bool(ap, "WMMEnable");
	q->uapsd = dm_bool(ap, "UAPSDEnable");
	/* At or over the radio's own limit: nothing needs to be limited. */
	if (stations < WIFI_STATIONS_MAX &&
	    (!wiphy->max_stations || stations < wiphy->max_stations))
		q->max_stations = (uint32_t)stations;
	put_allowed(q, ap);
	put_security(q, wifi_ap_security_of(ap));
}
