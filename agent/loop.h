/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

/*
 * The event loop: one thread, epoll and the monotonic clock of lib/clock.h. The only place of the
 * agent that blocks. Nothing ticks: with no timer armed and nothing ready the process sleeps.
 *
 * Entries are embedded in their owner and never allocated. Every function may be called from
 * inside a callback, also loop_io_del() on an entry whose event is already waiting in this round.
 */
#define LOOP_MAX_TIMERS 64 /* armed at the same time */
#define LOOP_MAX_IO 64

struct loop;

/* events: EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR as epoll(7) reports them. */
typedef void (*loop_io_fn)(void *arg, int fd, uint32_t events);
typedef void (*loop_timer_fn)(void *arg);

struct loop_io {
	int fd; /* -1: not in the loop; the owner closes it, after loop_io_del() */
	uint32_t events;
	loop_io_fn fn;
	void *arg;
};

struct loop_timer {
	uint64_t due;  /* monotonic ms */
	uint32_t slot; /* place in the heap + 1; 0: not armed */
	loop_timer_fn fn;
	void *arg;
};

struct loop {
	int epfd;
	bool quit;
	int status;
	uint64_t now; /* ms, taken once per round */
	uint32_t nios;
	uint32_t ntimers;
	uint32_t nready; /* events of this round still to be looked at */
	struct epoll_event *ready;
	struct loop_timer *heap[LOOP_MAX_TIMERS];
};

/* 0 or -errno. Creates the epoll descriptor; call before the sandbox is entered. */
int loop_init(struct loop *loop);
void loop_fini(struct loop *loop);

/* Level triggered. 0 or -errno (-ENOSPC: LOOP_MAX_IO). The entry must stay where it is. */
int loop_io_add(struct loop *loop, struct loop_io *io, int fd, uint32_t events, loop_io_fn fn,
		void *arg);
int loop_io_mod(struct loop *loop, struct loop_io *io, uint32_t events);
/* Harmless on an entry that is not in the loop, if its fd is -1. Before close(fd). */
void loop_io_del(struct loop *loop, struct loop_io *io);

void loop_timer_init(struct loop_timer *timer, loop_timer_fn fn, void *arg);
/* One shot, delay_ms from now; arming an armed timer moves it. 0 or -ENOSPC. */
int loop_timer_set(struct loop *loop, struct loop_timer *timer, uint64_t delay_ms);
void loop_timer_clear(struct loop *loop, struct loop_timer *timer);
bool loop_timer_armed(const struct loop_timer *timer);
/* ms until it fires (0: due now); UINT64_MAX when not armed. */
uint64_t loop_timer_left(const struct loop *loop, const struct loop_timer *timer);

/* Runs until loop_quit(); returns its status, or -errno when epoll itself fails. */
int loop_run(struct loop *loop);
/* One round, waiting at most max_ms (-1: for ever); for tests and for short synchronous waits. */
int loop_once(struct loop *loop, int max_ms);
void loop_quit(struct loop *loop, int status);
