/* SPDX-License-Identifier: Apache-2.0 */
/* Changes that could cut the box off, in two halves: client_confirm.c decides, _record.c does. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/confirm.h"
#include "agent/tree/tree.h"

struct client;

struct confirm_record {
	enum confirm_phase phase;
	bool going;	  /* it has not come yet: confirm_record_put() is to be called */
	uint64_t left_ms; /* until an answer is due */
};

/* What is in the store now; false: nothing, or nothing of ours. */
bool confirm_record_read(struct client *, struct confirm_record *);
/* In memory: to be saved by the caller. The time begins now. */
int confirm_record_write(struct client *, enum confirm_phase, bool going);
/* One more change: CONFIRM_NEW from now on, and what was new before it is not any more. Saved. */
int confirm_record_renew(struct client *);
/* All of it is over. Saved. */
int confirm_record_forget(struct client *);
/* Has what the phase is made of put in place, tells why, and has the record say so, in one write of
 * the store; of CONFIRM_NONE (the change again) no record is left. What is undone by that is kept
 * before. 0, or -errno: nothing was done. */
int confirm_record_put(struct client *, enum confirm_phase, const char *why);
