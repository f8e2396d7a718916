/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/http/throttle.h"

#include <string.h>

#define MINUTE_MS 60000u

static void fill(struct throttle_bucket *b, uint64_t per_minute, uint64_t now_ms)
{
	uint64_t passed = now_ms > b->at_ms ? now_ms - b->at_ms : 0;

	if (passed > MINUTE_MS)
		passed = MINUTE_MS;
	b->at_ms = now_ms;
	b->tokens += passed * per_minute;
	if (b->tokens > per_minute * MINUTE_MS)
		b->tokens = per_minute * MINUTE_MS;
}

static bool take(struct throttle_bucket *b)
{
	if (b->tokens < MINUTE_MS)
		return false;
	b->tokens -= MINUTE_MS;
	return true;
}

void throttle_init(struct throttle *t, uint32_t per_minute, uint64_t now_ms)
{
	memset(t, 0, sizeof(*t));
	t->per_minute = per_minute;
	t->all.tokens = (uint64_t)per_minute * CONNREQ_GLOBAL_FACTOR * MINUTE_MS;
	t->all.at_ms = now_ms;
}

/* Its bucket, or that of the source that was silent for the longest time. */
static struct throttle_bucket *bucket_of(struct throttle *t, const struct dial_addr *from,
					 uint64_t now_ms)
{
	size_t oldest = 0;

	for (size_t i = 0; i < CONNREQ_SOURCES_MAX; i++) {
		if (t->source[i].family == from->family &&
		    !memcmp(t->source[i].net, from->addr, sizeof(t->source[i].net)))
			return &t->source[i].bucket;
		if (t->source[i].bucket.at_ms < t->source[oldest].bucket.at_ms)
			oldest = i;
	}
	t->source[oldest].family = from->family;
	memcpy(t->source[oldest].net, from->addr, sizeof(t->source[oldest].net));
	t->source[oldest].bucket.tokens = (uint64_t)t->per_minute * MINUTE_MS;
	t->source[oldest].bucket.at_ms = now_ms;
	return &t->source[oldest].bucket;
}

bool throttle_pass(struct throttle *t, const struct dial_addr *from, uint64_t now_ms)
{
	struct throttle_bucket *b = bucket_of(t, from, now_ms);

	fill(b, t->per_minute, now_ms);
	fill(&t->all, (uint64_t)t->per_minute * CONNREQ_GLOBAL_FACTOR, now_ms);
	/* One noisy source must not use up what is there for all. */
	return take(b) && take(&t->all);
}
