/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trial of the image that runs. The agent vouches, this decides: an agent that never comes up
 * is the surest sign of a bad image, and cannot say so itself.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "helper/flash.h"
#include "helper/role.h"
#include "lib/audit.h"
#include "lib/limits.h"
#include "lib/log.h"

static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static int step_booted(struct env *e, const char *text)
{
	return slots_booted(e);
}

static int step_again(struct env *e, const char *text)
{
	return slots_again(e);
}

static int step_confirm(struct env *e, const char *text)
{
	return slots_confirm(e);
}

static int step_fall_back(struct env *e, const char *text)
{
	return slots_fall_back(e, text);
}

/* As root, after the environment was read: does what runs have to show that it works? */
void flash_trial_begin(struct flash_role *f)
{
	struct slots s;

	f->on_trial = !slots_read(&s, &f->bootenv.env) && s.phase == SLOT_TRIAL &&
		      s.boot == f->update.running;
	(void)snprintf(f->ails, sizeof(f->ails), "the agent did not come up");
	if (!f->on_trial)
		return;
	log_notice("flash: slot %c is on trial, boot %u of %u", s.boot == SLOT_A ? 'a' : 'b',
		   s.bootcount, s.bootlimit);
	/* What was healthy in this boot, before the helper was started anew, has its time again. */
	if (!flash_change(f, step_again, NULL))
		f->trial.good_ms = now_ms();
}

void flash_trial_vouch(struct flash_role *f, uint32_t facts, const char *ails)
{
	bool healthy = facts & SLOT_HEALTHY;

	if (!f->on_trial)
		return;
	trial_vouch(&f->trial, now_ms(), healthy, facts & SLOT_MANAGED);
	if (healthy)
		return;
	(void)snprintf(f->ails, sizeof(f->ails), "%s", ails);
	/* A text that the environment can't hold must not keep the box where it is. */
	for (char *p = f->ails; *p; p++)
		if (*p < 0x20 || *p > 0x7e || *p == '=')
			*p = '?';
}

int flash_trial_back(struct flash_role *f, const char *reason)
{
	int r;

	/* Of an image that is armed but has never run, there is nothing to say. */
	if (!f->on_trial)
		return -EALREADY;
	r = flash_change(f, step_fall_back, reason);
	if (!r)
		f->on_trial = false;
	return r;
}

uint32_t flash_trial_facts(const struct flash_role *f)
{
	return (f->trial.healthy ? SLOT_HEALTHY : 0u) | (f->trial.managed ? SLOT_MANAGED : 0u);
}

uint32_t flash_trial_left(const struct flash_role *f)
{
	uint64_t now = now_ms(), end = trial_end(&f->trial, now);

	if (end == TRIAL_NEVER)
		return UINT32_MAX;
	return end > now ? (uint32_t)((end - now + 999) / 1000) : 0;
}

int flash_trial_timeout(void *self)
{
	const struct flash_role *f = self;
	struct trial ask = f->trial;
	uint64_t now, again;

	if (f->ending)
		return 0;
	if (!f->on_trial)
		return -1;
	now = now_ms();
	if (trial_step(&ask, now, &again) != TRIAL_WAIT)
		again = now;
	if (again < f->not_before_ms)
		again = f->not_before_ms;
	if (again <= now)
		return 0;
	return again - now < FLASH_TRIAL_POLL_MS ? (int)(again - now) : FLASH_TRIAL_POLL_MS;
}

static void confirm(struct flash_role *f, uint64_t now)
{
	int r = flash_change(f, step_confirm, NULL);

	f->not_before_ms = now + FLASH_RETRY_MS;
	if (r && r != -EALREADY)
		return;
	f->on_trial = false;
	if (!r)
		audit("slot_confirm", AUDIT_DONE, "role", "flash", "cause",
		      "the image on trial works");
}

static void go_back(struct flash_role *f, uint64_t now, const char *reason)
{
	int r = flash_trial_back(f, reason);

	f->not_before_ms = now + FLASH_RETRY_MS;
	if (r == -EALREADY) {
		log_err("flash: the image on trial fails (%s), and there is none to go back to",
			reason);
		f->on_trial = false;
	} else if (!r) {
		audit("slot_fall_back", AUDIT_DONE, "role", "flash", "cause", reason);
		f->ending = true;
	}
}

void flash_trial_tick(void *self)
{
	struct flash_role *f = self;
	char reason[SLOT_REASON_MAX + 1];
	uint64_t again, now = now_ms();

	/* One turn of the loop later, so that what the agent was told has been sent. */
	if (f->ending)
		_exit(HELPER_EXIT_REBOOT);
	if (!f->on_trial || now < f->not_before_ms)
		return;
	switch (trial_step(&f->trial, now, &again)) {
	case TRIAL_BOOTED:
		(void)flash_change(f, step_booted, NULL);
		break;
	case TRIAL_CONFIRM:
		confirm(f, now);
		break;
	case TRIAL_SICK:
		(void)snprintf(reason, sizeof(reason), "health: %.55s", f->ails);
		go_back(f, now, reason);
		break;
	case TRIAL_SILENT:
		(void)snprintf(reason, sizeof(reason), "silence: no session with the ACS in %u s",
			       f->trial.rules.silence_s);
		go_back(f, now, reason);
		break;
	case TRIAL_WAIT:
	default:
		break;
	}
}
