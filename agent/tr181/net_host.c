/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of Device.Hosts. (TR-181 2.19.1). */
#include "config.h"

#include "agent/tr181/net_hosts.h"

#include <string.h>
#include <sys/socket.h>

#ifdef CONFIG_ROLE_RADIO
#include "agent/tr181/wifi_internal.h"
#endif

static const struct host *host_of(const struct dm_inst *in)
{
	static const struct host nothing;

	return in->data ? in->data : &nothing;
}

static enum dm_error get_mac(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_mac(sink, host_of(in)->mac);
	return DM_OK;
}

static enum dm_error get_ip(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	if (host_of(in)->family)
		net_put_ip(sink, host_of(in)->family, host_of(in)->ip);
	return DM_OK;
}

static enum dm_error get_assoc(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, host_of(in)->assoc);
	return DM_OK;
}

/* The port of a VLAN is that of the link which carries it. */
static const struct net_if *port_of(struct net *net, uint32_t index)
{
	const struct net_if *at = net_if(net, index);

	for (unsigned int depth = 0; at && depth < 4 && !at->port1 && !at->ssid; depth++) {
		const struct rt_link *l = rt_link(net->t, at->index);

		at = l && l->below ? net_if(net, l->below) : NULL;
	}
	return at;
}

static enum dm_error get_layer1(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	struct net *net = net_of(dm_inst_dm(in));
	const struct net_if *at = net ? port_of(net, host_of(in)->port) : NULL;

#ifdef CONFIG_ROLE_RADIO
	if (at && at->ssid) {
		dm_put_path(sink, wifi_ssid_radio(at->ssid));
		return DM_OK;
	}
#endif
	dm_put_path(sink, at ? at->port1 : NULL);
	return DM_OK;
}

static enum dm_error get_layer3(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	struct net *net = net_of(dm_inst_dm(in));
	const struct net_if *at = net ? net_if(net, host_of(in)->index) : NULL;

	dm_put_path(sink, at ? at->ip : NULL);
	return DM_OK;
}

static enum dm_error get_type(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	struct net *net = net_of(dm_inst_dm(in));
	const struct net_if *at = net ? port_of(net, host_of(in)->port) : NULL;

	dm_put_str(sink, at && at->ssid ? "Wi-Fi" : at && at->port1 ? "Ethernet" : "Other");
	return DM_OK;
}

static enum dm_error get_name(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, host_of(in)->name);
	return DM_OK;
}

static enum dm_error get_active(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_bool(sink, !in->gone && host_of(in)->active);
	return DM_OK;
}

static enum dm_error get_changed(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	if (host_of(in)->changed)
		dm_put_time(sink, host_of(in)->changed);
	else
		dm_put_time_unknown(sink);
	return DM_OK;
}

static enum dm_error get_v4(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	if (in->data)
		net_put_ip(sink, AF_INET, in->data);
	return DM_OK;
}

static enum dm_error get_v6(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	if (in->data)
		net_put_ip(sink, AF_INET6, in->data);
	return DM_OK;
}

static void refresh(struct dm *dm, const struct dm_object *obj, struct dm_inst *parent)
{
	struct net *net = net_of(dm);

	if (!net)
		return;
	net_refresh(dm, obj, parent);
	net_sync_hosts(net);
}

/* References to rows of DHCPv4.Server.Pool and DHCPv6.Server.Pool: this tree has no such tables. */
static enum dm_error get_clients(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_const(sink, "", 0);
	return DM_OK;
}

static const char *const types[] = { "Ethernet", "Wi-Fi", "Other", NULL };

static const struct dm_param host_params[] = {
	{ "PhysAddress", DM_STRING, DM_RO, DM_MAXLEN(64), .get = get_mac,
	  .source = "rtnetlink: a neighbour; a DHCP lease; nl80211: a station" },
	{ "IPAddress", DM_STRING, DM_RO, DM_MATCH(dm_match_ip, DM_WANTS_IP), DM_MAXLEN(45),
	  .get = get_ip, .source = "rtnetlink: the neighbour, IPv4 first; else the lease" },
	{ "AssociatedDevice", DM_STRING, DM_RO, DM_MAXLEN(256), .ref = "", .get = get_assoc,
	  .source = "nl80211: the station of its address" },
	{ "Layer1Interface", DM_STRING, DM_RO, DM_MAXLEN(256), .ref = "", .get = get_layer1,
	  .source = "rtnetlink: the port where its bridge has learned it; nl80211: its radio" },
	{ "Layer3Interface", DM_STRING, DM_RO, DM_MAXLEN(256), .ref = "Device.IP.Interface.",
	  .get = get_layer3, .source = "rtnetlink: the neighbour's link" },
	{ "InterfaceType", DM_STRING, DM_RO, DM_VALUES(types), .get = get_type,
	  .source = "what Layer1Interface is" },
	{ "DHCPClient", DM_STRING, DM_RO, .flags = DM_LIST, .max_items = 2, .get = get_clients,
	  .source = "the DHCP servers' clients in this tree, of which there are none" },
	{ "HostName", DM_STRING, DM_RO, DM_MAXLEN(64), .get = get_name,
	  .source = "the DHCP lease (hosts.leases)" },
	{ "Active", DM_BOOL, DM_RO, .get = get_active,
	  .source = "a station, or a neighbour that has not failed on a link with carrier" },
	{ "ActiveLastChange", DM_DATETIME, DM_RO, .get = get_changed,
	  .source = "when the agent saw Active change, or saw the host first" },
};

static const struct dm_param v4_params[] = {
	{ "IPAddress", DM_STRING, DM_RO, DM_MATCH(dm_match_ipv4, DM_WANTS_IPV4), DM_MAXLEN(15),
	  .get = get_v4, .source = "rtnetlink: the neighbour" },
};

static const struct dm_param v6_params[] = {
	{ "IPAddress", DM_STRING, DM_RO, DM_MATCH(dm_match_ipv6, DM_WANTS_IP), DM_MAXLEN(45),
	  .get = get_v6, .source = "rtnetlink: the neighbour" },
};

const struct dm_object hosts = DM_EMPTY("Device.Hosts.");
const struct dm_object hosts_host =
	DM_TABLE("Device.Hosts.Host.{i}.", host_params, .flags = DM_KEEP,
		 .entries = "HostNumberOfEntries", .refresh = refresh, .release = net_release);
const struct dm_object hosts_ipv4 =
	DM_TABLE("Device.Hosts.Host.{i}.IPv4Address.{i}.", v4_params,
		 .entries = "IPv4AddressNumberOfEntries", .release = net_release);
const struct dm_object hosts_ipv6 =
	DM_TABLE("Device.Hosts.Host.{i}.IPv6Address.{i}.", v6_params,
		 .entries = "IPv6AddressNumberOfEntries", .release = net_release);
