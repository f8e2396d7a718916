/* SPDX-License-Identifier: Apache-2.0 */
/* Device.WiFi.AccessPoint.{i}.AssociatedDevice.{i}. (TR-181 2.19.1): the kernel's stations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/tr181/tr181.h"
#include "agent/tr181/wifi_internal.h"
#include "lib/clock.h"
#include "lib/log.h"

static const char *const standards[] = { "a", "b", "g", "n", "ac", "ax", "be", NULL };

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

/* By the last frames; those of a station that has only sent old ones say nothing. */
static const char *standard(const struct dm_inst *in)
{
	const unsigned int has = station(in)->has;

	return has & NL_STA_EHT	  ? "be"
	       : has & NL_STA_HE  ? "ax"
	       : has & NL_STA_VHT ? "ac"
	       : has & NL_STA_HT  ? "n"
				  : NULL;
}

static bool has_standard(const struct dm_inst *in)
{
	return standard(in);
}

static enum dm_error get_standard(struct dm_inst *in, const struct dm_param *p,
				  struct dm_sink *sink)
{
	dm_put_str(sink, standard(in));
	return DM_OK;
}

static bool has_since(const struct dm_inst *in)
{
	return station(in)->since_ns;
}

static enum dm_error get_since(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const uint64_t age = clock_boot_ms() - station(in)->since_ns / 1000000;

	tr181_put_when(sink, clock_mono_ms() - age);
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
	{ "OperatingStandard", DM_STRING, DM_RO, DM_VALUES(standards), .get = get_standard,
	  .when = has_standard, .source = "nl80211: the rates of the station's last frames" },
	{ "AuthenticationState", DM_BOOL, DM_RO, .get = get_authenticated,
	  .source = "nl80211: the station is authorized" },
	{ "LastDataDownlinkRate", DM_UINT, DM_RO, DM_RANGE(1000, DM_NOMAX), .notify = DM_CAN_DENY,
	  .get = get_downlink, .when = has_downlink, .source = STATION },
	{ "LastDataUplinkRate", DM_UINT, DM_RO, DM_RANGE(1000, DM_NOMAX), .notify = DM_CAN_DENY,
	  .get = get_uplink, .when = has_uplink, .source = STATION },
	{ "AssociationTime", DM_DATETIME, DM_RO, .get = get_since, .when = has_since,
	  .source = STATION },
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

/* Below a station's row */
static const struct nl_station *above(const struct dm_inst *in)
{
	return in->parent->data;
}

#define COUNTER(name, expression)                                                     \
	static enum dm_error get_##name(struct dm_inst *in, const struct dm_param *p, \
					struct dm_sink *sink)                         \
	{                                                                             \
		const struct nl_station *s = above(in);                               \
                                                                                      \
		dm_put_uint(sink, expression);                                        \
		return DM_OK;                                                         \
	}

COUNTER(bytes_sent, s->tx_bytes)
COUNTER(bytes_received, s->rx_bytes)
COUNTER(packets_sent, s->tx_packets)
COUNTER(packets_received, s->rx_packets)
COUNTER(retries, s->tx_retries)
COUNTER(failed, s->tx_failed)

static bool has_retries(const struct dm_inst *in)
{
	return above(in)->has & NL_STA_RETRIES;
}

static bool has_failed(const struct dm_inst *in)
{
	return above(in)->has & NL_STA_FAILED;
}

static const struct dm_param stats_params[] = {
	{ "BytesSent", DM_ULONG, DM_RO, .get = get_bytes_sent, .source = STATION },
	{ "BytesReceived", DM_ULONG, DM_RO, .get = get_bytes_received, .source = STATION },
	{ "PacketsSent", DM_ULONG, DM_RO, .get = get_packets_sent, .source = STATION },
	{ "PacketsReceived", DM_ULONG, DM_RO, .get = get_packets_received, .source = STATION },
	{ "ErrorsSent", DM_UINT, DM_RO, .get = get_failed, .when = has_failed, .source = STATION },
	{ "RetransCount", DM_UINT, DM_RO, .get = get_retries, .when = has_retries,
	  .source = STATION },
	{ "FailedRetransCount", DM_UINT, DM_RO, .get = get_failed, .when = has_failed,
	  .source = STATION },
};

const struct dm_object wifi_associated_stats =
	DM_SINGLE("Device.WiFi.AccessPoint.{i}.AssociatedDevice.{i}.Stats.", stats_params);
