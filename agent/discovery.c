/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/discovery.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "lib/array.h"
#include "lib/hex.h"
#include "lib/limits.h"
#include "lib/num.h"
#include "lib/text.h"

#define ENTERPRISE 3561 /* the Broadband Forum's number */

/* Of each kind of option: how wide code and length are, and which sub-option is the URL; the three
 * others follow it. */
struct shape {
	size_t width;
	uint16_t first;
	bool pad; /* 0 fills and 255 ends (RFC 2132 8.4) */
};

static const struct shape shape43 = { 1, 1, true };
static const struct shape shape125 = { 1, 11, false };
static const struct shape shape17 = { 2, 1, false };

static size_t number(const uint8_t *p, size_t width)
{
	size_t v = 0;

	while (width--)
		v = v << 8 | *p++;
	return v;
}

/* Servers send the text with or without its NUL. */
static bool take_text(char *out, size_t size, const uint8_t *p, size_t n)
{
	if (n && !p[n - 1])
		n--;
	return xml_clean((const char *)p, n) && text_copy(out, size, (const char *)p, n);
}

static bool take_number(uint32_t *out, const uint8_t *p, size_t n)
{
	uint64_t v;

	if (n && !p[n - 1])
		n--;
	if (num_parse_u64((const char *)p, n, UINT16_MAX, &v) || !v)
		return false;
	*out = (uint32_t)v;
	return true;
}

static bool take(struct discovery *d, size_t what, const uint8_t *p, size_t n)
{
	switch (what) {
	case 0:
		return take_text(d->url, sizeof(d->url), p, n);
	case 1:
		return take_text(d->code, sizeof(d->code), p, n);
	case 2:
		return take_number(&d->retry_wait, p, n);
	case 3:
		return take_number(&d->retry_multiplier, p, n);
	default:
		return true; /* somebody else's */
	}
}

static int read_list(struct discovery *d, const struct shape *s, const uint8_t *p, size_t n)
{
	const uint8_t *end = p + n;

	while (p < end) {
		size_t code, len;

		if (s->pad && !*p) {
			p++;
			continue;
		}
		if (s->pad && *p == 255)
			return 0;
		if ((size_t)(end - p) < 2 * s->width)
			return -EBADMSG;
		code = number(p, s->width);
		len = number(p + s->width, s->width);
		p += 2 * s->width;
		if (len > (size_t)(end - p))
			return -EBADMSG;
		if (code >= s->first && !take(d, code - s->first, p, len))
			return -EBADMSG;
		p += len;
	}
	return 0;
}

int discovery_option43(struct discovery *out, const uint8_t *p, size_t n)
{
	struct discovery d = { 0 };
	int r = read_list(&d, &shape43, p, n);

	if (!r)
		*out = d;
	return r;
}

/* Any number of {enterprise, length, sub-options} (RFC 3925 4). */
int discovery_option125(struct discovery *out, const uint8_t *p, size_t n)
{
	struct discovery d = { 0 };
	const uint8_t *end = p + n;

	while (p < end) {
		size_t len;

		if (end - p < 5)
			return -EBADMSG;
		len = p[4];
		if (len > (size_t)(end - p) - 5)
			return -EBADMSG;
		if (number(p, 4) == ENTERPRISE && read_list(&d, &shape125, p + 5, len))
			return -EBADMSG;
		p += 5 + len;
	}
	*out = d;
	return 0;
}

/* {enterprise, sub-options}; other enterprises come in options of their own (RFC 8415 21.17). */
int discovery_option17(struct discovery *out, const uint8_t *p, size_t n)
{
	struct discovery d = { 0 };
	int r;

	if (n < 4)
		return -EBADMSG;
	r = number(p, 4) == ENTERPRISE ? read_list(&d, &shape17, p + 4, n - 4) : 0;
	if (!r)
		*out = d;
	return r;
}

/* Pairs of digits, or ISC's "1:1d:68" where an octet may have one digit. */
static int read_hex(uint8_t *out, size_t max, const char *s, size_t n, size_t *len)
{
	bool colons = memchr(s, ':', n) || n == 1;
	size_t i = 0;

	for (*len = 0; i < n; (*len)++) {
		bool one = i + 1 == n || s[i + 1] == ':';
		char pair[2] = { one ? '0' : s[i], s[one ? i : i + 1] };

		if (*len == max || (one && !colons) || hex_decode(out + *len, pair, 2))
			return -EBADMSG;
		i += one ? 1 : 2;
		if (colons && i < n && (s[i++] != ':' || i == n))
			return -EBADMSG;
	}
	return 0;
}

static const struct {
	const char *name;
	int (*read)(struct discovery *, const uint8_t *, size_t);
} kinds[] = { /* in the order of preference */
	      { "option43", discovery_option43 },
	      { "option125", discovery_option125 },
	      { "option17", discovery_option17 }
};
#define KINDS (ARRAY_SIZE(kinds))

static int read_line(struct discovery *d, size_t *kind, const char *s, size_t n)
{
	static uint8_t octets[DISCOVERY_OCTETS_MAX];
	const char *space = memchr(s, ' ', n);
	size_t word = space ? (size_t)(space - s) : n, len;

	for (*kind = 0; *kind < KINDS; (*kind)++)
		if (text_eq(s, word, kinds[*kind].name))
			break;
	if (*kind == KINDS || !space ||
	    read_hex(octets, sizeof(octets), space + 1, n - word - 1, &len))
		return -EBADMSG;
	return kinds[*kind].read(d, octets, len);
}

int discovery_parse(struct discovery *out, const char *text, size_t len)
{
	static struct discovery d;
	const char *end = text + len;
	size_t best = KINDS, kind;
	int r = -ENOENT;

	memset(out, 0, sizeof(*out));
	while (text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		const char *stop = nl ? nl : end;

		memset(&d, 0, sizeof(d));
		if (stop > text && *text != '#') {
			if (read_line(&d, &kind, text, (size_t)(stop - text))) {
				r = -EBADMSG;
			} else if (*d.url && kind < best) {
				best = kind;
				*out = d;
			}
		}
		text = stop + 1;
	}
	return best < KINDS ? 0 : r;
}
