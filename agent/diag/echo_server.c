/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.IP.Diagnostics.UDPEchoConfig.: sends back what comes from one address, and nothing else.
 * It makes no packet longer, and never talks to another echo server.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/dial.h"
#include "agent/diag/datagram.h"
#include "agent/diag/parts.h"
#include "agent/dialer/addr.h"
#include "agent/tr181/diag.h"
#include "agent/tr181/udp_echo.h"
#include "lib/clock.h"
#include "lib/log.h"

#define UDP_HEAD 8
#define ECHO_PORT 7
#define AT_ONCE 64 /* datagrams of one round of the loop: others have their turn in a flood */

struct server {
	struct echo_config rows;
	struct agent *agent;
	struct loop_io io;
	struct loop_timer later; /* the settings are looked at outside of the commit */
	int asking;
	bool enabled, plus;
	uint16_t port;
	uint32_t ifindex;
	struct dial_addr source;
	uint32_t resp_sn, failures;
	uint8_t data[DATAGRAM_MAX];
};

static void close_it(struct server *s)
{
	int fd = s->io.fd;

	if (s->asking)
		dial_cancel(s->agent->dial, s->asking);
	s->asking = 0;
	loop_io_del(&s->agent->loop, &s->io);
	if (fd >= 0)
		close(fd);
	s->io.fd = -1;
}

static void reply(struct server *s, const struct datagram *d)
{
	struct echo_config *c = &s->rows;
	size_t octets = d->len + UDP_HEAD;

	c->received++;
	c->octets_received += (uint32_t)octets;
	c->last_us = d->at_us;
	if (!c->first_us)
		c->first_us = d->at_us;
	if (s->plus && d->len >= ECHO_PLUS_MIN) {
		echo_put(s->data, ECHO_RESP_SN, s->resp_sn);
		echo_put(s->data, ECHO_RECEIVED, (uint32_t)d->at_us);
		echo_put(s->data, ECHO_FAILURES, s->failures);
		echo_put(s->data, ECHO_REPLIED, (uint32_t)clock_wall_us());
	}
	if (datagram_return(s->io.fd, d, s->data)) {
		s->failures++;
		return;
	}
	s->resp_sn++;
	c->responded++;
	c->octets_responded += (uint32_t)octets;
}

static void readable(void *arg, int fd, uint32_t events)
{
	struct server *s = arg;

	for (int k = 0; k < AT_ONCE; k++) {
		struct datagram d;
		int r = datagram_receive(fd, &d, s->data);

		if (r == -EAGAIN)
			return;
		/* Two echo servers would never stop. */
		if (!r && dial_addr_same(&d.sender, &s->source) && d.sender.port != ECHO_PORT &&
		    d.sender.port != s->port)
			reply(s, &d);
	}
}

static void opened(void *arg, int status, int fd, const struct dial_conn *conn)
{
	struct server *s = arg;
	int r = status;

	s->asking = 0;
	if (!r)
		r = loop_io_add(&s->agent->loop, &s->io, fd, EPOLLIN, readable, s);
	if (r && fd >= 0) {
		close(fd);
		s->io.fd = -1;
	}
	if (r)
		log_warn("UDPEchoConfig: port %u: %s", s->port, strerror(-r));
	else
		log_info("UDPEchoConfig: echoes on port %u", s->port);
}

static void open_it(struct server *s)
{
	const struct dial_udp how = { .purpose = DIAL_FOR_ECHO,
				      .local_port = s->port,
				      .how = { .ifindex = s->ifindex } };
	int r = dial_udp(s->agent->dial, &how, opened, s);

	if (r < 0)
		log_warn("UDPEchoConfig: the dialer: %s", strerror(-r));
	else
		s->asking = r;
}

static void apply(void *arg)
{
	struct server *s = arg;
	const struct dm_inst *in = dm_single(s->agent->dm, &udp_echo_config);
	bool enabled = dm_bool(in, "Enable"), was = s->enabled;
	uint16_t port = (uint16_t)dm_uint(in, "UDPPort");
	uint32_t ifindex;
	bool known = !diag_interface(in, &ifindex);
	bool moved = enabled != was || port != s->port || ifindex != s->ifindex;

	s->enabled = enabled;
	s->plus = dm_bool(in, "EchoPlusEnabled");
	s->port = port;
	s->ifindex = ifindex;
	if (dial_addr_parse(&s->source, dm_str(in, "SourceIPAddress", NULL), 0))
		s->source.family = 0; /* nobody */
	if (!moved)
		return;
	close_it(s);
	if (!enabled)
		return;
	/* "When enabled from a disabled state all ... counters are cleared." */
	if (!was) {
		void (*changed)(struct echo_config *) = s->rows.changed;

		s->rows = (struct echo_config){ .changed = changed };
		s->resp_sn = s->failures = 0;
	}
	if (known && port)
		open_it(s);
}

static void changed(struct echo_config *c)
{
	struct server *s = (struct server *)c; /* its first member */

	(void)loop_timer_set(&s->agent->loop, &s->later, 0);
}

int echo_server_new(struct agent *agent)
{
	struct server *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->agent = agent;
	s->rows.changed = changed;
	s->io.fd = -1;
	loop_timer_init(&s->later, apply, s);
	dm_bind(agent->dm, &udp_echo_config, &s->rows);
	return loop_timer_set(&agent->loop, &s->later, 0);
}
