/* SPDX-License-Identifier: Apache-2.0 */
/* Any state file: read or refused; what was read is written so that it reads the same. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/store_map.h"
#include "agent/store_text.h"
#include "lib/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int put(void *arg, const char *key, const char *value, size_t len)
{
	struct map *m = arg;

	if (!store_key_valid(key, strlen(key)) || strlen(value) != len)
		abort();
	return map_get(m, key) ? -EEXIST : map_set(m, key, value, len);
}

static void format(struct map *m, struct buf *out)
{
	struct map_entry *const *v;
	size_t i, length = 0;

	v = map_sorted(m, "", &i);
	if (!v || i)
		abort();
	store_put_header(out);
	for (; i < m->n; i++) {
		size_t before = out->len;

		if (i && strcmp(v[i - 1]->key, v[i]->key) >= 0)
			abort();
		store_put_line(out, v[i]->key, v[i]->val, v[i]->len);
		length = out->len - before;
		if (length != store_line_length(v[i]->key, v[i]->val, v[i]->len))
			abort();
	}
	store_put_end(out, m->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct map a = { .seed = 1 }, b = { .seed = 2 };
	struct buf first, second;
	struct store_text st;

	buf_init(&first, 1 << 24);
	buf_init(&second, 1 << 24);
	if (!store_parse(&st, (const char *)data, size, put, &a)) {
		format(&a, &first);
		if (store_parse(&st, buf_str(&first), first.len, put, &b) || !st.ended)
			abort();
		format(&b, &second);
		if (first.len != second.len || memcmp(first.data, second.data, first.len))
			abort();
	} else if (!st.error) {
		abort();
	}
	map_free(&a);
	map_free(&b);
	buf_free(&first);
	buf_free(&second);
	return 0;
}
