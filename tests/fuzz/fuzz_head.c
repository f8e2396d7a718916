/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a file server's answer, line by line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/http/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_head head;

	http_head_init(&head);
	while (size) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t n = end ? (size_t)(end - data) + 1 : size;

		if (http_head_line(&head, (const char *)data, n))
			break;
		/* What goes out again must not bring another header along. */
		for (const char *c = head.validator; *c; c++)
			if (*c < 0x20 || *c > 0x7e)
				abort();
		if (memchr(head.validator, 0, sizeof(head.validator)) == NULL)
			abort();
		if (head.from != UINT64_MAX && head.total != UINT64_MAX && head.from >= head.total)
			abort();
		data += n;
		size -= n;
	}
	return 0;
}
