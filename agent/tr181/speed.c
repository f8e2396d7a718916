/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/tr181/speed.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "agent/tr181/diag.h"
#include "agent/tr181/net_internal.h"

static const char *const download_states[] = {
	"None",
	"Requested",
	"Complete",
	"Error_CannotResolveHostName",
	"Error_NoRouteToHost",
	"Error_InitConnectionFailed",
	"Error_NoResponse",
	"Error_TransferFailed",
	"Error_PasswordRequestFailed",
	"Error_LoginFailed",
	"Error_NoTransferMode",
	"Error_NoPASV",
	"Error_IncorrectSize",
	"Error_Timeout",
	"Error_Internal",
	"Error_Other",
	"Canceled",
	NULL,
};
static const char *const upload_states[] = {
	"None",
	"Requested",
	"Complete",
	"Error_CannotResolveHostName",
	"Error_NoRouteToHost",
	"Error_InitConnectionFailed",
	"Error_NoResponse",
	"Error_PasswordRequestFailed",
	"Error_LoginFailed",
	"Error_NoTransferMode",
	"Error_NoPASV",
	"Error_NoCWD",
	"Error_NoSTOR",
	"Error_NoTransferComplete",
	"Error_Timeout",
	"Error_Internal",
	"Error_Other",
	"Canceled",
	NULL,
};
static const char *const transports[] = { "HTTP", "FTP", NULL };

extern const struct dm_object download_connections, download_steps, upload_connections,
	upload_steps;

static const struct speed *speed_of(const struct dm_inst *in)
{
	static const struct speed none;
	const struct speed *s = dm_ctx(in);

	return s ? s : &none;
}

static const struct speed_result *conn_of(const struct dm_inst *in)
{
	return in->data;
}

static const struct speed_step *step_of(const struct dm_inst *in)
{
	return in->data;
}

static enum dm_error get_transports(struct dm_inst *in, const struct dm_param *p,
				    struct dm_sink *sink)
{
	dm_put_const(sink, "HTTP", 4);
	return DM_OK;
}

static enum dm_error get_local(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct dial_addr *a = &speed_of(in)->local;

	if (a->family)
		net_put_ip(sink, a->family == DIAL_IPV4 ? AF_INET : AF_INET6, a->addr);
	return DM_OK;
}

static enum dm_error check_connections(struct dm_txn *txn, struct dm_inst *in,
				       const struct dm_param *p, const char *value, size_t len)
{
	if (len == 1 && value[0] <= '0' + SPEED_CONNECTIONS_MAX)
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE, "at most %d", SPEED_CONNECTIONS_MAX);
}

DIAG_GETTER(max_connections, speed_of, dm_put_uint, r ? SPEED_CONNECTIONS_MAX : 0)
DIAG_GETTER(max_steps, speed_of, dm_put_uint, r ? SPEED_STEPS_MAX : 0)
DIAG_GETTER(rom, speed_of, diag_put_us, r->whole.rom)
DIAG_GETTER(bom, speed_of, diag_put_us, r->whole.bom)
DIAG_GETTER(eom, speed_of, diag_put_us, r->whole.eom)
DIAG_GETTER(asked, speed_of, diag_put_us, r->whole.asked)
DIAG_GETTER(opened, speed_of, diag_put_us, r->whole.opened)
DIAG_GETTER(test, speed_of, dm_put_uint, r->whole.octets.test)
DIAG_GETTER(rx, speed_of, dm_put_uint, r->whole.octets.rx)
DIAG_GETTER(tx, speed_of, dm_put_uint, r->whole.octets.tx)
DIAG_GETTER(full_test, speed_of, dm_put_uint, r->full.octets.test)
DIAG_GETTER(full_rx, speed_of, dm_put_uint, r->full.octets.rx)
DIAG_GETTER(full_tx, speed_of, dm_put_uint, r->full.octets.tx)
DIAG_GETTER(full_us, speed_of, dm_put_uint, (uint64_t)(r->full.end - r->full.start))
DIAG_GETTER(conn_rom, conn_of, diag_put_us, r->rom)
DIAG_GETTER(conn_bom, conn_of, diag_put_us, r->bom)
DIAG_GETTER(conn_eom, conn_of, diag_put_us, r->eom)
DIAG_GETTER(conn_asked, conn_of, diag_put_us, r->asked)
DIAG_GETTER(conn_opened, conn_of, diag_put_us, r->opened)
DIAG_GETTER(conn_test, conn_of, dm_put_uint, r->octets.test)
DIAG_GETTER(conn_rx, conn_of, dm_put_uint, r->octets.rx)
DIAG_GETTER(conn_tx, conn_of, dm_put_uint, r->octets.tx)
DIAG_GETTER(step_start, step_of, diag_put_us, r->start)
DIAG_GETTER(step_end, step_of, diag_put_us, r->end)
DIAG_GETTER(step_test, step_of, dm_put_uint, r->octets.test)
DIAG_GETTER(step_rx, step_of, dm_put_uint, r->octets.rx)
DIAG_GETTER(step_tx, step_of, dm_put_uint, r->octets.tx)

#define COUNTED "rtnetlink: IFLA_STATS64 of Interface; 0 where none is named"
#define RW_UINT(name, lo, hi, ...)                                        \
	{                                                                 \
		name, DM_UINT, DM_RW, DM_RANGE((lo), (hi)), ##__VA_ARGS__ \
	}
#define TIME(name, getter) DIAG_ROW_RESULT(name, DM_DATETIME, getter, .notify = DM_CAN_DENY)
#define OCTETS(name, getter)                                                  \
	{                                                                     \
		name, DM_ULONG, DM_RO, .get = get_##getter, .source = COUNTED \
	}
/* ROMTime to TCPOpenResponseTime, of a connection; prefix of the getters. */
#define TIMES(prefix)                                                                             \
	TIME("ROMTime", prefix##rom), TIME("BOMTime", prefix##bom), TIME("EOMTime", prefix##eom), \
		TIME("TCPOpenRequestTime", prefix##asked),                                        \
		TIME("TCPOpenResponseTime", prefix##opened)

#define INPUTS(states, url, list)                                                             \
	DIAG_ROW_STATE(states), { "Interface", DM_STRING, DM_RW, DM_MAXLEN(256), .ref = "" }, \
		{ url, DM_STRING, DM_RW, DM_MAXLEN(2048) },                                   \
		{ list,                                                                       \
		  DM_STRING,                                                                  \
		  DM_RO,                                                                      \
		  .flags = DM_LIST,                                                           \
		  DM_VALUES(transports),                                                      \
		  .get = get_transports,                                                      \
		  .source = "with and without TLS" },                                         \
		RW_UINT("DSCP", 0, 63), RW_UINT("EthernetPriority", 0, 7),                    \
		RW_UINT("TimeBasedTestDuration", 0, 999),                                     \
		RW_UINT("TimeBasedTestMeasurementInterval", 0, 999),                          \
		RW_UINT("TimeBasedTestMeasurementOffset", 0, 255), DIAG_ROW_VERSION,          \
		RW_UINT("NumberOfConnections", 1, DM_NOMAX, .def = "1",                       \
			.check = check_connections),                                          \
	{                                                                                     \
		"EnablePerConnectionResults", DM_BOOL, DM_RW, .notify = DM_CAN_DENY           \
	}

#define LOCAL(...)                                                                             \
	{                                                                                      \
		"IPAddressUsed", DM_STRING, DM_RO, DM_MAXLEN(45),                              \
			DM_MATCH(dm_match_ip, DM_WANTS_IP),                                    \
			.get = get_local, .source = "the dialer: getsockname()", ##__VA_ARGS__ \
	}
#define OUTPUTS(max_conns, max_rows, test_name, full_name)                      \
	{ max_conns,                                                            \
	  DM_UINT,                                                              \
	  DM_RO,                                                                \
	  DM_RANGE(1, DM_NOMAX),                                                \
	  .get = get_max_connections,                                           \
	  .source = "SPEED_CONNECTIONS_MAX" },                                  \
		{ max_rows,                                                     \
		  DM_UINT,                                                      \
		  DM_RO,                                                        \
		  DM_RANGE(1, DM_NOMAX),                                        \
		  .get = get_max_steps,                                         \
		  .source = "SPEED_STEPS_MAX" },                                \
		TIMES(), DIAG_ROW_RESULT(test_name, DM_ULONG, test),            \
		OCTETS("TotalBytesReceived", rx), OCTETS("TotalBytesSent", tx), \
		DIAG_ROW_RESULT(full_name, DM_ULONG, full_test),                \
		OCTETS("TotalBytesReceivedUnderFullLoading", full_rx),          \
		OCTETS("TotalBytesSentUnderFullLoading", full_tx),              \
		DIAG_ROW_RESULT("PeriodOfFullLoading", DM_UINT, full_us)

static const struct dm_param download_params[] = {
	INPUTS(download_states, "DownloadURL", "DownloadTransports"),
	LOCAL(.notify = DM_CAN_DENY),
	OUTPUTS("DownloadDiagnosticMaxConnections", "DownloadDiagnosticsMaxIncrementalResult",
		"TestBytesReceived", "TestBytesReceivedUnderFullLoading"),
};

static const struct dm_param upload_params[] = {
	INPUTS(upload_states, "UploadURL", "UploadTransports"),
	{ "TestFileLength", DM_ULONG, DM_RW },
	LOCAL(),
	OUTPUTS("UploadDiagnosticsMaxConnections", "UploadDiagnosticsMaxIncrementalResult",
		"TestBytesSent", "TestBytesSentUnderFullLoading"),
};

#define CONNECTION(test, ...)                                                            \
	{                                                                                \
		TIMES(conn_), DIAG_ROW_RESULT(test, DM_ULONG, conn_test, ##__VA_ARGS__), \
			DIAG_ROW_RESULT("TotalBytesReceived", DM_ULONG, conn_rx,         \
					.notify = DM_CAN_DENY),                          \
			DIAG_ROW_RESULT("TotalBytesSent", DM_ULONG, conn_tx,             \
					.notify = DM_CAN_DENY)                           \
	}
#define STEP(test, ...)                                                                           \
	{                                                                                         \
		DIAG_ROW_RESULT(test, DM_ULONG, step_test, ##__VA_ARGS__),                        \
			OCTETS("TotalBytesReceived", step_rx), OCTETS("TotalBytesSent", step_tx), \
			TIME("StartTime", step_start), TIME("EndTime", step_end)                  \
	}

static const struct dm_param download_conn_params[] =
	CONNECTION("TestBytesReceived", .notify = DM_CAN_DENY);
static const struct dm_param upload_conn_params[] = CONNECTION("TestBytesSent");
static const struct dm_param download_step_params[] =
	STEP("TestBytesReceived", .notify = DM_CAN_DENY);
static const struct dm_param upload_step_params[] = STEP("TestBytesSent");

DIAG_HOOKS(download_module, download_diagnostics, "DownloadDiagnostics");
DIAG_HOOKS(upload_module, upload_diagnostics, "UploadDiagnostics");

#define SPEED_OBJECT(path, rows, of) DM_SINGLE(path, rows, .module = &(of))
#define SPEED_TABLE(path, rows, count) DM_TABLE(path, rows, .flags = DM_ANEW, .entries = (count))

const struct dm_object download_diagnostics = SPEED_OBJECT(
	"Device.IP.Diagnostics.DownloadDiagnostics.", download_params, download_module);
const struct dm_object download_connections =
	SPEED_TABLE("Device.IP.Diagnostics.DownloadDiagnostics.PerConnectionResult.{i}.",
		    download_conn_params, "PerConnectionResultNumberOfEntries");
const struct dm_object download_steps =
	SPEED_TABLE("Device.IP.Diagnostics.DownloadDiagnostics.IncrementalResult.{i}.",
		    download_step_params, "IncrementalResultNumberOfEntries");
const struct dm_object upload_diagnostics =
	SPEED_OBJECT("Device.IP.Diagnostics.UploadDiagnostics.", upload_params, upload_module);
const struct dm_object upload_connections =
	SPEED_TABLE("Device.IP.Diagnostics.UploadDiagnostics.PerConnectionResult.{i}.",
		    upload_conn_params, "PerConnectionResultNumberOfEntries");
const struct dm_object upload_steps =
	SPEED_TABLE("Device.IP.Diagnostics.UploadDiagnostics.IncrementalResult.{i}.",
		    upload_step_params, "IncrementalResultNumberOfEntries");

void speed_show(struct dm *dm, struct speed *s, bool conns)
{
	const struct dm_object *object = s->diag.ops->object;
	bool up = object == &upload_diagnostics;

	diag_show(dm, object, up ? &upload_connections : &download_connections, s->conn,
		  conns ? s->nconns : 0, sizeof(s->conn[0]));
	diag_show(dm, object, up ? &upload_steps : &download_steps, s->step, s->nsteps,
		  sizeof(s->step[0]));
}

void speed_count(struct dm *dm, uint32_t ifindex, struct speed_octets *out)
{
	struct net *net = net_of(dm);
	const struct rt_link *link;

	out->rx = out->tx = 0;
	if (!net || !ifindex)
		return;
	dm_rpc_begin(dm);
	net_count(net);
	link = rt_link(net->t, ifindex);
	if (!link)
		return;
	out->rx = link->stats.rx_bytes;
	out->tx = link->stats.tx_bytes;
}
