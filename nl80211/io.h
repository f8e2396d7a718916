/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The generic netlink socket. Opened before lockdown, when the family's id and its
 * multicast groups are asked for. Reading needs no capability.
 *
 * Commands and dumps on one socket, events on another: an event between a request and its answer
 * would otherwise be taken for the answer.
 */
#pragma once

#include <stdint.h>

#include "nl80211/attr.h"
#include "nl80211/bss.h"
#include "nl80211/build.h"
#include "nl80211/dump.h"
#include "nl80211/wiphy.h"

struct nl80211;

/*
 * 0 or -errno. A kernel without cfg80211 is no error: tables are empty then, and every call looks
 * again (at most every ten seconds) whether it has come.
 */
int nl80211_open(struct nl80211 **out);
/* The same, subscribed to config, mlme, regulatory and scan; -ENOENT without cfg80211. */
int nl80211_open_events(struct nl80211 **out);
void nl80211_close(struct nl80211 *);
int nl80211_fd(const struct nl80211 *);
/* For nl_get_x() and the others of nl80211/build.h; 0: no cfg80211. */
uint16_t nl80211_family(struct nl80211 *);

typedef int (*nl80211_each_fn)(void *arg, const struct nl_head *);

/*
 * Sends the request and hands every answer to fn (may be NULL). 0, or -errno of the kernel or of
 * fn; -ENODEV without cfg80211, -ETIMEDOUT after timeout_ms, -EINTR when a dump was disturbed and
 * must be begun again. nl80211_said() then has the kernel's own words.
 */
int nl80211_call(struct nl80211 *, struct nl_request *, nl80211_each_fn fn, void *arg,
		 int timeout_ms);
const char *nl80211_said(const struct nl80211 *);
/* Reads what is there without waiting. 0, -ENOBUFS: events were lost, dump again; -errno. */
int nl80211_events(struct nl80211 *, nl80211_each_fn fn, void *arg);

#define NL_IFACES_MAX \
	192 /* 8 radios with 16 BSS, a station and a monitor each, and some to spare */
struct nl_ifaces {
	uint32_t n;
	struct nl_iface v[NL_IFACES_MAX];
};

typedef void (*nl80211_station_fn)(void *arg, const struct nl_station *);

/* Whole tables; a dump that was disturbed is repeated. 0 or -errno: then *out is not to be used. */
int nl80211_wiphys(struct nl80211 *, struct nl_wiphys *out);
int nl80211_ifaces(struct nl80211 *, struct nl_ifaces *out);
int nl80211_stations(struct nl80211 *, uint32_t ifindex, nl80211_station_fn fn, void *arg);
typedef void (*nl80211_bss_fn)(void *arg, const struct nl_bss *);
typedef void (*nl80211_survey_fn)(void *arg, const struct nl_survey *);
/* What the interface's radio heard in its last scans. */
int nl80211_scan_results(struct nl80211 *, uint32_t ifindex, nl80211_bss_fn fn, void *arg);
int nl80211_survey(struct nl80211 *, uint32_t ifindex, nl80211_survey_fn fn, void *arg);
int nl80211_reg(struct nl80211 *, uint32_t wiphy, struct nl_reg *out);
