/* SPDX-License-Identifier: Apache-2.0 */
/* Between stream.c (one request after the other) and stream_curl.c (one request). */
#pragma once

#include "agent/http/range.h"
#include "agent/http/stream.h"
#include "agent/http/parts.h"
#include "lib/secret.h"

struct http_stream {
	struct http_job job;
	struct http *http;
	struct http_stream_req req; /* without its strings */
	CURL *easy;
	CURLSH *share; /* the connection ends with the stream */
	struct curl_slist *headers, *connect_to;
	char user[SECRET_MAX];
	struct secret password;
	struct url first, url;
	int dial_id, fd;
	struct dial_conn conn;
	bool lacks_socket;
	struct loop_timer soon; /* tell, or dial once more: whatever next is */
	void (*next)(struct http_stream *st);
	struct loop_timer pace; /* paused until then: to keep to the rate, or held by the sink */
	bool held;
	uint64_t paced_ms, paced_at;
	unsigned int redirects, redials, resumed;

	struct http_head head; /* of the newest answer */
	bool body;	       /* what comes is the file */
	char validator[HTTP_VALIDATOR_MAX];
	uint64_t at, total, heads;
	struct http_stream_result result;
	char why[CURL_ERROR_SIZE + 64];
	char said[CURL_ERROR_SIZE]; /* by curl: of an end of ours it knows no more than that */
};

void stream_mark(const struct http_stream *st, enum http_mark mark);
/* A handle for the URL of now: digest state must not travel to another origin. 0 or -errno. */
int stream_easy_new(struct http_stream *st);
void stream_easy_drop(struct http_stream *st);
/* The file's first byte, or its end when it has none: 0 or -errno. */
int stream_begin(struct http_stream *st);
void stream_refused(struct http_stream *st, int error);
/* The end of a pause: an http_stream. */
void stream_go_on(void *st);
