/* SPDX-License-Identifier: Apache-2.0 */
/* Messages into the tables. Pure but for memory. */
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>

#include "agent/kernel/rt.h"
#include "lib/limits.h"
#include "lib/log.h"

static const char *const names[RT_TABLES] = { "links", "addresses", "routes", "neighbours" };

void rt_tables_init(struct rt_tables *t)
{
	memset(t, 0, sizeof(*t));
	(void)rt_set_init(&t->set[RT_LINKS], sizeof(struct rt_link), 4, RT_LINKS_MAX);
	(void)rt_set_init(&t->set[RT_ADDRS], sizeof(struct rt_addr),
			  sizeof(((struct rt_addr *)0)->key), RT_ADDRS_MAX);
	(void)rt_set_init(&t->set[RT_ROUTES], sizeof(struct rt_route),
			  sizeof(((struct rt_route *)0)->key), RT_ROUTES_MAX);
	(void)rt_set_init(&t->set[RT_NEIGHS], sizeof(struct rt_neigh),
			  sizeof(((struct rt_neigh *)0)->key), RT_NEIGHS_MAX);
	for (int i = 0; i < RT_TABLES; i++)
		t->stale[i] = true;
}

void rt_tables_free(struct rt_tables *t)
{
	for (int i = 0; i < RT_TABLES; i++)
		rt_set_free(&t->set[i]);
}

struct rt_link *rt_link(const struct rt_tables *t, uint32_t index)
{
	return rt_set_find(&t->set[RT_LINKS], &index);
}

static void put(struct rt_tables *t, enum rt_table which, const void *entry)
{
	if (rt_set_put(&t->set[which], entry) || t->full[which])
		return;
	t->full[which] = true;
	log_warn("more than %u %s: the others are not shown", t->set[which].n, names[which]);
}

static void take_away(struct rt_tables *t, enum rt_table which, const void *key)
{
	if (!rt_set_find(&t->set[which], key))
		return;
	rt_set_del(&t->set[which], key);
	t->moves += which == RT_LINKS;
	t->full[which] = false;
	t->gen[which]++;
}

/* The same but for when it was seen, and how much went through it? */
static bool same_link(const struct rt_link *a, const struct rt_link *b)
{
	struct rt_link x = *a;

	x.round = b->round;
	x.since_ms = b->since_ms;
	x.stats = b->stats;
	return !memcmp(&x, b, sizeof(x));
}

#define STATE_FLAGS (IFF_UP | IFF_LOWER_UP)

static void new_link(struct rt_tables *t, const struct nlmsghdr *h, uint64_t now)
{
	struct rt_link l, *old;
	bool same;

	if (!rt_parse_link(&l, h, now))
		return;
	l.round = t->round;
	old = rt_link(t, l.index);
	same = old && same_link(&l, old);
	if (old && l.oper == old->oper && (l.flags & STATE_FLAGS) == (old->flags & STATE_FLAGS) &&
	    l.carrier_changes == old->carrier_changes)
		l.since_ms = old->since_ms;
	/* IPv4 routes leave with their link, and no event says so */
	if (!old || (l.flags & STATE_FLAGS) != (old->flags & STATE_FLAGS))
		t->stale[RT_ROUTES] = true;
	t->moves += !old;
	put(t, RT_LINKS, &l);
	if (!same)
		t->gen[RT_LINKS]++;
}

/* What hangs on a link goes with it, whether or not it is told apart. */
static void drop_of(struct rt_tables *t, enum rt_table which, uint32_t index)
{
	struct rt_set *s = &t->set[which];
	uint32_t i = 0;

	while (i < s->n) {
		const char *e = rt_set_at(s, i);
		uint32_t of;

		memcpy(&of, e, sizeof(of)); /* the key begins with it */
		if (of == index)
			take_away(t, which, e);
		else
			i++;
	}
}

static void del_link(struct rt_tables *t, const struct nlmsghdr *h, uint64_t now)
{
	struct rt_link l;

	if (!rt_parse_link(&l, h, now) || !rt_link(t, l.index))
		return;
	take_away(t, RT_LINKS, &l.index);
	drop_of(t, RT_ADDRS, l.index);
	drop_of(t, RT_NEIGHS, l.index);
	t->stale[RT_ROUTES] = true;
}

static void port_state(struct rt_tables *t, const struct nlmsghdr *h)
{
	struct rt_link *l;
	uint32_t index;
	uint8_t state;

	if (!rt_parse_port(&index, &state, h) || !(l = rt_link(t, index)))
		return;
	t->gen[RT_LINKS] += l->port_state != state;
	l->port_state = state;
}

static void address(struct rt_tables *t, const struct nlmsghdr *h, uint64_t now)
{
	struct rt_addr a, *old;

	if (!rt_parse_addr(&a, h, now))
		return;
	if (h->nlmsg_type == RTM_DELADDR) {
		take_away(t, RT_ADDRS, &a.key);
		t->stale[RT_ROUTES] = true;
		return;
	}
	a.round = t->round;
	old = rt_set_find(&t->set[RT_ADDRS], &a.key);
	if (old && old->flags == a.flags && old->proto == a.proto) {
		/* A dump tells what is left in whole seconds: the same end, but for rounding. */
		if (old->valid_ms - a.valid_ms + 1500 <= 3000)
			a.valid_ms = old->valid_ms;
		if (old->preferred_ms - a.preferred_ms + 1500 <= 3000)
			a.preferred_ms = old->preferred_ms;
		if (a.valid_ms == old->valid_ms && a.preferred_ms == old->preferred_ms) {
			old->round = a.round;
			return;
		}
	}
	put(t, RT_ADDRS, &a);
	t->gen[RT_ADDRS]++;
}

static void route(struct rt_tables *t, const struct nlmsghdr *h, uint64_t now)
{
	struct rt_route r[RT_NEXTHOPS_MAX];
	size_t n = rt_parse_routes(r, RT_NEXTHOPS_MAX, h, now);

	for (size_t i = 0; i < n; i++) {
		struct rt_route *old = rt_set_find(&t->set[RT_ROUTES], &r[i].key);

		r[i].round = t->round;
		if (old && old->expires_ms - r[i].expires_ms + 1500 <= 3000)
			r[i].expires_ms = old->expires_ms;
		if (!old || old->protocol != r[i].protocol || old->expires_ms != r[i].expires_ms)
			t->gen[RT_ROUTES]++;
		put(t, RT_ROUTES, &r[i]);
	}
}

static void neighbour(struct rt_tables *t, const struct nlmsghdr *h)
{
	struct rt_neigh n, *old;

	if (!rt_parse_neigh(&n, h))
		return;
	if (h->nlmsg_type == RTM_DELNEIGH) {
		take_away(t, RT_NEIGHS, &n.key);
		return;
	}
	n.round = t->round;
	old = rt_set_find(&t->set[RT_NEIGHS], &n.key);
	if (!n.has_mac && old && old->has_mac) {
		/* it does not answer any more: who it was is still known */
		memcpy(n.mac, old->mac, 6);
		n.has_mac = true;
	}
	if (old && old->state == n.state && old->flags == n.flags && old->has_mac == n.has_mac &&
	    !memcmp(old->mac, n.mac, 6)) {
		old->round = n.round;
		return;
	}
	put(t, RT_NEIGHS, &n);
	t->gen[RT_NEIGHS]++;
}

/*
 * A route's event only says that the table is another: a replaced route is told without the one
 * that it replaced, and those that leave with an address or a link are not told at all.
 */
void rt_apply(struct rt_tables *t, const struct nlmsghdr *h, uint64_t now, bool dump)
{
	struct ifinfomsg m;

	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		if (mnl_nlmsg_get_payload_len(h) < sizeof(m))
			break;
		memcpy(&m, mnl_nlmsg_get_payload(h), sizeof(m));
		if (m.ifi_family == AF_BRIDGE)
			port_state(t, h);
		else if (m.ifi_family != AF_UNSPEC)
			t->stale[RT_LINKS] = true; /* settings of IPv6 */
		else if (h->nlmsg_type == RTM_NEWLINK)
			new_link(t, h, now);
		else
			del_link(t, h, now);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		address(t, h, now);
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		if (dump)
			route(t, h, now);
		else
			t->stale[RT_ROUTES] = true;
		break;
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		neighbour(t, h);
		break;
	default:
		break;
	}
}

static uint64_t print_of(const void *v, size_t n, uint64_t h)
{
	for (const uint8_t *b = v; n--; b++)
		h = (h ^ *b) * UINT64_C(0x100000001b3); /* FNV-1a */
	return h;
}

uint64_t rt_whereabouts(const struct rt_tables *t)
{
	const uint32_t usable = IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_DEPRECATED;
	const uint64_t start = UINT64_C(0xcbf29ce484222325);
	uint64_t sum = 0;

	/* A sum: the entries have no order. */
	for (uint32_t i = 0; i < t->set[RT_ADDRS].n; i++) {
		const struct rt_addr *a = rt_set_at(&t->set[RT_ADDRS], i);

		sum += print_of(&a->key, sizeof(a->key), start ^ (a->flags & usable));
	}
	for (uint32_t i = 0; i < t->set[RT_ROUTES].n; i++) {
		const struct rt_route *r = rt_set_at(&t->set[RT_ROUTES], i);

		sum += print_of(r->src, sizeof(r->src), print_of(&r->key, sizeof(r->key), start));
	}
	return sum;
}

static uint8_t family_of(enum rt_table which, const void *entry)
{
	switch (which) {
	case RT_ADDRS:
		return ((const struct rt_addr *)entry)->key.family;
	case RT_ROUTES:
		return ((const struct rt_route *)entry)->key.family;
	case RT_NEIGHS:
		return ((const struct rt_neigh *)entry)->key.family;
	default:
		return AF_UNSPEC;
	}
}

static uint32_t round_of(enum rt_table which, const void *entry)
{
	switch (which) {
	case RT_LINKS:
		return ((const struct rt_link *)entry)->round;
	case RT_ADDRS:
		return ((const struct rt_addr *)entry)->round;
	case RT_ROUTES:
		return ((const struct rt_route *)entry)->round;
	default:
		return ((const struct rt_neigh *)entry)->round;
	}
}

void rt_sweep(struct rt_tables *t, enum rt_table which, uint8_t family)
{
	uint32_t i = 0;

	while (i < t->set[which].n) {
		const void *e = rt_set_at(&t->set[which], i);

		if (round_of(which, e) == t->round || (family && family_of(which, e) != family)) {
			i++;
			continue;
		}
		take_away(t, which, e);
	}
}
