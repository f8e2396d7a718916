/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far a change is that could cut the box off; what it has changed is beside that in the store
 * (agent/confirm_kept.h), from before it is applied until it is confirmed.
 *
 *	@confirm = BOOT-ID BOOTTIME UNIX DELAY PHASE   agent/scheduled.h; when an answer is due
 *
 * PHASE! has not come yet: it is being put in place, and will be, whatever happens meanwhile.
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
#include "lib/clock.h"
#include "lib/log.h"

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
	return store_set(c->agent->store, STORE_KEY_CONFIRM, text, strlen(text));
}

bool confirm_record_read(struct client *c, struct confirm_record *out)
{
	const char *text = store_get(c->agent->store, STORE_KEY_CONFIRM, NULL);
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
		(void)store_set(c->agent->store, STORE_KEY_CONFIRM, again, strlen(again));
	}
	return out->phase < CONFIRM_PHASES;
}

int confirm_record_forget(struct client *c)
{
	int r = kept_forget(&c->confirm.kept);

	return r ? r : store_save(c->agent->store);
}

int confirm_record_renew(struct client *c)
{
	int r = kept_forget_new(&c->confirm.kept);

	if (!r && !(r = confirm_record_write(c, CONFIRM_NEW, false)))
		r = store_save(c->agent->store);
	return r;
}

/* What comes now is kept as it was, and saved before anything is applied; then the record says what
 * holds when the transaction does. */
static int keep(struct client *c, enum confirm_phase phase, struct dm_txn *txn)
{
	const struct kept *kept = &c->confirm.kept;
	const enum kept_side undone = confirm_is_old(phase) ? KEPT_NEW : KEPT_OLD;
	int r;

	if (kept_take(kept, undone, txn))
		return -ENOSPC;
	r = store_save(c->agent->store);
	if (r)
		return r;
	return phase == CONFIRM_NONE ? kept_forget(kept) : confirm_record_write(c, phase, false);
}

static int put(struct client *c, enum confirm_phase phase, bool all, const char *why)
{
	const enum kept_side side = confirm_is_old(phase) ? KEPT_OLD : KEPT_NEW;
	struct dm_faults faults = { 0 };
	struct dm_txn *txn;
	int r;

	dm_rpc_begin(c->agent->dm);
	txn = dm_begin(c->agent->dm, DM_BY_SELF);
	if (!txn)
		return -ENOMEM;
	kept_stage(&c->confirm.kept, side, txn, all);
	r = keep(c, phase, txn);
	agent_status_reverted(txn, why);
	if (r)
		dm_abort(txn);
	else if (dm_commit(txn, &faults))
		r = -EIO;
	if (r)
		store_revert(c->agent->store);
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
