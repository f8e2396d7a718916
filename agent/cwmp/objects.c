/* SPDX-License-Identifier: Apache-2.0 */
/* AddObject and DeleteObject (TR-069 A6 A.3.2.6, A.3.2.7). */
#include <string.h>

#include "agent/cwmp/handlers.h"

/* These methods know 9001 to 9005 only: what can't be added or deleted is no such object. */
static unsigned object_fault(struct rpc *r, enum dm_error e, const char *path)
{
	if (e == DM_EREADONLY || e == DM_ETYPE)
		e = DM_ENAME;
	else if (e == DM_EVALUE || e == DM_ENOTIFY)
		e = DM_EARGUMENTS;
	rpc_dm_fault(r, e, path);
	dm_faults_free(&r->faults);
	return rpc_dm_code(e);
}

/* number NULL: delete */
static unsigned change_object(struct rpc *r, uint32_t *number)
{
	unsigned fault = 0;
	const char *path = rpc_string(r, "ObjectName", DM_PATH_MAX, &fault);
	struct dm_txn *txn;
	enum dm_error e;

	if (!path)
		return fault;
	txn = dm_begin(r->env->dm, DM_BY_ACS);
	if (!txn)
		return FAULT_RESOURCES;
	/* The error is kept by the transaction, and its text comes with the commit. */
	if (number)
		dm_stage_add(txn, path, number);
	else
		dm_stage_del(txn, path);
	fault = rpc_stage_key(r, txn);
	if (fault) {
		dm_abort(txn);
		return fault;
	}
	e = dm_commit(txn, &r->faults);
	return e ? object_fault(r, e, path) : 0;
}

unsigned rpc_add_object(struct rpc *r)
{
	uint32_t number = 0;
	unsigned fault = change_object(r, &number);

	if (fault)
		return fault;
	soap_putu(&r->w, "InstanceNumber", number);
	soap_putu(&r->w, "Status", 0);
	return 0;
}

unsigned rpc_delete_object(struct rpc *r)
{
	unsigned fault = change_object(r, NULL);

	if (fault)
		return fault;
	soap_putu(&r->w, "Status", 0);
	return 0;
}
