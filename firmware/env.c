/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "firmware/env.h"
#include "lib/num.h"

uint32_t env_crc32(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t crc = ~0u;

	while (len--) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
	}
	return ~crc;
}

static char *strings(const struct env *e)
{
	return (char *)e->bytes + ENV_HEAD_BYTES;
}

static size_t room(const struct env *e)
{
	return e->size - ENV_HEAD_BYTES;
}

/* Bytes in use, without the empty string at the end; SIZE_MAX when there is no such end. */
static size_t used(const struct env *e)
{
	const char *s = strings(e);
	size_t at = 0, max = room(e);

	while (at < max && s[at]) {
		at += strnlen(s + at, max - at) + 1;
		if (at > max)
			return SIZE_MAX;
	}
	return at < max ? at : SIZE_MAX;
}

static uint32_t stored_crc(const struct env *e)
{
	const uint8_t *b = e->bytes;

	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

bool env_good(const struct env *e)
{
	return e->size > ENV_HEAD_BYTES + 1 && e->size <= ENV_BYTES_MAX &&
	       stored_crc(e) == env_crc32(strings(e), room(e)) && used(e) != SIZE_MAX;
}

int env_newest(const struct env *first, const struct env *second, enum env_scheme scheme)
{
	bool good1 = env_good(first), good2 = env_good(second);
	uint8_t flags1 = first->bytes[4], flags2 = second->bytes[4];

	if (!good1 && !good2)
		return -ENOENT;
	if (!good1 || !good2)
		return good1 ? 0 : 1;
	if (scheme == ENV_MARKING)
		return flags1 == ENV_OBSOLETE && flags2 != ENV_OBSOLETE ? 1 : 0;
	/* The counter wraps: 0 follows 255 (fw_env.c, FLAG_INCREMENTAL). */
	if (flags1 == 255 && flags2 == 0)
		return 1;
	if (flags2 == 255 && flags1 == 0)
		return 0;
	return flags2 > flags1 ? 1 : 0;
}

/* Of a name that is there twice U-Boot takes the last (himport_r). */
static char *find(const struct env *e, const char *name, size_t *len)
{
	size_t n = strlen(name), end = used(e), one;
	char *s = strings(e), *found = NULL;

	if (end == SIZE_MAX)
		return NULL;
	for (size_t at = 0; at < end; at += one + 1) {
		one = strlen(s + at);
		if (one <= n || memcmp(s + at, name, n) || s[at + n] != '=')
			continue;
		found = s + at;
		*len = one;
	}
	return found;
}

const char *env_get(const struct env *e, const char *name)
{
	size_t len;
	const char *s = find(e, name, &len);

	return s ? s + strlen(name) + 1 : NULL;
}

uint32_t env_get_u32(const struct env *e, const char *name, uint32_t otherwise)
{
	const char *s = env_get(e, name);
	uint64_t v;

	return s && num_parse_u64(s, strlen(s), UINT32_MAX, &v) == 0 ? (uint32_t)v : otherwise;
}

static bool name_ok(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n < ENV_NAME_MAX && !strchr(name, '=');
}

int env_set(struct env *e, const char *name, const char *value)
{
	size_t len, end = used(e), need;
	char *s = strings(e), *old;

	if (!name_ok(name) || end == SIZE_MAX)
		return -EINVAL;
	need = value ? strlen(name) + 1 + strlen(value) + 1 : 0;
	old = find(e, name, &len);
	if (end - (old ? len + 1 : 0) + need + 1 > room(e))
		return -ENOSPC;
	while (old) {
		memmove(old, old + len + 1, end - (size_t)(old - s) - len - 1);
		end -= len + 1;
		memset(s + end, 0, room(e) - end);
		old = find(e, name, &len);
	}
	if (value)
		end += (size_t)snprintf(s + end, room(e) - end, "%s=%s", name, value) + 1;
	/* U-Boot fills the rest with zeros; the CRC runs over it. */
	memset(s + end, 0, room(e) - end);
	return 0;
}

int env_set_u32(struct env *e, const char *name, uint32_t value)
{
	char text[11];

	snprintf(text, sizeof(text), "%u", value);
	return env_set(e, name, text);
}

void env_seal(struct env *e, enum env_scheme scheme, uint8_t older)
{
	uint32_t crc = env_crc32(strings(e), room(e));

	for (int i = 0; i < 4; i++)
		e->bytes[i] = (uint8_t)(crc >> 8 * i);
	e->bytes[4] = scheme == ENV_MARKING ? ENV_ACTIVE : (uint8_t)(older + 1);
}

void env_clear(struct env *e)
{
	memset(e->bytes, 0, e->size);
}
