/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cwmp_model.h"

#include "lib/limits.h"

static void K1_secret_reads_as_empty(void **state)
{
	struct cwmp_box *b = *state;

	box_rpc(b, SPV(SET(SERVER "Password", T("string"), "hunter2"), "k"));
	assert_string_equal(child(b, "Status"), "0");
	assert_string_equal(box_get(b, SERVER "Password"), "");
	assert_null(strstr(b->session->out.data, "hunter2"));
}

static void values_are_clean_whatever_the_kernel_gave(void **state)
{
	struct cwmp_box *b = *state;

	box.noise = "a\x01\xe9\0<\r\n\xc3\xa9";
	box.noise_len = 9;
	assert_string_equal(box_get(b, "Device.Noise"),
			    "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd<\r\n\xc3\xa9");
}

static void T073_values_are_set(void **state)
{
	struct cwmp_box *b = *state;

	box_rpc(b, SPV(SET(SERVER "PeriodicInformInterval", T("unsignedInt"), "60") SET(
			       "Device.DeviceInfo.ProvisioningCode", T("string"), "a&amp;b&#13;"),
		       "key &lt;1&gt;"));
	assert_string_equal(b->answer.method, "SetParameterValuesResponse");
	assert_string_equal(child(b, "Status"), "0");
	assert_string_equal(box_get(b, SERVER "PeriodicInformInterval"), "60");
	assert_string_equal(box_get(b, "Device.DeviceInfo.ProvisioningCode"), "a&b\r");
	assert_string_equal(box_get(b, SERVER "ParameterKey"), "key <1>");
}

static void T074_set_parameter_values_is_atomic(void **state)
{
	struct cwmp_box *b = *state;
	const char *text;

	box_rpc(b, ADD("Device.Port.", "before"));
	box_fault(b,
		  SPV(SET("Device.Port.1.Enable", T("boolean"),
			  "1") SET("Device.Port.1.Name", T("string"),
				   "123456789") SET("Device.Port.1.Counter", T("unsignedLong"), "1")
			      SET("Device.Port.1.Signed", T("string"), "1")
				      SET("Device.Port.2.Name", T("string"), "x")
					      SET("Device.Port.1.Mode", T("string"), "Maybe"),
		      "after"),
		  9003);
	text = b->session->out.data;
	assert_non_null(strstr(text, "soap-env:Client<"));
	assert_int_equal(count(text, "<SetParameterValuesFault>"), 5);
	assert_non_null(strstr(text, "<ParameterName>Device.Port.1.Name</ParameterName>"
				     "<FaultCode>9007</FaultCode>"));
	assert_non_null(strstr(text, "<ParameterName>Device.Port.1.Counter</ParameterName>"
				     "<FaultCode>9008</FaultCode>"));
	assert_non_null(strstr(text, "<ParameterName>Device.Port.1.Signed</ParameterName>"
				     "<FaultCode>9006</FaultCode>"));
	assert_non_null(strstr(text, "<ParameterName>Device.Port.2.Name</ParameterName>"
				     "<FaultCode>9005</FaultCode>"));
	assert_non_null(strstr(text, "<ParameterName>Device.Port.1.Mode</ParameterName>"
				     "<FaultCode>9007</FaultCode>"));
	/* says what is allowed */
	assert_non_null(strstr(text, "Off"));
	box_rpc(b, GPV(NAME("Device.Port.1.") NAME(SERVER "ParameterKey")));
	assert_string_equal(box_value(b, "Device.Port.1.Name"), "");
	assert_string_not_equal(box_value(b, "Device.Port.1.Enable"), "1");
	assert_string_equal(box_value(b, SERVER "ParameterKey"), "before");
}

static void T075_name_given_twice_is_9003(void **state)
{
	struct cwmp_box *b = *state;

	box_rpc(b, ADD("Device.Port.", ""));
	box_fault(b,
		  SPV(SET("Device.Port.1.Name", T("string"), "a")
			      SET("Device.Port.1.Name", T("string"), "b"),
		      ""),
		  9003);
	assert_non_null(strstr(b->answer.fault_text, "Device.Port.1.Name"));
	/* no code that an entry may have says so */
	assert_null(strstr(b->session->out.data, "SetParameterValuesFault"));
	assert_string_equal(box_get(b, "Device.Port.1.Name"), "");
	box_fault(b,
		  SPV(SET("Device.Port.1.Name", T("string"), "a")
			      SET("Device.Port.1.Name", T("string"), "b")
				      SET("Device.Nope", T("string"), "b"),
		      ""),
		  9003);
	assert_int_equal(count(b->session->out.data, "<SetParameterValuesFault>"), 1);
}

static void element_inside_a_value_is_no_empty_value(void **state)
{
	struct cwmp_box *b = *state;

	dm_set_own(b->dm, "Device.DeviceInfo.ProvisioningCode", "old", 3);
	box_fault(b, SPV(SET("Device.DeviceInfo.ProvisioningCode", T("string"), "<x/>"), ""), 9003);
	box_fault(b, SPV(SET("<x/>", T("string"), "x"), ""), 9003);
	box_fault(b, SPV("", "<x/>"), 9003);
	box_fault(b, GPV(NAME("<x/>")), 9003);
	box_fault(b, GPN("<x/>", "0"), 9003);
	assert_string_equal(box_get(b, "Device.DeviceInfo.ProvisioningCode"), "old");
}

static void T076_empty_list_sets_the_parameter_key(void **state)
{
	struct cwmp_box *b = *state;

	box_rpc(b, SPV("", "only"));
	assert_string_equal(child(b, "Status"), "0");
	assert_string_equal(box_get(b, SERVER "ParameterKey"), "only");
	box_fault(b, SPV(SET("Device.Nope", T("string"), ""), "not this"), 9003);
	assert_string_equal(box_get(b, SERVER "ParameterKey"), "only");
	/* T084, T085 */
	box_rpc(b, SPV("", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
			   "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
			   "1234567890abcdef 7890\xc3\xa9\xc3\xa9"
			   "9"));
	assert_string_equal(child(b, "Status"), "0");
	assert_int_equal(strlen(box_get(b, SERVER "ParameterKey")), 32 + 21 + 4 + 1);
}

static void T078_type_must_be_the_parameters(void **state)
{
	static const struct {
		const char *type;
		unsigned int inner;
	} cases[] = {
		{ T("int"), 0 },	  { "", 0 },
		{ " xsi:type='int'", 0 }, { T("unsignedInt"), 9006 },
		{ T("string"), 9006 },	  { T("integer"), 9006 },
		{ T("anyType"), 9006 },	  { " xsi:type=''", 9006 },
	};
	struct cwmp_box *b = *state;

	box_rpc(b, ADD("Device.Port.", ""));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char request[1024];

		snprintf(request, sizeof(request), SPV(SET("Device.Port.1.Signed", "%s", "3"), ""),
			 cases[i].type);
		box_rpc(b, request);
		if (!cases[i].inner)
			assert_int_equal(b->answer.kind, SOAP_RESPONSE);
		else
			assert_non_null(
				strstr(b->session->out.data, "<FaultCode>9006</FaultCode>"));
	}
}

static void failure_to_apply_is_told_and_undone(void **state)
{
	static const struct {
		enum dm_error says;
		unsigned int code, entries;
	} cases[] = { { DM_EINTERNAL, 9003, 1 },
		      { DM_ERESOURCES, 9004, 0 },
		      { DM_EDENIED, 9003, 1 } };
	struct cwmp_box *b = *state;

	box_rpc(b, ADD("Device.Port.", "k"));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		box.apply_says = cases[i].says;
		box_fault(b, SPV(SET("Device.Port.1.Name", T("string"), "x"), "new"),
			  cases[i].code);
		assert_int_equal(count(b->session->out.data, "<SetParameterValuesFault>"),
				 cases[i].entries);
		assert_string_equal(box_get(b, "Device.Port.1.Name"), "");
	}
	assert_string_equal(box_get(b, SERVER "ParameterKey"), "k");
	box.apply_says = DM_EINTERNAL;
	box_fault(b, ADD("Device.Port.", ""), 9002);
	box_fault(b, DELETE("Device.Port.1.", ""), 9002);
	assert_string_equal(box_get(b, "Device.PortNumberOfEntries"), "1");
}

static void T094_object_is_added_and_deleted(void **state)
{
	struct cwmp_box *b = *state;

	box_rpc(b, ADD("Device.Port.", "a"));
	assert_string_equal(b->answer.method, "AddObjectResponse");
	assert_string_equal(child(b, "InstanceNumber"), "1");
	assert_string_equal(child(b, "Status"), "0");
	assert_string_equal(box_get(b, SERVER "ParameterKey"), "a");
	box_rpc(b, DELETE("Device.Port.1.", "d"));
	assert_string_equal(b->answer.method, "DeleteObjectResponse");
	assert_string_equal(child(b, "Status"), "0");
	assert_string_equal(box_get(b, SERVER "ParameterKey"), "d");
	box_fault(b, GPV(NAME("Device.Port.1.Name")), 9005);
}

static void T095_what_cannot_be_added_or_deleted_is_9005_and_full_is_9004(void **state)
{
	static const char *const wrong[] = {
		ADD("Device.", ""),
		ADD("Device.Port.1.", ""),
		ADD("Device.Port", ""),
		ADD("Device.Nope.", ""),
		ADD("", ""),
		ADD("Device.DeviceInfo.", ""),
		DELETE("Device.Port.", ""),
		DELETE("Device.Port.9.", ""),
		DELETE("Device.DeviceInfo.", ""),
		DELETE("Device.", ""),
		DELETE("", ""),
		DELETE("Device.Port.1.Name", ""),
	};
	struct cwmp_box *b = *state;

	box_rpc(b, ADD("Device.Port.", "a"));
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		box_fault(b, wrong[i], 9005);
	box_rpc(b, ADD("Device.Port.", "b"));
	box_rpc(b, ADD("Device.Port.", "c"));
	box_fault(b, ADD("Device.Port.", "d"), 9004);
	assert_non_null(strstr(b->session->out.data, "soap-env:Server<"));
	assert_string_equal(box_get(b, SERVER "ParameterKey"), "c");
}

static void T088_attributes_are_set_and_read(void **state)
{
	struct cwmp_box *b = *state;
	const char *text;

	box_rpc(b, ADD("Device.Port.", ""));
	box_rpc(b, SPA("Device.Port.", "1", "1", "0", ""));
	assert_string_equal(b->answer.method, "SetParameterAttributesResponse");
	text = box_rpc(b, GPA(NAME("Device.Port.1.Name")));
	assert_non_null(strstr(text, "cwmp:ParameterAttributeStruct[1]\""));
	assert_non_null(strstr(text,
			       "<Notification>1</Notification><AccessList "
			       "soap-enc:arrayType=\"xsd:string[1]\"><string>Subscriber</string>"
			       "</AccessList>"));
	/* T089: what is not to change stays, and GenieACS leaves the element empty */
	box_rpc(b, SPA("Device.Port.1.Name", "false", "", "true", ""));
	assert_int_equal(b->answer.kind, SOAP_RESPONSE);
	text = box_rpc(b, GPA(NAME("Device.Port.1.Name")));
	assert_non_null(strstr(text, "<Notification>1</Notification><AccessList "
				     "soap-enc:arrayType=\"xsd:string[0]\"></AccessList>"));
	box_rpc(b, SPA("Device.Port.1.Name", "0", "2", "1", "<string>Subscriber</string>"));
	text = box_rpc(b,
		       GPA(NAME("Device.Port.1.Name") NAME("Device.DeviceInfo.ProvisioningCode")));
	assert_non_null(strstr(text, "<Notification>1</Notification>"));
	/* T091: forced active */
	assert_non_null(strstr(text, "<Notification>2</Notification>"));
	assert_int_equal(count(text, "Subscriber"), 2);
	box_fault(b, GPA(NAME("Device.Nope")), 9005);
	assert_non_null(strstr(box_rpc(b, GPA("")), "ParameterAttributeStruct[0]\""));
}

static void T090_attributes_that_cannot_be_are_refused(void **state)
{
	struct cwmp_box *b = *state;

	box_rpc(b, ADD("Device.Port.", ""));
	box_fault(b, SPA("Device.Port.1.Counter", "1", "2", "0", ""), 9009);
	box_rpc(b, SPA("Device.Port.1.Counter", "1", "1", "0", ""));
	assert_int_equal(b->answer.kind, SOAP_RESPONSE);
	/* lightweight notifications, as long as there are none */
	box_fault(b, SPA("Device.Port.1.Name", "1", "3", "0", ""), 9009);
	box_fault(b, SPA("Device.Port.1.Name", "1", "6", "0", ""), 9009);
	box_fault(b, SPA("Device.Port.1.Name", "1", "7", "0", ""), 9003);
	box_fault(b, SPA("Device.Port.1.Name", "1", "", "0", ""), 9003);
	box_fault(b, SPA("Device.Port.1.Name", "", "1", "0", ""), 9003);
	/* T092 */
	box_fault(b, SPA("Device.Port.1.Name", "0", "", "1", "<string>Neighbour</string>"), 9003);
	box_fault(b, SPA("Device.Nope", "1", "1", "0", ""), 9005);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(K1_secret_reads_as_empty),
		TEST(values_are_clean_whatever_the_kernel_gave),
		TEST(T073_values_are_set),
		TEST(T074_set_parameter_values_is_atomic),
		TEST(T075_name_given_twice_is_9003),
		TEST(element_inside_a_value_is_no_empty_value),
		TEST(T076_empty_list_sets_the_parameter_key),
		TEST(T078_type_must_be_the_parameters),
		TEST(failure_to_apply_is_told_and_undone),
		TEST(T094_object_is_added_and_deleted),
		TEST(T095_what_cannot_be_added_or_deleted_is_9005_and_full_is_9004),
		TEST(T088_attributes_are_set_and_read),
		TEST(T090_attributes_that_cannot_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
