/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's own log: two files that never outgrow what they may have. */
#include "tests/unit/unit.h"

#include <sys/resource.h>

#include "agent/transfer/logfile.c"

#define MAX 1000

static char dir[] = "/tmp/test_logfile.XXXXXX";
static struct log_job job;

static int setup(void **state)
{
	job = (struct log_job){ .fd = -1, .max = MAX };
	job.dirfd = open(mkdtemp(dir), O_DIRECTORY | O_CLOEXEC);
	job.fd = openat(job.dirfd, NEWER, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return job.fd < 0;
}

static int teardown(void **state)
{
	close(job.fd);
	unlinkat(job.dirfd, NEWER, 0);
	unlinkat(job.dirfd, OLDER, 0);
	close(job.dirfd);
	return rmdir(dir);
}

static off_t size_of(const char *name)
{
	struct stat st;

	return fstatat(job.dirfd, name, &st, 0) ? -1 : st.st_size;
}

static void lines(int n)
{
	while (n--)
		keep(6, "a line of the log", &job);
}

static void limit_files(rlim_t n)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = n ? n : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void the_log_keeps_to_its_size_also_when_no_file_can_be_made(void **state)
{
	lines(100);
	assert_true(size_of(NEWER) <= MAX && size_of(OLDER) <= MAX && size_of(OLDER) > 0);
	limit_files(1);
	lines(100);
	assert_int_equal(size_of(NEWER), -1);
	assert_true(size_of(OLDER) <= MAX);
	limit_files(0);
	lines(3);
	assert_true(size_of(NEWER) > 0);
	lines(100);
	assert_true(size_of(NEWER) <= MAX && size_of(OLDER) <= MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_log_keeps_to_its_size_also_when_no_file_can_be_made, setup, teardown),
	};

	return cmocka_run_group_tests_name("logfile", tests, NULL, NULL);
}
