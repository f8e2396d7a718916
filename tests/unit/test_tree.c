/* SPDX-License-Identifier: Apache-2.0 */
/* Names, values and rows of the tree (TESTPLAN 59 to 73, 94 to 97). */
#include "tests/unit/model.h"

static void T059_one_parameter_is_one_name(void **state)
{
	assert_string_equal(model_names(*state, "Device.Text", false), "Device.Text w\n");
	assert_string_equal(model_names(*state, "Device.Version", false), "Device.Version r\n");
}

static void T060_next_level_of_a_parameter_is_refused(void **state)
{
	assert_string_equal(model_names(*state, "Device.Text", true), "Invalid arguments");
}

static void T061_partial_path_is_the_object_and_all_below(void **state)
{
	struct model *m = *state;

	model_add(m, "Device.Net.Link.");
	assert_string_equal(model_names(m, "Device.Net.", false),
			    "Device.Net. r\nDevice.Net.LinkNumberOfEntries r\n"
			    "Device.Net.PortNumberOfEntries r\nDevice.Net.HostNumberOfEntries r\n"
			    "Device.Net.Link. w\nDevice.Net.Link.1. w\nDevice.Net.Link.1.Enable w\n"
			    "Device.Net.Link.1.Alias w\nDevice.Net.Link.1.Name w\n"
			    "Device.Net.Link.1.Lower w\nDevice.Net.Link.1.Any w\n"
			    "Device.Net.Link.1.SubNumberOfEntries r\nDevice.Net.Link.1.Sub. w\n"
			    "Device.Net.Link.1.Stats. r\nDevice.Net.Link.1.Stats.Bytes r\n"
			    "Device.Net.Port. r\nDevice.Net.Host. r\n");
}

static void T062_next_level_is_only_what_is_directly_below(void **state)
{
	struct model *m = *state;

	model_add(m, "Device.Net.Link.");
	model_add(m, "Device.Net.Link.");
	assert_string_equal(model_names(m, "Device.Net.", true),
			    "Device.Net.LinkNumberOfEntries r\nDevice.Net.PortNumberOfEntries r\n"
			    "Device.Net.HostNumberOfEntries r\nDevice.Net.Link. w\n"
			    "Device.Net.Port. r\nDevice.Net.Host. r\n");
	assert_string_equal(model_names(m, "Device.Net.Link.", true),
			    "Device.Net.Link.1. w\nDevice.Net.Link.2. w\n");
	assert_string_equal(model_names(m, "Device.Net.Link.2.Sub.", true), "");
}

static void T063_T064_empty_path_is_the_root_or_everything(void **state)
{
	struct model *m = *state;
	struct buf all;

	assert_string_equal(model_names(m, "", true), "Device. r\n");
	buf_init(&all, 65536);
	buf_puts(&all, model_names(m, "", false));
	assert_string_equal(model_names(m, "Device.", false), buf_str(&all));
	assert_non_null(strstr(buf_str(&all), "Device.Net.Host. r\n"));
	assert_null(strstr(buf_str(&all), "Absent"));
	assert_null(strstr(buf_str(&all), "Hidden"));
	buf_free(&all);
}

static void T065_T067_unknown_names_are_refused(void **state)
{
	static const char *const bad[] = {
		"Device",
		"Device.Net",
		"Device.Nothing",
		"Device.Net.Link.1",
		"Device.Net.Link.1.",
		"Device.Net.Link.0.",
		"Device.Net.Link.01.",
		"Device.Net.Link.x.",
		"Device..",
		".",
		"Device.Text.",
		"Device.Text.x",
		"device.",
		"Device.Net.Link.{i}.",
		"Device.Absent",
		"Device.Hidden.",
		"Device.Net.Link.99999999999.",
		" Device.",
		"Device.Net.Link.[cpe-1].",
		"InternetGatewayDevice.",
		"Device.Net.Link.1.1.",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_string_equal(model_names(*state, bad[i], false), "Invalid parameter name");
		assert_string_equal(model_names(*state, bad[i], true), "Invalid parameter name");
		assert_string_equal(model_get(*state, bad[i]), "Invalid parameter name");
	}
}

static void T069_values_of_one_of_some_and_of_all(void **state)
{
	struct model *m = *state;

	world.gauge = 42;
	assert_string_equal(model_get(m, "Device.Gauge"), "Device.Gauge=42\n");
	assert_string_equal(model_get(m, "Device.When"), "Device.When=0001-01-01T00:00:00Z\n");
	model_add(m, "Device.Net.Link.");
	assert_string_equal(model_get(m, "Device.Net.Link.1."),
			    "Device.Net.Link.1.Enable=false\nDevice.Net.Link.1.Alias=cpe-1\n"
			    "Device.Net.Link.1.Name=new\nDevice.Net.Link.1.Lower=\n"
			    "Device.Net.Link.1.Any=\nDevice.Net.Link.1.SubNumberOfEntries=0\n"
			    "Device.Net.Link.1.Stats.Bytes=42\n");
	assert_non_null(strstr(model_get(m, ""), "Device.Net.Link.1.Stats.Bytes=42\n"));
}

static void T071_secrets_and_commands_read_as_nothing(void **state)
{
	struct model *m = *state;
	size_t len;

	assert_int_equal(model_set(m, "Device.Secret", "hush"), DM_OK);
	assert_int_equal(model_set(m, "Device.Command", "1"), DM_OK);
	assert_string_equal(model_get(m, "Device.Secret"), "Device.Secret=\n");
	assert_string_equal(model_get(m, "Device.Command"), "Device.Command=false\n");
	assert_string_equal(dm_str(dm_find(m->dm, "Device"), "Secret", &len), "hush");
	assert_int_equal(len, 4);
}

static void T072_empty_table_is_an_empty_list(void **state)
{
	assert_string_equal(model_get(*state, "Device.Net.Link."), "");
	assert_string_equal(model_get(*state, "Device.Net.LinkNumberOfEntries"),
			    "Device.Net.LinkNumberOfEntries=0\n");
}

static void forced_parameters_are_prebuilt(void **state)
{
	struct model *m = *state;

	buf_reset(&m->out);
	assert_int_equal(dm_forced(m->dm, model_put_value, &m->out), DM_OK);
	assert_string_equal(buf_str(&m->out), "Device.Version=2.19\nDevice.Key=\n");
}

static void one_kernel_dump_serves_one_rpc(void **state)
{
	struct model *m = *state;

	world.host[world.nhosts++] = "a";
	world.host[world.nhosts++] = "b";
	model_get(m, "Device.");
	assert_int_equal(world.host_refreshes, 1);
	dm_get(m->dm, "Device.Net.HostNumberOfEntries", model_put_value, &m->out);
	dm_get(m->dm, "Device.Net.Host.1.Mac", model_put_value, &m->out);
	assert_int_equal(world.host_refreshes, 1);
	assert_string_equal(model_get(m, "Device.Net.Host.2.Mac"), "Device.Net.Host.2.Mac=b\n");
	assert_int_equal(world.host_refreshes, 2);
}

static void a_row_that_left_is_readable_until_the_session_ends(void **state)
{
	struct model *m = *state;

	world.host[world.nhosts++] = "a";
	world.host[world.nhosts++] = "b";
	dm_session_begin(m->dm);
	assert_string_equal(model_names(m, "Device.Net.Host.", true),
			    "Device.Net.Host.1. r\nDevice.Net.Host.2. r\n");
	world.nhosts = 1;
	assert_string_equal(model_names(m, "Device.Net.Host.", true), "Device.Net.Host.1. r\n");
	assert_string_equal(model_get(m, "Device.Net.Host.2.Mac"), "Device.Net.Host.2.Mac=b\n");
	assert_string_equal(model_get(m, "Device.Net.HostNumberOfEntries"),
			    "Device.Net.HostNumberOfEntries=1\n");
	assert_int_equal(model_set(m, "Device.Net.Host.2.Note", "x"), DM_ENAME);
	assert_int_equal(world.released, 0);
	dm_session_end(m->dm);
	assert_int_equal(world.released, 1);
	assert_string_equal(model_get(m, "Device.Net.Host.2.Mac"), "Invalid parameter name");
}

static void a_thing_that_comes_back_in_the_session_is_the_same_row(void **state)
{
	struct model *m = *state;

	world.host[world.nhosts++] = "a";
	dm_session_begin(m->dm);
	model_get(m, "Device.Net.");
	world.nhosts = 0;
	model_get(m, "Device.Net.");
	world.nhosts = 1;
	assert_string_equal(model_get(m, "Device.Net.Host.1.Mac"), "Device.Net.Host.1.Mac=a\n");
	dm_session_end(m->dm);
	assert_string_equal(model_get(m, "Device.Net.Host.1.Mac"), "Device.Net.Host.1.Mac=a\n");
	assert_int_equal(world.released, 0);
}

static void row_numbers_are_not_used_again_soon(void **state)
{
	struct model *m = *state;

	world.host[0] = "a";
	world.nhosts = 1;
	model_get(m, "Device.");
	world.host[0] = "b";
	assert_string_equal(model_names(m, "Device.Net.Host.", true), "Device.Net.Host.2. r\n");
	assert_int_equal(model_add(m, "Device.Net.Link."), 1);
	assert_int_equal(model_del(m, "Device.Net.Link.1."), DM_OK);
	assert_int_equal(model_add(m, "Device.Net.Link."), 2);
}

static void a_live_table_takes_no_more_than_its_limit(void **state)
{
	struct model *m = *state;
	char names[MODEL_HOSTS][8];

	for (size_t i = 0; i < MODEL_HOSTS; i++) {
		snprintf(names[i], sizeof(names[i]), "h%zu", i);
		world.host[i] = names[i];
	}
	world.nhosts = MODEL_HOSTS;
	assert_string_equal(model_get(m, "Device.Net.HostNumberOfEntries"),
			    "Device.Net.HostNumberOfEntries=50\n");
}

static void T097_kept_rows_have_their_number_after_a_restart(void **state)
{
	struct model *m = *state;

	world.port[0] = "eth0";
	world.port[1] = "eth1";
	world.nports = 2;
	assert_string_equal(model_get(m, "Device.Net.Port.2.Name"),
			    "Device.Net.Port.2.Name=eth1\n");
	assert_int_equal(model_set(m, "Device.Net.Port.2.Speed", "10"), DM_OK);
	model_close(m);
	/* the first port is gone at the next start, and another is there */
	world.port[0] = "eth1";
	world.port[1] = "eth2";
	model_open(m);
	assert_string_equal(model_get(m, "Device.Net.Port."),
			    "Device.Net.Port.2.Name=eth1\nDevice.Net.Port.2.Alias=cpe-2\n"
			    "Device.Net.Port.2.Speed=10\nDevice.Net.Port.3.Name=eth2\n"
			    "Device.Net.Port.3.Alias=cpe-3\nDevice.Net.Port.3.Speed=100\n");
	world.port[1] = "eth0";
	assert_string_equal(model_get(m, "Device.Net.Port.1.Name"),
			    "Device.Net.Port.1.Name=eth0\n");
}

static void absent_things_are_forgotten_in_the_end(void **state)
{
	struct model *m = *state;
	char name[16];

	world.port[0] = name;
	world.nports = 1;
	for (unsigned int i = 0; i < 700; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		model_get(m, "Device.Net.");
	}
	assert_string_equal(model_get(m, "Device.Net.Port.700.Name"),
			    "Device.Net.Port.700.Name=p699\n");
	assert_true(store_has(m->store, "@key.Device.Net.Port.700"));
	assert_true(store_has(m->store, "@key.Device.Net.Port.500"));
	assert_false(store_has(m->store, "@key.Device.Net.Port.100"));
}

static void aliases_name_rows_when_they_may(void **state)
{
	struct model *m = *state;

	model_add(m, "Device.Net.Link.");
	model_add(m, "Device.Net.Link.");
	assert_int_equal(model_set(m, "Device.Net.Link.2.Alias", "guest"), DM_OK);
	assert_string_equal(model_get(m, "Device.Net.Link.[guest].Name"), "Invalid parameter name");
	dm_allow_alias(m->dm, true);
	assert_string_equal(model_get(m, "Device.Net.Link.[guest].Name"),
			    "Device.Net.Link.2.Name=new\n");
	assert_string_equal(model_get(m, "Device.Net.Link.[cpe-1].Name"),
			    "Device.Net.Link.1.Name=new\n");
	assert_int_equal(model_add(m, "Device.Net.Link.[third]."), 3);
	assert_string_equal(model_get(m, "Device.Net.Link.3.Alias"),
			    "Device.Net.Link.3.Alias=third\n");
	assert_int_equal(model_add(m, "Device.Net.Link.[third]."), 0);
	assert_string_equal(model_get(m, "Device.Net.LinkNumberOfEntries"),
			    "Device.Net.LinkNumberOfEntries=3\n");
}

static void rows_are_told_by_alias_when_asked_for(void **state)
{
	struct model *m = *state;

	dm_allow_alias(m->dm, true);
	model_add(m, "Device.Net.Link.");
	model_add(m, "Device.Net.Link.[guest].");
	dm_tell_alias(m->dm, true);
	assert_string_equal(model_get(m, "Device.Net.Link.2.Name"),
			    "Device.Net.Link.[guest].Name=new\n");
	assert_string_equal(model_get(m, "Device.Net.Link.[cpe-1].Name"),
			    "Device.Net.Link.[cpe-1].Name=new\n");
	assert_non_null(
		strstr(model_get(m, "Device.Net.Link."), "Device.Net.Link.[guest].Alias=guest"));
	assert_null(strstr(model_get(m, "Device."), "Device.Net.Link.2."));
	/* what is kept does not depend on it */
	assert_true(store_has(m->store, "Device.Net.Link.2.Alias"));
	dm_tell_alias(m->dm, false);
	assert_string_equal(model_get(m, "Device.Net.Link.[guest].Name"),
			    "Device.Net.Link.2.Name=new\n");
}

static enum dm_error set_missing(struct model *m, const char *path, const char *value)
{
	struct dm_txn *txn = dm_begin(m->dm, DM_BY_ACS);
	enum dm_error e;

	dm_stage_missing(txn, path);
	dm_stage(txn, path, DM_ANY, value, strlen(value));
	e = dm_commit(txn, NULL);
	return e;
}

static void missing_rows_are_made_or_nothing_is(void **state)
{
	struct model *m = *state;

	assert_int_equal(set_missing(m, "Device.Net.Link.[guest].Enable", "true"), DM_ENAME);
	dm_allow_alias(m->dm, true);
	assert_int_equal(set_missing(m, "Device.Net.Link.[guest].Enable", "maybe"), DM_EVALUE);
	assert_int_equal(set_missing(m, "Device.Net.Link.[guest].Nothing", "1"), DM_ENAME);
	assert_int_equal(set_missing(m, "Device.Net.Link.[cpe-9].Enable", "true"), DM_EVALUE);
	assert_int_equal(set_missing(m, "Device.Net.Port.[guest].Name", "x"), DM_ENAME);
	assert_int_equal(set_missing(m, "Device.Net.Link.[guest", "x"), DM_ENAME);
	assert_string_equal(model_get(m, "Device.Net.LinkNumberOfEntries"),
			    "Device.Net.LinkNumberOfEntries=0\n");
	assert_int_equal(set_missing(m, "Device.Net.Link.[guest].Enable", "true"), DM_OK);
	assert_int_equal(set_missing(m, "Device.Net.Link.[guest].Name", "one"), DM_OK);
	assert_string_equal(model_get(m, "Device.Net.LinkNumberOfEntries"),
			    "Device.Net.LinkNumberOfEntries=1\n");
	assert_string_equal(model_get(m, "Device.Net.Link.[guest].Enable"),
			    "Device.Net.Link.1.Enable=true\n");
}

static int stop_at_two(void *arg, const struct dm_value *v)
{
	return ++*(int *)arg == 2;
}

static void a_callback_can_end_the_walk(void **state)
{
	struct model *m = *state;
	int n = 0;

	assert_int_equal(dm_get(m->dm, "Device.", stop_at_two, &n), DM_ERESOURCES);
	assert_int_equal(n, 2);
}

static void wrong_schemas_are_refused(void **state)
{
	static const struct dm_object orphan = DM_EMPTY("Device.A.B.");
	static const struct dm_object nodot = DM_EMPTY("Device.A");
	static const struct dm_object *const no_parent[] = { &model_root, &orphan };
	static const struct dm_object *const twice[] = { &model_root, &model_net, &model_net };
	static const struct dm_object *const bad[] = { &model_root, &nodot };
	struct dm *dm = NULL;

	assert_int_not_equal(dm_open(&dm, no_parent, 2, NULL), 0);
	assert_int_not_equal(dm_open(&dm, twice, 3, NULL), 0);
	assert_int_not_equal(dm_open(&dm, bad, 2, NULL), 0);
	assert_int_not_equal(dm_open(&dm, bad, 0, NULL), 0);
	assert_null(dm);
}

static void results_are_numbered_from_1_each_time(void **state)
{
	static const struct dm_object root = DM_EMPTY("Device.");
	static const struct dm_object result =
		DM_TABLE("Device.Result.{i}.", model_host_params, .flags = DM_ANEW);
	static const struct dm_object *const objects[] = { &root, &result };
	struct dm_inst *up;
	struct dm *dm;

	assert_int_equal(dm_open(&dm, objects, 2, NULL), 0);
	up = dm_single(dm, &root);
	for (int run = 0; run < 3; run++) {
		assert_int_equal(dm_row(up, &result, "1")->number, 1);
		assert_int_equal(dm_row(up, &result, "2")->number, 2);
		if (run == 1) /* also those that somebody may still be reading */
			dm_session_begin(dm);
		dm_rows_begin(up, &result);
		dm_rows_end(up, &result);
		assert_int_equal(dm_row_count(up, &result), 0);
	}
	dm_session_end(dm);
	dm_close(dm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODEL_TEST(T059_one_parameter_is_one_name),
		MODEL_TEST(T060_next_level_of_a_parameter_is_refused),
		MODEL_TEST(T061_partial_path_is_the_object_and_all_below),
		MODEL_TEST(T062_next_level_is_only_what_is_directly_below),
		MODEL_TEST(T063_T064_empty_path_is_the_root_or_everything),
		MODEL_TEST(T065_T067_unknown_names_are_refused),
		MODEL_TEST(T069_values_of_one_of_some_and_of_all),
		MODEL_TEST(T071_secrets_and_commands_read_as_nothing),
		MODEL_TEST(T072_empty_table_is_an_empty_list),
		MODEL_TEST(forced_parameters_are_prebuilt),
		MODEL_TEST(one_kernel_dump_serves_one_rpc),
		MODEL_TEST(a_row_that_left_is_readable_until_the_session_ends),
		MODEL_TEST(a_thing_that_comes_back_in_the_session_is_the_same_row),
		MODEL_TEST(row_numbers_are_not_used_again_soon),
		MODEL_TEST(a_live_table_takes_no_more_than_its_limit),
		MODEL_TEST(T097_kept_rows_have_their_number_after_a_restart),
		MODEL_TEST(absent_things_are_forgotten_in_the_end),
		MODEL_TEST(aliases_name_rows_when_they_may),
		MODEL_TEST(rows_are_told_by_alias_when_asked_for),
		MODEL_TEST(missing_rows_are_made_or_nothing_is),
		MODEL_TEST(results_are_numbered_from_1_each_time),
		MODEL_TEST(a_callback_can_end_the_walk),
		MODEL_TEST(wrong_schemas_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
