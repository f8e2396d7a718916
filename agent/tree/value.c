/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/tree/value.h"

#include <errno.h>
#include <string.h>

#include "lib/base64.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/num.h"
#include "lib/text.h"

#define UNKNOWN_TIME "0001-01-01T00:00:00Z"

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* XML Schema 2, 4.3.6: everything but a string has its white space collapsed. */
static void strip(const char **s, size_t *n)
{
	while (*n && blank((*s)[0])) {
		(*s)++;
		(*n)--;
	}
	while (*n && blank((*s)[*n - 1]))
		(*n)--;
}

static int parse_bool(const char *s, size_t n, struct buf *out)
{
	if (text_eq(s, n, "1") || text_eq(s, n, "true"))
		buf_puts(out, "true");
	else if (text_eq(s, n, "0") || text_eq(s, n, "false"))
		buf_puts(out, "false");
	else
		return -EINVAL;
	return 0;
}

static int parse_unsigned(const char *s, size_t n, uint64_t max, struct buf *out)
{
	uint64_t v;
	int r;

	if (n && s[0] == '+') {
		s++;
		n--;
	}
	/* "-0" is zero; a negative number is out of range rather than no number */
	if (n > 1 && s[0] == '-') {
		r = num_parse_u64(s + 1, n - 1, UINT64_MAX, &v);
		if (r == -EINVAL)
			return r;
		if (r || v)
			return -ERANGE;
	} else {
		r = num_parse_u64(s, n, max, &v);
		if (r)
			return r;
	}
	buf_putu(out, v);
	return 0;
}

static int parse_signed(const char *s, size_t n, int64_t min, int64_t max, struct buf *out)
{
	int64_t v;
	int r;

	if (n > 1 && s[0] == '+' && s[1] != '-') {
		s++;
		n--;
	}
	r = num_parse_i64(s, n, min, max, &v);
	if (r)
		return r;
	buf_puti(out, v);
	return 0;
}

static int parse_decimal(const char *s, size_t n, struct buf *out)
{
	size_t i = 0, digits = 0;

	if (n && (s[0] == '+' || s[0] == '-'))
		i++;
	for (bool dot = false; i < n; i++) {
		if (s[i] >= '0' && s[i] <= '9')
			digits++;
		else if (s[i] == '.' && !dot)
			dot = true;
		else
			return -EINVAL;
	}
	if (!digits)
		return -EINVAL;
	buf_put(out, s, n);
	return 0;
}

static int parse_hex(const char *s, size_t n, struct buf *out)
{
	if (n % 2)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (c >= 'a' && c <= 'f')
			c = (char)(c - 'a' + 'A');
		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F')))
			return -EINVAL;
		buf_putc(out, c);
	}
	return 0;
}

static int parse_base64(const char *s, size_t n, struct buf *out)
{
	_cleanup_buf_ struct buf raw = BUF_INIT(n + 1);
	int r;

	r = base64_decode(&raw, s, n);
	if (!r)
		base64_encode(out, buf_str(&raw), raw.len);
	return r;
}

/* Kept as it was written: fractions and zone are the writer's (an ACS reads back what it set). */
static int parse_time(const char *s, size_t n, struct buf *out)
{
	int64_t wall;
	int r = clock_parse(s, n, &wall);

	if (!r)
		buf_put(out, s, n);
	return r;
}

int dm_value_parse(enum dm_type type, const char *s, size_t n, struct buf *out)
{
	int r = 0;

	if (type != DM_STRING)
		strip(&s, &n);
	switch (type) {
	case DM_STRING:
		if (!xml_clean(s, n))
			return -EINVAL;
		buf_put(out, s, n);
		break;
	case DM_INT:
		r = parse_signed(s, n, INT32_MIN, INT32_MAX, out);
		break;
	case DM_LONG:
		r = parse_signed(s, n, INT64_MIN, INT64_MAX, out);
		break;
	case DM_UINT:
		r = parse_unsigned(s, n, UINT32_MAX, out);
		break;
	case DM_ULONG:
		r = parse_unsigned(s, n, UINT64_MAX, out);
		break;
	case DM_BOOL:
		r = parse_bool(s, n, out);
		break;
	case DM_DATETIME:
		r = parse_time(s, n, out);
		break;
	case DM_BASE64:
		r = parse_base64(s, n, out);
		break;
	case DM_HEXBIN:
		r = parse_hex(s, n, out);
		break;
	case DM_DECIMAL:
		r = parse_decimal(s, n, out);
		break;
	case DM_TYPES:
		return -EINVAL;
	}
	if (r)
		return r;
	return out->failed ? -ENOMEM : 0;
}

const char *dm_value_null(enum dm_type type, size_t *len)
{
	const char *text = "";

	switch (type) {
	case DM_INT:
	case DM_UINT:
	case DM_LONG:
	case DM_ULONG:
	case DM_DECIMAL:
		text = "0";
		break;
	case DM_BOOL:
		text = "false";
		break;
	case DM_DATETIME:
		text = UNKNOWN_TIME;
		break;
	case DM_STRING:
	case DM_BASE64:
	case DM_HEXBIN:
	case DM_TYPES:
		break;
	}
	*len = strlen(text);
	return text;
}

bool dm_type_signed(enum dm_type type)
{
	return type == DM_INT || type == DM_LONG;
}

bool dm_in_ranges(enum dm_type type, const char *text, size_t len, const struct dm_range *range,
		  size_t n)
{
	uint64_t u = 0;
	int64_t i = 0;

	if (!n)
		return true;
	if (dm_type_signed(type) ? num_parse_i64(text, len, INT64_MIN, INT64_MAX, &i)
				 : num_parse_u64(text, len, UINT64_MAX, &u))
		return false;
	for (size_t k = 0; k < n; k++) {
		bool no_max = range[k].max == UINT64_MAX;

		if (dm_type_signed(type) && i >= range[k].min &&
		    (no_max || i <= (int64_t)range[k].max))
			return true;
		if (!dm_type_signed(type) && (range[k].min < 0 || u >= (uint64_t)range[k].min) &&
		    u <= range[k].max)
			return true;
	}
	return false;
}

void dm_items_start(struct dm_items *items, const char *s, size_t len)
{
	strip(&s, &len);
	items->s = s;
	items->len = len;
	items->more = len > 0;
}

bool dm_items_next(struct dm_items *items, const char **item, size_t *len)
{
	const char *comma;

	if (!items->more)
		return false;
	comma = items->len ? memchr(items->s, ',', items->len) : NULL;
	*item = items->s;
	*len = comma ? (size_t)(comma - items->s) : items->len;
	items->more = comma != NULL;
	if (comma) {
		items->len -= *len + 1;
		items->s = comma + 1;
	}
	strip(item, len);
	return true;
}
