/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/hex.h"

#include <errno.h>

static const char digits[] = "0123456789abcdef";

void hex_encode(char *out, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = '\0';
}

void buf_puthex(struct buf *b, const void *bytes, size_t n)
{
	char *room;

	if (n > SIZE_MAX / 2) {
		b->failed = true;
		return;
	}
	room = buf_room(b, n * 2);
	if (!room)
		return;
	hex_encode(room, bytes, n);
	buf_commit(b, n * 2);
}

static int value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hex_decode(void *out, const char *s, size_t n)
{
	unsigned char *p = out;

	if (n % 2)
		return -EINVAL;
	for (size_t i = 0; i < n; i += 2) {
		int high = value(s[i]), low = value(s[i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		*p++ = (unsigned char)(high << 4 | low);
	}
	return 0;
}
