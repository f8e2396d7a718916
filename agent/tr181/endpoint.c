/* SPDX-License-Identifier: Apache-2.0 */
/* Device.WiFi.EndPoint.{i}. (TR-181 2.19.1): the rows, and where each leads. */
#include "agent/tr181/endpoint.h"

#include <stdio.h>
#include <string.h>

#include "agent/priv.h"

static const char *const status[] = { "Disabled", "Enabled", "Error_Misconfigured", "Error", NULL };

/* A row of the table is nobody's before it is somebody's: has another endpoint taken it already? */
static bool is_taken(const struct endpoints *all, const struct dm_inst *ssid, int station)
{
	for (size_t i = 0; i < all->n; i++)
		if ((ssid && all->v[i].ssid == ssid) ||
		    (station >= 0 && all->v[i].station == station))
			return true;
	return false;
}

static bool is_name_of(const struct dm_inst *ssid, const struct dm_inst *profile)
{
	size_t n, len;
	const char *name = dm_str(ssid, "SSID", &n), *want = dm_str(profile, "SSID", &len);

	return n && n == len && memcmp(name, want, n) == 0;
}

static struct dm_inst *find_ssid(const struct wifi *w, const struct endpoints *all,
				 const struct dm_inst *profile)
{
	struct dm_inst *root = dm_single(w->dm, &wifi), *ssid;

	for (size_t i = 0; (ssid = dm_row_at(root, &wifi_ssid, i)); i++)
		if (is_name_of(ssid, profile) && !wifi_ap_of_ssid(w, ssid) &&
		    !is_taken(all, ssid, -1))
			return ssid;
	return NULL;
}

static const struct nl_iface *iface_of(const struct wifi *w, uint32_t ifindex)
{
	for (uint32_t i = 0; ifindex && i < w->reader->ifaces.n; i++)
		if (w->reader->ifaces.v[i].ifindex == ifindex)
			return &w->reader->ifaces.v[i];
	return NULL;
}

static void find_station(const struct wifi *w, const struct endpoints *all, struct endpoint *e)
{
	const struct nl_wiphy *wiphy = wifi_wiphy(w, e->radio);

	for (int n = 0; wiphy && n < STATION_MAX && e->station < 0; n++) {
		const struct wifi_link *l = &w->reader->links[n];
		const struct nl_iface *i = iface_of(w, l->ifindex);

		if (!i || i->wiphy != wiphy->index || is_taken(all, NULL, n))
			continue;
		e->station = n;
		e->iface = i;
		e->link = l;
	}
}

static bool is_up(const struct endpoint *e)
{
	size_t len;
	const char *want = dm_str(e->profile, "SSID", &len);

	return e->wanted && e->link->joined && e->link->ap.has & NL_STA_AUTHORIZED &&
	       e->iface->ssid_len == len && memcmp(e->iface->ssid, want, len) == 0;
}

static void follow(const struct wifi *w, const struct endpoints *all, struct endpoint *e)
{
	e->station = -1;
	e->profile = dm_ref(e->row, "ProfileReference");
	e->ssid = e->profile ? find_ssid(w, all, e->profile) : NULL;
	e->radio = e->ssid ? wifi_ssid_radio(e->ssid) : NULL;
	find_station(w, all, e);
	e->wanted = e->station >= 0 && dm_bool(e->row, "Enable") && dm_bool(e->profile, "Enable") &&
		    dm_bool(e->ssid, "Enable") && dm_bool(e->radio, "Enable") &&
		    !wifi_security_lacks(endpoint_security_of(e->profile));
	e->held = e->wanted && w->station.held[e->station];
	e->up = is_up(e);
}

/* Those that are enabled choose first. */
void endpoints_find(const struct wifi *w, struct endpoints *all)
{
	struct dm_inst *root = dm_single(w->dm, &wifi), *row;

	memset(all, 0, sizeof(*all));
	for (int enabled = 1; enabled >= 0; enabled--)
		for (size_t i = 0; (row = dm_row_at(root, &wifi_endpoint, i)); i++) {
			struct endpoint *e = &all->v[all->n];

			if (dm_bool(row, "Enable") != enabled || all->n == STATION_MAX)
				continue;
			e->row = row;
			follow(w, all, e);
			all->n++;
		}
}

bool endpoint_find(const struct wifi *w, const struct dm_inst *row, struct endpoint *e)
{
	struct endpoints all;

	endpoints_find(w, &all);
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i].row == row) {
			*e = all.v[i];
			return true;
		}
	return false;
}

/* Of many SSIDs few are joined: those are not looked at closer. */
static bool is_any_name(const struct wifi *w, const struct dm_inst *ssid)
{
	struct dm_inst *root = dm_single(w->dm, &wifi), *row;

	for (size_t i = 0; (row = dm_row_at(root, &wifi_endpoint, i)); i++)
		if (is_name_of(ssid, dm_ref(row, "ProfileReference")))
			return true;
	return false;
}

bool endpoint_of_ssid(const struct wifi *w, const struct dm_inst *ssid, struct endpoint *e)
{
	struct endpoints all;

	if (!is_any_name(w, ssid))
		return false;
	endpoints_find(w, &all);
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i].ssid == ssid) {
			*e = all.v[i];
			return true;
		}
	return false;
}

/* What is not enabled below it keeps an endpoint as quiet as its own Enable; what is missing is
 * somebody's mistake, or a radio that is gone. */
static enum dm_error get_status(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct wifi *w = wifi_of(in);
	const char *is = "Disabled";
	struct endpoint e;
	size_t len = 0;

	if (!dm_bool(in, "Enable") || !endpoint_find(w, in, &e)) {
		dm_put_str(sink, is);
		return DM_OK;
	}
	if (e.ssid)
		(void)dm_str(e.ssid, "LowerLayers", &len);
	if (e.wanted)
		is = e.held ? "Enabled" : "Error";
	else if (!e.ssid || !len || !dm_bool(e.profile, "Enable") ||
		 wifi_security_lacks(endpoint_security_of(e.profile)))
		is = "Error_Misconfigured";
	else if (!wifi_wiphy(w, e.radio))
		is = "Error";
	else if (e.station < 0)
		is = "Error_Misconfigured";
	dm_put_str(sink, is);
	return DM_OK;
}

static enum dm_error get_ssid(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	struct endpoint e;

	if (endpoint_find(wifi_of(in), in, &e) && e.ssid)
		dm_put_path(sink, e.ssid);
	return DM_OK;
}

/* TR-181 has the reference relative to the row: another endpoint's profile is none of ours. */
static enum dm_error check_profile(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
				   const char *value, size_t len)
{
	char path[DM_PATH_MAX + 16];
	int n = dm_inst_path(in, path);

	if (n > 0)
		(void)snprintf(path + n, sizeof(path) - (size_t)n, "Profile.");
	if (!len || (n > 0 && strncmp(value, path, strlen(path)) == 0))
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE,
			 "'%.60s' is refused: allowed is empty or a row of %s", value, path);
}

static bool has_stations(const struct dm_inst *parent)
{
	const struct wifi *w = wifi_of(parent);

	return wifi_has_stations(w) && w->priv->role[IPC_STATION];
}

#define CELL "set by the ACS; factory layer"

static const struct dm_param params[] = {
	{ "Enable", DM_BOOL, DM_RW, .def = "false", .source = CELL },
	{ "Status", DM_STRING, DM_RO, DM_VALUES(status), .get = get_status,
	  .source = "station role: has wpa_supplicant its network" },
	DM_ROW_ALIAS,
	{ "ProfileReference", DM_STRING, DM_RW, DM_REF("Device.WiFi.EndPoint.{i}.Profile."),
	  DM_MAXLEN(256), .check = check_profile, .source = CELL },
	{ "SSIDReference", DM_STRING, DM_RO, DM_MAXLEN(256), .ref = "Device.WiFi.SSID.",
	  .get = get_ssid, .source = "the SSID row of the profile's name" },
};

const struct dm_object wifi_endpoint =
	DM_TABLE("Device.WiFi.EndPoint.{i}.", params, .flags = DM_ADD, .max = STATION_MAX,
		 .entries = "EndPointNumberOfEntries", .when = has_stations);

/* Below a row: the access point that it has joined. */
static const struct nl_station *access_point(const struct dm_inst *in)
{
	struct endpoint e;

	return endpoint_find(wifi_of(in), in->parent, &e) && e.up ? &e.link->ap : NULL;
}

/* TR-181 knows no rates below or above these; one that it can't say is not there. */
static bool is_rate(uint32_t kbps)
{
	return kbps >= 1000 && kbps <= 600000;
}

static bool has_downlink(const struct dm_inst *in)
{
	const struct nl_station *ap = access_point(in);

	return ap && is_rate(ap->rx_kbps);
}

static enum dm_error get_downlink(struct dm_inst *in, const struct dm_param *p,
				  struct dm_sink *sink)
{
	const struct nl_station *ap = access_point(in);

	dm_put_uint(sink, ap ? ap->rx_kbps : 0);
	return DM_OK;
}

static bool has_uplink(const struct dm_inst *in)
{
	const struct nl_station *ap = access_point(in);

	return ap && is_rate(ap->tx_kbps);
}

static enum dm_error get_uplink(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct nl_station *ap = access_point(in);

	dm_put_uint(sink, ap ? ap->tx_kbps : 0);
	return DM_OK;
}

static bool has_signal(const struct dm_inst *in)
{
	const struct nl_station *ap = access_point(in);

	return ap && ap->has & NL_STA_SIGNAL;
}

static enum dm_error get_signal(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct nl_station *ap = access_point(in);
	const int dbm = ap ? ap->signal : 0;

	dm_put_int(sink, dbm > 0 ? 0 : dbm);
	return DM_OK;
}

#define STATION "nl80211: the station's information of the access point"

static const struct dm_param stats_params[] = {
	{ "LastDataDownlinkRate", DM_UINT, DM_RO, DM_RANGE(1000, 600000), .notify = DM_CAN_DENY,
	  .get = get_downlink, .when = has_downlink, .source = STATION },
	{ "LastDataUplinkRate", DM_UINT, DM_RO, DM_RANGE(1000, 600000), .notify = DM_CAN_DENY,
	  .get = get_uplink, .when = has_uplink, .source = STATION },
	{ "SignalStrength", DM_INT, DM_RO, DM_RANGE(-200, 0), .get = get_signal, .when = has_signal,
	  .source = STATION },
};

const struct dm_object wifi_endpoint_stats =
	DM_SINGLE("Device.WiFi.EndPoint.{i}.Stats.", stats_params);

static enum dm_error get_modes(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	for (size_t i = 0; endpoint_modes[i]; i++)
		if (endpoint_can(wifi_of(in), in->parent, endpoint_modes[i]))
			dm_put_item(sink, endpoint_modes[i], strlen(endpoint_modes[i]));
	return DM_OK;
}

static const struct dm_param security_params[] = {
	{ "ModesSupported", DM_STRING, DM_RO, DM_VALUES(endpoint_modes), .flags = DM_LIST,
	  .get = get_modes, .source = "nl80211: the radio's ciphers, and what wpa_supplicant can" },
};

const struct dm_object wifi_endpoint_security =
	DM_SINGLE("Device.WiFi.EndPoint.{i}.Security.", security_params);
