/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A holder for what must never be shown: passwords, passphrases, keys.
 * The log macros refuse it, and its `bytes`, at compile time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define SECRET_MAX \
	257 /* TR-181: passwords are string(256); with the NUL a size no other array has */

struct secret {
	size_t len;		/* bytes, without the NUL */
	char bytes[SECRET_MAX]; /* NUL-terminated */
};

int secret_set(struct secret *s, const char *bytes, size_t len); /* -E2BIG: unchanged */
void secret_clear(struct secret *s);
/* In constant time. */
bool secret_eq(const void *a, const void *b, size_t len);
