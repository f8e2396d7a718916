/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the next session starts: one at a time, at once for a new event, after the throttle for an
 * active notification, after the retry wait for what a failed session left. Pure; times are
 * monotonic milliseconds.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct cwmp_schedule {
	bool running;
	bool wanted;	    /* a new event since the last start */
	bool wanted_active; /* an active notification, and nothing else */
	bool retrying;
	uint32_t failures; /* since the last good session: Inform's RetryCount */
	uint64_t retry_at;
	uint64_t last_ok; /* end of the last good session */
	bool had_ok;
};

/* A new event (cwmp_event_raise() returned 1): a session now, or right after the running one. */
void cwmp_schedule_want(struct cwmp_schedule *);
/* A parameter with active notification changed. */
void cwmp_schedule_want_active(struct cwmp_schedule *);
void cwmp_schedule_started(struct cwmp_schedule *);
/* pending: are there events that still wait? wait_ms: of ACT_END, when it failed. */
void cwmp_schedule_ended(struct cwmp_schedule *, bool ok, uint64_t now, uint64_t wait_ms,
			 bool pending);
/*
 * When a session is due: now when it is already, UINT64_MAX when none is wanted or one runs.
 * throttle_s: DefaultActiveNotificationThrottle.
 */
uint64_t cwmp_schedule_next(const struct cwmp_schedule *, uint64_t now, uint32_t throttle_s);
