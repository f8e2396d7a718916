/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cwmp_model.h"

#include <errno.h>

static int write_inform(struct cwmp_box *b)
{
	struct action action = { .kind = ACT_RUN, .run = RUN_CALL };
	int r;

	b->session->version = CWMP_UNKNOWN;
	buf_reset(&b->session->out);
	r = cwmp_run(&b->env, b->session, &action);
	if (!r)
		box_read_answer(b);
	b->session->version = CWMP_1_2;
	return r;
}

/* The InformResponse came. */
static void inform_answered(struct cwmp_box *b)
{
	struct action action = { .kind = ACT_RUN, .run = RUN_ANSWERED };

	b->session->msg.kind = SOAP_RESPONSE;
	assert_int_equal(cwmp_run(&b->env, b->session, &action), 0);
	cwmp_events_delivered(&b->events, CALL_INFORM, NULL, false);
}

static bool told(struct cwmp_box *b, const char *text)
{
	return strstr(b->session->out.data, text);
}

static void watch(struct cwmp_box *b, const char *path, unsigned int notification)
{
	struct dm_attr_change change = { .path = path,
					 .set_notification = true,
					 .notification = (uint8_t)notification };
	size_t bad;

	assert_int_equal(dm_attr_set(b->dm, &change, 1, &bad), DM_OK);
}

#define CODE "ManagementServer.PeriodicInformInterval"
#define PARAMETER "Device." CODE

static void inform_says_who_and_when_and_why(void **state)
{
	struct cwmp_box *b = *state;

	cwmp_event_raise(&b->events, EV_BOOT, NULL);
	cwmp_event_raise(&b->events, EV_M_REBOOT, "a&b");
	b->env.retry_count = 7;
	assert_int_equal(write_inform(b), 0);
	assert_true(told(b, "<DeviceId><Manufacturer>Sally &amp; Sons</Manufacturer>"
			    "<OUI>00D09E</OUI><ProductClass>gateway</ProductClass>"
			    "<SerialNumber>0001</SerialNumber></DeviceId>"));
	assert_true(told(b, "cwmp:EventStruct[2]\""));
	assert_true(told(b, "<EventStruct><EventCode>1 BOOT</EventCode><CommandKey></CommandKey>"
			    "</EventStruct><EventStruct><EventCode>M Reboot</EventCode>"
			    "<CommandKey>a&amp;b</CommandKey></EventStruct></Event>"));
	assert_true(told(b, "<MaxEnvelopes>1</MaxEnvelopes>"
			    "<CurrentTime>2026-01-02T03:04:05Z</CurrentTime>"
			    "<RetryCount>7</RetryCount>"));
	b->env.time_known = false;
	b->env.uptime_s = 59;
	write_inform(b);
	assert_true(told(b, "<CurrentTime>0001-01-01T00:00:59</CurrentTime>"));
}

static void T014_forced_parameters_are_in_every_inform(void **state)
{
	struct cwmp_box *b = *state;

	cwmp_event_raise(&b->events, EV_PERIODIC, NULL);
	assert_int_equal(write_inform(b), 0);
	assert_true(told(b, "cwmp:ParameterValueStruct[3]\""));
	assert_non_null(box_value(b, "Device.RootDataModelVersion"));
	assert_non_null(box_value(b, "Device.DeviceInfo.ProvisioningCode"));
	assert_non_null(box_value(b, "Device.ManagementServer.ParameterKey"));
	assert_false(told(b, "4 VALUE CHANGE"));
}

static void T016_passive_change_goes_with_the_next_inform(void **state)
{
	struct cwmp_box *b = *state;

	watch(b, PARAMETER, 1);
	assert_int_equal(dm_set_own(b->dm, PARAMETER, "77", 2), DM_OK);
	assert_false(cwmp_event_pending(&b->events, EV_VALUE_CHANGE));
	cwmp_event_raise(&b->events, EV_PERIODIC, NULL);
	assert_int_equal(write_inform(b), 0);
	assert_true(told(b, "<EventCode>4 VALUE CHANGE</EventCode>"));
	assert_string_equal(box_value(b, PARAMETER), "77");
	/* T019: the answer is lost */
	cwmp_events_session_end(&b->events);
	assert_int_equal(write_inform(b), 0);
	assert_true(told(b, "cwmp:EventStruct[2]\""));
	assert_string_equal(box_value(b, PARAMETER), "77");
	inform_answered(b);
	assert_int_equal(b->events.n, 0);
	cwmp_event_raise(&b->events, EV_PERIODIC, NULL);
	assert_int_equal(write_inform(b), 0);
	assert_false(told(b, "4 VALUE CHANGE"));
	assert_false(told(b, CODE));
}

static void forced_parameter_that_changed_is_listed_once(void **state)
{
	struct cwmp_box *b = *state;
	const char *first;

	dm_set_own(b->dm, "Device.DeviceInfo.ProvisioningCode", "new", 3);
	cwmp_event_raise(&b->events, EV_BOOT, NULL);
	assert_int_equal(write_inform(b), 0);
	assert_true(told(b, "4 VALUE CHANGE"));
	first = strstr(b->session->out.data, "ProvisioningCode");
	assert_non_null(first);
	assert_null(strstr(first + 1, "ProvisioningCode"));
	assert_true(told(b, "cwmp:ParameterValueStruct[3]\""));
}

static void T017_what_the_acs_changed_is_not_told(void **state)
{
	struct cwmp_box *b = *state;

	watch(b, PARAMETER, 2);
	box_rpc(b, SPV(SET(PARAMETER, T("unsignedInt"), "88"), "k"));
	assert_int_equal(b->answer.kind, SOAP_RESPONSE);
	cwmp_event_raise(&b->events, EV_PERIODIC, NULL);
	assert_int_equal(write_inform(b), 0);
	assert_false(told(b, "4 VALUE CHANGE"));
	assert_false(told(b, CODE));
}

static void T018_changed_and_changed_back_is_told(void **state)
{
	struct cwmp_box *b = *state;

	watch(b, PARAMETER, 1);
	dm_set_own(b->dm, PARAMETER, "77", 2);
	dm_set_own(b->dm, PARAMETER, "600", 3);
	cwmp_event_raise(&b->events, EV_PERIODIC, NULL);
	assert_int_equal(write_inform(b), 0);
	assert_true(told(b, "4 VALUE CHANGE"));
	assert_string_equal(box_value(b, PARAMETER), "600");
}

static void inform_without_event_is_not_written(void **state)
{
	assert_int_equal(write_inform(*state), -ENODATA);
}

static void old_acs_hears_of_no_event_that_it_cannot_know(void **state)
{
	struct cwmp_box *b = *state;

	b->session->offer = CWMP_1_0;
	cwmp_event_raise(&b->events, EV_HEARTBEAT, NULL);
	cwmp_event_raise(&b->events, EV_M_CHANGE_DU_STATE, "k");
	cwmp_event_raise(&b->events, EV_PERIODIC, NULL);
	cwmp_events_sent(&b->events);
	assert_int_equal(write_inform(b), 0);
	assert_true(told(b, "cwmp:EventStruct[1]\""));
	assert_true(told(b, "2 PERIODIC"));
	assert_false(told(b, "SupportedCWMPVersions"));
	b->session->offer = CWMP_NEWEST;
	assert_int_equal(write_inform(b), 0);
	assert_true(told(b, "cwmp:EventStruct[3]\""));
	/* but an event there must be */
	b->session->offer = CWMP_1_0;
	cwmp_events_init(&b->events);
	cwmp_event_raise(&b->events, EV_HEARTBEAT, NULL);
	assert_int_equal(write_inform(b), 0);
	assert_true(told(b, "14 HEARTBEAT"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(inform_says_who_and_when_and_why),
		TEST(T014_forced_parameters_are_in_every_inform),
		TEST(T016_passive_change_goes_with_the_next_inform),
		TEST(forced_parameter_that_changed_is_listed_once),
		TEST(T017_what_the_acs_changed_is_not_told),
		TEST(T018_changed_and_changed_back_is_told),
		TEST(inform_without_event_is_not_written),
		TEST(old_acs_hears_of_no_event_that_it_cannot_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
