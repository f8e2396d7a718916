/* SPDX-License-Identifier: Apache-2.0 */
/* The queue's life: what is due, what has ended, what the ACS hears of it. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/client.h"
#include "agent/cwmp/rpc.h"
#include "agent/priv.h"
#include "agent/store.h"
#include "agent/tr181/files.h"
#include "agent/transfer/config.h"
#include "agent/transfer/firmware.h"
#include "agent/transfer/logfile.h"
#include "agent/transfer/policy.h"
#include "agent/transfer/run.h"
#include "lib/audit.h"
#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/log.h"

struct transfer_clock transfers_clock(const struct transfers *ts)
{
	struct transfer_clock now = { .boot_id = ts->agent->boot_id };
	struct timespec boot;

	(void)clock_gettime(CLOCK_BOOTTIME, &boot);
	now.boot_s = boot.tv_sec;
	now.wall_s = clock_synced() ? clock_wall() : 0;
	return now;
}

void transfers_complete(struct transfers *ts, struct transfer *t, unsigned fault, const char *text)
{
	const struct transfer_clock now = transfers_clock(ts);
	bool told = t->kind != TRANSFER_LOCAL;
	int r;

	(void)snprintf(t->fault_text, sizeof(t->fault_text), "%s", text);
	t->fault = fault;
	t->begun = 0;
	if (fault && transfer_retry(t, &now)) {
		log_notice("transfer %u failed (%u: %s), and is tried again", t->id, fault, text);
		if (transfer_put(&ts->q, t) || store_save(ts->agent->store))
			log_warn("transfer %u: the retry is not in the store", t->id);
		return;
	}
	t->state = TRANSFER_DONE;
	t->ended = now.wall_s;
	if (!told)
		told = transfer_policy_wants(ts->agent->dm, t) &&
		       client_acs_takes(ts->agent->client, CALL_AUTONOMOUS_TRANSFER_COMPLETE);
	/* A key that is NULL is the end. */
	audit("transfer", fault ? AUDIT_FAILED : AUDIT_DONE, "id", AUDIT_NUM(t->id), "type",
	      transfer_text(&ts->q, t, "type"), fault ? "fault" : NULL, AUDIT_NUM(fault), "reason",
	      text);
	transfers_keep_end(ts, t);
	r = told ? transfer_put(&ts->q, t) : 0;
	if (r)
		log_err("transfer %u: its end is not in the store: %s", t->id, strerror(-r));
	if (told)
		client_transfer_ended(ts->agent->client, transfer_event(t), t->key);
	else
		transfer_drop(&ts->q, t);
	if (!told && store_save(ts->agent->store))
		log_warn("the store could not be written");
}

void transfers_give_up(struct transfers *ts, struct transfer *t, const char *why)
{
	const struct transfer_clock now = transfers_clock(ts);

	if (t == ts->now)
		transfers_stop(ts);
	log_notice("transfer %u: %s", t->id, why);
	t->ended = now.wall_s;
	t->fault = 0;
	(void)snprintf(t->fault_text, sizeof(t->fault_text), "%s", why);
	transfers_keep_end(ts, t);
	transfer_drop(&ts->q, t);
}

void transfers_reboot(struct transfers *ts)
{
	struct system_end end = { .kind = SYSTEM_REBOOT };
	struct system_ending ending;
	int r;

	ts->reboot_wanted = true;
	if (client_in_session(ts->agent->client))
		return;
	(void)snprintf(end.reason, sizeof(end.reason), "a file transfer");
	r = priv_system_end(ts->agent->priv, &end, &ending);
	if (r == -ENOTCONN)
		loop_quit(&ts->agent->loop, 0); /* the service manager starts the agent anew */
	if (!r || r == -EALREADY || r == -ENOTCONN)
		return;
	log_err("the helper does not start the box anew: %s", strerror(-r));
	ts->reboot_wanted = false;
}

bool transfers_rebooting(const struct transfers *ts)
{
	return ts && ts->reboot_wanted;
}

static void missed(struct transfers *ts, struct transfer *t)
{
	/* What failed in the last window says more than that it is over; it has been logged. */
	transfers_complete(ts, t, FAULT_WINDOWS_MISSED, "no time window was left");
}

/* May it go, as far as the trial of an image and the mode of its window are concerned? */
static bool mode_allows(struct transfers *ts, struct transfer *t)
{
	if (t->file == TRANSFER_FIRMWARE && firmware_busy(ts))
		return false;
	switch (t->windows[t->window].mode) {
	case WINDOW_CONFIRMATION:
		return t->confirmed;
	case WINDOW_WHEN_IDLE:
		return transfer_idle(ts->agent);
	default:
		return true;
	}
}

static int64_t until_next_look(const struct transfer *t, const struct transfer_clock *now)
{
	int64_t left = transfer_left(t, now);

	int64_t look = t->windows[t->window].mode == WINDOW_WHEN_IDLE ? TRANSFER_IDLE_S
		       : t->file == TRANSFER_FIRMWARE		      ? TRANSFER_TRIAL_S
								      : INT64_MAX;

	return left < look ? left : look;
}

static struct transfer *next_due(struct transfers *ts, int64_t *soonest)
{
	const struct transfer_clock now = transfers_clock(ts);
	struct transfer *next = NULL;

	*soonest = INT64_MAX;
	for (size_t i = 0; i < TRANSFERS_MAX; i++) {
		struct transfer *t = &ts->q.v[i];
		int64_t wait = INT64_MAX;

		switch (transfer_due(t, &now, &wait)) {
		case TRANSFER_MISSED:
			missed(ts, t);
			break;
		case TRANSFER_NOW:
			if (!mode_allows(ts, t))
				wait = until_next_look(t, &now);
			else if (!next || t->id < next->id)
				next = t;
			break;
		case TRANSFER_LATER:
		case TRANSFER_NEVER:
			break;
		}
		if (wait > 0 && wait < *soonest)
			*soonest = wait;
	}
	return next;
}

void transfers_look(struct transfers *ts)
{
	struct transfer *next;
	int64_t soonest;

	if (!ts->started || ts->now || ts->reboot_wanted || client_in_session(ts->agent->client))
		return;
	if (ts->trial_news) {
		ts->trial_news = false;
		firmware_start(ts);
	}
	next = next_due(ts, &soonest);
	if (ts->trial_news && soonest > TRANSFER_AGAIN_S)
		soonest = TRANSFER_AGAIN_S;
	if (next)
		transfers_run(ts, next);
	else if (soonest != INT64_MAX)
		(void)loop_timer_set(&ts->agent->loop, &ts->due, (uint64_t)soonest * 1000);
	else
		loop_timer_clear(&ts->agent->loop, &ts->due);
}

static void on_due(void *arg)
{
	transfers_look(arg);
}

/* The window has ended, or a day has passed. */
static void on_deadline(void *arg)
{
	struct transfers *ts = arg;
	struct transfer *t = ts->now;
	const struct transfer_clock now = transfers_clock(ts);
	int64_t wait;

	if (!t)
		return;
	transfers_stop(ts);
	t->state = TRANSFER_WAITING;
	t->begun = 0;
	if (t->kind != TRANSFER_SCHEDULED)
		transfers_complete(ts, t,
				   t->kind == TRANSFER_UPLOAD ? FAULT_UPLOAD : FAULT_FILE_CUT,
				   "it took longer than a day");
	else if (transfer_due(t, &now, &wait) == TRANSFER_MISSED)
		transfers_complete(ts, t, FAULT_WINDOWS_MISSED,
				   "the time window ended before the file was here");
	else if (transfer_put(&ts->q, t) || store_save(ts->agent->store))
		log_warn("transfer %u: its wait is not in the store", t->id);
	transfers_look(ts);
}

void transfers_session_ended(struct transfers *ts)
{
	if (!ts || !ts->started)
		return;
	if (ts->reboot_wanted)
		transfers_reboot(ts);
	else
		transfers_look(ts);
}

void transfers_forget(struct transfers *ts)
{
	if (!ts)
		return;
	for (size_t i = 0; i < TRANSFERS_MAX; i++) {
		struct transfer *t = &ts->q.v[i];

		if (t->id && t->kind != TRANSFER_LOCAL)
			transfers_give_up(ts, t, "dropped: it was asked for by another ACS");
	}
}

void transfers_start(struct transfers *ts)
{
	const struct transfer_clock now = transfers_clock(ts);

	transfer_load(&ts->q, ts->agent->store, &now);
	ts->started = true;
	config_start(ts);
	/* The events were thrown out with the ACS that they were for (TR-069 A6 3.7.1.5). */
	if (cwmp_event_pending(client_events(ts->agent->client), EV_BOOTSTRAP))
		transfers_forget(ts);
	firmware_start(ts);
	transfers_look(ts);
}

void transfers_trial(struct transfers *ts)
{
	if (!ts || !ts->started)
		return;
	ts->trial_news = true;
	transfers_look(ts);
}

int transfers_confirm(struct transfers *ts, uint32_t id)
{
	struct transfer *t = transfer_by_id(&ts->q, id);

	if (!t || t->state != TRANSFER_WAITING || t->confirmed)
		return -ENOENT;
	t->confirmed = true;
	if (transfer_put(&ts->q, t) || store_save(ts->agent->store))
		log_warn("transfer %u: the confirmation is not in the store", t->id);
	transfers_look(ts);
	return 0;
}

static int read_settings(struct transfers *ts)
{
	const struct conf *conf = ts->agent->conf;
	int allow_http = conf_bool(conf, "transfer.allow_http", false);
	long rate = conf_int(conf, "transfer.rate", 0, 0, INT32_MAX);
	long resumes = conf_int(conf, "transfer.resumes", 8, 0, 100);

	if (allow_http < 0 || rate == LONG_MIN || resumes == LONG_MIN)
		return -EINVAL;
	ts->resumes = (unsigned int)resumes;
	ts->allow_http = allow_http;
	ts->rate = (uint64_t)rate;
	return 0;
}

static void release(struct transfers *ts)
{
	firmware_free(ts);
	config_free(ts);
	logfile_free(ts);
	free(ts);
}

int transfers_new(struct transfers **out, struct agent *agent)
{
	struct transfers *ts = calloc(1, sizeof(*ts));
	int r;

	if (!ts)
		return -ENOMEM;
	ts->agent = agent;
	loop_timer_init(&ts->due, on_due, ts);
	loop_timer_init(&ts->deadline, on_deadline, ts);
	r = read_settings(ts);
	if (!r)
		r = firmware_new(ts);
	if (!r)
		r = config_new(ts);
	if (!r)
		r = logfile_new(ts);
	if (r) {
		release(ts);
		return r;
	}
	files_bind(agent->dm, ts);
	*out = ts;
	return 0;
}
