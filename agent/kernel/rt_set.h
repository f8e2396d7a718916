/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bounded set of entries of one size, found by the key with which each begins. They lie one
 * behind the other: v[0] to v[n - 1], in no order; removing one moves the last into its place.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct rt_set {
	char *v;
	uint32_t size, key; /* octets of an entry and of the key */
	uint32_t n, cap, max;
	uint32_t *slot;	 /* index + 1 into v; 0: free */
	uint32_t nslots; /* power of two */
	uint64_t seed;	 /* keys come from the network */
};

/* 0 or -errno (no random numbers). */
int rt_set_init(struct rt_set *, uint32_t size, uint32_t key, uint32_t max);
void rt_set_free(struct rt_set *);
void *rt_set_at(const struct rt_set *, uint32_t i);
void *rt_set_find(const struct rt_set *, const void *key);
/* Copies the entry in, over one of the same key. NULL: full, or no memory. */
void *rt_set_put(struct rt_set *, const void *entry);
void rt_set_del(struct rt_set *, const void *key);
