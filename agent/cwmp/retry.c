/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/cwmp/retry.h"

#define STEPS_MAX 10			/* fixed from the tenth on */
#define WAIT_MAX_MS (UINT64_C(1) << 40) /* 34 years; keeps the products below 64 bits */

static uint32_t clamp(uint32_t v, uint32_t low, uint32_t high)
{
	return v < low ? low : v > high ? high : v;
}

static uint64_t times(uint64_t ms, uint32_t k)
{
	ms = ms * k / 1000;
	return ms > WAIT_MAX_MS ? WAIT_MAX_MS : ms;
}

uint64_t cwmp_retry_wait_ms(uint32_t count, uint32_t m, uint32_t k, uint32_t random,
			    uint32_t retry_after)
{
	uint64_t low, high, wait, floor = retry_after * UINT64_C(1000);

	count = clamp(count, 1, STEPS_MAX);
	k = clamp(k, 1000, 65535);
	low = clamp(m, 1, 65535) * UINT64_C(1000);
	for (uint32_t i = 1; i < count; i++)
		low = times(low, k);
	high = times(low, k);
	/* Two steps: span * random may need more than 64 bits. */
	wait = low + (high - low) / UINT32_MAX * random +
	       (high - low) % UINT32_MAX * random / UINT32_MAX;
	return wait < floor ? floor : wait;
}
