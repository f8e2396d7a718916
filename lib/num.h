/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decimal numbers from bytes that need no terminator. Digits only (and one '-'
 * for the signed form): no blanks, no '+', no octal, nothing behind the digits.
 * 0, -EINVAL (not a number) or -ERANGE; *out is written on success only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

int num_parse_u64(const char *s, size_t n, uint64_t max, uint64_t *out);
int num_parse_i64(const char *s, size_t n, int64_t min, int64_t max, int64_t *out);
/* The digits of v, not terminated: NUM_DIGITS at most, ten of a uint32_t. How many. */
#define NUM_DIGITS 20
size_t num_put(char *out, uint64_t v);
