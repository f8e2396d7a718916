/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "lib/buf.h"

/* Writes 2 * n lower-case digits and a NUL. */
void hex_encode(char *out, const void *bytes, size_t n);
/* Decodes n digits (either case) to n / 2 bytes; -EINVAL for an odd n or another character. */
int hex_decode(void *out, const char *s, size_t n);
void buf_puthex(struct buf *b, const void *bytes, size_t n);
