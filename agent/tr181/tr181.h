/* SPDX-License-Identifier: Apache-2.0 */
/* Opens the whole tree: store, objects, identity. For agent/main.c. */
#pragma once

#include "agent/tree/tree.h"

struct store;

/*
 * Before lockdown: reads the identity (fails with -ENODATA when the box has none), opens the tree
 * over the store and binds the families of this folder. The WiFi family binds itself by its own
 * call. own: further objects, for which somebody else cares. Returns 0 or -errno, logged.
 */
int tr181_open(struct dm **, struct store *, const struct dm_object *const *own, size_t nown);

/*
 * dm_check_fn of rows that TR-181 lets be set and this release does not: takes the value that the
 * getter tells, so that writing back what was read succeeds, and refuses every other.
 */
enum dm_error tr181_as_it_is(struct dm_txn *, struct dm_inst *, const struct dm_param *,
			     const char *value, size_t len);

/* A monotonic time as wall time; 9999-12-31 for UINT64_MAX, unknown while the clock is not set. */
void tr181_put_when(struct dm_sink *, uint64_t ms);
