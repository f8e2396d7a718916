/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/num.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

int num_parse_u64(const char *s, size_t n, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	bool over = false;

	if (!n)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		unsigned int digit = (unsigned int)(unsigned char)s[i] - '0';

		if (digit > 9)
			return -EINVAL;
		if (v > (UINT64_MAX - digit) / 10)
			over = true;
		else
			v = v * 10 + digit;
	}
	if (over || v > max)
		return -ERANGE;
	*out = v;
	return 0;
}

int num_parse_i64(const char *s, size_t n, int64_t min, int64_t max, int64_t *out)
{
	bool negative = n && s[0] == '-';
	uint64_t u;
	int64_t v;
	int r;

	r = num_parse_u64(s + negative, n - negative, (uint64_t)INT64_MAX + negative, &u);
	if (r)
		return r;
	v = negative ? (int64_t)(0 - u) : (int64_t)u;
	if (v < min || v > max)
		return -ERANGE;
	*out = v;
	return 0;
}

size_t num_put(char *out, uint64_t v)
{
	char digits[NUM_DIGITS];
	size_t i = sizeof(digits);

	do
		digits[--i] = (char)('0' + v % 10);
	while (v /= 10);
	memcpy(out, digits + i, sizeof(digits) - i);
	return sizeof(digits) - i;
}
