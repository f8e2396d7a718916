/* SPDX-License-Identifier: Apache-2.0 */
/* Device.IP.Diagnostics.IPPing. (TR-181 2.19.1), where the probe role is there to do it. */
#include "agent/tr181/ip_ping.h"

#include "agent/tr181/diag.h"

static const char *const states[] = {
	"None",
	"Requested",
	"Complete",
	"Error_CannotResolveHostName",
	"Error_NoRouteToHost",
	"Error_Internal",
	"Error_Other",
	"Canceled",
	NULL,
};

static const struct ping_done *last_of(const struct dm_inst *in)
{
	static const struct ping_done none;
	const struct ip_ping *p = dm_ctx(in);

	return p ? &p->last : &none;
}

DIAG_GETTER(local, last_of, diag_put_addr, &r->local)
DIAG_GETTER(received, last_of, dm_put_uint, r->received)
DIAG_GETTER(lost, last_of, dm_put_uint, r->lost)
DIAG_GETTER(avg, last_of, diag_put_ms, r->avg_us)
DIAG_GETTER(min, last_of, diag_put_ms, r->min_us)
DIAG_GETTER(max, last_of, diag_put_ms, r->max_us)
DIAG_GETTER(avg_us, last_of, dm_put_uint, r->avg_us)
DIAG_GETTER(min_us, last_of, dm_put_uint, r->min_us)
DIAG_GETTER(max_us, last_of, dm_put_uint, r->max_us)

static const struct dm_param params[] = {
	DIAG_ROW_STATE(states),
	{ "Interface", DM_STRING, DM_RW, DM_MAXLEN(256), .ref = "" },
	DIAG_ROW_VERSION,
	{ "Host", DM_STRING, DM_RW, DM_MAXLEN(256) },
	{ "NumberOfRepetitions", DM_UINT, DM_RW, DM_RANGE(1, DM_NOMAX), .def = "3" },
	{ "Timeout", DM_UINT, DM_RW, DM_RANGE(1, DM_NOMAX), .def = "1000" },
	{ "DataBlockSize", DM_UINT, DM_RW, DM_RANGE(1, 65535), .def = "56" },
	{ "DSCP", DM_UINT, DM_RW, DM_RANGE(0, 63) },
	DIAG_ROW_LOCAL(local),
	DIAG_ROW_RESULT("SuccessCount", DM_UINT, received, .notify = DM_CAN_DENY),
	DIAG_ROW_RESULT("FailureCount", DM_UINT, lost, .notify = DM_CAN_DENY),
	DIAG_ROW_RESULT("AverageResponseTime", DM_UINT, avg, .notify = DM_CAN_DENY),
	DIAG_ROW_RESULT("MinimumResponseTime", DM_UINT, min, .notify = DM_CAN_DENY),
	DIAG_ROW_RESULT("MaximumResponseTime", DM_UINT, max),
	DIAG_ROW_RESULT("AverageResponseTimeDetailed", DM_UINT, avg_us, .notify = DM_CAN_DENY),
	DIAG_ROW_RESULT("MinimumResponseTimeDetailed", DM_UINT, min_us, .notify = DM_CAN_DENY),
	DIAG_ROW_RESULT("MaximumResponseTimeDetailed", DM_UINT, max_us),
};

DIAG_MODULE(ip_ping, "IPPing")

const struct dm_object ip_ping =
	DM_SINGLE("Device.IP.Diagnostics.IPPing.", params, .module = &module, .when = here);
