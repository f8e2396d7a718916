/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions over the tree (TESTPLAN 73 to 76, 94 to 97). */
#include "tests/unit/model.h"

static const struct dm_fault *only_fault(struct model *m)
{
	assert_int_equal(m->faults.n, 1);
	return &m->faults.v[0];
}

static void T073_set_one_and_read_it_after_a_restart(void **state)
{
	struct model *m = *state;

	assert_int_equal(model_set(m, "Device.Text", "home"), DM_OK);
	assert_string_equal(model_get(m, "Device.Text"), "Device.Text=home\n");
	model_close(m);
	model_open(m);
	assert_string_equal(model_get(m, "Device.Text"), "Device.Text=home\n");
}

static void only_differences_from_the_default_are_stored(void **state)
{
	struct model *m = *state;

	assert_int_equal(model_set(m, "Device.Text", "home"), DM_OK);
	assert_true(store_has(m->store, "Device.Text"));
	assert_int_equal(model_set(m, "Device.Text", ""), DM_OK);
	assert_false(store_has(m->store, "Device.Text"));
	assert_int_equal(model_set(m, "Device.Forgotten", "x"), DM_OK);
	assert_false(store_has(m->store, "Device.Forgotten"));
}

static void T074_set_parameter_values_is_atomic(void **state)
{
	struct model *m = *state;
	struct dm_txn *txn;
	char before[65536];

	snprintf(before, sizeof(before), "%s", model_get(m, ""));
	txn = dm_begin(m->dm, DM_BY_ACS);
	assert_int_equal(dm_stage(txn, "Device.Text", DM_STRING, "home", 4), DM_OK);
	assert_int_equal(dm_stage(txn, "Device.Nope", DM_STRING, "x", 1), DM_ENAME);
	assert_int_equal(dm_stage(txn, "Device.Uint", DM_INT, "2", 1), DM_ETYPE);
	assert_int_equal(dm_stage(txn, "Device.Int", DM_INT, "6", 1), DM_EVALUE);
	assert_int_equal(dm_stage(txn, "Device.Version", DM_STRING, "3", 1), DM_EREADONLY);
	assert_int_equal(dm_stage(txn, "Device.Flag", DM_BOOL, "1", 1), DM_OK);
	assert_int_not_equal(dm_commit(txn, &m->faults), DM_OK);
	assert_int_equal(m->faults.n, 4);
	assert_string_equal(m->faults.v[0].path, "Device.Nope");
	assert_int_equal(m->faults.v[0].error, DM_ENAME);
	assert_string_equal(m->faults.v[1].path, "Device.Uint");
	assert_string_equal(m->faults.v[1].text, "The type is xsd:unsignedInt, not xsd:int");
	assert_string_equal(m->faults.v[2].path, "Device.Int");
	assert_string_equal(m->faults.v[2].text, "'6' is refused: allowed is -5 to 5");
	assert_int_equal(m->faults.v[3].error, DM_EREADONLY);
	assert_string_equal(model_get(m, ""), before);
	assert_false(store_dirty(m->store));
	assert_false(store_has(m->store, "Device.Text"));
}

static void T075_the_same_name_twice_is_refused(void **state)
{
	struct model *m = *state;
	struct dm_txn *txn = dm_begin(m->dm, DM_BY_ACS);

	dm_stage(txn, "Device.Text", DM_STRING, "a", 1);
	assert_int_equal(dm_stage(txn, "Device.Text", DM_STRING, "b", 1), DM_EARGUMENTS);
	assert_int_equal(dm_commit(txn, &m->faults), DM_EARGUMENTS);
	assert_string_equal(model_get(m, "Device.Text"), "Device.Text=\n");
	assert_int_equal(model_set(m, "Device.Text", "c"), DM_OK);
	assert_int_equal(model_set(m, "Device.Text", "d"), DM_OK);
}

static void T076_parameter_key_goes_with_the_transaction(void **state)
{
	struct model *m = *state;
	struct dm_txn *txn = dm_begin(m->dm, DM_BY_ACS);

	assert_int_equal(dm_stage(txn, "Device.Key", DM_STRING, "k", 1), DM_EREADONLY);
	dm_abort(txn);
	txn = dm_begin(m->dm, DM_BY_ACS);
	dm_stage(txn, "Device.Text", DM_STRING, "much too long", 13);
	assert_int_equal(dm_stage_own(txn, "Device.Key", "k1", 2), DM_OK);
	assert_int_equal(dm_commit(txn, NULL), DM_EVALUE);
	assert_string_equal(model_get(m, "Device.Key"), "Device.Key=\n");
	txn = dm_begin(m->dm, DM_BY_ACS);
	assert_int_equal(dm_stage_own(txn, "Device.Key", "k2", 2), DM_OK);
	assert_int_equal(dm_commit(txn, NULL), DM_OK);
	assert_string_equal(model_get(m, "Device.Key"), "Device.Key=k2\n");
}

static void T094_a_new_row_has_its_defaults(void **state)
{
	struct model *m = *state;

	assert_int_equal(model_add(m, "Device.Net.Link."), 1);
	assert_int_equal(model_set(m, "Device.Net.Link.1.Name", "lan"), DM_OK);
	assert_int_equal(model_add(m, "Device.Net.Link."), 2);
	assert_string_equal(model_get(m, "Device.Net.Link.2.Name"), "Device.Net.Link.2.Name=new\n");
	assert_int_equal(model_add(m, "Device.Net.Link.2.Sub."), 1);
	assert_string_equal(model_get(m, "Device.Net.Link.2.Sub.1.Value"),
			    "Device.Net.Link.2.Sub.1.Value=7\n");
}

static void T095_add_object_is_refused_where_it_must_be(void **state)
{
	static const char *const bad[] = {
		"Device.Net.Link.1.",	  "Device.Net.Link",  "Device.Net.",
		"Device.Net.Host.",	  "Device.Net.Nope.", "",
		"Device.Net.Link.9.Sub.", "Device.Text"
	};
	struct model *m = *state;

	for (uint32_t i = 1; i <= 4; i++)
		assert_int_equal(model_add(m, "Device.Net.Link."), i);
	assert_int_equal(model_add(m, "Device.Net.Link."), 0);
	assert_int_equal(only_fault(m)->error, DM_ERESOURCES);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(model_add(m, bad[i]), 0);
		assert_int_equal(only_fault(m)->error, DM_ENAME);
	}
	/* a refused AddObject uses no number up */
	assert_int_equal(model_del(m, "Device.Net.Link.4."), DM_OK);
	assert_int_equal(model_add(m, "Device.Net.Link."), 5);
}

static void T096_delete_object_takes_all_with_it(void **state)
{
	struct model *m = *state;

	world.port[0] = "eth0";
	world.nports = 1;
	model_add(m, "Device.Net.Link.");
	model_add(m, "Device.Net.Link.");
	model_add(m, "Device.Net.Link.1.Sub.");
	model_add(m, "Device.Net.Link.2.Sub.");
	assert_int_equal(model_set(m, "Device.Net.Link.2.Sub.1.Up", "Device.Net.Link.1"), DM_OK);
	assert_int_equal(model_set(m, "Device.Net.Link.2.Any", "Device.Net.Link.1.Sub.1"), DM_OK);
	assert_int_equal(model_set(m, "Device.Net.Link.1.Sub.1.Value", "9"), DM_OK);
	assert_int_equal(model_del(m, "Device.Net.Link.1."), DM_OK);
	assert_string_equal(model_get(m, "Device.Net.Link.1."), "Invalid parameter name");
	assert_string_equal(model_get(m, "Device.Net.LinkNumberOfEntries"),
			    "Device.Net.LinkNumberOfEntries=1\n");
	assert_string_equal(model_get(m, "Device.Net.Link.2.Sub.1.Up"),
			    "Device.Net.Link.2.Sub.1.Up=\n");
	assert_string_equal(model_get(m, "Device.Net.Link.2.Any"), "Device.Net.Link.2.Any=\n");
	assert_false(store_has(m->store, "Device.Net.Link.1.Sub.1.Value"));
	assert_false(store_has(m->store, "@rows.Device.Net.Link.1.Sub."));
	assert_int_equal(model_del(m, "Device.Net.Link.1."), DM_ENAME);
	assert_int_equal(model_del(m, "Device.Net.Link."), DM_ENAME);
	assert_int_equal(model_del(m, "Device.Net."), DM_ENAME);
	assert_int_equal(model_del(m, "Device.Net.Port.1."), DM_ENAME);
}

static void T097_rows_and_numbers_survive_a_restart(void **state)
{
	struct model *m = *state;

	model_add(m, "Device.Net.Link.");
	model_add(m, "Device.Net.Link.");
	model_add(m, "Device.Net.Link.");
	model_add(m, "Device.Net.Link.2.Sub.");
	model_set(m, "Device.Net.Link.2.Sub.1.Value", "3");
	model_del(m, "Device.Net.Link.3.");
	model_del(m, "Device.Net.Link.1.");
	model_close(m);
	model_open(m);
	assert_string_equal(model_names(m, "Device.Net.Link.", true), "Device.Net.Link.2. w\n");
	assert_string_equal(model_get(m, "Device.Net.Link.2.Sub.1.Value"),
			    "Device.Net.Link.2.Sub.1.Value=3\n");
	assert_int_equal(model_add(m, "Device.Net.Link."), 4);
}

static void references_name_rows_that_exist(void **state)
{
	struct model *m = *state;
	struct dm_txn *txn;
	uint32_t n;

	world.port[0] = "eth0";
	world.nports = 1;
	model_add(m, "Device.Net.Link.");
	assert_int_equal(model_set(m, "Device.Net.Link.1.Lower", "Device.Net.Port.1"), DM_OK);
	assert_string_equal(model_get(m, "Device.Net.Link.1.Lower"),
			    "Device.Net.Link.1.Lower=Device.Net.Port.1\n");
	assert_ptr_equal(dm_ref(dm_find(m->dm, "Device.Net.Link.1"), "Lower"),
			 dm_find(m->dm, "Device.Net.Port.1."));
	/* some ACSs send the final dot */
	assert_int_equal(model_set(m, "Device.Net.Link.1.Lower", "Device.Net.Port.1."), DM_OK);
	assert_string_equal(model_get(m, "Device.Net.Link.1.Lower"),
			    "Device.Net.Link.1.Lower=Device.Net.Port.1\n");
	assert_int_equal(model_set(m, "Device.Net.Link.1.Lower", ""), DM_OK);
	assert_int_equal(model_set(m, "Device.Net.Link.1.Lower", "Device.Net.Port.2"), DM_EVALUE);
	assert_int_equal(model_set(m, "Device.Net.Link.1.Lower", "Device.Net.Link.1"), DM_EVALUE);
	assert_int_equal(model_set(m, "Device.Net.Link.1.Lower", "Device.Net.Port."), DM_EVALUE);
	assert_int_equal(
		model_set(m, "Device.Net.Link.1.Lower", "Device.Net.Port.1,Device.Net.Port.7"),
		DM_EVALUE);
	assert_non_null(strstr(only_fault(m)->text, "Device.Net.Port.7"));
	/* the order within a transaction does not matter */
	txn = dm_begin(m->dm, DM_BY_USER);
	dm_stage(txn, "Device.Net.Link.1.Any", DM_ANY, "Device.Net.Link.2", 17);
	assert_int_equal(dm_stage_add(txn, "Device.Net.Link.", &n), DM_OK);
	assert_int_equal(dm_commit(txn, NULL), DM_OK);
}

static void alias_is_unique_in_its_table(void **state)
{
	struct model *m = *state;

	model_add(m, "Device.Net.Link.");
	model_add(m, "Device.Net.Link.");
	assert_int_equal(model_set(m, "Device.Net.Link.1.Alias", "home"), DM_OK);
	assert_int_equal(model_set(m, "Device.Net.Link.2.Alias", "home"), DM_EVALUE);
	assert_int_equal(model_set(m, "Device.Net.Link.2.Alias", "cpe-1"), DM_EVALUE);
	assert_int_equal(model_set(m, "Device.Net.Link.2.Alias", "cpe-2"), DM_OK);
	assert_int_equal(model_set(m, "Device.Net.Link.2.Alias", "1st"), DM_EVALUE);
	assert_int_equal(model_set(m, "Device.Net.Link.1.Alias", "home"), DM_OK);
}

static void a_module_that_fails_undoes_everything(void **state)
{
	struct model *m = *state;
	struct dm_txn *txn;
	char before[65536];
	uint32_t n;

	model_add(m, "Device.Net.Link.");
	model_add(m, "Device.Net.Link.1.Sub.");
	snprintf(before, sizeof(before), "%s", model_get(m, ""));
	world.apply_says = DM_EINTERNAL;
	txn = dm_begin(m->dm, DM_BY_ACS);
	dm_stage(txn, "Device.Text", DM_ANY, "abc", 3);
	dm_stage(txn, "Device.Net.Link.1.Name", DM_ANY, "abc", 3);
	dm_stage_add(txn, "Device.Net.Link.", &n);
	dm_stage_add(txn, "Device.Net.Link.2.Sub.", &n);
	dm_stage(txn, "Device.Net.Link.2.Sub.1.Value", DM_ANY, "1", 1);
	dm_stage_del(txn, "Device.Net.Link.1.");
	assert_int_equal(dm_commit(txn, &m->faults), DM_EINTERNAL);
	assert_non_null(strstr(only_fault(m)->text, "model could not apply"));
	assert_string_equal(model_get(m, ""), before);
	assert_int_equal(world.reverts, 0);
	assert_false(store_dirty(m->store));
	world.apply_says = DM_OK;
	assert_int_equal(model_add(m, "Device.Net.Link."), 2);
	assert_int_equal(world.commits, 3);
}

static void a_store_that_fails_reverts_the_modules(void **state)
{
	struct model *m = *state;
	char path[128], before[65536];

	model_add(m, "Device.Net.Link.");
	snprintf(before, sizeof(before), "%s", model_get(m, ""));
	/* a directory in the place of the new file: also root can't open it for writing */
	snprintf(path, sizeof(path), "%s/state.new", m->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(model_set(m, "Device.Net.Link.1.Name", "lan"), DM_ERESOURCES);
	assert_int_equal(world.reverts, 1);
	assert_string_equal(model_get(m, ""), before);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(model_set(m, "Device.Net.Link.1.Name", "lan"), DM_OK);
}

static void an_aborted_transaction_leaves_no_trace(void **state)
{
	struct model *m = *state;
	char before[65536];
	struct dm_txn *txn;
	uint32_t n;

	snprintf(before, sizeof(before), "%s", model_get(m, ""));
	txn = dm_begin(m->dm, DM_BY_ACS);
	assert_null(dm_begin(m->dm, DM_BY_ACS));
	dm_stage(txn, "Device.Text", DM_ANY, "abc", 3);
	dm_stage_add(txn, "Device.Net.Link.", &n);
	dm_stage_add(txn, "Device.Net.Link.1.Sub.", &n);
	dm_stage_del(txn, "Device.Net.Link.1.");
	dm_abort(txn);
	assert_string_equal(model_get(m, ""), before);
	assert_int_equal(world.applies, 0);
}

static void the_factory_layer_lies_under_the_state(void **state)
{
	struct model *m = *state;

	model_close(m);
	model_write(m->dir, "factory.conf",
		    "sallyport-state 1\n# label\nDevice.Text = label\nDevice.Uint = 99\n"
		    "Device.Net.Link.2.Name=wan\nDevice.Net.Link.2.Sub.5.Value = 1\n");
	model_open(m);
	assert_string_equal(model_get(m, "Device.Text"), "Device.Text=label\n");
	/* a value that its row refuses is left out */
	assert_string_equal(model_get(m, "Device.Uint"), "Device.Uint=1\n");
	assert_string_equal(model_get(m, "Device.Net.Link.2.Sub.5.Value"),
			    "Device.Net.Link.2.Sub.5.Value=1\n");
	assert_int_equal(model_add(m, "Device.Net.Link."), 3);
	assert_int_equal(model_set(m, "Device.Text", ""), DM_OK);
	assert_int_equal(model_set(m, "Device.Net.Link.2.Name", "x"), DM_OK);
	assert_int_equal(model_del(m, "Device.Net.Link.2."), DM_OK);
	model_close(m);
	model_open(m);
	assert_string_equal(model_get(m, "Device.Text"), "Device.Text=\n");
	assert_string_equal(model_names(m, "Device.Net.Link.", true), "Device.Net.Link.3. w\n");
	assert_int_equal(model_set(m, "Device.Text", "label"), DM_OK);
	assert_false(store_has(m->store, "Device.Text"));
	assert_int_equal(store_factory_reset(m->store), 0);
	assert_int_equal(store_save(m->store), 0);
	model_close(m);
	model_open(m);
	assert_string_equal(model_names(m, "Device.Net.Link.", true), "Device.Net.Link.2. w\n");
}

static void what_is_touched_can_be_asked(void **state)
{
	struct model *m = *state;
	struct dm_txn *txn;

	model_add(m, "Device.Net.Link.");
	txn = dm_begin(m->dm, DM_BY_ACS);
	dm_stage(txn, "Device.Net.Link.1.Name", DM_ANY, "a", 1);
	assert_true(dm_txn_touched(txn, dm_find(m->dm, "Device.Net.Link.1"), NULL));
	assert_true(dm_txn_touched(txn, dm_find(m->dm, "Device.Net.Link.1"), "Name"));
	assert_false(dm_txn_touched(txn, dm_find(m->dm, "Device.Net.Link.1"), "Enable"));
	assert_false(dm_txn_touched(txn, dm_find(m->dm, "Device"), NULL));
	dm_abort(txn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODEL_TEST(T073_set_one_and_read_it_after_a_restart),
		MODEL_TEST(only_differences_from_the_default_are_stored),
		MODEL_TEST(T074_set_parameter_values_is_atomic),
		MODEL_TEST(T075_the_same_name_twice_is_refused),
		MODEL_TEST(T076_parameter_key_goes_with_the_transaction),
		MODEL_TEST(T094_a_new_row_has_its_defaults),
		MODEL_TEST(T095_add_object_is_refused_where_it_must_be),
		MODEL_TEST(T096_delete_object_takes_all_with_it),
		MODEL_TEST(T097_rows_and_numbers_survive_a_restart),
		MODEL_TEST(references_name_rows_that_exist),
		MODEL_TEST(alias_is_unique_in_its_table),
		MODEL_TEST(a_module_that_fails_undoes_everything),
		MODEL_TEST(a_store_that_fails_reverts_the_modules),
		MODEL_TEST(an_aborted_transaction_leaves_no_trace),
		MODEL_TEST(the_factory_layer_lies_under_the_state),
		MODEL_TEST(what_is_touched_can_be_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
