/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base64.h"

#include <errno.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct buf *out, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	for (; n; p += 3) {
		size_t take = n < 3 ? n : 3;
		unsigned int v = (unsigned int)p[0] << 16;
		char quad[4];

		if (take > 1)
			v |= (unsigned int)p[1] << 8;
		if (take > 2)
			v |= p[2];
		quad[0] = alphabet[v >> 18];
		quad[1] = alphabet[v >> 12 & 63];
		quad[2] = take > 1 ? alphabet[v >> 6 & 63] : '=';
		quad[3] = take > 2 ? alphabet[v & 63] : '=';
		buf_put(out, quad, sizeof(quad));
		n -= take;
	}
}

static int value(char c)
{
	const char *p = c ? strchr(alphabet, c) : NULL;

	return p ? (int)(p - alphabet) : -1;
}

static int decode(struct buf *out, const char *s, size_t n)
{
	unsigned int v = 0, have = 0, pad = 0;

	for (size_t i = 0; i < n; i++) {
		char c = s[i];
		int six;

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
			continue;
		if (c == '=') {
			pad++;
			continue;
		}
		six = value(c);
		if (six < 0 || pad)
			return -EINVAL;
		v = v << 6 | (unsigned int)six;
		if (++have < 4)
			continue;
		buf_put(out, (char[]){ (char)(v >> 16), (char)(v >> 8), (char)v }, 3);
		have = 0;
		v = 0;
	}
	if (!have)
		return pad ? -EINVAL : 0;
	if (have + pad != 4 || pad > 2 || v & (pad == 2 ? 15U : 3U))
		return -EINVAL;
	v <<= 6 * pad;
	buf_put(out, (char[]){ (char)(v >> 16), (char)(v >> 8) }, 3 - pad);
	return 0;
}

int base64_decode(struct buf *out, const char *s, size_t n)
{
	size_t before = out->len;
	int r = decode(out, s, n);

	if (!r && out->failed)
		r = -ENOBUFS;
	if (r)
		buf_truncate(out, before);
	return r;
}
