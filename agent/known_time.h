/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the time while the clock is not set: it is no earlier than this. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct store;

/* Unix seconds: when this software was built, or the last time kept while the clock was right. */
int64_t known_time(const struct store *, int64_t built);
/* Keeps now, when the clock is right and an hour has gone by; the caller saves it. 0 or -errno. */
int known_time_keep(struct store *, bool right, int64_t now);
