/* SPDX-License-Identifier: Apache-2.0 */
/* Drives Device.DNS.Diagnostics.NSLookupDiagnostics.: own questions over a socket of the dialer. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/dial.h"
#include "agent/dialer/addr.h"
#include "agent/diag/parts.h"
#include "agent/tr181/diag.h"
#include "agent/tr181/ns_lookup.h"
#include "lib/clock.h"
#include "lib/rand.h"

#define DNS_PORT 53

struct question {
	struct dns_query query;
	bool open; /* not answered yet */
	uint8_t family;
};

struct lookup {
	struct ns_lookup rows;
	int asking; /* of the dialer; 0: no */
	struct loop_io io;
	struct loop_timer timer; /* the answers' last moment, or the next repetition */
	struct dial_udp how;
	bool waiting;
	uint32_t timeout_ms, repetitions;
	uint64_t sent_ms;
	struct question question[2];
	struct lookup_result now;
	bool no_such_name;
};

static struct lookup *lookup_of(struct diag *d)
{
	return (struct lookup *)d; /* the first member of its first member */
}

static void stop(struct diag *d)
{
	struct lookup *l = lookup_of(d);
	struct agent *a = diag_agent(d);
	int fd = l->io.fd;

	if (l->asking)
		dial_cancel(a->dial, l->asking);
	l->asking = 0;
	loop_timer_clear(&a->loop, &l->timer);
	loop_io_del(&a->loop, &l->io);
	if (fd >= 0)
		close(fd);
	l->io.fd = -1;
}

static void end(struct lookup *l, enum diag_state state, const char *why, int r)
{
	stop(&l->rows.diag);
	diag_end(&l->rows.diag, state, why, r);
}

/* One repetition is over. */
static void take_result(struct lookup *l)
{
	struct ns_lookup *rows = &l->rows;
	struct lookup_result *r = &l->now;

	l->waiting = false;
	if (r->count)
		r->status = LOOKUP_SUCCESS;
	else if (r->answered && l->no_such_name)
		r->status = LOOKUP_NO_NAME;
	else if (r->answered)
		r->status = LOOKUP_OTHER;
	rows->successes += r->status == LOOKUP_SUCCESS;
	rows->result[rows->count++] = *r;
	if (rows->count < l->repetitions)
		(void)loop_timer_set(&diag_agent(&rows->diag)->loop, &l->timer, LOOKUP_SPACING_MS);
	else
		end(l, rows->successes ? DIAG_COMPLETE : DIAG_OTHER,
		    rows->successes ? NULL : "no question was answered", 0);
}

static void take_answer(struct lookup *l, const struct question *q, const struct dns_answer *a)
{
	struct lookup_result *r = &l->now;

	if (!r->answered) {
		uint64_t ms = clock_mono_ms() - l->sent_ms;

		r->answered = true;
		r->authoritative = a->authoritative;
		r->ms = ms ? (uint32_t)ms : 1;
		l->no_such_name = true;
	}
	if ((a->rcode != DNS_NOERROR && a->rcode != DNS_NXDOMAIN) || a->truncated)
		l->no_such_name = false;
	for (uint32_t i = 0; i < a->count && r->count < DNS_ADDRS_MAX; i++) {
		struct lookup_addr *to = &r->addr[r->count++];

		to->family = q->family;
		memcpy(to->addr, a->addr[i], sizeof(to->addr));
	}
}

static void heard(struct lookup *l, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < 2; i++) {
		struct question *q = &l->question[i];
		struct dns_answer answer;
		int r;

		if (!q->open)
			continue;
		r = dns_read(&answer, &q->query, data, len);
		if (r == -EINVAL)
			continue;
		q->open = false;
		if (r) /* it is ours, and cannot be read */
			answer = (struct dns_answer){ .truncated = true };
		take_answer(l, q, &answer);
		return;
	}
}

static void readable(void *arg, int fd, uint32_t events)
{
	struct lookup *l = arg;
	uint8_t data[1500];

	/* Not all that may come at once: others have their turn. */
	for (int k = 0; k < 8; k++) {
		ssize_t n = recv(fd, data, sizeof(data), MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN)
			break;
		if (!l->waiting)
			continue;
		if (n < 0) {
			/* The server's machine says that nobody is there. */
			l->now.status = LOOKUP_NO_SERVER;
			take_result(l);
			return;
		}
		heard(l, data, (size_t)n);
	}
	if (l->waiting && !l->question[0].open && !l->question[1].open)
		take_result(l);
}

static int ask(struct lookup *l)
{
	static const uint16_t types[2] = { DNS_A, DNS_AAAA };
	uint16_t id[2];

	l->now = (struct lookup_result){ .status = LOOKUP_TIMEOUT };
	l->no_such_name = false;
	l->sent_ms = clock_mono_ms();
	if (rand_bytes(id, sizeof(id)))
		return -EIO;
	id[1] ^= id[1] == id[0];
	for (size_t i = 0; i < 2; i++) {
		struct question *q = &l->question[i];
		int r = dns_ask(&q->query, id[i], l->rows.name, types[i]);

		if (r)
			return r;
		q->family = types[i] == DNS_A ? 4 : 6;
		q->open = true;
		/* What became of the one before may be told instead of sending this one. */
		if (send(l->io.fd, q->query.data, q->query.len, MSG_NOSIGNAL) < 0 &&
		    send(l->io.fd, q->query.data, q->query.len, MSG_NOSIGNAL) < 0)
			l->now.status = LOOKUP_NO_SERVER;
	}
	l->waiting = true;
	return loop_timer_set(&diag_agent(&l->rows.diag)->loop, &l->timer, l->timeout_ms);
}

static void due(void *arg)
{
	struct lookup *l = arg;
	int r;

	if (l->waiting) {
		take_result(l);
		return;
	}
	r = ask(l);
	if (r)
		end(l, DIAG_INTERNAL, "a question", r);
}

static void connected(void *arg, int status, int fd, const struct dial_conn *conn)
{
	struct lookup *l = arg;
	int r;

	l->asking = 0;
	if (status) {
		bool name = status == -ENOENT || status == -EAGAIN || status == -EINVAL;

		end(l, name ? DIAG_NO_SERVER : DIAG_OTHER, "the name server", status);
		return;
	}
	l->rows.server = conn->peer;
	r = loop_io_add(&diag_agent(&l->rows.diag)->loop, &l->io, fd, EPOLLIN, readable, l);
	if (r) {
		close(fd);
		l->io.fd = -1;
		end(l, DIAG_INTERNAL, "the name server", r);
		return;
	}
	due(l);
}

static void connect_there(struct lookup *l)
{
	int r = dial_udp(diag_agent(&l->rows.diag)->dial, &l->how, connected, l);

	if (r < 0)
		end(l, DIAG_INTERNAL, "the dialer", r);
	else
		l->asking = r;
}

static void have_servers(void *arg, int status, const struct dial_servers *servers)
{
	struct lookup *l = arg;
	struct dns_query probe;
	char *name = l->rows.name;
	size_t n = strlen(name);

	l->asking = 0;
	if (status || (!servers->count && !*l->how.host)) {
		end(l, DIAG_NO_SERVER, "the box has no name server", status);
		return;
	}
	/* "The current domain name MUST be used unless the name is a fully qualified name." */
	if (!strchr(name, '.') && *servers->domain)
		(void)snprintf(name + n, sizeof(l->rows.name) - n, ".%s", servers->domain);
	if (dns_ask(&probe, 0, name, DNS_A)) {
		end(l, DIAG_OTHER, "HostName is no name", 0);
		return;
	}
	n = strlen(name);
	if (name[n - 1] == '.')
		name[n - 1] = '\0';
	if (!*l->how.host)
		(void)dial_addr_text(&servers->addr[0], false, l->how.host);
	connect_there(l);
}

static void begin(struct diag *d)
{
	const struct dm_inst *in = diag_inst(d);
	const char *server = dm_str(in, "DNSServer", NULL), *host = dm_str(in, "HostName", NULL);
	struct lookup *l = lookup_of(d);
	uint64_t timeout = dm_uint(in, "Timeout"), count = dm_uint(in, "NumberOfRepetitions");
	int r;

	l->how = (struct dial_udp){ .purpose = DIAL_FOR_NAMES, .port = DNS_PORT };
	r = diag_interface(in, &l->how.how.ifindex);
	if (r) {
		diag_end(d, DIAG_OTHER, "Interface", r);
		return;
	}
	if (!timeout || timeout > LOOKUP_TIMEOUT_MAX_MS || !count || count > LOOKUP_COUNT_MAX) {
		diag_end(d, DIAG_OTHER, "more than this box does in one test, or nothing", 0);
		return;
	}
	l->timeout_ms = (uint32_t)timeout;
	l->repetitions = (uint32_t)count;
	if (strlen(server) >= sizeof(l->how.host)) {
		diag_end(d, DIAG_NO_SERVER, "DNSServer is no name", 0);
		return;
	}
	memcpy(l->how.host, server, strlen(server) + 1);
	if (strlen(host) >= sizeof(l->rows.name)) {
		diag_end(d, DIAG_OTHER, "HostName is no name", 0);
		return;
	}
	memcpy(l->rows.name, host, strlen(host) + 1);
	r = dial_servers(diag_agent(d)->dial, have_servers, l);
	if (r < 0)
		diag_end(d, DIAG_INTERNAL, "the dialer", r);
	else
		l->asking = r;
}

static void show(struct diag *d)
{
	ns_lookup_show(diag_agent(d)->dm, &lookup_of(d)->rows);
}

static bool sound(const struct diag *d)
{
	const struct ns_lookup *rows = (const void *)d;
	bool good = rows->count <= LOOKUP_COUNT_MAX &&
		    memchr(rows->name, '\0', sizeof(rows->name)) != NULL;

	for (uint32_t i = 0; good && i < rows->count; i++)
		good = rows->result[i].status <= LOOKUP_OTHER &&
		       rows->result[i].count <= DNS_ADDRS_MAX;
	return good;
}

int diag_lookup_new(struct diags *all)
{
	static const struct diag_ops ops = { .name = "NSLookupDiagnostics",
					     .object = &ns_lookup,
					     .size = sizeof(struct ns_lookup),
					     .begin = begin,
					     .stop = stop,
					     .show = show,
					     .sound = sound };
	struct lookup *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->io.fd = -1;
	loop_timer_init(&l->timer, due, l);
	diags_add(all, &l->rows.diag, &ops);
	return 0;
}
