/* SPDX-License-Identifier: Apache-2.0 */
/* Changes that could cut the box off from its ACS: what is left of them in which world. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "agent/confirm.h"

static void names_of_parameters_and_objects_cover(void **state)
{
	static const char paths[] = " Device.A.  Device.B.C\tDevice.D ";

	assert_true(confirm_covers(paths, "Device.A.X"));
	assert_true(confirm_covers(paths, "Device.A.X.Y"));
	assert_true(confirm_covers(paths, "Device.B.C"));
	assert_false(confirm_covers(paths, "Device.B.CC"));
	assert_false(confirm_covers(paths, "Device.B.C.D"));
	assert_false(confirm_covers(paths, "Device.B"));
	assert_false(confirm_covers(paths, "Device.AA.X"));
	assert_false(confirm_covers(paths, "Device."));
	assert_false(confirm_covers("", "Device.A.X"));
}

static void a_phase_is_known_by_its_word(void **state)
{
	enum confirm_phase p;

	for (p = CONFIRM_NONE; p < CONFIRM_PHASES; p++)
		assert_int_equal(confirm_phase(confirm_word(p)), p);
	assert_int_equal(confirm_phase(""), CONFIRM_PHASES);
	assert_int_equal(confirm_phase("newer"), CONFIRM_PHASES);
}

/* A box whose change may cut it off, and an ACS that is in service or not, wait by wait. */
#define WAITS 4
struct world {
	enum confirm_phase phase;
	bool is_old; /* the values that hold */
	unsigned int puts;
};

static void feed(struct world *w, enum confirm_input in)
{
	const struct confirm_step s = confirm_step(w->phase, in);

	if (s.act == CONFIRM_PUT) {
		assert_int_not_equal(w->is_old, confirm_is_old(s.phase));
		w->is_old = confirm_is_old(s.phase);
		w->puts++;
	}
	/* whatever waits has an end, and what has ended does not begin by itself */
	assert_int_equal(w->phase == CONFIRM_NONE && in != CONFIRM_CHANGED,
			 s.act == CONFIRM_NOTHING);
	w->phase = s.phase;
}

/* served: bit n, is the ACS in service during the n-th wait? */
static bool taken_back(bool cuts, unsigned int served)
{
	struct world w = { 0 };
	unsigned int i;

	feed(&w, CONFIRM_CHANGED);
	assert_int_equal(w.phase, CONFIRM_NEW);
	for (i = 0; i < WAITS && w.phase != CONFIRM_NONE; i++)
		feed(&w, served >> i & 1 && (w.is_old || !cuts) ? CONFIRM_ANSWERED : CONFIRM_DUE);
	assert_int_equal(w.phase, CONFIRM_NONE);
	feed(&w, CONFIRM_DUE);
	feed(&w, CONFIRM_ANSWERED);
	assert_true(w.puts <= WAITS);
	return w.is_old;
}

static void only_a_change_that_cuts_off_is_taken_back(void **state)
{
	unsigned int served;

	assert_true(taken_back(true, 0xf));
	for (served = 0; served < 1u << WAITS; served++) {
		/* Out, in, out, in, each at its time, looks like a cut. */
		if (served != 0xa)
			assert_false(taken_back(false, served));
		/* Without an answer to the values before, nobody can know. */
		if (taken_back(true, served))
			assert_int_equal(served & 0xa, 0xa);
	}
}

static void who_is_at_the_box_ends_the_waiting(void **state)
{
	enum confirm_phase p;

	for (p = CONFIRM_NEW; p < CONFIRM_PHASES; p++) {
		assert_int_equal(confirm_step(p, CONFIRM_DECIDED).phase, CONFIRM_NONE);
		assert_int_equal(confirm_step(p, CONFIRM_DECIDED).act, CONFIRM_FORGET);
		assert_int_equal(confirm_step(p, CONFIRM_CHANGED).act, CONFIRM_WAIT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(names_of_parameters_and_objects_cover),
		UNIT(a_phase_is_known_by_its_word),
		UNIT(only_a_change_that_cuts_off_is_taken_back),
		UNIT(who_is_at_the_box_ends_the_waiting),
	};

	return cmocka_run_group_tests_name("confirm", tests, NULL, NULL);
}
