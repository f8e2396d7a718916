/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files that carry out RPCs. */
#pragma once

#include "agent/cwmp/rpc.h"
#include "agent/soap/write.h"
#include "agent/tree/tree.h"
#include "lib/buf.h"

/* One request of the ACS being carried out. */
struct rpc {
	struct cwmp_env *env;
	const struct soap_msg *req;
	struct soap_writer w;	 /* inside the response element */
	char text[192];		 /* of the fault; "" for the usual text */
	struct dm_faults faults; /* of SetParameterValues */
};

/*
 * Each reads req->body, writes the children of its response element, and returns 0 or a fault
 * code; what was written is thrown away with a fault.
 */
typedef unsigned (*rpc_fn)(struct rpc *);

unsigned rpc_get_rpc_methods(struct rpc *);
unsigned rpc_get_parameter_names(struct rpc *);
unsigned rpc_get_parameter_values(struct rpc *);
unsigned rpc_set_parameter_values(struct rpc *);
unsigned rpc_get_parameter_attributes(struct rpc *);
unsigned rpc_set_parameter_attributes(struct rpc *);
unsigned rpc_add_object(struct rpc *);
unsigned rpc_delete_object(struct rpc *);
unsigned rpc_reboot(struct rpc *);
unsigned rpc_factory_reset(struct rpc *);
unsigned rpc_schedule_inform(struct rpc *);
unsigned rpc_download(struct rpc *);
unsigned rpc_upload(struct rpc *);
unsigned rpc_schedule_download(struct rpc *);
unsigned rpc_cancel_transfer(struct rpc *);
unsigned rpc_get_queued_transfers(struct rpc *);
unsigned rpc_get_all_queued_transfers(struct rpc *);

/* Fault code with its text: return rpc_fault(r, FAULT_ARGUMENTS, "no %s", "ParameterKey"). */
unsigned rpc_fault(struct rpc *, unsigned code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The code of a tree error; text from the first entry of r->faults when there is one. */
unsigned rpc_dm_fault(struct rpc *, enum dm_error, const char *path);
unsigned rpc_dm_code(enum dm_error);

/* Is it there, and without elements inside? (An XInclude, say, must not pass for "".) */
bool rpc_is_text(const struct soap_node *);
/*
 * A text argument of at most max characters; NULL with *fault set when it is missing or too long.
 * "" is fine.
 */
const char *rpc_string(struct rpc *, const char *element, size_t max, unsigned *fault);
/* ParameterKey into the open transaction; 0 or a fault. */
unsigned rpc_stage_key(struct rpc *, struct dm_txn *);

/* For every name of ParameterNames; stops at the first fault. */
unsigned rpc_each_name(struct rpc *, unsigned (*fn)(struct rpc *, const char *name));

/* xsi:type of a row's value. A list is a string, whatever its items are. */
const char *rpc_xsd_type(const struct dm_param *);

/* The ACS has just said what it takes: the session goes on without the rest. */
void rpc_keep_known_calls(struct cwmp_env *, struct session *);

/* A CWMP fault in the body of an envelope; faults may be NULL. */
void rpc_write_fault(struct soap_writer *, unsigned code, const char *text,
		     const struct dm_faults *faults);
/* The Inform's element. 0 or -errno. */
int rpc_write_inform(struct cwmp_env *, struct soap_writer *, uint8_t version);

#define MANAGEMENT_SERVER "Device.ManagementServer."
#define PARAMETER_KEY MANAGEMENT_SERVER "ParameterKey"
