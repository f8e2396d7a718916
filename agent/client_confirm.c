/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes that could cut the box off (agent/confirm.h): what they were before is in the store
 * before they are applied, so that a kill at any moment leaves a record that is carried on with.
 *
 *	@confirm = BOOT-ID BOOTTIME UNIX DELAY PHASE   agent/scheduled.h; when an answer is due
 *	@confirm.old.PATH, @confirm.new.PATH           the values; the new ones once the old go back
 *
 * PHASE! has not come yet: its values are being set, and will be, whatever happens meanwhile.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/client_parts.h"
#include "agent/scheduled.h"
#include "agent/store.h"
#include "agent/tr181/agent_status.h"
#include "agent/tree/tree.h"
#include "lib/audit.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"

#define KEY "@confirm"
#define KEY_OLD "@confirm.old."
#define KEY_NEW "@confirm.new."
#define PARAMETER_KEY "Device.ManagementServer.ParameterKey"
#define KEY_SIZE (sizeof(KEY_OLD) + DM_PATH_MAX)

static struct scheduled_now now_of(const struct client *c)
{
	return (struct scheduled_now){ .boot = c->agent->boot_id,
				       .boot_ms = clock_boot_ms(),
				       .right = clock_synced(),
				       .wall = clock_wall() };
}

static int write_record(struct client *c, enum confirm_phase phase, bool going)
{
	const struct scheduled_now now = now_of(c);
	uint32_t delay = c->agent->set.confirm_s;
	struct scheduled s;
	char text[SCHEDULED_MAX], word[16];

	/* The ACS has just answered: it need not be waited for so long. */
	if (phase == CONFIRM_AGAIN && delay > CONFIRM_AGAIN_S)
		delay = CONFIRM_AGAIN_S;
	snprintf(word, sizeof(word), "%s%s", confirm_word(phase), going ? "!" : "");
	s = scheduled_new(&now, delay, word);
	scheduled_print(text, &s);
	return store_set(c->agent->store, KEY, text, strlen(text));
}

static void wait_for_answer(struct client *c)
{
	const struct scheduled_now now = now_of(c);
	const char *text = store_get(c->agent->store, KEY, NULL);
	struct scheduled s;

	if (text && scheduled_parse(&s, text))
		(void)loop_timer_set(&c->agent->loop, &c->confirm.due,
				     (uint64_t)scheduled_left(&s, &now));
}

static void forget(struct client *c)
{
	struct store *store = c->agent->store;

	c->confirm.phase = CONFIRM_NONE;
	c->confirm.going = false;
	loop_timer_clear(&c->agent->loop, &c->confirm.due);
	if (store_del_prefix(store, KEY) || store_save(store))
		log_err("store: cannot forget a change that is confirmed");
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

	(void)text;
	(void)len;
	if (confirm_covers(c->agent->set.confirm_paths, path)) {
		c->confirm.covered = true;
		snprintf(c->confirm.what, sizeof(c->confirm.what), "%s", path);
	}
	return DM_OK;
}

/* The whole transaction goes back, or none of it: ParameterKey, which tells the ACS what it has set
 * last, along with the rest. Of several that nobody has confirmed the first one's values count. */
static enum dm_error keep_old(void *arg, const char *path, const char *text, size_t len)
{
	struct store *store = ((const struct client *)arg)->agent->store;
	char key[KEY_SIZE];

	snprintf(key, sizeof(key), KEY_OLD "%s", path);
	if (store_has(store, key))
		return DM_OK;
	return store_set(store, key, text, len) ? DM_ERESOURCES : DM_OK;
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
	if (e || !c->confirm.covered || c->confirm.origin == DM_BY_USER)
		return e;
	e = dm_txn_each_old(txn, keep_old, c);
	/* One that waits already goes on as it is until this one holds. */
	if (!e && c->confirm.phase == CONFIRM_NONE)
		r = write_record(c, CONFIRM_NEW, false);
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

	if (!c->confirm.covered)
		return;
	if (!holds) { /* the values kept of an earlier change are still right */
		if (c->confirm.phase == CONFIRM_NONE)
			forget(c);
		return;
	}
	client_confirm_input(c, c->confirm.origin == DM_BY_ACS ? CONFIRM_CHANGED : CONFIRM_DECIDED);
}

/* The paths of a kind of record, each terminated. */
static void gather(void *arg, const char *key, const char *value, size_t len)
{
	const char *path = key + sizeof(KEY_OLD) - 1;

	(void)value;
	(void)len;
	buf_put(arg, path, strlen(path) + 1);
}

/* Before the first value goes back. */
static int keep_new(struct client *c)
{
	_cleanup_buf_ struct buf paths = BUF_INIT(CONFIRM_BYTES_MAX);
	struct buf value = BUF_INIT(DM_VALUE_MAX);
	struct store *store = c->agent->store;
	enum dm_error e;
	const char *path;
	char key[KEY_SIZE];
	int r = 0;

	store_each(store, KEY_OLD, false, gather, &paths);
	for (path = buf_str(&paths); !r && path < buf_str(&paths) + paths.len;
	     path += strlen(path) + 1) {
		snprintf(key, sizeof(key), KEY_NEW "%s", path);
		if (store_has(store, key))
			continue;
		e = dm_get_own(c->agent->dm, path, &value);
		if (!e)
			r = store_set(store, key, buf_str(&value), value.len);
		else
			r = e == DM_ENAME ? 0 : -EIO;
	}
	buf_wipe(&value);
	if (r)
		log_err("what is to be taken back cannot be read: %s", strerror(-r));
	return r ? r : paths.failed ? -EFBIG : 0;
}

struct putting {
	struct client *c;
	struct dm_txn *txn;
	bool all;
};

/* A row that somebody has deleted since has no value to go back to. */
static void stage_one(void *arg, const char *key, const char *value, size_t len)
{
	const struct putting *p = arg;
	const char *path = key + sizeof(KEY_OLD) - 1;
	struct buf now = BUF_INIT(DM_VALUE_MAX);

	if ((p->all || confirm_covers(p->c->agent->set.confirm_paths, path) ||
	     strcmp(path, PARAMETER_KEY) == 0) &&
	    dm_get_own(p->c->agent->dm, path, &now) != DM_ENAME)
		(void)dm_stage_own(p->txn, path, value, len);
	buf_wipe(&now);
}

/* The values and the record in one write of the store. */
static int try_to_put(struct client *c, bool all, const char *why)
{
	const char *from = confirm_is_old(c->confirm.phase) ? KEY_OLD : KEY_NEW;
	struct putting p = { .c = c, .all = all };
	struct store *store = c->agent->store;
	struct dm_faults faults = { 0 };
	int r;

	dm_rpc_begin(c->agent->dm);
	p.txn = dm_begin(c->agent->dm, DM_BY_SELF);
	if (!p.txn)
		return -ENOMEM;
	store_each(store, from, false, stage_one, &p);
	agent_status_reverted(p.txn, why);
	r = c->confirm.phase == CONFIRM_NONE ? store_del_prefix(store, KEY)
					     : write_record(c, c->confirm.phase, false);
	if (r)
		dm_abort(p.txn);
	else if (dm_commit(p.txn, &faults))
		r = -EIO;
	if (r)
		store_revert(store);
	if (faults.n) {
		const char *path = faults.v[0].path;

		log_warn("cannot set %s: %s", path, faults.v[0].text);
	}
	dm_faults_free(&faults);
	return r;
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
	r = try_to_put(c, true, why);
	/* What came along with the change may be nothing to set back, such as a diagnosis. */
	if (r)
		r = try_to_put(c, false, why);
	audit("revert", r ? AUDIT_FAILED : AUDIT_DONE, "cause", why);
	if (r) { /* a daemon of the vendor's may be away for a moment */
		(void)loop_timer_set(&c->agent->loop, &c->confirm.due,
				     (uint64_t)CONFIRM_RETRY_MS << c->confirm.tries);
		c->confirm.tries += c->confirm.tries < CONFIRM_RETRIES;
		return;
	}
	c->confirm.going = c->confirm.tried = false;
	c->confirm.tries = 0;
	if (c->confirm.phase == CONFIRM_NONE)
		forget(c);
	else
		wait_for_answer(c);
	try_anew(c);
}

/* From here on there is no way around it. */
static void begin_to_put(struct client *c, enum confirm_phase phase)
{
	int r = keep_new(c);

	if (!r && !(r = write_record(c, phase, true)))
		r = store_save(c->agent->store);
	if (r) {
		store_revert(c->agent->store);
		(void)loop_timer_set(&c->agent->loop, &c->confirm.due,
				     (uint64_t)CONFIRM_RETRY_MS << CONFIRM_RETRIES);
		return;
	}
	c->confirm.phase = phase;
	c->confirm.going = true;
	carry_out(c);
}

void client_confirm_input(struct client *c, enum confirm_input in)
{
	const struct confirm_step next = confirm_step(c->confirm.phase, in);

	switch (next.act) {
	case CONFIRM_NOTHING:
		break;
	case CONFIRM_WAIT:
		if (c->confirm.phase != CONFIRM_NONE &&
		    (store_del_prefix(c->agent->store, KEY_NEW) ||
		     write_record(c, next.phase, false) || store_save(c->agent->store)))
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
		client_confirm_input(c, CONFIRM_DECIDED);
	} else if (c->confirm.tried) {
		client_confirm_input(c, CONFIRM_DUE);
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
		client_confirm_input(c, CONFIRM_ANSWERED);
}

void client_confirm_ended(struct client *c)
{
	const bool answered = c->confirm.answered;

	c->confirm.answered = false;
	c->confirm.tried |= c->confirm.fresh;
	if (answered)
		client_confirm_input(c, CONFIRM_ANSWERED);
	if (c->confirm.phase == CONFIRM_NONE)
		return;
	if (c->confirm.going)
		(void)loop_timer_set(&c->agent->loop, &c->confirm.due, CONFIRM_RETRY_MS);
	else
		wait_for_answer(c);
	/* The connection on which the change came proves nothing: the next one does. */
	if (!c->events.n)
		(void)client_inform(c);
}

static void name_one(void *arg, const char *key, const char *value, size_t len)
{
	(void)look_for_covered(arg, key + sizeof(KEY_OLD) - 1, value, len);
}

/* What the process before has left: false when nothing waits. */
static bool load(struct client *c, struct scheduled *s)
{
	const char *text = store_get(c->agent->store, KEY, NULL);
	char word[16];
	size_t n;

	if (!text || !scheduled_parse(s, text))
		return false;
	n = strcspn(s->key, "!");
	snprintf(word, sizeof(word), "%.*s", (int)n, s->key);
	c->confirm.phase = confirm_phase(word);
	c->confirm.going = s->key[n] == '!';
	if (c->confirm.phase < CONFIRM_PHASES)
		return true;
	log_warn("store: %s is no record of ours", KEY);
	forget(c);
	return false;
}

void client_confirm_start(struct client *c)
{
	const struct scheduled_now now = now_of(c);
	char text[SCHEDULED_MAX];
	struct scheduled s;

	c->confirm.guard = (struct dm_guard){ .before = before, .after = after, .arg = c };
	dm_set_guard(c->agent->dm, &c->confirm.guard);
	snprintf(c->confirm.what, sizeof(c->confirm.what), "a change");
	if (!load(c, &s))
		return;
	if (!scheduled_in_this_boot(&s, &now)) {
		scheduled_rebase(&s, &now);
		scheduled_print(text, &s);
		(void)store_set(c->agent->store, KEY, text, strlen(text));
	}
	store_each(c->agent->store, KEY_OLD, false, name_one, c);
	log_notice("%s: a change waits for an answer of the ACS", c->confirm.what);
	if (c->confirm.going)
		(void)loop_timer_set(&c->agent->loop, &c->confirm.due, 0);
	else
		wait_for_answer(c);
	if (!c->events.n && !c->confirm.going)
		(void)client_inform(c);
}

struct covered {
	const char *paths;
	bool any, table;
};

static void look_at_row(void *arg, const char *path, const struct dm_object *o,
			const struct dm_param *p)
{
	struct covered *look = arg;

	(void)o;
	if (!p || !confirm_covers(look->paths, path))
		return;
	look->any = true;
	look->table |= strstr(path, "{i}") != NULL;
}

int client_confirm_check(struct dm *dm, const char *paths)
{
	char one[DM_PATH_MAX + 1];
	size_t n;

	for (; *(paths += strspn(paths, " \t")); paths += n) {
		struct covered look = { .paths = one };

		n = strcspn(paths, " \t");
		if (n < sizeof(one)) {
			snprintf(one, sizeof(one), "%.*s", (int)n, paths);
			dm_schema(dm, look_at_row, &look);
		}
		if (look.any && !look.table)
			continue;
		log_err("confirm.paths: %.*s: %s", (int)n, paths,
			look.table ? "there are tables in it" : "there is no such parameter");
		return -EINVAL;
	}
	return 0;
}

void client_confirm_init(struct client *c)
{
	loop_timer_init(&c->confirm.due, due, c);
}
