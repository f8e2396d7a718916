/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/http/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/dial.h"
#include "agent/dialer/addr.h"
#include "agent/http/parts.h"
#include "agent/http/url.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/secret.h"

static void tell(void *arg)
{
	struct http_session *hs = arg;

	hs->phase = HS_IDLE;
	hs->done(hs->arg, &hs->reply);
}

/* Callers must not be called back before they return. */
static void tell_soon(struct http_session *hs, enum http_error error, const char *why)
{
	if (why)
		snprintf(hs->why, sizeof(hs->why), "%s", why);
	hs->reply = (struct http_reply){ .error = error, .why = hs->why, .body = &hs->in };
	(void)loop_timer_set(hs->http->loop, &hs->soon, 0);
}

static void session_done(struct http_job *job, CURLcode result);

int http_session_new(struct http_session **out, struct http *http, const char *user,
		     const char *password, http_done_fn done, void *arg)
{
	struct http_session *hs = calloc(1, sizeof(*hs));
	int r = -ENOMEM;

	if (!hs)
		return r;
	hs->job.done = session_done;
	hs->http = http;
	hs->fd = -1;
	hs->done = done;
	hs->arg = arg;
	loop_timer_init(&hs->soon, tell, hs);
	buf_init(&hs->in, http->cfg.body_max);
	hs->share = curl_share_init();
	if (hs->share && !curl_share_setopt(hs->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE) &&
	    !curl_share_setopt(hs->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT))
		r = secret_set(&hs->password, password, strlen(password));
	if (!r && (size_t)snprintf(hs->user, sizeof(hs->user), "%s", user) >= sizeof(hs->user))
		r = -E2BIG;
	if (r) {
		http_session_free(hs);
		return r;
	}
	*out = hs;
	return 0;
}

void http_session_free(struct http_session *hs)
{
	if (!hs)
		return;
	loop_timer_clear(hs->http->loop, &hs->soon);
	dial_cancel(hs->http->dial, hs->dial_id);
	if (hs->easy) {
		multi_remove(hs->http, hs->easy);
		curl_easy_cleanup(hs->easy);
	}
	if (hs->share)
		curl_share_cleanup(hs->share); /* closes the connection */
	curl_slist_free_all(hs->headers);
	curl_slist_free_all(hs->connect_to);
	if (hs->fd >= 0)
		close(hs->fd);
	buf_wipe(&hs->in);
	secret_clear(&hs->password);
	free(hs);
}

static void run_post(struct http_session *hs);

enum http_error http_dial_error(int status)
{
	if (status == -EACCES)
		return HTTP_EPOLICY;
	if (status == -ENOENT || status == -EAGAIN)
		return HTTP_ERESOLVE;
	return status == -ETIMEDOUT ? HTTP_ETIMEOUT : HTTP_ECONNECT;
}

const char *http_dial_text(int status)
{
	if (status == -EACCES)
		return "not allowed by the dialer's rules";
	if (status == -ENOENT)
		return "no such host";
	if (status == -EAGAIN)
		return "the host name cannot be resolved now";
	return strerror(-status);
}

struct curl_slist *http_connect_to(const struct dial_conn *conn)
{
	char addr[DIAL_ADDR_TEXT], rule[DIAL_ADDR_TEXT + 16];

	/* Whatever host and port the URL has: this address. */
	snprintf(rule, sizeof(rule), "::%s:%u", dial_addr_text(&conn->peer, true, addr),
		 conn->peer.port);
	return curl_slist_append(NULL, rule);
}

static int connect_there(struct http_session *hs)
{
	struct curl_slist *list = http_connect_to(&hs->conn);

	if (!list)
		return -ENOMEM;
	curl_easy_setopt(hs->easy, CURLOPT_CONNECT_TO, list);
	curl_slist_free_all(hs->connect_to);
	hs->connect_to = list;
	return 0;
}

static void dialed(void *arg, int status, int fd, const struct dial_conn *conn)
{
	struct http_session *hs = arg;

	hs->dial_id = 0;
	if (!status) {
		if (hs->fd >= 0)
			close(hs->fd);
		hs->fd = fd;
		hs->conn = *conn;
		status = connect_there(hs);
	}
	if (status)
		tell_soon(hs, http_dial_error(status), http_dial_text(status));
	else if (hs->phase == HS_POSTING)
		run_post(hs);
	else
		tell_soon(hs, HTTP_OK, NULL);
}

static void dial(struct http_session *hs)
{
	struct dial_connect req = { .port = hs->url.port,
				    .purpose = DIAL_FOR_ACS,
				    .timeout_ms = hs->timeout_s * 1000 };

	memcpy(req.host, hs->url.host, sizeof(req.host));
	hs->dial_id = dial_connect(hs->http->dial, &req, dialed, hs);
	if (hs->dial_id < 0)
		tell_soon(hs, HTTP_EINTERNAL, strerror(-hs->dial_id));
}

void http_session_open(struct http_session *hs, const char *url, uint32_t timeout_s)
{
	struct url was = hs->url;
	bool first = !hs->first.text[0], moved;
	int r;

	hs->phase = HS_OPENING;
	hs->timeout_s = timeout_s;
	hs->redials = 0;
	r = url_parse(&hs->url, url);
	if (r) {
		tell_soon(hs, HTTP_EURL, "not a URL of http or https");
		return;
	}
	if (!hs->url.https && (!hs->http->cfg.allow_http || was.https)) {
		tell_soon(hs, HTTP_EURL,
			  was.https ? "from https to http"
				    : "plain http is not allowed (acs.allow_http)");
		return;
	}
	if (hs->url.https && !tls_has_ca(hs->http->tls)) {
		tell_soon(hs, HTTP_ETLS,
			  "no CA is known that could vouch for the ACS (acs.ca_file)");
		return;
	}
	if (first)
		hs->first = hs->url;
	moved = first || !url_same_origin(&was, &hs->url);
	if (moved)
		r = easy_new(hs);
	else if (curl_easy_setopt(hs->easy, CURLOPT_URL, hs->url.text))
		r = -EIO;
	if (r)
		tell_soon(hs, HTTP_EINTERNAL, strerror(-r));
	else if (moved)
		dial(hs);
	else
		tell_soon(hs, HTTP_OK, NULL);
}

static void run_post(struct http_session *hs)
{
	int r;

	buf_reset(&hs->in);
	hs->head_len = 0;
	hs->lacks_socket = false;
	hs->sent = false;
	hs->lost = false;
	hs->why[0] = '\0';
	r = easy_set_body(hs);
	if (!r)
		r = multi_add(hs->http, hs->easy);
	if (r)
		tell_soon(hs, HTTP_EINTERNAL, strerror(-r));
}

void http_session_post(struct http_session *hs, const void *body, size_t body_len,
		       uint32_t timeout_s)
{
	hs->phase = HS_POSTING;
	hs->body = body;
	hs->body_len = body_len;
	hs->timeout_s = timeout_s;
	hs->redials = 0;
	hs->asked_again = false;
	if (!hs->easy)
		tell_soon(hs, HTTP_EINTERNAL, "no URL");
	else
		run_post(hs);
}

enum http_error http_curl_error(CURLcode result)
{
	switch (result) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return HTTP_EURL;
	case CURLE_COULDNT_RESOLVE_HOST:
		return HTTP_ERESOLVE;
	case CURLE_COULDNT_CONNECT:
		return HTTP_ECONNECT;
	case CURLE_OPERATION_TIMEDOUT:
		return HTTP_ETIMEOUT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return HTTP_ETLS;
	case CURLE_OUT_OF_MEMORY:
		return HTTP_EINTERNAL;
	default:
		return HTTP_ECLOSED;
	}
}

static enum http_error error_of(const struct http_session *hs, CURLcode result)
{
	if (result == CURLE_WRITE_ERROR && (hs->in.failed || hs->head_len > HTTP_HEAD_MAX))
		return HTTP_ETOOBIG;
	return hs->lost ? HTTP_ECLOSED : http_curl_error(result);
}

static void take_reply(struct http_session *hs)
{
	curl_off_t after = 0;
	char *location = NULL;
	long status = 0;

	curl_easy_getinfo(hs->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(hs->easy, CURLINFO_RETRY_AFTER, &after);
	curl_easy_getinfo(hs->easy, CURLINFO_REDIRECT_URL, &location);
	if (after < 0)
		after = 0;
	hs->reply.status = (int)status;
	hs->reply.location = location;
	hs->reply.retry_after =
		after > HTTP_RETRY_AFTER_MAX ? HTTP_RETRY_AFTER_MAX : (uint32_t)after;
}

/* curl drops none before the session ends, and each answer may bring some more. */
static bool too_many_cookies(const struct http_session *hs)
{
	struct curl_slist *list = NULL;
	unsigned int n = 0;

	if (curl_easy_getinfo(hs->easy, CURLINFO_COOKIELIST, &list))
		return true;
	for (const struct curl_slist *at = list; at; at = at->next)
		n++;
	curl_slist_free_all(list);
	return n > HTTP_COOKIES_MAX;
}

/*
 * A server that has forgotten its nonces (restarted, another node) answers 401 without stale=true,
 * which curl takes for a wrong password. It was right a moment ago: once more from the beginning.
 */
static bool ask_again(struct http_session *hs)
{
	if (hs->reply.status != 401 || !hs->accepted || hs->asked_again)
		return false;
	hs->asked_again = true;
	if (easy_new(hs) || curl_easy_setopt(hs->easy, CURLOPT_CONNECT_TO, hs->connect_to))
		return false;
	run_post(hs);
	return true;
}

static void session_done(struct http_job *job, CURLcode result)
{
	struct http_session *hs = (struct http_session *)job; /* its first member */

	if (result && hs->lacks_socket && hs->redials < HTTP_REDIALS_MAX) {
		/* The server closed the connection, as it may (TR-069 A6 3.4.2): dial again. */
		hs->redials++;
		dial(hs);
		return;
	}
	hs->reply = (struct http_reply){ .error = HTTP_OK, .why = hs->why, .body = &hs->in };
	if (result) {
		hs->reply.error = error_of(hs, result);
		if (hs->lost)
			snprintf(hs->why, sizeof(hs->why),
				 "connection closed instead of an answer");
		else if (hs->reply.error == HTTP_ETOOBIG)
			snprintf(hs->why, sizeof(hs->why), "the response is too big");
		else if (!hs->why[0])
			snprintf(hs->why, sizeof(hs->why), "%s", curl_easy_strerror(result));
	} else {
		take_reply(hs);
		if (too_many_cookies(hs)) {
			hs->reply.error = HTTP_ETOOBIG;
			snprintf(hs->why, sizeof(hs->why), "more than %d cookies",
				 HTTP_COOKIES_MAX);
		} else if (ask_again(hs)) {
			return;
		}
		hs->accepted |= hs->reply.status != 401;
	}
	tell(hs);
}

const struct dial_addr *http_session_local(const struct http_session *hs)
{
	return &hs->conn.local;
}

const char *http_session_url(const struct http_session *hs)
{
	return hs->url.text;
}
