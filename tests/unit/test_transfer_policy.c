/* SPDX-License-Identifier: Apache-2.0 */
/* A transfer that waits until the box has nothing to do, with links and a clock of the test's. */
#include "tests/unit/unit.h"

#include <net/if.h>
#include <stdlib.h>

#define clock_mono_ms fake_mono_ms
#define rt_tables fake_tables
#define rt_fresh_stats fake_fresh_stats
#include "agent/transfer/policy.c"

static struct rt_tables tables;
static uint64_t now_ms, busy; /* busy: bytes that moved, but are not looked at yet */
static struct agent box;

uint64_t fake_mono_ms(void)
{
	return now_ms;
}

const struct rt_tables *fake_tables(const struct rt *rt)
{
	return &tables;
}

void fake_fresh_stats(struct rt *rt)
{
	struct rt_link *l = rt_link(&tables, 2);

	l->stats.rx_bytes += busy / 2;
	l->stats.tx_bytes += busy - busy / 2;
	busy = 0;
}

static void link_up(uint32_t index, uint32_t flags)
{
	const struct rt_link l = { .index = index, .flags = flags };

	assert_non_null(rt_set_put(&tables.set[RT_LINKS], &l));
}

static bool after(uint64_t seconds, uint64_t bytes)
{
	now_ms += seconds * 1000;
	busy += bytes;
	return transfer_idle(&box);
}

/* Its memory is of the process, so this is one story. */
static void T122_idle_is_half_a_minute_with_little_traffic(void **state)
{
	const uint64_t most = (uint64_t)TRANSFER_IDLE_RATE * TRANSFER_IDLE_S;

	rt_tables_init(&tables);
	link_up(1, IFF_LOOPBACK);
	link_up(2, IFF_UP);
	now_ms = 1000;
	assert_false(transfer_idle(&box)); /* nothing is known yet */
	assert_false(after(TRANSFER_IDLE_S, most));
	assert_true(after(TRANSFER_IDLE_S, most - 1));
	assert_false(after(1, 0)); /* too soon for another look, however calm */
	assert_true(after(TRANSFER_IDLE_S - 1, most - 1));

	/* What loops back does not count. */
	rt_link(&tables, 1)->stats.rx_bytes += 100 * most;
	assert_true(after(TRANSFER_IDLE_S, 0));

	/* Nobody looked for long: an average over that says nothing of now. */
	assert_false(after(2 * TRANSFER_IDLE_S, 0));
	assert_true(after(TRANSFER_IDLE_S, 0));

	/* Counters that go back are of another link. */
	rt_link(&tables, 2)->stats = (struct rt_stats){ 0 };
	assert_false(after(TRANSFER_IDLE_S, 0));
	assert_true(after(TRANSFER_IDLE_S, 0));
	rt_tables_free(&tables);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(T122_idle_is_half_a_minute_with_little_traffic),
	};

	return cmocka_run_group_tests_name("transfer_policy", tests, NULL, NULL);
}
