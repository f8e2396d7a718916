/* SPDX-License-Identifier: Apache-2.0 */
/* Device.Routing. (TR-181 2.19.1): table main is the one router; each next hop is a row. */
#include "agent/tr181/net_internal.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <linux/if.h>
#include <linux/rtnetlink.h>

#include "lib/array.h"

static const struct rt_route *route_of(const struct dm_inst *in)
{
	static const struct rt_route nothing = { .key.family = AF_INET };

	return in->data ? in->data : &nothing;
}

static void key_of(const struct net *net, const struct rt_route *r, char *key, size_t size)
{
	const struct rt_link *l = rt_link(net->t, r->key.index);
	char dst[INET6_ADDRSTRLEN + 8], gw[INET6_ADDRSTRLEN + 8];

	net_key_ip(dst, sizeof(dst), r->key.family, r->key.dst, r->key.plen);
	net_key_ip(gw, sizeof(gw), r->key.family, r->key.gw, r->has_gw);
	(void)snprintf(key, size, "%s %u %u %s %s %u", dst, r->key.tos, r->key.type, gw,
		       l ? l->name : "-", r->key.priority);
}

static bool is_shown(const struct rt_route *r)
{
	switch (r->key.type) {
	case RTN_UNICAST:
	case RTN_LOCAL:
	case RTN_BLACKHOLE:
	case RTN_UNREACHABLE:
	case RTN_PROHIBIT:
		return true;
	default:
		return false;
	}
}

void net_sync_routing(struct net *net)
{
	struct dm_inst *root = dm_single(net->dm, &routing), *router;
	const struct rt_set *routes = &net->t->set[RT_ROUTES];

	dm_rows_begin(root, &routing_router);
	router = dm_row(root, &routing_router, "main");
	dm_rows_end(root, &routing_router);
	if (!router)
		return;
	dm_rows_begin(router, &routing_ipv4);
	dm_rows_begin(router, &routing_ipv6);
	for (uint32_t i = 0; i < routes->n; i++) {
		struct rt_route r = *(const struct rt_route *)rt_set_at(routes, i);
		char key[NET_KEY_MAX];
		struct dm_inst *in;

		if (!is_shown(&r))
			continue;
		r.round = 0;
		key_of(net, &r, key, sizeof(key));
		in = dm_row(router, r.key.family == AF_INET ? &routing_ipv4 : &routing_ipv6, key);
		if (net_put(in, &r, sizeof(r)))
			dm_changed_all(in);
	}
	dm_rows_end(router, &routing_ipv4);
	dm_rows_end(router, &routing_ipv6);
}

static enum dm_error get_type(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	static const char *const names[] = { [RTN_UNICAST] = "Normal",
					     [RTN_LOCAL] = "Receive",
					     [RTN_BLACKHOLE] = "Blackhole",
					     [RTN_UNREACHABLE] = "Unreachable",
					     [RTN_PROHIBIT] = "Prohibit" };
	const uint8_t type = route_of(in)->key.type;

	dm_put_str(sink, type < ARRAY_SIZE(names) && names[type] ? names[type] : "Normal");
	return DM_OK;
}

static enum dm_error get_status(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, in->gone ? "Disabled" : "Enabled");
	return DM_OK;
}

static enum dm_error get_static(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const uint8_t by = route_of(in)->protocol;

	dm_put_bool(sink, by == RTPROT_STATIC || by == RTPROT_BOOT);
	return DM_OK;
}

/* TR-181: empty for the default route. */
static enum dm_error get_dst(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	if (route_of(in)->key.plen)
		net_put_ip(sink, AF_INET, route_of(in)->key.dst);
	return DM_OK;
}

static enum dm_error get_mask(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const unsigned int plen = route_of(in)->key.plen;
	const uint32_t mask = htonl(plen ? UINT32_MAX << (32 - plen) : 0);

	if (plen)
		net_put_ip(sink, AF_INET, (const uint8_t *)&mask);
	return DM_OK;
}

static enum dm_error get_prefix(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	if (route_of(in)->key.plen)
		net_put_prefix(sink, route_of(in)->key.dst, route_of(in)->key.plen);
	return DM_OK;
}

static enum dm_error get_gateway(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	if (route_of(in)->has_gw)
		net_put_ip(sink, route_of(in)->key.family, route_of(in)->key.gw);
	return DM_OK;
}

static enum dm_error get_interface(struct dm_inst *in, const struct dm_param *p,
				   struct dm_sink *sink)
{
	struct net *net = net_of(dm_inst_dm(in));
	const struct net_if *at = net ? net_if(net, route_of(in)->key.index) : NULL;

	dm_put_path(sink, at ? at->ip : NULL);
	return DM_OK;
}

static const struct rt_addr *source_of(const struct dm_inst *in)
{
	const struct rt_route *r = route_of(in);

	return net_addr(net_of(dm_inst_dm(in)), r->key.index, r->key.family, r->src);
}

/* Who made it. Where TR-181 has no word for that, "Static" is what it has for the rest. */
static const char *origin_of(const struct dm_inst *in, bool v6)
{
	static const struct {
		uint8_t protocol;
		const char *v4, *v6;
	} words[] = {
		{ RTPROT_DHCP, "DHCPv4", "DHCPv6" },
		{ RTPROT_OSPF, "OSPF", "OSPF" },
		{ RTPROT_RIP, "RIP", "RIPng" },
		{ RTPROT_RA, "Static", "RA" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].protocol == route_of(in)->protocol)
			return v6 ? words[i].v6 : words[i].v4;
	return "Static";
}

static enum dm_error get_origin4(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct rt_addr *a = source_of(in);
	const char *origin = origin_of(in, false);

	if (route_of(in)->protocol == RTPROT_KERNEL && a) { /* by an address: whose is that? */
		const char *from = net_origin4(net_of(dm_inst_dm(in)), a);

		if (!strcmp(from, "DHCP"))
			origin = "DHCPv4";
		else if (!strcmp(from, "IPCP"))
			origin = "IPCP";
	}
	dm_put_str(sink, origin);
	return DM_OK;
}

static enum dm_error get_origin6(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, origin_of(in, true));
	return DM_OK;
}

static enum dm_error get_metric(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct rt_route *r = route_of(in);

	if (!r->has_priority)
		dm_put_int(sink, -1);
	else
		dm_put_int(sink,
			   r->key.priority > INT32_MAX ? INT32_MAX : (int32_t)r->key.priority);
	return DM_OK;
}

static enum dm_error get_expiration(struct dm_inst *in, const struct dm_param *p,
				    struct dm_sink *sink)
{
	tr181_put_when(sink, route_of(in)->expires_ms);
	return DM_OK;
}

static const char *const status[] = { "Disabled", "Enabled", NULL };
static const char *const types[] = { "Normal",	    "Receive",	"Blackhole",
				     "Unreachable", "Prohibit", NULL };
static const char *const origins4[] = {
	"DHCPv4", "OSPF", "IPCP", "RIP", "3GPP-NAS", "Static", NULL
};
static const char *const origins6[] = {
	"DHCPv6", "OSPF", "RA", "RIPng", "3GPP-NAS", "Static", NULL
};

#define IN_TABLE "rtnetlink: it is in table main; takes only true"
#define IS "; takes only what it is"

static const struct dm_param router_params[] = {
	{ "Enable", DM_BOOL, DM_RW, .get = net_get_true, AS_IT_IS,
	  .source = "table main is always looked at; takes only true" },
	{ "Status", DM_STRING, DM_RO, DM_VALUES(net_enabled), .get = net_get_enabled,
	  .source = "table main is always looked at" },
	DM_ROW_ALIAS,
};

static const struct dm_param v4_params[] = {
	{ "Enable", DM_BOOL, DM_RW, .get = net_get_true, AS_IT_IS, .source = IN_TABLE },
	{ "Status", DM_STRING, DM_RO, DM_VALUES(status), .get = get_status,
	  .source = "rtnetlink: it is in table main" },
	DM_ROW_ALIAS,
	{ "Type", DM_STRING, DM_RW, DM_VALUES(types), .get = get_type, AS_IT_IS,
	  .source = "rtnetlink: rtm_type" IS },
	{ "StaticRoute", DM_BOOL, DM_RO, .get = get_static,
	  .source = "rtnetlink: rtm_protocol is static or boot" },
	{ "DestIPAddress", DM_STRING, DM_RW, DM_MATCH(dm_match_ipv4, DM_WANTS_IPV4), DM_MAXLEN(15),
	  .get = get_dst, AS_IT_IS, .source = "rtnetlink: RTA_DST" IS },
	{ "DestSubnetMask", DM_STRING, DM_RW, DM_MATCH(dm_match_ipv4, DM_WANTS_IPV4), DM_MAXLEN(15),
	  .get = get_mask, AS_IT_IS, .source = "rtnetlink: rtm_dst_len" IS },
	{ "GatewayIPAddress", DM_STRING, DM_RW, DM_MATCH(dm_match_ipv4, DM_WANTS_IPV4),
	  DM_MAXLEN(15), .get = get_gateway, AS_IT_IS, .source = "rtnetlink: RTA_GATEWAY" IS },
	{ "Interface", DM_STRING, DM_RW, DM_MAXLEN(256), .ref = "Device.IP.Interface.{i}.",
	  .get = get_interface, .check = tr181_as_it_is, .flags = DM_STRONG | DM_VOLATILE,
	  .source = "rtnetlink: RTA_OIF" IS },
	{ "Origin", DM_STRING, DM_RO, DM_VALUES(origins4), .get = get_origin4,
	  .source = "rtnetlink: rtm_protocol; of the kernel's own routes that of the address" },
	{ "ForwardingMetric", DM_INT, DM_RW, DM_RANGE(-1, DM_NOMAX), .get = get_metric, AS_IT_IS,
	  .source = "rtnetlink: RTA_PRIORITY" IS },
};

static const struct dm_param v6_params[] = {
	{ "Enable", DM_BOOL, DM_RW, .get = net_get_true, AS_IT_IS, .source = IN_TABLE },
	{ "Status", DM_STRING, DM_RO, DM_VALUES(status), .get = get_status,
	  .source = "rtnetlink: it is in table main" },
	DM_ROW_ALIAS,
	{ "Type", DM_STRING, DM_RW, DM_VALUES(types), .get = get_type, AS_IT_IS,
	  .source = "rtnetlink: rtm_type" IS },
	{ "DestIPPrefix", DM_STRING, DM_RW, DM_MAXLEN(49), .get = get_prefix, AS_IT_IS,
	  .source = "rtnetlink: RTA_DST, rtm_dst_len" IS },
	{ "NextHop", DM_STRING, DM_RW, DM_MATCH(dm_match_ipv6, DM_WANTS_IP), DM_MAXLEN(45),
	  .get = get_gateway, AS_IT_IS, .source = "rtnetlink: RTA_GATEWAY" IS },
	{ "Interface", DM_STRING, DM_RW, DM_MAXLEN(256), .ref = "Device.IP.Interface.{i}.",
	  .get = get_interface, .check = tr181_as_it_is, .flags = DM_STRONG | DM_VOLATILE,
	  .source = "rtnetlink: RTA_OIF" IS },
	{ "Origin", DM_STRING, DM_RO, DM_VALUES(origins6), .get = get_origin6,
	  .source = "rtnetlink: rtm_protocol" },
	{ "ForwardingMetric", DM_INT, DM_RW, DM_RANGE(-1, DM_NOMAX), .get = get_metric, AS_IT_IS,
	  .source = "rtnetlink: RTA_PRIORITY" IS },
	{ "ExpirationTime", DM_DATETIME, DM_RO, .get = get_expiration,
	  .source = "rtnetlink: RTA_CACHEINFO" },
};

const struct dm_object routing = DM_EMPTY("Device.Routing.");
const struct dm_object routing_router =
	DM_TABLE("Device.Routing.Router.{i}.", router_params, .flags = DM_KEEP, .max = 1,
		 .entries = "RouterNumberOfEntries", .refresh = net_refresh);
const struct dm_object routing_ipv4 =
	DM_TABLE("Device.Routing.Router.{i}.IPv4Forwarding.{i}.", v4_params, .flags = DM_KEEP,
		 .max = RT_ROUTES_MAX, .entries = "IPv4ForwardingNumberOfEntries",
		 .refresh = net_refresh, .release = net_release);
const struct dm_object routing_ipv6 =
	DM_TABLE("Device.Routing.Router.{i}.IPv6Forwarding.{i}.", v6_params, .flags = DM_KEEP,
		 .max = RT_ROUTES_MAX, .entries = "IPv6ForwardingNumberOfEntries",
		 .refresh = net_refresh, .release = net_release);
