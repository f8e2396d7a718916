/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines for the service manager on standard error: "<3>ident: text\n", one
 * write(2) each, control characters escaped, cut at LOG_LINE_MAX. Opens no
 * file and asks no clock, so that it works inside every sandbox.
 * The macros refuse struct secret, pointers to one, and its bytes.
 */
#pragma once

#include <stdbool.h>

#include "lib/secret.h"

enum { LOG_LVL_ERR = 3, LOG_LVL_WARN, LOG_LVL_NOTICE, LOG_LVL_INFO, LOG_LVL_DEBUG };

void log_open(const char *ident);      /* ident is kept by reference */
void log_set_level(int level);	       /* default LOG_LVL_INFO */
int log_level_parse(const char *name); /* "err" "warn" "notice" "info" "debug"; -EINVAL */
void log_set_fd(int fd);	       /* default 2; -1: nowhere, but for the taps */
/* Called with each finished line (without prefix), from the same thread; must not log. 0, or
 * -ENOSPC when there are LOG_TAPS. */
#define LOG_TAPS 2
typedef void (*log_tap_fn)(int level, const char *text, void *arg);
int log_add_tap(log_tap_fn tap, void *arg);
void log_drop_tap(log_tap_fn tap); /* harmless when it is not there */

/* always: whatever the level. */
void log_line(int level, bool always, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#define LOG_IS(x, type) __builtin_types_compatible_p(__typeof__(x), type)
#define LOG_SECRET(x)                                                       \
	(LOG_IS(x, struct secret) || LOG_IS(x, struct secret *) ||          \
	 LOG_IS(x, const struct secret *) || LOG_IS(x, char[SECRET_MAX]) || \
	 LOG_IS(x, const char[SECRET_MAX]))
#define LOG_CHECK(x)                                                           \
	((void)sizeof(struct {                                                 \
		_Static_assert(!LOG_SECRET(x), "a secret must not be logged"); \
		int ok;                                                        \
	})),
#define LOG_CHECK_0()
#define LOG_CHECK_1(a) LOG_CHECK(a)
#define LOG_CHECK_2(a, ...) LOG_CHECK(a) LOG_CHECK_1(__VA_ARGS__)
#define LOG_CHECK_3(a, ...) LOG_CHECK(a) LOG_CHECK_2(__VA_ARGS__)
#define LOG_CHECK_4(a, ...) LOG_CHECK(a) LOG_CHECK_3(__VA_ARGS__)
#define LOG_CHECK_5(a, ...) LOG_CHECK(a) LOG_CHECK_4(__VA_ARGS__)
#define LOG_CHECK_6(a, ...) LOG_CHECK(a) LOG_CHECK_5(__VA_ARGS__)
#define LOG_CHECK_7(a, ...) LOG_CHECK(a) LOG_CHECK_6(__VA_ARGS__)
#define LOG_CHECK_8(a, ...) LOG_CHECK(a) LOG_CHECK_7(__VA_ARGS__)
#define LOG_CHECK_9(a, ...) LOG_CHECK(a) LOG_CHECK_8(__VA_ARGS__)
#define LOG_CHECK_10(a, ...) LOG_CHECK(a) LOG_CHECK_9(__VA_ARGS__)
#define LOG_CHECK_11(a, ...) LOG_CHECK(a) LOG_CHECK_10(__VA_ARGS__)
#define LOG_CHECK_12(a, ...) LOG_CHECK(a) LOG_CHECK_11(__VA_ARGS__)
#define LOG_PICK(_0, _1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, name, ...) name
#define LOG_CHECKS(...)                                                                        \
	LOG_PICK(_0, ##__VA_ARGS__, LOG_CHECK_12, LOG_CHECK_11, LOG_CHECK_10, LOG_CHECK_9,     \
		 LOG_CHECK_8, LOG_CHECK_7, LOG_CHECK_6, LOG_CHECK_5, LOG_CHECK_4, LOG_CHECK_3, \
		 LOG_CHECK_2, LOG_CHECK_1, LOG_CHECK_0)                                        \
	(__VA_ARGS__)

#define LOG_AT(level, fmt, ...) (LOG_CHECKS(__VA_ARGS__) log_line(level, false, fmt, ##__VA_ARGS__))

#define log_err(fmt, ...) LOG_AT(LOG_LVL_ERR, fmt, ##__VA_ARGS__)
#define log_warn(fmt, ...) LOG_AT(LOG_LVL_WARN, fmt, ##__VA_ARGS__)
#define log_notice(fmt, ...) LOG_AT(LOG_LVL_NOTICE, fmt, ##__VA_ARGS__)
#define log_info(fmt, ...) LOG_AT(LOG_LVL_INFO, fmt, ##__VA_ARGS__)
#define log_debug(fmt, ...) LOG_AT(LOG_LVL_DEBUG, fmt, ##__VA_ARGS__)
