/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's own view of the radios: what the kernel says over nl80211, without any capability.
 * One look serves every table of an RPC.
 */
#pragma once

#include <stdint.h>

#include "ipc/station.h"
#include "nl80211/io.h"

#define WIFI_KEY_MAX 24

/* One of station.interfaces, and the access point that it has joined. */
struct wifi_link {
	uint32_t ifindex; /* 0: the kernel has no such station */
	bool joined;
	struct nl_station ap;
};

struct wifi_reader {
	struct nl80211 *nl; /* NULL: no netlink; the tables are what somebody put there (tests) */
	struct nl80211 *events; /* multicast; NULL: the kernel had no cfg80211 at the start */
	struct nl_wiphys wiphys;
	struct nl_ifaces ifaces;
	const char *stations;		     /* sallyport.conf's station.interfaces; NULL: none */
	struct wifi_link links[STATION_MAX]; /* by their place in it */
	char country[3]; /* whose rules are in force; "" while the kernel has none of a country */
	/* What a radio is known by over a reboot, parallel to wiphys.w: its own address, or else
	 * its name. */
	char keys[NL_WIPHYS_MAX][WIFI_KEY_MAX];
	uint32_t known[NL_WIPHYS_MAX]; /* index + 1 of the radio whose key stands there */
};

/* Before lockdown. 0 or -errno, logged. A kernel without WiFi is no error. */
int wifi_reader_open(struct wifi_reader **out);

/* Asks the kernel anew. 0, or -errno: the tables are empty then. */
int wifi_reader_look(struct wifi_reader *);
/* Every station of an interface, straight from the kernel. 0 or -errno. */
int wifi_reader_stations(struct wifi_reader *, uint32_t ifindex, nl80211_station_fn fn, void *arg);
/* What the interface's radio heard in its last scans, and what its driver measured. 0 or -errno. */
int wifi_reader_heard(struct wifi_reader *, uint32_t ifindex, nl80211_bss_fn fn, void *arg);
int wifi_reader_survey(struct wifi_reader *, uint32_t ifindex, nl80211_survey_fn fn, void *arg);
