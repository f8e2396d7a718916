/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/client_parts.h"
#include "agent/cwmp/periodic.h"
#include "agent/http/client.h"
#include "agent/transfer/transfer.h"
#include "agent/tree/tree.h"
#include "lib/clock.h"
#include "lib/log.h"

bool client_enabled(const struct client *c)
{
	const struct ms_settings *ms = ms_settings(c->agent->dm);

	return ms->enable_cwmp && *ms->url;
}

static void arm_periodic(struct client *c)
{
	const struct ms_settings *ms = ms_settings(c->agent->dm);
	const struct cwmp_periodic p = { .enabled = ms->periodic_enable && client_enabled(c),
					 .interval = ms->periodic_interval,
					 .has_time = ms->periodic_phase,
					 .time_us = ms->periodic_time * 1000000,
					 .anchor_ms = c->anchor_ms };
	uint64_t now = clock_mono_ms(), next;
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	next = cwmp_periodic_next(&p, now, clock_synced(),
				  (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
	if (next == UINT64_MAX)
		loop_timer_clear(&c->agent->loop, &c->periodic);
	else
		(void)loop_timer_set(&c->agent->loop, &c->periodic, next - now);
}

void client_arm(struct client *c)
{
	uint64_t now = clock_mono_ms(), next = UINT64_MAX;

	if (!c->started)
		return;
	if (client_enabled(c))
		next = cwmp_schedule_next(&c->schedule, &c->events, now,
					  ms_settings(c->agent->dm)->notification_throttle);
	if (next == UINT64_MAX)
		loop_timer_clear(&c->agent->loop, &c->start);
	else
		next = client_first_next(c, next);
	if (next != UINT64_MAX)
		(void)loop_timer_set(&c->agent->loop, &c->start, next > now ? next - now : 0);
}

static void start_due(void *arg)
{
	struct client *c = arg;

	c->first_at = 0;
	if (!c->session && client_enabled(c) && !transfers_rebooting(c->agent->transfers))
		client_session_begin(c);
}

int client_raise(struct client *c, enum cwmp_event event, const char *key)
{
	int r = cwmp_event_raise(&c->events, event, key);

	if (r < 0)
		return r;
	/* A short period that ends in a good session costs no write: it is kept when that fails. */
	if (event != EV_PERIODIC || ms_settings(c->agent->dm)->periodic_interval >= PERIODIC_KEEP_S)
		client_record_save(c);
	if (r == 1)
		client_arm(c);
	return r;
}

static void period_due(void *arg)
{
	struct client *c = arg;

	c->anchor_ms = clock_mono_ms();
	(void)client_raise(c, EV_PERIODIC, NULL);
	arm_periodic(c);
}

/* Passive changes wait for the next session, whatever starts it. */
static void value_changed(void *arg, bool active)
{
	if (active)
		(void)client_raise(arg, EV_VALUE_CHANGE, NULL);
}

static void new_acs(struct client *c)
{
	const char *url = ms_settings(c->agent->dm)->url;

	memset(&c->acs, 0, sizeof(c->acs));
	c->offer = CWMP_UNKNOWN;
	c->schedule.failures = 0;
	c->schedule.retrying = false;
	c->local.family = 0;
	if (!*url)
		return;
	/* TR-069 A6 3.7.1.5: a change of the URL, for whatever reason. */
	client_command_forget(c);
	transfers_forget(c->agent->transfers);
	(void)client_raise(c, EV_BOOTSTRAP, NULL);
	/* A boot that no ACS has heard of is news for this one. */
	(void)client_record_boot(c);
}

void client_settings(struct client *c, unsigned int changed)
{
	/* The port closes at once: its URL is empty in the next answer already. */
	if (changed & (MS_CONNREQ | MS_ENABLE))
		client_connreq_apply(c);
	if (changed & MS_CONNREQ)
		client_udp_forget(c);
	if (c->session || !changed) {
		/* The session goes on as it began; what it has set counts from its end. */
		c->changed |= changed & ~(unsigned int)MS_CONNREQ;
		return;
	}
	/* Set to another URL and back again within a session is no change. */
	if (changed & MS_URL && strcmp(c->url, ms_settings(c->agent->dm)->url))
		new_acs(c);
	if (changed & (MS_PERIODIC | MS_ENABLE | MS_URL)) {
		c->anchor_ms = clock_mono_ms();
		arm_periodic(c);
	}
	if (changed & (MS_STUN | MS_ENABLE | MS_URL))
		client_udp_apply(c);
	client_arm(c);
}

static void settings_changed(void *arg, unsigned int changed)
{
	client_settings(arg, changed);
}

void client_listening(struct client *c)
{
	if (c->started)
		return;
	/* The first Inform carries ConnectionRequestURL, so it waited for the port. */
	c->started = true;
	client_arm(c);
	client_command_arm(c);
	client_udp_apply(c);
	client_command_run(c); /* a reboot that the last process did not get to */
	if (!loop_timer_armed(&c->start) || loop_timer_left(&c->agent->loop, &c->start) > 0)
		client_address_learn(c);
}

int client_start(struct client *c)
{
	struct dm *dm = c->agent->dm;
	bool active;

	client_command_boot(c, client_record_boot(c));
	client_first_boot(c);
	c->synced = clock_synced();
	dm_on_change(dm, value_changed, c);
	ms_on_change(dm, settings_changed, c);
	snprintf(c->url, sizeof(c->url), "%s", ms_settings(dm)->url);
	client_discovery_start(c);
	/* What changed while we were not running, as far as it can be seen by its value. */
	dm_sample(dm);
	(void)dm_changes(dm, &active);
	if (active)
		value_changed(c, true);
	if (!*ms_settings(dm)->url)
		log_notice("no ACS is known: Device.ManagementServer.URL is empty");
	c->anchor_ms = clock_mono_ms();
	arm_periodic(c);
	client_confirm_start(c);
	client_connreq_apply(c);
	return 0;
}

const struct cwmp_events *client_events(const struct client *c)
{
	return &c->events;
}

int client_inform(struct client *c)
{
	const struct ms_settings *ms = ms_settings(c->agent->dm);

	if (!ms->enable_cwmp)
		return -EPERM;
	if (!*ms->url)
		return -ENOENT;
	/* No event says "somebody at the box wants it"; an early period comes nearest. It may wait
	 * already behind a retry, so the session is asked for in any case. */
	(void)client_raise(c, EV_PERIODIC, NULL);
	cwmp_schedule_ask(&c->schedule);
	client_arm(c);
	return 0;
}

void client_status(const struct client *c, struct client_status *out)
{
	uint64_t start = loop_timer_left(&c->agent->loop, &c->start);
	uint64_t periodic = loop_timer_left(&c->agent->loop, &c->periodic);

	memset(out, 0, sizeof(*out));
	out->in_session = c->session;
	out->retries = c->schedule.failures;
	out->next_ms = start < periodic ? start : periodic;
	out->last_ok_ms = c->schedule.had_ok ? c->schedule.last_ok : 0;
	memcpy(out->last_error, c->last_error, sizeof(out->last_error));
}

const char *client_connreq_url(const struct client *c)
{
	return c->connreq_url;
}

int client_new(struct client **out, struct agent *agent)
{
	struct client *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->agent = agent;
	c->offer = CWMP_UNKNOWN;
	c->env = (struct cwmp_env){
		.dm = agent->dm, .events = &c->events, .acs = &c->acs, .ops = &c->ops
	};
	client_command_init(c);
	client_transfer_init(c);
	client_confirm_init(c);
	c->discovery.fd = -1;
	loop_timer_init(&c->start, start_due, c);
	loop_timer_init(&c->periodic, period_due, c);
	r = client_record_load(c);
	if (!r)
		r = client_connreq_init(c);
	if (!r)
		r = client_udp_init(c);
	if (r) {
		free(c);
		return r;
	}
	client_address_init(c);
	*out = c;
	return 0;
}
