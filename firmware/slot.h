/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of two slots boots, and when that may change. The state lies in the boot loader's
 * environment; each step here changes a copy of it, which the caller puts to flash as a whole
 * before it goes on. A cut between any two steps leaves a slot that boots. Pure.
 *
 *	sp_slot=a|b		the slot to boot
 *	sp_ok_a, sp_ok_b	1: holds a whole, verified image
 *	sp_version_a, ..._b	its version, as the manifest says
 *	upgrade_available	1: sp_slot is on trial; U-Boot counts boots only then
 *	bootcount, bootlimit	U-Boot's own; above the limit its altbootcmd goes back
 *	sp_counter		security counter of the confirmed image
 *	sp_trial		the counter that the image on trial brings
 *	sp_fellback		why a trial ended: "boot" (the loader), or what the agent said
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "firmware/env.h"

enum slot_id { SLOT_A, SLOT_B, SLOTS };
enum slot_phase {
	SLOT_STEADY,	/* the running image is confirmed */
	SLOT_TRIAL,	/* it has still to show that it works */
	SLOT_FELL_BACK, /* the one before it runs again, and nobody has reported that yet */
};

#define SLOT_BOOTLIMIT 3u /* boots of an image on trial, unless the environment says otherwise */
#define SLOT_REASON_MAX 64

struct slots {
	enum slot_id boot;
	bool ok[SLOTS];
	enum slot_phase phase;
	uint32_t bootcount, bootlimit;
	uint32_t counter, trial_counter;
	const char *version[SLOTS]; /* in the environment; NULL: not known */
	const char *reason;	    /* SLOT_FELL_BACK: in the environment */
};

/* 0, or -EINVAL when the environment names no slot: then nothing may be written. */
int slots_read(struct slots *s, const struct env *e);
static inline enum slot_id slot_other(enum slot_id id)
{
	return id == SLOT_A ? SLOT_B : SLOT_A;
}

/*
 * The slot that does not run is about to be erased. -EBUSY on trial: it is what a fall-back needs;
 * and when it is the one to boot next. -EALREADY: the environment says so already.
 */
int slots_begin(struct env *e, enum slot_id running);
/* It holds a whole image that was read back: boot it next, on trial. -EBUSY: no slots_begin(). */
int slots_arm(struct env *e, enum slot_id running, uint32_t counter, const char *version);
/* The image on trial came up: this boot is not one that bootlimit counts. -EALREADY. */
int slots_booted(struct env *e);
/* The role starts once more in such a boot: it is not a good one before it came up again, or one
 * that starts for ever would be. -EALREADY: it has not come up yet. */
int slots_again(struct env *e);
/* The image on trial works: it stays, and only now the security counter rises. -EALREADY. */
int slots_confirm(struct env *e);
/* It does not work: the other slot boots next. reason: printable, no '='. -EALREADY, -EINVAL. */
int slots_fall_back(struct env *e, const char *reason);
/* The fall-back has been told. -EALREADY. */
int slots_reported(struct env *e);
