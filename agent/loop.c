/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/loop.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"

#define LOOP_BATCH 16 /* events looked at per round; the rest stays in the kernel */

int loop_init(struct loop *loop)
{
	memset(loop, 0, sizeof(*loop));
	loop->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epfd < 0)
		return -errno;
	loop->now = clock_mono_ms();
	return 0;
}

void loop_fini(struct loop *loop)
{
	for (uint32_t i = 0; i < loop->ntimers; i++)
		loop->heap[i]->slot = 0;
	loop->ntimers = 0;
	if (loop->epfd >= 0)
		close(loop->epfd);
	loop->epfd = -1;
}

int loop_io_add(struct loop *loop, struct loop_io *io, int fd, uint32_t events, loop_io_fn fn,
		void *arg)
{
	struct epoll_event ev = { .events = events, .data.ptr = io };

	if (loop->nios >= LOOP_MAX_IO)
		return -ENOSPC;
	if (epoll_ctl(loop->epfd, EPOLL_CTL_ADD, fd, &ev) < 0)
		return -errno;
	*io = (struct loop_io){ .fd = fd, .events = events, .fn = fn, .arg = arg };
	loop->nios++;
	return 0;
}

int loop_io_mod(struct loop *loop, struct loop_io *io, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = io };

	if (io->events == events)
		return 0;
	if (epoll_ctl(loop->epfd, EPOLL_CTL_MOD, io->fd, &ev) < 0)
		return -errno;
	io->events = events;
	return 0;
}

void loop_io_del(struct loop *loop, struct loop_io *io)
{
	if (io->fd < 0 || !io->fn)
		return;
	(void)epoll_ctl(loop->epfd, EPOLL_CTL_DEL, io->fd, NULL);
	io->fd = -1;
	loop->nios--;
	/* Its event may be waiting in this round, and the owner may free it now. */
	for (uint32_t i = 0; i < loop->nready; i++) {
		if (loop->ready[i].data.ptr == io)
			loop->ready[i].data.ptr = NULL;
	}
}

static void heap_put(struct loop *loop, uint32_t i, struct loop_timer *timer)
{
	loop->heap[i] = timer;
	timer->slot = i + 1;
}

static void heap_up(struct loop *loop, uint32_t i)
{
	struct loop_timer *timer = loop->heap[i];

	while (i > 0 && timer->due < loop->heap[(i - 1) / 2]->due) {
		heap_put(loop, i, loop->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	heap_put(loop, i, timer);
}

static void heap_down(struct loop *loop, uint32_t i)
{
	struct loop_timer *timer = loop->heap[i];

	for (;;) {
		uint32_t child = 2 * i + 1;

		if (child >= loop->ntimers)
			break;
		if (child + 1 < loop->ntimers &&
		    loop->heap[child + 1]->due < loop->heap[child]->due)
			child++;
		if (timer->due <= loop->heap[child]->due)
			break;
		heap_put(loop, i, loop->heap[child]);
		i = child;
	}
	heap_put(loop, i, timer);
}

void loop_timer_init(struct loop_timer *timer, loop_timer_fn fn, void *arg)
{
	*timer = (struct loop_timer){ .fn = fn, .arg = arg };
}

int loop_timer_set(struct loop *loop, struct loop_timer *timer, uint64_t delay_ms)
{
	uint64_t now = clock_mono_ms();

	if (!timer->slot) {
		if (loop->ntimers >= LOOP_MAX_TIMERS)
			return -ENOSPC;
		heap_put(loop, loop->ntimers++, timer);
	}
	timer->due = delay_ms > UINT64_MAX - now ? UINT64_MAX : now + delay_ms;
	heap_up(loop, timer->slot - 1);
	heap_down(loop, timer->slot - 1);
	return 0;
}

void loop_timer_clear(struct loop *loop, struct loop_timer *timer)
{
	uint32_t i = timer->slot;

	if (!i)
		return;
	i--;
	timer->slot = 0;
	loop->ntimers--;
	if (i == loop->ntimers)
		return;
	heap_put(loop, i, loop->heap[loop->ntimers]);
	heap_up(loop, i);
	heap_down(loop, loop->heap[i]->slot - 1);
}

bool loop_timer_armed(const struct loop_timer *timer)
{
	return timer->slot != 0;
}

uint64_t loop_timer_left(const struct loop *loop, const struct loop_timer *timer)
{
	if (!timer->slot)
		return UINT64_MAX;

	uint64_t now = clock_mono_ms();

	return timer->due > now ? timer->due - now : 0;
}

static int wait_ms(const struct loop *loop, int max_ms)
{
	uint64_t left;

	if (!loop->ntimers)
		return max_ms;
	left = loop->heap[0]->due > loop->now ? loop->heap[0]->due - loop->now : 0;
	if (left > INT_MAX)
		left = INT_MAX;
	if (max_ms >= 0 && left > (uint64_t)max_ms)
		return max_ms;
	return (int)left;
}

static void run_timers(struct loop *loop)
{
	/* A timer that a callback arms with no delay waits for the next round. */
	uint64_t now = loop->now;
	uint32_t budget = loop->ntimers;

	while (budget-- && loop->ntimers && loop->heap[0]->due <= now && !loop->quit) {
		struct loop_timer *timer = loop->heap[0];

		loop_timer_clear(loop, timer);
		timer->fn(timer->arg);
	}
}

int loop_once(struct loop *loop, int max_ms)
{
	struct epoll_event ready[LOOP_BATCH];
	int n;

	loop->now = clock_mono_ms();
	n = epoll_wait(loop->epfd, ready, LOOP_BATCH, wait_ms(loop, max_ms));
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	loop->now = clock_mono_ms();
	loop->ready = ready;
	loop->nready = (uint32_t)n;
	for (int i = 0; i < n && !loop->quit; i++) {
		struct loop_io *io = ready[i].data.ptr;

		if (io)
			io->fn(io->arg, io->fd, ready[i].events);
	}
	loop->nready = 0;
	loop->ready = NULL;
	run_timers(loop);
	return n;
}

int loop_run(struct loop *loop)
{
	while (!loop->quit) {
		int r = loop_once(loop, -1);

		if (r < 0)
			return r;
	}
	return loop->status;
}

void loop_quit(struct loop *loop, int status)
{
	if (!loop->quit)
		loop->status = status;
	loop->quit = true;
}
