/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any value for any kind of row: what is accepted is canonical (checked again it stays the same),
 * what is refused says why in words that an answer can carry.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/tree/internal.h"
#include "agent/tree/rows.h"
#include "lib/array.h"
#include "lib/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = { "Off", "On", "Auto", NULL };

static const struct dm_param rows[] = {
	{ "String", DM_STRING, DM_RW, DM_LEN(1, 20), .max_octets = 32 },
	{ "Int", DM_INT, DM_RW, DM_RANGE(-5, 500) },
	{ "Uint", DM_UINT, DM_RW, DM_RANGES({ 1, 10 }, { 20, DM_NOMAX }) },
	{ "Long", DM_LONG, DM_RW },
	{ "Ulong", DM_ULONG, DM_RW },
	{ "Bool", DM_BOOL, DM_RW },
	{ "Time", DM_DATETIME, DM_RW },
	{ "Base64", DM_BASE64, DM_RW, DM_MAXLEN(20) },
	{ "Hex", DM_HEXBIN, DM_RW, DM_MAXLEN(20) },
	{ "Decimal", DM_DECIMAL, DM_RW },
	{ "Enum", DM_STRING, DM_RW, DM_VALUES(names), .flags = DM_ENUM_OPEN },
	{ "Enums", DM_STRING, DM_RW, DM_VALUES(names), .flags = DM_LIST },
	{ "Numbers", DM_STRING, DM_RW, .flags = DM_LIST, .item = DM_INT, DM_RANGE(-1, 7),
	  .max_items = 4 },
	{ "Mac", DM_STRING, DM_RW, DM_MATCH(dm_match_mac, DM_WANTS_MAC) },
	{ "Ip", DM_STRING, DM_RW, DM_MATCH(dm_match_ip, DM_WANTS_IP) },
	{ "Secret", DM_STRING, DM_RW, .flags = DM_SECRET, DM_MAXLEN(8) },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once, twice;
	struct dm_refusal why;
	const char *text = (const char *)data + 1;

	if (!size)
		return 0;
	size--;
	buf_init(&once, 4096);
	buf_init(&twice, 4096);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct dm_param *p = &rows[i];
		enum dm_error e;

		buf_reset(&once);
		buf_reset(&twice);
		e = dm_check(p, data[0] % 4 ? DM_ANY : data[0] / 4 % DM_TYPES, text, size, &once,
			     &why);
		if (e) {
			if (why.error != e || !xml_clean(why.text, strlen(why.text)))
				abort();
			if ((p->flags & DM_SECRET) && size > 8 && e == DM_EVALUE &&
			    memmem(why.text, strlen(why.text), text, size))
				abort();
			continue;
		}
		if (!xml_clean(buf_str(&once), once.len) ||
		    dm_check(p, DM_ANY, buf_str(&once), once.len, &twice, &why) ||
		    once.len != twice.len || memcmp(buf_str(&once), buf_str(&twice), once.len))
			abort();
	}
	buf_free(&once);
	buf_free(&twice);
	return 0;
}
