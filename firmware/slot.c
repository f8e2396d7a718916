/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "firmware/slot.h"

static const char *const slot_names[SLOTS] = { "a", "b" };
static const char *const ok_names[SLOTS] = { "sp_ok_a", "sp_ok_b" };
static const char *const version_names[SLOTS] = { "sp_version_a", "sp_version_b" };

static bool is_one(const struct env *e, const char *name)
{
	return env_get_u32(e, name, 0) == 1;
}

int slots_read(struct slots *s, const struct env *e)
{
	const char *slot = env_get(e, "sp_slot");

	memset(s, 0, sizeof(*s));
	if (!slot || (strcmp(slot, slot_names[SLOT_A]) && strcmp(slot, slot_names[SLOT_B])))
		return -EINVAL;
	s->boot = strcmp(slot, slot_names[SLOT_A]) ? SLOT_B : SLOT_A;
	for (int i = 0; i < SLOTS; i++) {
		s->ok[i] = is_one(e, ok_names[i]);
		s->version[i] = env_get(e, version_names[i]);
	}
	s->reason = env_get(e, "sp_fellback");
	if (is_one(e, "upgrade_available"))
		s->phase = SLOT_TRIAL;
	else if (s->reason)
		s->phase = SLOT_FELL_BACK;
	s->bootcount = env_get_u32(e, "bootcount", 0);
	s->bootlimit = env_get_u32(e, "bootlimit", SLOT_BOOTLIMIT);
	/* U-Boot counts to no end then, and an image that does not come up would stay. */
	if (!s->bootlimit)
		s->bootlimit = SLOT_BOOTLIMIT;
	s->counter = env_get_u32(e, "sp_counter", 0);
	s->trial_counter = env_get_u32(e, "sp_trial", s->counter);
	return 0;
}

int slots_begin(struct env *e, enum slot_id running)
{
	struct slots s;
	int r = slots_read(&s, e);

	if (r)
		return r;
	if (s.phase == SLOT_TRIAL || s.boot != running)
		return -EBUSY;
	if (!s.ok[slot_other(running)])
		return -EALREADY;
	return env_set(e, ok_names[slot_other(running)], "0");
}

int slots_arm(struct env *e, enum slot_id running, uint32_t counter, const char *version)
{
	struct slots s;
	int r = slots_read(&s, e);

	if (r)
		return r;
	if (s.phase == SLOT_TRIAL || s.boot != running || s.ok[slot_other(running)])
		return -EBUSY;
	s.boot = slot_other(running);
	/* What runs and is not on trial is the way back, also where no factory has said so. */
	if ((r = env_set(e, ok_names[running], "1")) ||
	    (r = env_set(e, version_names[s.boot], version)) ||
	    (r = env_set(e, ok_names[s.boot], "1")) ||
	    (r = env_set(e, "sp_slot", slot_names[s.boot])) ||
	    (r = env_set(e, "upgrade_available", "1")) || (r = env_set(e, "bootcount", "0")) ||
	    (r = env_set_u32(e, "bootlimit", s.bootlimit)) ||
	    (r = env_set_u32(e, "sp_trial", counter)))
		return r;
	return env_set(e, "sp_fellback", NULL);
}

static int end_trial(struct env *e)
{
	int r;

	if ((r = env_set(e, "upgrade_available", "0")) || (r = env_set(e, "bootcount", "0")))
		return r;
	return env_set(e, "sp_trial", NULL);
}

int slots_booted(struct env *e)
{
	struct slots s;
	int r = slots_read(&s, e);

	if (r)
		return r;
	return s.phase == SLOT_TRIAL && s.bootcount ? env_set(e, "bootcount", "0") : -EALREADY;
}

int slots_again(struct env *e)
{
	struct slots s;
	int r = slots_read(&s, e);

	if (r)
		return r;
	return s.phase == SLOT_TRIAL && !s.bootcount ? env_set(e, "bootcount", "1") : -EALREADY;
}

int slots_confirm(struct env *e)
{
	struct slots s;
	int r = slots_read(&s, e);

	if (r)
		return r;
	if (s.phase != SLOT_TRIAL)
		return -EALREADY;
	/* Never down: an environment written by hand must not open the way back. */
	if (s.trial_counter > s.counter && (r = env_set_u32(e, "sp_counter", s.trial_counter)))
		return r;
	return end_trial(e);
}

static bool reason_ok(const char *reason)
{
	size_t n = strlen(reason);

	if (n == 0 || n > SLOT_REASON_MAX || strchr(reason, '='))
		return false;
	for (size_t i = 0; i < n; i++)
		if (reason[i] < 0x20 || reason[i] > 0x7e)
			return false;
	return true;
}

int slots_fall_back(struct env *e, const char *reason)
{
	struct slots s;
	int r = slots_read(&s, e);

	if (r)
		return r;
	if (!reason_ok(reason))
		return -EINVAL;
	if (s.phase != SLOT_TRIAL || !s.ok[slot_other(s.boot)])
		return -EALREADY;
	if ((r = env_set(e, ok_names[s.boot], "0")) ||
	    (r = env_set(e, "sp_slot", slot_names[slot_other(s.boot)])) ||
	    (r = env_set(e, "sp_fellback", reason)))
		return r;
	return end_trial(e);
}

int slots_reported(struct env *e)
{
	if (!env_get(e, "sp_fellback"))
		return -EALREADY;
	return env_set(e, "sp_fellback", NULL);
}
