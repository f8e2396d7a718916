/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/cwmp/rpc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "agent/cwmp/handlers.h"
#include "agent/cwmp/session_state.h"
#include "lib/array.h"
#include "lib/audit.h"
#include "lib/log.h"
#include "lib/text.h"

enum needs { NOTHING, OP_REBOOT, OP_FACTORY_RESET, OP_SCHEDULE_INFORM, OP_TRANSFER };

/* The methods, one row each; TR-069 A6 A.3. Listed only when what it needs is there. */
static const struct method {
	const char *name;
	uint8_t since; /* enum cwmp_version */
	uint8_t needs; /* enum needs */
	rpc_fn run;
} methods[] = {
	{ "GetRPCMethods", CWMP_1_0, NOTHING, rpc_get_rpc_methods },
	{ "SetParameterValues", CWMP_1_0, NOTHING, rpc_set_parameter_values },
	{ "GetParameterValues", CWMP_1_0, NOTHING, rpc_get_parameter_values },
	{ "GetParameterNames", CWMP_1_0, NOTHING, rpc_get_parameter_names },
	{ "SetParameterAttributes", CWMP_1_0, NOTHING, rpc_set_parameter_attributes },
	{ "GetParameterAttributes", CWMP_1_0, NOTHING, rpc_get_parameter_attributes },
	{ "AddObject", CWMP_1_0, NOTHING, rpc_add_object },
	{ "DeleteObject", CWMP_1_0, NOTHING, rpc_delete_object },
	{ "Reboot", CWMP_1_0, OP_REBOOT, rpc_reboot },
	{ "FactoryReset", CWMP_1_0, OP_FACTORY_RESET, rpc_factory_reset },
	{ "ScheduleInform", CWMP_1_0, OP_SCHEDULE_INFORM, rpc_schedule_inform },
	{ "Download", CWMP_1_0, OP_TRANSFER, rpc_download },
	{ "Upload", CWMP_1_0, OP_TRANSFER, rpc_upload },
	{ "GetQueuedTransfers", CWMP_1_0, OP_TRANSFER, rpc_get_queued_transfers },
	{ "GetAllQueuedTransfers", CWMP_1_1, OP_TRANSFER, rpc_get_all_queued_transfers },
	{ "ScheduleDownload", CWMP_1_2, OP_TRANSFER, rpc_schedule_download },
	{ "CancelTransfer", CWMP_1_2, OP_TRANSFER, rpc_cancel_transfer },
};

static bool offered(const struct cwmp_env *env, const struct method *m)
{
	const struct cwmp_ops *ops = env->ops;

	switch ((enum needs)m->needs) {
	case NOTHING:
		return true;
	case OP_REBOOT:
		return ops && ops->reboot;
	case OP_FACTORY_RESET:
		return ops && ops->factory_reset;
	case OP_SCHEDULE_INFORM:
		return ops && ops->schedule_inform;
	case OP_TRANSFER:
		return ops && ops->transfer;
	}
	return false;
}

unsigned rpc_get_rpc_methods(struct rpc *r)
{
	soap_array_begin(&r->w, "MethodList", "xsd:string");
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		if (!offered(r->env, &methods[i]))
			continue;
		soap_array_item(&r->w);
		soap_puts(&r->w, "string", methods[i].name);
	}
	soap_array_end(&r->w, "MethodList");
	return 0;
}

static const struct method *find_method(const struct cwmp_env *env, const struct session *s)
{
	if (s->msg.body->ns != SOAP_NS_CWMP)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (!strcmp(methods[i].name, s->msg.method) && s->version >= methods[i].since &&
		    offered(env, &methods[i]))
			return &methods[i];
	return NULL;
}

unsigned rpc_fault(struct rpc *r, unsigned code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
	return code;
}

/* Answers in the namespace that the request came in: some servers read no other. */
static void begin_answer(const struct session *s, struct soap_writer *w, struct buf *out)
{
	uint8_t version = s->msg.version == CWMP_UNKNOWN ? s->version : s->msg.version;

	buf_reset(out);
	soap_begin(w, out, version, s->msg.id, s->msg.id_len);
}

static unsigned run_method(struct rpc *r, struct session *s, const struct method *m)
{
	char element[64];
	unsigned fault;

	if (!m)
		return rpc_fault(r, FAULT_METHOD, "Method not supported: %.64s", s->msg.method);
	snprintf(element, sizeof(element), "cwmp:%sResponse", m->name);
	dm_rpc_begin(r->env->dm);
	begin_answer(s, &r->w, &s->out);
	soap_open(&r->w, element);
	fault = m->run(r);
	soap_close(&r->w, element);
	soap_end(&r->w);
	if (s->out.failed)
		return rpc_fault(r, FAULT_RESOURCES,
				 "The response is too big: ask for less at once");
	return fault;
}

/* One line, however many parameters were bad. */
static void log_fault(const struct rpc *r, const char *method, unsigned fault)
{
	const struct dm_fault *first = r->faults.n ? r->faults.v : NULL;

	/* A key that is NULL is the end. */
	audit("rpc", AUDIT_REFUSED, "method", method, "fault", AUDIT_NUM(fault), "reason", r->text,
	      first ? "parameter" : NULL, first ? &first->path[0] : "", "allowed",
	      first ? &first->text[0] : "");
}

/* What only reads leaves no line. */
static void log_done(const char *method)
{
	if (!strncmp(method, "Get", 3))
		log_debug("%s: done", method);
	else
		audit("rpc", AUDIT_DONE, "method", method);
}

static int run_request(struct cwmp_env *env, struct session *s)
{
	struct rpc r = { .env = env, .req = &s->msg };
	unsigned fault = run_method(&r, s, find_method(env, s));

	if (!fault) {
		log_done(s->msg.method);
		return 0;
	}
	if (!*r.text)
		rpc_fault(&r, fault, "%s", cwmp_fault_text(fault));
	log_fault(&r, s->msg.method, fault);
	begin_answer(s, &r.w, &s->out);
	rpc_write_fault(&r.w, fault, r.text, &r.faults);
	soap_end(&r.w);
	dm_faults_free(&r.faults);
	return s->out.failed ? -ENOMEM : 0;
}

static int write_call(struct cwmp_env *env, struct session *s)
{
	const struct cwmp_own_call *call = &s->calls[s->call];
	uint8_t version = s->version == CWMP_UNKNOWN ? s->offer : s->version;
	struct soap_writer w;
	char id[16];
	int r = 0;

	snprintf(id, sizeof(id), "%u", s->id);
	if (call->call == CALL_INFORM) {
		dm_rpc_begin(env->dm);
		soap_begin_inform(&w, &s->out, version, id);
		r = rpc_write_inform(env, &w, version);
	} else {
		soap_begin(&w, &s->out, version, id, strlen(id));
		if (call->call == CALL_GET_RPC_METHODS)
			buf_puts(&s->out, "<cwmp:GetRPCMethods></cwmp:GetRPCMethods>");
		else
			r = env->ops && env->ops->write_call
				    ? env->ops->write_call(env->ops->arg, call, &w)
				    : -ENOSYS;
	}
	soap_end(&w);
	if (!r && s->out.failed)
		r = -EMSGSIZE;
	return r;
}

static void learn_methods(struct cwmp_acs *acs, const struct soap_msg *m)
{
	const struct soap_node *list = soap_find(m, m->body, "MethodList");
	const struct soap_node *n;

	acs->asked = true;
	acs->answered = m->kind == SOAP_RESPONSE;
	acs->calls = 0;
	if (!acs->answered)
		return;
	for (n = soap_first(m, list); n; n = soap_next(m, n))
		for (int c = 0; c < CALL_COUNT; c++)
			if (!strcmp(soap_text(m, n), cwmp_call_names[c]))
				acs->calls |= 1u << c;
}

static int take_answer(struct cwmp_env *env, struct session *s)
{
	const struct cwmp_own_call *call = &s->calls[s->call];
	bool fault = s->msg.kind == SOAP_FAULT;

	if (fault)
		log_notice("the ACS answers %s with fault %u: %s%s", cwmp_call_names[call->call],
			   s->msg.fault_code, s->msg.fault_text,
			   s->msg.fault_code == 8000 ? "; it is not called again" : "");
	switch (call->call) {
	case CALL_INFORM:
		dm_changes_delivered(env->dm);
		return 0;
	case CALL_GET_RPC_METHODS:
		if (!env->acs)
			return 0;
		learn_methods(env->acs, &s->msg);
		rpc_keep_known_calls(env, s);
		return 0;
	default:
		if (env->acs && fault && s->msg.fault_code == 8000)
			env->acs->refused |= env->acs->told |= 1u << call->call;
		if (env->ops && env->ops->call_answered)
			env->ops->call_answered(
				env->ops->arg, call,
				fault ? (s->msg.fault_code ? s->msg.fault_code : 8002) : 0);
		return 0;
	}
}

int cwmp_run(struct cwmp_env *env, struct session *s, const struct action *action)
{
	switch (action->run) {
	case RUN_CALL:
		return write_call(env, s);
	case RUN_ANSWERED:
		return take_answer(env, s);
	case RUN_REQUEST:
		return run_request(env, s);
	}
	return -EINVAL;
}
