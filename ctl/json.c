/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "ctl/print.h"
#include "lib/text.h"

static void escape(struct buf *b, char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = strchr(from, c);

	if (at)
		buf_printf(b, "\\%c", to[at - from]);
	else if ((unsigned char)c < 0x20 || c == 0x7f)
		buf_printf(b, "\\u%04x", (unsigned int)(unsigned char)c);
	else
		buf_putc(b, c);
}

void json_string(struct buf *b, const char *s)
{
	size_t left = strlen(s), seq;

	buf_putc(b, '"');
	for (; left; s += seq, left -= seq) {
		seq = utf8_sequence(s, left);
		if (seq > 1) {
			buf_put(b, s, seq);
		} else if (seq) {
			escape(b, *s);
		} else {
			buf_puts(b, "\xef\xbf\xbd");
			seq = 1;
		}
	}
	buf_putc(b, '"');
}
