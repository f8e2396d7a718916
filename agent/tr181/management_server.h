/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.ManagementServer.: what the session, the connection-request server and the retry need,
 * as plain typed fields, and a word when they change.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/tree/tree.h"

extern const struct dm_object management_server;

/* Valid until the next change; the strings belong to the tree. Never log the passwords. */
struct ms_settings {
	bool enable_cwmp;
	const char *url;
	const char *username, *password;
	bool periodic_enable;
	uint32_t periodic_interval; /* seconds */
	int64_t periodic_time;	    /* Unix seconds of the phase; see periodic_phase */
	bool periodic_phase;	    /* false: PeriodicInformTime is Unknown Time, free phase */
	const char *connreq_username, *connreq_password;
	bool connreq_http_enable;	/* HTTPConnectionRequestEnable */
	uint32_t notification_throttle; /* seconds, DefaultActiveNotificationThrottle */
	bool stun_enable;
	const char *stun_server, *stun_username, *stun_password;
	uint16_t stun_port;
	uint32_t stun_min;	   /* seconds, STUNMinimumKeepAlivePeriod */
	int64_t stun_max;	   /* seconds, STUNMaximumKeepAlivePeriod; -1: none */
	uint32_t retry_min_wait;   /* seconds, CWMPRetryMinimumWaitInterval */
	uint32_t retry_multiplier; /* per mille, CWMPRetryIntervalMultiplier */
};
const struct ms_settings *ms_settings(struct dm *);

/* Of the others nobody needs to hear: they are looked at when they are needed. */
enum ms_changed {
	MS_URL = 1 << 0,      /* BOOTSTRAP to the new one */
	MS_PERIODIC = 1 << 1, /* Enable, Interval, Time */
	MS_CONNREQ = 1 << 2,  /* Username, Password, HTTPConnectionRequestEnable */
	MS_ENABLE = 1 << 3,   /* EnableCWMP */
	MS_THROTTLE = 1 << 4, /* DefaultActiveNotificationThrottle */
	MS_STUN = 1 << 5,     /* STUN... */
};
/* Called after the commit with the bits of what really changed. One listener. */
typedef void (*ms_changed_fn)(void *arg, unsigned int changed);
void ms_on_change(struct dm *, ms_changed_fn, void *arg);

/*
 * ConnectionRequestURL as it is now ("" while the port is closed). A new value is a value change
 * (default active notification).
 */
int ms_set_connreq_url(struct dm *, const char *url);

/* UDPConnectionRequestAddress ("" while there is none) and NATDetected, as STUN found them. */
int ms_set_udp(struct dm *, const char *address, bool nat);

/* acs.allow_http: may ManagementServer.URL be set to a plain http URL? Off at first. */
void ms_allow_http(struct dm *, bool allow);

/* After dm_open(): binds this object's state. 0 or -errno. */
int ms_init(struct dm *);
void ms_exit(struct dm *);
