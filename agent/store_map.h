/* SPDX-License-Identifier: Apache-2.0 */
/* Key and value in memory, found by hash, listed in order. For agent/store.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_entry {
	struct map_entry *next;
	uint64_t hash;
	char *key, *val; /* own, terminated */
	size_t len;	 /* of val */
};

struct map {
	struct map_entry **bucket;
	struct map_entry **sorted; /* NULL: to be made */
	size_t nbuckets, n;
	uint64_t seed;
};

void map_free(struct map *);
struct map_entry *map_get(const struct map *, const char *key);
/* 0 or -ENOMEM (nothing changed). */
int map_set(struct map *, const char *key, const char *val, size_t len);
void map_del(struct map *, const char *key);
/* All entries by key; the index of the first that is not less than prefix. NULL: no memory. */
struct map_entry *const *map_sorted(struct map *, const char *prefix, size_t *first);
