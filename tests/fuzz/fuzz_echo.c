/* SPDX-License-Identifier: Apache-2.0 */
/* What a raw ICMP socket gives the probe role. First byte: IPv4 or IPv6. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "helper/probe_echo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct echo ours = { 0x1234, 7, { 1, 2, 3, 4, 5, 6, 7, 8 }, 16 };
	uint8_t code, *copy;

	if (!size)
		return 0;
	copy = malloc(size); /* its end is where the sanitizer looks */
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	if (echo_read(&ours, data[0] & 1 ? 6 : 4, copy, size - 1, &code) == ECHO_REPLY &&
	    size - 1 < ECHO_HEAD + ours.size)
		abort();
	free(copy);
	return 0;
}
