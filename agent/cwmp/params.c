/* SPDX-License-Identifier: Apache-2.0 */
/* GetParameterNames, GetParameterValues, SetParameterValues (TR-069 A6 A.3.2.1 to A.3.2.3). */
#include <string.h>

#include "agent/cwmp/handlers.h"
#include "lib/cleanup.h"

static int put_name(void *arg, const struct dm_name *n)
{
	struct rpc *r = arg;

	soap_info(&r->w, n->path, n->len, n->writable);
	return r->w.out->failed;
}

unsigned rpc_get_parameter_names(struct rpc *r)
{
	unsigned fault = 0;
	const char *path = rpc_string(r, "ParameterPath", DM_PATH_MAX, &fault);
	bool next_level;
	enum dm_error e;

	if (!path)
		return fault;
	if (soap_bool(r->req, soap_find(r->req, r->req->body, "NextLevel"), &next_level))
		return rpc_fault(r, FAULT_ARGUMENTS, "NextLevel is missing or no boolean");
	soap_array_begin(&r->w, "ParameterList", "cwmp:ParameterInfoStruct");
	e = dm_names(r->env->dm, path, next_level, put_name, r);
	soap_array_end(&r->w, "ParameterList");
	return rpc_dm_fault(r, e, path);
}

static int put_value(void *arg, const struct dm_value *v)
{
	struct rpc *r = arg;

	soap_value(&r->w, v->path, v->path_len, rpc_xsd_type(v->param), v->text, v->len);
	return r->w.out->failed;
}

static unsigned get_values(struct rpc *r, const char *name)
{
	return rpc_dm_fault(r, dm_get(r->env->dm, name, put_value, r), name);
}

unsigned rpc_get_parameter_values(struct rpc *r)
{
	unsigned fault;

	soap_array_begin(&r->w, "ParameterList", "cwmp:ParameterValueStruct");
	fault = rpc_each_name(r, get_values);
	soap_array_end(&r->w, "ParameterList");
	return fault;
}

/*
 * Without xsi:type the text is taken as the row's own type: old servers leave it out. One that is
 * no CWMP type can't be the row's, so it is 9006.
 */
static enum dm_type given_type(const struct soap_node *value)
{
	static const uint8_t of[] = {
		[SOAP_T_NONE] = DM_ANY,	       [SOAP_T_STRING] = DM_STRING,
		[SOAP_T_INT] = DM_INT,	       [SOAP_T_UINT] = DM_UINT,
		[SOAP_T_LONG] = DM_LONG,       [SOAP_T_ULONG] = DM_ULONG,
		[SOAP_T_BOOL] = DM_BOOL,       [SOAP_T_DATETIME] = DM_DATETIME,
		[SOAP_T_BASE64] = DM_BASE64,   [SOAP_T_HEXBIN] = DM_HEXBIN,
		[SOAP_T_DECIMAL] = DM_DECIMAL, [SOAP_T_OTHER] = DM_TYPES + 1,
	};

	return of[value->type];
}

static unsigned stage_values(struct rpc *r, struct dm_txn *txn)
{
	const struct soap_msg *m = r->req;
	/* As it stands before this call: the order of the values has no meaning. */
	bool create = dm_bool(dm_find(r->env->dm, MANAGEMENT_SERVER), "AutoCreateInstances");
	const struct soap_node *list = soap_find(m, m->body, "ParameterList");
	const struct soap_node *n, *name, *value;

	if (!list)
		return rpc_fault(r, FAULT_ARGUMENTS, "ParameterList is missing");
	for (n = soap_first(m, list); n; n = soap_next(m, n)) {
		name = soap_find(m, n, "Name");
		value = soap_find(m, n, "Value");
		if (!rpc_is_text(name) || !rpc_is_text(value) ||
		    !soap_is(m, n, "ParameterValueStruct"))
			return rpc_fault(r, FAULT_ARGUMENTS,
					 "ParameterList holds what is no ParameterValueStruct");
		if (create)
			dm_stage_missing(txn, soap_text(m, name));
		/* A bad one is kept by the transaction: all of them are reported together. */
		dm_stage(txn, soap_text(m, name), given_type(value), soap_text(m, value),
			 value->len);
	}
	return 0;
}

static bool may_be_named(const struct dm_fault *f)
{
	unsigned code = rpc_dm_code(f->error);

	return *f->path && (code == FAULT_DENIED || code == FAULT_INTERNAL ||
			    (code >= FAULT_NAME && code <= FAULT_READONLY));
}

/*
 * The code on top is 9003 when parameters are at fault, with an entry for each (TR-069 A6
 * A.3.2.1). Other errors stand alone: resources, or a name that was given twice.
 */
static unsigned values_fault(struct rpc *r, enum dm_error e)
{
	size_t named = 0;
	unsigned code;

	for (size_t i = 0; i < r->faults.n; i++)
		if (may_be_named(&r->faults.v[i]))
			r->faults.v[named++] = r->faults.v[i];
	if (e == DM_ERESOURCES || !named) {
		const char *path = r->faults.n ? r->faults.v[0].path : "";

		code = rpc_dm_fault(r, e, *path ? path : "SetParameterValues");
		dm_faults_free(&r->faults);
		return code >= FAULT_NAME ? FAULT_ARGUMENTS : code;
	}
	r->faults.n = named;
	named += r->faults.more;
	return rpc_fault(r, FAULT_ARGUMENTS, "Invalid arguments: %zu parameter%s refused", named,
			 named == 1 ? "" : "s");
}

unsigned rpc_set_parameter_values(struct rpc *r)
{
	struct dm_txn *txn = dm_begin(r->env->dm, DM_BY_ACS);
	enum dm_error e;
	unsigned fault;

	if (!txn)
		return FAULT_RESOURCES;
	fault = stage_values(r, txn);
	if (!fault)
		fault = rpc_stage_key(r, txn);
	if (fault) {
		dm_abort(txn);
		return fault;
	}
	e = dm_commit(txn, &r->faults);
	if (e)
		return values_fault(r, e);
	soap_putu(&r->w, "Status", 0); /* what is answered holds already */
	return 0;
}
