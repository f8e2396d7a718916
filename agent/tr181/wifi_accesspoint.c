/* SPDX-License-Identifier: Apache-2.0 */
/* Device.WiFi.AccessPoint.{i}. (TR-181 2.19.1) */
#include "config.h"

#include <string.h>

#include "agent/tr181/wifi_internal.h"
#include "agent/tree/value.h"
#include "lib/num.h"

static const char *const ap_status[] = { "Disabled", "Enabled", "Error_Misconfigured", "Error",
					 NULL };
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
		status = wifi_ssid_is_up(w, ssid) || wifi_radio_listens(w, wifi_ssid_radio(ssid))
				 ? "Enabled"
				 : "Error";
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

static enum dm_error get_wmm(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_bool(sink, true);
	return DM_OK;
}

/* Of the row's radio; before it has one, of any that the box has. */
static enum dm_error get_uapsd(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct wifi *w = wifi_of(in);
	const struct dm_inst *ssid = wifi_ap_ssid(in);
	const struct nl_wiphy *wiphy = ssid ? wifi_wiphy(w, wifi_ssid_radio(ssid)) : NULL;
	bool can = wiphy && wiphy->uapsd;
	uint32_t i;

	for (i = 0; !wiphy && i < w->reader->wiphys.n; i++)
		can |= w->reader->wiphys.w[i].uapsd;
	dm_put_bool(sink, can);
	return DM_OK;
}

static enum dm_error check_allowed(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
				   const char *value, size_t len)
{
	struct dm_items it;
	const char *item;

	dm_items_start(&it, value, len);
	while (dm_items_next(&it, &item, &len))
		if (len != 17 || strchr("13579BDFbdf", item[1]))
			return dm_refuse(txn, in, p->name, DM_EVALUE,
					 "'%.*s' is refused: allowed is a station's own address",
					 (int)len, item);
	return DM_OK;
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
	{ "WMMCapability", DM_BOOL, DM_RO, .get = get_wmm, .source = "hostapd does it" },
	{ "UAPSDCapability", DM_BOOL, DM_RO, .get = get_uapsd,
	  .source = "nl80211: the radio's capabilities" },
	{ "WMMEnable", DM_BOOL, DM_RW, .def = "true", .source = CELL },
	{ "UAPSDEnable", DM_BOOL, DM_RW, .def = "false", .source = CELL },
	{ "IsolationEnable", DM_BOOL, DM_RW, .def = "false", .source = CELL },
	{ "MaxAllowedAssociations", DM_UINT, DM_RW, .def = "2007", .check = check_stations,
	  .source = CELL },
	{ "MACAddressControlEnabled", DM_BOOL, DM_RW, .def = "false", .source = CELL },
	{ "AllowedMACAddress", DM_STRING, DM_RW, DM_MATCH(dm_match_mac, DM_WANTS_MAC),
	  .max_item = 17, .max_items = RADIO_ALLOWED_MAX, .flags = DM_LIST, .check = check_allowed,
	  .source = CELL },
};

const struct dm_object wifi_access_point =
	DM_TABLE("Device.WiFi.AccessPoint.{i}.", params, .flags = DM_ADD,
		 .max = CONFIG_WIFI_MAX_SSID, .entries = "AccessPointNumberOfEntries");
