/* SPDX-License-Identifier: Apache-2.0 */
/* Device.WiFi.AccessPoint.{i}.Security. (TR-181 2.19.1) */
#include <string.h>

#include "agent/tr181/wifi_internal.h"
#include "config.h"
#include "lib/num.h"
#include "lib/text.h"

const char *const wifi_modes[] = { "None",
				   "WPA2-Personal",
				   "WPA3-Personal",
				   "WPA3-Personal-Transition",
				   "WPA-WPA2-Personal",
				   "WPA2-Enterprise",
				   "WPA3-Enterprise",
				   "OWE",
#ifdef CONFIG_WIFI_WEP
				   "WEP-64",
				   "WEP-128",
#endif
				   NULL };
static const char *const mfp[] = { "Disabled", "Optional", "Required", NULL };

int wifi_mode_security(const char *mode, size_t len)
{
	static const uint32_t security[] = {
		RADIO_OPEN,	RADIO_WPA2_PSK, RADIO_SAE, RADIO_SAE_TRANSITION, RADIO_WPA_WPA2_PSK,
		RADIO_WPA2_EAP, RADIO_WPA3_EAP, RADIO_OWE, RADIO_WEP_64,	 RADIO_WEP_128
	};
	size_t i;

	for (i = 0; wifi_modes[i]; i++)
		if (text_eq(mode, len, wifi_modes[i]))
			return (int)security[i];
	return -1;
}

bool wifi_mode_supported(const struct nl_wiphy *w, const char *mode, size_t len)
{
	const int security = wifi_mode_security(mode, len);

	if (security <= RADIO_OPEN)
		return security == RADIO_OPEN;
	return w &&
	       plan_mode_possible(w, (uint32_t)security, plan_mode((uint32_t)security)->mfp_min);
}

static bool filled(const struct dm_inst *security, const char *name)
{
	size_t len;

	(void)dm_str(security, name, &len);
	return len != 0;
}

const char *wifi_security_lacks(const struct dm_inst *security)
{
	size_t len;
	const char *mode = dm_str(security, "ModeEnabled", &len);
	const int kind = wifi_mode_security(mode, len);
	const struct plan_mode *m = kind < 0 ? NULL : plan_mode((uint32_t)kind);

	if (!m)
		return "ModeEnabled";
	if (m->passphrase && !filled(security, "KeyPassphrase") &&
	    !(m->psk && filled(security, "PreSharedKey")))
		return "KeyPassphrase";
	if (m->wep) {
		(void)dm_str(security, "WEPKey", &len);
		return len == 2u * m->wep ? NULL : "WEPKey";
	}
	if (m->server && !filled(security, "RadiusServerIPAddr"))
		return "RadiusServerIPAddr";
	return m->server && !filled(security, "RadiusSecret") ? "RadiusSecret" : NULL;
}

/* What the row's radio can do; before it has one, what any of the box's radios can. */
static enum dm_error get_modes(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct wifi *w = wifi_of(in);
	const struct dm_inst *ssid = wifi_ap_ssid(in->parent);
	const struct nl_wiphy *wiphy = ssid ? wifi_wiphy(w, wifi_ssid_radio(ssid)) : NULL;
	size_t i;
	uint32_t k;

	for (i = 0; wifi_modes[i]; i++) {
		const size_t len = strlen(wifi_modes[i]);
		bool can = wifi_mode_supported(wiphy, wifi_modes[i], len);

		for (k = 0; !wiphy && !can && k < w->reader->wiphys.n; k++)
			can = wifi_mode_supported(&w->reader->wiphys.w[k], wifi_modes[i], len);
		if (can)
			dm_put_item(sink, wifi_modes[i], len);
	}
	return DM_OK;
}

/* The same bytes for every mode: IEEE 802.11 J.4.1, and nothing that could be a line's end. */
enum dm_error wifi_check_passphrase(struct dm_txn *txn, struct dm_inst *in,
				    const struct dm_param *p, const char *value, size_t len)
{
	if (ascii_printable(value, len))
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE,
			 "The value is refused: allowed are 8 to 63 printable ASCII characters");
}

enum dm_error wifi_check_psk(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
			     const char *value, size_t len)
{
	if (!len || len == 2 * RADIO_PSK_LEN)
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE,
			 "The value is refused: allowed are 64 hexadecimal digits");
}

#ifdef CONFIG_WIFI_WEP
static enum dm_error check_wep(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
			       const char *value, size_t len)
{
	if (!len || len == 2 * 5 || len == 2 * 13)
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE,
			 "The value is refused: allowed are 10 or 26 hexadecimal digits");
}
#endif

static enum dm_error check_secret(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
				  const char *value, size_t len)
{
	if (len <= RADIO_SECRET_LEN && ascii_printable(value, len))
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE,
			 "The value is refused: allowed are 1 to %d printable ASCII characters",
			 RADIO_SECRET_LEN);
}

static enum dm_error check_port(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
				const char *value, size_t len)
{
	uint64_t n;

	if (num_parse_u64(value, len, UINT16_MAX, &n) == 0 && n)
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE, "'%s' is refused: allowed is 1 to 65535",
			 value);
}

#define CELL "set by the ACS; factory layer"
#define SERVER(which)                                                                              \
	{ which "RadiusServerIPAddr",	      DM_STRING,     DM_RW,                                \
	  DM_MATCH(dm_match_ip, DM_WANTS_IP), DM_MAXLEN(45), .source = CELL },                     \
		{ which "RadiusServerPort", DM_UINT,	   DM_RW, .def = "1812",                   \
		  .check = check_port,	    .source = CELL },                                      \
	{                                                                                          \
		which "RadiusSecret", DM_STRING, DM_RW, .flags = DM_SECRET, .check = check_secret, \
							.source = CELL                             \
	}

static const struct dm_param security_params[] = {
	{ "ModesSupported", DM_STRING, DM_RO, DM_VALUES(wifi_modes), .flags = DM_LIST,
	  .get = get_modes, .source = "nl80211: the radio's ciphers, and what hostapd can do" },
	{ "ModeEnabled", DM_STRING, DM_RW, DM_VALUES(wifi_modes), .def = "WPA2-Personal",
	  .source = CELL },
#ifdef CONFIG_WIFI_WEP
	{ "WEPKey", DM_HEXBIN, DM_RW, DM_MAXLEN(13), .flags = DM_SECRET, .check = check_wep,
	  .source = CELL },
#endif
	{ "PreSharedKey", DM_HEXBIN, DM_RW, DM_MAXLEN(32), .flags = DM_SECRET,
	  .check = wifi_check_psk, .source = CELL },
	{ "KeyPassphrase", DM_STRING, DM_RW, DM_LEN(8, 63), .flags = DM_SECRET,
	  .check = wifi_check_passphrase, .source = CELL },
	{ "RekeyingInterval", DM_UINT, DM_RW, .def = "3600", .source = CELL },
	SERVER(""),
	SERVER("Secondary"),
	{ "MFPConfig", DM_STRING, DM_RW, DM_VALUES(mfp), .def = "Disabled", .source = CELL },
};

const struct dm_object wifi_ap_security =
	DM_SINGLE("Device.WiFi.AccessPoint.{i}.Security.", security_params);
