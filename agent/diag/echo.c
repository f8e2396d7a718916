/* SPDX-License-Identifier: Apache-2.0 */
/* Drives Device.IP.Diagnostics.UDPEchoDiagnostics. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/dial.h"
#include "agent/diag/datagram.h"
#include "agent/diag/parts.h"
#include "agent/tr181/diag.h"
#include "agent/tr181/udp_echo.h"
#include "lib/clock.h"
#include "lib/rand.h"

struct echo_test {
	struct udp_echo rows;
	int asking;
	struct loop_io io;
	struct loop_timer timer; /* the next packet, or the last moment of the answers */
	struct dial_udp how;
	uint32_t wanted, timeout_ms, pace_ms, size;
	uint32_t first_sn;
	uint8_t data[DATAGRAM_MAX];
};

static struct echo_test *test_of(struct diag *d)
{
	return (struct echo_test *)d; /* the first member of its first member */
}

static struct loop *loop_of(const struct echo_test *t)
{
	return &diag_agent(&t->rows.diag)->loop;
}

static void stop(struct diag *d)
{
	struct echo_test *t = test_of(d);
	int fd = t->io.fd;

	if (t->asking)
		dial_cancel(diag_agent(d)->dial, t->asking);
	t->asking = 0;
	loop_timer_clear(loop_of(t), &t->timer);
	loop_io_del(loop_of(t), &t->io);
	if (fd >= 0)
		close(fd);
	t->io.fd = -1;
}

static void end(struct echo_test *t, enum diag_state state, const char *why, int r)
{
	stop(&t->rows.diag);
	t->rows.bad = t->rows.count - t->rows.good;
	diag_end(&t->rows.diag, state, why, r);
}

static void send_one(struct echo_test *t)
{
	struct udp_echo *e = &t->rows;
	uint32_t i = e->count++;
	struct echo_packet *p = &e->packet[i];

	*p = (struct echo_packet){ .gen_sn = t->first_sn + i };
	memset(t->data, 0, t->size);
	echo_put(t->data, ECHO_GEN_SN, p->gen_sn);
	if (t->size >= ECHO_ITERATION + 4)
		echo_put(t->data, ECHO_ITERATION, i + 1);
	p->sent_us = clock_wall_us();
	/* What the kernel has to say of the one before is told here: this one goes all the same. */
	if (send(t->io.fd, t->data, t->size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		(void)send(t->io.fd, t->data, t->size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void due(void *arg)
{
	struct echo_test *t = arg;

	if (t->rows.count == t->wanted) {
		end(t, DIAG_COMPLETE, NULL, 0);
		return;
	}
	send_one(t);
	(void)loop_timer_set(loop_of(t), &t->timer,
			     t->rows.count < t->wanted ? t->pace_ms : t->timeout_ms);
}

static void heard(struct echo_test *t, const struct datagram *d)
{
	struct udp_echo *e = &t->rows;
	uint32_t i = d->len == t->size ? echo_get(t->data, ECHO_GEN_SN) - t->first_sn : UINT32_MAX;
	struct echo_packet *p;
	int64_t took;
	uint32_t us;

	if (i >= e->count || e->packet[i].good)
		return;
	p = &e->packet[i];
	took = d->at_us - p->sent_us;
	if (took > (int64_t)t->timeout_ms * 1000)
		return;
	us = took > 0 ? (uint32_t)took : 1; /* somebody set the clock */
	p->good = true;
	p->heard_us = d->at_us;
	if (t->size >= ECHO_PLUS_MIN) {
		p->resp_sn = echo_get(t->data, ECHO_RESP_SN);
		p->received = echo_get(t->data, ECHO_RECEIVED);
		p->replied = echo_get(t->data, ECHO_REPLIED);
		p->failures = echo_get(t->data, ECHO_FAILURES);
	}
	if (!e->good++ || us < e->min_us)
		e->min_us = us;
	if (us > e->max_us)
		e->max_us = us;
	e->sum_us += us;
}

static void readable(void *arg, int fd, uint32_t events)
{
	struct echo_test *t = arg;

	/* Not all that may come at once: others have their turn. */
	for (int k = 0; k < 16; k++) {
		struct datagram d;
		int r = datagram_receive(fd, &d, t->data);

		if (r == -EAGAIN)
			break;
		if (!r)
			heard(t, &d);
	}
	if (t->rows.good == t->wanted)
		end(t, DIAG_COMPLETE, NULL, 0);
}

static void connected(void *arg, int status, int fd, const struct dial_conn *conn)
{
	struct echo_test *t = arg;
	int r;

	t->asking = 0;
	if (status) {
		bool name = status == -ENOENT || status == -EAGAIN || status == -EINVAL;

		end(t, name ? DIAG_NO_NAME : DIAG_OTHER, "the host", status);
		return;
	}
	t->rows.local = conn->local;
	r = loop_io_add(loop_of(t), &t->io, fd, EPOLLIN, readable, t);
	if (r) {
		close(fd);
		t->io.fd = -1;
		end(t, DIAG_INTERNAL, "the socket", r);
		return;
	}
	due(t);
}

static void begin(struct diag *d)
{
	const struct dm_inst *in = diag_inst(d);
	const char *host = dm_str(in, "Host", NULL);
	struct echo_test *t = test_of(d);
	uint64_t count = dm_uint(in, "NumberOfRepetitions"), timeout = dm_uint(in, "Timeout");
	int r;

	t->how = (struct dial_udp){ .purpose = DIAL_FOR_ECHO,
				    .port = (uint16_t)dm_uint(in, "Port"),
				    .family = (uint8_t)diag_family(in),
				    .how = { .dscp = (uint8_t)dm_uint(in, "DSCP") } };
	r = diag_interface(in, &t->how.how.ifindex);
	if (r) {
		diag_end(d, DIAG_OTHER, "Interface", r);
		return;
	}
	t->pace_ms = (uint32_t)dm_uint(in, "InterTransmissionTime");
	t->size = (uint32_t)dm_uint(in, "DataBlockSize");
	if (count > ECHO_COUNT_MAX || timeout > PROBE_TIMEOUT_MAX_MS || t->size > DATAGRAM_MAX ||
	    t->size < ECHO_GEN_SN + 4 || count * t->pace_ms > ECHO_MAX_MS) {
		diag_end(d, DIAG_OTHER, "not what this box does in one test", 0);
		return;
	}
	t->wanted = (uint32_t)count;
	t->timeout_ms = (uint32_t)timeout;
	if (!*host || strlen(host) >= sizeof(t->how.host)) {
		diag_end(d, DIAG_NO_NAME, "this is no host's name", 0);
		return;
	}
	memcpy(t->how.host, host, strlen(host) + 1);
	r = rand_bytes(&t->first_sn, sizeof(t->first_sn));
	if (!r)
		r = dial_udp(diag_agent(d)->dial, &t->how, connected, t);
	if (r < 0)
		diag_end(d, DIAG_INTERNAL, "the dialer", r);
	else
		t->asking = r;
}

static void show(struct diag *d)
{
	udp_echo_show(diag_agent(d)->dm, &test_of(d)->rows,
		      dm_bool(diag_inst(d), "EnableIndividualPacketResults"));
}

static bool sound(const struct diag *d)
{
	const struct udp_echo *rows = (const void *)d;

	return rows->count <= ECHO_COUNT_MAX;
}

int diag_echo_new(struct diags *all)
{
	static const struct diag_ops ops = { .name = "UDPEchoDiagnostics",
					     .object = &udp_echo,
					     .size = sizeof(struct udp_echo),
					     .begin = begin,
					     .stop = stop,
					     .show = show,
					     .sound = sound };
	struct echo_test *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->io.fd = -1;
	loop_timer_init(&t->timer, due, t);
	diags_add(all, &t->rows.diag, &ops);
	return 0;
}
