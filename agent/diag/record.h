/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the store has of a diagnosis, within one boot of the kernel and one release of the agent:
 *	@diag.boot = the boot, the release
 *	@diag.IPPing = Requested 1	how often it has begun
 *	@diag.IPPing = Complete 40 0...	the results: their size, and octets without trailing zeros
 * No record: None. What is here is of the agent's own making; a record that can't be is left out.
 */
#pragma once

#include "agent/diag/diag.h"

struct store;

/* In another boot, or by another release: all records go. Saved by the caller. 0 or -errno. */
int diag_records_open(struct store *store, const char *boot_id);
/* The record of a diagnosis that is in this state; saved by the caller. */
int diag_record_write(struct store *store, const char *boot_id, const struct diag *d,
		      enum diag_state state, uint32_t begun);
/* State, times begun and results as they were written; None, and no results, without a record. */
void diag_record_read(const struct store *store, struct diag *d);
