/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cwmp_model.h"

#include "lib/limits.h"

static void T033_response_echoes_id_and_names_the_rpc(void **state)
{
	struct cwmp_box *b = *state;

	box_rpc(b, "<c:GetRPCMethods/>");
	assert_string_equal(b->answer.id, "id <7>");
	assert_string_equal(b->answer.method, "GetRPCMethodsResponse");
	/* A request without ID gets an answer without. */
	box_run(b, BOX_ENVELOPE("2", "", "<c:GetRPCMethods/>"));
	assert_null(strstr(b->session->out.data, "Header"));
}

static void response_is_in_the_namespace_of_the_request(void **state)
{
	struct cwmp_box *b = *state;

	box_run(b, BOX_ENVELOPE("0", "", "<c:GetRPCMethods/>"));
	assert_int_equal(b->answer.version, CWMP_1_0);
	box_run(b, BOX_ENVELOPE("1", "", "<c:NoSuch/>"));
	assert_int_equal(b->answer.version, CWMP_1_1);
	assert_int_equal(b->answer.fault_code, 9000);
}

static unsigned int reboots;
static unsigned int reboot(void *arg, const char *key)
{
	assert_string_equal(key, "\xc3\xa9t\xc3\xa9");
	return reboots++ ? FAULT_DENIED : 0;
}

static unsigned int resets;
static unsigned int factory_reset(void *arg)
{
	resets++;
	return 0;
}

static uint32_t delay;
static unsigned int schedule_inform(void *arg, uint32_t delay_s, const char *key)
{
	delay = delay_s;
	return strcmp(key, "full") ? 0 : FAULT_RESOURCES;
}

static void T054_only_what_is_carried_out_is_listed(void **state)
{
	static const char *const always[] = { "GetRPCMethods",
					      "SetParameterValues",
					      "GetParameterValues",
					      "GetParameterNames",
					      "SetParameterAttributes",
					      "GetParameterAttributes",
					      "AddObject",
					      "DeleteObject" };
	struct cwmp_box *b = *state;
	const char *text = box_rpc(b, "<c:GetRPCMethods/>");

	assert_non_null(strstr(text, "soap-enc:arrayType=\"xsd:string[8]\""));
	for (size_t i = 0; i < ARRAY_SIZE(always); i++) {
		char item[64];

		snprintf(item, sizeof(item), "<string>%s</string>", always[i]);
		assert_non_null(strstr(text, item));
	}
	box_fault(b, "<c:Reboot><CommandKey/></c:Reboot>", 9000);
	box_fault(b, "<c:FactoryReset/>", 9000);
	box_fault(b, "<c:Download/>", 9000);
	b->ops = (struct cwmp_ops){ .reboot = reboot,
				    .factory_reset = factory_reset,
				    .schedule_inform = schedule_inform };
	text = box_rpc(b, "<c:GetRPCMethods/>");
	assert_non_null(strstr(text, "xsd:string[11]"));
	assert_non_null(strstr(text, "<string>ScheduleInform</string>"));
	b->env.ops = NULL;
	text = box_rpc(b, "<c:GetRPCMethods/>");
	assert_non_null(strstr(text, "xsd:string[8]"));
}

static void commands_are_handed_on_with_their_keys(void **state)
{
	struct cwmp_box *b = *state;

	b->ops = (struct cwmp_ops){ .reboot = reboot,
				    .factory_reset = factory_reset,
				    .schedule_inform = schedule_inform };
	reboots = resets = delay = 0;
	box_rpc(b, "<c:Reboot><CommandKey>\xc3\xa9t\xc3\xa9</CommandKey></c:Reboot>");
	assert_string_equal(b->answer.method, "RebootResponse");
	assert_int_equal(reboots, 1);
	box_fault(b, "<c:Reboot><CommandKey>\xc3\xa9t\xc3\xa9</CommandKey></c:Reboot>", 9001);
	box_fault(b, "<c:Reboot/>", 9003);
	box_fault(b,
		  "<c:Reboot><CommandKey>123456789012345678901234567890123</CommandKey></c:Reboot>",
		  9003);
	box_rpc(b, "<c:FactoryReset/>");
	assert_int_equal(resets, 1);
#define SI(d, k)                                                             \
	"<c:ScheduleInform><DelaySeconds>" d "</DelaySeconds><CommandKey>" k \
	"</CommandKey></c:ScheduleInform>"
	box_rpc(b, SI("4294967295", "a"));
	assert_string_equal(b->answer.method, "ScheduleInformResponse");
	assert_true(delay == UINT32_MAX);
	box_fault(b, SI("0", "a"), 9003);
	box_fault(b, SI("-1", "a"), 9003);
	box_fault(b, SI("", "a"), 9003);
	box_fault(b, SI("4294967296", "a"), 9003);
	box_fault(b, SI("5", "full"), 9004);
	assert_true(delay == 5);
}

static void T056_unknown_method_is_9000(void **state)
{
	struct cwmp_box *b = *state;

	box_fault(b, "<c:NoSuchMethod/>", 9000);
	assert_non_null(strstr(b->session->out.data, "<faultcode>soap-env:Server</faultcode>"));
	assert_non_null(strstr(b->session->out.data, "<faultstring>CWMP fault</faultstring>"));
	/* The right name in a wrong namespace is no CWMP method. */
	box_run(b, BOX_ENVELOPE("2", "", "<GetRPCMethods/>"));
	assert_int_equal(b->answer.fault_code, 9000);
	box_run(b, BOX_ENVELOPE("2", "", "<x:GetRPCMethods xmlns:x='urn:x'/>"));
	assert_int_equal(b->answer.fault_code, 9000);
}

static void T057_malformed_arguments_are_9003(void **state)
{
	static const char *const wrong[] = {
		"<c:GetParameterNames/>",
		"<c:GetParameterNames><ParameterPath/></c:GetParameterNames>",
		"<c:GetParameterNames><NextLevel>1</NextLevel></c:GetParameterNames>",
		GPN("", "maybe"),
		GPN("", ""),
		"<c:GetParameterValues/>",
		GPV("<Name>Device.</Name>"),
		"<c:SetParameterValues/>",
		"<c:SetParameterValues><ParameterKey/></c:SetParameterValues>",
		"<c:SetParameterValues><ParameterList/></c:SetParameterValues>",
		SPV("<x/>", ""),
		SPV("<ParameterValueStruct><Name>Device.Noise</Name></ParameterValueStruct>", ""),
		SPV("<ParameterValueStruct><Value>1</Value></ParameterValueStruct>", ""),
		SPV("<Pair><Name>Device.Noise</Name><Value/></Pair>", ""),
		SPV("", "123456789012345678901234567890123"),
		"<c:AddObject/>",
		"<c:AddObject><ObjectName>Device.Port.</ObjectName></c:AddObject>",
		"<c:AddObject><ParameterKey/></c:AddObject>",
		"<c:DeleteObject/>",
		"<c:SetParameterAttributes/>",
		"<c:GetParameterAttributes/>",
	};
	struct cwmp_box *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		box_fault(b, wrong[i], 9003);
		assert_non_null(strstr(b->session->out.data, "soap-env:Client<"));
	}
	/* and nothing was left open or changed */
	assert_string_equal(box_get(b, "Device.PortNumberOfEntries"), "0");
}

static void T059_to_T067_parameter_names(void **state)
{
	struct cwmp_box *b = *state;
	const char *text;

	text = box_rpc(b, GPN("Device.Noise", "0"));
	assert_non_null(strstr(text, "cwmp:ParameterInfoStruct[1]\""));
	assert_non_null(strstr(text, "<Name>Device.Noise</Name><Writable>0</Writable>"));
	box_fault(b, GPN("Device.Noise", "1"), 9003);
	text = box_rpc(b, GPN("", "true"));
	assert_non_null(strstr(text, "cwmp:ParameterInfoStruct[1]\""));
	assert_non_null(strstr(text, "<Name>Device.</Name><Writable>0</Writable>"));
	text = box_rpc(b, GPN("Device.", "true"));
	assert_null(strstr(text, "<Name>Device.</Name>"));
	assert_non_null(strstr(text, "<Name>Device.Port.</Name><Writable>1</Writable>"));
	text = box_rpc(b, GPN("Device.DeviceInfo.", "false"));
	assert_non_null(strstr(text, "cwmp:ParameterInfoStruct[6]\""));
	assert_int_equal(count(text, "<ParameterInfoStruct>"), 6);
	box_fault(b, GPN("Device.Port", "0"), 9005);
	box_fault(b, GPN("Device.Nope.", "0"), 9005);
	/* Markup in a name comes back as text. */
	box_fault(b, GPN("Device.&lt;b&gt;&amp;", "0"), 9005);
	assert_non_null(strstr(b->answer.fault_text, "Device.<b>&"));
}

static void T069_parameter_values_have_their_types(void **state)
{
	struct cwmp_box *b = *state;
	const char *text;

	box_rpc(b, ADD("Device.Port.", "k"));
	text = box_rpc(
		b, GPV(NAME("Device.Port.") NAME("Device.ManagementServer.") NAME("Device.Noise")));
	assert_non_null(strstr(text, "cwmp:ParameterValueStruct[11]\""));
	assert_non_null(strstr(text, "<Name>Device.Port.1.Enable</Name>"
				     "<Value xsi:type=\"xsd:boolean\">0</Value>")
				?: strstr(text, "<Name>Device.Port.1.Enable</Name>"
						"<Value xsi:type=\"xsd:boolean\">false</Value>"));
	assert_non_null(strstr(text, "Signed</Name><Value xsi:type=\"xsd:int\">0<"));
	assert_non_null(strstr(text, "Counter</Name><Value xsi:type=\"xsd:unsignedLong\">0<"));
	assert_non_null(strstr(text, "Interval</Name><Value xsi:type=\"xsd:unsignedInt\">600<"));
	assert_non_null(strstr(text, "Time</Name><Value xsi:type=\"xsd:dateTime\">0001-"));
	/* a list is a string, whatever its items are */
	assert_non_null(strstr(text, "List</Name><Value xsi:type=\"xsd:string\"><"));
	box_rpc(b, GPV(NAME("")));
	assert_non_null(box_value(b, "Device.RootDataModelVersion"));
	assert_non_null(box_value(b, "Device.Port.1.Mode"));
	text = box_rpc(b, GPV(""));
	assert_non_null(strstr(text, "cwmp:ParameterValueStruct[0]\""));
}

static void T070_one_unknown_name_faults_everything(void **state)
{
	struct cwmp_box *b = *state;

	box_fault(b, GPV(NAME("Device.Noise") NAME("Device.Nope") NAME("Device.DeviceInfo.")),
		  9005);
	assert_null(strstr(b->session->out.data, "ParameterValueStruct"));
	assert_non_null(strstr(b->answer.fault_text, "Device.Nope"));
}

static void T072_empty_table_is_an_empty_list(void **state)
{
	struct cwmp_box *b = *state;

	assert_non_null(strstr(box_rpc(b, GPV(NAME("Device.Port."))), "ParameterValueStruct[0]\""));
}

static void X2_response_over_the_limit_is_9004(void **state)
{
	struct cwmp_box *b = *state;
	_cleanup_free_ char *noise = malloc(SOAP_TEXT_MAX);
	_cleanup_buf_ struct buf names;

	assert_non_null(noise);
	memset(noise, '&', SOAP_TEXT_MAX);
	box.noise = noise;
	box.noise_len = SOAP_TEXT_MAX;
	buf_init(&names, 1 << 20);
	buf_puts(&names, "<c:GetParameterValues><ParameterNames>");
	for (size_t i = 0; i < CWMP_REPLY_MAX / SOAP_TEXT_MAX / 5 + 1; i++)
		buf_puts(&names, NAME("Device.Noise"));
	buf_puts(&names, "</ParameterNames></c:GetParameterValues>");
	box_fault(b, names.data, 9004);
	assert_non_null(strstr(b->answer.fault_text, "too big"));
	/* and the next is as good as ever */
	box.noise_len = 3;
	assert_string_equal(box_get(b, "Device.Noise"), "&&&");
}

static void T055_methods_of_the_acs_are_learnt(void **state)
{
	struct cwmp_box *b = *state;
	struct action action = { .kind = ACT_RUN, .run = RUN_ANSWERED };
	static const char list[] = BOX_ENVELOPE(
		"2", "",
		"<c:GetRPCMethodsResponse><MethodList><string>Inform</string>"
		"<string>RequestDownload</string><string>X_00D09E_Odd</string></MethodList>"
		"</c:GetRPCMethodsResponse>");
	static const char no[] = BOX_ENVELOPE("2", "",
					      "<s:Fault><detail><c:Fault><FaultCode>8000"
					      "</FaultCode></c:Fault></detail></s:Fault>");

	assert_true(cwmp_acs_takes(&b->acs, CALL_DU_STATE_CHANGE_COMPLETE));
	b->session->calls[0].call = CALL_GET_RPC_METHODS;
	soap_read(b->session->reader, list, sizeof(list) - 1, &b->session->msg);
	assert_int_equal(cwmp_run(&b->env, b->session, &action), 0);
	assert_true(b->acs.asked && b->acs.answered);
	assert_true(cwmp_acs_takes(&b->acs, CALL_REQUEST_DOWNLOAD));
	assert_true(cwmp_acs_takes(&b->acs, CALL_TRANSFER_COMPLETE));
	assert_false(cwmp_acs_takes(&b->acs, CALL_DU_STATE_CHANGE_COMPLETE));
	soap_read(b->session->reader, no, sizeof(no) - 1, &b->session->msg);
	assert_int_equal(cwmp_run(&b->env, b->session, &action), 0);
	assert_true(b->acs.asked && !b->acs.answered);
	assert_true(cwmp_acs_takes(&b->acs, CALL_DU_STATE_CHANGE_COMPLETE));
}

/* Two kinds of calls wait; what is answered or refused leaves. */
static struct {
	struct cwmp_own_call calls[4];
	size_t n;
	uint32_t faults[4];
	size_t answers;
} waiting;

static size_t pending_calls(void *arg, struct cwmp_own_call *out, size_t max)
{
	assert_in_range(waiting.n, 0, max);
	memcpy(out, waiting.calls, waiting.n * sizeof(*out));
	return waiting.n;
}

static void hear(void *arg, const struct cwmp_own_call *call, uint32_t fault)
{
	waiting.faults[waiting.answers++] = fault;
	for (size_t i = 0; i < waiting.n; i++) {
		if (waiting.calls[i].ref != call->ref)
			continue;
		waiting.n--;
		memmove(&waiting.calls[i], &waiting.calls[i + 1],
			(waiting.n - i) * sizeof(waiting.calls[0]));
		return;
	}
	fail();
}

static void let_wait(struct cwmp_box *b)
{
	memset(&waiting, 0, sizeof(waiting));
	waiting.calls[0] = (struct cwmp_own_call){ CALL_AUTONOMOUS_TRANSFER_COMPLETE, 1, "" };
	waiting.calls[1] = (struct cwmp_own_call){ CALL_TRANSFER_COMPLETE, 2, "key" };
	waiting.n = 2;
	b->ops.pending_calls = pending_calls;
	b->ops.call_answered = hear;
	cwmp_event_raise(&b->events, EV_AUTONOMOUS_TRANSFER_COMPLETE, NULL);
	cwmp_event_raise(&b->events, EV_TRANSFER_COMPLETE, NULL);
	cwmp_event_raise(&b->events, EV_M_DOWNLOAD, "key");
}

static void T055_acs_is_asked_once_before_other_calls(void **state)
{
	struct cwmp_box *b = *state;
	struct action action = { .kind = ACT_RUN, .run = RUN_ANSWERED };
	struct cwmp_own_call calls[CWMP_CALLS_MAX];
	static const char list[] =
		BOX_ENVELOPE("2", "",
			     "<c:GetRPCMethodsResponse><MethodList><string>Inform</string>"
			     "</MethodList></c:GetRPCMethodsResponse>");

	/* nothing waits: nobody is asked, but at the first contact */
	assert_int_equal(cwmp_calls_plan(&b->env, calls), 0);
	cwmp_event_raise(&b->events, EV_BOOTSTRAP, NULL);
	assert_int_equal(cwmp_calls_plan(&b->env, calls), 1);
	assert_int_equal(calls[0].call, CALL_GET_RPC_METHODS);
	let_wait(b);
	assert_int_equal(cwmp_calls_plan(&b->env, calls), 3);
	assert_int_equal(calls[0].call, CALL_GET_RPC_METHODS);
	assert_int_equal(calls[1].call, CALL_AUTONOMOUS_TRANSFER_COMPLETE);
	assert_int_equal(calls[2].call, CALL_TRANSFER_COMPLETE);
	/* the answer takes effect in the same session */
	memcpy(b->session->calls + 1, calls, 3 * sizeof(calls[0]));
	b->session->ncalls = 4;
	b->session->call = 1;
	soap_read(b->session->reader, list, sizeof(list) - 1, &b->session->msg);
	assert_int_equal(cwmp_run(&b->env, b->session, &action), 0);
	assert_int_equal(b->session->ncalls, 3);
	assert_int_equal(b->session->calls[2].call, CALL_TRANSFER_COMPLETE);
	assert_false(cwmp_event_pending(&b->events, EV_AUTONOMOUS_TRANSFER_COMPLETE));
	assert_true(cwmp_event_pending(&b->events, EV_TRANSFER_COMPLETE));
	assert_int_equal(waiting.faults[0], 8000);
	assert_int_equal(waiting.n, 1);
	/* and in all others */
	assert_int_equal(cwmp_calls_plan(&b->env, calls), 1);
	assert_int_equal(calls[0].call, CALL_TRANSFER_COMPLETE);
	let_wait(b);
	assert_int_equal(cwmp_calls_plan(&b->env, calls), 1);
	assert_false(cwmp_event_pending(&b->events, EV_AUTONOMOUS_TRANSFER_COMPLETE));
	/* another ACS is asked again */
	memset(&b->acs, 0, sizeof(b->acs));
	let_wait(b);
	assert_int_equal(cwmp_calls_plan(&b->env, calls), 3);
}

static void T055_what_was_refused_with_8000_is_not_called_again(void **state)
{
	struct cwmp_box *b = *state;
	struct action action = { .kind = ACT_RUN, .run = RUN_ANSWERED };
	struct cwmp_own_call calls[CWMP_CALLS_MAX];
	static const char no[] = BOX_ENVELOPE("2", "",
					      "<s:Fault><detail><c:Fault><FaultCode>8000"
					      "</FaultCode></c:Fault></detail></s:Fault>");

	/* an ACS without GetRPCMethods is not asked again, but tried */
	let_wait(b);
	assert_int_equal(cwmp_calls_plan(&b->env, calls), 3);
	memcpy(b->session->calls + 1, calls, 3 * sizeof(calls[0]));
	b->session->ncalls = 4;
	b->session->call = 1;
	soap_read(b->session->reader, no, sizeof(no) - 1, &b->session->msg);
	assert_int_equal(cwmp_run(&b->env, b->session, &action), 0);
	assert_int_equal(b->session->ncalls, 4);
	assert_int_equal(cwmp_calls_plan(&b->env, calls), 2);
	b->session->call = 2;
	assert_int_equal(cwmp_run(&b->env, b->session, &action), 0);
	assert_int_equal(waiting.faults[0], 8000);
	assert_false(cwmp_acs_takes(&b->acs, CALL_AUTONOMOUS_TRANSFER_COMPLETE));
	assert_int_equal(cwmp_calls_plan(&b->env, calls), 1);
	let_wait(b);
	assert_int_equal(cwmp_calls_plan(&b->env, calls), 1);
	assert_int_equal(calls[0].call, CALL_TRANSFER_COMPLETE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(T033_response_echoes_id_and_names_the_rpc),
		TEST(response_is_in_the_namespace_of_the_request),
		TEST(T054_only_what_is_carried_out_is_listed),
		TEST(commands_are_handed_on_with_their_keys),
		TEST(T056_unknown_method_is_9000),
		TEST(T057_malformed_arguments_are_9003),
		TEST(T059_to_T067_parameter_names),
		TEST(T069_parameter_values_have_their_types),
		TEST(T070_one_unknown_name_faults_everything),
		TEST(T072_empty_table_is_an_empty_list),
		TEST(X2_response_over_the_limit_is_9004),
		TEST(T055_methods_of_the_acs_are_learnt),
		TEST(T055_acs_is_asked_once_before_other_calls),
		TEST(T055_what_was_refused_with_8000_is_not_called_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
