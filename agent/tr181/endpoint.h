/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.WiFi.EndPoint.: the box as a station of somebody else's access point. Shared by the files
 * of Device.WiFi. What shall be joined is sent to the station role as one plan over all stations;
 * what is joined the kernel says.
 */
#pragma once

#include "config.h"

#include "agent/tr181/wifi_internal.h"

/* One EndPoint and what it leads to, as far as it leads. */
struct endpoint {
	struct dm_inst *row;
	struct dm_inst *profile;      /* ProfileReference */
	struct dm_inst *ssid;	      /* the first row of the profile's SSID that nobody else has */
	struct dm_inst *radio;	      /* which that row lies on */
	int station;		      /* the radio's, its place in station.interfaces; -1: none */
	const struct nl_iface *iface; /* of the station */
	const struct wifi_link *link;
	bool wanted; /* all of it is there and enabled: to be joined */
	bool held;   /* wpa_supplicant has the network */
	bool up;     /* it has joined it, and data passes */
};

struct endpoints {
	size_t n;
	struct endpoint v[STATION_MAX];
};

#ifdef CONFIG_ROLE_STATION
/* endpoint.c */
void endpoints_find(const struct wifi *, struct endpoints *);
bool endpoint_find(const struct wifi *, const struct dm_inst *row, struct endpoint *);
/* The endpoint that has this SSID; false: none has. */
bool endpoint_of_ssid(const struct wifi *, const struct dm_inst *ssid, struct endpoint *);

/* endpoint_profile.c */
extern const char *const endpoint_modes[];
/* Has the endpoint's radio (while it has none: one with a station) what the mode takes? */
bool endpoint_can(const struct wifi *, const struct dm_inst *row, const char *mode);
struct dm_inst *endpoint_security_of(const struct dm_inst *profile);
/* What only the whole transaction can tell of the profiles. */
enum dm_error endpoint_check_profiles(struct wifi *, struct dm_txn *);
/* Compares what is watched of all endpoints. */
void endpoints_tell(struct wifi *);

/* endpoint_plan.c */
/* Before anything is sent: profiles, and each network by the rules of the station role. */
enum dm_error endpoints_check(struct wifi *, struct dm_txn *);
/* The plan of all stations, when it is another than the one that was sent. */
enum dm_error endpoints_apply(struct wifi *, struct dm_txn *);
/* Since that, something else of the transaction has failed. */
void endpoints_go_back(struct wifi *);
/* The same as it shall hold: what cannot be now is the role's to try again. 0 or -errno, logged. */
int endpoints_stand(struct wifi *);
#else
static inline bool endpoint_of_ssid(const struct wifi *w, const struct dm_inst *ssid,
				    struct endpoint *e)
{
	return false;
}

static inline void endpoints_tell(struct wifi *w)
{
}

static inline enum dm_error endpoints_check(struct wifi *w, struct dm_txn *txn)
{
	return DM_OK;
}

static inline enum dm_error endpoints_apply(struct wifi *w, struct dm_txn *txn)
{
	return DM_OK;
}

static inline void endpoints_go_back(struct wifi *w)
{
}

static inline int endpoints_stand(struct wifi *w)
{
	w->station.sent = true;
	return 0;
}
#endif
