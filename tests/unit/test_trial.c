/* SPDX-License-Identifier: Apache-2.0 */

#include "firmware/trial.h"
#include "tests/unit/unit.h"

#define S(n) ((uint64_t)(n)*1000)

static const struct trial_rules session = {
	.managed = true, .settle_s = 60, .health_s = 600, .silence_s = 86400
};
static const struct trial_rules health = { .settle_s = 60, .health_s = 600 };

/* Runs the trial from one moment to another as the role does; the last act that is not a wait. */
static enum trial_act run(struct trial *t, uint64_t *now, uint64_t until)
{
	for (;;) {
		uint64_t again;
		enum trial_act act = trial_step(t, *now, &again);

		if (act != TRIAL_WAIT && act != TRIAL_BOOTED)
			return act;
		if (act == TRIAL_BOOTED)
			continue;
		assert_true(again > *now);
		if (again > until) {
			*now = until;
			return TRIAL_WAIT;
		}
		*now = again;
	}
}

static void F4_without_local_health_in_time_the_image_goes_back(void **state)
{
	struct trial t = { .rules = session };
	uint64_t now = 0;

	/* The agent reaches the ACS, but says that something local is broken. */
	trial_vouch(&t, S(20), false, true);
	assert_int_equal(run(&t, &now, S(100000)), TRIAL_SICK);
	assert_int_equal(now, S(600));
	assert_false(t.booted);
}

static void F4_health_and_a_session_confirm_and_not_before_health_has_settled(void **state)
{
	struct trial t = { .rules = session };
	uint64_t now = S(30);

	trial_vouch(&t, now, true, false);
	now = S(40);
	trial_vouch(&t, now, true, true);
	assert_int_equal(run(&t, &now, S(1000)), TRIAL_CONFIRM);
	assert_int_equal(now, S(90));
	assert_true(t.booted);
}

static void F4_the_silence_of_an_acs_turns_nobody_back_within_a_day(void **state)
{
	struct trial t = { .rules = session };
	uint64_t now = S(30), again;

	trial_vouch(&t, now, true, false);
	assert_int_equal(run(&t, &now, S(86399)), TRIAL_WAIT);
	assert_true(t.booted);
	/* It comes back in the last second. */
	trial_vouch(&t, now, true, true);
	assert_int_equal(trial_step(&t, now, &again), TRIAL_CONFIRM);
}

static void F4_silence_for_longer_than_the_rule_goes_back_or_waits_for_ever(void **state)
{
	struct trial t = { .rules = session };
	uint64_t now = S(30);

	trial_vouch(&t, now, true, false);
	assert_int_equal(run(&t, &now, S(200000)), TRIAL_SILENT);
	assert_int_equal(now, S(86400));
	t = (struct trial){ .rules = session };
	t.rules.silence_s = 0;
	now = S(30);
	trial_vouch(&t, now, true, false);
	assert_int_equal(run(&t, &now, S(10000000)), TRIAL_WAIT);
}

static void F4_health_alone_confirms_where_no_session_is_wanted(void **state)
{
	struct trial t = { .rules = health };
	uint64_t now = S(100);

	trial_vouch(&t, now, true, false);
	assert_int_equal(run(&t, &now, S(1000)), TRIAL_CONFIRM);
	assert_int_equal(now, S(160));
}

static void F4_an_agent_that_restarts_again_and_again_is_not_healthy(void **state)
{
	struct trial t = { .rules = session };
	enum trial_act act = TRIAL_WAIT;
	uint64_t now = S(10);

	for (; act == TRIAL_WAIT && now < S(5000); now += S(50)) {
		trial_vouch(&t, now, true, true);
		act = run(&t, &now, now + S(50));
		trial_vouch(&t, now, false, false);
	}
	assert_int_equal(act, TRIAL_SICK);
	assert_true(now <= S(700));
}

static void F4_health_that_is_lost_has_time_to_come_back(void **state)
{
	struct trial t = { .rules = session };
	uint64_t now = S(10);

	trial_vouch(&t, now, true, false);
	assert_int_equal(run(&t, &now, S(5000)), TRIAL_WAIT);
	trial_vouch(&t, S(5000), false, false);
	assert_int_equal(run(&t, &now, S(5599)), TRIAL_WAIT);
	trial_vouch(&t, S(5590), true, false);
	/* Back in time, but not settled in time. */
	assert_int_equal(run(&t, &now, S(6000)), TRIAL_SICK);
	assert_int_equal(now, S(5600));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(F4_without_local_health_in_time_the_image_goes_back),
		UNIT(F4_health_and_a_session_confirm_and_not_before_health_has_settled),
		UNIT(F4_the_silence_of_an_acs_turns_nobody_back_within_a_day),
		UNIT(F4_silence_for_longer_than_the_rule_goes_back_or_waits_for_ever),
		UNIT(F4_health_alone_confirms_where_no_session_is_wanted),
		UNIT(F4_an_agent_that_restarts_again_and_again_is_not_healthy),
		UNIT(F4_health_that_is_lost_has_time_to_come_back),
	};

	return cmocka_run_group_tests_name("trial", tests, NULL, NULL);
}
