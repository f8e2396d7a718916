/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments of a request, as far as several methods have them in common. */
#include <string.h>

#include "agent/cwmp/handlers.h"
#include "lib/text.h"

bool rpc_is_text(const struct soap_node *n)
{
	return n && !n->child;
}

const char *rpc_string(struct rpc *r, const char *element, size_t max, unsigned *fault)
{
	const struct soap_node *n = soap_find(r->req, r->req->body, element);

	if (!rpc_is_text(n)) {
		*fault = rpc_fault(r, FAULT_ARGUMENTS, "%s is missing or no text", element);
		return NULL;
	}
	if (utf8_length(soap_text(r->req, n), n->len) > max) {
		*fault = rpc_fault(r, FAULT_ARGUMENTS, "%s is longer than %zu characters", element,
				   max);
		return NULL;
	}
	return soap_text(r->req, n);
}

unsigned rpc_stage_key(struct rpc *r, struct dm_txn *txn)
{
	unsigned fault = 0;
	const char *key = rpc_string(r, "ParameterKey", CWMP_KEY_MAX, &fault);

	if (!key)
		return fault;
	return rpc_dm_fault(r, dm_stage_own(txn, PARAMETER_KEY, key, strlen(key)), PARAMETER_KEY);
}

unsigned rpc_each_name(struct rpc *r, unsigned (*fn)(struct rpc *, const char *name))
{
	const struct soap_msg *m = r->req;
	const struct soap_node *list = soap_find(m, m->body, "ParameterNames");
	const struct soap_node *n;
	unsigned fault = 0;

	if (!list)
		return rpc_fault(r, FAULT_ARGUMENTS, "ParameterNames is missing");
	for (n = soap_first(m, list); n && !fault; n = soap_next(m, n)) {
		if (!soap_is(m, n, "string") || !rpc_is_text(n))
			return rpc_fault(r, FAULT_ARGUMENTS, "%.64s among ParameterNames",
					 soap_name(m, n));
		fault = fn(r, soap_text(m, n));
	}
	return fault;
}

const char *rpc_xsd_type(const struct dm_param *p)
{
	return dm_type_xsd(p->flags & DM_LIST ? DM_STRING : (enum dm_type)p->type);
}
