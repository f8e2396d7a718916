/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the kernel's tables to the tree's rows. A table is synced when it is read, if the kernel's
 * generation is another than that which the rows show; events start a sync of their own only while
 * something below is watched for changes.
 */
#include "config.h"

#include "agent/tr181/net_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/tr181/wifi.h"
#include "lib/array.h"
#include "lib/log.h"

struct net *net_of(struct dm *dm)
{
	return dm_ctx(dm_single(dm, &ethernet));
}

struct net_if *net_if(struct net *net, uint32_t index)
{
	uint32_t lo = 0, hi = net->nifs;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (net->ifs[mid].index < index)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < net->nifs && net->ifs[lo].index == index ? &net->ifs[lo] : NULL;
}

bool net_put(struct dm_inst *in, const void *data, size_t size)
{
	if (!in)
		return false;
	in->fresh = false;
	if (in->data && !memcmp(in->data, data, size))
		return false;
	if (!in->data)
		in->data = malloc(size);
	if (!in->data) {
		dm_row_gone(in);
		return false;
	}
	memcpy(in->data, data, size);
	return true;
}

void net_release(struct dm_inst *in)
{
	free(in->data);
	in->data = NULL;
}

static int by_index(const void *a, const void *b)
{
	const struct net_if *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

static void list_links(struct net *net)
{
	const struct rt_set *links = &net->t->set[RT_LINKS];

	net->nifs = 0;
	for (uint32_t i = 0; i < links->n; i++) {
		const struct rt_link *l = rt_set_at(links, i);

		net->ifs[net->nifs++] = (struct net_if){ .index = l->index };
	}
	qsort(net->ifs, net->nifs, sizeof(net->ifs[0]), by_index);
#ifdef CONFIG_ROLE_RADIO
	for (uint32_t i = 0; i < net->nifs; i++)
		net->ifs[i].ssid = net_wifi_ssid(net->dm, net->ifs[i].index);
#endif
}

/* What carries a link carries its default route too: VLANs, bonds and bridges, one in another. */
#define STACKED_MAX 8

static void mark_below(struct net *net, uint32_t index, unsigned int depth)
{
	struct net_if *at = net_if(net, index);
	const struct rt_link *l = rt_link(net->t, index);

	for (; at && l && depth < STACKED_MAX; depth++) {
		at->upstream = true;
		/* of a veth it is the other end */
		index = l->kind == RT_VLAN ? l->below : 0;
		at = index ? net_if(net, index) : NULL;
		l = index ? rt_link(net->t, index) : NULL;
	}
}

static void mark_upstream(struct net *net)
{
	const struct rt_set *routes = &net->t->set[RT_ROUTES];

	for (uint32_t i = 0; i < routes->n; i++) {
		const struct rt_route *r = rt_set_at(routes, i);

		if (!r->key.plen && r->key.index)
			mark_below(net, r->key.index, 0);
	}
	/* those that are enslaved to one that is: a bond of bridges is two levels */
	for (unsigned int depth = 0; depth < 3; depth++)
		for (uint32_t i = 0; i < net->nifs; i++) {
			const struct rt_link *l = rt_link(net->t, net->ifs[i].index);
			const struct net_if *up = l && l->master ? net_if(net, l->master) : NULL;

			if (up && up->upstream && !net->ifs[i].upstream)
				mark_below(net, l->index, 0);
		}
}

static void tell_row(struct dm_inst *in)
{
	if (in)
		dm_changed_all(in);
}

/* Compares only what is watched. */
static void tell(struct net *net)
{
	static const struct dm_object *const counters[] = { &ethernet, &bridging, &ip, &routing };
	struct dm_inst *router;

	for (uint32_t i = 0; i < net->nifs; i++) {
		const struct net_if *at = &net->ifs[i];

		tell_row(at->port1);
		tell_row(at->link);
		tell_row(at->vlan);
		tell_row(at->bridge);
		tell_row(at->bport);
		tell_row(at->ip);
	}
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		tell_row(dm_single(net->dm, counters[i]));
	router = dm_row_at(dm_single(net->dm, &routing), &routing_router, 0);
	tell_row(router);
	dm_changed(dm_find(net->dm, "Device."), interface_stack.entries);
}

static void sync_rows(struct net *net)
{
	const uint64_t *gen = net->t->gen;

	if (net->links == gen[RT_LINKS] + 1 && net->addrs == gen[RT_ADDRS] + 1 &&
	    net->routes == gen[RT_ROUTES] + 1)
		return;
	/* first, as what is told below asks for tables in its turn */
	net->links = gen[RT_LINKS] + 1;
	net->addrs = gen[RT_ADDRS] + 1;
	net->routes = gen[RT_ROUTES] + 1;
	list_links(net);
	mark_upstream(net);
	net_sync_ethernet(net);
	net_sync_bridging(net);
	net_sync_ip(net);
	net_sync_routing(net);
	net_sync_stack(net);
	tell(net);
}

static void look(struct net *net)
{
	if (net->looked == dm_rpc(net->dm) + 1)
		return;
	net->looked = dm_rpc(net->dm) + 1;
	if (net->rt)
		rt_fresh(net->rt);
}

void net_refresh(struct dm *dm, const struct dm_object *obj, struct dm_inst *parent)
{
	struct net *net = net_of(dm);

	if (!net)
		return;
	look(net);
	sync_rows(net);
}

void net_count(struct net *net)
{
	if (!net || !net->rt || net->counted == dm_rpc(net->dm) + 1)
		return;
	net->counted = dm_rpc(net->dm) + 1;
	rt_fresh_stats(net->rt);
}

const struct eth_mode *net_mode(struct net *net, uint32_t index)
{
	if (net && net->eth && net->clocked != dm_rpc(net->dm) + 1) {
		net->clocked = dm_rpc(net->dm) + 1;
		ethtool_fresh(net->eth);
	}
	return net ? ethtool_mode(net->eth, index) : NULL;
}

const struct eth_counts *net_counts(struct net *net, uint32_t index)
{
	if (net && net->eth && net->sorted != dm_rpc(net->dm) + 1) {
		net->sorted = dm_rpc(net->dm) + 1;
		ethtool_fresh_counts(net->eth);
	}
	return net ? ethtool_counts(net->eth, index) : NULL;
}

/* Is anything watched that the network can change? */
static bool watched(struct net *net)
{
	static const struct dm_object *const roots[] = { &ethernet, &bridging, &ip,
							 &routing,  &hosts,    &interface_stack };

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++)
		if (dm_watched(net->dm, roots[i]))
			return true;
	return false;
}

static void settled(void *arg)
{
	struct net *net = arg;

	dm_rpc_begin(net->dm);
	look(net);
#ifdef CONFIG_ROLE_RADIO
	if (net->moves != net->t->moves)
		net_wifi_look(net->dm);
#endif
	net->moves = net->t->moves;
	if (!watched(net))
		return;
	sync_rows(net);
	if (dm_watched(net->dm, &hosts))
		net_sync_hosts(net);
}

/* One look at the end of a burst: a link that flaps must not keep the agent busy. */
static void event(void *arg, unsigned int tables)
{
	struct net *net = arg;

#ifdef CONFIG_ROLE_RADIO
	if (tables & 1u << RT_LINKS)
		wifi_links_changed(net->dm);
#endif
	if (!loop_timer_armed(&net->settle) && (net->moves != net->t->moves || watched(net)))
		(void)loop_timer_set(net->loop, &net->settle, NET_SETTLE_MS);
}

int net_init(struct dm *dm, struct rt *rt, const char *leases)
{
	struct net *net = calloc(1, sizeof(*net));
	int r = net ? ethtool_open(&net->eth) : -ENOMEM;

	if (r) {
		free(net);
		return r;
	}
	net->dm = dm;
	net->rt = rt;
	net->t = rt_tables(rt);
	net->leases = leases;
	loop_timer_init(&net->settle, settled, net);
	dm_bind(dm, &ethernet, net);
	return 0;
}

int net_start(struct dm *dm, struct loop *loop)
{
	struct net *net = net_of(dm);
	int r;

	net->loop = loop;
	net->listener = (struct rt_listener){ .fn = event, .arg = net };
	rt_listen(net->rt, &net->listener);
	r = rt_start(net->rt, loop);
	net->moves = net->t->moves; /* what was there is looked at in any case */
	return r;
}
