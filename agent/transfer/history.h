/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transfers that have ended, the last HISTORY_MAX of them, for whoever asks at the box. They
 * are records of the store which FactoryReset keeps: it must not wipe out how an image came here.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct store;

#define HISTORY_RECORD "@keep.transfer."

struct transfer_past {
	uint32_t number; /* in the order of their ends; set by transfer_history_add() */
	int64_t ended;	 /* Unix seconds; 0: not known */
	uint32_t fault;
	const char *kind, *key, *type, *why;
};

/* Into the store's memory: the caller saves, together with the end itself. 0 or -errno. */
int transfer_history_add(struct store *store, const struct transfer_past *past);
/* Oldest first. Records that are not ours are left out. fn may not change the store. */
typedef void (*transfer_past_fn)(void *arg, const struct transfer_past *);
void transfer_history_each(const struct store *store, transfer_past_fn fn, void *arg);
