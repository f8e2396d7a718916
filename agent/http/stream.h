/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file by HTTP or HTTPS, streamed: GET into a sink or PUT from a source, with memory that does
 * not depend on its size. Redirects (at most HTTP_REDIRECTS_MAX, never from https to http), digest,
 * basic and client certificates are dealt with here; a GET that breaks off goes on where it was
 * (Range with If-Range, RFC 9110 13.1.5) as often as the caller wants.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/http/client.h"
#include "ipc/dialer.h"

struct http_stream;

#define HTTP_SIZE_UNKNOWN UINT64_MAX
#define HTTP_SINK_MAX 16384 /* CURL_MAX_WRITE_SIZE */

/* Moments of a transfer, each as it happens; a redirect or a resumption has them again. */
enum http_mark {
	HTTP_MARK_DIAL,	 /* the connection is asked for */
	HTTP_MARK_OPEN,	 /* it stands (TCP) */
	HTTP_MARK_SENT,	 /* the request goes out */
	HTTP_MARK_FIRST, /* the head of the final answer has come */
};

struct http_stream_result {
	enum http_error error;
	int status;	   /* of the last answer; 0: there was none */
	bool refused_here; /* the sink or the source ended it */
	bool began;	   /* GET: at least one byte of the file came */
	uint64_t bytes;	   /* of the file so far, resumed parts counted once */
	int dialed;	   /* what the dialer said, when that is what went wrong: -errno */
	const char *why;   /* one line without secrets; good during the callback */
};

/* Copied; strings need not live on. */
struct http_stream_req {
	bool put;
	const char *url, *user, *password; /* user "": no credentials */
	bool allow_http;		   /* plain http is fine for this one */
	enum dial_purpose purpose;
	enum dial_family family;
	struct dial_how how;
	uint32_t timeout_s;	  /* of silence, and of a connection attempt */
	uint64_t rate;		  /* bytes per second; 0: as fast as it goes */
	uint64_t size;		  /* PUT: bytes of the source */
	uint64_t max;		  /* GET: a longer file is HTTP_ETOOBIG */
	unsigned int resumes;	  /* GET: times that it goes on after it broke off */
	uint32_t resume_after_ms; /* before the first, doubled each time up to 32 times that */

	/* GET. begin: bytes from offset `from` follow: 0 at first, and again when the server does
	 * not resume (the sink starts anew). Non-zero ends the transfer. */
	int (*begin)(void *arg, uint64_t from, uint64_t total);
	/* All n bytes, at most HTTP_SINK_MAX, are taken before it returns: TCP holds the server
	 * back meanwhile. 0 or anything else to end the transfer. */
	int (*sink)(void *arg, const void *data, size_t n);
	/* PUT: up to n bytes from offset at; how many, 0 at the end, negative to end it all. */
	int64_t (*source)(void *arg, uint64_t at, void *to, size_t n);
	void (*mark)(void *arg, enum http_mark mark); /* may be NULL */
	/* Never from within another function of this file. The stream may be freed in it. */
	void (*done)(void *arg, const struct http_stream_result *result);
	void *arg;
};

/* 0; -EINVAL: not a URL; -EPROTONOSUPPORT: neither https nor an allowed http; -ENOMEM, -E2BIG. */
int http_stream_start(struct http_stream **out, struct http *http,
		      const struct http_stream_req *req);
/* From the sink: nothing more comes until http_stream_go_on(), or for ms. */
void http_stream_hold(struct http_stream *st, uint64_t ms);
/* From anywhere: the sink is called in a later round of the loop. */
void http_stream_go_on(struct http_stream *st);
/* Ends it silently when it still runs. Not from begin, sink, source or mark. */
void http_stream_free(struct http_stream *st);
/* Bytes of the file so far, and in all (HTTP_SIZE_UNKNOWN). */
uint64_t http_stream_bytes(const struct http_stream *st);
uint64_t http_stream_total(const struct http_stream *st);
/* Bytes of HTTP around it: of all heads that came, of those that were sent. */
uint64_t http_stream_heads(const struct http_stream *st);
uint64_t http_stream_requests(const struct http_stream *st);
/* The newest connection, from HTTP_MARK_SENT on; families 0 before there was one. */
const struct dial_conn *http_stream_conn(const struct http_stream *st);
/* Could this be started at all? As http_stream_start(), without doing it. */
int http_stream_check(const char *url, bool allow_http);
