/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/tr181/dns_client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/dial.h"
#include "agent/dialer/addr.h"
#include "agent/tr181/tr181.h"
#include "agent/tree/rows.h"
#include "lib/clock.h"
#include "lib/limits.h"

struct client {
	struct dm *dm;
	struct dial *dial;
	int asking; /* the id of the question; 0: none */
	uint64_t asked_ms;
	struct dial_servers servers;
};

extern const struct dm_object dns, dns_client, dns_server;

static void have_servers(void *arg, int status, const struct dial_servers *servers)
{
	struct client *c = arg;

	c->asking = 0;
	if (status || !memcmp(&c->servers, servers, sizeof(*servers)))
		return;
	c->servers = *servers;
	if (!dm_watched(c->dm, &dns_client))
		return;
	dm_rpc_begin(c->dm);
	dm_changed_all(dm_single(c->dm, &dns_client));
}

void dns_client_look(struct dm *dm)
{
	struct client *c = dm_ctx(dm_single(dm, &dns_client));
	uint64_t now = clock_mono_ms();
	int id;

	if (!c || c->asking || (c->asked_ms && now - c->asked_ms < DNS_LOOK_MS))
		return;
	c->asked_ms = now;
	id = dial_servers(c->dial, have_servers, c);
	c->asking = id > 0 ? id : 0;
}

static void refresh(struct dm *dm, const struct dm_object *obj, struct dm_inst *parent)
{
	const struct client *c = dm_ctx(parent);
	char text[DIAL_ADDR_TEXT];

	if (!c)
		return;
	dm_rows_begin(parent, obj);
	for (uint32_t i = 0; i < c->servers.count; i++) {
		struct dm_inst *in =
			dm_row(parent, obj, dial_addr_text(&c->servers.addr[i], false, text));

		if (in)
			in->fresh = false;
	}
	dm_rows_end(parent, obj);
	dns_client_look(dm);
}

static enum dm_error get_true(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_bool(sink, true);
	return DM_OK;
}

static enum dm_error get_status(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_const(sink, "Enabled", 7);
	return DM_OK;
}

/* The row is known by it. */
static enum dm_error get_server(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, in->key);
	return DM_OK;
}

static enum dm_error get_interface(struct dm_inst *in, const struct dm_param *p,
				   struct dm_sink *sink)
{
	dm_put_const(sink, "", 0);
	return DM_OK;
}

static const char *const record_types[] = { "A", "AAAA", "SRV", "PTR", NULL };
static const char *const status[] = { "Disabled", "Enabled", NULL };

static const struct dm_param dns_params[] = {
	{ "SupportedRecordTypes", DM_STRING, DM_RO, DM_VALUES(record_types), .flags = DM_LIST,
	  .def = "A,AAAA", .source = "what the dialer's resolver asks for" },
};

#define AS_IT_IS .check = tr181_as_it_is, .flags = DM_VOLATILE

static const struct dm_param client_params[] = {
	{ "Enable", DM_BOOL, DM_RW, .get = get_true, AS_IT_IS,
	  .source = "the box's resolver has no switch; takes only true" },
	{ "Status", DM_STRING, DM_RO, DM_VALUES(status), .get = get_status,
	  .source = "the box's resolver has no switch" },
};

static const struct dm_param server_params[] = {
	{ "Enable", DM_BOOL, DM_RW, .get = get_true, AS_IT_IS,
	  .source = "resolv.conf: it is there; takes only true" },
	{ "Status", DM_STRING, DM_RO, DM_VALUES(status), .get = get_status,
	  .source = "resolv.conf: it is there" },
	DM_ROW_ALIAS,
	{ "DNSServer", DM_STRING, DM_RW, DM_MATCH(dm_match_ip, DM_WANTS_IP), DM_MAXLEN(45),
	  .get = get_server, AS_IT_IS, .source = "resolv.conf: nameserver" },
	{ "Interface", DM_STRING, DM_RW, DM_MAXLEN(256), .ref = "", .get = get_interface,
	  .check = tr181_as_it_is, .flags = DM_STRONG | DM_VOLATILE,
	  .source = "always empty: the routes decide" },
};

const struct dm_object dns = DM_SINGLE("Device.DNS.", dns_params);
const struct dm_object dns_client = DM_SINGLE("Device.DNS.Client.", client_params);
const struct dm_object dns_server =
	DM_TABLE("Device.DNS.Client.Server.{i}.", server_params, .flags = DM_KEEP,
		 .max = DIAL_ADDRS_MAX, .entries = "ServerNumberOfEntries", .refresh = refresh);

int dns_client_start(struct dm *dm, struct dial *dial)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->dm = dm;
	c->dial = dial;
	dm_bind(dm, &dns_client, c);
	dns_client_look(dm);
	return 0;
}
