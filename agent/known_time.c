/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/known_time.h"

#include <stdio.h>
#include <string.h>

#include "agent/store.h"
#include "lib/num.h"

#define STEP_S 3600 /* more or less tells nothing about a certificate */

static bool kept_time(const struct store *store, int64_t *at)
{
	const char *kept = store_get(store, STORE_KEY_TIME, NULL);

	return kept && !num_parse_i64(kept, strlen(kept), 0, INT64_MAX, at);
}

int64_t known_time(const struct store *store, int64_t built)
{
	int64_t last;

	return kept_time(store, &last) && last > built ? last : built;
}

int known_time_keep(struct store *store, bool right, int64_t now)
{
	int64_t before;
	char text[24];

	/* Earlier than before: one of the two was wrong, and this is the one that somebody set. */
	if (!right || (kept_time(store, &before) && now >= before && now - before < STEP_S))
		return 0;
	snprintf(text, sizeof(text), "%lld", (long long)now);
	return store_set(store, STORE_KEY_TIME, text, strlen(text));
}
