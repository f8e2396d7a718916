/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What wpa_supplicant is told. A new network is made ready beside the one in use, disabled, and
 * selected when all of the plan is ready: a plan that is refused disturbs nobody. Never
 * SAVE_CONFIG: its file stays as it is, without a key.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "helper/station.h"
#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/num.h"
#include "wifi/station.h"

/* Of one interface; -EREMOTEIO also when it is not wpa_supplicant's any more. */
#define ask(r, j, fmt, ...) ctrl_ask(&(r)->ctrl, "IFNAME=%s " fmt, (j)->name, ##__VA_ARGS__)
#define command(r, j, ...) (ask(r, j, __VA_ARGS__) ?: ctrl_ok(&(r)->ctrl))

const struct station_network *station_wanted(const struct station_plan *p, unsigned int station)
{
	uint32_t i;

	for (i = 0; i < p->count; i++)
		if (p->network[i].station == station)
			return &p->network[i];
	return NULL;
}

const char *station_why(int error)
{
	switch (error) {
	case -ENOTCONN:
		return "wpa_supplicant is not there";
	case -ETIMEDOUT:
		return "wpa_supplicant does not answer";
	case -EREMOTEIO:
		return "wpa_supplicant refuses";
	default:
		return strerror(-error);
	}
}

static int failed(const struct station_role *r, const struct joiner *j, int error, const char *what,
		  struct station_done *done)
{
	return station_refuse(done, error, (uint32_t)(j - r->joiners), PLAN_FIELD_NONE,
			      "%s: %s: %s", j->name, what, station_why(error));
}

static void forget(struct joiner *j, enum joiner_state state)
{
	explicit_bzero(&j->is, sizeof(j->is));
	j->state = state;
}

/* Takes the interface away from wpa_supplicant, and with it all networks. */
static int take_away(struct station_role *r, struct joiner *j)
{
	int e = ctrl_ask(&r->ctrl, "INTERFACES");

	if (!e && ctrl_lists(r->ctrl.reply, j->name))
		e = ctrl_command(&r->ctrl, "INTERFACE_REMOVE %s", j->name);
	forget(j, e ? JOINER_UNKNOWN : JOINER_OUT);
	return e;
}

/* One that is gone has no interface. */
static int take_down(struct station_role *r, struct joiner *j)
{
	int e = take_away(r, j);

	return e == -ENOTCONN ? 0 : e;
}

static int add_interface(struct station_role *r, struct joiner *j)
{
	int e = j->state == JOINER_OUT ? 0 : take_away(r, j);

	if (e)
		return e;
	j->state = JOINER_UNKNOWN; /* until it has its network */
	r->ctrl.patience_ms = STATION_ADD_MS;
	/* NAME, FILE, DRIVER: parted by tabs */
	e = ctrl_command(&r->ctrl, "INTERFACE_ADD %s\t%s\tnl80211", j->name, r->file);
	r->ctrl.patience_ms = CTRL_COMMAND_MS;
	return e;
}

static int add_network(struct station_role *r, struct joiner *j)
{
	uint64_t id;
	int e = ask(r, j, "ADD_NETWORK");

	if (e && e != -EREMOTEIO)
		forget(j, JOINER_UNKNOWN); /* there may be one more now, that nobody knows */
	if (e)
		return e;
	if (num_parse_u64(r->ctrl.reply, strcspn(r->ctrl.reply, "\n"), INT32_MAX, &id))
		return -EREMOTEIO;
	j->next = (unsigned int)id;
	j->has_next = true;
	return 0;
}

/* what: of the setting that was refused the name alone, its value may be a key. */
static int give_settings(struct station_role *r, struct joiner *j, const struct station_network *q,
			 char what[32])
{
	const char *at;
	struct buf text;
	int e;

	buf_init(&text, STATION_SETTINGS_MAX);
	station_settings(&text, q);
	buf_printf(&text, "id_str \"%s\"\n", r->mark);
	e = text.failed ? -EMSGSIZE : 0;
	for (at = buf_str(&text); !e && *at; at += strcspn(at, "\n") + 1) {
		(void)snprintf(what, 32, "%.*s", (int)strcspn(at, " "), at);
		e = command(r, j, "SET_NETWORK %u %.*s", j->next, (int)strcspn(at, "\n"), at);
	}
	buf_wipe(&text);
	return e;
}

static void drop_next(struct station_role *r, struct joiner *j)
{
	if (j->has_next && command(r, j, "REMOVE_NETWORK %u", j->next))
		forget(j, JOINER_UNKNOWN);
	j->has_next = false;
}

/* Whatever becomes of it, what is in use stays. */
static int make_ready(struct station_role *r, struct joiner *j, const struct station_network *q,
		      struct station_done *done)
{
	char what[32] = "interface";
	int e = j->state == JOINER_IN ? 0 : add_interface(r, j);

	if (!e)
		e = add_network(r, j);
	if (!e)
		e = give_settings(r, j, q, what);
	if (!e)
		return 0;
	drop_next(r, j);
	return failed(r, j, e, what, done);
}

/* From the one in use to the one that is ready. */
static int change_over(struct station_role *r, struct joiner *j, const struct station_network *q)
{
	int e = command(r, j, "SELECT_NETWORK %u", j->next);

	if (!e && j->state == JOINER_IN)
		e = command(r, j, "REMOVE_NETWORK %u", j->id);
	if (e) {
		forget(j, JOINER_UNKNOWN);
		return e;
	}
	j->id = j->next;
	j->has_next = false;
	j->is = *q;
	j->state = JOINER_IN;
	log_info("station: %s has its network", j->name);
	return 0;
}

/* By the mark: the number may be another network's by now, in another wpa_supplicant. */
static int look_at(struct station_role *r, struct joiner *j)
{
	char is[sizeof(r->mark) + 2];
	int e = ask(r, j, "GET_NETWORK %u id_str", j->id);

	(void)snprintf(is, sizeof(is), "\"%s\"", r->mark);
	if (!e && strcmp(r->ctrl.reply, is) != 0)
		e = -EREMOTEIO;
	if (e == -EREMOTEIO || e == -ENOTCONN)
		forget(j, JOINER_UNKNOWN);
	return e;
}

int station_look(struct station_role *r)
{
	struct joiner *j;
	int e = 0, one;

	for (j = r->joiners; j < r->joiners + r->n; j++) {
		one = j->state == JOINER_IN ? look_at(r, j) : 0;
		if (one && one != -EREMOTEIO && one != -ENOTCONN)
			return one;
		e = e ? e : one;
	}
	return e;
}

/* Every station of the plan that has not what it shall have. */
static int make_all_ready(struct station_role *r, const struct station_plan *p,
			  struct station_done *done)
{
	struct station_done one;
	unsigned int i;
	int e, first = 0;

	for (i = 0; i < r->n; i++) {
		const struct station_network *q = station_wanted(p, i);
		struct joiner *j = &r->joiners[i];

		if (!q || (j->state == JOINER_IN && memcmp(&j->is, q, sizeof(*q)) == 0))
			continue;
		e = make_ready(r, j, q, first ? &one : done);
		if (e && !p->standing)
			return e;
		first = first ? first : e;
	}
	return first;
}

int station_apply(struct station_role *r, const struct station_plan *p, struct station_done *done)
{
	struct station_done one;
	unsigned int i;
	int e, first;

	r->ctrl.deadline = clock_mono_ms() + STATION_APPLY_MS;
	for (i = 0; i < r->n; i++)
		r->joiners[i].has_next = false;
	e = station_look(r);
	if (e && e != -EREMOTEIO && e != -ENOTCONN)
		return failed(r, r->joiners, e, "question", done);
	first = make_all_ready(r, p, done);
	for (i = 0; i < r->n; i++) {
		const struct station_network *q = station_wanted(p, i);
		struct joiner *j = &r->joiners[i];

		e = 0;
		if (first && !p->standing)
			drop_next(r, j);
		else if (j->has_next)
			e = change_over(r, j, q);
		else if (!q && j->state != JOINER_OUT)
			e = take_down(r, j);
		if (e)
			(void)failed(r, j, e, "change", first ? &one : done);
		first = first ? first : e;
	}
	return first;
}
