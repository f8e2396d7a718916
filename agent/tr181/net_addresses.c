/* SPDX-License-Identifier: Apache-2.0 */
/* Device.IP.Interface.{i}.IPv4Address, IPv6Address and IPv6Prefix (TR-181 2.19.1). */
#include "agent/tr181/net_internal.h"

#include <arpa/inet.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "lib/array.h"
#include "lib/clock.h"

#define PROTO_RA 2 /* IFAPROT_KERNEL_RA */
#define PROTO_LL 3 /* IFAPROT_KERNEL_LL */

/* data of a prefix row */
struct prefix {
	uint32_t index;
	uint8_t plen, protocol;
	uint8_t bytes[16];
	uint64_t expires_ms;
};

static const struct rt_addr *addr_of(const struct dm_inst *in)
{
	static const struct rt_addr nothing = { .key.family = AF_INET };

	return in->data ? in->data : &nothing;
}

static const struct prefix *prefix_of(const struct dm_inst *in)
{
	static const struct prefix nothing;

	return in->data ? in->data : &nothing;
}

static void begin(struct net *net, bool end)
{
	static const struct dm_object *const tables[] = { &ip_ipv4, &ip_ipv6, &ip_prefix };

	for (uint32_t i = 0; i < net->nifs; i++)
		for (size_t k = 0; k < ARRAY_SIZE(tables) && net->ifs[i].ip; k++)
			(end ? dm_rows_end : dm_rows_begin)(net->ifs[i].ip, tables[k]);
}

static void sync_prefixes(struct net *net)
{
	const struct rt_set *routes = &net->t->set[RT_ROUTES];

	for (uint32_t i = 0; i < routes->n; i++) {
		const struct rt_route *r = rt_set_at(routes, i);
		struct prefix v = { .index = r->key.index,
				    .plen = r->key.plen,
				    .protocol = r->protocol,
				    .expires_ms = r->expires_ms };
		const struct net_if *at = net_if(net, r->key.index);
		char key[NET_KEY_MAX];
		struct dm_inst *in;

		/* on the link itself, by an address or a router's word */
		if (r->key.family != AF_INET6 || r->has_gw || r->key.type != RTN_UNICAST ||
		    (r->protocol != RTPROT_KERNEL && r->protocol != RTPROT_RA) || !r->key.plen ||
		    r->key.plen == 128 || !at || !at->ip)
			continue;
		memcpy(v.bytes, r->key.dst, 16);
		net_key_ip(key, sizeof(key), AF_INET6, r->key.dst, r->key.plen);
		in = dm_row(at->ip, &ip_prefix, key);
		if (net_put(in, &v, sizeof(v)))
			dm_changed_all(in);
	}
}

void net_sync_addresses(struct net *net)
{
	const struct rt_set *addrs = &net->t->set[RT_ADDRS];

	begin(net, false);
	for (uint32_t i = 0; i < addrs->n; i++) {
		struct rt_addr a = *(const struct rt_addr *)rt_set_at(addrs, i);
		const struct net_if *at = net_if(net, a.key.index);
		char key[NET_KEY_MAX];
		struct dm_inst *in;

		if (!at || !at->ip)
			continue;
		a.round = 0;
		net_key_ip(key, sizeof(key), a.key.family, a.key.addr, a.key.plen);
		in = dm_row(at->ip, a.key.family == AF_INET ? &ip_ipv4 : &ip_ipv6, key);
		if (net_put(in, &a, sizeof(a)))
			dm_changed_all(in);
	}
	sync_prefixes(net);
	begin(net, true);
}

static enum dm_error get_address(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	net_put_ip(sink, addr_of(in)->key.family, addr_of(in)->key.addr);
	return DM_OK;
}

static enum dm_error get_mask(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const unsigned int plen = addr_of(in)->key.plen;
	const uint32_t mask = htonl(plen ? UINT32_MAX << (32 - plen) : 0);

	net_put_ip(sink, AF_INET, (const uint8_t *)&mask);
	return DM_OK;
}

/* The kernel knows lifetimes, not who gave an address: one that ends was leased. */
const char *net_origin4(const struct net *net, const struct rt_addr *a)
{
	const struct rt_link *l = rt_link(net->t, a->key.index);

	if (l && l->type == ARPHRD_PPP)
		return "IPCP";
	if (a->key.addr[0] == 169 && a->key.addr[1] == 254)
		return "AutoIP";
	return a->flags & IFA_F_PERMANENT ? "Static" : "DHCP";
}

static enum dm_error get_addressing(struct dm_inst *in, const struct dm_param *p,
				    struct dm_sink *sink)
{
	dm_put_str(sink, net_origin4(net_of(dm_inst_dm(in)), addr_of(in)));
	return DM_OK;
}

static enum dm_error get_status4(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, in->gone ? "Disabled" : "Enabled");
	return DM_OK;
}

static enum dm_error get_status6(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	if (addr_of(in)->flags & IFA_F_DADFAILED)
		dm_put_str(sink, "Error_Misconfigured");
	else
		return get_status4(in, p, sink);
	return DM_OK;
}

static enum dm_error get_address_status(struct dm_inst *in, const struct dm_param *p,
					struct dm_sink *sink)
{
	const uint32_t flags = addr_of(in)->flags;

	if (flags & IFA_F_DADFAILED)
		dm_put_str(sink, "Duplicate");
	else if (flags & IFA_F_OPTIMISTIC)
		dm_put_str(sink, "Optimistic");
	else if (flags & IFA_F_TENTATIVE)
		dm_put_str(sink, "Tentative");
	else
		dm_put_str(sink, flags & IFA_F_DEPRECATED ? "Deprecated" : "Preferred");
	return DM_OK;
}

static bool is_loopback6(const uint8_t *addr)
{
	static const uint8_t one[16] = { [15] = 1 };

	return !memcmp(addr, one, 16);
}

static bool is_link_local6(const uint8_t *addr)
{
	return addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80;
}

static const char *origin6(const struct rt_addr *a)
{
	if (is_loopback6(a->key.addr))
		return "WellKnown";
	if (a->proto == PROTO_RA || a->proto == PROTO_LL || is_link_local6(a->key.addr) ||
	    (a->flags & (IFA_F_MANAGETEMPADDR | IFA_F_TEMPORARY)))
		return "AutoConfigured";
	if (a->flags & IFA_F_PERMANENT)
		return "Static";
	/* a client of DHCPv6 is told addresses, not prefixes */
	return a->key.plen == 128 ? "DHCPv6" : "AutoConfigured";
}

static enum dm_error get_origin6(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, origin6(addr_of(in)));
	return DM_OK;
}

static enum dm_error get_prefix_ref(struct dm_inst *in, const struct dm_param *p,
				    struct dm_sink *sink)
{
	const struct rt_addr *a = addr_of(in);
	struct dm_inst *best = NULL, *row;

	for (size_t i = 0; (row = dm_row_at(in->parent, &ip_prefix, i)); i++) {
		const struct prefix *v = prefix_of(row);

		if (net_prefix_has(v->bytes, v->plen, a->key.addr) &&
		    (!best || v->plen > prefix_of(best)->plen))
			best = row;
	}
	dm_put_path(sink, best);
	return DM_OK;
}

static enum dm_error get_preferred(struct dm_inst *in, const struct dm_param *p,
				   struct dm_sink *sink)
{
	tr181_put_when(sink, addr_of(in)->preferred_ms);
	return DM_OK;
}

static enum dm_error get_valid(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	tr181_put_when(sink, addr_of(in)->valid_ms);
	return DM_OK;
}

static enum dm_error get_prefix(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	net_put_prefix(sink, prefix_of(in)->bytes, prefix_of(in)->plen);
	return DM_OK;
}

/* The address of this prefix that lives longest; NULL: none is there. */
static const struct rt_addr *longest(const struct dm_inst *in)
{
	const struct prefix *v = prefix_of(in);
	const struct rt_addr *best = NULL;
	struct dm_inst *row;

	for (size_t i = 0; (row = dm_row_at(in->parent, &ip_ipv6, i)); i++) {
		const struct rt_addr *a = addr_of(row);

		if (net_prefix_has(v->bytes, v->plen, a->key.addr) &&
		    (!best || a->valid_ms > best->valid_ms))
			best = a;
	}
	return best;
}

static enum dm_error get_prefix_origin(struct dm_inst *in, const struct dm_param *p,
				       struct dm_sink *sink)
{
	const struct prefix *v = prefix_of(in);
	const struct rt_addr *a = longest(in);

	if (is_link_local6(v->bytes))
		dm_put_str(sink, "WellKnown");
	else if (v->protocol == RTPROT_RA || v->expires_ms != UINT64_MAX ||
		 (a && a->proto == PROTO_RA))
		dm_put_str(sink, "RouterAdvertisement");
	else
		dm_put_str(sink, "Static");
	return DM_OK;
}

static uint64_t prefix_end(const struct dm_inst *in, bool preferred)
{
	const struct prefix *v = prefix_of(in);
	const struct rt_addr *a = longest(in);

	if (a)
		return preferred ? a->preferred_ms : a->valid_ms;
	return v->expires_ms;
}

static enum dm_error get_prefix_preferred(struct dm_inst *in, const struct dm_param *p,
					  struct dm_sink *sink)
{
	tr181_put_when(sink, prefix_end(in, true));
	return DM_OK;
}

static enum dm_error get_prefix_valid(struct dm_inst *in, const struct dm_param *p,
				      struct dm_sink *sink)
{
	tr181_put_when(sink, prefix_end(in, false));
	return DM_OK;
}

static enum dm_error get_prefix_status(struct dm_inst *in, const struct dm_param *p,
				       struct dm_sink *sink)
{
	const bool over = prefix_end(in, true) <= clock_mono_ms();

	dm_put_str(sink, in->gone ? "Invalid" : over ? "Deprecated" : "Preferred");
	return DM_OK;
}

static const char *const addr_status[] = { "Disabled", "Enabled", "Error_Misconfigured", NULL };
static const char *const addressing[] = { "DHCP",   "IKEv2",	"AutoIP", "IPCP",
					  "Static", "3GPP-NAS", NULL };
static const char *const v6_status[] = { "Preferred",	 "Deprecated", "Invalid",
					 "Inaccessible", "Unknown",    "Tentative",
					 "Duplicate",	 "Optimistic", NULL };
static const char *const prefix_status[] = { "Preferred",    "Deprecated", "Invalid",
					     "Inaccessible", "Unknown",	   NULL };
static const char *const v6_origins[] = { "AutoConfigured", "DHCPv6",	"IKEv2",  "MAP",
					  "WellKnown",	    "3GPP-NAS", "Static", NULL };
static const char *const prefix_origins[] = { "AutoConfigured",
					      "PrefixDelegation",
					      "RouterAdvertisement",
					      "WellKnown",
					      "Static",
					      "Child",
					      NULL };

#define IS_THERE "rtnetlink: it is there; takes only true"
#define LIFETIME "rtnetlink: IFA_CACHEINFO; takes only what it is"

static const struct dm_param v4_params[] = {
	{ "Enable", DM_BOOL, DM_RW, .get = net_get_true, AS_IT_IS, .source = IS_THERE },
	{ "Status", DM_STRING, DM_RO, DM_VALUES(addr_status), .get = get_status4,
	  .source = "rtnetlink: it is there" },
	DM_ROW_ALIAS,
	{ "IPAddress", DM_STRING, DM_RW, DM_MATCH(dm_match_ipv4, DM_WANTS_IPV4), DM_MAXLEN(15),
	  .get = get_address, AS_IT_IS, .source = "rtnetlink: IFA_LOCAL; takes only what it is" },
	{ "SubnetMask", DM_STRING, DM_RW, DM_MATCH(dm_match_ipv4, DM_WANTS_IPV4), DM_MAXLEN(15),
	  .get = get_mask, AS_IT_IS,
	  .source = "rtnetlink: the prefix length; takes only what it is" },
	{ "AddressingType", DM_STRING, DM_RO, DM_VALUES(addressing), .get = get_addressing,
	  .source = "rtnetlink: DHCP if its lifetime ends, IPCP on PPP, AutoIP by its range" },
};

static const struct dm_param v6_params[] = {
	{ "Enable", DM_BOOL, DM_RW, .get = net_get_true, AS_IT_IS, .source = IS_THERE },
	{ "Status", DM_STRING, DM_RO, DM_VALUES(addr_status), .get = get_status6,
	  .source = "rtnetlink: it is there, and no duplicate" },
	{ "IPAddressStatus", DM_STRING, DM_RO, DM_VALUES(v6_status), .get = get_address_status,
	  .source = "rtnetlink: IFA_FLAGS" },
	DM_ROW_ALIAS,
	{ "IPAddress", DM_STRING, DM_RW, DM_MATCH(dm_match_ipv6, DM_WANTS_IP), DM_MAXLEN(45),
	  .get = get_address, AS_IT_IS, .source = "rtnetlink: IFA_ADDRESS; takes only what it is" },
	{ "Origin", DM_STRING, DM_RO, DM_VALUES(v6_origins), .get = get_origin6,
	  .source = "rtnetlink: IFA_PROTO, flags and lifetime" },
	{ "Prefix", DM_STRING, DM_RW, .ref = "Device.IP.Interface.{i}.IPv6Prefix.{i}.",
	  .get = get_prefix_ref, .check = tr181_as_it_is, .flags = DM_STRONG | DM_VOLATILE,
	  .source = "the prefix of the interface that it is in; takes only what it is" },
	{ "PreferredLifetime", DM_DATETIME, DM_RW, .get = get_preferred, AS_IT_IS,
	  .source = LIFETIME },
	{ "ValidLifetime", DM_DATETIME, DM_RW, .get = get_valid, AS_IT_IS, .source = LIFETIME },
};

static const struct dm_param prefix_params[] = {
	{ "Enable", DM_BOOL, DM_RW, .get = net_get_true, AS_IT_IS, .source = IS_THERE },
	{ "Status", DM_STRING, DM_RO, DM_VALUES(net_enabled), .get = get_status4,
	  .source = "rtnetlink: it is there" },
	{ "PrefixStatus", DM_STRING, DM_RO, DM_VALUES(prefix_status), .get = get_prefix_status,
	  .source = "its lifetime" },
	DM_ROW_ALIAS,
	{ "Prefix", DM_STRING, DM_RW, DM_MAXLEN(49), .get = get_prefix, AS_IT_IS,
	  .source = "rtnetlink: a route to the link itself; takes only what it is" },
	{ "Origin", DM_STRING, DM_RO, DM_VALUES(prefix_origins), .get = get_prefix_origin,
	  .source = "rtnetlink: who made the route and the addresses in it" },
	{ "PreferredLifetime", DM_DATETIME, DM_RW, .get = get_prefix_preferred, AS_IT_IS,
	  .source = "that of the addresses in it, else of the route; takes only what it is" },
	{ "ValidLifetime", DM_DATETIME, DM_RW, .get = get_prefix_valid, AS_IT_IS,
	  .source = "that of the addresses in it, else of the route; takes only what it is" },
};

const struct dm_object ip_ipv4 =
	DM_TABLE("Device.IP.Interface.{i}.IPv4Address.{i}.", v4_params, .flags = DM_KEEP,
		 .entries = "IPv4AddressNumberOfEntries", .max = RT_ADDRS_MAX,
		 .refresh = net_refresh, .release = net_release);
const struct dm_object ip_ipv6 =
	DM_TABLE("Device.IP.Interface.{i}.IPv6Address.{i}.", v6_params, .flags = DM_KEEP,
		 .entries = "IPv6AddressNumberOfEntries", .max = RT_ADDRS_MAX,
		 .refresh = net_refresh, .release = net_release);
const struct dm_object ip_prefix =
	DM_TABLE("Device.IP.Interface.{i}.IPv6Prefix.{i}.", prefix_params, .flags = DM_KEEP,
		 .entries = "IPv6PrefixNumberOfEntries", .max = RT_ADDRS_MAX,
		 .refresh = net_refresh, .release = net_release);
