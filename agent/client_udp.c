/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UDP Connection Requests behind a NAT (TR-069 A6 Annex G): two datagram sockets from the dialer.
 * The primary one is open to everybody, since an ACS may send from elsewhere than its STUN server;
 * the secondary one is connected to that server. There are none while STUNEnable is false.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/client_parts.h"
#include "agent/dial.h"
#include "agent/dialer/addr.h"
#include "agent/http/url.h"
#include "agent/store.h"
#include "agent/stun/binding.h"
#include "agent/stun/udpreq.h"
#include "lib/audit.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/num.h"
#include "lib/rand.h"

#define KEY_SEEN "@udpreq" /* the newest second that was accepted: no replay after a restart */
#define ROUND_MAX 16	   /* datagrams before others have their turn */

struct client_udp {
	struct client *c;
	struct loop_io primary, secondary;
	struct loop_timer due;
	int primary_id, secondary_id; /* of the dialer's answers that are waited for; 0: none */
	bool bound;		      /* the binding is at work */
	struct dial_addr server, local;
	struct binding binding;
	struct udpreq_seen seen;
	unsigned int failures; /* in a row */
	struct audit_gate refused;
	/* Of the tree, which may move them. */
	char username[STUN_USERNAME_MAX + 1], password[STUN_USERNAME_MAX + 1];
};

static void run(struct client_udp *u);
static void start(struct client_udp *u);

static void drop(struct client_udp *u, struct loop_io *io)
{
	loop_io_del(&u->c->agent->loop, io);
	if (io->fd >= 0)
		close(io->fd);
	io->fd = -1;
}

static void stop(struct client_udp *u)
{
	dial_cancel(u->c->agent->dial, u->primary_id);
	dial_cancel(u->c->agent->dial, u->secondary_id);
	u->primary_id = u->secondary_id = 0;
	loop_timer_clear(&u->c->agent->loop, &u->due);
	drop(u, &u->primary);
	drop(u, &u->secondary);
	u->bound = false;
}

static void later(struct client_udp *u, const char *why)
{
	uint64_t wait = (uint64_t)STUN_RETRY_MS << (u->failures < 4 ? u->failures : 4);

	/* A server that stays away is news once. */
	if (!u->failures++)
		log_warn("no binding for UDP connection requests: %s", why);
	stop(u);
	(void)loop_timer_set(&u->c->agent->loop, &u->due, wait);
}

static void tell(struct client_udp *u)
{
	const struct binding *b = &u->binding;
	struct dial_addr at = { .family = DIAL_IPV4, .port = b->mapped.port };
	char host[DIAL_ADDR_TEXT], text[DIAL_ADDR_TEXT + 8];

	memcpy(at.addr, b->mapped.ip, sizeof(b->mapped.ip));
	snprintf(text, sizeof(text), "%s:%u", dial_addr_text(&at, true, host), at.port);
	log_notice("UDP connection requests reach us at %s%s", text, b->nat ? ", behind NAT" : "");
	u->failures = 0;
	if (ms_set_udp(u->c->agent->dm, text, b->nat))
		log_err("no memory for UDPConnectionRequestAddress");
}

static void request(struct client_udp *u, const char *data, size_t len)
{
	const struct ms_settings *ms = ms_settings(u->c->agent->dm);
	struct store *store = u->c->agent->store;
	enum udpreq_verdict verdict =
		udpreq_check(&u->seen, data, len, ms->connreq_username, ms->connreq_password);
	char ts[24];
	int n, r;

	if (verdict != UDPREQ_OK) {
		audit_gated(&u->refused, "udp_connection_request", AUDIT_REFUSED, "reason",
			    verdict == UDPREQ_REPLAY	 ? "a copy or a replay"
			    : verdict == UDPREQ_UNSIGNED ? "wrong user or signature"
							 : "malformed");
		return;
	}
	audit("udp_connection_request", AUDIT_DONE);
	n = snprintf(ts, sizeof(ts), "%" PRIu64, u->seen.ts);
	r = store_set(store, KEY_SEEN, ts, (size_t)n);
	if (!r)
		r = store_save(store);
	if (r)
		log_err("cannot keep the time of a UDP connection request: %s", strerror(-r));
	(void)client_raise(u->c, EV_CONNECTION_REQUEST, NULL);
}

static bool same_ip(const struct stun_addr *a, const struct stun_addr *b)
{
	return !memcmp(a->ip, b->ip, sizeof(a->ip));
}

/* True: everything was begun anew. */
static bool answer(struct client_udp *u, bool primary, const uint8_t *data, size_t len)
{
	struct binding *b = &u->binding;
	struct stun_addr before = b->mapped;
	bool known = b->known;

	if (!binding_heard(b, primary, data, len, clock_mono_ms()))
		return false;
	tell(u);
	if (!known || same_ip(&before, &b->mapped))
		return false;
	/* Another address: our own may have changed too, and only a new socket shows it. */
	stop(u);
	start(u);
	return true;
}

static bool take(struct client_udp *u, bool primary, const char *data, size_t len,
		 const struct dial_addr *from)
{
	bool server =
		!primary || (dial_addr_same(from, &u->server) && from->port == u->server.port);

	/* STUN begins with two bits of zero, a request with its method. */
	if (len && !((uint8_t)data[0] & 0xc0) && server)
		return answer(u, primary, (const uint8_t *)data, len);
	if (primary && len)
		request(u, data, len);
	return false;
}

static void readable(struct client_udp *u, int fd, bool primary)
{
	char data[UDPREQ_MAX + 1];

	for (int i = 0; i < ROUND_MAX; i++) {
		struct sockaddr_storage ss;
		socklen_t len = sizeof(ss);
		struct dial_addr from = { .family = DIAL_ANY };
		ssize_t n = recvfrom(fd, data, sizeof(data), MSG_DONTWAIT, (struct sockaddr *)&ss,
				     &len);

		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0 || dial_addr_from(&from, (const struct sockaddr *)&ss, len))
			continue; /* an ICMP message about something sent before */
		if (take(u, primary, data, (size_t)n, &from))
			return;
	}
	if (u->bound)
		run(u);
}

static void primary_readable(void *arg, int fd, uint32_t events)
{
	readable(arg, fd, true);
}

static void secondary_readable(void *arg, int fd, uint32_t events)
{
	readable(arg, fd, false);
}

/* What is lost is repeated, whatever the reason. */
static void send_request(struct client_udp *u, bool primary)
{
	struct iovec iov = { u->binding.request, u->binding.len };
	struct sockaddr_storage ss;
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (primary) {
		msg.msg_name = &ss;
		msg.msg_namelen = dial_addr_to(&u->server, &ss);
	}
	if (sendmsg(primary ? u->primary.fd : u->secondary.fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) <
	    0)
		log_debug("cannot send to the STUN server: %s", strerror(errno));
}

static void run(struct client_udp *u)
{
	for (;;) {
		uint64_t now = clock_mono_ms(), next;
		uint8_t id[STUN_ID];

		if (rand_bytes(id, sizeof(id))) {
			later(u, "no random numbers");
			return;
		}
		switch (binding_due(&u->binding, now, id)) {
		case BINDING_WAIT:
			next = binding_next(&u->binding);
			(void)loop_timer_set(&u->c->agent->loop, &u->due,
					     next > now ? next - now : 0);
			return;
		case BINDING_SEND:
			send_request(u, true);
			break;
		case BINDING_PROBE:
			send_request(u, false);
			break;
		case BINDING_LOST:
			later(u, u->binding.error ? "the STUN server refuses us"
						  : "the STUN server does not answer");
			return;
		}
	}
}

static void got_primary(void *arg, int status, int fd, const struct dial_conn *conn)
{
	struct client_udp *u = arg;
	const struct ms_settings *ms = ms_settings(u->c->agent->dm);
	struct binding_config cfg = { .username = u->username,
				      .password = u->password,
				      .min_s = ms->stun_min,
				      .max_s = ms->stun_max };

	u->primary_id = 0;
	if (!status) {
		status = loop_io_add(&u->c->agent->loop, &u->primary, fd, EPOLLIN, primary_readable,
				     u);
		if (status)
			close(fd);
	}
	if (status) {
		later(u, strerror(-status));
		return;
	}
	cfg.local.port = conn->local.port;
	memcpy(cfg.local.ip, u->local.addr, sizeof(cfg.local.ip));
	snprintf(u->username, sizeof(u->username), "%s", ms->stun_username);
	snprintf(u->password, sizeof(u->password), "%s", ms->stun_password);
	binding_start(&u->binding, &cfg, clock_mono_ms());
	u->bound = true;
	run(u);
}

static void got_secondary(void *arg, int status, int fd, const struct dial_conn *conn)
{
	const struct dial_udp req = { .purpose = DIAL_FOR_STUN, .family = DIAL_IPV4 };
	struct client_udp *u = arg;

	u->secondary_id = 0;
	if (!status) {
		status = loop_io_add(&u->c->agent->loop, &u->secondary, fd, EPOLLIN,
				     secondary_readable, u);
		if (status)
			close(fd);
	}
	if (!status) {
		u->server = conn->peer;
		u->local = conn->local;
		u->primary_id = dial_udp(u->c->agent->dial, &req, got_primary, u);
		status = u->primary_id < 0 ? u->primary_id : 0;
	}
	if (status) {
		u->primary_id = 0;
		later(u, strerror(-status));
	}
}

static void start(struct client_udp *u)
{
	const struct ms_settings *ms = ms_settings(u->c->agent->dm);
	struct dial_udp req = { .purpose = DIAL_FOR_STUN, .family = DIAL_IPV4 };
	static struct url url;

	req.port = ms->stun_port ? ms->stun_port : STUN_PORT;
	if (!*ms->stun_server && !url_parse(&url, ms->url))
		memcpy(req.host, url.host, sizeof(req.host));
	else
		snprintf(req.host, sizeof(req.host), "%s", ms->stun_server);
	u->secondary_id = dial_udp(u->c->agent->dial, &req, got_secondary, u);
	if (u->secondary_id < 0) {
		int r = u->secondary_id;

		u->secondary_id = 0;
		later(u, strerror(-r));
	}
}

static void due(void *arg)
{
	struct client_udp *u = arg;

	if (u->bound)
		run(u);
	else
		start(u);
}

void client_udp_apply(struct client *c)
{
	const struct ms_settings *ms = ms_settings(c->agent->dm);

	stop(c->udp);
	c->udp->failures = 0;
	if (client_enabled(c) && ms->stun_enable)
		start(c->udp);
	else if (ms_set_udp(c->agent->dm, "", false))
		log_err("no memory for UDPConnectionRequestAddress");
}

void client_udp_forget(struct client *c)
{
	c->udp->seen = (struct udpreq_seen){ 0 };
	if (store_has(c->agent->store, KEY_SEEN))
		(void)store_del_prefix(c->agent->store, KEY_SEEN);
}

int client_udp_init(struct client *c)
{
	const char *kept = store_get(c->agent->store, KEY_SEEN, NULL);
	uint64_t ts;

	c->udp = calloc(1, sizeof(*c->udp));
	if (!c->udp)
		return -ENOMEM;
	c->udp->c = c;
	c->udp->primary.fd = c->udp->secondary.fd = -1;
	loop_timer_init(&c->udp->due, due, c->udp);
	if (kept && !num_parse_u64(kept, strlen(kept), UINT64_MAX - 1, &ts))
		c->udp->seen.ts = ts + 1;
	return 0;
}
