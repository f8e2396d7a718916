/* SPDX-License-Identifier: Apache-2.0 */
/* Updates of a box in memory, on NAND and on NOR, with the power cut at every operation. */
#include "tests/unit/update_box.h"

static void an_update_boots_on_trial_and_stays_once_confirmed(void **state)
{
	struct box b;
	struct slots s;

	(void)state;
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

	(void)state;
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

/* Install, boot on trial, confirm: count its flash operations, or be cut at one of them. */
static void life(struct box *b, uint64_t cut_at)
{
	struct slots s;

	power_on(b, cut_at);
	(void)install(b, &new_image);
	if (!bootenv_load(&b->bootenv) && !slots_read(&s, &b->bootenv.env) &&
	    s.phase == SLOT_TRIAL && !slots_confirm(&b->bootenv.env))
		(void)bootenv_save(&b->bootenv);
}

static uint64_t count_operations(void)
{
	struct box b;
	uint64_t ops;

	box_init(&b);
	life(&b, 0);
	ops = b.power.ops;
	box_free(&b);
	return ops;
}

static void F7_power_cut_at_every_flash_operation(void **state)
{
	uint64_t ops = count_operations();
	unsigned int old = 0, new = 0;

	(void)state;
	assert_true(ops > PAYLOAD / PAGE);
	for (uint64_t n = 1; n <= ops; n++) {
		const struct image *im;
		struct box b;
		struct slots s;

		box_init(&b);
		life(&b, n);
		assert_true(b.power.off);
		im = boot(&b, &s);
		assert_non_null(im);
		*(im == &old_image ? &old : &new) += 1;
		/* The next try works, whatever the cut left behind. */
		if (im == &old_image) {
			assert_installed(install(&b, &new_image));
			assert_ptr_equal(boot(&b, &s), &new_image);
		}
		box_free(&b);
	}
	assert_true(old && new);
}

static void F7_two_cuts_at_random_operations(void **state)
{
	uint64_t ops = count_operations();
	uint32_t random = 20;

	(void)state;
	for (int i = 0; i < 400; i++) {
		struct box b;
		struct slots s;

		box_init(&b);
		life(&b, 1 + (random = random * 1664525 + 1013904223) % ops);
		life(&b, 1 + (random = random * 1664525 + 1013904223) % ops);
		assert_non_null(boot(&b, &s));
		box_free(&b);
	}
}

static void F6_a_silent_bit_error_never_arms_the_slot(void **state)
{
	struct box b;
	struct slots s;
	struct outcome o;

	(void)state;
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

	(void)state;
	box_init(&b);
	b.slot[SLOT_B].weak[1] = b.slot[SLOT_B].weak[7] = b.env[1].weak[0] = true;
	assert_installed(install(&b, &new_image));
	assert_true(b.slot[SLOT_B].bad[1] && b.slot[SLOT_B].bad[7] && b.env[1].bad[0]);
	assert_ptr_equal(boot(&b, &s), &new_image);
	box_free(&b);
}

static void F8_a_slot_too_small_is_refused_before_any_write(void **state)
{
	struct box b;
	struct slots s;
	struct outcome o;

	(void)state;
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

	(void)state;
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

static void F8_nor_that_fails_is_the_end_of_the_update(void **state)
{
	struct box b;
	struct slots s;

	(void)state;
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
		cmocka_unit_test(an_update_boots_on_trial_and_stays_once_confirmed),
		cmocka_unit_test(F9_an_unconfirmed_slot_falls_back_after_its_boots),
		cmocka_unit_test(F7_power_cut_at_every_flash_operation),
		cmocka_unit_test(F7_two_cuts_at_random_operations),
		cmocka_unit_test(F6_a_silent_bit_error_never_arms_the_slot),
		cmocka_unit_test(F8_blocks_that_fail_are_marked_and_skipped),
		cmocka_unit_test(F8_a_slot_too_small_is_refused_before_any_write),
		cmocka_unit_test(F4_F5_no_second_update_while_one_is_on_trial),
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
		cmocka_unit_test(F8_nor_that_fails_is_the_end_of_the_update),
	};

	return cmocka_run_group_tests_name("update", nand, setup, teardown) +
	       cmocka_run_group_tests_name("update", nor, setup_nor, teardown);
}
