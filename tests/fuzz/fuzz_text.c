/* SPDX-License-Identifier: Apache-2.0 */
/* The small parsers of lib: what they accept must come back the same. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/base64.h"
#include "lib/clock.h"
#include "lib/num.h"
#include "lib/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_base64(const char *s, size_t n)
{
	struct buf plain, again, back;

	buf_init(&plain, 1 << 20);
	buf_init(&again, 1 << 21);
	buf_init(&back, 1 << 20);
	if (!base64_decode(&plain, s, n)) {
		base64_encode(&again, buf_str(&plain), plain.len);
		if (base64_decode(&back, buf_str(&again), again.len) || back.len != plain.len ||
		    (plain.len && memcmp(back.data, plain.data, plain.len)))
			__builtin_trap();
	}
	buf_free(&plain);
	buf_free(&again);
	buf_free(&back);
}

static void try_time(const char *s, size_t n)
{
	char text[CLOCK_TEXT_MAX];
	int64_t wall, back;

	if (clock_parse(s, n, &wall) || clock_format(text, wall))
		return;
	if (clock_parse(text, strlen(text), &back) || back != wall)
		__builtin_trap();
}

static void try_number(const char *s, size_t n)
{
	int64_t v, back;
	struct buf text;

	if (num_parse_i64(s, n, INT64_MIN, INT64_MAX, &v))
		return;
	buf_init(&text, 32);
	buf_puti(&text, v);
	if (num_parse_i64(buf_str(&text), text.len, v, v, &back))
		__builtin_trap();
	buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;

	try_base64(s, size);
	try_time(s, size);
	try_number(s, size);
	/* XML's characters are a part of UTF-8. */
	if (xml_clean(s, size) && (!utf8_valid(s, size) || utf8_length(s, size) > size))
		__builtin_trap();
	return 0;
}
