/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a change that may have to go back has changed, kept in the store from before it is applied:
 *
 *	@confirm.old.PARAMETER = VALUE   before it
 *	@confirm.old.ROW. = 0            a row that was not there; 1: one that was, and is deleted
 *	@confirm.new.…                   the same of the way back: what was before that
 *
 * The oldest of a name counts, so several changes are kept as one. Of a row that is not there the
 * store has all lines that it had (dm_txn_keep()): it comes back with its number, its alias, its
 * attributes and all values, and no secret is copied for that.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "agent/tree/tree.h"
#include "lib/buf.h"

struct kept {
	struct dm *dm;
	struct store *store;
	const char *paths; /* confirm.paths: parameters, and objects with the final dot */
	struct buf reached;
};

enum kept_side { KEPT_OLD, KEPT_NEW };

/* Looks which rows the parameters of paths refer to, and these, and so on: the way to the ACS leads
 * over them, too. To be called when references may have changed: what a transaction is about to
 * cut was a way before it. Is it another way now? */
bool kept_reach(struct kept *);
/* Is it named by paths, or in a row that was reached? */
bool kept_covers(const struct kept *, const char *path);
/* Before the transaction is applied. In the store's memory, to be saved by the caller. An error
 * when what is covered cannot be kept. */
enum dm_error kept_take(const struct kept *, enum kept_side, struct dm_txn *);
/* Stages all that was kept, or what is covered with ParameterKey. What is refused is the
 * transaction's to tell. */
void kept_stage(const struct kept *, enum kept_side, struct dm_txn *, bool all);
/* One of the covered names, for people. */
void kept_name(const struct kept *, char *out, size_t size);

/*
 * In the store's memory; 0 or -errno. tidy: rows are forgotten that are as they were, for their
 * transaction has failed, and somebody else may get their numbers. forget: all of it is over, and
 * so is all that begins with STORE_KEY_CONFIRM. forget_new: the way back is.
 */
int kept_tidy(const struct kept *);
int kept_forget(const struct kept *);
int kept_forget_new(const struct kept *);
