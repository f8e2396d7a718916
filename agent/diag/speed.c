/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives Device.IP.Diagnostics.DownloadDiagnostics. and UploadDiagnostics. (TR-143 4): streams of
 * agent/http whose content is thrown away, or made of nothing. In the loop, so that a test does not
 * keep the agent from anything else.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/diag/parts.h"
#include "agent/http/stream.h"
#include "agent/tr181/diag.h"
#include "agent/tr181/speed.h"
#include "lib/clock.h"

struct test;

struct conn {
	struct test *test;
	struct http_stream *stream;
	struct speed_result *result;
	struct speed_octets at_bom;
	uint64_t body; /* octets of the test file so far */
	bool begun, ended;
};

struct test {
	struct speed rows;
	bool up;
	struct http_stream_req req;
	uint32_t wanted, begun, ended; /* connections */
	uint32_t ifindex, duration_s, interval_s, offset_s;
	struct loop_timer open;	 /* one more connection */
	struct loop_timer limit; /* the end of the test */
	struct loop_timer step;	 /* the end of an interval */
	struct speed_octets at_bom, at_full, at_step;
	struct conn conn[SPEED_CONNECTIONS_MAX];
};

static struct test *test_of(struct diag *d)
{
	return (struct test *)d; /* the first member of its first member */
}

static struct loop *loop_of(const struct test *t)
{
	return &diag_agent(&t->rows.diag)->loop;
}

static struct speed_octets less(struct speed_octets now, struct speed_octets then)
{
	return (struct speed_octets){ now.test - then.test, now.rx - then.rx, now.tx - then.tx };
}

/* Octets of one connection's test, with the heads of HTTP. */
static uint64_t octets_of(const struct conn *c)
{
	if (!c->stream)
		return c->result ? c->result->octets.test : 0;
	return c->body +
	       (c->test->up ? http_stream_requests(c->stream) : http_stream_heads(c->stream));
}

static struct speed_octets count(const struct test *t)
{
	struct speed_octets now = { 0 };

	speed_count(diag_agent(&t->rows.diag)->dm, t->ifindex, &now);
	for (uint32_t i = 0; i < t->rows.nconns; i++)
		now.test += octets_of(&t->conn[i]);
	return now;
}

static void stop(struct diag *d)
{
	struct test *t = test_of(d);

	loop_timer_clear(loop_of(t), &t->open);
	loop_timer_clear(loop_of(t), &t->limit);
	loop_timer_clear(loop_of(t), &t->step);
	for (uint32_t i = 0; i < t->rows.nconns; i++) {
		http_stream_free(t->conn[i].stream);
		t->conn[i].stream = NULL;
	}
}

static void conn_ends(struct conn *c, int64_t at)
{
	struct test *t = c->test;
	struct speed *s = &t->rows;
	struct speed_octets now = count(t);

	if (c->ended)
		return;
	c->ended = true;
	if (!c->begun)
		return;
	c->result->octets = less(now, c->at_bom);
	c->result->octets.test = octets_of(c);
	c->result->eom = at;
	if (at > s->whole.eom)
		s->whole.eom = at;
	s->whole.octets = less(now, t->at_bom);
	s->whole.octets.test = now.test;
	/* "Between the latest BOMTime and the earliest EOMTime." */
	if (!t->ended++ && t->begun == t->wanted) {
		s->full.end = at;
		s->full.octets = less(now, t->at_full);
	}
}

static void end(struct test *t, enum diag_state state, const char *why, int r)
{
	int64_t now = clock_wall_us();

	for (uint32_t i = 0; i < t->rows.nconns; i++)
		conn_ends(&t->conn[i], now);
	if (!t->rows.full.end)
		t->rows.full = (struct speed_step){ 0 };
	stop(&t->rows.diag);
	diag_end(&t->rows.diag, state, why, r);
}

static void step(void *arg)
{
	struct test *t = arg;
	struct speed_octets now = count(t);
	struct speed_step *s = &t->rows.step[t->rows.nsteps];

	if (s->start) {
		s->end = clock_wall_us();
		s->octets = less(now, t->at_step);
		if (++t->rows.nsteps == SPEED_STEPS_MAX)
			return;
		s[1].start = s->end;
	} else {
		s->start = clock_wall_us();
	}
	t->at_step = now;
	(void)loop_timer_set(loop_of(t), &t->step, (uint64_t)t->interval_s * 1000);
}

static void limit(void *arg)
{
	struct test *t = arg;

	/* The last interval ends with the test: 90 s make nine of 10 s. */
	if (loop_timer_left(loop_of(t), &t->step) < SPEED_STEP_SLACK_MS)
		step(t);
	if (t->duration_s)
		end(t, DIAG_COMPLETE, NULL, 0);
	else
		end(t, DIAG_TIMEOUT, "the test takes too long", 0);
}

/* The first data of a connection. */
static void begins(struct conn *c)
{
	struct test *t = c->test;
	struct speed *s = &t->rows;
	struct speed_octets now;

	if (c->begun)
		return;
	c->begun = true;
	c->result->bom = clock_wall_us();
	now = count(t);
	c->at_bom = now;
	if (!t->begun++) {
		s->whole.bom = c->result->bom;
		t->at_bom = now;
		(void)loop_timer_set(loop_of(t), &t->limit,
				     t->duration_s ? (uint64_t)t->duration_s * 1000 : SPEED_MAX_MS);
		if (t->duration_s && t->interval_s)
			(void)loop_timer_set(loop_of(t), &t->step, (uint64_t)t->offset_s * 1000);
	}
	if (t->begun == t->wanted) {
		s->full.start = c->result->bom;
		t->at_full = now;
	}
}

static int sink(void *arg, const void *data, size_t n)
{
	struct conn *c = arg;

	c->body += n;
	c->result->eom = clock_wall_us();
	return 0;
}

static int64_t source(void *arg, uint64_t at, void *to, size_t n)
{
	struct conn *c = arg;
	uint64_t left = c->test->req.size - at;

	begins(c);
	if (n > left)
		n = (size_t)left;
	memset(to, 0, n);
	c->body = at + n;
	return (int64_t)n;
}

static void mark(void *arg, enum http_mark mark)
{
	struct conn *c = arg;
	struct test *t = c->test;
	struct speed_result *r = c->result, *whole = &t->rows.whole;
	const struct dial_conn *conn = http_stream_conn(c->stream);

	if (mark == HTTP_MARK_FIRST && !t->up)
		begins(c);
	if (mark == HTTP_MARK_OPEN && t->rows.nconns < t->wanted)
		(void)loop_timer_set(loop_of(t), &t->open, 0);
	if (mark != HTTP_MARK_SENT)
		return;
	r->rom = clock_wall_us();
	r->asked = (int64_t)conn->asked_us;
	r->opened = (int64_t)conn->opened_us;
	t->rows.local = conn->local;
	/* Of several connections the earliest request, and the latest opening. */
	if (!whole->rom || r->rom < whole->rom)
		whole->rom = r->rom;
	if (r->asked > whole->asked)
		whole->asked = r->asked;
	if (r->opened > whole->opened)
		whole->opened = r->opened;
}

static enum diag_state verdict(const struct test *t, const struct http_stream_result *r)
{
	enum diag_state broken = t->up ? DIAG_INCOMPLETE : DIAG_TRANSFER;

	switch (r->error) {
	case HTTP_OK:
		return r->status >= 200 && r->status < 300 ? DIAG_COMPLETE : broken;
	case HTTP_EPOLICY:
	case HTTP_EURL:
		return DIAG_OTHER;
	case HTTP_ERESOLVE:
		return DIAG_NO_NAME;
	case HTTP_ECONNECT:
		return r->dialed == -EHOSTUNREACH || r->dialed == -ENETUNREACH ? DIAG_NO_ROUTE
									       : DIAG_NO_CONNECTION;
	case HTTP_ETLS:
		return DIAG_NO_CONNECTION;
	case HTTP_ETIMEOUT:
		return r->dialed ? DIAG_NO_CONNECTION : r->status ? DIAG_TIMEOUT : DIAG_NO_RESPONSE;
	case HTTP_ECLOSED:
		return r->status || t->up ? broken : DIAG_NO_RESPONSE;
	case HTTP_ETOOBIG:
		return broken;
	case HTTP_EINTERNAL:
		break;
	}
	return DIAG_INTERNAL;
}

static void done(void *arg, const struct http_stream_result *r)
{
	struct conn *c = arg;
	struct test *t = c->test;
	enum diag_state state = verdict(t, r);
	int64_t at = clock_wall_us();
	char why[160];

	if (state != DIAG_COMPLETE) {
		/* The text is the stream's, which ends first. */
		(void)snprintf(why, sizeof(why), "%s", r->error ? r->why : "the server refuses");
		end(t, state, why, 0);
		return;
	}
	/* Of a download the last data, of an upload the server's answer. */
	conn_ends(c, !t->up && c->result->eom ? c->result->eom : at);
	http_stream_free(c->stream);
	c->stream = NULL;
	if (t->ended == t->wanted)
		end(t, DIAG_COMPLETE, NULL, 0);
}

static void open_one(void *arg)
{
	struct test *t = arg;
	const struct dm_inst *in = diag_inst(&t->rows.diag);
	uint32_t i = t->rows.nconns;
	struct conn *c = &t->conn[i];
	int r;

	*c = (struct conn){ .test = t, .result = &t->rows.conn[i] };
	t->req.url = dm_str(in, t->up ? "UploadURL" : "DownloadURL", NULL);
	t->req.arg = c;
	r = http_stream_start(&c->stream, diag_agent(&t->rows.diag)->http, &t->req);
	if (!r)
		t->rows.nconns++;
	else
		end(t, r == -ENOMEM ? DIAG_INTERNAL : DIAG_OTHER, "the URL", r);
}

static void begin(struct diag *d)
{
	const struct dm_inst *in = diag_inst(d);
	struct test *t = test_of(d);
	uint64_t priority = dm_uint(in, "EthernetPriority");
	int r = diag_interface(in, &t->ifindex);

	if (r) {
		diag_end(d, DIAG_OTHER, "Interface", r);
		return;
	}
	t->begun = t->ended = 0;
	t->wanted = (uint32_t)dm_uint(in, "NumberOfConnections");
	t->duration_s = (uint32_t)dm_uint(in, "TimeBasedTestDuration");
	t->interval_s = (uint32_t)dm_uint(in, "TimeBasedTestMeasurementInterval");
	t->offset_s = (uint32_t)dm_uint(in, "TimeBasedTestMeasurementOffset");
	t->req = (struct http_stream_req){
		.put = t->up,
		.user = "", /* "HTTP Authentication MUST NOT be used" */
		.password = "",
		.allow_http = true, /* nothing of it is kept, or a secret */
		.purpose = DIAL_FOR_DIAGNOSTICS,
		.family = (enum dial_family)diag_family(in),
		.how = { .ifindex = t->ifindex,
			 .dscp = (uint8_t)dm_uint(in, "DSCP"),
			 .priority = (uint8_t)priority },
		.timeout_s = SPEED_SILENCE_S,
		.max = UINT64_MAX,
		.sink = sink,
		.source = source,
		.mark = mark,
		.done = done,
	};
	if (t->up)
		t->req.size = t->duration_s ? SPEED_OCTETS_MAX : dm_uint(in, "TestFileLength");
	if (t->wanted > SPEED_CONNECTIONS_MAX || t->req.size > SPEED_OCTETS_MAX ||
	    (t->up && !t->req.size)) {
		diag_end(d, DIAG_OTHER, "more than this box does in one test, or nothing", 0);
		return;
	}
	open_one(t);
}

static void show(struct diag *d)
{
	speed_show(diag_agent(d)->dm, &test_of(d)->rows,
		   dm_bool(diag_inst(d), "EnablePerConnectionResults"));
}

static bool sound(const struct diag *d)
{
	const struct speed *rows = (const void *)d;

	return rows->nconns <= SPEED_CONNECTIONS_MAX && rows->nsteps <= SPEED_STEPS_MAX;
}

static const struct diag_ops downloads = { .name = "DownloadDiagnostics",
					   .object = &download_diagnostics,
					   .size = sizeof(struct speed),
					   .begin = begin,
					   .stop = stop,
					   .show = show,
					   .sound = sound };
static const struct diag_ops uploads = { .name = "UploadDiagnostics",
					 .object = &upload_diagnostics,
					 .size = sizeof(struct speed),
					 .begin = begin,
					 .stop = stop,
					 .show = show,
					 .sound = sound };

static int test_new(struct diags *all, bool up)
{
	struct test *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->up = up;
	loop_timer_init(&t->open, open_one, t);
	loop_timer_init(&t->limit, limit, t);
	loop_timer_init(&t->step, step, t);
	diags_add(all, &t->rows.diag, up ? &uploads : &downloads);
	return 0;
}

int diag_speed_new(struct diags *all)
{
	return test_new(all, false) ?: test_new(all, true);
}
