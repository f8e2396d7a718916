/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/cwmp/periodic.h"

/* Milliseconds from `from` to the next whole interval after now; both in ms, from may be later. */
static uint64_t left(int64_t now, int64_t from, int64_t interval)
{
	int64_t past = (now - from) % interval;

	if (past < 0)
		past += interval;
	return (uint64_t)(interval - past);
}

uint64_t cwmp_periodic_next(const struct cwmp_periodic *p, uint64_t now_ms, bool known,
			    int64_t unix_us)
{
	int64_t interval = (p->interval ? p->interval : 1) * INT64_C(1000);

	if (!p->enabled)
		return UINT64_MAX;
	if (p->has_time && known)
		return now_ms + left(unix_us / 1000, p->time_us / 1000, interval);
	return now_ms + left((int64_t)now_ms, (int64_t)p->anchor_ms, interval);
}
