/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ctl/proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	size_t left = size, min, max;
	struct ctl_record r;

	while (ctl_next(&p, &left, &r) > 0) {
		size_t total = 0;

		for (size_t i = 0; i < r.n; i++)
			total += strlen(r.field[i]) + 1;
		/* The fields lie inside what was taken off, one behind the other. */
		if (r.n && r.field[0] + total != p)
			__builtin_trap();
		if (r.n)
			(void)ctl_verb_args(r.field[0], &min, &max);
	}
	return 0;
}
