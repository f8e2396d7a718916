/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

struct agent;
struct dm;
struct transfer;

/* Does the ACS want to hear of this autonomous transfer (AutonomousTransferCompletePolicy)? */
bool transfer_policy_wants(struct dm *dm, const struct transfer *t);
/*
 * WINDOW_WHEN_IDLE: did all links together move less than TRANSFER_IDLE_RATE since the last look,
 * which was at least TRANSFER_IDLE_S ago? The first look only takes the counters down.
 */
bool transfer_idle(struct agent *agent);
