/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes that could cut the box off (agent/confirm.h): watches over transactions and sessions, and
 * has done what follows. What it stands on is in the store, so a kill at any moment is a pause.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/client_confirm.h"
#include "agent/client_parts.h"
#include "agent/store.h"
#include "agent/tree/tree.h"
#include "lib/audit.h"
#include "lib/log.h"
#include "lib/text.h"

static void take_input(struct client *c, enum confirm_input in);

static bool nothing_waits(const struct client *c)
{
	return c->confirm.phase == CONFIRM_NONE && !c->confirm.going;
}

static void wait_for_answer(struct client *c)
{
	struct confirm_record record;

	if (confirm_record_read(c, &record))
		(void)loop_timer_set(&c->agent->loop, &c->confirm.due, record.left_ms);
}

/* A daemon of the vendor's may be away for a moment. */
static void go_on_later(struct client *c)
{
	(void)loop_timer_set(&c->agent->loop, &c->confirm.due,
			     (uint64_t)CONFIRM_RETRY_MS << c->confirm.tries);
	c->confirm.tries += c->confirm.tries < CONFIRM_RETRIES;
}

static void forget(struct client *c)
{
	c->confirm.phase = CONFIRM_NONE;
	c->confirm.going = false;
	loop_timer_clear(&c->agent->loop, &c->confirm.due);
	if (confirm_record_forget(c))
		log_err("store: cannot forget a change that is confirmed");
}

/* Of a change that failed, in this run or the one before. */
static void tidy(struct client *c)
{
	if (kept_tidy(&c->confirm.kept) || store_save(c->agent->store))
		log_err("store: cannot forget the rows of a change that failed");
}

/* What the session machine knows of failures is of a network that is not there any more. */
static void try_anew(struct client *c)
{
	c->schedule.failures = 0;
	c->schedule.retrying = false;
	(void)client_inform(c);
}

static enum dm_error look_for_covered(void *arg, const char *path, const char *text, size_t len)
{
	struct client *c = arg;

	if (kept_covers(&c->confirm.kept, path)) {
		c->confirm.covered = true;
		snprintf(c->confirm.what, sizeof(c->confirm.what), "%s", path);
	}
	return DM_OK;
}

static enum dm_error before(void *arg, struct dm_txn *txn)
{
	struct client *c = arg;
	enum dm_error e;
	int r = 0;

	c->confirm.covered = false;
	c->confirm.origin = dm_txn_origin(txn);
	if (c->confirm.origin == DM_BY_SELF || !*c->agent->set.confirm_paths)
		return DM_OK;
	e = dm_txn_each_old(txn, look_for_covered, c);
	/* who gives the SSID of an EndPoint to an AccessPoint has set nothing that is covered */
	if (kept_reach(&c->confirm.kept) && !c->confirm.covered) {
		c->confirm.covered = true;
		snprintf(c->confirm.what, sizeof(c->confirm.what), "the way to the ACS");
	}
	if (e || !c->confirm.covered || c->confirm.origin == DM_BY_USER)
		return e;
	e = kept_take(&c->confirm.kept, KEPT_OLD, txn);
	/* One that waits already goes on as it is until this one holds. */
	if (!e && nothing_waits(c))
		r = confirm_record_write(c, CONFIRM_NEW, false);
	if (!e && !r)
		r = store_save(c->agent->store);
	if (!e && !r)
		return DM_OK;
	store_revert(c->agent->store);
	c->confirm.covered = false;
	return dm_refuse(txn, NULL, NULL, DM_ERESOURCES, "What was before cannot be kept");
}

static void after(void *arg, bool holds)
{
	struct client *c = arg;

	(void)kept_reach(&c->confirm.kept);
	if (!c->confirm.covered)
		return;
	if (!holds) { /* what is kept of an earlier change is still right */
		if (nothing_waits(c))
			forget(c);
		else
			tidy(c);
		return;
	}
	take_input(c, c->confirm.origin == DM_BY_ACS ? CONFIRM_CHANGED : CONFIRM_DECIDED);
}

static void say_why(const struct client *c, char *out, size_t size)
{
	static const char *const texts[CONFIRM_PHASES] = {
		[CONFIRM_NONE] = "no answer of the ACS with the values before either: it holds",
		[CONFIRM_OLD] = "no answer of the ACS: the values before are tried",
		[CONFIRM_AGAIN] = "the ACS answers with the values before: it is tried once more",
		[CONFIRM_LAST] = "no answer of the ACS, but with the values before: taken back",
	};

	snprintf(out, size, "%s: %s", c->confirm.what, texts[c->confirm.phase]);
}

/* Sets what belongs to the phase that is to come. */
static void carry_out(struct client *c)
{
	char why[256];
	int r;

	say_why(c, why, sizeof(why));
	r = confirm_record_put(c, c->confirm.phase, why);
	audit("revert", r ? AUDIT_FAILED : AUDIT_DONE, "cause", why);
	if (r) {
		go_on_later(c);
		return;
	}
	c->confirm.going = c->confirm.tried = false;
	c->confirm.tries = 0;
	if (c->confirm.phase == CONFIRM_NONE)
		loop_timer_clear(&c->agent->loop, &c->confirm.due);
	else
		wait_for_answer(c);
	try_anew(c);
}

/* From here on there is no way around it. */
static void begin_to_put(struct client *c, enum confirm_phase phase)
{
	int r = confirm_record_write(c, phase, true);

	if (!r)
		r = store_save(c->agent->store);
	if (r) {
		store_revert(c->agent->store);
		go_on_later(c);
		return;
	}
	c->confirm.phase = phase;
	c->confirm.going = true;
	carry_out(c);
}

static void take_input(struct client *c, enum confirm_input in)
{
	const struct confirm_step next = confirm_step(c->confirm.phase, in);

	switch (next.act) {
	case CONFIRM_NOTHING:
		break;
	case CONFIRM_WAIT:
		if (!nothing_waits(c) && confirm_record_renew(c))
			log_err("store: no room for how long a change may wait");
		c->confirm.phase = next.phase;
		c->confirm.fresh = c->confirm.tried = false;
		c->confirm.answered = c->confirm.going = false;
		log_notice("%s is changed: the ACS has %u s to answer", c->confirm.what,
			   c->agent->set.confirm_s);
		wait_for_answer(c);
		break;
	case CONFIRM_FORGET:
		log_notice("%s: the %s", in == CONFIRM_ANSWERED ? "the ACS answers" : "decided",
			   confirm_is_old(c->confirm.phase) ? "values before the change stay"
							    : "change holds");
		forget(c);
		break;
	case CONFIRM_PUT:
		begin_to_put(c, next.phase);
		break;
	}
}

static void due(void *arg)
{
	struct client *c = arg;

	if (c->session) /* it may yet bring an answer; its end asks again */
		return;
	if (c->confirm.going) {
		carry_out(c);
	} else if (!client_enabled(c)) { /* with nobody to be reached, nothing is learnt */
		take_input(c, CONFIRM_DECIDED);
	} else if (c->confirm.tried) {
		take_input(c, CONFIRM_DUE);
	} else { /* an agent that was just started has seen nothing fail */
		(void)client_inform(c);
		(void)loop_timer_set(&c->agent->loop, &c->confirm.due, CONFIRM_RETRY_MS);
	}
}

void client_confirm_session(struct client *c)
{
	c->confirm.fresh = true;
}

void client_confirm_answered(struct client *c)
{
	if (!c->confirm.fresh || c->confirm.going)
		return;
	/* What it leads to has to wait for the end of the session. */
	if (c->confirm.phase == CONFIRM_OLD)
		c->confirm.answered = true;
	else
		take_input(c, CONFIRM_ANSWERED);
}

void client_confirm_ended(struct client *c)
{
	const bool answered = c->confirm.answered;

	c->confirm.answered = false;
	c->confirm.tried |= c->confirm.fresh;
	if (answered)
		take_input(c, CONFIRM_ANSWERED);
	if (nothing_waits(c))
		return;
	if (!c->confirm.going)
		wait_for_answer(c);
	else if (!loop_timer_armed(&c->confirm.due)) /* it came during the session */
		(void)loop_timer_set(&c->agent->loop, &c->confirm.due, 0);
	/* The connection on which the change came proves nothing: the next one does. */
	if (!c->events.n)
		(void)client_inform(c);
}

void client_confirm_start(struct client *c)
{
	struct confirm_record record;

	c->confirm.kept = (struct kept){ .dm = c->agent->dm,
					 .store = c->agent->store,
					 .paths = c->agent->set.confirm_paths };
	(void)kept_reach(&c->confirm.kept);
	c->confirm.guard = (struct dm_guard){ .before = before, .after = after, .arg = c };
	dm_set_guard(c->agent->dm, &c->confirm.guard);
	if (!confirm_record_read(c, &record))
		return;
	c->confirm.phase = record.phase;
	c->confirm.going = record.going;
	tidy(c);
	kept_name(&c->confirm.kept, c->confirm.what, sizeof(c->confirm.what));
	log_notice("%s: a change waits for an answer of the ACS", c->confirm.what);
	(void)loop_timer_set(&c->agent->loop, &c->confirm.due, record.going ? 0 : record.left_ms);
	if (!c->events.n && !record.going)
		(void)client_inform(c);
}

struct covered {
	const char *paths;
	bool any;
};

static void look_at_row(void *arg, const char *path, const struct dm_object *o,
			const struct dm_param *p)
{
	struct covered *look = arg;
	const bool can_be_set = p ? p->access == DM_RW : o->flags & DM_ADD;

	look->any |= can_be_set && confirm_covers(look->paths, path);
}

int client_confirm_check(struct dm *dm, const char *paths)
{
	char one[DM_PATH_MAX + 1];
	size_t n;

	for (; *(paths += strspn(paths, " \t")); paths += n) {
		struct covered look = { .paths = one };

		n = strcspn(paths, " \t");
		if (text_copy(one, sizeof(one), paths, n))
			dm_schema(dm, look_at_row, &look);
		if (look.any)
			continue;
		log_err("confirm.paths: %.*s: nothing of that name can be set", (int)n, paths);
		return -EINVAL;
	}
	return 0;
}

void client_confirm_init(struct client *c)
{
	loop_timer_init(&c->confirm.due, due, c);
}
