/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reboot, FactoryReset and ScheduleInform: taken down in the store before they are answered, and
 * carried out when the session is over. A crash or a power cut at any moment neither forgets one
 * nor does it twice: the record goes when what it asks for has become an event.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/client_parts.h"
#include "agent/priv.h"
#include "agent/scheduled.h"
#include "agent/store.h"
#include "lib/clock.h"
#include "lib/log.h"

#define KEY_REBOOT "@reboot."	  /* @reboot.N = BOOT-ID COMMANDKEY */
#define KEY_SCHEDULE "@schedule." /* @schedule.N: agent/scheduled.h */
#define RECORD_MAX 256

static int record(struct store *store, const char *prefix, const char *value)
{
	char key[32];
	int r;

	for (unsigned int i = 1; i <= CLIENT_COMMANDS_MAX; i++) {
		snprintf(key, sizeof(key), "%s%u", prefix, i);
		if (store_has(store, key))
			continue;
		if ((r = store_set(store, key, value, strlen(value))) || (r = store_save(store)))
			store_revert(store);
		return r;
	}
	return -ENOSPC;
}

static unsigned int fault_of(const char *what, int r)
{
	if (!r)
		return 0;
	log_err("cannot take down the %s: %s", what, strerror(-r));
	return r == -ENOSPC ? FAULT_RESOURCES : FAULT_INTERNAL;
}

static unsigned int take_reboot(void *arg, const char *command_key)
{
	struct client *c = arg;
	char value[RECORD_MAX];

	snprintf(value, sizeof(value), "%s %s", c->agent->boot_id, command_key);
	c->command = CLIENT_REBOOT;
	return fault_of("reboot", record(c->agent->store, KEY_REBOOT, value));
}

static unsigned int take_factory_reset(void *arg)
{
	struct client *c = arg;
	struct store *store = c->agent->store;
	int r;

	if ((r = store_set(store, STORE_KEY_RESET, "1", 1)) || (r = store_save(store)))
		store_revert(store);
	else
		c->command = CLIENT_FACTORY_RESET;
	return fault_of("factory reset", r);
}

static struct scheduled_now now_of(const struct client *c)
{
	return (struct scheduled_now){ .boot = c->agent->boot_id,
				       .boot_ms = clock_boot_ms(),
				       .right = clock_synced(),
				       .wall = clock_wall() };
}

static unsigned int take_schedule(void *arg, uint32_t delay_s, const char *command_key)
{
	struct client *c = arg;
	const struct scheduled_now now = now_of(c);
	const struct scheduled s = scheduled_new(&now, delay_s, command_key);
	char value[SCHEDULED_MAX];
	unsigned int fault;

	scheduled_print(value, &s);
	fault = fault_of("scheduled Inform", record(c->agent->store, KEY_SCHEDULE, value));
	if (!fault)
		client_command_arm(c);
	return fault;
}

struct scan {
	struct client *c;
	struct scheduled_now now;
	int64_t soonest;
	/* the first one that is to become an event now */
	char record[32], key[CWMP_KEY_BYTES];
};

static void note(struct scan *s, const char *record_key, const char *key)
{
	snprintf(s->record, sizeof(s->record), "%s", record_key);
	snprintf(s->key, sizeof(s->key), "%s", key);
}

static void look_at_schedule(void *arg, const char *record_key, const char *value, size_t len)
{
	struct scan *s = arg;
	struct scheduled sched;
	int64_t left;

	if (!scheduled_parse(&sched, value)) {
		log_warn("store: %s is no scheduled Inform of ours", record_key);
		return;
	}
	left = scheduled_left(&sched, &s->now);
	if (left < s->soonest)
		s->soonest = left;
	if (!left && !*s->record)
		note(s, record_key, sched.key);
}

static void look_for_old_schedule(void *arg, const char *record_key, const char *value, size_t len)
{
	struct scan *s = arg;
	struct scheduled sched;

	if (scheduled_parse(&sched, value) && !scheduled_in_this_boot(&sched, &s->now) &&
	    !*s->record)
		note(s, record_key, "");
}

/* Seconds of another boot's clock mean nothing in this one. */
static void rebase_schedule(struct client *c, const char *record_key)
{
	const struct scheduled_now now = now_of(c);
	struct scheduled s;
	char value[SCHEDULED_MAX];

	if (!scheduled_parse(&s, store_get(c->agent->store, record_key, NULL)))
		return;
	scheduled_rebase(&s, &now);
	scheduled_print(value, &s);
	(void)store_set(c->agent->store, record_key, value, strlen(value));
}

/* A reboot that was asked for in another boot has happened. */
static void look_at_reboot(void *arg, const char *record_key, const char *value, size_t len)
{
	struct scan *s = arg;
	const char *space = strchr(value, ' ');
	size_t boot = strlen(s->c->agent->boot_id);

	if (!space)
		return;
	if ((size_t)(space - value) == boot && !memcmp(value, s->c->agent->boot_id, boot)) {
		s->c->command = CLIENT_REBOOT; /* it was not carried out before we restarted */
	} else if (!*s->record) {
		note(s, record_key, space + 1);
	}
}

static struct scan scan(struct client *c, const char *prefix, store_fn look)
{
	struct scan s = { .c = c, .now = now_of(c), .soonest = INT64_MAX };

	store_each(c->agent->store, prefix, false, look, &s);
	return s;
}

/* The record becomes an event, in one save of the store. */
static void turn_into(struct client *c, const struct scan *s, enum cwmp_event event)
{
	if (event == EV_M_SCHEDULE_INFORM)
		(void)cwmp_event_raise(&c->events, EV_SCHEDULED, NULL);
	if (cwmp_event_raise(&c->events, event, s->key) < 0)
		log_err("no room for %s with key \"%s\"", cwmp_event_rows[event].code, s->key);
	(void)store_del(c->agent->store, s->record);
	client_record_save(c);
}

void client_command_boot(struct client *c, bool new_acs)
{
	struct scan s = scan(c, KEY_REBOOT, look_at_reboot);

	/* A reboot that was ordered still takes place, but the new ACS is not told of it. */
	if (new_acs) {
		client_command_forget(c);
		return;
	}
	for (; s.record[0]; s = scan(c, KEY_REBOOT, look_at_reboot))
		turn_into(c, &s, EV_M_REBOOT);
	while ((s = scan(c, KEY_SCHEDULE, look_for_old_schedule)).record[0])
		rebase_schedule(c, s.record);
}

static void schedule_due(void *arg)
{
	struct client *c = arg;
	struct scan s;

	while ((s = scan(c, KEY_SCHEDULE, look_at_schedule)).record[0]) {
		turn_into(c, &s, EV_M_SCHEDULE_INFORM);
		client_arm(c);
	}
	client_command_arm(c);
}

void client_command_arm(struct client *c)
{
	struct scan s = scan(c, KEY_SCHEDULE, look_at_schedule);

	if (s.soonest == INT64_MAX)
		loop_timer_clear(&c->agent->loop, &c->scheduled);
	else
		(void)loop_timer_set(&c->agent->loop, &c->scheduled, (uint64_t)s.soonest);
}

void client_command_forget(struct client *c)
{
	(void)store_del_prefix(c->agent->store, KEY_SCHEDULE);
	(void)store_del_prefix(c->agent->store, KEY_REBOOT);
	client_command_arm(c);
}

void client_command_run(struct client *c)
{
	struct system_end end = { .kind = c->command == CLIENT_FACTORY_RESET ? SYSTEM_FACTORY_RESET
									     : SYSTEM_REBOOT };
	struct system_ending ending;
	int r;

	if (c->command == CLIENT_NOTHING)
		return;
	snprintf(end.reason, sizeof(end.reason), "asked for by the ACS");
	r = priv_system_end(c->agent->priv, &end, &ending);
	if (r && r != -EALREADY)
		log_err("the helper does not start the box anew: %s", strerror(-r));
}

void client_command_init(struct client *c)
{
	loop_timer_init(&c->scheduled, schedule_due, c);
	c->ops.schedule_inform = take_schedule;
	if (c->agent->priv->role[IPC_SYSTEM]) {
		c->ops.reboot = take_reboot;
		c->ops.factory_reset = take_factory_reset;
	}
	c->ops.arg = c;
}
