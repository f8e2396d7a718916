/* SPDX-License-Identifier: Apache-2.0 */
/* What each kind of row takes and refuses, and what it says then (TESTPLAN 77 to 83). */
#include "tests/unit/model.h"

static const struct dm_fault *only_fault(struct model *m)
{
	assert_int_equal(m->faults.n, 1);
	return &m->faults.v[0];
}

struct value_case {
	const char *path, *in, *out; /* out NULL: refused with DM_EVALUE */
};

static const struct value_case values[] = {
	{ "Flag", "1", "true" },
	{ "Flag", "true", "true" },
	{ "Flag", "0", "false" },
	{ "Flag", " false\n", "false" },
	{ "Flag", "TRUE", NULL },
	{ "Flag", "", NULL },
	{ "Flag", "2", NULL },
	{ "Flag", "yes", NULL },
	{ "Uint", "1", "1" },
	{ "Uint", "+10", "10" },
	{ "Uint", "0020", "20" },
	{ "Uint", "30", "30" },
	{ "Uint", "0", NULL },
	{ "Uint", "11", NULL },
	{ "Uint", "19", NULL },
	{ "Uint", "31", NULL },
	{ "Uint", "-1", NULL },
	{ "Uint", "4294967296", NULL },
	{ "Uint", "notanumber", NULL },
	{ "Uint", "1e1", NULL },
	{ "Uint", "0x1", NULL },
	{ "Uint", "1 0", NULL },
	{ "Uint", "+-1", NULL },
	{ "Int", "-5", "-5" },
	{ "Int", "+5", "5" },
	{ "Int", "-0", "0" },
	{ "Int", "-6", NULL },
	{ "Int", "6", NULL },
	{ "Int", "-2147483649", NULL },
	{ "Int", "", NULL },
	{ "Int", "-", NULL },
	{ "Long", "-9223372036854775808", "-9223372036854775808" },
	{ "Long", "9223372036854775807", "9223372036854775807" },
	{ "Long", "9223372036854775808", NULL },
	{ "Long", "-9223372036854775809", NULL },
	{ "Ulong", "18446744073709551615", "18446744073709551615" },
	{ "Ulong", "-0", "0" },
	{ "Ulong", "18446744073709551616", NULL },
	{ "Ulong", "-1", NULL },
	{ "When", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z" },
	{ "When", "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z" },
	{ "When", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z" },
	{ "When", "2026-01-31T12:00:00+02:00", "2026-01-31T12:00:00+02:00" },
	{ "When", "2026-02-30T12:00:00Z", NULL },
	{ "When", "2026-01-31", NULL },
	{ "When", "", NULL },
	{ "When", "yesterday", NULL },
	{ "When", "2026-13-01T00:00:00Z", NULL },
	{ "Bin", "AAECAw==", "AAECAw==" },
	{ "Bin", "AAEC\n Aw==", "AAECAw==" },
	{ "Bin", "", "" },
	{ "Bin", "AAECAwQ=", NULL },
	{ "Bin", "A", NULL },
	{ "Bin", "****", NULL },
	{ "Hex", "ab01", "AB01" },
	{ "Hex", "00112233", "00112233" },
	{ "Hex", "00", NULL },
	{ "Hex", "0011223344", NULL },
	{ "Hex", "0011a", NULL },
	{ "Hex", "00zz", NULL },
	{ "Dec", "-1.50", "-1.50" },
	{ "Dec", ".5", ".5" },
	{ "Dec", "1.2.3", NULL },
	{ "Dec", ".", NULL },
	{ "Mode", "On", "On" },
	{ "Mode", "on", NULL },
	{ "Mode", "", NULL },
	{ "Mode", "X_A_B", NULL },
	{ "OpenMode", "X_A_B", "X_A_B" },
	{ "OpenMode", "Y", NULL },
	{ "Csv", "1,2,3", "1,2,3" },
	{ "Csv", " 1 , 2", "1,2" },
	{ "Csv", "", "" },
	{ "Csv", "1,2,3,4", NULL },
	{ "Csv", "1,8", NULL },
	{ "Csv", "1,,2", NULL },
	{ "Csv", "1,", NULL },
	{ "Csv", "a", NULL },
	{ "Modes", "On,Off", "On,Off" },
	{ "Modes", "On,Never", NULL },
	{ "Mac", "00:11:22:aa:BB:cc", "00:11:22:aa:BB:cc" },
	{ "Mac", "", "" },
	{ "Mac", "00-11-22-aa-BB-cc", NULL },
	{ "Mac", "00:11:22:aa:BB:c", NULL },
	{ "Even", "4", "4" },
	{ "Even", "5", NULL },
	{ "Text", "a\nb\t\"=", "a\nb\t\"=" },
	{ "Text", "", "" },
	{ "Text", "123456789", NULL },
	{ "Text", "a\x01", NULL },
	{ "Text", "\xff", NULL },
	{ "Text", "\xed\xa0\x80", NULL },
	{ "Octets", "", NULL },
};

static void T077_T079_each_type_takes_what_it_allows(void **state)
{
	struct model *m = *state;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		char path[64], want[128];
		enum dm_error e;

		snprintf(path, sizeof(path), "Device.%s", values[i].path);
		snprintf(want, sizeof(want), "%s=%s\n", path, values[i].out);
		e = model_set(m, path, values[i].in);
		if (e != (values[i].out ? DM_OK : DM_EVALUE))
			fail_msg("%s '%s': %s", path, values[i].in, dm_error_name(e));
		if (values[i].out)
			assert_string_equal(model_get(m, path), want);
		else
			assert_string_equal(only_fault(m)->path, path);
	}
}

static void T078_a_type_that_differs_is_refused(void **state)
{
	struct model *m = *state;
	struct dm_txn *txn = dm_begin(m->dm, DM_BY_ACS);

	assert_int_equal(dm_stage(txn, "Device.Uint", DM_STRING, "2", 1), DM_ETYPE);
	assert_int_equal(dm_stage(txn, "Device.Flag", DM_UINT, "1", 1), DM_ETYPE);
	assert_int_equal(dm_stage(txn, "Device.Text", DM_ANY, "2", 1), DM_OK);
	dm_abort(txn);
}

static void T080_read_only_is_refused(void **state)
{
	struct model *m = *state;

	assert_int_equal(model_set(m, "Device.Version", "2.19"), DM_EREADONLY);
	assert_int_equal(model_set(m, "Device.Gauge", "1"), DM_EREADONLY);
	assert_int_equal(model_set(m, "Device.Net.LinkNumberOfEntries", "1"), DM_EREADONLY);
	assert_int_equal(model_set(m, "Device.Net.", "1"), DM_ENAME);
	assert_int_equal(model_set(m, "Device.Absent", "1"), DM_ENAME);
}

static void T083_lengths_count_characters_and_octets_where_asked(void **state)
{
	struct model *m = *state;

	/* eight characters of three octets */
	assert_int_equal(model_set(m, "Device.Text", "€€€€€€€€"), DM_OK);
	assert_int_equal(model_set(m, "Device.Text", "€€€€€€€€€"), DM_EVALUE);
	assert_int_equal(model_set(m, "Device.Octets", "0123456789012345678901234567890€"),
			 DM_EVALUE);
	assert_non_null(strstr(only_fault(m)->text, "octets"));
	assert_int_equal(model_set(m, "Device.Octets", "01234567890123456789012345678€"), DM_OK);
}

static void a_fault_says_what_is_allowed_but_no_secret(void **state)
{
	struct model *m = *state;

	model_set(m, "Device.Uint", "40");
	assert_string_equal(only_fault(m)->text, "'40' is refused: allowed is 1 to 10, 20 to 30");
	model_set(m, "Device.Mode", "Of");
	assert_string_equal(only_fault(m)->text, "'Of' is refused: allowed is Off, On, Auto");
	model_set(m, "Device.Mac", "x");
	assert_non_null(strstr(only_fault(m)->text, DM_WANTS_MAC));
	model_set(m, "Device.Even", "3");
	assert_string_equal(only_fault(m)->text, "only even numbers are allowed");
	model_set(m, "Device.Secret", "much too long for this");
	assert_string_equal(
		only_fault(m)->text,
		"The value is refused: at most 16 characters are allowed, these are 22");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODEL_TEST(T077_T079_each_type_takes_what_it_allows),
		MODEL_TEST(T078_a_type_that_differs_is_refused),
		MODEL_TEST(T080_read_only_is_refused),
		MODEL_TEST(T083_lengths_count_characters_and_octets_where_asked),
		MODEL_TEST(a_fault_says_what_is_allowed_but_no_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
