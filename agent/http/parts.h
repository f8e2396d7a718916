/* SPDX-License-Identifier: Apache-2.0 */
/* Between multi.c (curl in the loop), easy.c (its options), client.c (a session) and stream.c (a
 * file). Private to agent/http. */
#pragma once

#include <curl/curl.h>

#include "agent/http/client.h"
#include "agent/http/url.h"
#include "agent/loop.h"
#include "lib/secret.h"

#define HTTP_SOCKETS_MAX 8

struct http {
	struct loop *loop;
	struct dial *dial;
	struct http_config cfg;
	struct tls *tls;
	CURLM *multi;
	struct loop_timer timer;
	struct loop_io socket[HTTP_SOCKETS_MAX];
};

/* CURLOPT_PRIVATE of each handle: whose it is. First in its owner. */
struct http_job {
	/* The transfer is over, and the handle removed already. */
	void (*done)(struct http_job *job, CURLcode result);
};

enum session_phase { HS_IDLE, HS_OPENING, HS_POSTING };

struct http_session {
	struct http_job job;
	struct http *http;
	enum session_phase phase;
	CURL *easy;
	CURLSH *share; /* connection and cookies: they go with the session, not with the handle */
	struct curl_slist *headers, *connect_to;
	char user[SECRET_MAX];
	struct secret password;
	struct url first, url;
	int dial_id;	   /* of the request under way, or 0 */
	int fd;		   /* connected, not yet taken by curl; or -1 */
	bool lacks_socket; /* curl asked for one and there was none */
	bool sent;	   /* the request is on its way, and nothing has come back */
	bool lost;	   /* the connection ended then: nobody knows whether it was acted upon */
	bool accepted;	   /* a request with this handle was answered with other than 401 */
	bool asked_again;  /* this request goes out with a handle that has no digest state */
	unsigned int redials;
	struct dial_conn conn;
	struct loop_timer soon;
	struct http_reply reply; /* to be told when soon fires */
	const void *body;
	size_t body_len, head_len;
	uint32_t timeout_s;
	struct buf in;
	char why[CURL_ERROR_SIZE + 64];
	http_done_fn done;
	void *arg;
};

/* Starts the transfer of easy, whose CURLOPT_PRIVATE is a job. 0 or -EIO. */
int multi_add(struct http *http, CURL *easy);
void multi_remove(struct http *http, CURL *easy);
/* client.c: what a result of curl, or a status of the dialer, means. */
enum http_error http_curl_error(CURLcode result);
enum http_error http_dial_error(int status);
const char *http_dial_text(int status);
/* "::ADDRESS:PORT" for CURLOPT_CONNECT_TO, so that curl resolves nothing; NULL: no memory. */
struct curl_slist *http_connect_to(const struct dial_conn *conn);
/* easy.c: a handle for the URL of now. Another origin gets a new one: digest state must not
 * travel. 0, -ENOMEM or -EIO. */
int easy_new(struct http_session *hs);
int easy_set_body(struct http_session *hs);
/*
 * What all handles have in common: sockets that are handed in, TLS, and no way around them.
 * CURLAUTH_ bits of auth; user and password are copied. 0 or -EIO.
 */
struct easy_login {
	long auth;
	const char *user, *password;
};
int easy_common(CURL *e, struct http *http, bool allow_http, const struct easy_login *login);
/* Which ways to prove who we are may be used at url, when first is what the caller named. */
long easy_auth(const struct easy_login *who, const struct url *first, const struct url *url);
