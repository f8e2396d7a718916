/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the store keeps of a change that could cut the box off, from before it is applied until it
 * is confirmed, and how values get from there back into the tree.
 *
 *	@confirm = BOOT-ID BOOTTIME UNIX DELAY PHASE   agent/scheduled.h; when an answer is due
 *	@confirm.old.PATH, @confirm.new.PATH           the values; the new ones once the old go back
 *
 * PHASE! has not come yet: its values are being set, and will be, whatever happens meanwhile.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/client_confirm.h"
#include "agent/client_parts.h"
#include "agent/scheduled.h"
#include "agent/store.h"
#include "agent/tr181/agent_status.h"
#include "agent/tree/tree.h"
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

int confirm_record_write(struct client *c, enum confirm_phase phase, bool going)
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

bool confirm_record_read(struct client *c, struct confirm_record *out)
{
	const char *text = store_get(c->agent->store, KEY, NULL);
	const struct scheduled_now now = now_of(c);
	char again[SCHEDULED_MAX], word[16];
	struct scheduled s;
	size_t n;

	if (!text || !scheduled_parse(&s, text))
		return false;
	n = strcspn(s.key, "!");
	snprintf(word, sizeof(word), "%.*s", (int)n, s.key);
	out->phase = confirm_phase(word);
	out->going = s.key[n] == '!';
	out->left_ms = (uint64_t)scheduled_left(&s, &now);
	if (!scheduled_in_this_boot(&s, &now)) {
		scheduled_rebase(&s, &now);
		scheduled_print(again, &s);
		(void)store_set(c->agent->store, KEY, again, strlen(again));
	}
	return out->phase < CONFIRM_PHASES;
}

int confirm_record_forget(struct client *c)
{
	int r = store_del_prefix(c->agent->store, KEY);

	return r ? r : store_save(c->agent->store);
}

int confirm_record_renew(struct client *c)
{
	int r = store_del_prefix(c->agent->store, KEY_NEW);

	if (!r && !(r = confirm_record_write(c, CONFIRM_NEW, false)))
		r = store_save(c->agent->store);
	return r;
}

static void name_one(void *arg, const char *key, const char *value, size_t len)
{
	struct client *c = arg;
	const char *path = key + sizeof(KEY_OLD) - 1;

	(void)value;
	(void)len;
	if (confirm_covers(c->agent->set.confirm_paths, path))
		snprintf(c->confirm.what, sizeof(c->confirm.what), "%s", path);
}

void confirm_record_name(struct client *c)
{
	snprintf(c->confirm.what, sizeof(c->confirm.what), "a change");
	store_each(c->agent->store, KEY_OLD, false, name_one, c);
}

/* The whole transaction goes back, or none of it: ParameterKey, which tells the ACS what it has set
 * last, along with the rest. Of several that nobody has confirmed the first one's values count. */
enum dm_error confirm_record_old(void *arg, const char *path, const char *text, size_t len)
{
	const struct client *c = arg;
	struct store *store = c->agent->store;
	char key[KEY_SIZE];

	snprintf(key, sizeof(key), KEY_OLD "%s", path);
	if (store_has(store, key))
		return DM_OK;
	if (!text) /* of what came along some may not go back */
		return confirm_covers(c->agent->set.confirm_paths, path) ? DM_EINTERNAL : DM_OK;
	return store_set(store, key, text, len) ? DM_ERESOURCES : DM_OK;
}

/* The paths of a kind of record, each terminated. */
static void gather(void *arg, const char *key, const char *value, size_t len)
{
	const char *path = key + sizeof(KEY_OLD) - 1;

	(void)value;
	(void)len;
	buf_put(arg, path, strlen(path) + 1);
}

int confirm_record_new(struct client *c)
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
static int put(struct client *c, enum confirm_phase phase, bool all, const char *why)
{
	const char *from = confirm_is_old(phase) ? KEY_OLD : KEY_NEW;
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
	r = phase == CONFIRM_NONE ? store_del_prefix(store, KEY)
				  : confirm_record_write(c, phase, false);
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

int confirm_record_put(struct client *c, enum confirm_phase phase, const char *why)
{
	int r = put(c, phase, true, why);

	/* What came along with the change may be nothing to set back, such as a diagnosis. */
	return r ? put(c, phase, false, why) : 0;
}
