/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/cwmp/transfer.h"

#include <string.h>

#include "agent/cwmp/handlers.h"
#include "lib/array.h"
#include "lib/clock.h"
#include "lib/num.h"
#include "lib/text.h"

#define UNKNOWN_TIME "0001-01-01T00:00:00Z"

struct wanted {
	const char *element;
	size_t max;
	const char **to;
};

static unsigned take_texts(struct rpc *r, const struct wanted *w, size_t n)
{
	unsigned fault = 0;

	for (size_t i = 0; i < n && !fault; i++)
		*w[i].to = rpc_string(r, w[i].element, w[i].max, &fault);
	return fault;
}

static unsigned take_uint(struct rpc *r, const char *element, uint32_t *out)
{
	if (soap_uint(r->req, soap_find(r->req, r->req->body, element), out))
		return rpc_fault(r, FAULT_ARGUMENTS, "%s is missing or no unsignedInt", element);
	return 0;
}

static unsigned add(struct rpc *r, const struct cwmp_transfer *t)
{
	const struct cwmp_ops *ops = r->env->ops;
	const char *why = NULL;
	unsigned fault;

	if (!cwmp_events_room(r->env->events, 1))
		return rpc_fault(r, FAULT_RESOURCES, "Too many events wait already");
	fault = ops->transfer->add(ops->arg, t, &why);
	if (fault && why)
		return rpc_fault(r, fault, "%s", why);
	return fault;
}

/* Status 1: it follows, and TransferComplete tells how it went. */
static unsigned answer_later(struct rpc *r, unsigned fault)
{
	if (fault)
		return fault;
	soap_putu(&r->w, "Status", 1);
	soap_puts(&r->w, "StartTime", UNKNOWN_TIME);
	soap_puts(&r->w, "CompleteTime", UNKNOWN_TIME);
	return 0;
}

static unsigned take_common(struct rpc *r, struct cwmp_transfer *t)
{
	const struct wanted texts[] = {
		{ "CommandKey", CWMP_KEY_MAX, &t->key },
		{ "FileType", CWMP_FILE_TYPE_MAX, &t->file_type },
		{ "URL", CWMP_TRANSFER_URL_MAX, &t->url },
		{ "Username", CWMP_TRANSFER_NAME_MAX, &t->user },
		{ "Password", CWMP_TRANSFER_NAME_MAX, &t->password },
	};

	t->target = "";
	return take_texts(r, texts, ARRAY_SIZE(texts));
}

static unsigned take_target(struct rpc *r, struct cwmp_transfer *t)
{
	const struct wanted target = { "TargetFileName", CWMP_TRANSFER_NAME_MAX, &t->target };
	unsigned fault = take_uint(r, "FileSize", &t->file_size);

	return fault ? fault : take_texts(r, &target, 1);
}

unsigned rpc_download(struct rpc *r)
{
	struct cwmp_transfer t = { .kind = CWMP_DOWNLOAD };
	unsigned fault = take_common(r, &t);

	/* SuccessURL and FailureURL are for a user's browser; there is none here (A.3.2.8). */
	if (!fault)
		fault = take_target(r, &t);
	if (!fault)
		fault = take_uint(r, "DelaySeconds", &t.delay);
	if (!fault)
		fault = add(r, &t);
	return answer_later(r, fault);
}

unsigned rpc_upload(struct rpc *r)
{
	struct cwmp_transfer t = { .kind = CWMP_UPLOAD };
	unsigned fault = take_common(r, &t);

	if (!fault)
		fault = take_uint(r, "DelaySeconds", &t.delay);
	if (!fault)
		fault = add(r, &t);
	return answer_later(r, fault);
}

static int take_mode(const char *text, uint8_t *mode)
{
	static const char *const names[] = { "1 At Any Time", "2 Immediately", "3 When Idle",
					     "4 Confirmation Needed" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(text, names[i])) {
			*mode = (uint8_t)(i + 1);
			return 0;
		}
	}
	return -1;
}

static const char *take_window(struct rpc *r, const struct soap_node *n, struct cwmp_window *w)
{
	const struct soap_msg *m = r->req;
	const struct soap_node *mode = soap_find(m, n, "WindowMode");
	const struct soap_node *retries = soap_find(m, n, "MaxRetries");
	int64_t value;

	if (!soap_is(m, n, "TimeWindowStruct"))
		return "TimeWindowList holds something else than TimeWindowStruct";
	if (soap_uint(m, soap_find(m, n, "WindowStart"), &w->start) ||
	    soap_uint(m, soap_find(m, n, "WindowEnd"), &w->end) || w->end <= w->start)
		return "WindowEnd is not after WindowStart";
	if (!rpc_is_text(mode) || take_mode(soap_text(m, mode), &w->mode))
		return "WindowMode is none of the four";
	if (!rpc_is_text(retries) ||
	    num_parse_i64(soap_text(m, retries), retries->len, -1, INT32_MAX, &value))
		return "MaxRetries is not -1 or more";
	w->retries = (int32_t)value;
	return NULL;
}

/* Of a window where nobody is asked it is to be ignored (A.4.1.8). */
static const char *take_message(struct rpc *r, const struct soap_node *n,
				const struct cwmp_window *w, const char **message)
{
	const struct soap_msg *m = r->req;
	const struct soap_node *said = soap_find(m, n, "UserMessage");

	if (!said || w->mode != WINDOW_CONFIRMATION)
		return NULL;
	if (!rpc_is_text(said) ||
	    utf8_length(soap_text(m, said), said->len) > CWMP_USER_MESSAGE_MAX)
		return "UserMessage is longer than 256 characters";
	*message = soap_text(m, said);
	return NULL;
}

static unsigned take_windows(struct rpc *r, struct cwmp_transfer *t)
{
	const struct soap_msg *m = r->req;
	const struct soap_node *list = soap_find(m, m->body, "TimeWindowList");
	const char *wrong = NULL;

	for (const struct soap_node *n = soap_first(m, list); n && !wrong; n = soap_next(m, n)) {
		if (t->nwindows == CWMP_WINDOWS_MAX)
			return rpc_fault(r, FAULT_ARGUMENTS, "more than %d time windows",
					 CWMP_WINDOWS_MAX);
		wrong = take_window(r, n, &t->window[t->nwindows]);
		if (!wrong)
			wrong = take_message(r, n, &t->window[t->nwindows],
					     &t->message[t->nwindows]);
		if (!wrong && t->nwindows && t->window[1].start < t->window[0].end)
			wrong = "the second time window begins before the end of the first";
		t->nwindows++;
	}
	if (!wrong && !t->nwindows)
		wrong = "TimeWindowList is missing or empty";
	return wrong ? rpc_fault(r, FAULT_ARGUMENTS, "%s", wrong) : 0;
}

unsigned rpc_schedule_download(struct rpc *r)
{
	struct cwmp_transfer t = { .kind = CWMP_SCHEDULE_DOWNLOAD };
	unsigned fault = take_common(r, &t);

	if (!fault)
		fault = take_target(r, &t);
	if (!fault)
		fault = take_windows(r, &t);
	return fault ? fault : add(r, &t);
}

unsigned rpc_cancel_transfer(struct rpc *r)
{
	const struct cwmp_ops *ops = r->env->ops;
	unsigned fault = 0;
	const char *key = rpc_string(r, "CommandKey", CWMP_KEY_MAX, &fault);

	return key ? ops->transfer->cancel(ops->arg, key) : fault;
}

static bool put_queued(void *arg, const struct cwmp_queued *q)
{
	struct rpc *r = arg;

	if (!q->by_acs)
		return true;
	soap_array_item(&r->w);
	soap_open(&r->w, "QueuedTransferStruct");
	soap_puts(&r->w, "CommandKey", q->key);
	soap_putu(&r->w, "State", q->state);
	soap_close(&r->w, "QueuedTransferStruct");
	return true;
}

static bool put_any_queued(void *arg, const struct cwmp_queued *q)
{
	struct rpc *r = arg;

	soap_array_item(&r->w);
	soap_open(&r->w, "AllQueuedTransferStruct");
	soap_puts(&r->w, "CommandKey", q->key);
	soap_putu(&r->w, "State", q->state);
	soap_puts(&r->w, "IsDownload", q->download ? "1" : "0");
	soap_puts(&r->w, "FileType", q->file_type);
	soap_putu(&r->w, "FileSize", q->file_size);
	soap_puts(&r->w, "TargetFileName", q->target);
	soap_close(&r->w, "AllQueuedTransferStruct");
	return true;
}

static unsigned list(struct rpc *r, const char *type, cwmp_queued_fn put)
{
	const struct cwmp_ops *ops = r->env->ops;

	soap_array_begin(&r->w, "TransferList", type);
	ops->transfer->each(ops->arg, put, r);
	soap_array_end(&r->w, "TransferList");
	return 0;
}

unsigned rpc_get_queued_transfers(struct rpc *r)
{
	return list(r, "cwmp:QueuedTransferStruct", put_queued);
}

unsigned rpc_get_all_queued_transfers(struct rpc *r)
{
	return list(r, "cwmp:AllQueuedTransferStruct", put_any_queued);
}

static void put_time(struct soap_writer *w, const char *element, int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	if (!when || clock_format(text, when))
		soap_puts(w, element, UNKNOWN_TIME);
	else
		soap_puts(w, element, text);
}

static void put_end(struct soap_writer *w, const struct cwmp_transfer_end *e)
{
	soap_open(w, "FaultStruct");
	soap_putu(w, "FaultCode", e->fault);
	soap_puts(w, "FaultString", e->fault_text);
	soap_close(w, "FaultStruct");
	put_time(w, "StartTime", e->started);
	put_time(w, "CompleteTime", e->ended);
}

void cwmp_write_transfer_complete(struct soap_writer *w, const struct cwmp_transfer_end *e)
{
	soap_open(w, "cwmp:TransferComplete");
	soap_puts(w, "CommandKey", e->key);
	put_end(w, e);
	soap_close(w, "cwmp:TransferComplete");
}

void cwmp_write_autonomous(struct soap_writer *w, const struct cwmp_transfer_end *e)
{
	soap_open(w, "cwmp:AutonomousTransferComplete");
	soap_puts(w, "AnnounceURL", "");
	soap_puts(w, "TransferURL", e->url);
	soap_puts(w, "IsDownload", e->download ? "1" : "0");
	soap_puts(w, "FileType", e->file_type);
	soap_putu(w, "FileSize", e->file_size);
	soap_puts(w, "TargetFileName", e->target);
	put_end(w, e);
	soap_close(w, "cwmp:AutonomousTransferComplete");
}

/* Without arguments: what suits this box, the ACS knows by the Inform. */
void cwmp_write_request_download(struct soap_writer *w, const char *file_type)
{
	soap_open(w, "cwmp:RequestDownload");
	soap_puts(w, "FileType", file_type);
	soap_array_begin(w, "FileTypeArg", "cwmp:ArgStruct");
	soap_array_end(w, "FileTypeArg");
	soap_close(w, "cwmp:RequestDownload");
}
