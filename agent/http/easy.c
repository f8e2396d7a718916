/* SPDX-License-Identifier: Apache-2.0 */
/* What a handle of curl is told: all options in one place. */
#include <errno.h>
#include <string.h>

#include "agent/http/parts.h"
#include "lib/limits.h"
#include "lib/log.h"

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

	hs->sent = true;
	return CURL_PREREQFUNC_OK;
}

static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *addr)
{
	struct http_session *hs = arg;
	int fd = hs->fd;

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
	/* 7.87 to 7.88 ignore this; there the sandbox answers connect() with EINPROGRESS. */
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

long easy_auth(const struct easy_login *who, const struct url *first, const struct url *url)
{
	if (!*who->user && !*who->password)
		return CURLAUTH_NONE;
	/* With CURLAUTH_ONLY or several bits curl sends the body at once and waits for a 401. A
	 * single bit alone makes it ask with an empty POST first, which means something else. */
	if (url_same_host(first, url))
		return CURLAUTH_BASIC | CURLAUTH_DIGEST;
	return url->https ? (long)(CURLAUTH_DIGEST | CURLAUTH_ONLY) : CURLAUTH_NONE;
}

#define SET(opt, value)                                        \
	do {                                                   \
		if (curl_easy_setopt(e, CURLOPT_##opt, value)) \
			return -EIO;                           \
	} while (0)

static int set_security(CURL *e, struct http *http, bool allow_http, const struct easy_login *login)
{
	SET(PROTOCOLS_STR, allow_http ? "http,https" : "https");
	SET(FOLLOWLOCATION, 0L);
	SET(PROXY, "");
	SET(NOPROXY, "*");
	SET(NETRC, (long)CURL_NETRC_IGNORED);
	SET(HTTPAUTH, login->auth);
	if (login->auth != CURLAUTH_NONE) {
		SET(USERNAME, login->user);
		SET(PASSWORD, login->password);
	}
	SET(SSL_VERIFYPEER, 1L);
	SET(SSL_VERIFYHOST, 2L);
	SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(SSL_CIPHER_LIST, tls_ciphers(http->tls));
	/* Debian's curl would trust all of /etc/ssl/certs beside our own. */
	SET(CAINFO, NULL);
	SET(CAPATH, NULL);
	SET(SSL_CTX_FUNCTION, (curl_ssl_ctx_callback)tls_curl_setup);
	SET(SSL_CTX_DATA, http->tls);
	return 0;
}

int easy_common(CURL *e, struct http *http, bool allow_http, const struct easy_login *login)
{
	SET(NOSIGNAL, 1L);
	SET(SOCKOPTFUNCTION, on_sockopt);
	/* 7.88 does not poll a socket that it believes to be connecting, but looks at it when this
	 * timer of its own happy eyeballs fires: at once, instead of after 200 ms. */
	SET(HAPPY_EYEBALLS_TIMEOUT_MS, 1L);
	SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(USERAGENT, http->cfg.user_agent);
	return set_security(e, http, allow_http, login);
}

static int set_session(struct http_session *hs, CURL *e)
{
	struct easy_login login = { .user = hs->user, .password = hs->password.bytes };

	login.auth = easy_auth(&login, &hs->first, &hs->url);
	SET(PRIVATE, &hs->job);
	SET(SHARE, hs->share);
	SET(ERRORBUFFER, hs->why);
	SET(OPENSOCKETFUNCTION, on_open);
	SET(OPENSOCKETDATA, hs);
	SET(PREREQFUNCTION, on_request);
	SET(PREREQDATA, hs);
	SET(WRITEFUNCTION, on_body);
	SET(WRITEDATA, hs);
	SET(HEADERFUNCTION, on_head);
	SET(HEADERDATA, hs);
	SET(COOKIEFILE, "");
	SET(ACCEPT_ENCODING, "gzip, deflate");
	SET(URL, hs->url.text);
	return easy_common(e, hs->http, hs->http->cfg.allow_http, &login);
}

int easy_new(struct http_session *hs)
{
	if (hs->easy)
		curl_easy_cleanup(hs->easy);
	hs->accepted = false;
	hs->easy = curl_easy_init();
	if (!hs->easy)
		return -ENOMEM;
	if (set_session(hs, hs->easy)) {
		log_err("http: this libcurl lacks an option that is needed");
		return -EIO;
	}
	return 0;
}

int easy_set_body(struct http_session *hs)
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
