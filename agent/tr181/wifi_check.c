/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only the whole transaction can tell: values may come in any order, so a channel is held
 * against the band that the same SetParameterValues brings.
 */
#include <stdio.h>
#include <string.h>

#include "agent/tr181/wifi_internal.h"
#include "lib/array.h"
#include "lib/buf.h"
#include "lib/text.h"

/* "1, 2, 3 ... " as much as a fault has room for */
static void list_channels(const struct nl_band *b, bool radar, char *out, size_t size)
{
	struct buf text;
	uint32_t i;

	buf_init(&text, size - 1);
	for (i = 0; i < b->nchans && text.len < size - 12; i++)
		if (nl_chan_usable(&b->chans[i], radar) &&
		    !(b->chans[i].flags & NL_CHAN_RADAR_FOUND))
			buf_printf(&text, "%s%u", text.len ? ", " : "", b->chans[i].number);
	(void)text_copy(out, size, buf_str(&text), text.len);
	buf_free(&text);
}

static enum dm_error check_band(struct dm_txn *txn, struct dm_inst *radio, const struct nl_wiphy *w,
				const struct wifi_settings *s)
{
	size_t len;
	const char *asked = dm_str(radio, "OperatingFrequencyBand", &len);

	if (!dm_txn_touched(txn, radio, "OperatingFrequencyBand") ||
	    text_eq(asked, len, wifi_band_name(s->band)))
		return DM_OK;
	return dm_refuse(txn, radio, "OperatingFrequencyBand", DM_EVALUE,
			 "'%s' is refused: %s has no channel for an access point in this band",
			 asked, w->name);
}

static enum dm_error check_channel(struct dm_txn *txn, struct dm_inst *radio,
				   const struct nl_wiphy *w, const struct wifi_settings *s)
{
	const unsigned int asked = (unsigned int)dm_uint(radio, "Channel");
	const struct nl_chan *c = nl_chan_find(&w->bands[s->band], s->channel);
	const bool found = c && c->flags & NL_CHAN_RADAR_FOUND;
	char allowed[112];

	if (!dm_txn_touched(txn, radio, "Channel") || (asked == s->channel && !found))
		return DM_OK;
	list_channels(&w->bands[s->band], s->radar, allowed, sizeof(allowed));
	return dm_refuse(txn, radio, "Channel", DM_EVALUE, "'%u' is refused: allowed in %s is %s",
			 asked, wifi_band_name(s->band), allowed);
}

static enum dm_error check_width(struct dm_txn *txn, struct dm_inst *radio,
				 const struct nl_wiphy *w, const struct wifi_settings *s)
{
	const char *asked = dm_str(radio, "OperatingChannelBandwidth", NULL);
	char is[16], allowed[64] = "";
	struct nl_chandef def;
	unsigned int mhz;
	size_t n = 0;

	(void)snprintf(is, sizeof(is), "%uMHz", s->width);
	if (!dm_txn_touched(txn, radio, "OperatingChannelBandwidth") ||
	    strcmp(asked, "Auto") == 0 || strcmp(asked, is) == 0)
		return DM_OK;
	for (mhz = 20; mhz <= 160; mhz *= 2)
		if (nl_chandef(w, s->band, s->channel, mhz, s->radar, &def) == 0)
			n += (size_t)snprintf(allowed + n, sizeof(allowed) - n, "%uMHz, ", mhz);
	return dm_refuse(txn, radio, "OperatingChannelBandwidth", DM_EVALUE,
			 "'%s' is refused: allowed on channel %u is %sAuto", asked, s->channel,
			 allowed);
}

/* A choice of standards is of the band in use, and hostapd has no word for every one. */
static enum dm_error check_standards(struct dm_txn *txn, struct dm_inst *radio,
				     const struct nl_wiphy *w, const struct wifi_settings *s)
{
	const unsigned int all = plan_standards(w, s->band);

	if (!dm_txn_touched(txn, radio, "OperatingStandards") ||
	    plan_standards_fit(wifi_standard_bits(radio), all))
		return DM_OK;
	return dm_refuse(txn, radio, "OperatingStandards", DM_EVALUE,
			 "'%s' is refused: allowed is a run without a gap of %s%s%s%s%s%s",
			 dm_str(radio, "OperatingStandards", NULL), all & RADIO_B ? "b," : "",
			 all & RADIO_G ? "g," : "", all & RADIO_A ? "a," : "",
			 all & RADIO_N ? "n," : "", all & RADIO_AC ? "ac," : "",
			 all & RADIO_AX ? "ax" : "");
}

/* The kernel has one domain for all its radios: who sets one sets all, and two must agree. */
static enum dm_error check_countries(struct wifi *w, struct dm_txn *txn)
{
	static const char name[] = "RegulatoryDomain";
	struct dm_inst *root = dm_single(w->dm, &wifi), *set = NULL, *in;
	char path[DM_PATH_MAX + sizeof(name)];
	size_t i, len;
	enum dm_error e = DM_OK;
	int n;

	for (i = 0; (in = dm_row_at(root, &wifi_radio, i)); i++) {
		if (!dm_txn_touched(txn, in, name))
			continue;
		if (set && strcmp(dm_str(set, name, NULL), dm_str(in, name, NULL)) != 0)
			return dm_refuse(txn, in, name, DM_EVALUE,
					 "'%s' is refused: allowed is '%s', as for the other radio",
					 dm_str(in, name, NULL), dm_str(set, name, NULL));
		set = in;
	}
	for (i = 0; set && !e && (in = dm_row_at(root, &wifi_radio, i)); i++) {
		const char *country = dm_str(set, name, &len);

		n = dm_inst_path(in, path);
		if (n < 0 || strcmp(dm_str(in, name, NULL), country) == 0)
			continue;
		memcpy(path + n, name, sizeof(name));
		e = dm_stage_own(txn, path, country, len);
	}
	return e;
}

static bool in_6ghz(const char *mode, size_t len)
{
	const int security = wifi_mode_security(mode, len);

	return security >= 0 && plan_mode((uint32_t)security)->in_6ghz;
}

/* Who moves the radio to 6 GHz is told, not the access points that can't go along. */
static enum dm_error check_6ghz(struct wifi *w, struct dm_txn *txn, struct dm_inst *radio,
				const struct wifi_settings *s)
{
	struct dm_inst *root = dm_single(w->dm, &wifi), *ssid, *ap;
	size_t i, len;

	if (s->band != NL_BAND_6G || !dm_txn_touched(txn, radio, "OperatingFrequencyBand"))
		return DM_OK;
	for (i = 0; (ssid = dm_row_at(root, &wifi_ssid, i)); i++) {
		const char *mode;

		ap = wifi_ap_of_ssid(w, ssid);
		if (wifi_ssid_radio(ssid) != radio || !wifi_bss_wanted(w, ssid, ap))
			continue;
		mode = dm_str(wifi_ap_security_of(ap), "ModeEnabled", &len);
		if (!in_6ghz(mode, len))
			return dm_refuse(txn, radio, "OperatingFrequencyBand", DM_EVALUE,
					 "'6GHz' is refused: allowed there are WPA3 and OWE only, "
					 "AccessPoint %u has %s",
					 ap->number, mode);
	}
	return DM_OK;
}

/* hostapd and the kernel go by the rules of a country, and by none while nobody has said which. */
static enum dm_error check_11h(struct dm_txn *txn, struct dm_inst *radio, const struct nl_wiphy *w,
			       const struct wifi_settings *s)
{
	static const char name[] = "IEEE80211hEnabled";
	const char *why = NULL;

	if (!dm_txn_touched(txn, radio, name) || !dm_bool(radio, name))
		return DM_OK;
	if (!wifi_radio_has_11h(w))
		why = "this radio does not look for radar";
	else if (s->band != NL_BAND_5G)
		why = "allowed in 5GHz only";
	else if (!*dm_str(radio, "RegulatoryDomain", NULL))
		why = "allowed once RegulatoryDomain was set";
	return why ? dm_refuse(txn, radio, name, DM_EVALUE, "'true' is refused: %s", why) : DM_OK;
}

/* "MUST automatically change to false whenever the channel is manually selected" (TR-181), but for
 * who asks for both at once: that channel is where it begins. */
static enum dm_error end_auto(struct dm_txn *txn, struct dm_inst *radio)
{
	static const char name[] = "AutoChannelEnable";
	char path[DM_PATH_MAX + sizeof(name)];
	int n;

	if (dm_txn_origin(txn) == DM_BY_SELF || !dm_txn_touched(txn, radio, "Channel") ||
	    dm_txn_touched(txn, radio, name) || !dm_bool(radio, name))
		return DM_OK;
	n = dm_inst_path(radio, path);
	if (n < 0)
		return DM_EINTERNAL;
	memcpy(path + n, name, sizeof(name));
	return dm_stage_own(txn, path, "false", 5);
}

/* Each parameter is looked at, so that every bad one gets its fault. */
static enum dm_error check_radio(struct wifi *w, struct dm_txn *txn, struct dm_inst *radio)
{
	const struct nl_wiphy *wiphy = wifi_wiphy(w, radio);
	enum dm_error all[5], first;
	struct wifi_settings s;
	size_t i;

	if (!wiphy || !dm_txn_touched(txn, radio, NULL))
		return DM_OK;
	wifi_radio_settings(radio, wiphy, &s);
	if (s.band == NL_BANDS)
		return DM_OK;
	first = check_band(txn, radio, wiphy, &s);
	if (!first)
		first = check_6ghz(w, txn, radio, &s);
	if (first) /* the other two depend on it */
		return first;
	all[0] = check_channel(txn, radio, wiphy, &s);
	all[1] = all[0] ? DM_OK : check_width(txn, radio, wiphy, &s);
	all[2] = check_standards(txn, radio, wiphy, &s);
	all[3] = check_11h(txn, radio, wiphy, &s);
	all[4] = end_auto(txn, radio);
	for (i = 0; i < ARRAY_SIZE(all) && !first; i++)
		first = all[i];
	return first;
}

static enum dm_error check_ssid(struct dm_txn *txn, struct dm_inst *ssid)
{
	const char *list = dm_str(ssid, "LowerLayers", NULL);

	if (!strchr(list, ',') || !dm_txn_touched(txn, ssid, "LowerLayers"))
		return DM_OK;
	return dm_refuse(txn, ssid, "LowerLayers", DM_EVALUE,
			 "The value is refused: an SSID lies on one radio");
}

/* SSIDReference is the table's key among the rows that are enabled. */
static enum dm_error check_reference(struct wifi *w, struct dm_txn *txn, struct dm_inst *ap)
{
	struct dm_inst *root = dm_single(w->dm, &wifi), *ssid = wifi_ap_ssid(ap), *other;
	size_t i;

	if (!ssid || !dm_bool(ap, "Enable") ||
	    !(dm_txn_touched(txn, ap, "SSIDReference") || dm_txn_touched(txn, ap, "Enable")))
		return DM_OK;
	for (i = 0; (other = dm_row_at(root, &wifi_access_point, i)); i++)
		if (other != ap && dm_bool(other, "Enable") && wifi_ap_ssid(other) == ssid)
			return dm_refuse(txn, ap, "SSIDReference", DM_EVALUE,
					 "AccessPoint %u is enabled and refers to the same SSID",
					 other->number);
	return DM_OK;
}

static enum dm_error check_mode(struct dm_txn *txn, struct dm_inst *security,
				const struct nl_wiphy *wiphy, const struct wifi_settings *s)
{
	size_t len;
	const char *mode = dm_str(security, "ModeEnabled", &len);

	if (!dm_txn_touched(txn, security, "ModeEnabled") || !wiphy)
		return DM_OK;
	if (!wifi_mode_supported(wiphy, mode, len))
		return dm_refuse(txn, security, "ModeEnabled", DM_EVALUE,
				 "'%s' is refused: allowed is what ModesSupported lists", mode);
	if (s->band == NL_BAND_6G && !in_6ghz(mode, len))
		return dm_refuse(txn, security, "ModeEnabled", DM_EVALUE,
				 "'%s' is refused: allowed in 6 GHz are WPA3 and OWE", mode);
	return DM_OK;
}

/*
 * The pre-shared key is used where there is one; writing the passphrase replaces it (TR-181: it is
 * "immediately generated" then).
 */
enum dm_error wifi_replace_key(struct dm_txn *txn, struct dm_inst *security)
{
	static const char name[] = "PreSharedKey";
	char path[DM_PATH_MAX + sizeof(name)];
	size_t len;
	int n;

	(void)dm_str(security, name, &len);
	n = dm_inst_path(security, path);
	/* what the agent itself puts back is both of them as they were */
	if (!len || n < 0 || !dm_txn_touched(txn, security, "KeyPassphrase") ||
	    dm_txn_origin(txn) == DM_BY_SELF)
		return DM_OK;
	memcpy(path + n, name, sizeof(name));
	return dm_stage_own(txn, path, "", 0);
}

static enum dm_error check_stations(struct dm_txn *txn, struct dm_inst *ap,
				    const struct nl_wiphy *wiphy)
{
	if (!wiphy || !wiphy->max_stations || !dm_txn_touched(txn, ap, "MaxAllowedAssociations") ||
	    dm_uint(ap, "MaxAllowedAssociations") <= wiphy->max_stations)
		return DM_OK;
	return dm_refuse(txn, ap, "MaxAllowedAssociations", DM_EVALUE,
			 "The value is refused: this radio takes 1 to %u", wiphy->max_stations);
}

static enum dm_error check_ap(struct wifi *w, struct dm_txn *txn, struct dm_inst *ap)
{
	struct dm_inst *security = wifi_ap_security_of(ap), *ssid = wifi_ap_ssid(ap);
	struct dm_inst *radio = ssid ? wifi_ssid_radio(ssid) : NULL;
	const struct nl_wiphy *wiphy = wifi_wiphy(w, radio);
	struct wifi_settings s = { .band = NL_BANDS };
	enum dm_error all[4];
	size_t i;

	if (wiphy)
		wifi_radio_settings(radio, wiphy, &s);
	all[0] = check_reference(w, txn, ap);
	all[1] = check_mode(txn, security, wiphy, &s);
	all[2] = check_stations(txn, ap, wiphy);
	all[3] = wifi_replace_key(txn, security);
	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i])
			return all[i];
	return DM_OK;
}

enum dm_error wifi_check(struct wifi *w, struct dm_txn *txn)
{
	struct dm_inst *root = dm_single(w->dm, &wifi), *in;
	enum dm_error first = check_countries(w, txn), e;
	size_t i;

	for (i = 0; (in = dm_row_at(root, &wifi_radio, i)); i++)
		if ((e = check_radio(w, txn, in)) && !first)
			first = e;
	for (i = 0; (in = dm_row_at(root, &wifi_ssid, i)); i++)
		if ((e = check_ssid(txn, in)) && !first)
			first = e;
	for (i = 0; (in = dm_row_at(root, &wifi_access_point, i)); i++)
		if ((e = check_ap(w, txn, in)) && !first)
			first = e;
	return first;
}
