/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/kernel/rt_set.h"

#include <stdlib.h>
#include <string.h>

#include "lib/rand.h"

int rt_set_init(struct rt_set *s, uint32_t size, uint32_t key, uint32_t max)
{
	*s = (struct rt_set){ .size = size, .key = key, .max = max };
	return rand_bytes(&s->seed, sizeof(s->seed));
}

void rt_set_free(struct rt_set *s)
{
	free(s->v);
	free(s->slot);
	s->v = NULL;
	s->slot = NULL;
	s->n = s->cap = s->nslots = 0;
}

static void *entry_at(const struct rt_set *s, uint32_t i)
{
	return s->v + (size_t)i * s->size;
}

void *rt_set_at(const struct rt_set *s, uint32_t i)
{
	return i < s->n ? entry_at(s, i) : NULL;
}

static uint32_t hash_of(const struct rt_set *s, const void *key)
{
	const uint8_t *b = key;
	uint64_t h = s->seed ^ 0xcbf29ce484222325u;

	for (uint32_t i = 0; i < s->key; i++) {
		h = (h ^ b[i]) * 0x100000001b3u;
		h ^= h >> 29;
	}
	return (uint32_t)(h ^ h >> 32);
}

/* The slot of the key, or the free one where it belongs. */
static uint32_t slot_of(const struct rt_set *s, const void *key)
{
	uint32_t mask = s->nslots - 1, i = hash_of(s, key) & mask;

	while (s->slot[i] && memcmp(entry_at(s, s->slot[i] - 1), key, s->key))
		i = (i + 1) & mask;
	return i;
}

void *rt_set_find(const struct rt_set *s, const void *key)
{
	uint32_t i;

	if (!s->nslots)
		return NULL;
	i = slot_of(s, key);
	return s->slot[i] ? entry_at(s, s->slot[i] - 1) : NULL;
}

static int grow(struct rt_set *s)
{
	uint32_t cap = s->cap ? s->cap * 2 : 16, nslots = cap * 2;
	uint32_t *slot;
	char *v;

	if (cap > s->max)
		cap = s->max;
	slot = calloc(nslots, sizeof(slot[0]));
	v = slot ? reallocarray(s->v, cap, s->size) : NULL;
	if (!v) {
		free(slot);
		return -1;
	}
	free(s->slot);
	s->v = v;
	s->cap = cap;
	s->slot = slot;
	s->nslots = nslots;
	for (uint32_t i = 0; i < s->n; i++)
		slot[slot_of(s, entry_at(s, i))] = i + 1;
	return 0;
}

void *rt_set_put(struct rt_set *s, const void *entry)
{
	void *at = rt_set_find(s, entry);

	if (!at) {
		if (s->n >= s->max || (s->n == s->cap && grow(s)))
			return NULL;
		at = entry_at(s, s->n);
		s->slot[slot_of(s, entry)] = s->n + 1;
		s->n++;
	}
	memcpy(at, entry, s->size);
	return at;
}

/* Those behind a gap move up, or a search would end at the gap. */
static void close_gap(struct rt_set *s, uint32_t gap)
{
	uint32_t mask = s->nslots - 1, i = gap;

	for (;;) {
		uint32_t home;

		i = (i + 1) & mask;
		if (!s->slot[i])
			break;
		home = hash_of(s, entry_at(s, s->slot[i] - 1)) & mask;
		if (((i - home) & mask) < ((i - gap) & mask))
			continue;
		s->slot[gap] = s->slot[i];
		gap = i;
	}
	s->slot[gap] = 0;
}

void rt_set_del(struct rt_set *s, const void *key)
{
	uint32_t i, at;

	if (!s->nslots)
		return;
	i = slot_of(s, key);
	if (!s->slot[i])
		return;
	at = s->slot[i] - 1;
	close_gap(s, i);
	if (at != s->n - 1) {
		void *last = entry_at(s, s->n - 1);

		s->slot[slot_of(s, last)] = at + 1;
		memcpy(entry_at(s, at), last, s->size);
	}
	s->n--;
}
