/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/http/connreq.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/dialer/addr.h"
#include "agent/http/digest.h"
#include "agent/http/nonce.h"
#include "agent/http/request.h"
#include "agent/http/throttle.h"
#include "agent/loop.h"
#include "lib/audit.h"
#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/secret.h"

#define REALM "sallyport"
#define PAUSE_MS 1000 /* after an accept that failed for want of descriptors */

struct conn {
	struct connreq *cr;
	struct loop_io io; /* fd -1: free */
	struct loop_timer deadline;
	struct dial_addr from;
	uint64_t since;
	bool answered; /* what still comes is thrown away */
	size_t len;
	char head[CONNREQ_HEAD_MAX];
};

struct connreq {
	struct loop *loop;
	struct connreq_ops ops;
	enum digest_alg alg;
	struct loop_io listener;
	struct loop_timer pause;
	struct nonces nonces;
	struct throttle throttle;
	struct audit_gate refused;
	struct conn conn[CONNREQ_CONNS_MAX];
};

enum answer { A_OK, A_BAD, A_CHALLENGE, A_WRONG, A_UNSET, A_STALE, A_NOT_FOUND, A_METHOD, A_BUSY };

static void drop(struct conn *c)
{
	int fd = c->io.fd;

	loop_timer_clear(c->cr->loop, &c->deadline);
	loop_io_del(c->cr->loop, &c->io);
	if (fd >= 0)
		close(fd);
	explicit_bzero(c->head, c->len);
	c->len = 0;
}

/* Some ACSs take a single challenge only, and MD5 only: one, of the algorithm configured. */
static int challenge(struct connreq *cr, bool stale, char *out, size_t size)
{
	char nonce[NONCE_TEXT];
	int r = nonce_make(&cr->nonces, clock_mono_ms(), nonce);

	if (r)
		return r;
	snprintf(out, size,
		 "WWW-Authenticate: Digest realm=\"" REALM "\", qop=\"auth\", algorithm=%s, "
		 "nonce=\"%s\"%s\r\n",
		 digest_alg_name(cr->alg), nonce, stale ? ", stale=true" : "");
	return 0;
}

static void send_answer(struct conn *c, enum answer a)
{
	static const char *const status[] = {
		[A_OK] = "200 OK",
		[A_BAD] = "400 Bad Request",
		[A_CHALLENGE] = "401 Unauthorized",
		[A_WRONG] = "401 Unauthorized",
		[A_UNSET] = "401 Unauthorized",
		[A_STALE] = "401 Unauthorized",
		[A_NOT_FOUND] = "404 Not Found",
		[A_METHOD] = "405 Method Not Allowed",
		[A_BUSY] = "503 Service Unavailable",
	};
	char extra[256] = "", text[512];
	int n;

	if (a == A_METHOD)
		snprintf(extra, sizeof(extra), "Allow: GET\r\n");
	if ((a == A_CHALLENGE || a == A_WRONG || a == A_UNSET || a == A_STALE) &&
	    challenge(c->cr, a == A_STALE, extra, sizeof(extra)))
		a = A_BUSY;
	n = snprintf(text, sizeof(text),
		     "HTTP/1.1 %s\r\n%sContent-Length: 0\r\nConnection: close\r\n\r\n", status[a],
		     extra);
	/* An empty socket takes 512 bytes at once, or the peer is gone. */
	if (send(c->io.fd, text, (size_t)n, MSG_NOSIGNAL) != n || shutdown(c->io.fd, SHUT_WR))
		log_debug("connection request: the answer %s was not taken", status[a]);
	c->answered = true;
}

/* The path of the digest's uri, which may be absolute. */
static bool uri_is(const char *uri, const char *path)
{
	size_t n;

	if (!strncasecmp(uri, "http://", 7)) {
		uri = strchr(uri + 7, '/');
		if (!uri)
			return false;
	}
	n = strcspn(uri, "?");
	return n == strlen(path) && secret_eq(uri, path, n);
}

static enum answer authenticate(struct conn *c, const struct request *q, const char *path)
{
	struct connreq *cr = c->cr;
	const char *user = "", *password = "";
	uint64_t now = clock_mono_ms();
	struct digest_auth auth;
	bool known, right;

	if (!q->authorization)
		return A_CHALLENGE;
	if (digest_parse(&auth, q->authorization, q->authorization_len))
		memset(&auth, 0, sizeof(auth));
	known = cr->ops.credentials(cr->ops.arg, &user, &password);
	/* Computed whatever else is wrong: the time tells nothing. */
	right = digest_verify(cr->alg, &auth, REALM, user, password, "GET") & known &
		uri_is(auth.uri, path);
	if (!right)
		return known ? A_WRONG : A_UNSET;
	if (nonce_check(&cr->nonces, auth.nonce, auth.nc_value, now) != NONCE_GOOD ||
	    nonce_use(&cr->nonces, auth.nonce, auth.nc_value, now))
		return A_STALE;
	return A_OK;
}

static enum answer judge(struct conn *c, const struct request *q)
{
	const char *path = c->cr->ops.path(c->cr->ops.arg);

	if (!path || q->path_len != strlen(path) || !secret_eq(q->path, path, q->path_len))
		return A_NOT_FOUND;
	return authenticate(c, q, path);
}

/* The challenge that a request without credentials gets is the first half of an answer. */
static void leave_line(struct conn *c, enum answer a)
{
	static const char *const reasons[] = {
		[A_BAD] = "malformed",
		[A_WRONG] = "wrong credentials",
		[A_UNSET] = "no credentials are set here",
		[A_STALE] = "the nonce was used before, or is too old",
		[A_NOT_FOUND] = "no such path",
		[A_METHOD] = "no GET",
		[A_BUSY] = "too many",
	};
	char from[DIAL_ADDR_TEXT];

	dial_addr_text(&c->from, false, from);
	if (a == A_OK)
		audit("connection_request", AUDIT_DONE, "source", from);
	else if (a != A_CHALLENGE)
		audit_gated(&c->cr->refused, "connection_request", AUDIT_REFUSED, "source", from,
			    "reason", reasons[a]);
}

static void answer(struct conn *c, enum answer a)
{
	struct connreq *cr = c->cr;

	if (a != A_OK && !throttle_pass(&cr->throttle, &c->from, clock_mono_ms()))
		a = A_BUSY;
	/* TR-069 A6 3.2.2: the answer goes before the session. */
	send_answer(c, a);
	leave_line(c, a);
	if (a == A_OK)
		cr->ops.accepted(cr->ops.arg);
}

static void read_head(struct conn *c)
{
	ssize_t n = recv(c->io.fd, c->head + c->len, sizeof(c->head) - c->len, MSG_DONTWAIT);
	struct request q;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(c);
		return;
	}
	c->len += (size_t)n;
	switch (request_parse(&q, c->head, c->len)) {
	case REQUEST_MORE:
		if (c->len == sizeof(c->head))
			answer(c, A_BAD);
		break;
	case REQUEST_OK:
		answer(c, judge(c, &q));
		break;
	case REQUEST_METHOD:
		answer(c, A_METHOD);
		break;
	case REQUEST_BAD:
		answer(c, A_BAD);
		break;
	}
}

/* Closing with unread bytes would reset the connection and take the answer along. */
static void discard(struct conn *c)
{
	ssize_t n = recv(c->io.fd, c->head, sizeof(c->head), MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		drop(c);
	else if (n > 0)
		c->len = (size_t)n;
}

static void readable(void *arg, int fd, uint32_t events)
{
	struct conn *c = arg;

	if (c->answered)
		discard(c);
	else
		read_head(c);
}

static void too_late(void *arg)
{
	drop(arg);
}

/* A free place; else that of the oldest, one that has its answer before others: half-open
 * connections block nobody. */
static struct conn *make_room(struct connreq *cr)
{
	struct conn *victim = &cr->conn[0];

	for (size_t i = 0; i < CONNREQ_CONNS_MAX; i++) {
		struct conn *c = &cr->conn[i];

		if (c->io.fd < 0)
			return c;
		if (c->answered > victim->answered ||
		    (c->answered == victim->answered && c->since < victim->since))
			victim = c;
	}
	drop(victim);
	return victim;
}

static void take(struct connreq *cr, int fd, const struct dial_addr *from)
{
	struct conn *c = make_room(cr);

	c->from = *from;
	c->since = clock_mono_ms();
	c->answered = false;
	c->len = 0;
	if (loop_io_add(cr->loop, &c->io, fd, EPOLLIN, readable, c)) {
		close(fd);
		return;
	}
	if (loop_timer_set(cr->loop, &c->deadline, CONNREQ_DEADLINE_MS))
		drop(c);
}

static void acceptable(void *arg, int listener, uint32_t events)
{
	struct connreq *cr = arg;
	struct sockaddr_storage ss;
	struct dial_addr from;

	for (int i = 0; i < CONNREQ_CONNS_MAX; i++) {
		socklen_t len = sizeof(ss);
		int fd = accept4(listener, (struct sockaddr *)&ss, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			(void)dial_addr_from(&from, (struct sockaddr *)&ss, len);
			take(cr, fd, &from);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			/* Level triggered: without a pause this would spin. */
			(void)loop_io_mod(cr->loop, &cr->listener, 0);
			(void)loop_timer_set(cr->loop, &cr->pause, PAUSE_MS);
		}
		return;
	}
}

static void resume(void *arg)
{
	struct connreq *cr = arg;

	if (cr->listener.fd >= 0)
		(void)loop_io_mod(cr->loop, &cr->listener, EPOLLIN);
}

int connreq_listen(struct connreq *cr, int fd)
{
	int old = cr->listener.fd;

	loop_timer_clear(cr->loop, &cr->pause);
	loop_io_del(cr->loop, &cr->listener);
	if (old >= 0)
		close(old);
	for (size_t i = 0; fd < 0 && i < CONNREQ_CONNS_MAX; i++)
		drop(&cr->conn[i]);
	if (fd < 0)
		return 0;
	return loop_io_add(cr->loop, &cr->listener, fd, EPOLLIN, acceptable, cr);
}

bool connreq_listening(const struct connreq *cr)
{
	return cr->listener.fd >= 0;
}

int connreq_new(struct connreq **out, struct loop *loop, const struct connreq_config *cfg,
		const struct connreq_ops *ops)
{
	struct connreq *cr = calloc(1, sizeof(*cr));
	int r;

	if (!cr)
		return -ENOMEM;
	cr->loop = loop;
	cr->ops = *ops;
	cr->alg = cfg->sha256 ? DIGEST_SHA256 : DIGEST_MD5;
	cr->listener.fd = -1;
	loop_timer_init(&cr->pause, resume, cr);
	throttle_init(&cr->throttle, cfg->unauth_per_minute, clock_mono_ms());
	for (size_t i = 0; i < CONNREQ_CONNS_MAX; i++) {
		cr->conn[i].cr = cr;
		cr->conn[i].io.fd = -1;
		loop_timer_init(&cr->conn[i].deadline, too_late, &cr->conn[i]);
	}
	r = nonces_init(&cr->nonces);
	if (r) {
		free(cr);
		return r;
	}
	*out = cr;
	return 0;
}

void connreq_free(struct connreq *cr)
{
	if (!cr)
		return;
	(void)connreq_listen(cr, -1);
	explicit_bzero(cr, sizeof(*cr));
	free(cr);
}
