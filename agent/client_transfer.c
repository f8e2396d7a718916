/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/client_parts.h"
#include "agent/transfer/transfer.h"
#include "lib/log.h"

static struct transfers *transfers_of(void *arg)
{
	const struct client *c = arg;

	return c->agent->transfers;
}

static unsigned add(void *arg, const struct cwmp_transfer *asked, const char **why)
{
	return transfers_add(transfers_of(arg), asked, why);
}

static unsigned cancel(void *arg, const char *key)
{
	return transfers_cancel(transfers_of(arg), key);
}

static void each(void *arg, cwmp_queued_fn fn, void *fn_arg)
{
	transfers_each(transfers_of(arg), fn, fn_arg);
}

static size_t pending_calls(void *arg, struct cwmp_own_call *out, size_t max)
{
	return transfers_calls(transfers_of(arg), out, max);
}

static int write_call(void *arg, const struct cwmp_own_call *call, struct soap_writer *w)
{
	return transfers_write(transfers_of(arg), call, w);
}

static void call_answered(void *arg, const struct cwmp_own_call *call, uint32_t fault)
{
	transfers_answered(transfers_of(arg), call, fault);
}

void client_transfer_init(struct client *c)
{
	static const struct cwmp_transfer_ops ops = { .add = add, .cancel = cancel, .each = each };

	if (!c->agent->transfers)
		return;
	c->ops.transfer = &ops;
	c->ops.pending_calls = pending_calls;
	c->ops.write_call = write_call;
	c->ops.call_answered = call_answered;
}

void client_transfer_ended(struct client *c, enum cwmp_event event, const char *key)
{
	int r;

	if (event == EV_COUNT) {
		r = cwmp_event_raise(&c->events, EV_AUTONOMOUS_TRANSFER_COMPLETE, NULL);
	} else {
		(void)cwmp_event_raise(&c->events, EV_TRANSFER_COMPLETE, NULL);
		r = cwmp_event_raise(&c->events, event, key);
	}
	if (r < 0)
		log_err("no room for the event of a transfer");
	client_record_save(c);
	client_arm(c);
}

bool client_acs_takes(const struct client *c, enum cwmp_call call)
{
	return cwmp_acs_takes(&c->acs, call);
}

bool client_in_session(const struct client *c)
{
	return c->session != NULL;
}
