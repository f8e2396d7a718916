/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the next session starts: one at a time, at once for a new event, after the throttle for a
 * new 4 VALUE CHANGE, after the retry wait for what a failed session left. Pure; times are
 * monotonic milliseconds. Zero is the start after boot.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/cwmp/events.h"

struct cwmp_schedule {
	bool running;
	bool retrying;
	bool asked; /* somebody at the box wants a session now */
	bool had_ok;
	uint32_t failures; /* since the last good session: Inform's RetryCount */
	uint64_t retry_at;
	uint64_t last_ok; /* end of the last good session */
};

/* For sallyportctl: a session at once with whatever event waits, even during the retry wait. */
void cwmp_schedule_ask(struct cwmp_schedule *);
void cwmp_schedule_started(struct cwmp_schedule *);
/* After ACT_END; wait_ms is its retry_wait_ms when it failed. */
void cwmp_schedule_ended(struct cwmp_schedule *, const struct cwmp_events *, bool ok, uint64_t now,
			 uint64_t wait_ms);
/*
 * When a session is due: now when it is already, UINT64_MAX when none is wanted or one runs. To be
 * asked again when an event was raised or a session ended. throttle_s:
 * DefaultActiveNotificationThrottle.
 */
uint64_t cwmp_schedule_next(const struct cwmp_schedule *, const struct cwmp_events *, uint64_t now,
			    uint32_t throttle_s);
