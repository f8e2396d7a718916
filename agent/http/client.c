/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/http/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/dial.h"
#include "agent/dialer/addr.h"
#include "agent/http/transfer.h"
#include "agent/http/url.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/secret.h"

enum session_phase { HS_IDLE, HS_OPENING, HS_POSTING };

struct http_session {
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

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
	struct http_session *hs = arg;

	/* Decoded already: a small gzip of a huge body ends here too. */
	buf_put(&hs->in, data, size * n);
	return hs->in.failed ? 0 : size * n;
}

static size_t on_head(char *data, size_t size, size_t n, void *arg)
{
	struct http_session *hs = arg;

	hs->head_len += size * n;
	if (size * n > 5 && !strncmp(data, "HTTP/", 5))
		hs->head_len = size * n;
	hs->sent = false;
	return hs->head_len > HTTP_HEAD_MAX ? 0 : size * n;
}

static int on_request(void *arg, char *peer, char *local, int peer_port, int local_port)
{
	struct http_session *hs = arg;

	(void)peer;
	(void)local;
	(void)peer_port;
	(void)local_port;
	hs->sent = true;
	return CURL_PREREQFUNC_OK;
}

static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *addr)
{
	struct http_session *hs = arg;
	int fd = hs->fd;

	(void)purpose;
	(void)addr;
	/* curl would send a POST again when a reused connection ends without an answer. The ACS may
	 * have acted upon it (RFC 9110 9.2.2): that is for the session machine to know. */
	if (hs->sent) {
		hs->lost = true;
		return CURL_SOCKET_BAD;
	}
	hs->fd = -1;
	hs->lacks_socket = fd < 0;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int on_sockopt(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	(void)arg;
	(void)fd;
	(void)purpose;
	/* 7.87 to 7.88 ignore this; there the sandbox answers connect() with EINPROGRESS. */
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

/* Which ways to prove who we are may be used at the URL of now. */
static long auth_allowed(const struct http_session *hs)
{
	if (!hs->user[0] && !hs->password.len)
		return CURLAUTH_NONE;
	/* With CURLAUTH_ONLY or several bits curl sends the body at once and waits for a 401. A
	 * single bit alone makes it ask with an empty POST first, which means something else here. */
	if (url_same_host(&hs->first, &hs->url))
		return CURLAUTH_BASIC | CURLAUTH_DIGEST;
	return hs->url.https ? (long)(CURLAUTH_DIGEST | CURLAUTH_ONLY) : CURLAUTH_NONE;
}

#define SET(opt, value)                                        \
	do {                                                   \
		if (curl_easy_setopt(e, CURLOPT_##opt, value)) \
			return -EIO;                           \
	} while (0)

static int set_security(struct http_session *hs, CURL *e)
{
	long auth = auth_allowed(hs);

	SET(PROTOCOLS_STR, hs->http->cfg.allow_http ? "http,https" : "https");
	SET(FOLLOWLOCATION, 0L);
	SET(PROXY, "");
	SET(NOPROXY, "*");
	SET(NETRC, (long)CURL_NETRC_IGNORED);
	SET(HTTPAUTH, auth);
	if (auth != CURLAUTH_NONE) {
		SET(USERNAME, hs->user);
		SET(PASSWORD, hs->password.bytes);
	}
	SET(SSL_VERIFYPEER, 1L);
	SET(SSL_VERIFYHOST, 2L);
	SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(SSL_CIPHER_LIST, tls_ciphers(hs->http->tls));
	/* Debian's curl would trust all of /etc/ssl/certs beside our own. */
	SET(CAINFO, NULL);
	SET(CAPATH, NULL);
	SET(SSL_CTX_FUNCTION, (curl_ssl_ctx_callback)tls_curl_setup);
	SET(SSL_CTX_DATA, hs->http->tls);
	return 0;
}

static int set_plumbing(struct http_session *hs, CURL *e)
{
	SET(PRIVATE, hs);
	SET(SHARE, hs->share);
	SET(NOSIGNAL, 1L);
	SET(ERRORBUFFER, hs->why);
	SET(OPENSOCKETFUNCTION, on_open);
	SET(OPENSOCKETDATA, hs);
	SET(SOCKOPTFUNCTION, on_sockopt);
	/* 7.88 does not poll a socket that it believes to be connecting, but looks at it when this
	 * timer of its own happy eyeballs fires: at once, instead of after 200 ms. */
	SET(HAPPY_EYEBALLS_TIMEOUT_MS, 1L);
	SET(PREREQFUNCTION, on_request);
	SET(PREREQDATA, hs);
	SET(WRITEFUNCTION, on_body);
	SET(WRITEDATA, hs);
	SET(HEADERFUNCTION, on_head);
	SET(HEADERDATA, hs);
	SET(COOKIEFILE, "");
	SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(ACCEPT_ENCODING, "gzip, deflate");
	SET(USERAGENT, hs->http->cfg.user_agent);
	SET(URL, hs->url.text);
	return 0;
}

/* A handle for the URL of now. Another origin gets a new one: digest state must not travel. */
static int new_easy(struct http_session *hs)
{
	if (hs->easy)
		curl_easy_cleanup(hs->easy);
	hs->accepted = false;
	hs->easy = curl_easy_init();
	if (!hs->easy)
		return -ENOMEM;
	if (set_plumbing(hs, hs->easy) || set_security(hs, hs->easy)) {
		log_err("http: this libcurl lacks an option that is needed");
		return -EIO;
	}
	return 0;
}

int http_session_new(struct http_session **out, struct http *http, const char *user,
		     const char *password, http_done_fn done, void *arg)
{
	struct http_session *hs = calloc(1, sizeof(*hs));
	int r = -ENOMEM;

	if (!hs)
		return r;
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

static enum http_error dial_error(int status)
{
	if (status == -EACCES)
		return HTTP_EPOLICY;
	if (status == -ENOENT || status == -EAGAIN)
		return HTTP_ERESOLVE;
	return status == -ETIMEDOUT ? HTTP_ETIMEOUT : HTTP_ECONNECT;
}

static const char *dial_text(int status)
{
	if (status == -EACCES)
		return "not allowed by the dialer's rules";
	if (status == -ENOENT)
		return "no such host";
	if (status == -EAGAIN)
		return "the host name cannot be resolved now";
	return strerror(-status);
}

static int connect_there(struct http_session *hs)
{
	char addr[DIAL_ADDR_TEXT], rule[DIAL_ADDR_TEXT + 16];
	struct curl_slist *list;

	/* Whatever host and port the URL has: this address, so that curl resolves nothing. */
	snprintf(rule, sizeof(rule), "::%s:%u", dial_addr_text(&hs->conn.peer, true, addr),
		 hs->conn.peer.port);
	list = curl_slist_append(NULL, rule);
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
		tell_soon(hs, dial_error(status), dial_text(status));
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
		r = new_easy(hs);
	else if (curl_easy_setopt(hs->easy, CURLOPT_URL, hs->url.text))
		r = -EIO;
	if (r)
		tell_soon(hs, HTTP_EINTERNAL, strerror(-r));
	else if (moved)
		dial(hs);
	else
		tell_soon(hs, HTTP_OK, NULL);
}

static int set_body(struct http_session *hs)
{
	struct curl_slist *list = NULL, *more;
	CURL *e = hs->easy;
	/* FACTS of the wire: "An empty HTTP POST MUST NOT contain a SOAPAction header" nor a
	 * Content-Type (TR-069 A6 3.4.1); others carry both. Expect would cost a round trip. */
	const char *const full[] = { "Content-Type: text/xml; charset=utf-8", "SOAPAction;",
				     "Expect:" };
	const char *const empty[] = { "Content-Type:", "SOAPAction:", "Expect:" };

	for (size_t i = 0; i < 3; i++) {
		more = curl_slist_append(list, hs->body_len ? full[i] : empty[i]);
		if (!more) {
			curl_slist_free_all(list);
			return -ENOMEM;
		}
		list = more;
	}
	curl_slist_free_all(hs->headers);
	hs->headers = list;
	SET(POST, 1L);
	SET(HTTPHEADER, list);
	SET(POSTFIELDSIZE_LARGE, (curl_off_t)hs->body_len);
	SET(POSTFIELDS, hs->body_len ? hs->body : "");
	SET(LOW_SPEED_LIMIT, 1L);
	SET(LOW_SPEED_TIME, (long)hs->timeout_s);
	SET(TIMEOUT, (long)hs->timeout_s * HTTP_EXCHANGE_FACTOR);
	return 0;
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
	r = set_body(hs);
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

static enum http_error curl_error(const struct http_session *hs, CURLcode result)
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
	case CURLE_WRITE_ERROR:
		return hs->in.failed || hs->head_len > HTTP_HEAD_MAX ? HTTP_ETOOBIG : HTTP_ECLOSED;
	case CURLE_OUT_OF_MEMORY:
		return HTTP_EINTERNAL;
	default:
		return HTTP_ECLOSED;
	}
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

/*
 * A server that has forgotten its nonces (restarted, another node) answers 401 without stale=true,
 * which curl takes for a wrong password. It was right a moment ago: once more from the beginning.
 */
static bool ask_again(struct http_session *hs)
{
	if (hs->reply.status != 401 || !hs->accepted || hs->asked_again)
		return false;
	hs->asked_again = true;
	if (new_easy(hs) || curl_easy_setopt(hs->easy, CURLOPT_CONNECT_TO, hs->connect_to))
		return false;
	run_post(hs);
	return true;
}

void transfer_done(struct http_session *hs, CURLcode result)
{
	if (result && hs->lacks_socket && hs->redials < HTTP_REDIALS_MAX) {
		/* The server closed the connection, as it may (TR-069 A6 3.4.2): dial, and again. */
		hs->redials++;
		dial(hs);
		return;
	}
	hs->reply = (struct http_reply){ .error = HTTP_OK, .why = hs->why, .body = &hs->in };
	if (result) {
		hs->reply.error = curl_error(hs, result);
		if (hs->lost)
			hs->reply.error = HTTP_ECLOSED;
		if (hs->lost)
			snprintf(hs->why, sizeof(hs->why),
				 "connection closed instead of an answer");
		else if (hs->reply.error == HTTP_ETOOBIG)
			snprintf(hs->why, sizeof(hs->why), "the response is too big");
		else if (!hs->why[0])
			snprintf(hs->why, sizeof(hs->why), "%s", curl_easy_strerror(result));
	} else {
		take_reply(hs);
		if (ask_again(hs))
			return;
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
