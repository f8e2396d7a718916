/* SPDX-License-Identifier: Apache-2.0 */
/* Device.DeviceInfo.ProcessStatus. over a /proc of the test's own: a box with many processes. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/tr181/box.h"
#include "agent/tree/rows.h"
#include "lib/limits.h"
#include "lib/log.h"

#define STATUS "Device.DeviceInfo.ProcessStatus."
#define MANY 300u

static char root[] = "/tmp/sallyport-processes.XXXXXX";
static struct dm *dm;

static void put_process(unsigned int pid, unsigned int pages)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/%u", root, pid);
	(void)mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/proc/%u/stat", root, pid);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fprintf(f,
			    "%u (p%u) S 1 1 1 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 %u 100000 %u "
			    "18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n",
			    pid, pid, 1000 + pid, pages) > 0);
	assert_int_equal(fclose(f), 0);
}

struct seen {
	unsigned int rows, entries, least;
	bool pid[MANY + 2];
};

static int look(void *arg, const struct dm_value *v)
{
	struct seen *seen = arg;
	char text[64];
	unsigned long n;

	snprintf(text, sizeof(text), "%.*s", (int)v->len, v->text);
	n = strtoul(text, NULL, 10);
	if (!strcmp(v->param->name, "ProcessNumberOfEntries"))
		seen->entries = (unsigned int)n;
	if (!strcmp(v->param->name, "PID")) {
		seen->rows++;
		assert_in_range(n, 1, MANY + 1);
		seen->pid[n] = true;
	}
	if (!strcmp(v->param->name, "Size") && n < seen->least)
		seen->least = (unsigned int)n;
	return 0;
}

static struct seen get(void)
{
	struct seen seen = { .least = UINT32_MAX };

	dm_rpc_begin(dm);
	assert_int_equal(dm_get(dm, STATUS, look, &seen), DM_OK);
	return seen;
}

static void those_with_most_memory_are_listed_and_counted(void **state)
{
	struct seen seen;

	/* 11 and 301 have no factor in common: the sizes come in no order */
	for (unsigned int pid = 1; pid <= MANY; pid++)
		put_process(pid, 100 + pid * 11 % (MANY + 1));
	seen = get();
	assert_int_equal(seen.rows, PROCESSES_MAX);
	assert_int_equal(seen.entries, PROCESSES_MAX);
	for (unsigned int pid = 1; pid <= MANY; pid++)
		assert_int_equal(seen.pid[pid], pid * 11 % (MANY + 1) > MANY - PROCESSES_MAX);
	assert_int_equal(seen.least, (100 + MANY - PROCESSES_MAX + 1) * 4);
}

static void a_session_sees_those_of_its_first_look(void **state)
{
	dm_session_begin(dm);
	assert_false(get().pid[MANY + 1]);
	put_process(MANY + 1, 100000);
	assert_false(get().pid[MANY + 1]);
	dm_session_end(dm);
	dm_session_begin(dm);
	assert_true(get().pid[MANY + 1]);
	assert_int_equal(get().entries, PROCESSES_MAX);
	dm_session_end(dm);
}

static int make(void **state)
{
	char path[64];

	log_set_level(LOG_LVL_ERR);
	assert_non_null(mkdtemp(root));
	snprintf(path, sizeof(path), "%s/proc", root);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(dm_open(&dm, dm_objects, dm_nobjects, NULL), 0);
	return device_status_init(dm, root);
}

static int drop(void **state)
{
	char command[64];

	device_status_exit(dm);
	dm_close(dm);
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(those_with_most_memory_are_listed_and_counted),
		UNIT(a_session_sees_those_of_its_first_look),
	};

	return cmocka_run_group_tests(tests, make, drop);
}
