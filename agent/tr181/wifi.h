/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.WiFi.: a view of the plan (the cells: what was asked) and of the kernel (what is). What
 * shall be is sent to the radio role as one plan over all radios.
 */
#pragma once

#include "agent/tree/tree.h"

struct loop;
struct priv;
struct station_state;
struct wifi_reader;

extern const struct dm_object wifi;
extern const struct dm_object wifi_radio;
extern const struct dm_object wifi_radio_stats;
extern const struct dm_object wifi_ssid;
extern const struct dm_object wifi_ssid_stats;
extern const struct dm_object wifi_access_point;
extern const struct dm_object wifi_ap_security;
extern const struct dm_object wifi_associated;
extern const struct dm_object wifi_associated_stats;
extern const struct dm_object wifi_endpoint;
extern const struct dm_object wifi_endpoint_stats;
extern const struct dm_object wifi_endpoint_security;
extern const struct dm_object wifi_endpoint_profile;
extern const struct dm_object wifi_endpoint_profile_security;

/* After dm_open(): binds the family. reader, priv and bridges (sallyport.conf's radio.bridges) stay
 * the caller's. 0 or -errno. */
int wifi_init(struct dm *, struct wifi_reader *, struct priv *, const char *bridges);
void wifi_exit(struct dm *);

/*
 * Once, at start (in the sandbox): sends the whole plan. What can't be made to hold now (hostapd
 * is not up yet) is the radio role's to try again, so an error is only logged. -EPIPE, -EPROTO and
 * -ETIMEDOUT: the role is lost (priv_lost()).
 *
 * From then on what nl80211 tells of stations, radios and access points reaches those who watch
 * it. Every WIFI_LOOK_MS, and when a radio or the regulatory domain changes, it looks whether a
 * radio has come, gone or come back under another number, or regulation has taken its channel, and
 * sends what shall be if that makes it another plan; so it does, every WIFI_RESEND_MS, with a plan
 * that came too fast for the role.
 * loop NULL: never (tests).
 */
int wifi_start(struct dm *, struct loop *);

/* fn is told when a radio has ended a scan, whoever began it; within the reading of events. */
typedef void (*wifi_scan_fn)(void *arg, uint32_t wiphy, bool aborted);
void wifi_on_scan(struct dm *, wifi_scan_fn fn, void *arg);

/* The station role has spoken (ipc/station.h), be it while its answer was waited for. */
void wifi_station_state(struct dm *, const struct station_state *);
/* Something of a link has changed: a station's carrier may have. */
void wifi_links_changed(struct dm *);
