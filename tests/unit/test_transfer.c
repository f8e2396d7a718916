/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of transfers and its records, without a file server and without a clock. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/store.h"
#include "agent/transfer/history.h"
#include "agent/transfer/queue.h"
#include "agent/transfer/record.h"

static char dir[] = "/tmp/test_transfer.XXXXXX";
static struct store *store;
static struct transfer_queue q;
static struct transfer_clock now = { .boot_id = "boot-1", .boot_s = 1000, .wall_s = 50000 };

static const struct cwmp_transfer plain = { .kind = CWMP_DOWNLOAD,
					    .key = "the key",
					    .file_type = "3 Vendor Configuration File",
					    .url = "https://files.example/\xc3\xa4?a=b c",
					    .user = "u",
					    .password = "p \\ w\n",
					    .target = "",
					    .file_size = 7,
					    .delay = 60 };

static int setup(void **state)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/state", dir);
	unlink(path);
	now = (struct transfer_clock){ .boot_id = "boot-1", .boot_s = 1000, .wall_s = 50000 };
	assert_int_equal(store_open(&store, dir, NULL), 0);
	transfer_load(&q, store, &now);
	return 0;
}

static int teardown(void **state)
{
	store_close(store);
	return 0;
}

static void restart(void)
{
	assert_int_equal(store_save(store), 0);
	store_close(store);
	assert_int_equal(store_open(&store, dir, NULL), 0);
	transfer_load(&q, store, &now);
}

static struct transfer *add(const struct cwmp_transfer *asked)
{
	struct transfer *t;

	assert_int_equal(transfer_add(&q, asked, (enum transfer_kind)asked->kind, TRANSFER_CONFIG,
				      1, &now, &t),
			 0);
	return t;
}

static enum transfer_due due(struct transfer *t)
{
	int64_t wait;

	return transfer_due(t, &now, &wait);
}

static void T115_all_of_it_survives_a_restart(void **state)
{
	struct transfer was, *t = add(&plain);

	was = *t;
	restart();
	assert_int_equal(transfer_count(&q), 1);
	t = transfer_by_id(&q, was.id);
	assert_memory_equal(t, &was, sizeof(was));
	assert_string_equal(transfer_text(&q, t, "url"), plain.url);
	assert_string_equal(transfer_text(&q, t, "password"), plain.password);
	assert_string_equal(transfer_text(&q, t, "type"), plain.file_type);
}

static void T115_what_ran_begins_again_and_what_is_armed_stays(void **state)
{
	struct transfer *a = add(&plain), *b = add(&plain);

	a->state = TRANSFER_RUNNING;
	a->begun = 3;
	b->state = TRANSFER_ARMED;
	snprintf(b->version, sizeof(b->version), "2.0 beta");
	assert_int_equal(transfer_put(&q, a), 0);
	assert_int_equal(transfer_put(&q, b), 0);
	now.boot_id = "boot-2";
	restart();
	assert_int_equal(transfer_by_id(&q, 1)->state, TRANSFER_WAITING);
	assert_int_equal(transfer_by_id(&q, 1)->begun, 3);
	assert_int_equal(transfer_by_id(&q, 2)->state, TRANSFER_ARMED);
	assert_string_equal(transfer_by_id(&q, 2)->boot, "boot-1");
	assert_string_equal(transfer_by_id(&q, 2)->version, "2.0 beta");
}

static void K3_secrets_go_when_it_has_ended(void **state)
{
	struct transfer *t = add(&plain);

	t->state = TRANSFER_DONE;
	t->fault = 9016;
	snprintf(t->fault_text, sizeof(t->fault_text), "not there");
	assert_int_equal(transfer_put(&q, t), 0);
	restart();
	t = transfer_by_id(&q, 1);
	assert_int_equal(t->fault, 9016);
	assert_string_equal(t->fault_text, "not there");
	assert_string_equal(transfer_text(&q, t, "user"), "");
	assert_string_equal(transfer_text(&q, t, "password"), "");
	assert_string_equal(transfer_text(&q, t, "url"), "");
}

static void count_key(void *arg, const char *key, const char *value, size_t len)
{
	(*(int *)arg)++;
}

static void T115_one_that_was_told_leaves_nothing_behind(void **state)
{
	int left = 0;

	for (int i = 0; i < 12; i++)
		add(&plain);
	transfer_drop(&q, transfer_by_id(&q, 1));
	restart();
	assert_int_equal(transfer_count(&q), 11);
	assert_null(transfer_by_id(&q, 1));
	for (uint32_t i = 2; i <= 12; i++)
		transfer_drop(&q, transfer_by_id(&q, i));
	store_each(store, TRANSFER_RECORD, false, count_key, &left);
	assert_int_equal(left, 0);
}

static void T115_the_queue_has_an_end(void **state)
{
	struct transfer *t;

	for (int i = 0; i < TRANSFERS_MAX; i++)
		add(&plain);
	assert_int_equal(transfer_add(&q, &plain, TRANSFER_DOWNLOAD, TRANSFER_CONFIG, 1, &now, &t),
			 -ENOSPC);
	restart();
	assert_int_equal(transfer_count(&q), TRANSFERS_MAX);
}

static void T115_a_delay_counts_on_while_the_box_is_off(void **state)
{
	struct transfer *t = add(&plain);

	assert_int_equal(due(t), TRANSFER_LATER);
	now.boot_s += 59;
	assert_int_equal(due(t), TRANSFER_LATER);
	now.boot_s++;
	assert_int_equal(due(t), TRANSFER_NOW);
	now = (struct transfer_clock){ .boot_id = "boot-2", .boot_s = 5, .wall_s = 50030 };
	restart();
	t = transfer_by_id(&q, 1);
	assert_int_equal(transfer_age(t, &now), 30);
	now.boot_s += 29;
	assert_int_equal(due(t), TRANSFER_LATER);
	now.boot_s++;
	assert_int_equal(due(t), TRANSFER_NOW);
}

static void T115_without_a_clock_a_delay_begins_again(void **state)
{
	struct transfer *t;

	add(&plain);
	now = (struct transfer_clock){ .boot_id = "boot-2", .boot_s = 5 };
	restart();
	t = transfer_by_id(&q, 1);
	assert_int_equal(due(t), TRANSFER_LATER);
	now.boot_s += 60;
	assert_int_equal(due(t), TRANSFER_NOW);
}

static struct transfer *add_windows(uint32_t s1, uint32_t e1, int32_t r1, uint32_t s2, uint32_t e2)
{
	struct cwmp_transfer asked = plain;

	asked.kind = CWMP_SCHEDULE_DOWNLOAD;
	asked.nwindows = e2 ? 2 : 1;
	asked.window[0] = (struct cwmp_window){ s1, e1, WINDOW_IMMEDIATELY, r1 };
	asked.window[1] = (struct cwmp_window){ s2, e2, WINDOW_ANY_TIME, 0 };
	return add(&asked);
}

static void T122_windows_open_and_close(void **state)
{
	struct transfer *t = add_windows(10, 20, 0, 30, 40);
	int64_t wait;

	assert_int_equal(transfer_due(t, &now, &wait), TRANSFER_LATER);
	assert_int_equal(wait, 10);
	now.boot_s += 10;
	assert_int_equal(due(t), TRANSFER_NOW);
	assert_int_equal(transfer_left(t, &now), 10);
	now.boot_s += 10;
	assert_int_equal(transfer_due(t, &now, &wait), TRANSFER_LATER);
	assert_int_equal(wait, 10);
	assert_int_equal(t->window, 1);
	now.boot_s += 15;
	assert_int_equal(due(t), TRANSFER_NOW);
	now.boot_s += 5;
	assert_int_equal(due(t), TRANSFER_MISSED);
}

static void T122_both_windows_passed_while_the_box_was_off(void **state)
{
	add_windows(10, 20, 0, 30, 40);
	now = (struct transfer_clock){ .boot_id = "boot-2", .boot_s = 5, .wall_s = 50100 };
	restart();
	assert_int_equal(due(transfer_by_id(&q, 1)), TRANSFER_MISSED);
}

static void T122_retries_are_counted_in_each_window(void **state)
{
	struct transfer *t = add_windows(0, 1000, 1, 2000, 3000);

	assert_int_equal(due(t), TRANSFER_NOW);
	t->state = TRANSFER_RUNNING;
	assert_true(transfer_retry(t, &now));
	assert_int_equal(due(t), TRANSFER_LATER);
	now.boot_s += TRANSFER_RETRY_S;
	assert_int_equal(due(t), TRANSFER_NOW);
	t->state = TRANSFER_RUNNING;
	assert_true(transfer_retry(t, &now)); /* the second window */
	assert_int_equal(t->window, 1);
	restart();
	now.boot_s += 2000;
	t = transfer_by_id(&q, 1);
	assert_int_equal(due(t), TRANSFER_NOW);
	t->window = 1;
	t->state = TRANSFER_RUNNING;
	assert_false(transfer_retry(t, &now)); /* its MaxRetries is 0 */
}

static void T113_a_download_is_not_tried_again(void **state)
{
	struct transfer *t = add(&plain);

	t->state = TRANSFER_RUNNING;
	assert_false(transfer_retry(t, &now));
}

static void T122_an_image_that_was_given_up_is_not_tried_again(void **state)
{
	struct transfer *t = add_windows(0, 1000, -1, 2000, 3000);

	t->state = TRANSFER_ARMED;
	assert_false(transfer_retry(t, &now));
	assert_int_equal(t->state, TRANSFER_ARMED);
}

static void damaged_records_are_left_out(void **state)
{
	static const char *const bad[] = {
		"",
		"download",
		"download waiting config 1 2 3 4 0 5 6 7 8 9 0 1",
		"download waiting config 1 2 3 4 0 5 6 7 8 9 0 3 0-1/2/0 0-1/2/0 0-1/2/0",
		"download waiting config 1 2 3 4 0 5 6 7 8 9 1 1 0-1/2/0",
		"download waiting config 1 2 3 4 0 5 6 7 8 9 0 1 0-1/9/0",
		"download waiting config 1 2 3 4 0 5 6 7 8 9 0 1 0-1/2/0 x",
		"download asleep config 1 2 3 4 0 5 6 7 8 9 0 1 0-1/2/0",
	};
	static const char good[] = "download waiting config 1 2 3 4 0 5 6 7 8 9 0 1 0-1/2/0";
	static const char *const keys[] = { "@transfer.0", "@transfer.x", "@transfer.", NULL };
	struct transfer t;

	assert_int_equal(transfer_record_read(&t, store, "@transfer.1", good), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(transfer_record_read(&t, store, "@transfer.1", bad[i]), -EINVAL);
	for (size_t i = 0; keys[i]; i++)
		assert_int_equal(transfer_record_read(&t, store, keys[i], good), -EINVAL);
}

struct seen {
	unsigned int n;
	uint32_t first;
	struct transfer_past last;
};

static void see(void *arg, const struct transfer_past *past)
{
	struct seen *seen = arg;

	if (!seen->n++)
		seen->first = past->number;
	seen->last = *past;
}

static struct seen history(void)
{
	struct seen seen = { 0 };

	transfer_history_each(store, see, &seen);
	return seen;
}

static void the_history_is_kept_over_a_factory_reset_and_has_an_end(void **state)
{
	struct transfer_past past = {
		.kind = "Upload", .key = "a|b \n", .type = "2 Log", .why = ""
	};
	struct seen seen = history();

	assert_int_equal(seen.n, 0);
	for (uint32_t i = 1; i <= HISTORY_MAX + 3; i++) {
		past.ended = 1000 + i;
		past.fault = i == HISTORY_MAX + 3 ? 9016 : 0;
		past.why = past.fault ? "gone" : "";
		assert_int_equal(transfer_history_add(store, &past), 0);
	}
	(void)add(&plain);
	assert_int_equal(store_factory_reset(store), 0);
	restart();
	assert_int_equal(transfer_count(&q), 0);
	seen = history();
	assert_int_equal(seen.n, HISTORY_MAX);
	assert_int_equal(seen.first, 4);
	assert_int_equal(seen.last.number, HISTORY_MAX + 3);
	assert_int_equal(seen.last.ended, 1000 + HISTORY_MAX + 3);
	assert_int_equal(seen.last.fault, 9016);
	assert_string_equal(seen.last.key, "a|b \n");
	assert_string_equal(seen.last.type, "2 Log");
	assert_string_equal(seen.last.why, "gone");
	/* what is not ours is passed over */
	assert_int_equal(store_set(store, HISTORY_RECORD "4000000000", "x", 1), 0);
	assert_int_equal(history().n, 0);
	assert_int_equal(transfer_history_add(store, &past), 0);
	seen = history();
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.last.number, 4000000001);
}

static void the_history_leaves_room_for_results(void **state)
{
	const struct transfer_past past = {
		.kind = "Upload", .key = "k", .type = "2 Log", .why = ""
	};
	struct transfer *t = add(&plain);
	size_t left = STORE_BYTES_MAX - STORE_BYTES_FREE, n = 200000;
	char *big = malloc(n), key[32];

	assert_non_null(big);
	memset(big, 'x', n);
	for (unsigned int i = 0; left > n; i++, left -= n) {
		snprintf(key, sizeof(key), "@big.%u", i);
		assert_int_equal(store_set(store, key, big, n), 0);
	}
	assert_int_equal(store_set(store, "@big", big, left), 0);
	free(big);
	assert_int_equal(transfer_history_add(store, &past), -ENOSPC);
	t->state = TRANSFER_DONE;
	t->fault = 9010;
	memset(t->fault_text, 'y', sizeof(t->fault_text) - 1);
	assert_int_equal(transfer_put(&q, t), 0);
	restart();
	assert_int_equal(transfer_by_id(&q, 1)->fault, 9010);
	assert_int_equal(history().n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(T115_all_of_it_survives_a_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(T115_what_ran_begins_again_and_what_is_armed_stays,
						setup, teardown),
		cmocka_unit_test_setup_teardown(K3_secrets_go_when_it_has_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(T115_one_that_was_told_leaves_nothing_behind, setup,
						teardown),
		cmocka_unit_test_setup_teardown(T115_the_queue_has_an_end, setup, teardown),
		cmocka_unit_test_setup_teardown(T115_a_delay_counts_on_while_the_box_is_off, setup,
						teardown),
		cmocka_unit_test_setup_teardown(T115_without_a_clock_a_delay_begins_again, setup,
						teardown),
		cmocka_unit_test_setup_teardown(T122_windows_open_and_close, setup, teardown),
		cmocka_unit_test_setup_teardown(T122_both_windows_passed_while_the_box_was_off,
						setup, teardown),
		cmocka_unit_test_setup_teardown(T122_retries_are_counted_in_each_window, setup,
						teardown),
		cmocka_unit_test_setup_teardown(T113_a_download_is_not_tried_again, setup,
						teardown),
		cmocka_unit_test_setup_teardown(T122_an_image_that_was_given_up_is_not_tried_again,
						setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_records_are_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_history_is_kept_over_a_factory_reset_and_has_an_end, setup, teardown),
		cmocka_unit_test_setup_teardown(the_history_leaves_room_for_results, setup,
						teardown),
	};

	if (!mkdtemp(dir))
		return 1;
	return cmocka_run_group_tests_name("transfer", tests, NULL, NULL);
}
