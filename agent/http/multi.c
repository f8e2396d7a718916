/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/ssl.h>

#include "agent/http/parts.h"
#include "lib/log.h"

/* curl keeps copies of credentials and headers; what it frees is wiped. */
static void wipe_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static void *wipe_realloc(void *p, size_t size)
{
	size_t old = p ? malloc_usable_size(p) : 0;
	void *q = malloc(size);

	if (!q)
		return NULL;
	if (p)
		memcpy(q, p, old < size ? old : size);
	wipe_free(p);
	return q;
}

static void check_done(struct http *http)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(http->multi, &left))) {
		struct http_job *job = NULL;
		CURLcode result = msg->data.result;
		CURL *easy = msg->easy_handle;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&job);
		curl_multi_remove_handle(http->multi, easy); /* msg is gone with it */
		job->done(job, result);
	}
}

static void on_socket(void *arg, int fd, uint32_t events)
{
	struct http *http = arg;
	int running, mask = 0;

	if (events & EPOLLIN)
		mask |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		mask |= CURL_CSELECT_OUT;
	if (events & (EPOLLERR | EPOLLHUP))
		mask |= CURL_CSELECT_ERR;
	curl_multi_socket_action(http->multi, fd, mask, &running);
	check_done(http);
}

static void on_timer(void *arg)
{
	struct http *http = arg;
	int running;

	/* One that fired a moment early is told anew: curl forgets here what it has told. */
	curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	check_done(http);
}

static int timer_wanted(CURLM *multi, long ms, void *arg)
{
	struct http *http = arg;

	if (ms < 0)
		loop_timer_clear(http->loop, &http->timer);
	else if (loop_timer_set(http->loop, &http->timer, (uint64_t)ms))
		return -1;
	return 0;
}

static struct loop_io *free_socket(struct http *http)
{
	for (size_t i = 0; i < HTTP_SOCKETS_MAX; i++) {
		if (http->socket[i].fd < 0)
			return &http->socket[i];
	}
	return NULL;
}

static int socket_wanted(CURL *easy, curl_socket_t fd, int what, void *arg, void *assigned)
{
	struct loop_io *io = assigned;
	struct http *http = arg;
	uint32_t events = 0;

	if (what == CURL_POLL_REMOVE) {
		if (io)
			loop_io_del(http->loop, io);
		curl_multi_assign(http->multi, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		events |= EPOLLOUT;
	if (io)
		return loop_io_mod(http->loop, io, events) ? -1 : 0;
	io = free_socket(http);
	if (!io || loop_io_add(http->loop, io, fd, events, on_socket, http))
		return -1;
	curl_multi_assign(http->multi, fd, io);
	return 0;
}

int multi_add(struct http *http, CURL *easy)
{
	return curl_multi_add_handle(http->multi, easy) == CURLM_OK ? 0 : -EIO;
}

void multi_remove(struct http *http, CURL *easy)
{
	curl_multi_remove_handle(http->multi, easy);
}

/* What would open a file, load a provider or start a thread later is done now. */
static int warm_up(struct http *http)
{
	struct tm tm;
	time_t now = time(NULL);

	tzset();
	(void)localtime_r(&now, &tm);
	if (curl_global_init_mem(CURL_GLOBAL_ALL, malloc, wipe_free, wipe_realloc, strdup, calloc))
		return -EIO;
	if (!OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS,
			      NULL))
		return -EIO;
	/* The first context fetches the algorithms. */
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (!ctx)
		return -EIO;
	SSL_CTX_free(ctx);
	http->multi = curl_multi_init();
	return http->multi ? 0 : -ENOMEM;
}

static int configure(struct http *http)
{
	CURLM *m = http->multi;

	/* One connection at a time: the one before a redirect is closed. */
	if (curl_multi_setopt(m, CURLMOPT_SOCKETFUNCTION, socket_wanted) ||
	    curl_multi_setopt(m, CURLMOPT_SOCKETDATA, http) ||
	    curl_multi_setopt(m, CURLMOPT_TIMERFUNCTION, timer_wanted) ||
	    curl_multi_setopt(m, CURLMOPT_TIMERDATA, http) ||
	    curl_multi_setopt(m, CURLMOPT_PIPELINING, CURLPIPE_NOTHING) ||
	    curl_multi_setopt(m, CURLMOPT_MAXCONNECTS, 1L))
		return -EIO;
	return 0;
}

int http_new(struct http **out, struct loop *loop, struct dial *dial, const struct http_config *cfg)
{
	struct http *http = calloc(1, sizeof(*http));
	int r;

	if (!http)
		return -ENOMEM;
	http->loop = loop;
	http->dial = dial;
	http->cfg = *cfg;
	memset(&http->cfg.tls, 0, sizeof(http->cfg.tls));
	loop_timer_init(&http->timer, on_timer, http);
	for (size_t i = 0; i < HTTP_SOCKETS_MAX; i++)
		http->socket[i].fd = -1;
	r = warm_up(http);
	if (!r)
		r = configure(http);
	if (!r)
		r = tls_new(&http->tls, &cfg->tls);
	if (r) {
		http_free(http);
		return r;
	}
	*out = http;
	return 0;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	loop_timer_clear(http->loop, &http->timer);
	if (http->multi)
		curl_multi_cleanup(http->multi);
	tls_free(http->tls);
	free(http);
	curl_global_cleanup();
}
