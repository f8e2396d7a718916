/* SPDX-License-Identifier: Apache-2.0 */
/* What a run of bytes is: UTF-8 (RFC 3629), and what XML 1.0 (2.2) can carry. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Length (1..4) of the valid UTF-8 sequence at s, 0 when there is none. n >= 1. */
size_t utf8_sequence(const char *s, size_t n);
bool utf8_valid(const char *s, size_t n);
size_t utf8_length(const char *s, size_t n); /* characters; s must be valid */
/* Valid UTF-8 of characters that an XML 1.0 document may contain, escaped or not. */
bool xml_clean(const char *s, size_t n);
bool ascii_printable(const char *s, size_t n);			 /* 0x20..0x7e only */
bool text_eq(const char *s, size_t n, const char *z);		 /* s[0..n) equals the string z */
bool text_copy(char *out, size_t size, const char *s, size_t n); /* false: did not fit, out is "" */
/* The folder that a file is in. false: there is none before its name, or it did not fit. */
bool text_folder(char *out, size_t size, const char *path);
