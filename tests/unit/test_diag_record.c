/* SPDX-License-Identifier: Apache-2.0 */
/* What the store keeps of a diagnosis while the boot lasts. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/diag/record.h"
#include "agent/store.h"
#include "lib/limits.h"
#include "lib/log.h"

struct rows {
	struct diag diag;
	uint32_t count;
	uint8_t octets[60000];
};

static bool sound(const struct diag *d)
{
	return ((const struct rows *)(const void *)d)->count <= 3;
}

static const struct diag_ops ops = { .name = "Test", .size = sizeof(struct rows), .sound = sound };
static struct rows rows;
static struct store *store;
static char folder[40];

static int set_up(void **state)
{
	log_set_fd(-1);
	snprintf(folder, sizeof(folder), "/tmp/sallyport-diag-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	memset(&rows, 0, sizeof(rows));
	rows.diag.ops = &ops;
	return store_open(&store, folder, NULL);
}

static int tear_down(void **state)
{
	char file[64];

	store_close(store);
	snprintf(file, sizeof(file), "%s/state", folder);
	unlink(file);
	return rmdir(folder);
}

static void write_record(enum diag_state state, uint32_t begun)
{
	assert_int_equal(diag_record_write(store, "boot-1", &rows.diag, state, begun), 0);
}

/* Into rows of another agent, as they are at its start. */
static void read_again(void)
{
	assert_int_equal(store_save(store), 0);
	store_close(store);
	assert_int_equal(store_open(&store, folder, NULL), 0);
	memset(&rows, 0, sizeof(rows));
	rows.diag.ops = &ops;
	diag_record_read(store, &rows.diag);
}

static void T128_results_come_back_octet_by_octet(void **state)
{
	static uint8_t before[sizeof(rows.octets)];

	for (size_t used = 0; used <= sizeof(before); used += sizeof(before) / 4) {
		memset(before, 0, sizeof(before));
		for (size_t i = 0; i < used; i++)
			before[i] = (uint8_t)(i * 7);
		rows.count = 3;
		memcpy(rows.octets, before, sizeof(before));
		write_record(DIAG_NO_ROUTE, 0);
		read_again();
		assert_int_equal(rows.diag.state, DIAG_NO_ROUTE);
		assert_int_equal(rows.count, 3);
		assert_memory_equal(rows.octets, before, sizeof(before));
	}
}

static void T128_each_state_comes_back(void **state)
{
	for (int s = DIAG_NONE; s < DIAG_STATES; s++) {
		write_record((enum diag_state)s, 7);
		read_again();
		assert_int_equal(rows.diag.state, s);
		assert_int_equal(rows.diag.begun, s == DIAG_REQUESTED ? 7 : 0);
	}
}

static void T128_a_record_ends_with_the_boot(void **state)
{
	assert_int_equal(store_set(store, "@other", "x", 1), 0);
	write_record(DIAG_COMPLETE, 0);
	assert_int_equal(diag_records_open(store, "boot-1"), 0);
	read_again();
	assert_int_equal(rows.diag.state, DIAG_COMPLETE);
	assert_int_equal(diag_records_open(store, "boot-2"), 0);
	read_again();
	assert_int_equal(rows.diag.state, DIAG_NONE);
	assert_true(store_has(store, "@other"));
}

/* By a broken flash, or another layout: no getter may meet it. */
static void T128_records_that_cannot_be_ours_are_left_out(void **state)
{
	static const char *const wrong[] = {
		"",
		"Complete",
		"Complete ",
		"Complete 60008",
		"Complete 60007 ",
		"Complete 60008 0",
		"Complete 60008 0g",
		"Complete 60008 04000000", /* a count that is not sound */
		"complete 60008 ",
		"None 60008 ",
		"Requested",
		"Requested x",
		"Requested -1",
		"Requested 4294967296",
		"Requested 1 2",
	};
	static char long_one[2 * sizeof(struct rows) + 32];

	assert_int_equal(sizeof(rows) - sizeof(rows.diag), 60008);
	for (size_t i = 0; i <= ARRAY_SIZE(wrong); i++) {
		const char *text = long_one;

		if (i < ARRAY_SIZE(wrong)) {
			text = wrong[i];
		} else {
			snprintf(long_one, sizeof(long_one), "Complete 60008 ");
			memset(long_one + 15, '0', 2 * 60008 + 2);
		}
		assert_int_equal(store_set(store, "@diag.Test", text, strlen(text)), 0);
		read_again();
		assert_int_equal(rows.diag.state, DIAG_NONE);
		assert_int_equal(rows.diag.begun, 0);
		assert_int_equal(rows.count, 0);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(T128_results_come_back_octet_by_octet),
		TEST(T128_each_state_comes_back),
		TEST(T128_a_record_ends_with_the_boot),
		TEST(T128_records_that_cannot_be_ours_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
