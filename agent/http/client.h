/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/http/tls.h"
#include "ipc/dialer.h"
#include "lib/buf.h"

struct loop;
struct dial;
struct http;
struct http_session;

/*
 * HTTP on libcurl's multi interface inside the loop. Sockets come from the dialer only; curl
 * resolves nothing, connects nothing, follows no redirect and opens no file.
 */
struct http_config {
	bool allow_http;	/* acs.allow_http: plain http at all, and Basic over it */
	uint32_t body_max;	/* bytes of a decoded response body */
	const char *user_agent; /* kept by reference */
	struct tls_config tls;	/* parsed, not kept */
};

/* Warms curl and OpenSSL up: once, before the sandbox. 0 or -errno. */
int http_new(struct http **out, struct loop *loop, struct dial *dial,
	     const struct http_config *cfg);
void http_free(struct http *http);

enum http_error {
	HTTP_OK = 0, /* there is a status, whatever it says */
	HTTP_EURL,   /* not a URL we speak, or plain http and that is not allowed */
	HTTP_ERESOLVE,
	HTTP_ECONNECT,
	HTTP_EPOLICY, /* the dialer's egress policy refused */
	HTTP_ETLS,    /* handshake or certificate */
	HTTP_ETIMEOUT,
	HTTP_ECLOSED, /* the connection broke */
	HTTP_ETOOBIG, /* decoded body over body_max */
	HTTP_EINTERNAL,
};

struct http_reply {
	enum http_error error;
	int status;		/* 0 when error is set */
	uint32_t retry_after;	/* seconds; 0: not given */
	const char *location;	/* absolute URL of a redirect, else NULL */
	const struct buf *body; /* decoded; valid during the callback */
	const char *why;	/* one line for the log, without secrets */
};
typedef void (*http_done_fn)(void *arg, const struct http_reply *reply);

/* One session = one easy handle: one keep-alive connection, its cookies and digest state. */
int http_session_new(struct http_session **out, struct http *http, const char *user,
		     const char *password, http_done_fn done, void *arg);
/* Cookies, credentials and the connection are gone; a transfer under way is dropped silently. */
void http_session_free(struct http_session *hs);

/*
 * Opens (dials) the connection for url and tells by done(): status 0 and HTTP_OK when there is a
 * connected socket, so that the local address is known before the Inform is written. Also tells
 * the session where to POST from now on; a redirect calls it again with the new URL. Credentials
 * go to another host than the first one only by digest over verified TLS, and never from https
 * back to http. done() is never called from within.
 */
void http_session_open(struct http_session *hs, const char *url, uint32_t timeout_s);
/*
 * body_len 0: the empty POST, without SOAPAction and Content-Type. body must live until done().
 * timeout_s: of silence in either direction; the whole exchange may take HTTP_EXCHANGE_FACTOR
 * times as long. done() is never called from within.
 */
void http_session_post(struct http_session *hs, const void *body, size_t body_len,
		       uint32_t timeout_s);
/* The URL of now, without user and fragment: for the log. */
const char *http_session_url(const struct http_session *hs);
/* Local address of the newest connection; family 0 before there was one. */
const struct dial_addr *http_session_local(const struct http_session *hs);
