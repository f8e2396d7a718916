/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4648 base64 with padding; what xsd:base64Binary and HTTP basic want. */
#pragma once

#include <stddef.h>

#include "lib/buf.h"

void base64_encode(struct buf *out, const void *bytes, size_t n);
/* Appends the bytes to out. White space between the characters is skipped (XML Schema 2, 3.2.16);
 * -EINVAL: wrong character, padding or trailing bits; -ENOBUFS: out has failed. On error
 * what was appended so far is taken back. */
int base64_decode(struct buf *out, const char *s, size_t n);
