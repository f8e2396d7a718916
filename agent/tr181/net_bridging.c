/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.Bridging. (TR-181 2.19.1). The bridge's own device is its management port: what the box
 * itself says and hears there goes through it.
 */
#include "agent/tr181/net_internal.h"

#include <string.h>

#include <linux/if.h>
#include <linux/if_bridge.h>

#include "lib/array.h"

static struct dm_inst *put(struct dm_inst *parent, const struct dm_object *obj,
			   const struct rt_link *l)
{
	struct dm_inst *in = dm_row(parent, obj, l->name);

	(void)net_put(in, l, sizeof(*l));
	return in && in->data ? in : NULL;
}

static void sync_ports(struct net *net, struct net_if *bridge, const struct rt_link *own)
{
	dm_rows_begin(bridge->bridge, &bridging_port);
	bridge->bport = put(bridge->bridge, &bridging_port, own);
	for (uint32_t i = 0; i < net->nifs; i++) {
		const struct rt_link *l = rt_link(net->t, net->ifs[i].index);

		if (l && l->master == own->index && l->bridging)
			net->ifs[i].bport = put(bridge->bridge, &bridging_port, l);
	}
	dm_rows_end(bridge->bridge, &bridging_port);
}

void net_sync_bridging(struct net *net)
{
	struct dm_inst *root = dm_single(net->dm, &bridging);

	dm_rows_begin(root, &bridging_bridge);
	for (uint32_t i = 0; i < net->nifs; i++) {
		const struct rt_link *l = rt_link(net->t, net->ifs[i].index);

		if (!l || l->kind != RT_BRIDGE)
			continue;
		net->ifs[i].bridge = put(root, &bridging_bridge, l);
		if (net->ifs[i].bridge)
			sync_ports(net, &net->ifs[i], l);
	}
	dm_rows_end(root, &bridging_bridge);
}

static enum dm_error get_max(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_uint(sink, RT_LINKS_MAX);
	return DM_OK;
}

static enum dm_error get_bridge_status(struct dm_inst *in, const struct dm_param *p,
				       struct dm_sink *sink)
{
	dm_put_str(sink, net_link(in)->flags & IFF_UP ? "Enabled" : "Disabled");
	return DM_OK;
}

static enum dm_error get_standard(struct dm_inst *in, const struct dm_param *p,
				  struct dm_sink *sink)
{
	dm_put_str(sink, net_link(in)->vlan_filtering ? "802.1Q-2011" : "802.1D-2004");
	return DM_OK;
}

static enum dm_error get_ageing(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_uint(sink, net_link(in)->ageing / 100);
	return DM_OK;
}

static bool has_ageing(const struct dm_inst *in)
{
	const uint32_t s = net_link(in)->ageing / 100;

	return s >= 10 && s <= 1000000;
}

static enum dm_error get_management(struct dm_inst *in, const struct dm_param *p,
				    struct dm_sink *sink)
{
	dm_put_bool(sink, net_link(in)->kind == RT_BRIDGE && !net_link(in)->bridging);
	return DM_OK;
}

static enum dm_error get_port_state(struct dm_inst *in, const struct dm_param *p,
				    struct dm_sink *sink)
{
	static const char *const names[] = { [BR_STATE_DISABLED] = "Disabled",
					     [BR_STATE_LISTENING] = "Listening",
					     [BR_STATE_LEARNING] = "Learning",
					     [BR_STATE_FORWARDING] = "Forwarding",
					     [BR_STATE_BLOCKING] = "Blocking" };
	const struct rt_link *l = net_link(in);

	if (!l->bridging) /* its own port is open while it is up */
		dm_put_str(sink, l->flags & IFF_UP ? "Forwarding" : "Disabled");
	else
		dm_put_str(sink,
			   l->port_state < ARRAY_SIZE(names) ? names[l->port_state] : "Broken");
	return DM_OK;
}

static const char *const standards[] = { "802.1D-2004", "802.1Q-2005", "802.1Q-2011", NULL };
static const char *const port_states[] = { "Disabled",	 "Blocking", "Listening", "Learning",
					   "Forwarding", "Broken",   NULL };

static const struct dm_param bridging_params[] = {
	{ "MaxBridgeEntries", DM_UINT, DM_RO, .get = get_max,
	  .source = "the kernel has no limit; this is the agent's" },
	{ "MaxDBridgeEntries", DM_UINT, DM_RO, .get = get_max,
	  .source = "the kernel has no limit; this is the agent's" },
	{ "MaxQBridgeEntries", DM_UINT, DM_RO, .get = get_max,
	  .source = "the kernel has no limit; this is the agent's" },
};

static const struct dm_param bridge_params[] = {
	{ "Enable", DM_BOOL, DM_RW, .get = net_get_enable, AS_IT_IS, .source = LINK_UP },
	{ "Status", DM_STRING, DM_RO, DM_VALUES(net_enabled), .get = get_bridge_status,
	  .source = "rtnetlink: IFF_UP" },
	DM_ROW_ALIAS,
	{ "Name", DM_STRING, DM_RO, DM_MAXLEN(64), .get = net_get_name,
	  .source = "rtnetlink: the link's name" },
	{ "Standard", DM_STRING, DM_RW, DM_VALUES(standards), .get = get_standard, AS_IT_IS,
	  .source = "rtnetlink: IFLA_BR_VLAN_FILTERING; takes only what it is" },
	{ "AgingTime", DM_UINT, DM_RW, DM_RANGE(10, 1000000), .get = get_ageing, .when = has_ageing,
	  AS_IT_IS, .source = "rtnetlink: IFLA_BR_AGEING_TIME; takes only what it is" },
};

static const struct dm_param port_params[] = {
	{ "Enable", DM_BOOL, DM_RW, .get = net_get_enable, AS_IT_IS, .source = LINK_UP },
	NET_LAYER_ROWS(LINK_LOWER),
	{ "ManagementPort", DM_BOOL, DM_RW, .get = get_management, AS_IT_IS,
	  .source = "rtnetlink: the bridge's own device; takes only what it is" },
	{ "PortState", DM_STRING, DM_RO, DM_VALUES(port_states), .get = get_port_state,
	  .source = "rtnetlink: IFLA_BRPORT_STATE" },
};

const struct dm_object bridging = DM_SINGLE("Device.Bridging.", bridging_params);
const struct dm_object bridging_bridge = DM_TABLE(
	"Device.Bridging.Bridge.{i}.", bridge_params, .flags = DM_KEEP, .max = RT_LINKS_MAX,
	.entries = "BridgeNumberOfEntries", .refresh = net_refresh, .release = net_release);
const struct dm_object bridging_port = DM_TABLE(
	"Device.Bridging.Bridge.{i}.Port.{i}.", port_params, .flags = DM_KEEP, .max = RT_LINKS_MAX,
	.entries = "PortNumberOfEntries", .refresh = net_refresh, .release = net_release);
