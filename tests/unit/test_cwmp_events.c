/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/cwmp/events.h"

static struct cwmp_events ev;
static char saved[2048];

static int set_up(void **state)
{
	cwmp_events_init(&ev);
	return 0;
}

/* The queue as text: "0,1,M Reboot(k)*" with * for sent. */
static const char *queue(void)
{
	static char text[4096];
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < ev.n; i++) {
		const struct cwmp_pending *p = &ev.v[i];

		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s%s%s%s%s", i ? "," : "",
				       cwmp_event_rows[p->event].code, *p->key ? "(" : "", p->key,
				       *p->key ? ")" : "", p->sent ? "*" : "");
	}
	return text;
}

static void remember(void *arg, const char *key, const char *value, size_t len)
{
	size_t at = strlen(saved);

	snprintf(saved + at, sizeof(saved) - at, "%s=%.*s;", key, (int)len, value);
}

static const char *save(void)
{
	saved[0] = '\0';
	cwmp_events_save(&ev, remember, NULL);
	return saved;
}

static void table_is_the_standards(void **state)
{
	static const struct {
		enum cwmp_event e;
		const char *code;
		bool single;
		enum cwmp_call by;
		bool survives;
	} rows[] = {
		{ 0, "0 BOOTSTRAP", true, CALL_INFORM, true },
		{ 1, "1 BOOT", true, CALL_INFORM, false },
		{ 2, "2 PERIODIC", true, CALL_INFORM, true },
		{ 3, "3 SCHEDULED", true, CALL_INFORM, true },
		{ 4, "4 VALUE CHANGE", true, CALL_INFORM, false },
		{ 5, "5 KICKED", true, CALL_KICKED, false },
		{ 6, "6 CONNECTION REQUEST", true, CALL_INFORM, false },
		{ 7, "7 TRANSFER COMPLETE", true, CALL_TRANSFER_COMPLETE, true },
		{ 8, "8 DIAGNOSTICS COMPLETE", true, CALL_INFORM, false },
		{ 9, "9 REQUEST DOWNLOAD", true, CALL_REQUEST_DOWNLOAD, false },
		{ 10, "10 AUTONOMOUS TRANSFER COMPLETE", true, CALL_AUTONOMOUS_TRANSFER_COMPLETE,
		  true },
		{ 11, "11 DU STATE CHANGE COMPLETE", true, CALL_DU_STATE_CHANGE_COMPLETE, true },
		{ 12, "12 AUTONOMOUS DU STATE CHANGE COMPLETE", true,
		  CALL_AUTONOMOUS_DU_STATE_CHANGE_COMPLETE, true },
		{ 13, "13 WAKEUP", true, CALL_INFORM, false },
		{ 14, "14 HEARTBEAT", true, CALL_INFORM, false },
		{ EV_M_REBOOT, "M Reboot", false, CALL_INFORM, true },
		{ EV_M_SCHEDULE_INFORM, "M ScheduleInform", false, CALL_INFORM, true },
		{ EV_M_DOWNLOAD, "M Download", false, CALL_TRANSFER_COMPLETE, true },
		{ EV_M_SCHEDULE_DOWNLOAD, "M ScheduleDownload", false, CALL_TRANSFER_COMPLETE,
		  true },
		{ EV_M_UPLOAD, "M Upload", false, CALL_TRANSFER_COMPLETE, true },
		{ EV_M_CHANGE_DU_STATE, "M ChangeDUState", false, CALL_DU_STATE_CHANGE_COMPLETE,
		  true },
	};

	assert_int_equal(ARRAY_SIZE(rows), EV_COUNT);
	for (size_t i = 0; i < EV_COUNT; i++) {
		const struct cwmp_event_row *row = &cwmp_event_rows[rows[i].e];

		assert_string_equal(row->code, rows[i].code);
		assert_int_equal(row->single, rows[i].single);
		assert_int_equal(row->delivered_by, rows[i].by);
		assert_int_equal(row->keep == KEEP_ALWAYS, rows[i].survives);
	}
}

static void T021_single_events_merge(void **state)
{
	assert_int_equal(cwmp_event_raise(&ev, EV_PERIODIC, NULL), 1);
	assert_int_equal(cwmp_event_raise(&ev, EV_PERIODIC, NULL), 0);
	assert_string_equal(queue(), "2 PERIODIC");
}

static void T020_m_events_keep_their_command_keys_apart(void **state)
{
	cwmp_event_raise(&ev, EV_M_REBOOT, "b");
	cwmp_event_raise(&ev, EV_M_SCHEDULE_INFORM, "x");
	cwmp_event_raise(&ev, EV_SCHEDULED, NULL);
	cwmp_event_raise(&ev, EV_M_REBOOT, "a");
	cwmp_event_raise(&ev, EV_M_REBOOT, "a");
	cwmp_event_raise(&ev, EV_BOOT, NULL);
	assert_string_equal(queue(), "1 BOOT,3 SCHEDULED,M Reboot(b),M Reboot(a),M Reboot(a),"
				     "M ScheduleInform(x)");
}

static void bootstrap_throws_the_others_out(void **state)
{
	cwmp_event_raise(&ev, EV_PERIODIC, NULL);
	cwmp_event_raise(&ev, EV_M_REBOOT, "k");
	assert_int_equal(cwmp_event_raise(&ev, EV_BOOTSTRAP, NULL), 1);
	cwmp_event_raise(&ev, EV_BOOT, NULL);
	assert_string_equal(queue(), "0 BOOTSTRAP,1 BOOT");
}

static void delivered_events_leave_and_later_ones_stay(void **state)
{
	cwmp_event_raise(&ev, EV_BOOT, NULL);
	cwmp_event_raise(&ev, EV_VALUE_CHANGE, NULL);
	cwmp_event_raise(&ev, EV_M_REBOOT, "k");
	cwmp_events_sent(&ev);
	/* In the middle of the session: it is not in this Inform. */
	assert_int_equal(cwmp_event_raise(&ev, EV_VALUE_CHANGE, NULL), 1);
	assert_int_equal(cwmp_event_raise(&ev, EV_VALUE_CHANGE, NULL), 0);
	cwmp_event_raise(&ev, EV_M_REBOOT, "k");
	cwmp_events_delivered(&ev, CALL_INFORM, NULL, false);
	assert_string_equal(queue(), "4 VALUE CHANGE,M Reboot(k)");
	cwmp_events_session_end(&ev);
	assert_string_equal(queue(), "4 VALUE CHANGE,M Reboot(k)");
}

static void T019_undelivered_events_wait_and_merge(void **state)
{
	cwmp_event_raise(&ev, EV_VALUE_CHANGE, NULL);
	cwmp_event_raise(&ev, EV_CONNECTION_REQUEST, NULL);
	cwmp_event_raise(&ev, EV_HEARTBEAT, NULL);
	cwmp_events_sent(&ev);
	cwmp_event_raise(&ev, EV_VALUE_CHANGE, NULL);
	assert_string_equal(queue(), "4 VALUE CHANGE*,4 VALUE CHANGE,6 CONNECTION REQUEST*,"
				     "14 HEARTBEAT*");
	cwmp_events_session_end(&ev);
	assert_string_equal(queue(), "4 VALUE CHANGE");
	/* What comes between the dial and the Inform goes with that Inform, once. */
	cwmp_events_sent(&ev);
	cwmp_event_raise(&ev, EV_VALUE_CHANGE, NULL);
	cwmp_events_sent(&ev);
	assert_string_equal(queue(), "4 VALUE CHANGE*");
}

static void transfers_are_delivered_by_their_own_call(void **state)
{
	cwmp_event_raise(&ev, EV_TRANSFER_COMPLETE, NULL);
	cwmp_event_raise(&ev, EV_M_DOWNLOAD, "a");
	cwmp_event_raise(&ev, EV_M_UPLOAD, "b");
	cwmp_event_raise(&ev, EV_AUTONOMOUS_TRANSFER_COMPLETE, NULL);
	cwmp_events_sent(&ev);
	cwmp_events_delivered(&ev, CALL_INFORM, NULL, false);
	assert_int_equal(ev.n, 4);
	cwmp_events_delivered(&ev, CALL_TRANSFER_COMPLETE, "a", true);
	assert_string_equal(queue(), "7 TRANSFER COMPLETE*,10 AUTONOMOUS TRANSFER COMPLETE*,"
				     "M Upload(b)*");
	cwmp_events_delivered(&ev, CALL_AUTONOMOUS_TRANSFER_COMPLETE, NULL, false);
	cwmp_events_delivered(&ev, CALL_TRANSFER_COMPLETE, "b", false);
	assert_string_equal(queue(), "");
}

static void unknown_call_takes_its_events_with_it(void **state)
{
	cwmp_event_raise(&ev, EV_DU_STATE_CHANGE_COMPLETE, NULL);
	cwmp_event_raise(&ev, EV_M_CHANGE_DU_STATE, "a");
	cwmp_event_raise(&ev, EV_M_REBOOT, "b");
	assert_int_equal(cwmp_events_drop(&ev, CALL_DU_STATE_CHANGE_COMPLETE), 2);
	assert_string_equal(queue(), "M Reboot(b)");
}

static void command_key_has_32_characters(void **state)
{
	char key[4 * 33 + 1] = "";

	for (int i = 0; i < 32; i++)
		strcat(key, "\xf0\x9f\x98\x80");
	assert_int_equal(cwmp_event_raise(&ev, EV_M_REBOOT, key), 1);
	assert_string_equal(ev.v[0].key, key);
	strcat(key, "x");
	assert_int_equal(cwmp_event_raise(&ev, EV_M_REBOOT, key), -EINVAL);
	assert_int_equal(cwmp_event_raise(&ev, EV_M_REBOOT, "123456789012345678901234567890123"),
			 -EINVAL);
}

static void full_queue_has_room_for_every_single_event(void **state)
{
	for (size_t i = 0; i < CWMP_M_EVENTS_MAX; i++) {
		assert_true(cwmp_events_room(&ev, 1));
		assert_int_equal(cwmp_event_raise(&ev, EV_M_REBOOT, "k"), 1);
	}
	assert_false(cwmp_events_room(&ev, 1));
	assert_true(cwmp_events_room(&ev, 0));
	assert_false(cwmp_events_room(&ev, SIZE_MAX));
	assert_int_equal(cwmp_event_raise(&ev, EV_M_REBOOT, "k"), -ENOSPC);
	for (int round = 0; round < 2; round++) {
		for (int e = EV_BOOT; e < EV_M_REBOOT; e++)
			assert_int_equal(cwmp_event_raise(&ev, (enum cwmp_event)e, NULL), 1);
		cwmp_events_sent(&ev);
	}
	assert_int_equal(ev.n, CWMP_M_EVENTS_MAX + EV_M_REBOOT - 1);
}

static void what_survives_is_saved_and_loaded_in_order(void **state)
{
	static const char *const records[] = { "0 BOOTSTRAP", "2 PERIODIC", "M Reboot|a|b",
					       "M Reboot|", "M Upload|\xc3\xa9" };
	char first[sizeof(saved)];

	cwmp_event_raise(&ev, EV_BOOT, NULL);
	assert_false(cwmp_events_changed(&ev));
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(cwmp_events_load(&ev, records[i], strlen(records[i])), 0);
	/* BOOTSTRAP from the store: what was raised before it goes. */
	assert_string_equal(queue(), "0 BOOTSTRAP,2 PERIODIC,M Reboot(a|b),M Reboot,"
				     "M Upload(\xc3\xa9)");
	assert_false(cwmp_events_changed(&ev));
	snprintf(first, sizeof(first), "%s", save());
	assert_string_equal(first, "@event.1=0 BOOTSTRAP;@event.2=2 PERIODIC;"
				   "@event.3=M Reboot|a|b;@event.4=M Reboot;"
				   "@event.5=M Upload|\xc3\xa9;");
	cwmp_event_raise(&ev, EV_BOOT, NULL);
	cwmp_event_raise(&ev, EV_VALUE_CHANGE, NULL);
	assert_false(cwmp_events_changed(&ev));
	assert_string_equal(save(), first);
}

/* A restart of the agent loses no 8 DIAGNOSTICS COMPLETE; a reboot ends it. */
static void T127_end_of_a_diagnosis_is_owed_till_the_reboot(void **state)
{
	static const char code[] = "8 DIAGNOSTICS COMPLETE";

	cwmp_event_raise(&ev, EV_DIAGNOSTICS_COMPLETE, NULL);
	cwmp_event_raise(&ev, EV_M_REBOOT, "k");
	assert_true(cwmp_events_changed(&ev));
	assert_string_equal(save(), "@event.1=8 DIAGNOSTICS COMPLETE;@event.2=M Reboot|k;");
	cwmp_events_init(&ev);
	assert_int_equal(cwmp_events_load(&ev, code, strlen(code)), 0);
	assert_int_equal(cwmp_events_load(&ev, "M Reboot|k", 10), 0);
	assert_string_equal(queue(), "8 DIAGNOSTICS COMPLETE,M Reboot(k)");
	assert_false(cwmp_events_changed(&ev));
	cwmp_events_rebooted(&ev);
	assert_string_equal(queue(), "M Reboot(k)");
	assert_true(cwmp_events_changed(&ev));
}

/* A period whose Inform is answered at once must not cost two writes to flash. */
static void raised_and_delivered_again_is_no_change(void **state)
{
	cwmp_event_raise(&ev, EV_M_REBOOT, "k");
	assert_true(cwmp_events_changed(&ev));
	save();
	assert_false(cwmp_events_changed(&ev));
	cwmp_event_raise(&ev, EV_PERIODIC, NULL);
	assert_true(cwmp_events_changed(&ev));
	for (size_t i = 0; i < ev.n; i++)
		ev.v[i].sent = ev.v[i].event == EV_PERIODIC;
	cwmp_events_delivered(&ev, CALL_INFORM, NULL, false);
	assert_false(cwmp_events_changed(&ev));
}

static void records_that_are_not_ours_are_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"|",
		"15 NEW",
		"1 BOOT",
		"6 CONNECTION REQUEST",
		"2 periodic",
		"M Reboot ",
		"M Reboot|123456789012345678901234567890123",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(cwmp_events_load(&ev, wrong[i], strlen(wrong[i])), -EINVAL);
	assert_int_equal(cwmp_events_load(&ev, "M Reboot|a\0b", 12), -EINVAL);
	assert_int_equal(ev.n, 0);
}

#define TEST(f) cmocka_unit_test_setup(f, set_up)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(table_is_the_standards),
		TEST(T021_single_events_merge),
		TEST(T020_m_events_keep_their_command_keys_apart),
		TEST(bootstrap_throws_the_others_out),
		TEST(delivered_events_leave_and_later_ones_stay),
		TEST(T019_undelivered_events_wait_and_merge),
		TEST(transfers_are_delivered_by_their_own_call),
		TEST(unknown_call_takes_its_events_with_it),
		TEST(command_key_has_32_characters),
		TEST(full_queue_has_room_for_every_single_event),
		TEST(what_survives_is_saved_and_loaded_in_order),
		TEST(T127_end_of_a_diagnosis_is_owed_till_the_reboot),
		TEST(raised_and_delivered_again_is_no_change),
		TEST(records_that_are_not_ours_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
