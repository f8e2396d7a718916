/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a connection request: request line and Authorization, nothing else. Pure. */
#pragma once

#include <stddef.h>

enum request_verdict {
	REQUEST_MORE, /* no end of the head yet */
	REQUEST_OK,
	REQUEST_BAD,	/* not HTTP/1.x, or malformed */
	REQUEST_METHOD, /* well-formed, not GET */
};

/* Slices of the head. */
struct request {
	const char *path; /* of the target, without query and, in absolute form, host */
	size_t path_len;
	const char *authorization; /* NULL: none */
	size_t authorization_len;
};

enum request_verdict request_parse(struct request *out, const char *head, size_t n);
