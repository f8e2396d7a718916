/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes and value changes (TESTPLAN 14 to 19, 88 to 93). */
#include "tests/unit/model.h"

static int put_attr(void *arg, const struct dm_attr *a)
{
	buf_printf(arg, "%.*s %u%s\n", (int)a->path_len, a->path, a->notification,
		   a->subscriber ? " Subscriber" : "");
	return 0;
}

static const char *attr(struct model *m, const char *path)
{
	enum dm_error e;

	buf_reset(&m->out);
	e = dm_attr_get(m->dm, path, put_attr, &m->out);
	return e ? dm_error_name(e) : buf_str(&m->out);
}

static enum dm_error notify(struct model *m, const char *path, uint8_t notification)
{
	struct dm_attr_change c = { .path = path,
				    .set_notification = true,
				    .notification = notification };

	return dm_attr_set(m->dm, &c, 1, NULL);
}

static const char *changes(struct model *m)
{
	buf_reset(&m->out);
	assert_int_equal(dm_changes_get(m->dm, model_put_value, &m->out), DM_OK);
	return buf_str(&m->out);
}

static enum dm_error set_by(struct model *m, enum dm_origin who, const char *path, const char *text)
{
	struct dm_txn *txn = dm_begin(m->dm, who);

	dm_stage(txn, path, DM_ANY, text, strlen(text));
	return dm_commit(txn, NULL);
}

static void T088_attributes_are_set_read_and_survive_a_restart(void **state)
{
	struct model *m = *state;
	struct dm_attr_change c = { .path = "Device.Text", .set_access = true };

	assert_string_equal(attr(m, "Device.Text"), "Device.Text 0 Subscriber\n");
	assert_int_equal(notify(m, "Device.Text", 2), DM_OK);
	assert_int_equal(dm_attr_set(m->dm, &c, 1, NULL), DM_OK);
	assert_string_equal(attr(m, "Device.Text"), "Device.Text 2\n");
	model_close(m);
	model_open(m);
	assert_string_equal(attr(m, "Device.Text"), "Device.Text 2\n");
	c.subscriber = true;
	assert_int_equal(dm_attr_set(m->dm, &c, 1, NULL), DM_OK);
	assert_int_equal(notify(m, "Device.Text", 0), DM_OK);
	assert_string_equal(attr(m, "Device.Text"), "Device.Text 0 Subscriber\n");
}

static void T088_a_partial_path_sets_all_below(void **state)
{
	struct model *m = *state;

	model_add(m, "Device.Net.Link.");
	assert_int_equal(notify(m, "Device.Net.Link.1.", 1), DM_OK);
	assert_string_equal(attr(m, "Device.Net.Link.1."),
			    "Device.Net.Link.1.Enable 1 Subscriber\n"
			    "Device.Net.Link.1.Alias 1 Subscriber\n"
			    "Device.Net.Link.1.Name 1 Subscriber\n"
			    "Device.Net.Link.1.Lower 1 Subscriber\n"
			    "Device.Net.Link.1.Any 1 Subscriber\n"
			    "Device.Net.Link.1.SubNumberOfEntries 1 Subscriber\n"
			    "Device.Net.Link.1.Stats.Bytes 1 Subscriber\n");
}

static void T089_what_is_not_to_change_does_not(void **state)
{
	struct model *m = *state;
	struct dm_attr_change c = { .path = "Device.Text", .notification = 9 };

	assert_int_equal(dm_attr_set(m->dm, &c, 1, NULL), DM_OK);
	assert_string_equal(attr(m, "Device.Text"), "Device.Text 0 Subscriber\n");
}

static void T090_active_is_denied_where_it_may_be_and_passive_never(void **state)
{
	struct model *m = *state;
	struct dm_attr_change two[] = {
		{ .path = "Device.Text", .set_notification = true, .notification = 1 },
		{ .path = "Device.Gauge", .set_notification = true, .notification = 2 },
	};
	size_t bad = 9;

	assert_int_equal(dm_attr_set(m->dm, two, 2, &bad), DM_ENOTIFY);
	assert_int_equal(bad, 1);
	assert_string_equal(attr(m, "Device.Text"), "Device.Text 0 Subscriber\n");
	assert_int_equal(notify(m, "Device.Gauge", 1), DM_OK);
	for (uint8_t n = 3; n <= 6; n++)
		assert_int_equal(notify(m, "Device.Text", n), DM_ENOTIFY);
	assert_int_equal(notify(m, "Device.Nope", 1), DM_ENAME);
	/* of everything, those that deny are left alone */
	assert_int_equal(notify(m, "Device.", 2), DM_OK);
	assert_string_equal(attr(m, "Device.Gauge"), "Device.Gauge 1 Subscriber\n");
	assert_string_equal(attr(m, "Device.Text"), "Device.Text 2 Subscriber\n");
}

static void T091_forced_active_stays_active(void **state)
{
	struct model *m = *state;

	assert_string_equal(attr(m, "Device.Forced"), "Device.Forced 2 Subscriber\n");
	assert_int_equal(notify(m, "Device.Forced", 0), DM_OK);
	assert_string_equal(attr(m, "Device.Forced"), "Device.Forced 2 Subscriber\n");
	assert_string_equal(attr(m, "Device.Default"), "Device.Default 2 Subscriber\n");
	assert_int_equal(notify(m, "Device.Default", 0), DM_OK);
	assert_string_equal(attr(m, "Device.Default"), "Device.Default 0 Subscriber\n");
}

static void T093_attributes_of_unknown_and_of_nothing(void **state)
{
	struct model *m = *state;

	assert_string_equal(attr(m, "Device.Nope"), "Invalid parameter name");
	assert_string_equal(attr(m, "Device.Net.Link."), "");
	assert_non_null(strstr(attr(m, ""), "Device.Text 0 Subscriber\n"));
}

static void T015_a_change_is_noted_and_delivered_once(void **state)
{
	struct model *m = *state;
	bool active;

	notify(m, "Device.Text", 2);
	dm_sample(m->dm);
	assert_int_equal(dm_changes(m->dm, &active), 0);
	assert_false(active);
	set_by(m, DM_BY_USER, "Device.Text", "a");
	assert_int_equal(dm_changes(m->dm, &active), 1);
	assert_true(active);
	assert_string_equal(changes(m), "Device.Text=a\n");
	/* the session failed: it is still there, with the value of now */
	set_by(m, DM_BY_SELF, "Device.Text", "b");
	assert_string_equal(changes(m), "Device.Text=b\n");
	dm_changes_delivered(m->dm);
	assert_int_equal(dm_changes(m->dm, NULL), 0);
	/* a change while an Inform is under way belongs to the next */
	set_by(m, DM_BY_USER, "Device.Text", "c");
	changes(m);
	set_by(m, DM_BY_USER, "Device.Text", "d");
	dm_changes_delivered(m->dm);
	assert_string_equal(changes(m), "Device.Text=d\n");
}

static void T016_passive_is_no_reason_for_a_session(void **state)
{
	struct model *m = *state;
	bool active;

	notify(m, "Device.Text", 1);
	dm_sample(m->dm);
	set_by(m, DM_BY_USER, "Device.Text", "a");
	assert_int_equal(dm_changes(m->dm, &active), 1);
	assert_false(active);
	notify(m, "Device.Text", 0);
	assert_int_equal(dm_changes(m->dm, &active), 0);
}

static void T017_what_the_acs_changed_is_not_told_back(void **state)
{
	struct model *m = *state;

	notify(m, "Device.Text", 2);
	dm_sample(m->dm);
	set_by(m, DM_BY_ACS, "Device.Text", "a");
	dm_sample(m->dm);
	assert_int_equal(dm_changes(m->dm, NULL), 0);
	set_by(m, DM_BY_USER, "Device.Text", "a");
	assert_int_equal(dm_changes(m->dm, NULL), 0);
}

static void T017_nor_after_a_restart_before_the_next_inform(void **state)
{
	struct model *m = *state;

	notify(m, "Device.Text", 2);
	dm_sample(m->dm);
	dm_changes_delivered(m->dm);
	set_by(m, DM_BY_ACS, "Device.Text", "a");
	model_close(m);
	model_open(m);
	dm_sample(m->dm);
	assert_int_equal(dm_changes(m->dm, NULL), 0);
	set_by(m, DM_BY_USER, "Device.Text", "b");
	assert_int_equal(dm_changes(m->dm, NULL), 1);
}

static void T018_changed_and_back_is_still_told(void **state)
{
	struct model *m = *state;

	notify(m, "Device.Text", 1);
	dm_sample(m->dm);
	set_by(m, DM_BY_USER, "Device.Text", "a");
	set_by(m, DM_BY_USER, "Device.Text", "");
	assert_string_equal(changes(m), "Device.Text=\n");
}

static void a_change_while_the_box_was_off_is_told(void **state)
{
	struct model *m = *state;

	world.gauge = 1;
	notify(m, "Device.Gauge", 1);
	dm_sample(m->dm);
	assert_int_equal(dm_changes(m->dm, NULL), 0);
	dm_changes_delivered(m->dm);
	model_close(m);
	model_open(m);
	dm_sample(m->dm);
	assert_int_equal(dm_changes(m->dm, NULL), 0);
	model_close(m);
	world.gauge = 2;
	model_open(m);
	dm_sample(m->dm);
	assert_string_equal(changes(m), "Device.Gauge=2\nDevice.Forced=2\n");
}

static void events_of_modules_are_believed(void **state)
{
	struct model *m = *state;
	struct dm_inst *root = dm_find(m->dm, "Device.");

	dm_sample(m->dm);
	dm_changed(root, "Text");
	assert_int_equal(dm_changes(m->dm, NULL), 0);
	dm_changed(root, "Forced");
	assert_int_equal(dm_changes(m->dm, NULL), 1);
	dm_changed(root, "Forced");
	assert_int_equal(dm_changes(m->dm, NULL), 1);
	changes(m);
	dm_changes_delivered(m->dm);
	dm_changed_all(root);
	assert_int_equal(dm_changes(m->dm, NULL), 0);
	world.gauge = 5;
	dm_changed_all(root);
	assert_string_equal(changes(m), "Device.Forced=5\n");
}

static void a_deleted_row_takes_its_changes_with_it(void **state)
{
	struct model *m = *state;

	model_add(m, "Device.Net.Link.");
	model_add(m, "Device.Net.Link.");
	notify(m, "Device.Net.Link.", 2);
	dm_sample(m->dm);
	set_by(m, DM_BY_USER, "Device.Net.Link.1.Name", "a");
	set_by(m, DM_BY_USER, "Device.Net.Link.2.Name", "a");
	assert_int_equal(dm_changes(m->dm, NULL), 2);
	model_del(m, "Device.Net.Link.1.");
	assert_string_equal(changes(m), "Device.Net.Link.2.Name=a\n");
	assert_false(store_has(m->store, "@attr.Device.Net.Link.1.Name"));
}

static void on_change(void *arg, bool active)
{
	*(unsigned int *)arg += active ? 100 : 1;
}

static void whoever_listens_hears_of_it(void **state)
{
	struct model *m = *state;
	unsigned int heard = 0;

	notify(m, "Device.Text", 2);
	notify(m, "Device.Mode", 1);
	dm_sample(m->dm);
	dm_on_change(m->dm, on_change, &heard);
	set_by(m, DM_BY_USER, "Device.Text", "a");
	set_by(m, DM_BY_USER, "Device.Mode", "On");
	assert_int_equal(heard, 101);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODEL_TEST(T088_attributes_are_set_read_and_survive_a_restart),
		MODEL_TEST(T088_a_partial_path_sets_all_below),
		MODEL_TEST(T089_what_is_not_to_change_does_not),
		MODEL_TEST(T090_active_is_denied_where_it_may_be_and_passive_never),
		MODEL_TEST(T091_forced_active_stays_active),
		MODEL_TEST(T093_attributes_of_unknown_and_of_nothing),
		MODEL_TEST(T015_a_change_is_noted_and_delivered_once),
		MODEL_TEST(T016_passive_is_no_reason_for_a_session),
		MODEL_TEST(T017_what_the_acs_changed_is_not_told_back),
		MODEL_TEST(T017_nor_after_a_restart_before_the_next_inform),
		MODEL_TEST(T018_changed_and_back_is_still_told),
		MODEL_TEST(a_change_while_the_box_was_off_is_told),
		MODEL_TEST(events_of_modules_are_believed),
		MODEL_TEST(a_deleted_row_takes_its_changes_with_it),
		MODEL_TEST(whoever_listens_hears_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
