/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the trial of a new image ends. It must show local health, and hold it; then, where the
 * operator wants that, one session with the ACS that ends well. What does not come in time sends
 * the box back. An ACS that is silent says little about the image: it alone never sends a box back
 * within TRIAL_SILENCE_MIN_S. Boots that do not come so far are counted by the boot loader.
 * Pure: times are milliseconds since the boot.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define TRIAL_SILENCE_MIN_S 86400u
#define TRIAL_NEVER UINT64_MAX

struct trial_rules {
	bool managed;	    /* a session with the ACS is wanted too */
	uint32_t settle_s;  /* health has to hold for so long */
	uint32_t health_s;  /* and to have done so this long after the boot, or after it was lost */
	uint32_t silence_s; /* managed: back after so long without a session; 0: waits for ever */
};

struct trial {
	struct trial_rules rules;
	bool healthy, managed; /* as vouched for; managed once is managed */
	bool booted;	       /* TRIAL_BOOTED was said */
	uint64_t since_ms;     /* healthy: from when on */
	uint64_t good_ms;      /* when health was settled last; 0: the boot */
};

enum trial_act {
	TRIAL_WAIT,
	TRIAL_BOOTED,  /* once: this boot counts as a good one */
	TRIAL_CONFIRM, /* the image stays */
	TRIAL_SICK,    /* back: no local health in time */
	TRIAL_SILENT,  /* back: no session with the ACS in time */
};

/* What holds at now. A fact that is the same as before changes nothing. */
void trial_vouch(struct trial *t, uint64_t now_ms, bool healthy, bool managed);
/* What is to be done at now, and (TRIAL_WAIT) when to ask again: a time, or TRIAL_NEVER. */
enum trial_act trial_step(struct trial *t, uint64_t now_ms, uint64_t *again_ms);
/* Until when the image may be confirmed if nothing changes: a time, or TRIAL_NEVER. */
uint64_t trial_end(const struct trial *t, uint64_t now_ms);
