/* SPDX-License-Identifier: Apache-2.0 */
/* Device.IP.Diagnostics. (TR-181 2.19.1): IPPing, where the probe role is there to do it. */
#include "agent/tr181/ip_ping.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/tr181/net_internal.h"

struct ip_ping {
	ip_ping_fn fn;
	void *arg;
	enum ping_state state;
	struct ping_results last; /* kept until the next test ends */
};

extern const struct dm_object ip_diagnostics, ip_ping;

static const struct ip_ping *ping_of(const struct dm_inst *in)
{
	static const struct ip_ping none;
	const struct ip_ping *p = dm_ctx(in);

	return p ? p : &none;
}

static const char *const states[] = {
	[PING_NONE] = "None",
	[PING_REQUESTED] = "Requested",
	[PING_COMPLETE] = "Complete",
	[PING_NO_NAME] = "Error_CannotResolveHostName",
	[PING_NO_ROUTE] = "Error_NoRouteToHost",
	[PING_INTERNAL] = "Error_Internal",
	[PING_OTHER] = "Error_Other",
	"Canceled",
	NULL,
};

static const char *const versions[] = { "Any", "IPv4", "IPv6", NULL };

static enum dm_error get_state(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, states[ping_of(in)->state]);
	return DM_OK;
}

static enum dm_error check_state(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
				 const char *value, size_t len)
{
	if (!strcmp(value, "Requested") || !strcmp(value, "Canceled"))
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE, "allowed are Requested and Canceled");
}

static enum dm_error get_received(struct dm_inst *in, const struct dm_param *p,
				  struct dm_sink *sink)
{
	dm_put_uint(sink, ping_of(in)->last.received);
	return DM_OK;
}

static enum dm_error get_lost(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_uint(sink, ping_of(in)->last.lost);
	return DM_OK;
}

static void put_ms(struct dm_sink *sink, uint32_t us)
{
	dm_put_uint(sink, ((uint64_t)us + 500) / 1000);
}

static enum dm_error get_avg(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	put_ms(sink, ping_of(in)->last.avg_us);
	return DM_OK;
}

static enum dm_error get_min(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	put_ms(sink, ping_of(in)->last.min_us);
	return DM_OK;
}

static enum dm_error get_max(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	put_ms(sink, ping_of(in)->last.max_us);
	return DM_OK;
}

static enum dm_error get_avg_us(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_uint(sink, ping_of(in)->last.avg_us);
	return DM_OK;
}

static enum dm_error get_min_us(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_uint(sink, ping_of(in)->last.min_us);
	return DM_OK;
}

static enum dm_error get_max_us(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_uint(sink, ping_of(in)->last.max_us);
	return DM_OK;
}

#define RESULT "the probe role's result, until the next test ends"

static const struct dm_param params[] = {
	{ "DiagnosticsState", DM_STRING, DM_RW, DM_VALUES(states), .def = "None", .get = get_state,
	  .check = check_state, .flags = DM_VOLATILE | DM_EVENTED,
	  .source = "what the agent is doing" },
	{ "Interface", DM_STRING, DM_RW, DM_MAXLEN(256), .ref = "" },
	{ "ProtocolVersion", DM_STRING, DM_RW, DM_VALUES(versions), .def = "Any" },
	{ "Host", DM_STRING, DM_RW, DM_MAXLEN(256) },
	{ "NumberOfRepetitions", DM_UINT, DM_RW, DM_RANGE(1, DM_NOMAX), .def = "3" },
	{ "Timeout", DM_UINT, DM_RW, DM_RANGE(1, DM_NOMAX), .def = "1000" },
	{ "DataBlockSize", DM_UINT, DM_RW, DM_RANGE(1, 65535), .def = "56" },
	{ "DSCP", DM_UINT, DM_RW, DM_RANGE(0, 63) },
	{ "SuccessCount", DM_UINT, DM_RO, .notify = DM_CAN_DENY, .get = get_received,
	  .source = RESULT },
	{ "FailureCount", DM_UINT, DM_RO, .notify = DM_CAN_DENY, .get = get_lost,
	  .source = RESULT },
	{ "AverageResponseTime", DM_UINT, DM_RO, .notify = DM_CAN_DENY, .get = get_avg,
	  .source = RESULT },
	{ "MinimumResponseTime", DM_UINT, DM_RO, .notify = DM_CAN_DENY, .get = get_min,
	  .source = RESULT },
	{ "MaximumResponseTime", DM_UINT, DM_RO, .get = get_max, .source = RESULT },
	{ "AverageResponseTimeDetailed", DM_UINT, DM_RO, .notify = DM_CAN_DENY, .get = get_avg_us,
	  .source = RESULT },
	{ "MinimumResponseTimeDetailed", DM_UINT, DM_RO, .notify = DM_CAN_DENY, .get = get_min_us,
	  .source = RESULT },
	{ "MaximumResponseTimeDetailed", DM_UINT, DM_RO, .get = get_max_us, .source = RESULT },
};

/* Any write here ends the test before; only Requested begins one. */
static void committed(struct dm *dm, const struct dm_txn *txn)
{
	struct dm_inst *in = dm_single(dm, &ip_ping);
	struct ip_ping *ping = dm_ctx(in);
	bool requested;

	if (!ping)
		return;
	requested = dm_txn_touched(txn, in, "DiagnosticsState") &&
		    !strcmp(dm_str(in, "DiagnosticsState", NULL), "Requested");
	ping->state = requested ? PING_REQUESTED : PING_NONE;
	ping->fn(ping->arg, requested);
}

static const struct dm_module module = { .name = "IPPing", .committed = committed };

static bool here(const struct dm_inst *parent)
{
	return dm_ctx(dm_single(dm_inst_dm(parent), &ip_ping)) != NULL;
}

/* The helper has a raw socket for every protocol that the kernel has. */
static enum dm_error get_ipv6(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct net *net = net_of(dm_inst_dm(in));
	bool ipv6 = false;

	for (uint32_t i = 0; net && i < net->t->set[RT_LINKS].n && !ipv6; i++)
		ipv6 = ((const struct rt_link *)rt_set_at(&net->t->set[RT_LINKS], i))->ipv6;
	dm_put_bool(sink, ipv6);
	return DM_OK;
}

static const struct dm_param supported[] = {
	{ "IPv4PingSupported", DM_BOOL, DM_RO, .get = net_get_true,
	  .source = "the probe role is connected" },
	{ "IPv6PingSupported", DM_BOOL, DM_RO, .get = get_ipv6,
	  .source = "the probe role is connected, and rtnetlink: some link has IPv6" },
};

const struct dm_object ip_diagnostics =
	DM_SINGLE("Device.IP.Diagnostics.", supported, .refresh = net_refresh, .when = here);
const struct dm_object ip_ping =
	DM_SINGLE("Device.IP.Diagnostics.IPPing.", params, .module = &module, .when = here);

int ip_ping_init(struct dm *dm, ip_ping_fn fn, void *arg)
{
	struct ip_ping *ping = calloc(1, sizeof(*ping));

	if (!ping)
		return -ENOMEM;
	ping->fn = fn;
	ping->arg = arg;
	dm_bind(dm, &ip_ping, ping);
	return 0;
}

void ip_ping_exit(struct dm *dm)
{
	struct ip_ping *ping = dm_ctx(dm_single(dm, &ip_ping));

	dm_bind(dm, &ip_ping, NULL);
	free(ping);
}

/* A reference to the row of any layer of a link is one to the link. */
static uint32_t index_of(const struct net *net, const struct dm_inst *row)
{
	for (uint32_t i = 0; net && row && i < net->nifs; i++) {
		const struct net_if *at = &net->ifs[i];

		if (row == at->ip || row == at->link || row == at->vlan || row == at->port1 ||
		    row == at->bport || row == at->bridge || row == at->ssid)
			return at->index;
	}
	return 0;
}

int ip_ping_test(struct dm *dm, struct ping_test *out)
{
	const struct dm_inst *in = dm_single(dm, &ip_ping);
	const char *version = dm_str(in, "ProtocolVersion", NULL);

	dm_rpc_begin(dm);
	*out = (struct ping_test){
		.host = dm_str(in, "Host", NULL),
		.family = !strcmp(version, "IPv4")   ? 4
			  : !strcmp(version, "IPv6") ? 6
						     : 0,
		.count = (uint32_t)dm_uint(in, "NumberOfRepetitions"),
		.timeout_ms = (uint32_t)dm_uint(in, "Timeout"),
		.size = (uint32_t)dm_uint(in, "DataBlockSize"),
		.dscp = (uint32_t)dm_uint(in, "DSCP"),
	};
	if (!*dm_str(in, "Interface", NULL))
		return 0;
	net_refresh(dm, &ip_interface, dm_single(dm, &ip));
	out->ifindex = index_of(net_of(dm), dm_ref(in, "Interface"));
	return out->ifindex ? 0 : -ENODEV;
}

void ip_ping_ended(struct dm *dm, enum ping_state state, const struct ping_results *results)
{
	struct dm_inst *in = dm_single(dm, &ip_ping);
	struct ip_ping *ping = dm_ctx(in);

	ping->state = state;
	ping->last = results ? *results : (struct ping_results){ 0 };
	dm_changed_all(in);
}
