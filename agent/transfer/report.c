/* SPDX-License-Identifier: Apache-2.0 */
/* What the ACS, and who sits at the box, ask for and hear of. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/client.h"
#include "agent/cwmp/rpc.h"
#include "agent/store.h"
#include "agent/transfer/firmware.h"
#include "agent/transfer/logfile.h"
#include "agent/transfer/record.h"
#include "agent/transfer/run.h"
#include "lib/cleanup.h"
#include "lib/log.h"

static unsigned check_url(const struct transfers *ts, const struct cwmp_transfer *asked,
			  const char **why)
{
	int r = http_stream_check(asked->url, ts->allow_http);

	if (r == -EPROTONOSUPPORT) {
		*why = ts->allow_http ? "URL: https and http are spoken here"
				      : "URL: https is spoken here";
		return FAULT_FILE_PROTOCOL;
	}
	*why = "URL is not one";
	return r ? FAULT_ARGUMENTS : 0;
}

static unsigned take_down(struct transfers *ts, const struct cwmp_transfer *asked,
			  enum transfer_kind kind, const char **why)
{
	const struct transfer_clock now = transfers_clock(ts);
	enum transfer_file file = TRANSFER_FILES;
	struct transfer *t;
	uint32_t instance = 0;
	unsigned fault = transfer_type(ts, asked->kind == CWMP_UPLOAD, asked->file_type, &file,
				       &instance, why);
	int r;

	if (!fault)
		fault = check_url(ts, asked, why);
	if (!fault &&
	    (strlen(asked->user) >= SECRET_MAX || strlen(asked->password) >= SECRET_MAX)) {
		*why = "Username and Password have at most 256 octets";
		fault = FAULT_ARGUMENTS;
	}
	if (fault)
		return fault;
	r = transfer_add(&ts->q, asked, kind, file, instance, &now, &t);
	if (r == -ENOSPC) {
		*why = "too many transfers wait already";
		return FAULT_RESOURCES;
	}
	if (!r && store_save(ts->agent->store)) {
		store_revert(ts->agent->store);
		memset(t, 0, sizeof(*t));
		r = -EIO;
	}
	if (r) {
		*why = "the store does not take it";
		return FAULT_INTERNAL;
	}
	log_notice("transfer %u: %s asked for", t->id, asked->file_type);
	return 0;
}

unsigned transfers_add(struct transfers *ts, const struct cwmp_transfer *asked, const char **why)
{
	return take_down(ts, asked, (enum transfer_kind)asked->kind, why);
}

unsigned transfers_local(struct transfers *ts, const char *type, const char *url, const char **why)
{
	const struct cwmp_transfer asked = { .kind = CWMP_DOWNLOAD,
					     .key = "",
					     .file_type = type,
					     .url = url,
					     .user = "",
					     .password = "",
					     .target = "" };
	unsigned fault;

	/* What the ACS would be told must fit into what it is told with. */
	*why = "the type or the URL is too long";
	if (strlen(type) > CWMP_FILE_TYPE_MAX || strlen(url) > CWMP_AUTONOMOUS_URL_MAX)
		return FAULT_ARGUMENTS;
	fault = take_down(ts, &asked, TRANSFER_LOCAL, why);
	if (!fault)
		transfers_look(ts);
	return fault;
}

/* All of that key, or none (TR-069 A6 A.4.1.9). */
unsigned transfers_cancel(struct transfers *ts, const char *key)
{
	bool any = false;

	for (size_t i = 0; i < TRANSFERS_MAX; i++) {
		const struct transfer *t = &ts->q.v[i];

		if (t->id && t->kind != TRANSFER_LOCAL && !strcmp(t->key, key) &&
		    t->state >= TRANSFER_ARMED)
			return FAULT_NO_CANCEL;
	}
	for (size_t i = 0; i < TRANSFERS_MAX; i++) {
		struct transfer *t = &ts->q.v[i];

		if (!t->id || t->kind == TRANSFER_LOCAL || strcmp(t->key, key) != 0)
			continue;
		transfers_give_up(ts, t, "cancelled");
		any = true;
	}
	if (any && store_save(ts->agent->store)) {
		log_err("the cancelled transfer is still in the store");
		return FAULT_INTERNAL;
	}
	return 0;
}

static uint32_t cwmp_state(const struct transfer *t)
{
	static const uint8_t states[TRANSFER_STATES] = { 1, 2, 3, 3 };

	return states[t->state];
}

void transfers_each(struct transfers *ts, cwmp_queued_fn fn, void *arg)
{
	bool more = true;

	for (size_t i = 0; i < TRANSFERS_MAX && more; i++) {
		const struct transfer *t = &ts->q.v[i];
		char type[CWMP_FILE_TYPE_MAX + 1];
		struct cwmp_queued q = { .key = t->key,
					 .file_type = type,
					 .target = transfer_text(&ts->q, t, "target"),
					 .download = t->kind != TRANSFER_UPLOAD,
					 .by_acs = t->kind != TRANSFER_LOCAL,
					 .state = cwmp_state(t),
					 .file_size = t->file_size };

		if (!t->id)
			continue;
		transfer_type_name(ts, t, type);
		more = fn(arg, &q);
	}
}

size_t transfers_calls(struct transfers *ts, struct cwmp_own_call *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < TRANSFERS_MAX && n < max; i++) {
		const struct transfer *t = &ts->q.v[i];

		if (!t->id || t->state != TRANSFER_DONE)
			continue;
		out[n] = (struct cwmp_own_call){ .ref = t->id };
		out[n].call = t->kind == TRANSFER_LOCAL ? CALL_AUTONOMOUS_TRANSFER_COMPLETE
							: CALL_TRANSFER_COMPLETE;
		memcpy(out[n].key, t->key, sizeof(out[n].key));
		n++;
	}
	for (uint32_t i = 0; i < TRANSFER_REQUESTS_MAX && n < max; i++)
		if (*ts->request[i])
			out[n++] =
				(struct cwmp_own_call){ .call = CALL_REQUEST_DOWNLOAD, .ref = i };
	return n;
}

int transfers_request(struct transfers *ts, const char *type)
{
	enum transfer_file file;
	uint32_t instance;
	const char *why;

	if (transfer_type(ts, false, type, &file, &instance, &why))
		return -EINVAL;
	for (size_t i = 0; i < TRANSFER_REQUESTS_MAX; i++) {
		if (*ts->request[i])
			continue;
		(void)snprintf(ts->request[i], sizeof(ts->request[i]), "%s", type);
		return client_raise(ts->agent->client, EV_REQUEST_DOWNLOAD, NULL) < 0 ? -ENOSPC : 0;
	}
	return -ENOSPC;
}

int transfers_write(struct transfers *ts, const struct cwmp_own_call *call, struct soap_writer *w)
{
	const struct transfer *t = transfer_by_id(&ts->q, call->ref);
	char type[CWMP_FILE_TYPE_MAX + 1];
	struct cwmp_transfer_end e;

	if (call->call == CALL_REQUEST_DOWNLOAD) {
		cwmp_write_request_download(w, ts->request[call->ref]);
		return 0;
	}
	if (!t || t->state != TRANSFER_DONE)
		return -ENOENT;
	e = (struct cwmp_transfer_end){ .key = t->key,
					.fault = t->fault,
					.fault_text = t->fault_text,
					.started = t->started,
					.ended = t->fault ? 0 : t->ended };
	if (call->call == CALL_TRANSFER_COMPLETE) {
		cwmp_write_transfer_complete(w, &e);
		return 0;
	}
	transfer_type_name(ts, t, type);
	e.url = transfer_text(&ts->q, t, "url");
	e.file_type = type;
	e.target = transfer_text(&ts->q, t, "target");
	e.download = t->kind != TRANSFER_UPLOAD;
	e.file_size = t->file_size;
	cwmp_write_autonomous(w, &e);
	return 0;
}

/* In the same save as the events that go with it: the client saves when it has heard the answer. */
void transfers_answered(struct transfers *ts, const struct cwmp_own_call *call, uint32_t fault)
{
	struct transfer *t = transfer_by_id(&ts->q, call->ref);
	bool firmware;

	if (fault && fault != 8000)
		return;
	if (call->call == CALL_REQUEST_DOWNLOAD)
		ts->request[call->ref][0] = '\0';
	if (call->call == CALL_REQUEST_DOWNLOAD || !t || t->state != TRANSFER_DONE)
		return;
	log_info("transfer %u: %s", t->id, fault ? "this ACS never hears of it" : "told");
	firmware = t->file == TRANSFER_FIRMWARE;
	transfer_drop(&ts->q, t);
	if (firmware)
		firmware_told(ts);
}

static const char *state_text(const struct transfer *t)
{
	static const char *const states[TRANSFER_STATES] = { "waiting", "running", "armed",
							     "done" };

	return states[t->state];
}

static const char *kind_text(const struct transfer *t)
{
	static const char *const kinds[TRANSFER_KINDS] = { "Download", "Upload", "ScheduleDownload",
							   "local" };

	return kinds[t->kind];
}

void transfers_keep_end(struct transfers *ts, const struct transfer *t)
{
	const struct transfer_past past = { .ended = t->ended,
					    .fault = t->fault,
					    .kind = kind_text(t),
					    .key = t->key,
					    .type = transfer_text(&ts->q, t, "type"),
					    .why = t->fault_text };

	int r = transfer_history_add(ts->agent->store, &past);

	if (r)
		log_warn("transfer %u: its end is not in the history: %s", t->id, strerror(-r));
}

void transfers_history(struct transfers *ts, transfer_past_fn fn, void *arg)
{
	transfer_history_each(ts->agent->store, fn, arg);
}

void transfers_status(struct transfers *ts, transfer_status_fn fn, void *arg)
{
	const struct transfer_clock now = transfers_clock(ts);

	for (size_t i = 0; i < TRANSFERS_MAX; i++) {
		struct transfer *t = &ts->q.v[i];
		struct transfer_status s = { .id = t->id,
					     .kind = kind_text(t),
					     .state = state_text(t),
					     .key = t->key,
					     .why = t->fault_text,
					     .fault = t->fault,
					     .total = t->file_size ? t->file_size : UINT64_MAX,
					     .wait_s = -1 };
		enum transfer_due due;

		if (!t->id)
			continue;
		s.type = transfer_text(&ts->q, t, "type");
		due = transfer_due(t, &now, &s.wait_s);
		if (due == TRANSFER_NOW)
			s.wait_s = 0;
		else if (due != TRANSFER_LATER)
			s.wait_s = -1;
		s.asks = due == TRANSFER_NOW && !t->confirmed &&
			 t->windows[t->window].mode == WINDOW_CONFIRMATION;
		s.message = transfer_text(&ts->q, t, transfer_record_message(t->window));
		if (t == ts->now && ts->stream) {
			s.running = true;
			s.bytes = http_stream_bytes(ts->stream);
			s.total = http_stream_total(ts->stream);
		}
		fn(arg, &s);
	}
}

void transfers_log_search(struct transfers *ts, const char *text,
			  void (*fn)(void *arg, const char *line), void *arg)
{
	logfile_search(ts->log, text, fn, arg);
}
