/* SPDX-License-Identifier: Apache-2.0 */
/* Device.IP.Diagnostics.TraceRoute. (TR-181 2.19.1), where the probe role is there to do it. */
#include "agent/tr181/trace_route.h"

#include <stdio.h>

#include "agent/tr181/diag.h"

static const char *const states[] = {
	"None",
	"Requested",
	"Complete",
	"Error_CannotResolveHostName",
	"Error_NoRouteToHost",
	"Error_MaxHopCountExceeded",
	"Error_Internal",
	"Error_Other",
	"Canceled",
	NULL,
};

extern const struct dm_object trace_route_hops;

static const struct trace_route *rows_of(const struct dm_inst *in)
{
	static const struct trace_route none;
	const struct trace_route *t = dm_ctx(in);

	return t ? t : &none;
}

static const struct trace_hop *hop_of(const struct dm_inst *in)
{
	return in->data;
}

/* "Round trip times of less than 1 millisecond MUST be rounded up to 1." */
static uint32_t whole_ms(uint32_t us)
{
	return us && us < 1000 ? 1 : (uint32_t)(((uint64_t)us + 500) / 1000);
}

DIAG_GETTER(local, rows_of, diag_put_addr, &r->local)
DIAG_GETTER(host, hop_of, diag_put_addr, &r->from)
DIAG_GETTER(response, rows_of, dm_put_uint, whole_ms(r->response_us))
DIAG_GETTER(code, hop_of, dm_put_uint, r->code)

static enum dm_error get_nothing(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	return DM_OK;
}

static enum dm_error get_times(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct trace_route *t = dm_ctx(in->parent);
	const struct trace_hop *hop = hop_of(in);
	char text[16];

	for (uint32_t i = 0; i < t->tries; i++) {
		int n = snprintf(text, sizeof(text), "%u", whole_ms(hop->tries[i].us));

		dm_put_item(sink, text, (size_t)n);
	}
	return DM_OK;
}

static const struct dm_param params[] = {
	DIAG_ROW_STATE(states),
	{ "Interface", DM_STRING, DM_RW, DM_MAXLEN(256), .ref = "" },
	DIAG_ROW_VERSION,
	{ "Host", DM_STRING, DM_RW, DM_MAXLEN(256) },
	{ "NumberOfTries", DM_UINT, DM_RW, DM_RANGE(1, TRACE_TRIES_MAX), .def = "3" },
	{ "Timeout", DM_UINT, DM_RW, DM_RANGE(1, DM_NOMAX), .def = "5000" },
	{ "DataBlockSize", DM_UINT, DM_RW, DM_RANGE(1, 65535), .def = "38" },
	{ "DSCP", DM_UINT, DM_RW, DM_RANGE(0, 63) },
	{ "MaxHopCount", DM_UINT, DM_RW, DM_RANGE(1, TRACE_HOPS_MAX), .def = "30" },
	DIAG_ROW_LOCAL(local),
	DIAG_ROW_RESULT("ResponseTime", DM_UINT, response, .notify = DM_CAN_DENY),
};

static const struct dm_param hop_params[] = {
	{ "Host", DM_STRING, DM_RO, DM_MAXLEN(256), .notify = DM_CAN_DENY, .get = get_host,
	  .source = "the sender of the ICMP message; its address, names are not asked for" },
	{ "HostAddress", DM_STRING, DM_RO, .notify = DM_CAN_DENY, .get = get_nothing,
	  .source = "empty: Host is the address" },
	{ "ErrorCode", DM_UINT, DM_RO, .notify = DM_CAN_DENY, .get = get_code,
	  .source = "the code of the ICMP message" },
	DIAG_ROW_RESULT("RTTimes", DM_STRING, times, .flags = DM_LIST, .item = DM_UINT),
};

DIAG_MODULE(trace_route, "TraceRoute")

const struct dm_object trace_route =
	DM_SINGLE("Device.IP.Diagnostics.TraceRoute.", params, .module = &module, .when = here);
const struct dm_object trace_route_hops = DM_TABLE(
	"Device.IP.Diagnostics.TraceRoute.RouteHops.{i}.", hop_params,
	.flags = DM_ANEW | DM_COUNT_DENY, .entries = "RouteHopsNumberOfEntries", .when = here);

void trace_route_show(struct dm *dm, struct trace_route *t)
{
	diag_show(dm, &trace_route, &trace_route_hops, t->hops, t->nhops, sizeof(t->hops[0]));
}
