/* SPDX-License-Identifier: Apache-2.0 */
/* Device.IP.Diagnostics. and Device.DNS.Diagnostics., and what their objects share. */
#include "agent/tr181/diag.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/tr181/net_internal.h"
#include "lib/clock.h"

const char *const diag_states[DIAG_STATES] = {
	[DIAG_NONE] = "None",
	[DIAG_REQUESTED] = "Requested",
	[DIAG_COMPLETE] = "Complete",
	[DIAG_NO_NAME] = "Error_CannotResolveHostName",
	[DIAG_NO_ROUTE] = "Error_NoRouteToHost",
	[DIAG_MAX_HOPS] = "Error_MaxHopCountExceeded",
	[DIAG_NO_SERVER] = "Error_DNSServerNotResolved",
	[DIAG_NO_CONNECTION] = "Error_InitConnectionFailed",
	[DIAG_NO_RESPONSE] = "Error_NoResponse",
	[DIAG_TRANSFER] = "Error_TransferFailed",
	[DIAG_INCOMPLETE] = "Error_NoTransferComplete",
	[DIAG_TIMEOUT] = "Error_Timeout",
	[DIAG_INTERNAL] = "Error_Internal",
	[DIAG_OTHER] = "Error_Other",
};

const char *const diag_versions[] = { "Any", "IPv4", "IPv6", NULL };

enum dm_error diag_get_state(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct diag *d = dm_ctx(in);

	dm_put_str(sink, diag_states[d ? d->state : DIAG_NONE]);
	return DM_OK;
}

enum dm_error diag_check_state(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
			       const char *value, size_t len)
{
	if (!strcmp(value, "Requested") || !strcmp(value, "Canceled"))
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE, "allowed are Requested and Canceled");
}

void diag_put_ms(struct dm_sink *sink, uint32_t us)
{
	dm_put_uint(sink, ((uint64_t)us + 500) / 1000);
}

void diag_put_addr(struct dm_sink *sink, const struct probe_addr *a)
{
	if (a->family)
		net_put_ip(sink, a->family == 4 ? AF_INET : AF_INET6, a->addr);
}

void diag_put_us(struct dm_sink *sink, int64_t us)
{
	char text[CLOCK_TEXT_MAX], fine[CLOCK_TEXT_MAX + 8];

	if (!us || clock_format(text, us / 1000000)) {
		dm_put_time_unknown(sink);
		return;
	}
	text[strlen(text) - 1] = '\0'; /* the Z */
	(void)snprintf(fine, sizeof(fine), "%s.%06uZ", text, (unsigned int)(us % 1000000));
	dm_put_str(sink, fine);
}

void diag_show(struct dm *dm, const struct dm_object *object, const struct dm_object *table,
	       void *results, uint32_t n, size_t size)
{
	struct dm_inst *in = dm_single(dm, object);

	dm_rows_begin(in, table);
	for (uint32_t i = 0; i < n; i++) {
		struct dm_inst *row;
		char key[12];

		/* A row of that key comes back with its number. */
		snprintf(key, sizeof(key), "%u", i + 1);
		row = dm_row(in, table, key);
		if (row)
			row->data = (char *)results + i * size;
	}
	dm_rows_end(in, table);
}

bool diag_here(struct dm *dm, const struct dm_object *object)
{
	return dm_ctx(dm_single(dm, object)) != NULL;
}

unsigned int diag_family(const struct dm_inst *in)
{
	const char *version = dm_str(in, "ProtocolVersion", NULL);

	return !strcmp(version, "IPv4") ? 4 : !strcmp(version, "IPv6") ? 6 : 0;
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

int diag_interface(const struct dm_inst *in, uint32_t *ifindex)
{
	struct dm *dm = dm_inst_dm(in);

	*ifindex = 0;
	dm_rpc_begin(dm);
	if (!*dm_str(in, "Interface", NULL))
		return 0;
	net_refresh(dm, &ip_interface, dm_single(dm, &ip));
	*ifindex = index_of(net_of(dm), dm_ref(in, "Interface"));
	return *ifindex ? 0 : -ENODEV;
}

/* A socket is to be had for every protocol that the kernel has. */
static enum dm_error get_ipv6(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct net *net = net_of(dm_inst_dm(in));
	bool ipv6 = false;

	for (uint32_t i = 0; net && i < net->t->set[RT_LINKS].n && !ipv6; i++)
		ipv6 = ((const struct rt_link *)rt_set_at(&net->t->set[RT_LINKS], i))->ipv6;
	dm_put_bool(sink, ipv6);
	return DM_OK;
}

#define IPV6 "rtnetlink: some link has IPv6"
#define SUPPORTED(name, ...)                                                              \
	{ "IPv4" name "Supported", DM_BOOL,	 DM_RO, .get = net_get_true,              \
	  .source = "built in",	   ##__VA_ARGS__ },                                       \
	{                                                                                 \
		"IPv6" name "Supported", DM_BOOL, DM_RO, .get = get_ipv6, .source = IPV6, \
							 ##__VA_ARGS__                    \
	}

#ifdef CONFIG_ROLE_PROBE
extern const struct dm_object ip_ping;

static bool probe_here(const struct dm_inst *in)
{
	return diag_here(dm_inst_dm(in), &ip_ping);
}
#endif

static const struct dm_param params[] = {
#ifdef CONFIG_ROLE_PROBE
	SUPPORTED("Ping", .when = probe_here),
	SUPPORTED("TraceRoute", .when = probe_here),
	SUPPORTED("ServerSelectionDiagnostics", .when = probe_here),
#endif
	SUPPORTED("DownloadDiagnostics"),
	SUPPORTED("UploadDiagnostics"),
	SUPPORTED("UDPEchoDiagnostics"),
};

extern const struct dm_object ip_diagnostics;
const struct dm_object ip_diagnostics =
	DM_SINGLE("Device.IP.Diagnostics.", params, .refresh = net_refresh);
