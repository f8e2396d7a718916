/* SPDX-License-Identifier: Apache-2.0 */
/* What a name server sends. First byte: A or AAAA was asked for. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/diag/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_answer answer;
	struct dns_query query;
	uint8_t *copy;

	if (!size || dns_ask(&query, 0x1234, "a.test", data[0] & 1 ? DNS_AAAA : DNS_A))
		return 0;
	copy = malloc(size); /* its end is where the sanitizer looks */
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	if (!dns_read(&answer, &query, copy, size - 1) && answer.count > DNS_ADDRS_MAX)
		abort();
	free(copy);
	return 0;
}
