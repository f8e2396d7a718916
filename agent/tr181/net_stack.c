/* SPDX-License-Identifier: Apache-2.0 */
/* Device.InterfaceStack. (TR-181 2.19.1, 4.3), and what lies directly below what. */
#include "config.h"

#include "agent/tr181/net_internal.h"

#include <stdio.h>
#include <string.h>

#ifdef CONFIG_ROLE_RADIO
#include "agent/tr181/wifi_internal.h"
#endif

struct lowers {
	struct dm_inst **out;
	size_t n, max;
};

static void add(struct lowers *l, struct dm_inst *in)
{
	if (in && l->n < l->max)
		l->out[l->n++] = in;
}

/* The outermost row that a link has as something to stand on. */
static struct dm_inst *surface(const struct net_if *at)
{
	if (!at)
		return NULL;
	if (at->vlan)
		return at->vlan;
	if (at->link)
		return at->link;
	return at->port1 ? at->port1 : at->ssid;
}

/* What a member of a bridge or a bond is by itself. */
static struct dm_inst *member(const struct net_if *at)
{
	return at->port1 ? at->port1 : at->ssid ? at->ssid : at->vlan;
}

static void below_link(struct net *net, const struct net_if *at, struct lowers *to)
{
	const struct rt_link *l = rt_link(net->t, at->index);

	if (at->bport) {
		add(to, at->bport);
		return;
	}
	if (at->port1 || at->ssid) {
		add(to, at->port1 ? at->port1 : at->ssid);
		return;
	}
	for (uint32_t i = 0; l && l->kind == RT_BOND && i < net->nifs; i++) {
		const struct rt_link *m = rt_link(net->t, net->ifs[i].index);

		if (m && m->master == l->index)
			add(to, member(&net->ifs[i]));
	}
}

static void below_bridge_port(struct net *net, const struct net_if *at, struct lowers *to)
{
	const struct rt_link *l = rt_link(net->t, at->index);

	if (l && l->bridging) {
		add(to, member(at));
		return;
	}
	/* the management port stands on all the others */
	for (uint32_t i = 0; i < net->nifs; i++) {
		const struct rt_link *m = rt_link(net->t, net->ifs[i].index);

		if (m && m->bridging && m->master == at->index)
			add(to, net->ifs[i].bport);
	}
}

size_t net_lowers(struct net *net, const struct dm_inst *in, struct dm_inst **out, size_t max)
{
	const struct rt_link *l = net_link(in);
	const struct net_if *at = net_if(net, l->index);
	const struct dm_object *obj = dm_inst_object(in);
	struct lowers to = { .out = out, .max = max };

	if (!at)
		return 0;
	if (obj == &ip_interface)
		add(&to, at->vlan ? at->vlan : at->link);
	else if (obj == &ethernet_link)
		below_link(net, at, &to);
	else if (obj == &ethernet_vlan)
		add(&to, l->below ? surface(net_if(net, l->below)) : NULL);
	else if (obj == &bridging_port)
		below_bridge_port(net, at, &to);
	return to.n;
}

static void stack(struct net *net, const struct dm_inst *higher, const struct dm_inst *lower)
{
	struct dm_inst *in;
	char key[2 * DM_PATH_MAX + 2], path[DM_PATH_MAX + 1];
	int n = dm_inst_path(higher, path);

	if (n < 1)
		return;
	path[n - 1] = '\0';
	n = snprintf(key, sizeof(key), "%s ", path);
	if (dm_inst_path(lower, path) < 1)
		return;
	path[strlen(path) - 1] = '\0';
	(void)snprintf(key + n, sizeof(key) - (size_t)n, "%s", path);
	in = dm_row(dm_find(net->dm, "Device."), &interface_stack, key);
	(void)net_put(in, key, strlen(key) + 1);
}

static void stack_row(struct net *net, const struct dm_inst *higher)
{
	struct dm_inst *lower[NET_LOWERS_MAX];
	size_t n = higher ? net_lowers(net, higher, lower, NET_LOWERS_MAX) : 0;

	for (size_t i = 0; i < n; i++)
		stack(net, higher, lower[i]);
}

void net_sync_stack(struct net *net)
{
	struct dm_inst *root = dm_find(net->dm, "Device.");

	dm_rows_begin(root, &interface_stack);
	for (uint32_t i = 0; i < net->nifs; i++) {
		const struct net_if *at = &net->ifs[i];

		stack_row(net, at->ip);
		stack_row(net, at->vlan);
		stack_row(net, at->link);
		stack_row(net, at->bport);
#ifdef CONFIG_ROLE_RADIO
		if (at->ssid && wifi_ssid_radio(at->ssid))
			stack(net, at->ssid, wifi_ssid_radio(at->ssid));
#endif
	}
	dm_rows_end(root, &interface_stack);
}

static enum dm_error get_higher(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const char *key = in->data ? in->data : "";

	dm_put_mem(sink, key, strcspn(key, " "));
	return DM_OK;
}

static enum dm_error get_lower(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const char *key = in->data ? in->data : "";
	size_t n = strcspn(key, " ");

	dm_put_str(sink, key[n] ? key + n + 1 : "");
	return DM_OK;
}

static const struct dm_param params[] = {
	DM_ROW_ALIAS,
	{ "HigherLayer", DM_STRING, DM_RO, DM_MAXLEN(256), .ref = "", .get = get_higher,
	  .source = "the LowerLayers of all interfaces" },
	{ "LowerLayer", DM_STRING, DM_RO, DM_MAXLEN(256), .ref = "", .get = get_lower,
	  .source = "the LowerLayers of all interfaces" },
};

const struct dm_object interface_stack = DM_TABLE(
	"Device.InterfaceStack.{i}.", params, .flags = DM_KEEP, .max = 4 * RT_LINKS_MAX,
	.entries = "InterfaceStackNumberOfEntries", .refresh = net_refresh, .release = net_release);
