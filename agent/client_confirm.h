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
/* One of the parameters, for people, into confirm.what. */
void confirm_record_name(struct client *);

/* For dm_txn_each_old(), arg is the client: keeps what a parameter was before the first change. */
enum dm_error confirm_record_old(void *arg, const char *path, const char *text, size_t len);
/* Keeps what they are now, before the first of them goes back. In memory. 0 or -errno, logged. */
int confirm_record_new(struct client *);
/* Sets the values of the phase, tells why, and has the record say so, in one write of the store; of
 * CONFIRM_NONE (the change's values) no record is left. 0, or -errno: nothing was done. */
int confirm_record_put(struct client *, enum confirm_phase, const char *why);
