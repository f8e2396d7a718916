/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "firmware/slot.h"
#include "tests/unit/unit.h"

#define SIZE 4096

static uint8_t bytes[2][SIZE];

static struct env fresh(int i)
{
	struct env e = { bytes[i], SIZE };

	env_clear(&e);
	return e;
}

static struct env steady_on_a(void)
{
	struct env e = fresh(0);

	assert_int_equal(env_set(&e, "bootcmd", "run boot_${sp_slot}"), 0);
	assert_int_equal(env_set(&e, "sp_slot", "a"), 0);
	assert_int_equal(env_set(&e, "sp_ok_a", "1"), 0);
	assert_int_equal(env_set(&e, "sp_ok_b", "1"), 0);
	assert_int_equal(env_set(&e, "sp_counter", "3"), 0);
	return e;
}

static struct slots read_slots(const struct env *e)
{
	struct slots s;

	assert_int_equal(slots_read(&s, e), 0);
	return s;
}

static void crc_is_that_of_zlib(void **state)
{
	assert_int_equal(env_crc32("123456789", 9), 0xcbf43926);
	assert_int_equal(env_crc32("", 0), 0);
}

static void environment_sets_replaces_and_removes(void **state)
{
	struct env e = fresh(0);
	char big[SIZE];

	assert_null(env_get(&e, "a"));
	assert_int_equal(env_set(&e, "a", "1"), 0);
	assert_int_equal(env_set(&e, "ab", "2=3"), 0);
	assert_int_equal(env_set(&e, "a", "longer"), 0);
	assert_string_equal(env_get(&e, "a"), "longer");
	assert_string_equal(env_get(&e, "ab"), "2=3");
	assert_int_equal(env_get_u32(&e, "ab", 9), 9);
	assert_int_equal(env_set(&e, "a", NULL), 0);
	assert_null(env_get(&e, "a"));
	assert_int_equal(env_set(&e, "", "x"), -EINVAL);
	assert_int_equal(env_set(&e, "a=b", "x"), -EINVAL);
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = 0;
	assert_int_equal(env_set(&e, "big", big), -ENOSPC);
	big[SIZE - ENV_HEAD_BYTES - strlen("ab=2=3") - strlen("big=") - 3] = 0;
	assert_int_equal(env_set(&e, "big", big), 0);
	assert_int_equal(env_set(&e, "n", ""), -ENOSPC);
	env_seal(&e, ENV_COUNTING, 255);
	assert_true(env_good(&e));
}

static void the_newer_good_copy_counts_and_a_torn_one_never_does(void **state)
{
	struct env one = fresh(0), two = fresh(1);

	assert_int_equal(env_newest(&one, &two, ENV_COUNTING), -ENOENT);
	env_set(&one, "v", "old");
	env_seal(&one, ENV_COUNTING, 254);
	assert_int_equal(env_newest(&one, &two, ENV_COUNTING), 0);
	env_set(&two, "v", "new");
	env_seal(&two, ENV_COUNTING, one.bytes[4]);
	assert_int_equal(two.bytes[4], 0);
	assert_int_equal(env_newest(&one, &two, ENV_COUNTING), 1);
	assert_int_equal(env_newest(&two, &one, ENV_COUNTING), 0);
	for (size_t i = 0; i < SIZE; i++) {
		if (i == 4)
			continue; /* flags are outside of the CRC */
		two.bytes[i] ^= 0x10;
		assert_int_equal(env_newest(&one, &two, ENV_COUNTING), 0);
		two.bytes[i] ^= 0x10;
	}
	env_seal(&one, ENV_MARKING, 0);
	env_seal(&two, ENV_MARKING, 0);
	one.bytes[4] = ENV_OBSOLETE;
	assert_int_equal(env_newest(&one, &two, ENV_MARKING), 1);
}

static void of_a_name_that_is_there_twice_the_last_counts_and_both_are_replaced(void **state)
{
	struct env e = fresh(0);

	memcpy(e.bytes + ENV_HEAD_BYTES, "x=1\0y=2\0x=3\0", 13);
	assert_string_equal(env_get(&e, "x"), "3");
	assert_int_equal(env_set(&e, "x", "4"), 0);
	assert_string_equal(env_get(&e, "x"), "4");
	assert_int_equal(env_set(&e, "x", NULL), 0);
	assert_null(env_get(&e, "x"));
	assert_string_equal(env_get(&e, "y"), "2");
}

static void strings_without_an_end_are_not_good(void **state)
{
	struct env e = fresh(0);
	uint32_t crc;

	memset(e.bytes + ENV_HEAD_BYTES, 'x', SIZE - ENV_HEAD_BYTES);
	crc = env_crc32(e.bytes + ENV_HEAD_BYTES, SIZE - ENV_HEAD_BYTES);
	memcpy(e.bytes, &crc, 4);
	assert_false(env_good(&e));
	assert_null(env_get(&e, "x"));
	assert_int_equal(env_set(&e, "a", "1"), -EINVAL);
}

static void F4_the_counter_rises_only_on_confirmation(void **state)
{
	struct env e = steady_on_a();

	assert_int_equal(slots_begin(&e, SLOT_A), 0);
	assert_false(read_slots(&e).ok[SLOT_B]);
	assert_int_equal(slots_arm(&e, SLOT_A, 5, "2.0"), 0);
	assert_int_equal(read_slots(&e).boot, SLOT_B);
	assert_int_equal(read_slots(&e).phase, SLOT_TRIAL);
	assert_string_equal(read_slots(&e).version[SLOT_B], "2.0");
	assert_int_equal(read_slots(&e).counter, 3);
	assert_int_equal(slots_confirm(&e), 0);
	assert_int_equal(read_slots(&e).phase, SLOT_STEADY);
	assert_int_equal(read_slots(&e).counter, 5);
	assert_int_equal(slots_confirm(&e), -EALREADY);
}

static void F4_the_counter_never_falls(void **state)
{
	struct env e = steady_on_a();

	assert_int_equal(slots_begin(&e, SLOT_A), 0);
	assert_int_equal(slots_arm(&e, SLOT_A, 5, "2.0"), 0);
	/* Written by hand while the image was on trial. */
	env_set(&e, "sp_counter", "7");
	assert_int_equal(slots_confirm(&e), 0);
	assert_int_equal(read_slots(&e).counter, 7);
}

static void F5_nothing_is_written_while_the_other_slot_is_the_way_back(void **state)
{
	struct env e = steady_on_a();

	assert_int_equal(slots_arm(&e, SLOT_A, 4, "2.0"), -EBUSY);
	assert_int_equal(slots_begin(&e, SLOT_A), 0);
	assert_int_equal(slots_begin(&e, SLOT_A), -EALREADY);
	assert_int_equal(slots_arm(&e, SLOT_A, 4, "2.0"), 0);
	assert_int_equal(slots_begin(&e, SLOT_A), -EBUSY);
	assert_int_equal(slots_arm(&e, SLOT_A, 4, "2.0"), -EBUSY);
}

static void F5_the_running_slot_is_not_touched_when_the_other_boots_next(void **state)
{
	struct env e = steady_on_a();

	/* Somebody else chose slot b for the next boot: what runs is still a. */
	env_set(&e, "sp_slot", "b");
	assert_int_equal(slots_begin(&e, SLOT_A), -EBUSY);
	env_set(&e, "sp_ok_a", "0");
	assert_int_equal(slots_arm(&e, SLOT_A, 4, "2.0"), -EBUSY);
}

static void F9_a_boot_that_came_up_is_not_counted(void **state)
{
	struct env e = steady_on_a();

	assert_int_equal(slots_booted(&e), -EALREADY);
	assert_int_equal(slots_begin(&e, SLOT_A), 0);
	assert_int_equal(slots_arm(&e, SLOT_A, 5, "2.0"), 0);
	env_set(&e, "bootcount", "2");
	assert_int_equal(slots_booted(&e), 0);
	assert_int_equal(read_slots(&e).bootcount, 0);
	assert_int_equal(read_slots(&e).phase, SLOT_TRIAL);
	assert_int_equal(slots_booted(&e), -EALREADY);
	assert_int_equal(slots_again(&e), 0);
	assert_int_equal(read_slots(&e).bootcount, 1);
	assert_int_equal(slots_again(&e), -EALREADY);
}

static void F9_a_fall_back_keeps_counter_and_reason_until_told(void **state)
{
	struct env e = steady_on_a();

	assert_int_equal(slots_fall_back(&e, "no need"), -EALREADY);
	assert_int_equal(slots_begin(&e, SLOT_A), 0);
	assert_int_equal(slots_arm(&e, SLOT_A, 5, "2.0"), 0);
	assert_int_equal(slots_fall_back(&e, "a=b"), -EINVAL);
	assert_int_equal(slots_fall_back(&e, "radio did not come up"), 0);
	assert_int_equal(read_slots(&e).boot, SLOT_A);
	assert_int_equal(read_slots(&e).phase, SLOT_FELL_BACK);
	assert_int_equal(read_slots(&e).counter, 3);
	assert_false(read_slots(&e).ok[SLOT_B]);
	assert_string_equal(read_slots(&e).reason, "radio did not come up");
	assert_int_equal(slots_reported(&e), 0);
	assert_int_equal(read_slots(&e).phase, SLOT_STEADY);
	assert_int_equal(slots_reported(&e), -EALREADY);
}

/* As a factory may leave it: neither marks nor a limit that U-Boot would keep. */
static void F9_a_trial_always_has_an_end_and_a_way_back(void **state)
{
	struct env e = fresh(0);

	assert_int_equal(env_set(&e, "sp_slot", "a"), 0);
	assert_int_equal(env_set(&e, "bootlimit", "0"), 0);
	assert_int_equal(slots_begin(&e, SLOT_A), -EALREADY);
	assert_int_equal(slots_arm(&e, SLOT_A, 5, "2.0"), 0);
	assert_int_equal(env_get_u32(&e, "bootlimit", 0), SLOT_BOOTLIMIT);
	assert_int_equal(slots_fall_back(&e, "health: a test"), 0);
	assert_int_equal(read_slots(&e).boot, SLOT_A);
}

static void an_environment_that_names_no_slot_stops_everything(void **state)
{
	struct env e = fresh(0);
	struct slots s;

	assert_int_equal(slots_read(&s, &e), -EINVAL);
	env_set(&e, "sp_slot", "c");
	assert_int_equal(slots_read(&s, &e), -EINVAL);
	assert_int_equal(slots_begin(&e, SLOT_A), -EINVAL);
	assert_int_equal(slots_arm(&e, SLOT_A, 1, "2.0"), -EINVAL);
	assert_int_equal(slots_confirm(&e), -EINVAL);
	assert_int_equal(slots_fall_back(&e, "x"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(crc_is_that_of_zlib),
		UNIT(environment_sets_replaces_and_removes),
		UNIT(the_newer_good_copy_counts_and_a_torn_one_never_does),
		UNIT(of_a_name_that_is_there_twice_the_last_counts_and_both_are_replaced),
		UNIT(strings_without_an_end_are_not_good),
		UNIT(F4_the_counter_rises_only_on_confirmation),
		UNIT(F4_the_counter_never_falls),
		UNIT(F5_nothing_is_written_while_the_other_slot_is_the_way_back),
		UNIT(F5_the_running_slot_is_not_touched_when_the_other_boots_next),
		UNIT(F9_a_boot_that_came_up_is_not_counted),
		UNIT(F9_a_fall_back_keeps_counter_and_reason_until_told),
		UNIT(F9_a_trial_always_has_an_end_and_a_way_back),
		UNIT(an_environment_that_names_no_slot_stops_everything),
	};

	return cmocka_run_group_tests_name("slot", tests, NULL, NULL);
}
