/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct cwmp_periodic {
	bool enabled;	   /* PeriodicInformEnable */
	uint32_t interval; /* PeriodicInformInterval, seconds, at least 1 */
	bool has_time;	   /* PeriodicInformTime is not Unknown Time */
	int64_t time_us;   /* PeriodicInformTime, microseconds since 1970 */
	/* Without a phase or a clock: whole intervals from here. The monotonic time at which the
	 * interval began to hold or the last periodic Inform was due. */
	uint64_t anchor_ms;
};

/*
 * Monotonic ms at which the next periodic Inform is due, strictly after now_ms; UINT64_MAX when
 * disabled. unix_us is the wall clock at now_ms; looked at only when known.
 */
uint64_t cwmp_periodic_next(const struct cwmp_periodic *, uint64_t now_ms, bool known,
			    int64_t unix_us);
