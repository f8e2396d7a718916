/* SPDX-License-Identifier: Apache-2.0 */
/* Device.WiFi.AccessPoint.{i}. and its Security. (TR-181 2.19.1) */
#include "config.h"

#include <string.h>

#include "agent/tr181/wifi_internal.h"
#include "lib/num.h"
#include "lib/text.h"

static const char *const ap_status[] = { "Disabled", "Enabled", "Error_Misconfigured", "Error",
					 NULL };
const char *const wifi_modes[] = { "None", "WPA2-Personal", "WPA3-Personal",
				   "WPA3-Personal-Transition", NULL };

int wifi_mode_security(const char *mode, size_t len)
{
	static const uint32_t security[] = { RADIO_OPEN, RADIO_WPA2_PSK, RADIO_SAE,
					     RADIO_SAE_TRANSITION };
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
	if (!w || !(w->ciphers & NL_CIPHER_CCMP))
		return false;
	return security == RADIO_WPA2_PSK || w->ciphers & NL_CIPHER_BIP_CMAC;
}

const char *wifi_security_lacks(const struct dm_inst *security)
{
	size_t len, phrase, psk;
	const char *mode = dm_str(security, "ModeEnabled", &len);
	const int kind = wifi_mode_security(mode, len);

	(void)dm_str(security, "KeyPassphrase", &phrase);
	(void)dm_str(security, "PreSharedKey", &psk);
	if (kind < 0)
		return "ModeEnabled";
	if (kind == RADIO_OPEN || phrase || (psk && kind == RADIO_WPA2_PSK))
		return NULL;
	return "KeyPassphrase";
}

static enum dm_error get_status(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct wifi *w = wifi_of(in);
	const struct dm_inst *ssid = wifi_ap_ssid(in);
	const char *status = "Disabled";

	if (!dm_bool(in, "Enable"))
		status = "Disabled";
	else if (!ssid || wifi_ap_of_ssid(w, ssid) != in ||
		 wifi_security_lacks(wifi_ap_security_of(in)))
		status = "Error_Misconfigured";
	else if (wifi_bss_wanted(w, ssid, in)) /* else its SSID or radio is off */
		status = wifi_ssid_is_up(w, ssid) ? "Enabled" : "Error";
	dm_put_str(sink, status);
	return DM_OK;
}

static enum dm_error check_stations(struct dm_txn *txn, struct dm_inst *in,
				    const struct dm_param *p, const char *value, size_t len)
{
	uint64_t n;

	if (num_parse_u64(value, len, WIFI_STATIONS_MAX, &n) == 0 && n)
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE, "'%s' is refused: allowed is 1 to %d", value,
			 WIFI_STATIONS_MAX);
}

#define CELL "set by the ACS; factory layer"

static const struct dm_param params[] = {
	{ "Enable", DM_BOOL, DM_RW, .def = "false", .source = CELL },
	{ "Status", DM_STRING, DM_RO, DM_VALUES(ap_status), .get = get_status,
	  .source = "nl80211: is its SSID on the air" },
	DM_ROW_ALIAS,
	{ "SSIDReference", DM_STRING, DM_RW, DM_REF("Device.WiFi.SSID."), DM_MAXLEN(256),
	  .source = CELL },
	{ "SSIDAdvertisementEnabled", DM_BOOL, DM_RW, .def = "true", .source = CELL },
	{ "IsolationEnable", DM_BOOL, DM_RW, .def = "false", .source = CELL },
	{ "MaxAllowedAssociations", DM_UINT, DM_RW, .def = "2007", .check = check_stations,
	  .source = CELL },
};

const struct dm_object wifi_access_point =
	DM_TABLE("Device.WiFi.AccessPoint.{i}.", params, .flags = DM_ADD,
		 .max = CONFIG_WIFI_MAX_SSID, .entries = "AccessPointNumberOfEntries");

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
static enum dm_error check_passphrase(struct dm_txn *txn, struct dm_inst *in,
				      const struct dm_param *p, const char *value, size_t len)
{
	if (ascii_printable(value, len))
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE,
			 "The value is refused: allowed are 8 to 63 printable ASCII characters");
}

static enum dm_error check_psk(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
			       const char *value, size_t len)
{
	if (!len || len == 2 * RADIO_PSK_LEN)
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE,
			 "The value is refused: allowed are 64 hexadecimal digits");
}

static const struct dm_param security_params[] = {
	{ "ModesSupported", DM_STRING, DM_RO, DM_VALUES(wifi_modes), .flags = DM_LIST,
	  .get = get_modes, .source = "nl80211: the radio's ciphers, and what hostapd can do" },
	{ "ModeEnabled", DM_STRING, DM_RW, DM_VALUES(wifi_modes), .def = "WPA2-Personal",
	  .source = CELL },
	{ "PreSharedKey", DM_HEXBIN, DM_RW, DM_MAXLEN(32), .flags = DM_SECRET, .check = check_psk,
	  .source = CELL },
	{ "KeyPassphrase", DM_STRING, DM_RW, DM_LEN(8, 63), .flags = DM_SECRET,
	  .check = check_passphrase, .source = CELL },
	{ "RekeyingInterval", DM_UINT, DM_RW, .def = "3600", .source = CELL },
};

const struct dm_object wifi_ap_security =
	DM_SINGLE("Device.WiFi.AccessPoint.{i}.Security.", security_params);
