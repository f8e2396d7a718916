/* SPDX-License-Identifier: Apache-2.0 */
#include "ipc/ipc.h"

#define MINUTE_MS 60000u

/* A full bucket holds per_minute requests and fills up again in a minute, so that a whole plan may
 * come in one burst while a flood gets no more than its rate. Counted in 1/MINUTE_MS of a request:
 * per_minute such tokens come in each millisecond, and nothing is rounded. */
bool ipc_gate_pass(struct ipc_gate *gate, enum ipc_op op, uint64_t now_ms)
{
	uint64_t rate = ipc_rows[op].per_minute;
	uint64_t full = rate * MINUTE_MS;
	uint64_t passed;

	if (!rate)
		return true;
	if (!gate->primed[op]) {
		gate->primed[op] = true;
		gate->tokens[op] = full;
		gate->at_ms[op] = now_ms;
	}
	passed = now_ms > gate->at_ms[op] ? now_ms - gate->at_ms[op] : 0;
	if (passed > MINUTE_MS)
		passed = MINUTE_MS;
	gate->tokens[op] += passed * rate;
	if (gate->tokens[op] > full)
		gate->tokens[op] = full;
	gate->at_ms[op] = now_ms;
	if (gate->tokens[op] < MINUTE_MS)
		return false;
	gate->tokens[op] -= MINUTE_MS;
	return true;
}
