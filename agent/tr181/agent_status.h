/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.X_<OUI>_Agent.: what the standard has no parameter for and whoever looks for a fault wants
 * to know. The OUI is the box's own, so the object is made at the start.
 */
#pragma once

#include <stdint.h>

#include "agent/tree/tree.h"

/* For dm_open(); oui is copied. One in a process. */
const struct dm_object *agent_status_object(const char oui[7]);
/* A session failed, and the next try is at next_ms (monotonic). */
void agent_status_failed(struct dm *, const char *why, uint64_t next_ms);
/* A session was good: no try is to come. What failed last stays. */
void agent_status_good(struct dm *);
/* Part of a transaction in which the agent takes a change back; kept over a restart. */
void agent_status_reverted(struct dm_txn *, const char *why);
