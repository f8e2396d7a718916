/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/client_parts.h"
#include "agent/dial.h"
#include "agent/dialer/addr.h"
#include "agent/http/connreq.h"
#include "lib/log.h"

static bool wanted(const struct client *c)
{
	const struct ms_settings *ms = ms_settings(c->agent->dm);

	return ms->enable_cwmp && ms->connreq_http_enable;
}

static bool credentials(void *arg, const char **user, const char **password)
{
	const struct client *c = arg;
	const struct ms_settings *ms = ms_settings(c->agent->dm);

	*user = ms->connreq_username;
	*password = ms->connreq_password;
	/* There are no default credentials, and an empty password is none. */
	return **user && **password;
}

static const char *path(void *arg)
{
	const struct client *c = arg;

	return wanted(c) ? c->connreq_path : NULL;
}

static void accepted(void *arg)
{
	struct client *c = arg;

	/* Before there is an ACS nobody can be meant. */
	if (client_enabled(c))
		(void)client_raise(c, EV_CONNECTION_REQUEST, NULL);
}

static bool any_address(const struct dial_addr *a)
{
	static const uint8_t zero[16];

	return !a->family || !memcmp(a->addr, zero, sizeof(zero));
}

/* Where the ACS finds us: the address we listen on, or that of our connection to it (TR-069 A6
 * 3.2.2); nothing as long as neither is known, never a wildcard. */
static void refresh_url(struct client *c)
{
	const struct dial_addr *at = any_address(&c->listen_addr) ? &c->local : &c->listen_addr;
	char host[DIAL_ADDR_TEXT], url[CONNREQ_URL_MAX] = "";

	if (connreq_listening(c->agent->connreq) && !any_address(at))
		snprintf(url, sizeof(url), "http://%s:%u%s", dial_addr_text(at, true, host),
			 c->listen_addr.port, c->connreq_path);
	/* "Not known yet" is no value that has changed. */
	if (!strcmp(url, c->connreq_url))
		return;
	memcpy(c->connreq_url, url, sizeof(url));
	if (ms_set_connreq_url(c->agent->dm, c->connreq_url))
		log_err("no memory for ConnectionRequestURL");
}

void client_connreq_local(struct client *c, const struct dial_addr *local)
{
	c->local = *local;
	refresh_url(c);
}

static void listening(void *arg, int status, int fd, const struct dial_conn *conn)
{
	struct client *c = arg;

	c->listen_id = 0;
	if (!status && !wanted(c)) {
		close(fd);
	} else if (!status) {
		status = connreq_listen(c->agent->connreq, fd);
		c->listen_addr = conn->local;
	}
	if (status) {
		log_err("cannot listen for connection requests on port %u: %s",
			c->agent->set.connreq_port, strerror(-status));
		(void)loop_timer_set(&c->agent->loop, &c->relisten, CONNREQ_RELISTEN_MS);
	}
	refresh_url(c);
	client_listening(c);
}

static void open_port(void *arg)
{
	struct client *c = arg;

	if (c->listen_id > 0 || connreq_listening(c->agent->connreq) || !wanted(c))
		return;
	c->listen_id = dial_listen(c->agent->dial, DIAL_FOR_CONNREQ, listening, c);
	if (c->listen_id < 0) {
		log_err("cannot ask the dialer for a port: %s", strerror(-c->listen_id));
		c->listen_id = 0;
		(void)loop_timer_set(&c->agent->loop, &c->relisten, CONNREQ_RELISTEN_MS);
	}
}

void client_connreq_apply(struct client *c)
{
	if (wanted(c)) {
		open_port(c);
	} else {
		loop_timer_clear(&c->agent->loop, &c->relisten);
		(void)connreq_listen(c->agent->connreq, -1);
		memset(&c->listen_addr, 0, sizeof(c->listen_addr));
		refresh_url(c);
	}
	if (!c->listen_id)
		client_listening(c);
}

int client_connreq_init(struct client *c)
{
	const struct connreq_config cfg = { .sha256 = c->agent->set.connreq_sha256,
					    .unauth_per_minute = c->agent->set.connreq_unauth };
	const struct connreq_ops ops = { credentials, path, accepted, c };

	loop_timer_init(&c->relisten, open_port, c);
	return connreq_new(&c->agent->connreq, &c->agent->loop, &cfg, &ops);
}
