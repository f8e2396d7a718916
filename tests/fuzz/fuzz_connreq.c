/* SPDX-License-Identifier: Apache-2.0 */
/* What anybody may send to the connection-request port: the head, and the digest in it. */
#include <stdint.h>
#include <stdlib.h>

#include "agent/http/digest.h"
#include "agent/http/request.h"
#include "lib/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *head = (const char *)data;
	struct digest_auth auth;
	struct request q;

	if (size > CONNREQ_HEAD_MAX)
		return 0;
	if (request_parse(&q, head, size) != REQUEST_OK)
		return 0;
	/* Slices must lie inside of what was given. */
	if (q.path < head || q.path + q.path_len > head + size)
		abort();
	if (!q.authorization)
		return 0;
	if (q.authorization < head || q.authorization + q.authorization_len > head + size)
		abort();
	(void)digest_parse(&auth, q.authorization, q.authorization_len);
	return 0;
}
