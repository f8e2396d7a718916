/* SPDX-License-Identifier: Apache-2.0 */
/* Which links of the kernel are WiFi's: rtnetlink does not say, nl80211 does. */
#include "config.h"

#include <stdio.h>

#include "agent/tr181/net_internal.h"
#include "agent/tr181/wifi_internal.h"

static struct wifi *wifi_state(struct dm *dm)
{
	struct dm_inst *root = dm_single(dm, &wifi);

	return root && dm_ctx(root) ? wifi_of(root) : NULL;
}

bool net_is_wifi(struct dm *dm, uint32_t index)
{
	const struct wifi *w = wifi_state(dm);

	for (uint32_t i = 0; w && i < w->reader->ifaces.n; i++)
		if (w->reader->ifaces.v[i].ifindex == index)
			return true;
	return false;
}

struct dm_inst *net_wifi_ssid(struct dm *dm, uint32_t index)
{
	struct dm_inst *root = dm_single(dm, &wifi), *ssid;
	const struct wifi *w = wifi_state(dm);

	for (size_t i = 0; w && (ssid = dm_row_at(root, &wifi_ssid, i)); i++) {
		const struct nl_iface *at = wifi_ssid_iface(w, ssid, NULL);

		if (at && at->ifindex == index)
			return ssid;
	}
	return NULL;
}

void net_wifi_stations(struct dm *dm, net_station_fn fn, void *arg)
{
	struct dm_inst *root = dm_single(dm, &wifi), *ap, *row;
	const struct wifi *w = wifi_state(dm);
	char path[DM_PATH_MAX + 32];

	for (size_t i = 0; w && (ap = dm_row_at(root, &wifi_access_point, i)); i++) {
		struct dm_inst *ssid = wifi_ap_ssid(ap);
		const struct nl_iface *at = ssid ? wifi_ssid_iface(w, ssid, NULL) : NULL;
		int len = dm_inst_path(ap, path);

		if (!at || len < 1)
			continue;
		/* a look at any of them brings the table up to date */
		(void)snprintf(path + len, sizeof(path) - (size_t)len, "AssociatedDevice.1.");
		(void)dm_find(dm, path);
		for (size_t k = 0; (row = dm_row_at(ap, &wifi_associated, k)); k++) {
			const struct nl_station *station = row->data;

			if (!row->gone && station)
				fn(arg, station->mac, row, at->ifindex);
		}
	}
}

void net_wifi_look(struct dm *dm)
{
	struct wifi *w = dm_ctx(dm_single(dm, &wifi));

	if (w && w->loop)
		(void)wifi_look_again(w); /* logged */
}
