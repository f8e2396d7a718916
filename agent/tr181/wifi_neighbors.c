/* SPDX-License-Identifier: Apache-2.0 */
/* Device.WiFi.NeighboringWiFiDiagnostic. (TR-181 2.19.1): what a scan of all radios heard. */
#include "agent/tr181/wifi_neighbors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/tr181/diag.h"
#include "agent/tr181/wifi_internal.h"
#include "lib/text.h"

static const char *const states[] = { "None", "Requested", "Canceled", "Complete", "Error", NULL };
static const char *const modes[] = { "AdHoc", "Infrastructure", NULL };
static const char *const standards[] = { "a", "b", "g", "n", "ac", "ax", "be", NULL };
static const char *const ciphers[] = { "TKIP", "AES", NULL };
static const char *const securities[] = { "None",
					  "WEP",
					  "WPA",
					  "WPA2",
					  "WPA-WPA2",
					  "WPA-Enterprise",
					  "WPA2-Enterprise",
					  "WPA-WPA2-Enterprise",
					  "WPA3-SAE",
					  "WPA2-PSK-WPA3-SAE",
					  "WPA3-Enterprise",
					  "OWE",
					  NULL };

/* This object knows one kind of error. */
static enum dm_error get_state(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct diag *d = dm_ctx(in);

	if (d && d->state > DIAG_COMPLETE) {
		dm_put_str(sink, "Error");
		return DM_OK;
	}
	return diag_get_state(in, p, sink);
}

DIAG_MODULE(wifi_neighboring, "NeighboringWiFiDiagnostic")

static const struct dm_param params[] = {
	{ "DiagnosticsState", DM_STRING, DM_RW, DM_VALUES(states), .def = "None", .get = get_state,
	  .check = diag_check_state, .flags = DM_VOLATILE | DM_EVENTED,
	  .source = "what the agent is doing" },
};

const struct dm_object wifi_neighboring = DM_SINGLE("Device.WiFi.NeighboringWiFiDiagnostic.",
						    params, .module = &module, .when = here);

static const struct wifi_neighbor *heard(const struct dm_inst *in)
{
	return in->data;
}

static enum dm_error get_radio(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	struct dm_inst *root = dm_single(dm_inst_dm(in), &wifi), *radio;
	const struct wifi *w = wifi_of(root);

	for (size_t i = 0; (radio = dm_row_at(root, &wifi_radio, i)); i++) {
		const struct nl_wiphy *wiphy = wifi_wiphy(w, radio);

		if (wiphy && wiphy->index == heard(in)->wiphy)
			dm_put_path(sink, radio);
	}
	return DM_OK;
}

/*
 * Octets from the air: as they are when they are text that XML can carry, else with U+FFFD for
 * each that is not.
 */
static enum dm_error get_ssid(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct nl_bss *b = &heard(in)->bss;
	const char *s = (const char *)b->ssid;
	char text[3 * NL_BSS_SSID_MAX];
	size_t at = 0, n = 0;

	while (at < b->ssid_len) {
		size_t len = utf8_sequence(s + at, b->ssid_len - at);

		if (len && xml_clean(s + at, len)) {
			memcpy(text + n, s + at, len);
			n += len;
		} else {
			memcpy(text + n, "\xef\xbf\xbd", 3);
			n += 3;
			len = 1;
		}
		at += len;
	}
	dm_put_mem(sink, text, n);
	return DM_OK;
}

DIAG_GETTER(bssid, heard, dm_put_mac, r->bss.bssid)
DIAG_GETTER(mode, heard, dm_put_str, modes[!r->bss.adhoc])
DIAG_GETTER(channel, heard, dm_put_uint, nl_mhz_to_channel(r->bss.mhz))
DIAG_GETTER(signal, heard, dm_put_int, r->bss.signal)
DIAG_GETTER(band, heard, dm_put_str, wifi_band_name(nl_mhz_band(r->bss.mhz)))
DIAG_GETTER(noise, heard, dm_put_int, r->noise)
DIAG_GETTER(dtim, heard, dm_put_uint, r->bss.dtim)
/* in units of 1.024 ms, to the nearest */
DIAG_GETTER(beacon, heard, dm_put_uint, (r->bss.beacon_tu * 1024u + 500) / 1000)

static bool has_signal(const struct dm_inst *in)
{
	return heard(in)->bss.has_signal;
}

static bool has_noise(const struct dm_inst *in)
{
	return heard(in)->has_noise;
}

static bool has_dtim(const struct dm_inst *in)
{
	return heard(in)->bss.dtim;
}

/* The name for what is offered together; NULL: for this there is none. */
static const char *security(const struct nl_bss *b)
{
	const unsigned int s = b->security;
	const bool old_psk = s & NL_SEC_WPA_PSK, old_eap = s & NL_SEC_WPA_EAP;

	if (s & NL_SEC_SAE)
		return s & NL_SEC_PSK ? "WPA2-PSK-WPA3-SAE" : "WPA3-SAE";
	if (s & NL_SEC_OWE)
		return "OWE";
	if (s & NL_SEC_EAP)
		return old_eap ? "WPA-WPA2-Enterprise" : "WPA2-Enterprise";
	if (s & NL_SEC_EAP3)
		return "WPA3-Enterprise";
	if (s & NL_SEC_PSK)
		return old_psk ? "WPA-WPA2" : "WPA2";
	if (old_psk || old_eap)
		return old_psk ? "WPA" : "WPA-Enterprise";
	return s & NL_SEC_WEP ? "WEP" : s ? NULL : "None";
}

static bool has_security(const struct dm_inst *in)
{
	return security(&heard(in)->bss);
}

DIAG_GETTER(security, heard, dm_put_str, security(&r->bss))

static enum dm_error get_ciphers(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const unsigned int s = heard(in)->bss.security;

	if (s & NL_SEC_TKIP)
		dm_put_item(sink, "TKIP", 4);
	if (s & NL_SEC_AES)
		dm_put_item(sink, "AES", 3);
	return DM_OK;
}

static enum dm_error put_standards(struct dm_sink *sink, unsigned int bits)
{
	for (size_t i = 0; standards[i]; i++)
		if (bits & 1u << i)
			dm_put_item(sink, standards[i], strlen(standards[i]));
	return DM_OK;
}

static enum dm_error get_supported(struct dm_inst *in, const struct dm_param *p,
				   struct dm_sink *sink)
{
	return put_standards(sink, heard(in)->bss.supported);
}

static enum dm_error get_operating(struct dm_inst *in, const struct dm_param *p,
				   struct dm_sink *sink)
{
	return put_standards(sink, heard(in)->bss.operating);
}

static bool has_width(const struct dm_inst *in)
{
	return heard(in)->bss.width;
}

static enum dm_error get_width(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	size_t i = 0;

	while (wifi_widths[i] && 20u << i != heard(in)->bss.width)
		i++;
	dm_put_str(sink, wifi_widths[i]);
	return DM_OK;
}

/* Mbit/s, as a list: "1,2,5.5,11" */
static enum dm_error put_rates(struct dm_inst *in, struct dm_sink *sink, bool basic)
{
	const struct nl_bss *b = &heard(in)->bss;
	char text[8];

	for (unsigned int i = 0; i < b->nrates; i++) {
		const unsigned int halves = b->rates[i] & 0x7f;
		int n;

		if (basic && !(b->rates[i] & 0x80))
			continue;
		n = snprintf(text, sizeof(text), "%u%s", halves / 2, halves % 2 ? ".5" : "");
		dm_put_item(sink, text, (size_t)n);
	}
	return DM_OK;
}

static enum dm_error get_basic(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	return put_rates(in, sink, true);
}

static enum dm_error get_rates(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	return put_rates(in, sink, false);
}

#define BEACON "its beacon, as the last scan heard it"

static const struct dm_param result_params[] = {
	{ "Radio", DM_STRING, DM_RO, .ref = "Device.WiFi.Radio.", .get = get_radio,
	  .source = "nl80211: which radio heard it" },
	{ "SSID", DM_STRING, DM_RO, DM_MAXLEN(32), .get = get_ssid, .source = BEACON },
	{ "BSSID", DM_STRING, DM_RO, DM_MATCH(dm_match_mac, DM_WANTS_MAC), DM_MAXLEN(17),
	  .get = get_bssid, .source = BEACON },
	{ "Mode", DM_STRING, DM_RO, DM_VALUES(modes), .get = get_mode, .source = BEACON },
	{ "Channel", DM_UINT, DM_RO, DM_RANGE(1, 255), .get = get_channel, .source = BEACON },
	{ "SignalStrength", DM_INT, DM_RO, DM_RANGE(-200, 0), .get = get_signal, .when = has_signal,
	  .source = "nl80211: how the last scan heard it" },
	{ "SecurityModeEnabled", DM_STRING, DM_RO, DM_VALUES(securities), .get = get_security,
	  .when = has_security, .source = BEACON },
	{ "EncryptionMode", DM_STRING, DM_RO, DM_VALUES(ciphers), .flags = DM_LIST,
	  .get = get_ciphers, .source = BEACON },
	{ "OperatingFrequencyBand", DM_STRING, DM_RO, DM_VALUES(wifi_bands), .get = get_band,
	  .source = BEACON },
	{ "SupportedStandards", DM_STRING, DM_RO, DM_VALUES(standards), .flags = DM_LIST,
	  .get = get_supported, .source = BEACON },
	{ "OperatingStandards", DM_STRING, DM_RO, DM_VALUES(standards), .flags = DM_LIST,
	  .get = get_operating, .source = BEACON },
	{ "OperatingChannelBandwidth", DM_STRING, DM_RO, DM_VALUES(wifi_widths), .get = get_width,
	  .when = has_width, .source = BEACON },
	{ "BeaconPeriod", DM_UINT, DM_RO, .get = get_beacon, .source = BEACON },
	{ "Noise", DM_INT, DM_RO, DM_RANGE(-200, 0), .get = get_noise, .when = has_noise,
	  .source = "nl80211: survey of the channel" },
	{ "BasicDataTransferRates", DM_STRING, DM_RO, .flags = DM_LIST, .get = get_basic,
	  .source = BEACON },
	{ "SupportedDataTransferRates", DM_STRING, DM_RO, .flags = DM_LIST, .get = get_rates,
	  .source = BEACON },
	{ "DTIMPeriod", DM_UINT, DM_RO, .get = get_dtim, .when = has_dtim, .source = BEACON },
};

static void refresh(struct dm *dm, const struct dm_object *obj, struct dm_inst *parent)
{
	const struct wifi_neighbors *all = dm_ctx(parent);
	struct dm_inst *in;
	char key[40];

	dm_rows_begin(parent, obj);
	for (uint32_t i = 0; all && i < all->n; i++) {
		const struct wifi_neighbor *v = &all->v[i];

		(void)snprintf(key, sizeof(key), "%u/%02x%02x%02x%02x%02x%02x", v->wiphy,
			       v->bss.bssid[0], v->bss.bssid[1], v->bss.bssid[2], v->bss.bssid[3],
			       v->bss.bssid[4], v->bss.bssid[5]);
		in = dm_row(parent, obj, key);
		if (in && in->data)
			memcpy(in->data, v, sizeof(*v));
	}
	dm_rows_end(parent, obj);
}

static enum dm_error added(struct dm_inst *in)
{
	in->data = calloc(1, sizeof(struct wifi_neighbor));
	return in->data ? DM_OK : DM_ERESOURCES;
}

const struct dm_object wifi_neighboring_result =
	DM_TABLE("Device.WiFi.NeighboringWiFiDiagnostic.Result.{i}.", result_params,
		 .entries = "ResultNumberOfEntries", .max = WIFI_NEIGHBORS_MAX, .refresh = refresh,
		 .added = added, .release = wifi_row_release);
