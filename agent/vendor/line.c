/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/vendor/line.h"

#include <stdbool.h>
#include <string.h>

#include "lib/array.h"
#include "lib/buf.h"
#include "lib/text.h"

void vendor_put_get(struct buf *out, const char *path)
{
	buf_puts(out, "get ");
	buf_puts(out, path);
	buf_putc(out, '\n');
}

void vendor_put_set(struct buf *out, const char *path, const char *text, size_t len)
{
	buf_puts(out, "set ");
	buf_puts(out, path);
	buf_putc(out, ' ');
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\')
			buf_puts(out, "\\\\");
		else if (text[i] == '\n')
			buf_puts(out, "\\n");
		else
			buf_putc(out, text[i]);
	}
	buf_putc(out, '\n');
}

static bool unescape(char *s, size_t *len)
{
	size_t n = 0;

	for (size_t i = 0; i < *len; i++) {
		char c = s[i];

		if (c == '\\') {
			if (++i == *len || (s[i] != '\\' && s[i] != 'n'))
				return false;
			c = s[i] == 'n' ? '\n' : '\\';
		}
		s[n++] = c;
	}
	s[n] = '\0';
	*len = n;
	return true;
}

enum vendor_word vendor_take_line(char *line, size_t len, char **text, size_t *text_len)
{
	static const char *const words[] = { [VENDOR_VALUE] = "value",
					     [VENDOR_OK] = "ok",
					     [VENDOR_ERROR] = "error",
					     [VENDOR_CHANGED] = "changed" };
	char *blank = memchr(line, ' ', len);
	size_t n = blank ? (size_t)(blank - line) : len;

	for (size_t w = VENDOR_VALUE; w < ARRAY_SIZE(words); w++) {
		if (!text_eq(line, n, words[w]))
			continue;
		*text = line + n + (blank != NULL);
		*text_len = len - n - (blank != NULL);
		return unescape(*text, text_len) && xml_clean(*text, *text_len)
			       ? (enum vendor_word)w
			       : VENDOR_MALFORMED;
	}
	return VENDOR_MALFORMED;
}
