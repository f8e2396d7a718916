/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/soap/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/text.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

#define ONES (UINT64_MAX / 255)
#define HIGH (ONES * 0x80)

/* Of eight octets at once: exact for the lowest that matches, which is all that is asked. */
static uint64_t below(uint64_t v, unsigned char limit)
{
	return (v - ONES * limit) & ~v & HIGH;
}

static uint64_t equal(uint64_t v, unsigned char c)
{
	return below(v ^ (ONES * c), 1);
}

static bool plain_byte(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '&' && c != '<' && c != '>';
}

size_t soap_plain(const char *text, size_t len)
{
	size_t i = 0;

	for (; i + 8 <= len; i += 8) {
		uint64_t v;

		memcpy(&v, text + i, 8);
		if ((v & HIGH) | below(v, 0x20) | equal(v, '&') | equal(v, '<') | equal(v, '>'))
			break;
	}
	while (i < len && plain_byte((unsigned char)text[i]))
		i++;
	return i;
}

static void put_ascii(struct buf *out, char c)
{
	switch (c) {
	case '&':
		buf_put(out, "&amp;", 5);
		break;
	case '<':
		buf_put(out, "&lt;", 4);
		break;
	case '>':
		buf_put(out, "&gt;", 4);
		break;
	case '\r':
		/* A bare one would be read back as a line feed (XML 1.0 2.11). */
		buf_put(out, "&#13;", 5);
		break;
	case '\t':
	case '\n':
		buf_putc(out, c);
		break;
	default:
		if (plain_byte((unsigned char)c))
			buf_putc(out, c);
		else
			buf_put(out, REPLACEMENT, 3);
	}
}

/* Octets used up: a whole UTF-8 sequence, or one byte that is none. */
static size_t put_multibyte(struct buf *out, const char *s, size_t n)
{
	size_t len = utf8_sequence(s, n);

	if (len && xml_clean(s, len)) {
		buf_put(out, s, len);
		return len;
	}
	buf_put(out, REPLACEMENT, 3);
	return len ? len : 1;
}

void soap_escape(struct buf *out, const char *text, size_t len)
{
	while (len && !out->failed) {
		size_t n = soap_plain(text, len);

		if (n) {
			buf_put(out, text, n);
		} else if ((unsigned char)*text < 0x80) {
			put_ascii(out, *text);
			n = 1;
		} else {
			n = put_multibyte(out, text, len);
		}
		text += n;
		len -= n;
	}
}
