/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/transfer/history.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/store.h"
#include "lib/array.h"
#include "lib/limits.h"
#include "lib/num.h"

#define KEY_MAX 40
#define KIND_MAX 24

static void make_key(char out[KEY_MAX], uint32_t number, const char *field)
{
	(void)snprintf(out, KEY_MAX, HISTORY_RECORD "%" PRIu32 "%s", number, field);
}

struct span {
	uint32_t first, last; /* 0: there is none */
};

static void widen(void *arg, const char *key, const char *value, size_t len)
{
	const char *number = key + strlen(HISTORY_RECORD);
	struct span *span = arg;
	uint64_t n;

	if (num_parse_u64(number, strcspn(number, "."), UINT32_MAX - 1, &n) || !n)
		return;
	if (!span->first || n < span->first)
		span->first = (uint32_t)n;
	if (n > span->last)
		span->last = (uint32_t)n;
}

static struct span span_of(const struct store *store)
{
	struct span span = { 0 };

	store_each(store, HISTORY_RECORD, false, widen, &span);
	return span;
}

static int put(struct store *store, uint32_t number, const char *field, const char *text)
{
	char key[KEY_MAX];

	make_key(key, number, field);
	return *text ? store_set_spare(store, key, text, strlen(text)) : 0;
}

static const char *text_of(const struct store *store, uint32_t number, const char *field)
{
	char key[KEY_MAX];
	const char *text;

	make_key(key, number, field);
	text = store_get(store, key, NULL);
	return text ? text : "";
}

static int drop(struct store *store, uint32_t number)
{
	static const char *const fields[] = { "", ".key", ".type", ".why" };
	char key[KEY_MAX];
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fields) && !r; i++) {
		make_key(key, number, fields[i]);
		r = store_del(store, key);
	}
	return r;
}

int transfer_history_add(struct store *store, const struct transfer_past *past)
{
	struct span span = span_of(store);
	uint32_t number = span.last + 1;
	char line[96];
	int r = 0;

	while (!r && span.first && number - span.first >= HISTORY_MAX) {
		r = drop(store, span.first);
		span = span_of(store);
	}
	(void)snprintf(line, sizeof(line), "%" PRId64 " %" PRIu32 " %.*s", past->ended, past->fault,
		       KIND_MAX - 1, past->kind);
	if (!r)
		r = put(store, number, "", line);
	if (!r)
		r = put(store, number, ".key", past->key);
	if (!r)
		r = put(store, number, ".type", past->type);
	return r ? r : put(store, number, ".why", past->why);
}

void transfer_history_each(const struct store *store, transfer_past_fn fn, void *arg)
{
	struct span span = span_of(store);
	uint32_t number = span.last < HISTORY_MAX ? 1 : span.last - HISTORY_MAX + 1;

	for (; number <= span.last; number++) {
		char kind[KIND_MAX];
		struct transfer_past past = { .number = number, .kind = kind };

		if (sscanf(text_of(store, number, ""), "%" SCNd64 " %" SCNu32 " %23s", &past.ended,
			   &past.fault, kind) != 3)
			continue;
		past.key = text_of(store, number, ".key");
		past.type = text_of(store, number, ".type");
		past.why = text_of(store, number, ".why");
		fn(arg, &past);
	}
}
