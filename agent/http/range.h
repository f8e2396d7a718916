/* SPDX-License-Identifier: Apache-2.0 */
/* What a resumable download wants to know of an answer's head (RFC 9110 8.8, 14.4). Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_VALIDATOR_MAX 128 /* an ETag is some 20 to 70 bytes; a longer one does not resume */

struct http_head {
	int status;			    /* 0: no status line yet */
	size_t len;			    /* of all header lines of this answer */
	size_t body;			    /* bytes of a body that is nobody's file */
	uint64_t from;			    /* of Content-Range; UINT64_MAX: none */
	uint64_t total;			    /* bytes of the whole file; UINT64_MAX: not said */
	char validator[HTTP_VALIDATOR_MAX]; /* strong ETag, else Last-Modified; "": none */
};

void http_head_init(struct http_head *head);
/* One line with its line end, as libcurl gives it. A status line begins a new head. 0; -EFBIG: more
 * than HTTP_HEAD_MAX of them. Lines that mean nothing here, or are malformed, are passed over. */
int http_head_line(struct http_head *head, const char *line, size_t n);
