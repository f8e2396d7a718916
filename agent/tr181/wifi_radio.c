/* SPDX-License-Identifier: Apache-2.0 */
/* Device.WiFi.Radio.{i}. (TR-181 2.19.1): one row for each radio that can be an access point. */
#include <stdlib.h>
#include <string.h>

#include <linux/nl80211.h>

#include "agent/tr181/endpoint.h"
#include "lib/limits.h"
#include "lib/num.h"
#include "lib/text.h"

static const char *const standards[] = { "a", "b", "g", "n", "ac", "ax", "be", NULL };
static const char *const preferred_widths[] = { "20MHz", "40MHz", "80MHz", "160MHz", "Auto", NULL };
static const char *const extensions[] = { "AboveControlChannel", "BelowControlChannel", "Auto",
					  NULL };
static const char *const guards[] = { "Auto", NULL };

/* A BSS of this radio that is on the air, or has been joined; all of them share its channel. */
static const struct nl_iface *on_air(const struct wifi *w, const struct dm_inst *radio)
{
	const struct nl_wiphy *wiphy = wifi_wiphy(w, radio);
	uint32_t i;

	for (i = 0; wiphy && i < w->reader->ifaces.n; i++) {
		const struct nl_iface *f = &w->reader->ifaces.v[i];

		if (f->wiphy == wiphy->index && (f->type == NL80211_IFTYPE_AP || f->station) &&
		    f->ssid_len && f->mhz)
			return f;
	}
	return NULL;
}

const struct nl_wiphy *wifi_radio_look(const struct dm_inst *in, struct wifi_settings *s,
				       const struct nl_iface **air)
{
	const struct wifi *w = wifi_of(in);
	const struct nl_wiphy *wiphy = wifi_wiphy(w, in);

	*s = (struct wifi_settings){ .band = NL_BANDS };
	if (air)
		*air = on_air(w, in);
	if (wiphy)
		wifi_radio_settings(in, wiphy, s);
	return wiphy;
}

static bool wants_bss(const struct wifi *w, const struct dm_inst *radio)
{
	struct dm_inst *root = dm_single(w->dm, &wifi), *ssid;
	size_t i;

	for (i = 0; (ssid = dm_row_at(root, &wifi_ssid, i)); i++)
		if (wifi_ssid_radio(ssid) == radio &&
		    wifi_bss_wanted(w, ssid, wifi_ap_of_ssid(w, ssid)))
			return true;
	return false;
}

static enum dm_error get_status(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct wifi *w = wifi_of(in);
	const char *status = "Error";

	if (!wifi_wiphy(w, in))
		status = "NotPresent";
	else if (!dm_bool(in, "Enable"))
		status = "Down";
	else if (on_air(w, in))
		status = "Up";
	else if (!wants_bss(w, in) || wifi_radio_listens(w, in))
		/* operable, but nobody gave it a BSS, or there may be radar on its channel */
		status = "Dormant";
	dm_put_str(sink, status);
	return DM_OK;
}

static enum dm_error get_name(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct nl_wiphy *wiphy = wifi_wiphy(wifi_of(in), in);

	dm_put_str(sink, wiphy ? wiphy->name : "");
	return DM_OK;
}

static enum dm_error get_upstream(struct dm_inst *in, const struct dm_param *p,
				  struct dm_sink *sink)
{
	const struct wifi *w = wifi_of(in);
	struct dm_inst *root = dm_single(w->dm, &wifi), *ssid;
	struct endpoint e;
	bool up = false;

	for (size_t i = 0; !up && (ssid = dm_row_at(root, &wifi_ssid, i)); i++)
		up = wifi_ssid_radio(ssid) == in && endpoint_of_ssid(w, ssid, &e);
	dm_put_bool(sink, up);
	return DM_OK;
}

static enum dm_error get_band(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct nl_iface *air;
	struct wifi_settings s;

	wifi_radio_look(in, &s, &air);
	dm_put_str(sink, wifi_band_name(air ? nl_mhz_band(air->mhz) : s.band));
	return DM_OK;
}

static enum dm_error get_channel(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct nl_iface *air;
	struct wifi_settings s;

	wifi_radio_look(in, &s, &air);
	dm_put_uint(sink, air ? nl_mhz_to_channel(air->mhz) : s.channel);
	return DM_OK;
}

static enum dm_error get_width(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct nl_iface *air;
	struct wifi_settings s;
	unsigned int i, width;

	wifi_radio_look(in, &s, &air);
	width = air && air->width ? air->width : s.width;
	for (i = 0; wifi_widths[i] && 20u << i != width; i++)
		;
	dm_put_str(sink, wifi_widths[i]);
	return DM_OK;
}

/* Under some regulatory domains a radio may listen only. */
static bool may_transmit(const struct dm_inst *in)
{
	struct wifi_settings s;

	return wifi_radio_look(in, &s, NULL) && s.band < NL_BANDS;
}

static enum dm_error get_powers(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_const(sink, "-1,12,25,50,100", 15);
	return DM_OK;
}

static enum dm_error check_power(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
				 const char *value, size_t len)
{
	int64_t percent = 0;

	if (num_parse_i64(value, len, -1, 100, &percent) == 0 && wifi_power_known(percent))
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE,
			 "'%s' is refused: allowed is -1, 12, 25, 50, 100", value);
}

static enum dm_error get_operating(struct dm_inst *in, const struct dm_param *p,
				   struct dm_sink *sink)
{
	struct wifi_settings s;
	const struct nl_wiphy *wiphy = wifi_radio_look(in, &s, NULL);

	if (wiphy && s.band < NL_BANDS)
		wifi_put_standards(sink, s.standards ? s.standards : plan_standards(wiphy, s.band));
	return DM_OK;
}

static enum dm_error get_retry(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct nl_wiphy *wiphy = wifi_wiphy(wifi_of(in), in);

	dm_put_uint(sink, wiphy ? wiphy->retry : 0);
	return DM_OK;
}

static bool says_country(const struct dm_inst *in)
{
	return wifi_of(in)->reader->country[0] != '\0';
}

static enum dm_error get_country(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const char *c = wifi_of(in)->reader->country;
	const char text[3] = { c[0], c[1], ' ' };

	dm_put_mem(sink, text, sizeof(text));
	return DM_OK;
}

/* The kernel's domains hold indoors and outdoors. */
static enum dm_error check_country(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
				   const char *value, size_t len)
{
	if (len == 3 && value[0] >= 'A' && value[0] <= 'Z' && value[1] >= 'A' && value[1] <= 'Z' &&
	    value[2] == ' ')
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE,
			 "'%s' is refused: allowed is two capital letters and a blank", value);
}

static enum dm_error get_auto(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_int(sink, -1);
	return DM_OK;
}

/* The driver chooses by what each station hears: nothing here could hold it to one rate. */
static enum dm_error check_auto(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
				const char *value, size_t len)
{
	if (text_eq(value, len, "-1"))
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE, "'%s' is refused: allowed is -1", value);
}

static enum dm_error check_retry(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
				 const char *value, size_t len)
{
	if (!text_eq(value, len, "0"))
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE, "'0' is refused: allowed is 1 to 7");
}

/* While it listens its stations have to wait. */
static enum dm_error check_period(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
				  const char *value, size_t len)
{
	uint64_t period = 0;

	if (num_parse_u64(value, len, UINT32_MAX, &period) == 0 &&
	    (!period || period >= WIFI_AUTO_MIN_S))
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE,
			 "'%s' is refused: allowed is 0, and from %d seconds", value,
			 WIFI_AUTO_MIN_S);
}

static enum dm_error check_nothing_below(struct dm_txn *txn, struct dm_inst *in,
					 const struct dm_param *p, const char *value, size_t len)
{
	if (!len)
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE,
			 "A radio has no layer below it: allowed is ''");
}

#define CELL "set by the ACS; factory layer"
#define WIPHY "nl80211: the radio's capabilities"
#define REGULATION "nl80211: the radio's channels under the regulatory domain in force"

static const struct dm_param params[] = {
	{ "Enable", DM_BOOL, DM_RW, .def = "true", .source = CELL },
	{ "Status", DM_STRING, DM_RO, DM_VALUES(wifi_if_status), .get = get_status,
	  .source = "nl80211: is one of its access points on the air" },
	DM_ROW_ALIAS,
	{ "Name", DM_STRING, DM_RO, DM_MAXLEN(64), .get = get_name, .source = WIPHY },
	{ "LowerLayers", DM_STRING, DM_RW, DM_REFS(""), DM_MAXLEN(1024),
	  .check = check_nothing_below, .source = "always empty" },
	{ "MaxBitRate", DM_UINT, DM_RO, .get = wifi_radio_get_max_rate,
	  .source = "nl80211: streams, MCS and widths, as IEEE 802.11 makes a rate of them" },
	{ "Upstream", DM_BOOL, DM_RO, .get = get_upstream,
	  .source = "it serves the LAN; true when an EndPoint's SSID lies on it" },
	{ "SupportedFrequencyBands", DM_STRING, DM_RO, DM_VALUES(wifi_bands), .flags = DM_LIST,
	  .get = wifi_radio_get_bands, .source = WIPHY },
	{ "OperatingFrequencyBand", DM_STRING, DM_RW, DM_VALUES(wifi_bands), .get = get_band,
	  .when = may_transmit, .source = "nl80211, or what is set while nothing is on the air" },
	{ "SupportedStandards", DM_STRING, DM_RO, DM_VALUES(standards), .flags = DM_LIST,
	  .get = wifi_radio_get_standards, .source = WIPHY },
	{ "OperatingStandards", DM_STRING, DM_RW, DM_VALUES(standards), .flags = DM_LIST,
	  .get = get_operating, .when = may_transmit,
	  .source = "what hostapd is told: all that the radio can, or what is set" },
	{ "PossibleChannels", DM_STRING, DM_RO, .flags = DM_LIST, DM_MAXLEN(1024),
	  .get = wifi_radio_get_possible, .source = REGULATION },
	{ "ChannelsInUse", DM_STRING, DM_RO, .flags = DM_LIST, DM_MAXLEN(1024),
	  .get = wifi_radio_get_in_use, .notify = DM_CAN_DENY,
	  .source = "nl80211: its own channel, and those that a scan has heard, for an hour" },
	{ "Channel", DM_UINT, DM_RW, DM_RANGE(1, 255), .get = get_channel, .when = may_transmit,
	  .source = "nl80211, or what is set while nothing is on the air" },
	{ "AutoChannelSupported", DM_BOOL, DM_RO, .get = wifi_radio_get_auto_supported,
	  .source = "nl80211: does the driver's survey tell how busy channels are" },
	{ "AutoChannelEnable", DM_BOOL, DM_RW, .get = wifi_radio_get_auto,
	  .check = wifi_radio_check_auto, .source = CELL "; false where it is not supported" },
	{ "AutoChannelRefreshPeriod", DM_UINT, DM_RW, .check = check_period, .source = CELL },
	{ "MaxSupportedSSIDs", DM_UINT, DM_RO, DM_RANGE(1, DM_NOMAX),
	  .get = wifi_radio_get_max_ssids, .source = "nl80211: interface combinations" },
	{ "MaxSupportedAssociations", DM_UINT, DM_RO, DM_RANGE(1, DM_NOMAX),
	  .get = wifi_radio_get_max_stations, .when = wifi_radio_says_max_stations,
	  .source = WIPHY },
	{ "SupportedOperatingChannelBandwidths", DM_STRING, DM_RO, DM_VALUES(preferred_widths),
	  .flags = DM_LIST, .get = wifi_radio_get_widths, .source = WIPHY },
	{ "OperatingChannelBandwidth", DM_STRING, DM_RW, DM_VALUES(preferred_widths), .def = "Auto",
	  .source = CELL },
	{ "CurrentOperatingChannelBandwidth", DM_STRING, DM_RO, DM_VALUES(wifi_widths),
	  .get = get_width, .when = may_transmit,
	  .source = "nl80211, or what is planned while nothing is on the air" },
	{ "ExtensionChannel", DM_STRING, DM_RW, DM_VALUES(extensions), .def = "Auto",
	  .source = CELL },
	{ "GuardInterval", DM_STRING, DM_RW, DM_VALUES(guards), .def = "Auto",
	  .source = "always Auto: the driver chooses by station" },
	{ "MCS", DM_INT, DM_RW, DM_RANGES({ -1, 15 }, { 16, 31 }), .get = get_auto,
	  .check = check_auto, .source = "always -1: the driver chooses by station" },
	{ "TransmitPowerSupported", DM_STRING, DM_RO, .flags = DM_LIST, .item = DM_INT,
	  DM_MAXLEN(64), .get = get_powers, .source = "steps of 3 dB below what is allowed" },
	{ "TransmitPower", DM_INT, DM_RW, DM_RANGE(-1, 100), .def = "-1",
	  .get = wifi_radio_get_power, .check = check_power,
	  .source = "nl80211: of what the channel allows; -1 where that is asked for" },
	{ "IEEE80211hSupported", DM_BOOL, DM_RO, .get = wifi_radio_get_has_11h,
	  .source = "nl80211: interface combinations, and channels that need radar detection" },
	{ "IEEE80211hEnabled", DM_BOOL, DM_RW, .get = wifi_radio_get_11h,
	  .source = CELL "; false in other bands than 5GHz" },
	{ "X_SALLYPORT_RadarDetection", DM_STRING, DM_RO, DM_VALUES(wifi_radar),
	  .get = wifi_radio_get_radar, .when = wifi_radio_says_radar,
	  .source = "nl80211: does the channel in use need it, and is it on the air" },
	{ "X_SALLYPORT_RadarFound", DM_STRING, DM_RO, .flags = DM_LIST, DM_MAXLEN(256),
	  .get = wifi_radio_get_found, .when = wifi_radio_says_radar,
	  .source = "nl80211: channels on which there was radar in the last half hour" },
	{ "RegulatoryDomain", DM_STRING, DM_RW, DM_LEN(3, 3), .get = get_country,
	  .check = check_country, .when = says_country,
	  .source = "nl80211: the country whose rules are in force" },
	{ "RetryLimit", DM_UINT, DM_RW, DM_RANGE(0, RADIO_RETRY_MAX), .get = get_retry,
	  .check = check_retry, .source = WIPHY },
};

/* Radios come and go with the kernel; those that can't be an access point are not listed. */
static void refresh(struct dm *dm, const struct dm_object *obj, struct dm_inst *parent)
{
	struct wifi *w = dm_ctx(parent);
	uint32_t i;

	if (!w)
		return;
	wifi_look(w, false);
	dm_rows_begin(parent, obj);
	for (i = 0; i < w->reader->wiphys.n; i++) {
		const struct nl_wiphy *wiphy = &w->reader->wiphys.w[i];
		struct dm_inst *in;

		if (!wiphy->max_ap)
			continue;
		in = dm_row(parent, obj, w->reader->keys[i]);
		if (in && in->data)
			((struct wifi_radio_row *)in->data)->wiphy = wiphy->index;
	}
	dm_rows_end(parent, obj);
}

static enum dm_error added(struct dm_inst *in)
{
	in->data = calloc(1, sizeof(struct wifi_radio_row));
	return in->data ? DM_OK : DM_ERESOURCES;
}

const struct dm_object wifi_radio =
	DM_TABLE("Device.WiFi.Radio.{i}.", params, .flags = DM_KEEP, .max = RADIO_MAX,
		 .entries = "RadioNumberOfEntries", .refresh = refresh, .added = added,
		 .release = wifi_row_release);
