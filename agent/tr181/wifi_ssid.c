/* SPDX-License-Identifier: Apache-2.0 */
/* Device.WiFi.SSID.{i}. (TR-181 2.19.1) */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "agent/tr181/endpoint.h"
#include "lib/text.h"

/* Of a network that somebody else has on the air. */
static const char *status_of_station(const struct endpoint *e)
{
	if (!e->wanted)
		return "Down";
	return e->up ? "Up" : e->held ? "Dormant" : "Error";
}

/* Down until there is a whole BSS to bring up; Error when there is one and the kernel lacks it. */
static enum dm_error get_status(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct wifi *w = wifi_of(in);
	const struct dm_inst *radio = wifi_ssid_radio(in);
	const char *status = "Error";
	struct endpoint e;
	size_t len;

	(void)dm_str(in, "LowerLayers", &len);
	if (!dm_bool(in, "Enable") || !len)
		status = "Down";
	else if (!wifi_wiphy(w, radio)) /* the radio that it refers to is gone */
		status = "NotPresent";
	else if (!dm_bool(radio, "Enable"))
		status = "LowerLayerDown";
	else if (endpoint_of_ssid(w, in, &e))
		status = status_of_station(&e);
	else if (!wifi_bss_wanted(w, in, wifi_ap_of_ssid(w, in)))
		status = "Down";
	else if (wifi_ssid_is_up(w, in))
		status = "Up";
	else if (wifi_radio_listens(w, radio))
		status = "Dormant";
	dm_put_str(sink, status);
	return DM_OK;
}

static enum dm_error get_name(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	char name[NL_IFNAME_MAX];

	(void)wifi_ssid_iface(wifi_of(in), in, name);
	dm_put_str(sink, name);
	return DM_OK;
}

static enum dm_error get_upstream(struct dm_inst *in, const struct dm_param *p,
				  struct dm_sink *sink)
{
	struct endpoint e;

	dm_put_bool(sink, endpoint_of_ssid(wifi_of(in), in, &e));
	return DM_OK;
}

static enum dm_error get_mac(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct wifi *w = wifi_of(in);
	const struct nl_iface *i = wifi_ssid_is_up(w, in) ? wifi_ssid_iface(w, in, NULL) : NULL;

	if (i)
		dm_put_mac(sink, i->mac);
	return DM_OK;
}

/* Of a network that the box has joined: the access point's. */
static enum dm_error get_bssid(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	struct endpoint e;

	if (!endpoint_of_ssid(wifi_of(in), in, &e))
		return get_mac(in, p, sink);
	if (e.up)
		dm_put_mac(sink, e.link->ap.mac);
	return DM_OK;
}

static enum dm_error check_bridge(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
				  const char *value, size_t len)
{
	const char *bridges = wifi_of(in)->bridges;
	char name[NL_IFNAME_MAX];
	unsigned int n;

	for (n = 1; len && plan_word(bridges, n, name, sizeof(name)); n++)
		if (text_eq(value, len, name))
			return DM_OK;
	if (!len)
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE, "'%s' is refused: allowed is %s", value,
			 bridges);
}

static bool has_bridges(const struct dm_inst *in)
{
	return wifi_of(in)->bridges[0] != '\0';
}

#define CELL "set by the ACS; factory layer"

static const struct dm_param params[] = {
	{ "Enable", DM_BOOL, DM_RW, .def = "false", .source = CELL },
	{ "Status", DM_STRING, DM_RO, DM_VALUES(wifi_if_status), .get = get_status,
	  .source = "nl80211: is an access point with this SSID on the air" },
	DM_ROW_ALIAS,
	{ "Name", DM_STRING, DM_RO, DM_MAXLEN(64), .get = get_name,
	  .source = "nl80211: its network interface" },
	{ "LowerLayers", DM_STRING, DM_RW, DM_REFS("Device.WiFi.Radio."), DM_MAXLEN(1024),
	  .source = CELL },
	{ "Upstream", DM_BOOL, DM_RO, .get = get_upstream,
	  .source = "it serves the LAN; true of one that an EndPoint joins" },
	{ "BSSID", DM_STRING, DM_RO, DM_MATCH(dm_match_mac, DM_WANTS_MAC), DM_MAXLEN(17),
	  .get = get_bssid,
	  .source = "nl80211: its network interface, or what that has joined; while on the air" },
	{ "MACAddress", DM_STRING, DM_RO, DM_MATCH(dm_match_mac, DM_WANTS_MAC), DM_MAXLEN(17),
	  .get = get_mac, .source = "nl80211: its network interface, while it is on the air" },
	{ "SSID", DM_STRING, DM_RW, DM_MAXLEN(32), .max_octets = NL_SSID_MAX, .source = CELL },
	{ WIFI_BRIDGE, DM_STRING, DM_RW, DM_MAXLEN(15), .check = check_bridge, .when = has_bridges,
	  .source = "set by the ACS; one of sallyport.conf's radio.bridges, or none" },
};

static enum dm_error added(struct dm_inst *in)
{
	struct wifi_ssid_row *row = calloc(1, sizeof(*row));

	if (!row)
		return DM_ERESOURCES;
	row->slot = -1;
	in->data = row;
	return DM_OK;
}

const struct dm_object wifi_ssid =
	DM_TABLE("Device.WiFi.SSID.{i}.", params, .flags = DM_ADD, .max = CONFIG_WIFI_MAX_SSID,
		 .entries = "SSIDNumberOfEntries", .added = added, .release = wifi_row_release);
