/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/cwmp/schedule.h"

void cwmp_schedule_ask(struct cwmp_schedule *s)
{
	s->asked = true;
}

void cwmp_schedule_started(struct cwmp_schedule *s)
{
	s->running = true;
	s->asked = false;
	s->retrying = false;
}

void cwmp_schedule_ended(struct cwmp_schedule *s, const struct cwmp_events *ev, bool ok,
			 uint64_t now, uint64_t wait_ms)
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
	/* Without events there was only 6 CONNECTION REQUEST or its like, which is not retried, and
	 * no InformResponse: see cwmp_events_session_again(). */
	s->retrying = ev->n > 0;
	s->retry_at = now + wait_ms;
}

uint64_t cwmp_schedule_next(const struct cwmp_schedule *s, const struct cwmp_events *ev,
			    uint64_t now, uint32_t throttle_s)
{
	uint64_t next = s->retrying ? s->retry_at : UINT64_MAX;

	if (s->running)
		return UINT64_MAX;
	for (size_t i = 0; i < ev->n; i++) {
		uint64_t due = now;

		if (ev->v[i].tried && !s->asked)
			continue;
		if (ev->v[i].event == EV_VALUE_CHANGE && s->had_ok && !s->asked)
			due = s->last_ok + throttle_s * UINT64_C(1000);
		if (due < next)
			next = due;
	}
	return next < now ? now : next;
}
