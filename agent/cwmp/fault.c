/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "agent/cwmp/handlers.h"
#include "agent/soap/escape.h"
#include "lib/array.h"

static const char *const texts[] = {
	"Method not supported",
	"Request denied",
	"Internal error",
	"Invalid arguments",
	"Resources exceeded",
	"Invalid parameter name",
	"Invalid parameter type",
	"Invalid parameter value",
	"Attempt to set a non-writable parameter",
	"Notification request rejected",
	"File transfer failure",
	"Upload failure",
	"File transfer server authentication failure",
	"Unsupported protocol for file transfer",
	"Unable to join multicast group",
	"Unable to contact file server",
	"Unable to access file",
	"Unable to complete download",
	"File corrupted",
	"File authentication failure",
	"Unable to complete download within specified time windows",
	"Cancelation of file transfer not permitted in current transfer state",
};

const char *cwmp_fault_text(unsigned code)
{
	return code >= FAULT_METHOD && code - FAULT_METHOD < ARRAY_SIZE(texts)
		       ? texts[code - FAULT_METHOD]
		       : "Fault";
}

unsigned rpc_dm_code(enum dm_error e)
{
	static const uint16_t codes[DM_ERRORS] = {
		[DM_OK] = 0,
		[DM_ENAME] = FAULT_NAME,
		[DM_ETYPE] = FAULT_TYPE,
		[DM_EVALUE] = FAULT_VALUE,
		[DM_EREADONLY] = FAULT_READONLY,
		[DM_ERESOURCES] = FAULT_RESOURCES,
		[DM_EDENIED] = FAULT_DENIED,
		[DM_EINTERNAL] = FAULT_INTERNAL,
		[DM_EARGUMENTS] = FAULT_ARGUMENTS,
		[DM_ENOTIFY] = FAULT_NOTIFY,
	};

	return e < DM_ERRORS ? codes[e] : FAULT_INTERNAL;
}

unsigned rpc_dm_fault(struct rpc *r, enum dm_error e, const char *path)
{
	unsigned code = rpc_dm_code(e);
	const char *text =
		r->faults.n && *r->faults.v[0].text ? r->faults.v[0].text : cwmp_fault_text(code);

	return code ? rpc_fault(r, code, "%.*s: %s", DM_PATH_MAX / 2, path, text) : 0;
}

/* The "source" column of TR-069 A6 table 92: who has to change something. */
static bool callers_fault(unsigned code)
{
	return code == FAULT_ARGUMENTS || (code >= FAULT_NAME && code <= FAULT_READONLY);
}

static void write_parameter_fault(struct soap_writer *w, const struct dm_fault *f)
{
	soap_open(w, "SetParameterValuesFault");
	soap_puts(w, "ParameterName", f->path);
	soap_putu(w, "FaultCode", rpc_dm_code(f->error));
	soap_puts(w, "FaultString", *f->text ? f->text : cwmp_fault_text(rpc_dm_code(f->error)));
	soap_close(w, "SetParameterValuesFault");
}

void rpc_write_fault(struct soap_writer *w, unsigned code, const char *text,
		     const struct dm_faults *faults)
{
	buf_puts(w->out, "<soap-env:Fault><faultcode>soap-env:");
	buf_puts(w->out, callers_fault(code) ? "Client" : "Server");
	buf_puts(w->out, "</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>");
	soap_putu(w, "FaultCode", code);
	soap_puts(w, "FaultString", text);
	for (size_t i = 0; faults && i < faults->n; i++)
		write_parameter_fault(w, &faults->v[i]);
	buf_puts(w->out, "</cwmp:Fault></detail></soap-env:Fault>");
}
