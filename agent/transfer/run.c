/* SPDX-License-Identifier: Apache-2.0 */
/* One transfer: the stream between a file server and what handles the file. */
#include "agent/transfer/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "agent/client.h"
#include "agent/priv.h"
#include "agent/store.h"
#include "lib/clock.h"
#include "lib/log.h"

unsigned transfers_fault(struct transfers *ts, unsigned code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(ts->fault_text, sizeof(ts->fault_text), fmt, ap);
	va_end(ap);
	ts->fault = code;
	return code;
}

static int on_begin(void *arg, uint64_t from, uint64_t total)
{
	struct transfers *ts = arg;

	return from ? 0 : (int)ts->file->begin(ts, ts->now);
}

static void tell_progress(struct transfers *ts)
{
	uint64_t bytes = http_stream_bytes(ts->stream), total = http_stream_total(ts->stream);
	unsigned int tenths;

	if (total == HTTP_SIZE_UNKNOWN || total < TRANSFER_TOLD_BYTES)
		return;
	tenths = (unsigned int)(bytes * 10 / total);
	if (tenths == ts->told)
		return;
	ts->told = tenths;
	log_info("transfer %u: %" PRIu64 " of %" PRIu64 " bytes", ts->now->id, bytes, total);
}

static int on_sink(void *arg, const void *data, size_t n)
{
	struct transfers *ts = arg;

	tell_progress(ts);
	return (int)ts->file->take(ts, data, n);
}

static int64_t on_source(void *arg, uint64_t at, void *to, size_t n)
{
	struct transfers *ts = arg;

	return ts->file->read(ts, at, to, n);
}

static unsigned judge_status(struct transfers *ts, unsigned other, int status)
{
	if (status == 401 || status == 407)
		return transfers_fault(ts, FAULT_FILE_LOGIN,
				       "the file server does not take user and password (HTTP %d)",
				       status);
	if (status >= 400 && status < 500)
		return transfers_fault(ts, FAULT_FILE_ACCESS,
				       "the file server does not give it (HTTP %d)", status);
	return transfers_fault(ts, other, "the file server answers with HTTP %d", status);
}

static unsigned judge(struct transfers *ts, const struct transfer *t,
		      const struct http_stream_result *r)
{
	bool upload = t->kind == TRANSFER_UPLOAD;
	unsigned other = upload ? FAULT_UPLOAD : FAULT_DOWNLOAD;

	if (r->refused_here && ts->fault)
		return ts->fault;
	if (r->error == HTTP_ETOOBIG)
		return transfers_fault(ts, FAULT_FILE_CORRUPT, "%s", r->why);
	if (r->error == HTTP_EINTERNAL)
		return transfers_fault(ts, other, "%s", r->why);
	if (r->error && (r->began || (upload && r->bytes)))
		return transfers_fault(ts, upload ? FAULT_UPLOAD : FAULT_FILE_CUT,
				       "broken off after %" PRIu64 " bytes: %s", r->bytes, r->why);
	if (r->error)
		return transfers_fault(ts, FAULT_FILE_SERVER, "no file server there: %s", r->why);
	if (upload ? r->status < 200 || r->status > 299
		   : !r->began || (r->status != 200 && r->status != 206))
		return judge_status(ts, other, r->status);
	return 0;
}

void transfers_stop(struct transfers *ts)
{
	http_stream_free(ts->stream);
	ts->stream = NULL;
	if (ts->file)
		ts->file->close(ts);
	ts->file = NULL;
	ts->now = NULL;
	loop_timer_clear(&ts->agent->loop, &ts->deadline);
}

static void ended(struct transfers *ts, struct transfer *t, unsigned fault)
{
	/* The helper is gone and so are we: the next agent begins it again. */
	if (priv_lost(ts->agent->priv)) {
		transfers_stop(ts);
		return;
	}
	if (t->state == TRANSFER_ARMED && !fault) {
		transfers_stop(ts);
		transfers_reboot(ts);
		return;
	}
	/* What the handler put into the store's memory goes out in the same save as the result. */
	transfers_complete(ts, t, fault, fault ? ts->fault_text : "");
	transfers_stop(ts);
	if (ts->reboot_wanted)
		transfers_reboot(ts);
	else
		transfers_look(ts);
}

static void on_done(void *arg, const struct http_stream_result *r)
{
	struct transfers *ts = arg;
	struct transfer *t = ts->now;
	unsigned fault = judge(ts, t, r);

	if (!fault && t->kind != TRANSFER_UPLOAD)
		fault = ts->file->finish(ts, t);
	log_info("transfer %u: %" PRIu64 " bytes, %s", t->id, r->bytes,
		 fault ? ts->fault_text : "done");
	ended(ts, t, fault);
}

static unsigned start_stream(struct transfers *ts, struct transfer *t)
{
	struct http_stream_req req = {
		.put = t->kind == TRANSFER_UPLOAD,
		.url = transfer_text(&ts->q, t, "url"),
		.user = transfer_text(&ts->q, t, "user"),
		.password = transfer_text(&ts->q, t, "password"),
		.allow_http = ts->allow_http,
		.purpose = DIAL_FOR_TRANSFER,
		.timeout_s = TRANSFER_TIMEOUT_S,
		.rate = ts->rate,
		.max = ts->file->max,
		.resumes = ts->resumes,
		.resume_after_ms = TRANSFER_RESUME_MS,
		.begin = on_begin,
		.sink = on_sink,
		.source = on_source,
		.done = on_done,
		.arg = ts,
	};
	unsigned fault = req.put ? ts->file->open(ts, t, &req.size) : 0;
	int r;

	if (fault)
		return fault;
	r = http_stream_start(&ts->stream, ts->agent->http, &req);
	return r ? transfers_fault(ts, req.put ? FAULT_UPLOAD : FAULT_DOWNLOAD, "cannot begin: %s",
				   strerror(-r))
		 : 0;
}

static void limit_time(struct transfers *ts, const struct transfer *t)
{
	const struct transfer_clock now = transfers_clock(ts);
	int64_t left = transfer_left(t, &now);

	if (left > TRANSFER_MAX_S)
		left = TRANSFER_MAX_S;
	(void)loop_timer_set(&ts->agent->loop, &ts->deadline, (uint64_t)left * 1000);
}

static unsigned may_begin(struct transfers *ts, const struct transfer *t)
{
	bool upload = t->kind == TRANSFER_UPLOAD;
	unsigned fault = upload ? FAULT_UPLOAD : FAULT_DOWNLOAD;
	enum transfer_file file;
	uint32_t instance;
	const char *why;

	/* One that ends the agent each time must not keep it from the ACS for ever. */
	if (t->begun > TRANSFER_BEGUN_MAX)
		return transfers_fault(ts, fault, "begun %d times, and never ended",
				       TRANSFER_BEGUN_MAX);
	/* The queue outlives a configuration that had such a file: there may be no handler. */
	if (transfer_type(ts, upload, transfer_text(&ts->q, t, "type"), &file, &instance, &why))
		return transfers_fault(ts, fault, "%s", why);
	return 0;
}

void transfers_run(struct transfers *ts, struct transfer *t)
{
	unsigned fault;

	ts->now = t;
	ts->told = 0;
	ts->fault = 0;
	ts->fault_text[0] = '\0';
	t->state = TRANSFER_RUNNING;
	t->begun++;
	if (!t->started && clock_synced())
		t->started = clock_wall();
	if (transfer_put(&ts->q, t) || store_save(ts->agent->store))
		log_warn("transfer %u: its start is not in the store", t->id);
	log_notice("transfer %u: %s of %s begins", t->id,
		   t->kind == TRANSFER_UPLOAD ? "upload" : "download",
		   transfer_text(&ts->q, t, "type"));
	limit_time(ts, t);
	fault = may_begin(ts, t);
	if (!fault) {
		ts->file = transfer_handler(t->file);
		fault = start_stream(ts, t);
	}
	if (fault)
		ended(ts, t, fault);
}
