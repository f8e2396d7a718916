/* SPDX-License-Identifier: Apache-2.0 */
/* Device.WiFi.EndPoint.{i}.Profile.{i}. (TR-181 2.19.1): networks that the box may join. */
#include <string.h>

#include "agent/tr181/endpoint.h"
#include "lib/array.h"
#include "lib/limits.h"
#include "lib/text.h"

static const char *const status[] = { "Active", "Available", "Error", "Disabled", NULL };
static const char *const mfp[] = { "Disabled", "Optional", "Required", NULL };

/* What has a server behind it takes more than a profile can hold. */
const char *const endpoint_modes[] = { "None",
				       "WPA2-Personal",
				       "WPA3-Personal",
				       "WPA3-Personal-Transition",
				       "WPA-WPA2-Personal",
				       "OWE",
				       NULL };

struct dm_inst *endpoint_security_of(const struct dm_inst *profile)
{
	struct dm_inst *in = (struct dm_inst *)(uintptr_t)profile;

	return dm_row_by_number(in, &wifi_endpoint_profile_security, 0);
}

static const struct nl_wiphy *wiphy_of(const struct wifi *w, uint32_t ifindex)
{
	for (uint32_t i = 0; ifindex && i < w->reader->ifaces.n; i++)
		if (w->reader->ifaces.v[i].ifindex == ifindex)
			return nl_wiphy_find(&w->reader->wiphys, w->reader->ifaces.v[i].wiphy);
	return NULL;
}

bool endpoint_can(const struct wifi *w, const struct dm_inst *row, const char *mode)
{
	struct endpoint e = { .station = -1 };
	bool can = false;

	(void)endpoint_find(w, row, &e);
	for (int n = 0; n < STATION_MAX; n++)
		if (e.station < 0 || e.station == n)
			can |= wifi_mode_supported(wiphy_of(w, w->reader->links[n].ifindex), mode,
						   strlen(mode));
	return can;
}

static enum dm_error get_status(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const char *is = "Available";
	struct endpoint e;

	if (!dm_bool(in, "Enable"))
		is = "Disabled";
	else if (wifi_security_lacks(endpoint_security_of(in)))
		is = "Error";
	else if (endpoint_find(wifi_of(in), in->parent, &e) && e.profile == in && e.up)
		is = "Active";
	dm_put_str(sink, is);
	return DM_OK;
}

#define CELL "set by the ACS; factory layer"

static const struct dm_param params[] = {
	{ "Enable", DM_BOOL, DM_RW, .def = "false", .source = CELL },
	{ "Status", DM_STRING, DM_RO, DM_VALUES(status), .get = get_status,
	  .source = "nl80211: has the station joined it" },
	DM_ROW_ALIAS,
	{ "SSID", DM_STRING, DM_RW, DM_MAXLEN(32), .max_octets = NL_SSID_MAX, .source = CELL },
	{ "Location", DM_STRING, DM_RW, .max_octets = ENDPOINT_LOCATION_MAX, .source = CELL },
	{ "Priority", DM_UINT, DM_RW, DM_RANGE(0, 255), .def = "0", .source = CELL },
};

const struct dm_object wifi_endpoint_profile =
	DM_TABLE("Device.WiFi.EndPoint.{i}.Profile.{i}.", params, .flags = DM_ADD,
		 .max = ENDPOINT_PROFILES_MAX, .entries = "ProfileNumberOfEntries");

static const struct dm_param security_params[] = {
	{ "ModeEnabled", DM_STRING, DM_RW, DM_VALUES(endpoint_modes), .def = "WPA2-Personal",
	  .source = CELL },
	{ "PreSharedKey", DM_HEXBIN, DM_RW, DM_MAXLEN(32), .flags = DM_SECRET,
	  .check = wifi_check_psk, .source = CELL },
	{ "KeyPassphrase", DM_STRING, DM_RW, DM_LEN(8, 63), .flags = DM_SECRET,
	  .check = wifi_check_passphrase, .source = CELL },
	{ "MFPConfig", DM_STRING, DM_RW, DM_VALUES(mfp), .def = "Disabled", .source = CELL },
};

const struct dm_object wifi_endpoint_profile_security =
	DM_SINGLE("Device.WiFi.EndPoint.{i}.Profile.{i}.Security.", security_params);

static bool same(const struct dm_inst *a, const struct dm_inst *b, const char *name)
{
	size_t n, m;
	const char *x = dm_str(a, name, &n), *y = dm_str(b, name, &m);

	return n == m && memcmp(x, y, n) == 0;
}

/* SSID, Location and Priority are the table's key among the rows that are enabled. */
static enum dm_error check_key(struct dm_txn *txn, struct dm_inst *profile)
{
	struct dm_inst *other;

	if (!dm_bool(profile, "Enable") || !dm_txn_touched(txn, profile, NULL))
		return DM_OK;
	for (size_t i = 0; (other = dm_row_at(profile->parent, &wifi_endpoint_profile, i)); i++)
		if (other != profile && dm_bool(other, "Enable") && same(other, profile, "SSID") &&
		    same(other, profile, "Location") && same(other, profile, "Priority"))
			return dm_refuse(txn, profile, "SSID", DM_EVALUE,
					 "Profile %u is enabled and has the same SSID, Location "
					 "and Priority",
					 other->number);
	return DM_OK;
}

static enum dm_error check_mode(const struct wifi *w, struct dm_txn *txn, struct dm_inst *profile)
{
	struct dm_inst *security = endpoint_security_of(profile);
	const char *mode = dm_str(security, "ModeEnabled", NULL);

	if (!dm_txn_touched(txn, security, "ModeEnabled") || endpoint_can(w, profile->parent, mode))
		return DM_OK;
	return dm_refuse(txn, security, "ModeEnabled", DM_EVALUE,
			 "'%s' is refused: allowed is what ModesSupported lists", mode);
}

static enum dm_error check_profile(const struct wifi *w, struct dm_txn *txn,
				   struct dm_inst *profile)
{
	const enum dm_error all[] = { check_key(txn, profile), check_mode(w, txn, profile),
				      wifi_replace_key(txn, endpoint_security_of(profile)) };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i])
			return all[i];
	return DM_OK;
}

enum dm_error endpoint_check_profiles(struct wifi *w, struct dm_txn *txn)
{
	struct dm_inst *root = dm_single(w->dm, &wifi), *row, *profile;
	enum dm_error first = DM_OK, e;

	for (size_t i = 0; (row = dm_row_at(root, &wifi_endpoint, i)); i++)
		for (size_t k = 0; (profile = dm_row_at(row, &wifi_endpoint_profile, k)); k++)
			if ((e = check_profile(w, txn, profile)) && !first)
				first = e;
	return first;
}

void endpoints_tell(struct wifi *w)
{
	struct dm_inst *root = dm_single(w->dm, &wifi), *row, *profile;

	for (size_t i = 0; (row = dm_row_at(root, &wifi_endpoint, i)); i++) {
		dm_changed_all(row);
		for (size_t k = 0; (profile = dm_row_at(row, &wifi_endpoint_profile, k)); k++)
			dm_changed_all(profile);
	}
}
