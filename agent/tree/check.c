/* SPDX-License-Identifier: Apache-2.0 */
/* A value against its row: type, lexical form, length, range, enumeration, pattern. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "agent/tree/internal.h"
#include "agent/tree/value.h"
#include "lib/text.h"

#define SHOWN_MAX 40 /* bytes of a refused value that its fault shows */

struct check {
	const struct dm_param *p;
	enum dm_type type; /* of the value or of the item */
	const char *value;
	size_t len;
	struct dm_refusal *why;
};

/* "'value' is not ..."; a secret is never shown. Cut at a character, not inside one. */
static size_t show_value(struct check *c, char *out, size_t size)
{
	size_t n = c->len < SHOWN_MAX ? c->len : SHOWN_MAX;
	int r;

	if ((c->p->flags & DM_SECRET) || !xml_clean(c->value, c->len))
		r = snprintf(out, size, "The value is refused: ");
	else {
		while (n < c->len && n && ((uint8_t)c->value[n] & 0xc0) == 0x80)
			n--;
		r = snprintf(out, size, "'%.*s'%s is refused: ", (int)n, c->value,
			     n < c->len ? "..." : "");
	}
	return r < 0 ? 0 : (size_t)r < size ? (size_t)r : size - 1;
}

__attribute__((format(printf, 3, 4))) static enum dm_error refuse(struct check *c,
								  enum dm_error error,
								  const char *fmt, ...)
{
	size_t n = show_value(c, c->why->text, sizeof(c->why->text));
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->why->text + n, sizeof(c->why->text) - n, fmt, ap);
	va_end(ap);
	c->why->error = error;
	return error;
}

static const char *type_words(enum dm_type type)
{
	static const char *const words[] = {
		[DM_STRING] = "characters that XML 1.0 can carry, in UTF-8",
		[DM_INT] = "a whole number, -2147483648 to 2147483647",
		[DM_UINT] = "a whole number, 0 to 4294967295",
		[DM_LONG] = "a whole number of 64 bits",
		[DM_ULONG] = "a whole number of 64 bits, not negative",
		[DM_BOOL] = "true, false, 1 or 0",
		[DM_DATETIME] = "a dateTime such as 2026-01-31T12:00:00Z",
		[DM_BASE64] = "base64",
		[DM_HEXBIN] = "hexBinary: pairs of 0-9 A-F",
		[DM_DECIMAL] = "a decimal number",
	};

	return type < DM_TYPES ? words[type] : "";
}

static enum dm_error refuse_range(struct check *c)
{
	char words[96];
	size_t n = 0;

	words[0] = 0;
	for (size_t i = 0; i < c->p->nranges && n < sizeof(words) - 48; i++) {
		const struct dm_range *r = &c->p->ranges[i];
		int w;

		if (r->max == UINT64_MAX)
			w = snprintf(words + n, sizeof(words) - n, "%s%lld or more", n ? ", " : "",
				     (long long)r->min);
		else
			w = snprintf(words + n, sizeof(words) - n, "%s%lld to %lld", n ? ", " : "",
				     (long long)r->min, (long long)r->max);
		n += w > 0 ? (size_t)w : 0;
	}
	return refuse(c, DM_EVALUE, "allowed is %s", words);
}

static enum dm_error refuse_enum(struct check *c)
{
	char words[128];
	size_t n = 0;

	for (const char *const *v = c->p->values; *v; v++) {
		size_t len = strlen(*v);

		if (n + len + 8 > sizeof(words)) {
			memcpy(words + n, ", ...", 6);
			n += 5;
			break;
		}
		if (n) {
			words[n++] = ',';
			words[n++] = ' ';
		}
		memcpy(words + n, *v, len);
		n += len;
	}
	words[n] = 0;
	return refuse(c, DM_EVALUE, "allowed is %s", words);
}

static bool in_enum(const struct dm_param *p, const char *s, size_t n)
{
	for (const char *const *v = p->values; *v; v++)
		if (text_eq(s, n, *v))
			return true;
	/* TR-106 A17 3.3: vendor values begin with X_ */
	return (p->flags & DM_ENUM_OPEN) && n > 2 && s[0] == 'X' && s[1] == '_';
}

/* One value, or one item of a list. */
static enum dm_error check_one(struct check *c, struct buf *out)
{
	size_t start = out->len;
	const char *text;
	size_t len;
	int r = dm_value_parse(c->type, c->value, c->len, out);

	if (r == -ENOMEM)
		return refuse(c, DM_ERESOURCES, "no memory");
	if (r)
		return refuse(c, DM_EVALUE, "allowed is %s", type_words(c->type));
	text = buf_str(out) + start;
	len = out->len - start;
	if (!dm_in_ranges(c->type, text, len, c->p->ranges, c->p->nranges))
		return refuse_range(c);
	if (c->p->values && !in_enum(c->p, text, len))
		return refuse_enum(c);
	if (c->p->match && !c->p->match(text, len))
		return refuse(c, DM_EVALUE, "allowed is %s",
			      c->p->wants ? c->p->wants : "a pattern");
	return DM_OK;
}

static size_t length_of(enum dm_type type, const char *s, size_t n)
{
	size_t pad = 0;

	switch (type) {
	case DM_HEXBIN:
		return n / 2;
	case DM_BASE64:
		while (pad < 2 && n > pad && s[n - 1 - pad] == '=')
			pad++;
		return n / 4 * 3 - pad;
	default:
		return utf8_length(s, n);
	}
}

static enum dm_error check_length(struct check *c, const char *text, size_t len)
{
	const struct dm_param *p = c->p;
	const char *unit = p->type == DM_STRING ? "characters" : "octets";
	size_t n = length_of(p->type, text, len);

	if ((p->max_len && n > p->max_len) || n < p->min_len) {
		if (!p->max_len)
			return refuse(c, DM_EVALUE, "at least %u %s are needed", p->min_len, unit);
		if (!p->min_len)
			return refuse(c, DM_EVALUE, "at most %u %s are allowed, these are %zu",
				      p->max_len, unit, n);
		return refuse(c, DM_EVALUE, "%u to %u %s are allowed, these are %zu", p->min_len,
			      p->max_len, unit, n);
	}
	if (p->max_octets && len > p->max_octets)
		return refuse(c, DM_EVALUE, "at most %u octets are allowed, these are %zu",
			      p->max_octets, len);
	return DM_OK;
}

static enum dm_error check_list(struct check *c, struct buf *out)
{
	struct dm_items items;
	struct check item = *c;
	size_t n = 0;
	enum dm_error e;

	item.type = c->p->item;
	for (dm_items_start(&items, c->value, c->len);
	     dm_items_next(&items, &item.value, &item.len); n++) {
		if (!item.len && c->p->item != DM_STRING)
			return refuse(c, DM_EVALUE, "an item of the list is empty");
		if (n)
			buf_putc(out, ',');
		e = check_one(&item, out);
		if (e)
			return e;
		if (c->p->max_item && utf8_length(item.value, item.len) > c->p->max_item)
			return refuse(&item, DM_EVALUE, "an item has at most %u characters",
				      c->p->max_item);
	}
	if (n < c->p->min_items || (c->p->max_items && n > c->p->max_items))
		return refuse(c, DM_EVALUE, "%u to %u items are allowed, these are %zu",
			      c->p->min_items, c->p->max_items, n);
	return DM_OK;
}

enum dm_error dm_check(const struct dm_param *p, enum dm_type given, const char *value, size_t len,
		       struct buf *out, struct dm_refusal *why)
{
	struct check c = { p, p->type, value, len, why };
	size_t start = out->len;
	enum dm_error e;

	if (given != DM_ANY && given != p->type) {
		snprintf(why->text, sizeof(why->text), "The type is %s, not %s",
			 dm_type_xsd(p->type), dm_type_xsd(given));
		return why->error = DM_ETYPE;
	}
	if ((p->flags & DM_LIST) && xml_clean(value, len))
		e = check_list(&c, out);
	else
		e = check_one(&c, out);
	if (!e && (p->type == DM_STRING || p->type == DM_HEXBIN || p->type == DM_BASE64))
		e = check_length(&c, buf_str(out) + start, out->len - start);
	if (!e && out->failed)
		e = refuse(&c, DM_ERESOURCES, "it is too long");
	return e;
}

enum dm_error dm_canonical(const struct dm_param *p, const char *value, size_t len, struct buf *out)
{
	struct dm_refusal why;

	return dm_check(p, DM_ANY, value, len, out, &why);
}
