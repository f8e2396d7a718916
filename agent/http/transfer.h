/* SPDX-License-Identifier: Apache-2.0 */
/* Between multi.c (curl in the loop) and client.c (a session). Private to agent/http. */
#pragma once

#include <curl/curl.h>

#include "agent/http/client.h"
#include "agent/loop.h"

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

/* Starts the transfer of easy, whose CURLOPT_PRIVATE is the session. 0 or -EIO. */
int multi_add(struct http *http, CURL *easy);
void multi_remove(struct http *http, CURL *easy);
/* client.c: easy is done, and removed already. */
void transfer_done(struct http_session *hs, CURLcode result);
