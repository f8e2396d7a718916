/* SPDX-License-Identifier: Apache-2.0 */
/* One request of a stream: what curl calls, and what it is told. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/http/stream_parts.h"
#include "lib/limits.h"

void stream_mark(const struct http_stream *st, enum http_mark mark)
{
	if (st->req.mark)
		st->req.mark(st->req.arg, mark);
}

/*
 * libcurl 7.88 keeps to its own rate only between two rounds of the loop, and takes in one round
 * whatever the socket has. ms until the next byte is due.
 */
static uint64_t too_early(const struct http_stream *st)
{
	uint64_t due;

	if (!st->req.rate || st->at <= st->paced_at)
		return 0;
	due = st->paced_ms + (st->at - st->paced_at) * 1000 / st->req.rate;
	return due > st->http->loop->now ? due - st->http->loop->now : 0;
}

void stream_go_on(void *arg)
{
	struct http_stream *st = arg;

	st->held = false;
	if (st->easy)
		curl_easy_pause(st->easy, CURLPAUSE_CONT);
}

void http_stream_hold(struct http_stream *st, uint64_t ms)
{
	if (!loop_timer_set(st->http->loop, &st->pace, ms))
		st->held = true;
}

void http_stream_go_on(struct http_stream *st)
{
	if (st->held)
		(void)loop_timer_set(st->http->loop, &st->pace, 0);
}

static bool pause_for(struct http_stream *st, uint64_t ms)
{
	return ms >= HTTP_PACE_MS && !loop_timer_set(st->http->loop, &st->pace, ms);
}

static void start_pace(struct http_stream *st)
{
	st->paced_ms = st->http->loop->now;
	st->paced_at = st->at;
}

static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *addr)
{
	struct http_stream *st = arg;
	int fd = st->fd;

	st->fd = -1;
	st->lacks_socket = fd < 0;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int on_request(void *arg, char *peer, char *local, int peer_port, int local_port)
{
	stream_mark(arg, HTTP_MARK_SENT);
	return CURL_PREREQFUNC_OK;
}

static size_t on_head(char *data, size_t size, size_t n, void *arg)
{
	struct http_stream *st = arg;

	st->heads += size * n;
	return http_head_line(&st->head, data, size * n) ? 0 : size * n;
}

/* Who passes over If-Range may send a part of what has taken the file's place. */
static bool of_another_file(const struct http_stream *st)
{
	const char *was = st->validator, *is = st->head.validator;

	if (st->total != HTTP_SIZE_UNKNOWN && st->head.total != HTTP_SIZE_UNKNOWN &&
	    st->total != st->head.total)
		return true;
	/* A date says nothing about an ETag. */
	return *is && (*is == '"') == (*was == '"') && strcmp(is, was) != 0;
}

/* The first bytes of the file: does it begin, or go on where it broke off? */
int stream_begin(struct http_stream *st)
{
	uint64_t from = 0;

	stream_mark(st, HTTP_MARK_FIRST);
	if (st->head.status == 206) {
		if (!st->at || st->head.from != st->at)
			return -EPROTO;
		if (of_another_file(st)) {
			*st->validator = '\0';
			return -EPROTO;
		}
		from = st->at;
	}
	st->at = from;
	st->total = st->head.total;
	if (st->total != HTTP_SIZE_UNKNOWN && st->total > st->req.max)
		return -EFBIG;
	memcpy(st->validator, st->head.validator, sizeof(st->validator));
	st->body = st->result.began = true;
	start_pace(st);
	if (st->req.begin && st->req.begin(st->req.arg, from, st->total)) {
		st->result.refused_here = true;
		return -ECANCELED;
	}
	return 0;
}

void stream_refused(struct http_stream *st, int error)
{
	st->result.error = error == -EFBIG ? HTTP_ETOOBIG : HTTP_ECLOSED;
	(void)snprintf(st->why, sizeof(st->why), "%s",
		       error == -EFBIG	  ? "the file is too big"
		       : error == -EPROTO ? "the server sends a part that was not asked for"
					  : "ended here");
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct http_stream *st = arg;
	size_t n = size * count;
	int r = 0;

	/* What curl kept during a pause still comes behind an end of ours. */
	if (st->result.error)
		return 0;
	/* The text of an error or of a redirect is nobody's file. */
	if (st->req.put || (st->head.status != 200 && st->head.status != 206))
		return (st->head.body += n) > HTTP_HEAD_MAX ? 0 : n;
	if (!st->body)
		r = stream_begin(st);
	if (!r && n > st->req.max - st->at)
		r = -EFBIG;
	if (!r && st->req.sink(st->req.arg, data, n)) {
		st->result.refused_here = true;
		r = -ECANCELED;
	}
	if (r) {
		stream_refused(st, r);
		return 0;
	}
	st->at += n;
	if (st->held || pause_for(st, too_early(st)))
		curl_easy_pause(st->easy, CURLPAUSE_RECV);
	return n;
}

static size_t on_source(char *to, size_t size, size_t count, void *arg)
{
	struct http_stream *st = arg;
	int64_t n;

	if (!st->at)
		start_pace(st);
	if (pause_for(st, too_early(st)))
		return CURL_READFUNC_PAUSE;
	n = st->req.source(st->req.arg, st->at, to, size * count);
	if (n < 0) {
		st->result.refused_here = true;
		(void)snprintf(st->why, sizeof(st->why), "ended here");
		return CURL_READFUNC_ABORT;
	}
	st->at += (uint64_t)n;
	return (size_t)n;
}

/* After a challenge the body goes again from its beginning. */
static int on_seek(void *arg, curl_off_t offset, int origin)
{
	struct http_stream *st = arg;

	if (origin != SEEK_SET || offset < 0)
		return CURL_SEEKFUNC_FAIL;
	st->at = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

#define SET(opt, value)                                        \
	do {                                                   \
		if (curl_easy_setopt(e, CURLOPT_##opt, value)) \
			return -EIO;                           \
	} while (0)

static int set_get(struct http_stream *st, CURL *e)
{
	char range[32], line[HTTP_VALIDATOR_MAX + 16];

	SET(HTTPGET, 1L);
	if (!st->at || !*st->validator)
		return 0;
	(void)snprintf(range, sizeof(range), "%llu-", (unsigned long long)st->at);
	/* Another file under the same name is sent whole. */
	(void)snprintf(line, sizeof(line), "If-Range: %s", st->validator);
	st->headers = curl_slist_append(NULL, line);
	if (!st->headers)
		return -ENOMEM;
	SET(RANGE, range);
	SET(HTTPHEADER, st->headers);
	return 0;
}

static int set_put(struct http_stream *st, CURL *e)
{
	SET(UPLOAD, 1L);
	SET(INFILESIZE_LARGE, (curl_off_t)st->req.size);
	SET(READFUNCTION, on_source);
	SET(READDATA, st);
	SET(SEEKFUNCTION, on_seek);
	SET(SEEKDATA, st);
	return 0;
}

static int set_stream(struct http_stream *st, CURL *e)
{
	SET(PRIVATE, &st->job);
	SET(SHARE, st->share);
	SET(ERRORBUFFER, st->said);
	SET(OPENSOCKETFUNCTION, on_open);
	SET(OPENSOCKETDATA, st);
	SET(PREREQFUNCTION, on_request);
	SET(PREREQDATA, st);
	SET(WRITEFUNCTION, on_body);
	SET(WRITEDATA, st);
	SET(HEADERFUNCTION, on_head);
	SET(HEADERDATA, st);
	SET(LOW_SPEED_LIMIT, 1L);
	SET(LOW_SPEED_TIME, (long)st->req.timeout_s);
	SET(CONNECT_TO, st->connect_to);
	SET(URL, st->url.text);
	return st->req.put ? set_put(st, e) : set_get(st, e);
}

void stream_easy_drop(struct http_stream *st)
{
	if (st->easy) {
		multi_remove(st->http, st->easy);
		curl_easy_cleanup(st->easy);
	}
	st->easy = NULL;
	curl_slist_free_all(st->headers);
	st->headers = NULL;
}

int stream_easy_new(struct http_stream *st)
{
	struct easy_login login = { .user = st->user, .password = st->password.bytes };

	stream_easy_drop(st);
	login.auth = easy_auth(&login, &st->first, &st->url);
	st->easy = curl_easy_init();
	if (!st->easy)
		return -ENOMEM;
	if (easy_common(st->easy, st->http, st->req.allow_http, &login))
		return -EIO;
	return set_stream(st, st->easy);
}
