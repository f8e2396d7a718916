/* SPDX-License-Identifier: Apache-2.0 */
/* Device.IP. (TR-181 2.19.1): the interfaces. Their addresses are in net_addresses.c. */
#include "agent/tr181/net_internal.h"

#include <net/if_arp.h>
#include <string.h>

#include <linux/if.h>

/* A member of a bridge or a bond has no IP of its own. */
static bool is_ip(const struct rt_link *l)
{
	return !l->master;
}

void net_sync_ip(struct net *net)
{
	struct dm_inst *root = dm_single(net->dm, &ip);

	dm_rows_begin(root, &ip_interface);
	for (uint32_t i = 0; i < net->nifs; i++) {
		const struct rt_link *l = rt_link(net->t, net->ifs[i].index);
		struct dm_inst *in;

		if (!l || !is_ip(l))
			continue;
		in = dm_row(root, &ip_interface, l->name);
		(void)net_put(in, l, sizeof(*l));
		net->ifs[i].ip = in && in->data ? in : NULL;
	}
	dm_rows_end(root, &ip_interface);
	net_sync_addresses(net);
}

static enum dm_error get_type(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct rt_link *l = net_link(in);

	if (l->flags & IFF_LOOPBACK)
		dm_put_str(sink, "Loopback");
	else
		dm_put_str(sink, l->kind == RT_TUNNEL ? "Tunnel" : "Normal");
	return DM_OK;
}

static enum dm_error get_ipv6_enable(struct dm_inst *in, const struct dm_param *p,
				     struct dm_sink *sink)
{
	dm_put_bool(sink, net_link(in)->ipv6);
	return DM_OK;
}

static enum dm_error get_mtu(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_uint(sink, net_link(in)->mtu);
	return DM_OK;
}

/* The loopback's 65536 is none that TR-181 knows. */
static bool has_mtu(const struct dm_inst *in)
{
	return net_link(in)->mtu >= 64 && net_link(in)->mtu <= 65535;
}

/* Is there IPv6 in this kernel, and on any link? */
static bool any_ipv6(const struct dm_inst *in)
{
	const struct net *net = net_of(dm_inst_dm(in));

	for (uint32_t i = 0; net && i < net->t->set[RT_LINKS].n; i++)
		if (((const struct rt_link *)rt_set_at(&net->t->set[RT_LINKS], i))->ipv6)
			return true;
	return false;
}

static enum dm_error get_ipv6(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_bool(sink, any_ipv6(in));
	return DM_OK;
}

static enum dm_error get_ipv6_status(struct dm_inst *in, const struct dm_param *p,
				     struct dm_sink *sink)
{
	dm_put_str(sink, any_ipv6(in) ? "Enabled" : "Disabled");
	return DM_OK;
}

static const char *const types[] = { "Normal", "Loopback", "Tunnel", "Tunneled", NULL };

static const struct dm_param ip_params[] = {
	{ "IPv4Capable", DM_BOOL, DM_RO, .get = net_get_true,
	  .source = "no Linux with rtnetlink is without IPv4" },
	{ "IPv4Enable", DM_BOOL, DM_RW, .get = net_get_true, AS_IT_IS,
	  .source = "Linux cannot switch IPv4 off; takes only true" },
	{ "IPv4Status", DM_STRING, DM_RO, DM_VALUES(net_enabled), .get = net_get_enabled,
	  .source = "Linux cannot switch IPv4 off" },
	{ "IPv6Capable", DM_BOOL, DM_RO, .get = get_ipv6,
	  .source = "rtnetlink: some link has IPv6" },
	{ "IPv6Enable", DM_BOOL, DM_RW, .get = get_ipv6, AS_IT_IS,
	  .source = "rtnetlink: disable_ipv6 is not set on every link; takes only what it is" },
	{ "IPv6Status", DM_STRING, DM_RO, DM_VALUES(net_enabled), .get = get_ipv6_status,
	  .source = "rtnetlink: disable_ipv6 is not set on every link" },
};

static const struct dm_param interface_params[] = {
	{ "Enable", DM_BOOL, DM_RW, .get = net_get_enable, AS_IT_IS, .source = LINK_UP },
	{ "IPv4Enable", DM_BOOL, DM_RW, .get = net_get_true, AS_IT_IS,
	  .source = "Linux cannot switch IPv4 off; takes only true" },
	{ "IPv6Enable", DM_BOOL, DM_RW, .get = get_ipv6_enable, AS_IT_IS,
	  .source = "rtnetlink: disable_ipv6 of the link; takes only what it is" },
	NET_LAYER_ROWS(LINK_LOWER),
	{ "MaxMTUSize", DM_UINT, DM_RW, DM_RANGE(64, 65535), .get = get_mtu, .when = has_mtu,
	  AS_IT_IS, .source = "rtnetlink: IFLA_MTU; takes only what it is" },
	{ "Type", DM_STRING, DM_RO, DM_VALUES(types), .get = get_type,
	  .source = "rtnetlink: IFF_LOOPBACK, the kind of link" },
};

const struct dm_object ip = DM_SINGLE("Device.IP.", ip_params, .refresh = net_refresh);
const struct dm_object ip_interface = DM_TABLE(
	"Device.IP.Interface.{i}.", interface_params, .flags = DM_KEEP, .max = RT_LINKS_MAX,
	.entries = "InterfaceNumberOfEntries", .refresh = net_refresh, .release = net_release);
