/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/text.h"

#include <string.h>

size_t utf8_sequence(const char *s, size_t n)
{
	const unsigned char *u = (const unsigned char *)s;
	unsigned char low = 0x80, high = 0xbf;
	size_t len;

	if (u[0] < 0x80)
		return 1;
	if (u[0] < 0xc2 || u[0] > 0xf4)
		return 0;
	len = u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	if (n < len)
		return 0;
	/* Overlong forms, surrogates and what lies above U+10FFFF (RFC 3629, 4). */
	if (u[0] == 0xe0)
		low = 0xa0;
	else if (u[0] == 0xed)
		high = 0x9f;
	else if (u[0] == 0xf0)
		low = 0x90;
	else if (u[0] == 0xf4)
		high = 0x8f;
	if (u[1] < low || u[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if (u[i] < 0x80 || u[i] > 0xbf)
			return 0;
	return len;
}

bool utf8_valid(const char *s, size_t n)
{
	for (size_t i = 0, seq; i < n; i += seq) {
		seq = utf8_sequence(s + i, n - i);
		if (!seq)
			return false;
	}
	return true;
}

size_t utf8_length(const char *s, size_t n)
{
	size_t chars = 0;

	for (size_t i = 0; i < n; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			chars++;
	return chars;
}

bool xml_clean(const char *s, size_t n)
{
	for (size_t i = 0, seq; i < n; i += seq) {
		unsigned char c = (unsigned char)s[i];

		seq = utf8_sequence(s + i, n - i);
		if (!seq)
			return false;
		if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
			return false;
		/* U+FFFE and U+FFFF */
		if (seq == 3 && !memcmp(s + i, "\xef\xbf", 2) && (unsigned char)s[i + 2] >= 0xbe)
			return false;
	}
	return true;
}

bool ascii_printable(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < 0x20 || s[i] > 0x7e)
			return false;
	return true;
}

bool text_eq(const char *s, size_t n, const char *z)
{
	return strlen(z) == n && (!n || !memcmp(s, z, n));
}

bool text_copy(char *out, size_t size, const char *s, size_t n)
{
	bool fits = n < size;

	if (!size)
		return false;
	if (fits && n)
		memcpy(out, s, n);
	out[fits ? n : 0] = '\0';
	return fits;
}

bool text_folder(char *out, size_t size, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash != path && text_copy(out, size, path, (size_t)(slash - path));
}
