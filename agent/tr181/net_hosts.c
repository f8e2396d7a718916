/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.Hosts. (TR-181 2.19.1): who is on the LAN. Neighbours of the kernel, DHCP leases and WiFi
 * stations are one host when they have one MAC address. What is behind a default route is no host
 * of ours. A host is listed as long as one of the three knows it.
 */
#include "config.h"

#include "agent/tr181/net_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if.h>
#include <linux/neighbour.h>

#include "agent/kernel/leases.h"
#include "agent/tr181/net_hosts.h"
#include "lib/clock.h"
#include "lib/log.h"

struct hosts {
	struct rt_set set; /* of struct host */
	uint32_t round;
	int lease_error; /* said once */
};

/* What one sync works with. */
struct sync {
	struct net *net;
	struct hosts *h;
	struct dm_inst *root;
	uint64_t now;
	int64_t wall;
	bool synced;
};

static struct host *host_of(struct sync *s, const uint8_t mac[6])
{
	static const uint8_t zero[6];
	struct host *host = rt_set_find(&s->h->set, mac), fresh = { 0 };

	if (!host) {
		if ((mac[0] & 1) || !memcmp(mac, zero, 6))
			return NULL;
		memcpy(fresh.mac, mac, 6);
		fresh.changed_ms = s->now;
		host = rt_set_put(&s->h->set, &fresh);
		if (!host)
			return NULL;
		host->is_new = true;
	}
	if (host->round == s->h->round)
		return host;
	/* what was known before is told anew by whoever knows it */
	host->round = s->h->round;
	host->was_active = host->active;
	host->active = false;
	host->family = 0;
	host->index = host->port = 0;
	host->name[0] = '\0';
	host->assoc[0] = '\0';
	return host;
}

static const struct net_if *lan(struct net *net, uint32_t index)
{
	const struct net_if *at = net_if(net, index);
	const struct rt_link *l = at ? rt_link(net->t, index) : NULL;

	return l && !at->upstream && !(l->flags & IFF_LOOPBACK) ? at : NULL;
}

/* Lower is better: IPv4 first, then global before link-local, then the smaller. */
static int better(const struct rt_neigh *n, const struct host *host)
{
	bool local = n->key.family == AF_INET6 && n->key.dst[0] == 0xfe;
	bool old = host->family == AF_INET6 && host->ip[0] == 0xfe;

	if (!host->family)
		return true;
	if (n->key.family != host->family)
		return n->key.family == AF_INET;
	return local != old ? old : memcmp(n->key.dst, host->ip, 16) < 0;
}

static void neighbour(struct sync *s, const struct rt_neigh *n)
{
	const uint16_t there = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT;
	const struct rt_link *l;
	struct host *host;

	if (n->key.family == AF_BRIDGE || !n->has_mac || !lan(s->net, n->key.index))
		return;
	host = host_of(s, n->mac);
	if (!host)
		return;
	l = rt_link(s->net->t, n->key.index);
	if ((n->state & there) && (l->flags & IFF_LOWER_UP))
		host->active = true;
	if (better(n, host)) {
		host->family = n->key.family;
		memcpy(host->ip, n->key.dst, 16);
		host->index = n->key.index;
	}
	if (!host->port)
		host->port = n->key.index;
}

static void learned(struct sync *s, const struct rt_neigh *n)
{
	struct host *host = n->key.family == AF_BRIDGE ? rt_set_find(&s->h->set, n->mac) : NULL;

	if (host && host->round == s->h->round)
		host->port = n->key.index;
}

static void lease(void *arg, const struct lease *l)
{
	struct sync *s = arg;
	struct host *host;

	/* without a clock nobody knows whether it is over */
	if (l->until && s->synced && l->until < s->wall)
		return;
	host = host_of(s, l->mac);
	if (!host)
		return;
	memcpy(host->name, l->name, sizeof(host->name));
	if (!host->family) {
		host->family = AF_INET;
		memset(host->ip, 0, 16);
		memcpy(host->ip, l->ip, 4);
	}
}

static void read_leases(struct sync *s)
{
	int r;

	if (!s->net->leases || !*s->net->leases)
		return;
	r = leases_read(s->net->leases, lease, s);
	if (r && r != s->h->lease_error)
		log_warn("%s: %s", s->net->leases, strerror(-r));
	s->h->lease_error = r;
}

#ifdef CONFIG_ROLE_RADIO
static void station(void *arg, const uint8_t mac[6], const struct dm_inst *row, uint32_t index)
{
	struct sync *s = arg;
	struct host *host = host_of(s, mac);
	char path[DM_PATH_MAX + 1];
	int len = dm_inst_path(row, path);

	if (!host || len < 1)
		return;
	host->active = true;
	host->port = index;
	memcpy(host->assoc, path, (size_t)len - 1);
	host->assoc[len - 1] = '\0';
}

/* Behind a BSS who is no station of it is not there, whatever the neighbour table still holds. */
static void settle_wifi(struct sync *s, struct host *host)
{
	const struct net_if *at = net_if(s->net, host->port);

	if (at && at->ssid && !host->assoc[0])
		host->active = false;
}
#endif

static void show_addresses(struct sync *s)
{
	const struct rt_set *neighs = &s->net->t->set[RT_NEIGHS];

	for (uint32_t i = 0; i < neighs->n; i++) {
		const struct rt_neigh *n = rt_set_at(neighs, i);
		const struct host *host;
		char key[NET_KEY_MAX];
		bool v4 = n->key.family == AF_INET;
		struct dm_inst *in;

		if (n->key.family == AF_BRIDGE || !n->has_mac || !lan(s->net, n->key.index))
			continue;
		host = rt_set_find(&s->h->set, n->mac);
		if (!host || !host->row)
			continue;
		net_key_ip(key, sizeof(key), n->key.family, n->key.dst, v4 ? 32 : 128);
		in = dm_row(host->row, v4 ? &hosts_ipv4 : &hosts_ipv6, key);
		(void)net_put(in, n->key.dst, sizeof(n->key.dst));
	}
}

static void show(struct sync *s, struct host *host)
{
	char key[18];
	const uint8_t *m = host->mac;

	(void)snprintf(key, sizeof(key), "%02X:%02X:%02X:%02X:%02X:%02X", m[0], m[1], m[2], m[3],
		       m[4], m[5]);
	host->row = dm_row(s->root, &hosts_host, key);
	if (!host->row)
		return;
	dm_rows_begin(host->row, &hosts_ipv4);
	dm_rows_begin(host->row, &hosts_ipv6);
}

static void finish(struct sync *s, struct host *host)
{
	struct host copy = *host;

	if (!host->row)
		return;
	dm_rows_end(host->row, &hosts_ipv4);
	dm_rows_end(host->row, &hosts_ipv6);
	copy.round = 0;
	copy.is_new = copy.was_active = false;
	if (net_put(host->row, &copy, sizeof(copy)))
		dm_changed_all(host->row);
}

static void collect(struct sync *s)
{
	const struct rt_set *neighs = &s->net->t->set[RT_NEIGHS];
	uint32_t i = 0;

	s->h->round++;
	for (i = 0; i < neighs->n; i++)
		neighbour(s, rt_set_at(neighs, i));
	read_leases(s);
	for (i = 0; i < neighs->n; i++)
		learned(s, rt_set_at(neighs, i));
#ifdef CONFIG_ROLE_RADIO
	net_wifi_stations(s->net->dm, station, s);
#endif
	i = 0;
	while (i < s->h->set.n) {
		struct host *host = rt_set_at(&s->h->set, i);

		if (host->round != s->h->round) {
			rt_set_del(&s->h->set, host->mac);
			continue;
		}
#ifdef CONFIG_ROLE_RADIO
		settle_wifi(s, host);
#endif
		if (!host->is_new && host->active != host->was_active) {
			host->changed_ms = s->now;
			host->changed = 0;
		}
		if (!host->changed && s->synced)
			host->changed = s->wall - (int64_t)((s->now - host->changed_ms) / 1000);
		host->is_new = false;
		i++;
	}
}

static struct hosts *make(struct net *net)
{
	struct hosts *h = calloc(1, sizeof(*h));

	if (h && rt_set_init(&h->set, sizeof(struct host), 6, DM_TABLE_MAX)) {
		free(h);
		h = NULL;
	}
	net->hosts = h;
	return h;
}

void net_sync_hosts(struct net *net)
{
	struct sync s = { .net = net,
			  .h = net->hosts ? net->hosts : make(net),
			  .root = dm_single(net->dm, &hosts),
			  .now = clock_mono_ms(),
			  .wall = clock_wall(),
			  .synced = clock_synced() };

	if (!s.h)
		return;
	collect(&s);
	dm_rows_begin(s.root, &hosts_host);
	for (uint32_t i = 0; i < s.h->set.n; i++)
		show(&s, rt_set_at(&s.h->set, i));
	show_addresses(&s);
	for (uint32_t i = 0; i < s.h->set.n; i++)
		finish(&s, rt_set_at(&s.h->set, i));
	dm_rows_end(s.root, &hosts_host);
	dm_changed_all(s.root);
}
