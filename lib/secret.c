/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/secret.h"

#include <errno.h>
#include <string.h>

int secret_set(struct secret *s, const char *bytes, size_t len)
{
	if (len >= sizeof(s->bytes))
		return -E2BIG;
	/* The new value may lie inside the old one, or in the caller's only copy of it. */
	if (len)
		memmove(s->bytes, bytes, len);
	explicit_bzero(s->bytes + len, sizeof(s->bytes) - len);
	s->len = len;
	return 0;
}

void secret_clear(struct secret *s)
{
	explicit_bzero(s, sizeof(*s));
}

bool secret_eq(const void *a, const void *b, size_t len)
{
	const volatile unsigned char *x = a, *y = b;
	unsigned int diff = 0;

	for (size_t i = 0; i < len; i++)
		diff |= (unsigned int)(x[i] ^ y[i]);
	return diff == 0;
}
