/* SPDX-License-Identifier: Apache-2.0 */
/* Device.WiFi.AccessPoint.{i}.AssociatedDevice.{i}. (TR-181 2.19.1): the kernel's stations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/tr181/wifi_internal.h"
#include "lib/log.h"

/* TR-181's least value of a rate; a station that has sent nothing yet has none. */
#define KBPS_MIN 1000

static const struct nl_station *station(const struct dm_inst *in)
{
	return in->data;
}

static enum dm_error get_mac(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_mac(sink, station(in)->mac);
	return DM_OK;
}

static enum dm_error get_authenticated(struct dm_inst *in, const struct dm_param *p,
				       struct dm_sink *sink)
{
	dm_put_bool(sink, station(in)->has & NL_STA_AUTHORIZED);
	return DM_OK;
}

static enum dm_error get_downlink(struct dm_inst *in, const struct dm_param *p,
				  struct dm_sink *sink)
{
	dm_put_uint(sink, station(in)->tx_kbps);
	return DM_OK;
}

static enum dm_error get_uplink(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_uint(sink, station(in)->rx_kbps);
	return DM_OK;
}

static enum dm_error get_signal(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const int dbm = station(in)->signal;

	dm_put_int(sink, dbm < -200 ? -200 : dbm > 0 ? 0 : dbm);
	return DM_OK;
}

/* A station that left stays readable until the session ends, and says that it left. */
static enum dm_error get_active(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_bool(sink, !in->gone);
	return DM_OK;
}

static bool has_signal(const struct dm_inst *in)
{
	return station(in)->has & NL_STA_SIGNAL;
}

static bool has_downlink(const struct dm_inst *in)
{
	return station(in)->tx_kbps >= KBPS_MIN;
}

static bool has_uplink(const struct dm_inst *in)
{
	return station(in)->rx_kbps >= KBPS_MIN;
}

#define STATION "nl80211: the station's information"

static const struct dm_param params[] = {
	{ "MACAddress", DM_STRING, DM_RO, DM_MATCH(dm_match_mac, DM_WANTS_MAC), DM_MAXLEN(17),
	  .get = get_mac, .source = STATION },
	{ "AuthenticationState", DM_BOOL, DM_RO, .get = get_authenticated,
	  .source = "nl80211: the station is authorized" },
	{ "LastDataDownlinkRate", DM_UINT, DM_RO, DM_RANGE(1000, DM_NOMAX), .notify = DM_CAN_DENY,
	  .get = get_downlink, .when = has_downlink, .source = STATION },
	{ "LastDataUplinkRate", DM_UINT, DM_RO, DM_RANGE(1000, DM_NOMAX), .notify = DM_CAN_DENY,
	  .get = get_uplink, .when = has_uplink, .source = STATION },
	{ "SignalStrength", DM_INT, DM_RO, DM_RANGE(-200, 0), .get = get_signal, .when = has_signal,
	  .source = STATION },
	{ "Active", DM_BOOL, DM_RO, .get = get_active, .source = "nl80211: it is still there" },
};

struct filling {
	struct dm_inst *ap;
	const struct dm_object *obj;
};

static void fill(void *arg, const struct nl_station *s)
{
	const struct filling *f = arg;
	struct dm_inst *in;
	char key[18];

	(void)snprintf(key, sizeof(key), "%02X:%02X:%02X:%02X:%02X:%02X", s->mac[0], s->mac[1],
		       s->mac[2], s->mac[3], s->mac[4], s->mac[5]);
	if (!(s->has & NL_STA_ASSOCIATED))
		return;
	in = dm_row(f->ap, f->obj, key);
	if (in && in->data)
		memcpy(in->data, s, sizeof(*s));
}

static void refresh(struct dm *dm, const struct dm_object *obj, struct dm_inst *ap)
{
	struct wifi *w = dm_ctx(ap);
	const struct dm_inst *ssid;
	const struct nl_iface *i;
	struct filling f = { ap, obj };
	int e;

	if (!w)
		return;
	wifi_look(w, false);
	ssid = wifi_ap_ssid(ap);
	i = ssid && wifi_ap_of_ssid(w, ssid) == ap && wifi_ssid_is_up(w, ssid)
		    ? wifi_ssid_iface(w, ssid, NULL)
		    : NULL;
	dm_rows_begin(ap, obj);
	e = i ? wifi_reader_stations(w->reader, i->ifindex, fill, &f) : 0;
	dm_rows_end(ap, obj);
	if (e < 0)
		log_warn("wifi: stations of %s: %s", i->name, strerror(-e));
}

static enum dm_error added(struct dm_inst *in)
{
	in->data = calloc(1, sizeof(struct nl_station));
	return in->data ? DM_OK : DM_ERESOURCES;
}

const struct dm_object wifi_associated =
	DM_TABLE("Device.WiFi.AccessPoint.{i}.AssociatedDevice.{i}.", params,
		 .entries = "AssociatedDeviceNumberOfEntries", .refresh = refresh, .added = added,
		 .release = wifi_row_release);
