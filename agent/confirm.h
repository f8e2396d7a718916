/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change that could cut the box off from its ACS (confirm.paths of sallyport.conf) holds for good
 * once the ACS has answered over a connection that was made after it; any HTTP answer will do. When
 * none comes in time, the values before it come back; but it may be the ACS that was out. So an
 * answer with those has the change tried once more, and only when that brings none, and the values
 * before it bring one again, was it the change that cut the box off. When there is no answer with
 * the values before either, the change holds again, for good: an outage reverts no fleet. Pure.
 */
#pragma once

#include <stdbool.h>

enum confirm_phase {
	CONFIRM_NONE,
	CONFIRM_NEW,   /* the change holds, and waits for an answer */
	CONFIRM_OLD,   /* the values before it do */
	CONFIRM_AGAIN, /* the change does, and the ACS is known to be in service */
	CONFIRM_LAST,  /* the values before it do, and the change has failed twice */
	CONFIRM_PHASES
};

enum confirm_input {
	CONFIRM_CHANGED,  /* by the ACS */
	CONFIRM_ANSWERED, /* the ACS has, since */
	CONFIRM_DUE,	  /* nothing came in time */
	CONFIRM_DECIDED,  /* somebody at the box has set them */
	CONFIRM_INPUTS
};

enum confirm_act {
	CONFIRM_NOTHING,
	CONFIRM_WAIT,	/* from now on */
	CONFIRM_FORGET, /* what holds is what is wanted */
	CONFIRM_PUT,	/* the values of the new phase (of CONFIRM_NONE: the change's); then wait */
};

struct confirm_step {
	enum confirm_phase phase; /* from now on */
	enum confirm_act act;
};
struct confirm_step confirm_step(enum confirm_phase, enum confirm_input);

/* Do the values before the change hold? */
bool confirm_is_old(enum confirm_phase);

/* The store's word for a phase; and back: a word that is none is CONFIRM_PHASES. */
const char *confirm_word(enum confirm_phase);
enum confirm_phase confirm_phase(const char *word);

/* paths: confirm.paths, parameters and objects (with the final dot), parted by blanks. */
bool confirm_covers(const char *paths, const char *parameter);
