/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/cwmp/schedule.h"

void cwmp_schedule_want(struct cwmp_schedule *s)
{
	s->wanted = true;
}

void cwmp_schedule_want_active(struct cwmp_schedule *s)
{
	s->wanted_active = true;
}

void cwmp_schedule_started(struct cwmp_schedule *s)
{
	s->running = true;
	s->wanted = false;
	s->wanted_active = false;
	s->retrying = false;
}

void cwmp_schedule_ended(struct cwmp_schedule *s, bool ok, uint64_t now, uint64_t wait_ms,
			 bool pending)
{
	s->running = false;
	if (ok) {
		s->failures = 0;
		s->last_ok = now;
		s->had_ok = true;
		return;
	}
	if (s->failures < UINT32_MAX)
		s->failures++;
	/* Only 6 CONNECTION REQUEST and its like: they are not retried, so nothing is. */
	s->retrying = pending;
	s->retry_at = now + wait_ms;
}

uint64_t cwmp_schedule_next(const struct cwmp_schedule *s, uint64_t now, uint32_t throttle_s)
{
	uint64_t next = UINT64_MAX;

	if (s->running)
		return next;
	if (s->wanted)
		return now;
	if (s->wanted_active)
		next = s->had_ok ? s->last_ok + throttle_s * UINT64_C(1000) : now;
	if (s->retrying && s->retry_at < next)
		next = s->retry_at;
	return next < now ? now : next;
}
