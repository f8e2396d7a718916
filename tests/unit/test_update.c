/* SPDX-License-Identifier: Apache-2.0 */
/* Updates of a box in memory, on NAND and on NOR, with the power cut at every operation. */
#include <stdlib.h>

#include "tests/unit/update_box.h"

static uint32_t number_of(const char *name, uint32_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? (uint32_t)strtoul(text, NULL, 10) : otherwise;
}

static uint32_t next(uint32_t *random)
{
	*random = *random * 1664525 + 1013904223;
	return *random >> 8;
}

static void an_update_boots_on_trial_and_stays_once_confirmed(void **state)
{
	struct box b;
	struct slots s;

	box_init(&b);
	assert_installed(install(&b, &new_image));
	assert_ptr_equal(boot(&b, &s), &new_image);
	assert_int_equal(s.phase, SLOT_TRIAL);
	assert_int_equal(s.counter, 3);
	assert_int_equal(slots_confirm(&b.bootenv.env), 0);
	assert_int_equal(bootenv_save(&b.bootenv), 0);
	for (int i = 0; i < 5; i++)
		assert_ptr_equal(boot(&b, &s), &new_image);
	assert_int_equal(s.phase, SLOT_STEADY);
	assert_int_equal(s.counter, 4);
	box_free(&b);
}

static void F9_an_unconfirmed_slot_falls_back_after_its_boots(void **state)
{
	struct box b;
	struct slots s;

	box_init(&b);
	assert_installed(install(&b, &new_image));
	for (uint32_t i = 0; i < SLOT_BOOTLIMIT; i++)
		assert_ptr_equal(boot(&b, &s), &new_image);
	assert_ptr_equal(boot(&b, &s), &old_image);
	assert_int_equal(s.phase, SLOT_FELL_BACK);
	assert_string_equal(s.reason, "boot");
	assert_int_equal(s.counter, 3);
	assert_ptr_equal(boot(&b, &s), &old_image);
	box_free(&b);
}

/* How the life of an image on trial ends. */
enum end { END_CONFIRMED, END_SENT_BACK, END_NEVER_UP, ENDS };

static void step(struct box *b, int (*change)(struct env *))
{
	if (!bootenv_load(&b->bootenv) && !change(&b->bootenv.env))
		(void)bootenv_save(&b->bootenv);
}

static int send_back(struct env *e)
{
	return slots_fall_back(e, "health: a test");
}

/* Start, install, start on trial, and one of the ends: all that ever writes, box or boot loader. */
static void life(struct box *b, enum end end, uint64_t cut_at)
{
	struct slots s;

	power_on(b, cut_at);
	(void)loader(b, &s);
	(void)install(b, &new_image);
	(void)loader(b, &s);
	switch (end) {
	case END_CONFIRMED:
		step(b, slots_booted);
		step(b, slots_confirm);
		break;
	case END_SENT_BACK:
		step(b, send_back);
		break;
	case END_NEVER_UP:
	default:
		for (uint32_t i = 0; i < SLOT_BOOTLIMIT; i++)
			(void)loader(b, &s);
	}
	(void)loader(b, &s);
	step(b, slots_reported);
}

/* A box as it comes, or with blocks that fail, which NAND marks: marking may be cut too. */
static void any_box(struct box *b, bool weak)
{
	box_init(b);
	if (weak)
		b->slot[SLOT_B].weak[1] = b->slot[SLOT_B].weak[7] = b->env[0].weak[1] =
			b->env[1].weak[0] = true;
}

static uint64_t count_operations(enum end end, bool weak)
{
	struct box b;
	uint64_t ops;

	any_box(&b, weak);
	life(&b, end, 0);
	ops = b.power.ops;
	box_free(&b);
	return ops;
}

/* A whole image, from a slot that the environment calls whole; the counter is of what stayed. */
static const struct image *comes_up(struct box *b)
{
	struct slots s;
	const struct image *im = boot(b, &s);

	assert_non_null(im);
	assert_true(s.ok[s.boot]);
	if (im == &old_image)
		assert_int_equal(s.counter, 3);
	else if (s.phase != SLOT_TRIAL)
		assert_int_equal(s.counter, 4);
	return im;
}

static void cut_at_every_operation(enum end end, bool weak)
{
	uint64_t ops = count_operations(end, weak);
	unsigned int old = 0, new = 0;

	assert_true(ops > PAYLOAD / PAGE);
	for (uint64_t n = 1; n <= ops; n++) {
		struct box b;
		struct slots s;

		any_box(&b, weak);
		life(&b, end, n);
		assert_true(b.power.off);
		if (comes_up(&b) == &new_image) {
			new ++;
		} else {
			old++;
			/* The next try works, whatever the cut left behind. */
			assert_installed(install(&b, &new_image));
			assert_ptr_equal(boot(&b, &s), &new_image);
		}
		box_free(&b);
	}
	print_message("end %u%s: %u cuts, then %u times the old image and %u the new one\n", end,
		      weak ? ", weak blocks" : "", (unsigned int)ops, old, new);
	assert_true(old && new);
}

static void F7_power_cut_at_every_flash_operation(void **state)
{
	for (int end = 0; end < ENDS; end++) {
		cut_at_every_operation((enum end)end, false);
		if (!on_nor)
			cut_at_every_operation((enum end)end, true);
	}
}

static void F7_two_cuts_at_random_operations(void **state)
{
	uint32_t random = number_of("SEED", 20), pairs = number_of("ROUNDS", 200);
	uint64_t ops[ENDS];

	print_message("SEED=%u, %u pairs\n", random, pairs);
	for (int end = 0; end < ENDS; end++)
		ops[end] = count_operations((enum end)end, false);
	for (uint32_t i = 0; i < pairs; i++) {
		struct box b;

		box_init(&b);
		for (int cut = 0; cut < 2; cut++) {
			enum end end = (enum end)(next(&random) % ENDS);

			life(&b, end, 1 + next(&random) % ops[end]);
			(void)comes_up(&b);
		}
		box_free(&b);
	}
}

static void F6_a_silent_bit_error_never_arms_the_slot(void **state)
{
	struct box b;
	struct slots s;
	struct outcome o;

	box_init(&b);
	b.slot[SLOT_B].silent = true;
	o = install(&b, &new_image);
	assert_int_equal(o.error, on_nor ? -EIO : -ENOSPC);
	assert_ptr_equal(boot(&b, &s), &old_image);
	assert_int_equal(s.phase, SLOT_STEADY);
	assert_false(s.ok[SLOT_B]);
	box_free(&b);
}

static void F8_blocks_that_fail_are_marked_and_skipped(void **state)
{
	struct box b;
	struct slots s;

	box_init(&b);
	b.slot[SLOT_B].weak[1] = b.slot[SLOT_B].weak[7] = b.env[1].weak[0] = true;
	assert_installed(install(&b, &new_image));
	assert_true(b.slot[SLOT_B].bad[1] && b.slot[SLOT_B].bad[7] && b.env[1].bad[0]);
	assert_ptr_equal(boot(&b, &s), &new_image);
	box_free(&b);
}

/* Its blocks were bad when it was made, or failed later: what is left of it is no copy. */
static void F8_an_environment_without_room_for_one_copy_still_boots(void **state)
{
	for (int i = 0; i < 2; i++) {
		struct box b;
		struct slots s;

		box_init(&b);
		memset(b.env[i].bad, true, ENV_BLOCKS);
		assert_ptr_equal(boot(&b, &s), &old_image);
		/* Never over the only copy: there is no update any more. */
		assert_int_equal(install(&b, &new_image).error, -ENOSPC);
		assert_ptr_equal(boot(&b, &s), &old_image);
		box_free(&b);
	}
}

static void F8_an_environment_without_any_copy_says_nothing(void **state)
{
	struct box b;
	struct slots s;

	box_init(&b);
	b.env[0].pages[BLOCK / PAGE] = b.env[1].pages[0] = PAGE_TORN;
	power_on(&b, 0);
	assert_int_equal(bootenv_load(&b.bootenv), -ENOENT);
	assert_int_equal(slots_read(&s, &b.bootenv.env), -EINVAL);
	assert_int_equal(install(&b, &new_image).error, -ENOENT);
	box_free(&b);

	box_init(&b);
	b.power.off = true;
	assert_int_equal(bootenv_load(&b.bootenv), -ENODEV);
	assert_int_equal(slots_read(&s, &b.bootenv.env), -EINVAL);
	box_free(&b);
}

static void F8_a_slot_too_small_is_refused_before_any_write(void **state)
{
	struct box b;
	struct slots s;
	struct outcome o;

	box_init(&b);
	for (int i = 6; i < 10; i++)
		b.slot[SLOT_B].bad[i] = true;
	b.power.ops = 0;
	o = install(&b, &new_image);
	assert_int_equal(o.reason, FW_TOO_BIG);
	assert_int_equal(b.power.ops, 0);
	assert_ptr_equal(boot(&b, &s), &old_image);
	assert_true(s.ok[SLOT_B]);
	box_free(&b);
}

static void F4_F5_no_second_update_while_one_is_on_trial(void **state)
{
	struct box b;
	struct slots s;

	box_init(&b);
	assert_installed(install(&b, &new_image));
	assert_ptr_equal(boot(&b, &s), &new_image);
	assert_int_equal(install(&b, &old_image).error, -EBUSY);
	assert_int_equal(slots_confirm(&b.bootenv.env), 0);
	assert_int_equal(bootenv_save(&b.bootenv), 0);
	assert_int_equal(install(&b, &old_image).reason, FW_DOWNGRADE);
	assert_ptr_equal(load(&b, SLOT_A), &old_image);
	box_free(&b);
}

static void F5_beginning_again_and_again_wears_no_environment(void **state)
{
	struct box b;
	uint64_t ops = 0;

	box_init(&b);
	for (int i = 0; i < 3; i++) {
		int error;

		assert_int_equal(update_begin(&b.update, new_image.manifest, MANIFEST,
					      new_image.sig, &error),
				 FW_OK);
		assert_int_equal(error, 0);
		assert_true(i == 0 || b.env[0].ops + b.env[1].ops == ops);
		ops = b.env[0].ops + b.env[1].ops;
	}
	assert_installed(install(&b, &new_image));
	box_free(&b);
}

static void F8_nor_that_fails_is_the_end_of_the_update(void **state)
{
	struct box b;
	struct slots s;

	box_init(&b);
	/* A reader would not skip the block: nothing is marked, and nothing is armed. */
	b.slot[SLOT_B].weak[3] = true;
	assert_int_equal(install(&b, &new_image).error, -EIO);
	assert_false(b.slot[SLOT_B].bad[3]);
	assert_ptr_equal(boot(&b, &s), &old_image);
	assert_int_equal(s.phase, SLOT_STEADY);
	box_free(&b);
}

int main(void)
{
	const struct CMUnitTest nand[] = {
		UNIT(an_update_boots_on_trial_and_stays_once_confirmed),
		UNIT(F9_an_unconfirmed_slot_falls_back_after_its_boots),
		UNIT(F7_power_cut_at_every_flash_operation),
		UNIT(F7_two_cuts_at_random_operations),
		UNIT(F6_a_silent_bit_error_never_arms_the_slot),
		UNIT(F8_blocks_that_fail_are_marked_and_skipped),
		UNIT(F8_an_environment_without_room_for_one_copy_still_boots),
		UNIT(F8_an_environment_without_any_copy_says_nothing),
		UNIT(F8_a_slot_too_small_is_refused_before_any_write),
		UNIT(F4_F5_no_second_update_while_one_is_on_trial),
		UNIT(F5_beginning_again_and_again_wears_no_environment),
	};
	const struct CMUnitTest nor[] = {
		{ "nor_an_update_boots_on_trial_and_stays_once_confirmed",
		  an_update_boots_on_trial_and_stays_once_confirmed, NULL, NULL, NULL },
		{ "nor_F9_an_unconfirmed_slot_falls_back_after_its_boots",
		  F9_an_unconfirmed_slot_falls_back_after_its_boots, NULL, NULL, NULL },
		{ "nor_F7_power_cut_at_every_flash_operation",
		  F7_power_cut_at_every_flash_operation, NULL, NULL, NULL },
		{ "nor_F7_two_cuts_at_random_operations", F7_two_cuts_at_random_operations, NULL,
		  NULL, NULL },
		{ "nor_F6_a_silent_bit_error_never_arms_the_slot",
		  F6_a_silent_bit_error_never_arms_the_slot, NULL, NULL, NULL },
		UNIT(F8_nor_that_fails_is_the_end_of_the_update),
	};

	return cmocka_run_group_tests_name("update", nand, setup, teardown) +
	       cmocka_run_group_tests_name("update", nor, setup_nor, teardown);
}
