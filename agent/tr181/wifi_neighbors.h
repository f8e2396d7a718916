/* SPDX-License-Identifier: Apache-2.0 */
/* Device.WiFi.NeighboringWiFiDiagnostic.: the rows. Who scans is agent/diag/neighbors.c. */
#pragma once

#include "agent/diag/diag.h"
#include "lib/limits.h"
#include "nl80211/bss.h"

struct wifi_neighbor {
	struct nl_bss bss;
	uint32_t wiphy; /* who heard it */
	bool has_noise;
	int8_t noise; /* dBm, on its channel */
};

struct wifi_neighbors {
	struct diag diag;
	uint32_t n;
	struct wifi_neighbor v[WIFI_NEIGHBORS_MAX];
};

extern const struct dm_object wifi_neighboring, wifi_neighboring_result;
