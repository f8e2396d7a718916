/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/tree/path.h"

#include <errno.h>
#include <string.h>

#include "agent/tree/tree.h"
#include "lib/num.h"
#include "lib/text.h"

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* An alias may hold any character but a dot in brackets would still end at the bracket. */
static size_t alias_length(const char *s, size_t n)
{
	const char *end = memchr(s, ']', n);

	if (!end || end == s || !utf8_valid(s, (size_t)(end - s)))
		return 0;
	if (utf8_length(s, (size_t)(end - s)) > DM_ALIAS_MAX)
		return 0;
	return (size_t)(end - s);
}

/* Reads one component; returns how many bytes it takes, 0 when it is none. */
static size_t take_part(struct dm_part *part, const char *s, size_t n)
{
	uint64_t number;
	size_t i = 0;

	part->s = s;
	part->number = 0;
	if (s[0] == '[') {
		i = alias_length(s + 1, n - 1);
		part->s = s + 1;
		part->len = (uint16_t)i;
		part->kind = DM_PART_ALIAS;
		return i ? i + 2 : 0;
	}
	if (digit(s[0])) {
		while (i < n && digit(s[i]))
			i++;
		part->len = (uint16_t)i;
		part->kind = DM_PART_NUMBER;
		if (s[0] == '0' || num_parse_u64(s, i, UINT32_MAX, &number))
			return 0;
		part->number = (uint32_t)number;
		return i;
	}
	if (!letter(s[0]))
		return 0;
	while (i < n && (letter(s[i]) || digit(s[i]) || s[i] == '-'))
		i++;
	part->len = (uint16_t)i;
	part->kind = DM_PART_NAME;
	return i;
}

int dm_path_parse(struct dm_path *path, const char *s, size_t len)
{
	size_t at = 0;

	path->n = 0;
	path->partial = true;
	if (len > DM_PATH_MAX)
		return -ENAMETOOLONG;
	while (at < len) {
		size_t used;

		if (path->n == DM_PARTS_MAX)
			return -ENAMETOOLONG;
		used = take_part(&path->part[path->n], s + at, len - at);
		if (!used)
			return -EINVAL;
		path->n++;
		at += used;
		if (at == len) {
			path->partial = false;
			return 0;
		}
		if (s[at++] != '.')
			return -EINVAL;
	}
	return 0;
}
