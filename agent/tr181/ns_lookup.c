/* SPDX-License-Identifier: Apache-2.0 */
/* Device.DNS.Diagnostics. (TR-181 2.19.1) */
#include "agent/tr181/ns_lookup.h"

#include <arpa/inet.h>
#include <string.h>

#include "agent/tr181/diag.h"

static const char *const states[] = {
	"None",		  "Requested",	 "Complete", "Error_DNSServerNotResolved",
	"Error_Internal", "Error_Other", "Canceled", NULL,
};
static const char *const statuses[] = {
	[LOOKUP_SUCCESS] = "Success",
	[LOOKUP_NO_SERVER] = "Error_DNSServerNotAvailable",
	[LOOKUP_NO_NAME] = "Error_HostNameNotResolved",
	[LOOKUP_TIMEOUT] = "Error_Timeout",
	[LOOKUP_OTHER] = "Error_Other",
	NULL,
};
static const char *const answer_types[] = { "None", "Authoritative", "NonAuthoritative", NULL };

extern const struct dm_object dns_diagnostics, ns_lookup_result;

static const struct ns_lookup *rows_of(const struct dm_inst *in)
{
	static const struct ns_lookup none;
	const struct ns_lookup *l = dm_ctx(in);

	return l ? l : &none;
}

static const struct lookup_result *result_of(const struct dm_inst *in)
{
	return in->data;
}

static void put_addr(struct dm_sink *sink, unsigned int family, const uint8_t *addr)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(family == 4 ? AF_INET : AF_INET6, addr, text, sizeof(text)))
		dm_put_item(sink, text, strlen(text));
}

DIAG_GETTER(successes, rows_of, dm_put_uint, r->successes)
DIAG_GETTER(status, result_of, dm_put_str, statuses[r->status])
DIAG_GETTER(type, result_of, dm_put_str, answer_types[!r->answered ? 0 : r->authoritative ? 1 : 2])
DIAG_GETTER(ms, result_of, dm_put_uint, r->ms)

static enum dm_error get_name(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, result_of(in)->answered ? rows_of(in->parent)->name : "");
	return DM_OK;
}

static enum dm_error get_addresses(struct dm_inst *in, const struct dm_param *p,
				   struct dm_sink *sink)
{
	const struct lookup_result *r = result_of(in);

	for (uint32_t i = 0; i < r->count; i++)
		put_addr(sink, r->addr[i].family, r->addr[i].addr);
	return DM_OK;
}

static enum dm_error get_server(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct dial_addr *a = &rows_of(in->parent)->server;

	put_addr(sink, a->family, a->addr);
	return DM_OK;
}

static const struct dm_param params[] = {
	DIAG_ROW_STATE(states, .notify = DM_CAN_DENY),
	{ "Interface", DM_STRING, DM_RW, DM_MAXLEN(256), .ref = "" },
	{ "HostName", DM_STRING, DM_RW, DM_MAXLEN(256) },
	{ "DNSServer", DM_STRING, DM_RW, DM_MAXLEN(256) },
	{ "Timeout", DM_UINT, DM_RW, .def = "5000" },
	{ "NumberOfRepetitions", DM_UINT, DM_RW, .def = "1" },
	DIAG_ROW_RESULT("SuccessCount", DM_UINT, successes, .notify = DM_CAN_DENY),
};

static const struct dm_param result_params[] = {
	DIAG_ROW_RESULT("Status", DM_STRING, status, DM_VALUES(statuses), .notify = DM_CAN_DENY),
	{ "AnswerType", DM_STRING, DM_RO, DM_VALUES(answer_types), .notify = DM_CAN_DENY,
	  .get = get_type, .source = "the answer's AA bit" },
	{ "HostNameReturned", DM_STRING, DM_RO, DM_MAXLEN(256), .get = get_name,
	  .source = "HostName with the domain that was added, if any" },
	{ "IPAddresses", DM_STRING, DM_RO, .flags = DM_LIST, .max_items = DNS_ADDRS_MAX,
	  .max_item = 45, DM_MATCH(dm_match_ip, DM_WANTS_IP), .notify = DM_CAN_DENY,
	  .get = get_addresses, .source = "the answers' A and AAAA records" },
	{ "DNSServerIP", DM_STRING, DM_RO, DM_MAXLEN(45), DM_MATCH(dm_match_ip, DM_WANTS_IP),
	  .notify = DM_CAN_DENY, .get = get_server, .source = "the dialer" },
	{ "ResponseTime", DM_UINT, DM_RO, .notify = DM_CAN_DENY, .get = get_ms,
	  .source = "until the first answer, at least 1" },
};

DIAG_MODULE(ns_lookup, "NSLookupDiagnostics")

const struct dm_object dns_diagnostics = DM_EMPTY("Device.DNS.Diagnostics.", .when = here);
const struct dm_object ns_lookup = DM_SINGLE("Device.DNS.Diagnostics.NSLookupDiagnostics.", params,
					     .module = &module, .when = here);
const struct dm_object ns_lookup_result = DM_TABLE(
	"Device.DNS.Diagnostics.NSLookupDiagnostics.Result.{i}.", result_params,
	.flags = DM_ANEW | DM_COUNT_DENY, .entries = "ResultNumberOfEntries", .when = here);

void ns_lookup_show(struct dm *dm, struct ns_lookup *l)
{
	diag_show(dm, &ns_lookup, &ns_lookup_result, l->result, l->count, sizeof(l->result[0]));
}
