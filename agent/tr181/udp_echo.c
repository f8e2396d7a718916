/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/tr181/udp_echo.h"

#include <string.h>
#include <sys/socket.h>

#include "agent/tr181/diag.h"
#include "agent/tr181/net_internal.h"

static const char *const states[] = {
	"None",		  "Requested",	 "Complete", "Error_CannotResolveHostName",
	"Error_Internal", "Error_Other", "Canceled", NULL,
};

extern const struct dm_object udp_echo_packets;

static const struct udp_echo *rows_of(const struct dm_inst *in)
{
	static const struct udp_echo none;
	const struct udp_echo *e = dm_ctx(in);

	return e ? e : &none;
}

static const struct echo_config *config_of(const struct dm_inst *in)
{
	static const struct echo_config none;
	const struct echo_config *c = dm_ctx(in);

	return c ? c : &none;
}

static const struct echo_packet *packet_of(const struct dm_inst *in)
{
	return in->data;
}

static enum dm_error get_local(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct dial_addr *a = &rows_of(in)->local;

	if (a->family)
		net_put_ip(sink, a->family == DIAL_IPV4 ? AF_INET : AF_INET6, a->addr);
	return DM_OK;
}

/* "An attempt to set this parameter to a different value MUST be rejected." */
static enum dm_error check_interface(struct dm_txn *txn, struct dm_inst *in,
				     const struct dm_param *p, const char *value, size_t len)
{
	if (!len || dm_find(dm_inst_dm(in), value))
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE, "there is no such interface");
}

static enum dm_error check_port(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
				const char *value, size_t len)
{
	if (len < 5 || (len == 5 && strcmp(value, "65535") <= 0))
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE, "a port is at most 65535");
}

DIAG_GETTER(good, rows_of, dm_put_uint, r->good)
DIAG_GETTER(bad, rows_of, dm_put_uint, r->bad)
DIAG_GETTER(average, rows_of, dm_put_uint, r->good ? r->sum_us / r->good : 0)
DIAG_GETTER(min, rows_of, dm_put_uint, r->min_us)
DIAG_GETTER(max, rows_of, dm_put_uint, r->max_us)
DIAG_GETTER(max_results, rows_of, dm_put_uint, r ? ECHO_RESULTS_MAX : 0)
DIAG_GETTER(packet_good, packet_of, dm_put_bool, r->good)
DIAG_GETTER(packet_sent, packet_of, diag_put_us, r->sent_us)
DIAG_GETTER(packet_heard, packet_of, diag_put_us, r->heard_us)
DIAG_GETTER(gen_sn, packet_of, dm_put_uint, r->gen_sn)
DIAG_GETTER(resp_sn, packet_of, dm_put_uint, r->resp_sn)
DIAG_GETTER(far_received, packet_of, dm_put_uint, r->received)
DIAG_GETTER(far_replied, packet_of, dm_put_uint, r->replied)
DIAG_GETTER(far_failures, packet_of, dm_put_uint, r->failures)
DIAG_GETTER(received, config_of, dm_put_uint, r->received)
DIAG_GETTER(responded, config_of, dm_put_uint, r->responded)
DIAG_GETTER(octets_received, config_of, dm_put_uint, r->octets_received)
DIAG_GETTER(octets_responded, config_of, dm_put_uint, r->octets_responded)
DIAG_GETTER(first, config_of, diag_put_us, r->first_us)
DIAG_GETTER(last, config_of, diag_put_us, r->last_us)

#define INPUT(name, lo, hi, text)                                                          \
	{                                                                                  \
		name, DM_UINT, DM_RW, DM_RANGE(lo, hi), .def = text, .notify = DM_CAN_DENY \
	}

static const struct dm_param params[] = {
	DIAG_ROW_STATE(states, .notify = DM_CAN_DENY),
	{ "Interface", DM_STRING, DM_RW, DM_MAXLEN(256), DM_REF("Device.IP.Interface.") },
	{ "Host", DM_STRING, DM_RW, DM_MAXLEN(256), .notify = DM_CAN_DENY },
	INPUT("Port", 1, 65535, "7"),
	INPUT("NumberOfRepetitions", 1, DM_NOMAX, "1"),
	INPUT("Timeout", 1, DM_NOMAX, "5000"),
	INPUT("DataBlockSize", 1, 65535, "24"),
	INPUT("DSCP", 0, 63, NULL),
	INPUT("InterTransmissionTime", 1, 65535, "1000"),
	DIAG_ROW_VERSION,
	{ "EnableIndividualPacketResults", DM_BOOL, DM_RW, .notify = DM_CAN_DENY },
	{ "IPAddressUsed", DM_STRING, DM_RO, DM_MAXLEN(45), DM_MATCH(dm_match_ip, DM_WANTS_IP),
	  .get = get_local, .source = "the dialer: getsockname()" },
	DIAG_ROW_RESULT("SuccessCount", DM_UINT, good),
	DIAG_ROW_RESULT("FailureCount", DM_UINT, bad),
	DIAG_ROW_RESULT("AverageResponseTime", DM_UINT, average),
	DIAG_ROW_RESULT("MinimumResponseTime", DM_UINT, min),
	DIAG_ROW_RESULT("MaximumResponseTime", DM_UINT, max),
	{ "UDPEchoDiagnosticsMaxResults", DM_UINT, DM_RO, DM_RANGE(1, DM_NOMAX),
	  .get = get_max_results, .source = "ECHO_RESULTS_MAX" },
};

static const struct dm_param packet_params[] = {
	DIAG_ROW_RESULT("PacketSuccess", DM_BOOL, packet_good),
	DIAG_ROW_RESULT("PacketSendTime", DM_DATETIME, packet_sent),
	DIAG_ROW_RESULT("PacketReceiveTime", DM_DATETIME, packet_heard),
	DIAG_ROW_RESULT("TestGenSN", DM_UINT, gen_sn),
	DIAG_ROW_RESULT("TestRespSN", DM_UINT, resp_sn),
	DIAG_ROW_RESULT("TestRespRcvTimeStamp", DM_UINT, far_received),
	DIAG_ROW_RESULT("TestRespReplyTimeStamp", DM_UINT, far_replied),
	DIAG_ROW_RESULT("TestRespReplyFailureCount", DM_UINT, far_failures),
};

#define COUNTER(name, type, getter)                                            \
	{                                                                      \
		name, type, DM_RO, .notify = DM_CAN_DENY, .get = get_##getter, \
				   .source = "the agent, since it was enabled" \
	}

static const struct dm_param config_params[] = {
	{ "Enable", DM_BOOL, DM_RW },
	{ "Interface", DM_STRING, DM_RW, DM_MAXLEN(256), .ref = "", .check = check_interface },
	{ "SourceIPAddress", DM_STRING, DM_RW, DM_MAXLEN(45), DM_MATCH(dm_match_ip, DM_WANTS_IP) },
	{ "UDPPort", DM_UINT, DM_RW, .check = check_port },
	{ "EchoPlusEnabled", DM_BOOL, DM_RW },
	{ "EchoPlusSupported", DM_BOOL, DM_RO, .get = net_get_true, .source = "built in" },
	COUNTER("PacketsReceived", DM_UINT, received),
	COUNTER("PacketsResponded", DM_UINT, responded),
	COUNTER("BytesReceived", DM_UINT, octets_received),
	COUNTER("BytesResponded", DM_UINT, octets_responded),
	COUNTER("TimeFirstPacketReceived", DM_DATETIME, first),
	COUNTER("TimeLastPacketReceived", DM_DATETIME, last),
};

DIAG_MODULE(udp_echo, "UDPEchoDiagnostics")

const struct dm_object udp_echo = DM_SINGLE("Device.IP.Diagnostics.UDPEchoDiagnostics.", params,
					    .module = &module, .when = here);
const struct dm_object udp_echo_packets = DM_TABLE(
	"Device.IP.Diagnostics.UDPEchoDiagnostics.IndividualPacketResult.{i}.", packet_params,
	.flags = DM_ANEW, .entries = "IndividualPacketResultNumberOfEntries", .when = here);

static void config_committed(struct dm *dm, const struct dm_txn *txn)
{
	struct echo_config *c = dm_ctx(dm_single(dm, &udp_echo_config));

	if (c)
		c->changed(c);
}

static const struct dm_module config_module = { .name = "UDPEchoConfig",
						.committed = config_committed };

const struct dm_object udp_echo_config =
	DM_SINGLE("Device.IP.Diagnostics.UDPEchoConfig.", config_params, .module = &config_module);

void udp_echo_show(struct dm *dm, struct udp_echo *e, bool packets)
{
	uint32_t n = e->count < ECHO_RESULTS_MAX ? e->count : ECHO_RESULTS_MAX;

	diag_show(dm, &udp_echo, &udp_echo_packets, e->packet, packets ? n : 0,
		  sizeof(e->packet[0]));
}
