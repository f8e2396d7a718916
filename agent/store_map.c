/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/store_map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash_of(uint64_t seed, const char *s)
{
	uint64_t h = seed ^ 0xcbf29ce484222325u;

	for (; *s; s++) {
		h = (h ^ (uint8_t)*s) * 0x100000001b3u;
		h ^= h >> 29;
	}
	return h ^ h >> 32;
}

static struct map_entry **slot(const struct map *m, uint64_t hash, const char *key)
{
	struct map_entry **at = &m->bucket[hash & (m->nbuckets - 1)];

	while (*at && ((*at)->hash != hash || strcmp((*at)->key, key)))
		at = &(*at)->next;
	return at;
}

static void free_entry(struct map_entry *e)
{
	/* values may be passwords */
	explicit_bzero(e->val, e->len);
	free(e->val);
	free(e->key);
	free(e);
}

void map_free(struct map *m)
{
	for (size_t i = 0; i < m->nbuckets; i++)
		while (m->bucket[i]) {
			struct map_entry *e = m->bucket[i];

			m->bucket[i] = e->next;
			free_entry(e);
		}
	free(m->bucket);
	free(m->sorted);
	*m = (struct map){ .seed = m->seed };
}

struct map_entry *map_get(const struct map *m, const char *key)
{
	return m->nbuckets ? *slot(m, hash_of(m->seed, key), key) : NULL;
}

static int grow(struct map *m)
{
	size_t n = m->nbuckets ? m->nbuckets * 2 : 64;
	struct map_entry **bucket = calloc(n, sizeof(bucket[0]));

	if (!bucket)
		return -ENOMEM;
	for (size_t i = 0; i < m->nbuckets; i++)
		while (m->bucket[i]) {
			struct map_entry *e = m->bucket[i];

			m->bucket[i] = e->next;
			e->next = bucket[e->hash & (n - 1)];
			bucket[e->hash & (n - 1)] = e;
		}
	free(m->bucket);
	m->bucket = bucket;
	m->nbuckets = n;
	return 0;
}

static char *copy(const char *val, size_t len)
{
	char *own = malloc(len + 1);

	if (own) {
		memcpy(own, val, len);
		own[len] = 0;
	}
	return own;
}

static int add(struct map *m, const char *key, char *val, size_t len)
{
	struct map_entry *e = NULL, **at;

	if (m->n >= m->nbuckets && grow(m))
		return -ENOMEM;
	e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->key = strdup(key);
	if (!e->key) {
		free(e);
		return -ENOMEM;
	}
	e->val = val;
	e->len = len;
	e->hash = hash_of(m->seed, key);
	at = &m->bucket[e->hash & (m->nbuckets - 1)];
	e->next = *at;
	*at = e;
	m->n++;
	free(m->sorted);
	m->sorted = NULL;
	return 0;
}

int map_set(struct map *m, const char *key, const char *val, size_t len)
{
	struct map_entry *e = map_get(m, key);
	char *own = copy(val, len);

	if (!own)
		return -ENOMEM;
	if (!e) {
		int r = add(m, key, own, len);

		if (r)
			free(own);
		return r;
	}
	explicit_bzero(e->val, e->len);
	free(e->val);
	e->val = own;
	e->len = len;
	return 0;
}

void map_del(struct map *m, const char *key)
{
	struct map_entry **at, *e;

	if (!m->nbuckets)
		return;
	at = slot(m, hash_of(m->seed, key), key);
	e = *at;
	if (!e)
		return;
	*at = e->next;
	m->n--;
	free_entry(e);
	free(m->sorted);
	m->sorted = NULL;
}

static int by_key(const void *a, const void *b)
{
	const struct map_entry *const *x = a, *const *y = b;

	return strcmp((*x)->key, (*y)->key);
}

struct map_entry *const *map_sorted(struct map *m, const char *prefix, size_t *first)
{
	size_t lo = 0, hi = m->n;

	if (!m->sorted) {
		size_t n = 0;

		m->sorted = calloc(m->n + 1, sizeof(m->sorted[0]));
		if (!m->sorted)
			return NULL;
		for (size_t i = 0; i < m->nbuckets; i++)
			for (struct map_entry *e = m->bucket[i]; e; e = e->next)
				m->sorted[n++] = e;
		qsort(m->sorted, n, sizeof(m->sorted[0]), by_key);
	}
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(m->sorted[mid]->key, prefix) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*first = lo;
	return m->sorted;
}
