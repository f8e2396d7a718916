/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/dialer/addr.h"
#include "agent/dialer/request.h"
#include "lib/audit.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/text.h"

static const char *const purposes[DIAL_PURPOSES] = {
	[0] = "nothing",
	[DIAL_FOR_ACS] = "ACS",
	[DIAL_FOR_TRANSFER] = "transfer",
	[DIAL_FOR_CONNREQ] = "connection requests",
	[DIAL_FOR_STUN] = "STUN",
	[DIAL_FOR_DIAGNOSTICS] = "diagnostics",
	[DIAL_FOR_NAMES] = "names",
	[DIAL_FOR_ECHO] = "UDP echo",
};

static const char own_address[] = "an address of this box (dialer.allow_loopback)";

static void ask_next(struct dialer *d);

static uint64_t time_left(const struct request *q)
{
	uint64_t now = clock_mono_ms();

	return q->until > now ? q->until - now : 0;
}

static void reply(struct request *q, int status, const void *payload, int fd)
{
	struct dialer *d = q->d;
	int r;

	loop_timer_clear(&d->loop, &q->deadline);
	eyeballs_stop(&q->eyes);
	q->state = REQ_FREE;
	r = ipc_reply(&d->chan, q->op, q->seq, status, payload, fd);
	if (r && r != -EPIPE)
		log_warn("the agent takes no answer: %s", strerror(-r));
}

/* why NULL: what the status says. */
static void refuse(struct request *q, int status, const char *why)
{
	audit(ipc_rows[q->op].name, status == -EACCES ? AUDIT_REFUSED : AUDIT_FAILED, "host",
	      q->host, "port", AUDIT_NUM(q->port), "purpose", purposes[q->purpose], "reason",
	      why ? why : strerror(-status));
	reply(q, status, NULL, -1);
}

static void handed_over(const struct request *q, const struct dial_addr *peer,
			const struct dial_addr *local)
{
	char to[DIAL_ADDR_TEXT], from[DIAL_ADDR_TEXT];

	audit(ipc_rows[q->op].name, AUDIT_DONE, "host", q->host, "port", AUDIT_NUM(q->port),
	      "purpose", purposes[q->purpose], "address",
	      peer->family ? dial_addr_text(peer, false, to) : "", "local",
	      dial_addr_text(local, false, from));
}

/* Connecting to one's own address goes through the loopback interface, whatever the address is; and
 * comes from itself, or from that interface's while it is too new to be a source. */
static bool is_self(const struct dialer *d, const struct dial_conn *c)
{
	return !d->cfg.egress.allow_loopback && (dial_addr_same(&c->peer, &c->local) ||
						 egress_classify(&c->local) == EGRESS_LOOPBACK);
}

static void connected(void *arg, int status, int raw)
{
	_cleanup_close_ int fd = raw;
	struct dial_conn conn = { .peer.family = 0 };
	struct request *q = arg;
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (!status && getpeername(fd, (struct sockaddr *)&ss, &len))
		status = -errno;
	if (!status)
		status = dial_addr_from(&conn.peer, (struct sockaddr *)&ss, len);
	if (!status)
		status = local_address(fd, &conn.local);
	if (!status && is_self(q->d, &conn)) {
		refuse(q, -EACCES, own_address);
		return;
	}
	if (status) {
		refuse(q, status, NULL);
		return;
	}
	conn.asked_us = q->eyes.asked_us;
	conn.opened_us = q->eyes.opened_us;
	handed_over(q, &conn.peer, &conn.local);
	reply(q, 0, &conn, fd);
}

/* The box asks its own name servers anyway, also one on the box itself. */
static bool is_server(const struct request *q, const struct dial_addr *addr)
{
	for (uint32_t i = 0; q->purpose == DIAL_FOR_NAMES && i < q->d->nservers; i++) {
		if (dial_addr_same(&q->d->servers[i], addr))
			return true;
	}
	return false;
}

/* Keeps the addresses that the egress policy allows; when none is left, why the last was not. */
static const char *filter(struct request *q, struct dial_addr *addr, size_t *n)
{
	const char *why = NULL;
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		addr[i].port = q->port;
		if (egress_addr(&q->d->cfg.egress, &addr[i]) || is_server(q, &addr[i]))
			addr[kept++] = addr[i];
		else
			why = egress_class_text(egress_classify(&addr[i]));
	}
	*n = kept;
	return kept ? NULL : why;
}

/* The first of the addresses that there is a route to; n 0: not connected. */
static void finish_udp(struct request *q, const struct dial_addr *peer, size_t n)
{
	struct dial_conn conn = { .peer.family = 0 };
	_cleanup_close_ int fd = -1;
	size_t i = 0;
	int r;

	do
		fd = open_udp(n ? &peer[i] : NULL, q->family, q->local_port, &q->how);
	while (fd < 0 && ++i < n);
	r = fd < 0 ? fd : local_address(fd, &conn.local);
	if (!r && q->purpose == DIAL_FOR_ECHO)
		r = set_stamps(fd, conn.local.family == DIAL_IPV6);
	if (!r && n)
		conn.peer = peer[i];
	if (r) {
		refuse(q, r, NULL);
		return;
	}
	if (n && is_self(q->d, &conn) && !is_server(q, &conn.peer)) {
		refuse(q, -EACCES, own_address);
		return;
	}
	handed_over(q, &conn.peer, &conn.local);
	reply(q, 0, &conn, fd);
}

static void have_addresses(struct request *q, const struct dial_addr *found, size_t n,
			   const char *domain)
{
	struct dial_addr addr[DIAL_ADDRS_MAX];
	const char *why;
	int r;

	memcpy(addr, found, n * sizeof(*found));
	if (q->op == IPC_DIAL_RESOLVE) {
		struct dial_resolved out = { .count = (uint32_t)n };

		memcpy(out.addr, addr, n * sizeof(*addr));
		reply(q, 0, &out, -1);
		return;
	}
	if (q->op == IPC_DIAL_SERVERS) {
		struct dial_servers out = { .count = (uint32_t)n };

		q->d->nservers = out.count;
		memcpy(q->d->servers, addr, n * sizeof(*addr));
		memcpy(out.addr, addr, n * sizeof(*addr));
		(void)text_copy(out.domain, sizeof(out.domain), domain, strlen(domain));
		reply(q, 0, &out, -1);
		return;
	}
	why = filter(q, addr, &n);
	if (why) {
		refuse(q, -EACCES, why);
		return;
	}
	if (q->op == IPC_DIAL_UDP) {
		finish_udp(q, addr, n);
		return;
	}
	q->state = REQ_CONNECTING;
	r = eyeballs_start(&q->eyes, addr, n);
	if (!r)
		r = loop_timer_set(&q->d->loop, &q->deadline, time_left(q));
	if (r)
		refuse(q, r, NULL);
}

void request_answered(struct dialer *d, const struct resolver_answer *answer)
{
	size_t n = answer->count < DIAL_ADDRS_MAX ? answer->count : DIAL_ADDRS_MAX;

	d->resolver_busy = false;
	for (size_t i = 0; i < DIAL_REQUESTS_MAX; i++) {
		struct request *q = &d->req[i];

		/* One that has given up meanwhile has no such number any more. */
		if (q->state != REQ_RESOLVING || q->ask != answer->id)
			continue;
		if (answer->status || !n)
			refuse(q, answer->status ? answer->status : -ENOENT,
			       answer->status == -EAGAIN ? "the name cannot be resolved now"
							 : "there is no such name");
		else
			have_addresses(q, answer->addr, n, answer->domain);
	}
	ask_next(d);
}

/* The oldest that waits gets the resolver. */
static void ask_next(struct dialer *d)
{
	struct resolver_ask ask = { .id = 0 };
	struct request *next = NULL;

	for (size_t i = 0; i < DIAL_REQUESTS_MAX && !d->resolver_busy; i++) {
		struct request *q = &d->req[i];

		if (q->state == REQ_WAITS && (!next || q->ask - next->ask > UINT32_MAX / 2))
			next = q;
	}
	if (!next)
		return;
	ask.id = next->ask;
	ask.family = next->family;
	memcpy(ask.host, next->host, sizeof(ask.host));
	next->state = REQ_RESOLVING;
	if (send(d->resolver_io.fd, &ask, sizeof(ask), MSG_NOSIGNAL) != sizeof(ask)) {
		log_err("the resolver is gone");
		loop_quit(&d->loop, 1);
		return;
	}
	d->resolver_busy = true;
}

static void find_addresses(struct request *q)
{
	uint64_t left = time_left(q);
	struct dial_addr literal;
	int r;

	if (*q->host && !dial_addr_parse(&literal, q->host, q->port)) {
		have_addresses(q, &literal, 1, "");
		return;
	}
	q->ask = ++q->d->asks;
	q->state = REQ_WAITS;
	r = loop_timer_set(&q->d->loop, &q->deadline,
			   left < DIAL_RESOLVE_MS ? left : DIAL_RESOLVE_MS);
	if (r)
		refuse(q, r, NULL);
	else
		ask_next(q->d);
}

static void timed_out(void *arg)
{
	struct request *q = arg;

	if (q->state == REQ_CONNECTING)
		refuse(q, -ETIMEDOUT, NULL);
	else
		refuse(q, -EAGAIN, "no name server answers");
}

static void start_listen(struct request *q, const struct dial_listen *m)
{
	struct dial_listening out = { .local.family = 0 };
	_cleanup_close_ int fd = -1;
	int r = 0;

	q->purpose = m->purpose;
	q->port = q->d->cfg.listen_addr.port;
	if (m->purpose != DIAL_FOR_CONNREQ) {
		refuse(q, -EACCES, "nothing is served for that");
		return;
	}
	fd = listen_tcp(&q->d->cfg.listen_addr);
	if (fd < 0)
		r = fd;
	if (!r)
		r = local_address(fd, &out.local);
	if (r) {
		refuse(q, r, NULL);
		return;
	}
	handed_over(q, &(struct dial_addr){ .family = 0 }, &out.local);
	reply(q, 0, &out, fd);
}

static void start_udp(struct request *q, const struct dial_udp *m)
{
	q->purpose = m->purpose;
	q->family = m->family;
	q->port = m->port;
	q->local_port = m->local_port;
	q->how = m->how;
	memcpy(q->host, m->host, sizeof(q->host));
	/* For the ACS: only which of our addresses a connection would have. */
	if (m->purpose != DIAL_FOR_STUN && m->purpose != DIAL_FOR_ECHO &&
	    (m->purpose != DIAL_FOR_NAMES || !m->host[0]) &&
	    (m->purpose != DIAL_FOR_ACS || m->local_port || !m->host[0]))
		refuse(q, -EACCES, "no datagrams for that");
	else if (m->local_port && m->local_port < 1024)
		refuse(q, -EACCES, "local port below 1024");
	else if (m->purpose == DIAL_FOR_ECHO && !m->host[0] &&
		 !egress_port(&q->d->cfg.egress, m->purpose, m->local_port))
		refuse(q, -EACCES, "port (dialer.ports)");
	else if (!m->host[0])
		finish_udp(q, NULL, 0);
	else if (resolver_host_ok(m->host))
		refuse(q, -EINVAL, "no host name");
	else if (!egress_port(&q->d->cfg.egress, m->purpose, m->port))
		refuse(q, -EACCES, "port (dialer.ports)");
	else
		find_addresses(q);
}

static void start_connect(struct request *q, const struct dial_connect *m)
{
	q->purpose = m->purpose;
	q->family = m->family;
	q->port = m->port;
	q->eyes.how = m->how;
	memcpy(q->host, m->host, sizeof(q->host));
	if (m->timeout_ms && m->timeout_ms < DIAL_TIMEOUT_MS)
		q->until = clock_mono_ms() + m->timeout_ms;
	if (resolver_host_ok(m->host))
		refuse(q, -EINVAL, "no host name");
	else if (!egress_port(&q->d->cfg.egress, m->purpose, m->port))
		refuse(q, -EACCES, "port (dialer.ports)");
	else
		find_addresses(q);
}

static void start_resolve(struct request *q, const struct dial_resolve *m)
{
	q->purpose = m->purpose;
	q->family = m->family;
	memcpy(q->host, m->host, sizeof(q->host));
	if (resolver_host_ok(m->host))
		refuse(q, -EINVAL, "no host name");
	else
		find_addresses(q);
}

static struct request *free_request(struct dialer *d)
{
	for (size_t i = 0; i < DIAL_REQUESTS_MAX; i++) {
		if (d->req[i].state == REQ_FREE)
			return &d->req[i];
	}
	return NULL;
}

void request_start(struct dialer *d, const struct ipc_hdr *hdr, const void *payload)
{
	struct request *q = free_request(d);
	bool pass = ipc_gate_pass(&d->gate, hdr->op, clock_mono_ms());

	if (!q || !pass) {
		audit_gated(&d->flood, ipc_rows[hdr->op].name, AUDIT_REFUSED, "reason",
			    pass ? "too many at once" : "too many per minute");
		(void)ipc_reply(&d->chan, hdr->op, hdr->seq, -EBUSY, NULL, -1);
		return;
	}
	q->op = hdr->op;
	q->seq = hdr->seq;
	q->family = DIAL_ANY;
	q->port = 0;
	q->local_port = 0;
	q->purpose = 0;
	memset(&q->how, 0, sizeof(q->how));
	q->host[0] = '\0';
	q->until = clock_mono_ms() + DIAL_TIMEOUT_MS;
	if (hdr->op == IPC_DIAL_CONNECT)
		start_connect(q, payload);
	else if (hdr->op == IPC_DIAL_LISTEN)
		start_listen(q, payload);
	else if (hdr->op == IPC_DIAL_UDP)
		start_udp(q, payload);
	else if (hdr->op == IPC_DIAL_RESOLVE)
		start_resolve(q, payload);
	else
		find_addresses(q); /* of the name servers: no host is asked for */
}

void requests_init(struct dialer *d)
{
	for (size_t i = 0; i < DIAL_REQUESTS_MAX; i++) {
		struct request *q = &d->req[i];

		q->d = d;
		q->state = REQ_FREE;
		loop_timer_init(&q->deadline, timed_out, q);
		eyeballs_init(&q->eyes, &d->loop, connected, q);
	}
}

/* The agent is gone: nobody is left to take the sockets. */
void requests_drop(struct dialer *d)
{
	for (size_t i = 0; i < DIAL_REQUESTS_MAX; i++) {
		loop_timer_clear(&d->loop, &d->req[i].deadline);
		eyeballs_stop(&d->req[i].eyes);
		d->req[i].state = REQ_FREE;
	}
	memset(&d->gate, 0, sizeof(d->gate));
}
