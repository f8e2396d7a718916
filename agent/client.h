/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/cwmp/events.h"

struct agent;
struct client;
struct dm;

/*
 * Drives the pure session machine (agent/cwmp/session.h) with the dialer, HTTP, the tree and the
 * timers, and decides when a session starts: boot, period, event, connection request, retry.
 * It listens to the tree (dm_on_change) and to the settings (ms_on_change) by itself.
 */
int client_new(struct client **out, struct agent *agent);

/* Reads the pending events from the store, raises BOOTSTRAP and BOOT where they belong, opens the
 * connection-request port and starts the first session. In the sandbox. 0 or -errno. */
int client_start(struct client *client);

/* Before lockdown: a descriptor that tells when a file in this folder was written, or -errno. */
int client_discovery_watch(const char *folder);

/* Before lockdown: is there something to be set in each of paths (confirm.paths)? 0, or -EINVAL,
 * logged. */
int client_confirm_check(struct dm *dm, const char *paths);

/* Raises an event, keeps it over a restart where it has to be, and starts a session for it: at
 * once, or right after the running one. Returns as cwmp_event_raise(). */
int client_raise(struct client *client, enum cwmp_event event, const char *key);
/* A transfer has ended: 7 TRANSFER COMPLETE and event with key, or (EV_COUNT) 10 AUTONOMOUS
 * TRANSFER COMPLETE; in the store in one save with what the store was given before. */
void client_transfer_ended(struct client *client, enum cwmp_event event, const char *key);
/* False: this ACS has said that it does not know the call. */
bool client_acs_takes(const struct client *client, enum cwmp_call call);
bool client_in_session(const struct client *client);
/* What waits to be told; read only. */
const struct cwmp_events *client_events(const struct client *client);

/* The user at the box asks for a session: 0, -EPERM (EnableCWMP is false), -ENOENT (no URL). */
int client_inform(struct client *client);

struct client_status {
	bool in_session;
	uint32_t retries;     /* failed sessions since the last good one */
	uint64_t next_ms;     /* until the next planned session; UINT64_MAX: none */
	uint64_t last_ok_ms;  /* monotonic end of the last good session; 0: none */
	char last_error[128]; /* of the last session, "" when it was good */
};
void client_status(const struct client *client, struct client_status *out);

/* The ConnectionRequestURL of now; "" while the port is closed or our address is not known. */
const char *client_connreq_url(const struct client *client);
