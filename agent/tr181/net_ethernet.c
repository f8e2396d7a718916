/* SPDX-License-Identifier: Apache-2.0 */
/* Device.Ethernet. (TR-181 2.19.1): ports, the link layer on them, VLANs. */
#include "config.h"

#include "agent/tr181/net_internal.h"

#include <linux/ethtool.h>
#include <net/if_arp.h>
#include <string.h>

static bool is_wifi(struct net *net, const struct rt_link *l)
{
#ifdef CONFIG_ROLE_RADIO
	return net_is_wifi(net->dm, l->index);
#else
	return false;
#endif
}

/* A port is what has a wire: hardware, or one end of a virtual cable. */
static bool is_port(struct net *net, const struct rt_link *l)
{
	return l->type == ARPHRD_ETHER && (l->kind == RT_PLAIN || l->kind == RT_VETH) &&
	       !is_wifi(net, l);
}

/* Frames end here; those of a bridge's or bond's member end at the bridge or the bond. */
static bool is_link(const struct rt_link *l)
{
	return l->type == ARPHRD_ETHER && l->kind != RT_VLAN && !l->master && l->has_mac;
}

static struct dm_inst *put(struct dm_inst *root, const struct dm_object *obj,
			   const struct rt_link *l)
{
	struct dm_inst *in = dm_row(root, obj, l->name);

	(void)net_put(in, l, sizeof(*l));
	return in && in->data ? in : NULL;
}

void net_sync_ethernet(struct net *net)
{
	struct dm_inst *root = dm_single(net->dm, &ethernet);

	dm_rows_begin(root, &ethernet_interface);
	dm_rows_begin(root, &ethernet_link);
	dm_rows_begin(root, &ethernet_vlan);
	for (uint32_t i = 0; i < net->nifs; i++) {
		struct net_if *at = &net->ifs[i];
		const struct rt_link *l = rt_link(net->t, at->index);

		if (!l)
			continue;
		if (is_port(net, l))
			at->port1 = put(root, &ethernet_interface, l);
		if (is_link(l))
			at->link = put(root, &ethernet_link, l);
		if (l->kind == RT_VLAN)
			at->vlan = put(root, &ethernet_vlan, l);
	}
	dm_rows_end(root, &ethernet_interface);
	dm_rows_end(root, &ethernet_link);
	dm_rows_end(root, &ethernet_vlan);
}

static enum dm_error get_upstream(struct dm_inst *in, const struct dm_param *p,
				  struct dm_sink *sink)
{
	struct net *net = net_of(dm_inst_dm(in));
	const struct net_if *at = net ? net_if(net, net_link(in)->index) : NULL;

	dm_put_bool(sink, at && at->upstream);
	return DM_OK;
}

/* TR-181: that of the hardware. Virtual ports have none but their own. */
static enum dm_error get_port_mac(struct dm_inst *in, const struct dm_param *p,
				  struct dm_sink *sink)
{
	const struct rt_link *l = net_link(in);

	if (l->has_perm)
		dm_put_mac(sink, l->perm);
	else if (l->has_mac)
		dm_put_mac(sink, l->mac);
	return DM_OK;
}

static const struct eth_mode *mode_of(const struct dm_inst *in)
{
	return net_mode(net_of(dm_inst_dm(in)), net_link(in)->index);
}

static bool has_mode(const struct dm_inst *in)
{
	return mode_of(in) != NULL;
}

/* What it was told to be can be read only while it does not choose by itself. */
static bool has_settings(const struct dm_inst *in)
{
	const struct eth_mode *m = mode_of(in);

	return m && (m->autoneg || (m->speed && m->duplex != DUPLEX_UNKNOWN));
}

static enum dm_error get_rate(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct eth_mode *m = mode_of(in);

	dm_put_uint(sink, m ? m->speed : 0);
	return DM_OK;
}

static enum dm_error get_max_rate(struct dm_inst *in, const struct dm_param *p,
				  struct dm_sink *sink)
{
	const struct eth_mode *m = mode_of(in);

	dm_put_int(sink, m && !m->autoneg ? (int64_t)m->speed : -1);
	return DM_OK;
}

static const char *duplex_name(const struct eth_mode *m)
{
	if (!m || m->duplex == DUPLEX_UNKNOWN)
		return "Unknown";
	return m->duplex == DUPLEX_FULL ? "Full" : "Half";
}

static enum dm_error get_duplex(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, duplex_name(mode_of(in)));
	return DM_OK;
}

static enum dm_error get_duplex_mode(struct dm_inst *in, const struct dm_param *p,
				     struct dm_sink *sink)
{
	const struct eth_mode *m = mode_of(in);

	dm_put_str(sink, m && !m->autoneg ? duplex_name(m) : "Auto");
	return DM_OK;
}

static enum dm_error get_mtu(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_uint(sink, net_link(in)->mtu);
	return DM_OK;
}

static enum dm_error get_vlan(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_uint(sink, net_link(in)->vlan);
	return DM_OK;
}

static enum dm_error get_tpid(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_uint(sink, net_link(in)->vlan_proto);
	return DM_OK;
}

#define ETHTOOL "ethtool netlink, where the driver tells: "
static const char *const duplex_modes[] = { "Half", "Full", "Auto", NULL };
static const char *const duplexes[] = { "Unknown", "Half", "Full", NULL };

static const struct dm_param interface_params[] = {
	{ "Enable", DM_BOOL, DM_RW, .get = net_get_enable, AS_IT_IS, .source = LINK_UP },
	NET_LAYER_ROWS("a port has nothing below it; takes only empty"),
	{ "Upstream", DM_BOOL, DM_RO, .get = get_upstream,
	  .source = "rtnetlink: a default route leads through it" },
	{ "MACAddress", DM_STRING, DM_RO, DM_MATCH(dm_match_mac, DM_WANTS_MAC), DM_MAXLEN(17),
	  .get = get_port_mac, .source = "rtnetlink: the permanent address, else the address" },
	{ "MaxBitRate", DM_INT, DM_RW, DM_RANGE(-1, DM_NOMAX), .get = get_max_rate, AS_IT_IS,
	  .when = has_settings, .source = ETHTOOL "its speed, when it does not negotiate" },
	{ "CurrentBitRate", DM_UINT, DM_RO, .notify = DM_CAN_DENY, .get = get_rate,
	  .when = has_mode, .source = ETHTOOL "its speed" },
	{ "DuplexMode", DM_STRING, DM_RW, DM_VALUES(duplex_modes), .get = get_duplex_mode, AS_IT_IS,
	  .when = has_settings, .source = ETHTOOL "its duplex, when it does not negotiate" },
	{ "CurrentDuplexMode", DM_STRING, DM_RO, DM_VALUES(duplexes), .get = get_duplex,
	  .when = has_mode, .source = ETHTOOL "its duplex" },
};

static const struct dm_param link_params[] = {
	{ "Enable", DM_BOOL, DM_RW, .get = net_get_enable, AS_IT_IS, .source = LINK_UP },
	NET_LAYER_ROWS(LINK_LOWER),
	{ "MTU", DM_UINT, DM_RW, .get = get_mtu, AS_IT_IS,
	  .source = "rtnetlink: IFLA_MTU; takes only what it is" },
	{ "MACAddress", DM_STRING, DM_RW, DM_MATCH(dm_match_mac, DM_WANTS_MAC), DM_MAXLEN(17),
	  .get = net_get_mac, AS_IT_IS,
	  .source = "rtnetlink: IFLA_ADDRESS; takes only what it is" },
};

static const struct dm_param vlan_params[] = {
	{ "Enable", DM_BOOL, DM_RW, .get = net_get_enable, AS_IT_IS, .source = LINK_UP },
	NET_LAYER_ROWS(LINK_LOWER),
	{ "VLANID", DM_UINT, DM_RW, DM_RANGE(1, 4094), .get = get_vlan, AS_IT_IS,
	  .source = "rtnetlink: IFLA_VLAN_ID; takes only what it is" },
	{ "TPID", DM_UINT, DM_RW, .get = get_tpid, AS_IT_IS,
	  .source = "rtnetlink: IFLA_VLAN_PROTOCOL; takes only what it is" },
};

const struct dm_object ethernet = DM_EMPTY("Device.Ethernet.");
const struct dm_object ethernet_interface = DM_TABLE(
	"Device.Ethernet.Interface.{i}.", interface_params, .flags = DM_KEEP, .max = RT_LINKS_MAX,
	.entries = "InterfaceNumberOfEntries", .refresh = net_refresh, .release = net_release);
const struct dm_object ethernet_link =
	DM_TABLE("Device.Ethernet.Link.{i}.", link_params, .flags = DM_KEEP, .max = RT_LINKS_MAX,
		 .entries = "LinkNumberOfEntries", .refresh = net_refresh, .release = net_release);
const struct dm_object ethernet_vlan =
	DM_TABLE("Device.Ethernet.VLANTermination.{i}.", vlan_params, .flags = DM_KEEP,
		 .max = RT_LINKS_MAX, .entries = "VLANTerminationNumberOfEntries",
		 .refresh = net_refresh, .release = net_release);
