/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/trial.h"

static uint64_t ms(uint32_t s)
{
	return (uint64_t)s * 1000;
}

static uint64_t settles(const struct trial *t)
{
	return t->healthy ? t->since_ms + ms(t->rules.settle_s) : TRIAL_NEVER;
}

void trial_vouch(struct trial *t, uint64_t now_ms, bool healthy, bool managed)
{
	if (managed)
		t->managed = true;
	if (healthy == t->healthy)
		return;
	/* Health that comes and goes without ever settling buys no time. */
	if (!healthy && now_ms >= settles(t))
		t->good_ms = now_ms;
	t->healthy = healthy;
	t->since_ms = now_ms;
}

uint64_t trial_end(const struct trial *t, uint64_t now_ms)
{
	if (now_ms < settles(t))
		return t->good_ms + ms(t->rules.health_s);
	return t->rules.silence_s ? ms(t->rules.silence_s) : TRIAL_NEVER;
}

enum trial_act trial_step(struct trial *t, uint64_t now_ms, uint64_t *again_ms)
{
	uint64_t end = trial_end(t, now_ms);
	bool settled = now_ms >= settles(t);

	*again_ms = settled || end < settles(t) ? end : settles(t);
	if (!settled)
		return now_ms >= end ? TRIAL_SICK : TRIAL_WAIT;
	if (!t->booted) {
		t->booted = true;
		return TRIAL_BOOTED;
	}
	if (!t->rules.managed || t->managed)
		return TRIAL_CONFIRM;
	return now_ms >= end ? TRIAL_SILENT : TRIAL_WAIT;
}
