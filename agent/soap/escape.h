/* SPDX-License-Identifier: Apache-2.0 */
/* Text for XML 1.0, whatever the bytes are (see write.h for what becomes of them). */
#pragma once

#include <stddef.h>

struct buf;

/* How many octets at the front need no change at all and are ASCII. */
size_t soap_plain(const char *text, size_t len);
void soap_escape(struct buf *out, const char *text, size_t len);
