/* SPDX-License-Identifier: Apache-2.0 */
/* Device.IP.Diagnostics.ServerSelectionDiagnostics. (TR-181 2.19.1), by the probe role. */
#include "agent/tr181/server_selection.h"

#include "agent/tr181/diag.h"

static const char *const states[] = {
	"None",		  "Requested",	 "Complete", "Error_CannotResolveHostName",
	"Error_Internal", "Error_Other", "Canceled", NULL,
};

static const struct server_selection *rows_of(const struct dm_inst *in)
{
	static const struct server_selection none;
	const struct server_selection *s = dm_ctx(in);

	return s ? s : &none;
}

DIAG_GETTER(fastest, rows_of, dm_put_str, r->fastest)
DIAG_GETTER(local, rows_of, diag_put_addr, &r->best.local)
DIAG_GETTER(min, rows_of, dm_put_uint, r->best.min_us)
DIAG_GETTER(average, rows_of, dm_put_uint, r->best.avg_us)
DIAG_GETTER(max, rows_of, dm_put_uint, r->best.max_us)

static const struct dm_param params[] = {
	DIAG_ROW_STATE(states, .notify = DM_CAN_DENY),
	{ "Interface", DM_STRING, DM_RW, DM_MAXLEN(256), DM_REF("Device.IP.Interface.") },
	DIAG_ROW_VERSION,
	{ "HostList", DM_STRING, DM_RW, .flags = DM_LIST, .max_items = SELECT_HOSTS_MAX,
	  .max_item = 256 },
	{ "NumberOfRepetitions", DM_UINT, DM_RW, DM_RANGE(1, DM_NOMAX), .def = "3" },
	{ "Timeout", DM_UINT, DM_RW, DM_RANGE(1, DM_NOMAX), .def = "1000" },
	DIAG_ROW_RESULT("FastestHost", DM_STRING, fastest, .notify = DM_CAN_DENY),
	DIAG_ROW_LOCAL(local),
	DIAG_ROW_RESULT("MinimumResponseTime", DM_UINT, min, .notify = DM_CAN_DENY),
	DIAG_ROW_RESULT("AverageResponseTime", DM_UINT, average, .notify = DM_CAN_DENY),
	DIAG_ROW_RESULT("MaximumResponseTime", DM_UINT, max),
};

DIAG_MODULE(server_selection, "ServerSelectionDiagnostics")

const struct dm_object server_selection =
	DM_SINGLE("Device.IP.Diagnostics.ServerSelectionDiagnostics.", params, .module = &module,
		  .when = here);
