/* SPDX-License-Identifier: Apache-2.0 */
/* Values that the families of the network share. */
#include "agent/tr181/net_internal.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <linux/if.h>
#include <linux/if_addr.h>

#include "lib/clock.h"

const char *const net_status[] = { "Up",	 "Down",	   "Unknown", "Dormant",
				   "NotPresent", "LowerLayerDown", NULL };
const char *const net_enabled[] = { "Disabled", "Enabled", NULL };

const struct rt_link *net_link(const struct dm_inst *in)
{
	static const struct rt_link nothing;
	const struct rt_link *copy, *now;
	const struct net *net;

	while (in && !in->data)
		in = in->parent;
	if (!in)
		return &nothing;
	copy = in->data;
	net = net_of(dm_inst_dm(in));
	now = net ? rt_link(net->t, copy->index) : NULL;
	return now && !strcmp(now->name, copy->name) ? now : copy;
}

enum dm_error net_get_enable(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_bool(sink, net_link(in)->flags & IFF_UP);
	return DM_OK;
}

enum dm_error net_get_true(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_bool(sink, true);
	return DM_OK;
}

enum dm_error net_get_enabled(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_const(sink, "Enabled", 7);
	return DM_OK;
}

/* RFC 2863 states; the kernel's own rule: a driver that says nothing means up. */
static const char *status_of(const struct rt_link *l)
{
	switch (l->oper) {
	case IF_OPER_UP:
		return "Up";
	case IF_OPER_DOWN:
		return "Down";
	case IF_OPER_NOTPRESENT:
		return "NotPresent";
	case IF_OPER_LOWERLAYERDOWN:
		return "LowerLayerDown";
	case IF_OPER_DORMANT:
		return "Dormant";
	case IF_OPER_UNKNOWN:
		return (l->flags & (IFF_UP | IFF_LOWER_UP)) == (IFF_UP | IFF_LOWER_UP) ? "Up"
										       : "Down";
	default:
		return "Unknown";
	}
}

enum dm_error net_get_status(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, in->gone ? "NotPresent" : status_of(net_link(in)));
	return DM_OK;
}

enum dm_error net_get_name(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, net_link(in)->name);
	return DM_OK;
}

enum dm_error net_get_last_change(struct dm_inst *in, const struct dm_param *p,
				  struct dm_sink *sink)
{
	dm_put_uint(sink, (clock_mono_ms() - net_link(in)->since_ms) / 1000);
	return DM_OK;
}

enum dm_error net_get_mac(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	if (net_link(in)->has_mac)
		dm_put_mac(sink, net_link(in)->mac);
	return DM_OK;
}

enum dm_error net_get_lower_layers(struct dm_inst *in, const struct dm_param *p,
				   struct dm_sink *sink)
{
	struct dm_inst *lower[NET_LOWERS_MAX];
	struct net *net = net_of(dm_inst_dm(in));
	size_t n = net && !in->gone ? net_lowers(net, in, lower, NET_LOWERS_MAX) : 0;

	for (size_t i = 0; i < n; i++) {
		char path[DM_PATH_MAX + 1];
		int len = dm_inst_path(lower[i], path);

		/* the whole list has at most 1024 characters */
		if (len < 1 || sink->len + (size_t)len > 1024)
			break;
		dm_put_item(sink, path, (size_t)len - 1);
	}
	return DM_OK;
}

void net_put_ip(struct dm_sink *sink, uint8_t family, const uint8_t *addr)
{
	char text[INET6_ADDRSTRLEN];

	dm_put_str(sink, inet_ntop(family, addr, text, sizeof(text)) ? text : "");
}

void net_put_prefix(struct dm_sink *sink, const uint8_t *addr, unsigned int plen)
{
	char text[INET6_ADDRSTRLEN + 8];

	net_key_ip(text, sizeof(text), AF_INET6, addr, plen);
	dm_put_str(sink, text);
}

void net_key_ip(char *out, size_t size, uint8_t family, const uint8_t *addr, unsigned int plen)
{
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(family, addr, text, sizeof(text)))
		text[0] = '\0';
	(void)snprintf(out, size, "%s/%u", text, plen);
}

bool net_prefix_has(const uint8_t *prefix, unsigned int plen, const uint8_t *addr)
{
	unsigned int whole = plen / 8, rest = plen % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	return !memcmp(prefix, addr, whole) && (!rest || !((prefix[whole] ^ addr[whole]) & mask));
}

const struct rt_addr *net_addr(const struct net *net, uint32_t index, uint8_t family,
			       const uint8_t *addr)
{
	const struct rt_set *addrs = &net->t->set[RT_ADDRS];

	for (uint32_t i = 0; i < addrs->n; i++) {
		const struct rt_addr *a = rt_set_at(addrs, i);

		if (a->key.index == index && a->key.family == family &&
		    !memcmp(a->key.addr, addr, family == AF_INET ? 4 : 16))
			return a;
	}
	return NULL;
}
