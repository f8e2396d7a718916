/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own address as the ACS sees it, for ConnectionRequestURL: that of the newest connection, and
 * between sessions what the kernel's events say (TR-069 A6 3.2.2; a change is told at once).
 */
#include <string.h>
#include <unistd.h>

#include "agent/client_parts.h"
#include "agent/dial.h"
#include "agent/http/url.h"
#include "agent/kernel/rt.h"

static void ask(struct client *c, uint8_t family);

static void route_known(void *arg, int status, int fd, const struct dial_conn *conn)
{
	struct client *c = arg;

	c->route_id = 0;
	if (fd >= 0)
		close(fd);
	/* A connection that was made meanwhile knows better. */
	if (c->session)
		return;
	if (!status)
		client_connreq_local(c, &conn->local);
	else if (c->route_family != DIAL_ANY)
		ask(c, DIAL_ANY);
}

/* A datagram socket "connected" to the ACS sends nothing, but shows the source address. */
static void ask(struct client *c, uint8_t family)
{
	struct dial_udp req = { .purpose = DIAL_FOR_ACS, .family = family };
	static struct url url;

	if (url_parse(&url, ms_settings(c->agent->dm)->url))
		return;
	req.port = url.port;
	memcpy(req.host, url.host, sizeof(req.host));
	c->route_family = family;
	c->route_id = dial_udp(c->agent->dial, &req, route_known, c);
	if (c->route_id < 0)
		c->route_id = 0;
}

void client_address_learn(struct client *c)
{
	if (!c->local.family && !c->route_id)
		ask(c, DIAL_ANY);
}

static void settled(void *arg)
{
	struct client *c = arg;
	uint64_t now;

	if (c->session || c->route_id) {
		(void)loop_timer_set(&c->agent->loop, &c->moved, CONNREQ_SETTLE_MS);
		return;
	}
	rt_fresh(c->agent->rt);
	now = rt_whereabouts(rt_tables(c->agent->rt));
	if (now == c->whereabouts || !client_enabled(c))
		return;
	c->whereabouts = now;
	/* The family that connected: the other may have addresses and yet lead nowhere. */
	ask(c, c->local.family);
}

static void changed(void *arg, unsigned int tables)
{
	struct client *c = arg;

	if (tables & (1u << RT_ADDRS | 1u << RT_ROUTES) && !loop_timer_armed(&c->moved))
		(void)loop_timer_set(&c->agent->loop, &c->moved, CONNREQ_SETTLE_MS);
}

void client_address_init(struct client *c)
{
	loop_timer_init(&c->moved, settled, c);
	c->rt = (struct rt_listener){ .fn = changed, .arg = c };
	c->whereabouts = rt_whereabouts(rt_tables(c->agent->rt));
	rt_listen(c->agent->rt, &c->rt);
}
