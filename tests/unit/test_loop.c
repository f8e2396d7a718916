/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "agent/loop.h"
#include "lib/clock.h"
#include "tests/unit/unit.h"

static struct loop loop;

static int setup(void **state)
{
	return loop_init(&loop);
}

static int teardown(void **state)
{
	loop_fini(&loop);
	return 0;
}

struct probe {
	struct loop_timer timer;
	int id;
};

static int order[LOOP_MAX_TIMERS], norder;

static void note(void *arg)
{
	order[norder++] = ((struct probe *)arg)->id;
}

static void timers_fire_in_the_order_of_their_time(void **state)
{
	static const int delays[] = { 30, 5, 20, 0, 25, 10, 15, 5 };
	static const int expected[] = { 3, 1, 7, 5, 6, 2, 4, 0 };
	struct probe p[8];
	uint64_t start = clock_mono_ms();

	norder = 0;
	for (int i = 0; i < 8; i++) {
		p[i].id = i;
		loop_timer_init(&p[i].timer, note, &p[i]);
		/* Moved once before its final time. */
		assert_int_equal(loop_timer_set(&loop, &p[i].timer, (uint64_t)(50 - delays[i])), 0);
		assert_int_equal(loop_timer_set(&loop, &p[i].timer, (uint64_t)delays[i]), 0);
	}
	/* Due in the same millisecond as 1: either may be first. */
	loop_timer_clear(&loop, &p[7].timer);
	assert_int_equal(loop_timer_set(&loop, &p[7].timer, 7), 0);
	while (norder < 8)
		assert_true(loop_once(&loop, 1000) >= 0);
	for (int i = 0; i < 8; i++)
		assert_int_equal(order[i], expected[i]);
	assert_true(clock_mono_ms() - start >= 30);
	assert_int_equal(loop.ntimers, 0);
}

static void cleared_timer_does_not_fire(void **state)
{
	struct probe p[LOOP_MAX_TIMERS], extra;

	norder = 0;
	for (int i = 0; i < LOOP_MAX_TIMERS; i++) {
		p[i].id = i;
		loop_timer_init(&p[i].timer, note, &p[i]);
		assert_int_equal(loop_timer_set(&loop, &p[i].timer, (uint64_t)(i * 7 % 10)), 0);
	}
	loop_timer_init(&extra.timer, note, &extra);
	assert_int_equal(loop_timer_set(&loop, &extra.timer, 1), -28 /* ENOSPC */);
	assert_false(loop_timer_armed(&extra.timer));
	assert_true(loop_timer_left(&loop, &extra.timer) == UINT64_MAX);
	for (int i = 0; i < LOOP_MAX_TIMERS; i += 2)
		loop_timer_clear(&loop, &p[i].timer);
	loop_timer_clear(&loop, &p[0].timer);
	while (loop.ntimers)
		assert_true(loop_once(&loop, 1000) >= 0);
	assert_int_equal(norder, LOOP_MAX_TIMERS / 2);
	for (int i = 0; i < norder; i++)
		assert_int_equal(order[i] % 2, 1);
}

static void again(void *arg)
{
	struct probe *p = arg;

	p->id++;
	assert_int_equal(loop_timer_set(&loop, &p->timer, 0), 0);
}

static void timer_that_rearms_itself_starves_nobody(void **state)
{
	struct probe p = { .id = 0 };

	loop_timer_init(&p.timer, again, &p);
	assert_int_equal(loop_timer_set(&loop, &p.timer, 0), 0);
	for (int i = 0; i < 5; i++)
		assert_true(loop_once(&loop, 1000) >= 0);
	assert_int_equal(p.id, 5);
	loop_timer_clear(&loop, &p.timer);
}

static void quit_now(void *arg)
{
	loop_quit(&loop, *(int *)arg);
}

static void run_returns_the_first_status_given_to_quit(void **state)
{
	struct loop_timer t;
	int status = 7;

	loop_timer_init(&t, quit_now, &status);
	assert_int_equal(loop_timer_set(&loop, &t, 1), 0);
	assert_int_equal(loop_run(&loop), 7);
}

struct pair {
	struct loop_io io[2];
	int fd[2], seen;
};

static void drop_both(void *arg, int fd, uint32_t events)
{
	struct pair *p = arg;

	p->seen++;
	loop_io_del(&loop, &p->io[0]);
	loop_io_del(&loop, &p->io[1]);
}

/* Both are ready in one round; the first callback deletes both, so the second must not come. */
static void deleted_descriptor_is_not_called_in_the_same_round(void **state)
{
	struct pair p = { .seen = 0 };
	int a[2], b[2];

	assert_int_equal(pipe(a), 0);
	assert_int_equal(pipe(b), 0);
	assert_int_equal(write(a[1], "x", 1), 1);
	assert_int_equal(write(b[1], "x", 1), 1);
	assert_int_equal(loop_io_add(&loop, &p.io[0], a[0], EPOLLIN, drop_both, &p), 0);
	assert_int_equal(loop_io_add(&loop, &p.io[1], b[0], EPOLLIN, drop_both, &p), 0);
	assert_int_equal(loop.nios, 2);
	assert_int_equal(loop_once(&loop, 1000), 2);
	assert_int_equal(p.seen, 1);
	assert_int_equal(loop.nios, 0);
	assert_int_equal(loop_once(&loop, 0), 0);
	for (int i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

static void waiting_is_bounded_by_the_caller_and_by_the_next_timer(void **state)
{
	uint64_t start = clock_mono_ms();
	struct probe p = { .id = 1 };

	assert_int_equal(loop_once(&loop, 20), 0);
	assert_in_range(clock_mono_ms() - start, 20, 200);
	norder = 0;
	loop_timer_init(&p.timer, note, &p);
	assert_int_equal(loop_timer_set(&loop, &p.timer, UINT64_MAX), 0);
	assert_int_equal(loop_once(&loop, 5), 0);
	assert_int_equal(norder, 0);
	loop_timer_clear(&loop, &p.timer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(timers_fire_in_the_order_of_their_time, setup,
						teardown),
		cmocka_unit_test_setup_teardown(cleared_timer_does_not_fire, setup, teardown),
		cmocka_unit_test_setup_teardown(timer_that_rearms_itself_starves_nobody, setup,
						teardown),
		cmocka_unit_test_setup_teardown(run_returns_the_first_status_given_to_quit, setup,
						teardown),
		cmocka_unit_test_setup_teardown(deleted_descriptor_is_not_called_in_the_same_round,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			waiting_is_bounded_by_the_caller_and_by_the_next_timer, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
