/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/http/stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "agent/dial.h"
#include "agent/http/stream_parts.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/text.h"

static void soon(struct http_stream *st, uint64_t ms, void (*next)(struct http_stream *st))
{
	st->next = next;
	(void)loop_timer_set(st->http->loop, &st->soon, ms);
}

static void tell(struct http_stream *st)
{
	st->result.bytes = st->at;
	st->result.why = st->why;
	st->req.done(st->req.arg, &st->result);
}

static bool resume(struct http_stream *st);

static void fail(struct http_stream *st, enum http_error error, const char *why)
{
	(void)snprintf(st->why, sizeof(st->why), "%s", why);
	st->result.error = error;
	if (!resume(st))
		soon(st, 0, tell);
}

static void on_soon(void *arg)
{
	struct http_stream *st = arg;

	st->next(st);
}

static bool scheme_allowed(const struct url *url, bool allow_http)
{
	return url->https || allow_http;
}

static void run(struct http_stream *st)
{
	st->lacks_socket = false;
	st->body = false;
	st->why[0] = st->said[0] = '\0';
	http_head_init(&st->head);
	if (st->req.put)
		st->at = 0;
	if (multi_add(st->http, st->easy))
		fail(st, HTTP_EINTERNAL, "curl does not take it");
}

static void dialed(void *arg, int status, int fd, const struct dial_conn *conn)
{
	struct http_stream *st = arg;

	st->dial_id = 0;
	if (status) {
		st->result.dialed = status;
		fail(st, http_dial_error(status), http_dial_text(status));
		return;
	}
	stream_mark(st, HTTP_MARK_OPEN);
	if (st->fd >= 0)
		close(st->fd);
	st->fd = fd;
	st->conn = *conn;
	curl_slist_free_all(st->connect_to);
	st->connect_to = http_connect_to(conn);
	if (!st->connect_to ||
	    (st->easy ? curl_easy_setopt(st->easy, CURLOPT_CONNECT_TO, st->connect_to) != CURLE_OK
		      : stream_easy_new(st) != 0)) {
		fail(st, HTTP_EINTERNAL, "cannot prepare the request");
		return;
	}
	run(st);
}

static void dial(struct http_stream *st)
{
	struct dial_connect req = { .port = st->url.port,
				    .purpose = (uint8_t)st->req.purpose,
				    .family = (uint8_t)st->req.family,
				    .how = st->req.how,
				    .timeout_ms = st->req.timeout_s * 1000 };

	if (st->url.https && !tls_has_ca(st->http->tls)) {
		fail(st, HTTP_ETLS, "no CA is known that could vouch for the server (acs.ca_file)");
		return;
	}
	memcpy(req.host, st->url.host, sizeof(req.host));
	stream_mark(st, HTTP_MARK_DIAL);
	st->dial_id = dial_connect(st->http->dial, &req, dialed, st);
	if (st->dial_id < 0)
		fail(st, HTTP_EINTERNAL, strerror(-st->dial_id));
}

static bool redirected(struct http_stream *st, long status)
{
	struct url was = st->url;
	char *to = NULL;

	/* What is put goes elsewhere only when the server says that it is to be put there. */
	if (status != 307 && status != 308 &&
	    (st->req.put || (status != 301 && status != 302 && status != 303)))
		return false;
	if (curl_easy_getinfo(st->easy, CURLINFO_REDIRECT_URL, &to) || !to)
		return false;
	if (++st->redirects > HTTP_REDIRECTS_MAX || url_parse(&st->url, to) ||
	    !scheme_allowed(&st->url, st->req.allow_http) || (was.https && !st->url.https)) {
		(void)snprintf(st->why, sizeof(st->why), "redirected where it must not go");
		st->url = was;
		return false;
	}
	stream_easy_drop(st);
	soon(st, 0, dial);
	return true;
}

/* It broke off with something of the file here. */
static bool resume(struct http_stream *st)
{
	enum http_error e = st->result.error;

	if (!st->result.began || st->result.refused_here || st->resumed >= st->req.resumes ||
	    e == HTTP_ETOOBIG || e == HTTP_EINTERNAL)
		return false;
	log_info("transfer: broken off after %llu bytes (%s), going on", (unsigned long long)st->at,
		 st->why);
	if (!*st->validator)
		st->at = 0;
	st->result.error = HTTP_OK;
	stream_easy_drop(st);
	soon(st, (uint64_t)st->req.resume_after_ms << (st->resumed < 5 ? st->resumed : 5), dial);
	st->resumed++;
	return true;
}

static void stream_done(struct http_job *job, CURLcode result)
{
	struct http_stream *st = (struct http_stream *)job; /* its first member */
	bool here = st->result.error != HTTP_OK;
	long status = 0;

	if (result && st->lacks_socket && st->redials++ < HTTP_REDIALS_MAX) {
		dial(st); /* the server closed the connection between two requests, as it may */
		return;
	}
	curl_easy_getinfo(st->easy, CURLINFO_RESPONSE_CODE, &status);
	st->result.status = (int)status;
	/* Enough of a page that is nobody's file: its status has been said. */
	if (st->head.body > HTTP_HEAD_MAX)
		result = CURLE_OK;
	if (!result && redirected(st, status))
		return;
	if (result && !here) {
		st->result.error = http_curl_error(result);
		(void)snprintf(st->why, sizeof(st->why), "%s",
			       *st->said ? st->said : curl_easy_strerror(result));
	}
	/* An empty file has no first byte. */
	if (!result && !st->req.put && status == 200 && !st->body && stream_begin(st))
		stream_refused(st, -ECANCELED);
	if (!result || !resume(st))
		tell(st);
}

static int parse(struct url *url, const char *text, bool allow_http)
{
	int r = url_parse(url, text);

	return r ? r : scheme_allowed(url, allow_http) ? 0 : -EPROTONOSUPPORT;
}

int http_stream_check(const char *url, bool allow_http)
{
	struct url parsed;

	return parse(&parsed, url, allow_http);
}

int http_stream_start(struct http_stream **out, struct http *http,
		      const struct http_stream_req *req)
{
	struct http_stream *st = calloc(1, sizeof(*st));
	int r;

	if (!st)
		return -ENOMEM;
	st->job.done = stream_done;
	st->http = http;
	st->req = *req;
	st->req.url = st->req.user = st->req.password = NULL;
	st->fd = -1;
	st->total = HTTP_SIZE_UNKNOWN;
	loop_timer_init(&st->soon, on_soon, st);
	loop_timer_init(&st->pace, stream_go_on, st);
	r = parse(&st->url, req->url, req->allow_http);
	if (!r)
		r = secret_set(&st->password, req->password, strlen(req->password));
	st->share = curl_share_init();
	if (!st->share || curl_share_setopt(st->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT))
		r = -ENOMEM;
	if (!r && !text_copy(st->user, sizeof(st->user), req->user, strlen(req->user)))
		r = -E2BIG;
	if (r) {
		http_stream_free(st);
		return r;
	}
	st->first = st->url;
	soon(st, 0, dial);
	*out = st;
	return 0;
}

void http_stream_free(struct http_stream *st)
{
	if (!st)
		return;
	loop_timer_clear(st->http->loop, &st->soon);
	loop_timer_clear(st->http->loop, &st->pace);
	dial_cancel(st->http->dial, st->dial_id);
	stream_easy_drop(st);
	if (st->share)
		curl_share_cleanup(st->share);
	curl_slist_free_all(st->connect_to);
	if (st->fd >= 0)
		close(st->fd);
	secret_clear(&st->password);
	free(st);
}

uint64_t http_stream_bytes(const struct http_stream *st)
{
	return st->at;
}

uint64_t http_stream_total(const struct http_stream *st)
{
	return st->total;
}

uint64_t http_stream_heads(const struct http_stream *st)
{
	return st->heads;
}

uint64_t http_stream_requests(const struct http_stream *st)
{
	long size = 0;

	/* Of the newest only: curl does not count the body of a PUT here. */
	if (st->easy)
		curl_easy_getinfo(st->easy, CURLINFO_REQUEST_SIZE, &size);
	return size > 0 ? (uint64_t)size : 0;
}

const struct dial_conn *http_stream_conn(const struct http_stream *st)
{
	return &st->conn;
}
