/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/conf.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/users.h"

static char logged[2048];

static void tap(int level, const char *text, void *arg)
{
	snprintf(logged, sizeof(logged), "%s", text);
}

static int quiet(void **state)
{
	log_set_fd(-1);
	(void)log_add_tap(tap, NULL);
	logged[0] = '\0';
	return 0;
}

static int parse(struct conf **c, const char *text)
{
	return conf_parse(c, "t.conf", text, strlen(text));
}

static void conf_reads_keys_comments_and_blanks(void **state)
{
	struct conf *c;

	assert_int_equal(parse(&c, "# a comment\n\n  run.dir =  /run/x y \t\r\nlog.level=\n"
				   "\t# another\nstate.dir=/a=b#c"),
			 0);
	assert_string_equal(conf_str(c, "run.dir", "d"), "/run/x y");
	assert_string_equal(conf_str(c, "log.level", "d"), "");
	assert_string_equal(conf_str(c, "state.dir", "d"), "/a=b#c");
	assert_string_equal(conf_str(c, "factory.file", "d"), "d");
	assert_null(conf_str(c, "factory.file", NULL));
	conf_free(c);
	assert_int_equal(parse(&c, ""), 0);
	conf_free(c);
}

static void conf_wrong_line_is_an_error_that_names_it(void **state)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
		{ "run.dir = /x\nrun.dri = /y\n", "t.conf:2: unknown key" },
		{ "run.dir = /x\n\nrun.dir = /y\n", "t.conf:3: key given twice" },
		{ "run.dir /x", "t.conf:1: no '='" },
		{ "= /x", "t.conf:1: unknown key" },
		{ "Run.dir = /x", "t.conf:1: unknown key" },
		{ "run.dir = \xff", "t.conf:1: not text" },
	};
	struct conf *c = NULL;
	char big[CONF_LINE_MAX + 100];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(parse(&c, rows[i].text), -EINVAL);
		assert_null(c);
		assert_string_equal(logged, rows[i].said);
	}
	assert_int_equal(conf_parse(&c, "t.conf", "run.dir = /x\0y", 14), -EINVAL);
	memset(big, 'x', sizeof(big));
	memcpy(big, "run.dir=", 8);
	assert_int_equal(conf_parse(&c, "t.conf", big, sizeof(big)), -EINVAL);
	assert_string_equal(logged, "t.conf:1: line too long");
}

static void conf_bool_and_int_refuse_what_they_do_not_know(void **state)
{
	struct conf *c;

	assert_int_equal(parse(&c, "acs.allow_http = yes\ndialer.allow_private = maybe\n"
				   "dialer.allow_loopback=0\nconnreq.port = 70000\n"),
			 0);
	assert_int_equal(conf_bool(c, "acs.allow_http", false), 1);
	assert_int_equal(conf_bool(c, "dialer.allow_loopback", true), 0);
	assert_int_equal(conf_bool(c, "dialer.allow_private", true), -EINVAL);
	assert_true(conf_int(c, "connreq.port", 7547, 1, 65535) == LONG_MIN);
	assert_string_equal(logged, "configuration: connreq.port = 70000: expected a number from "
				    "1 to 65535");
	conf_free(c);
	assert_int_equal(parse(&c, ""), 0);
	assert_int_equal(conf_bool(c, "acs.allow_http", false), 0);
	assert_int_equal(conf_int(c, "connreq.port", 7547, 1, 65535), 7547);
	conf_free(c);
}

static void conf_knows_the_levels_of_the_log(void **state)
{
	struct conf *c;

	assert_int_equal(parse(&c, "log.level = warn\n"), 0);
	assert_int_equal(conf_log_level(c), 0);
	conf_free(c);
	logged[0] = '\0';
	log_info("not at this level");
	assert_string_equal(logged, "");
	assert_int_equal(parse(&c, "log.level = warning\n"), 0);
	assert_int_equal(conf_log_level(c), -EINVAL);
	assert_string_equal(logged, "log.level: err, warn, notice, info or debug is wanted, not "
				    "\"warning\"");
	conf_free(c);
	assert_int_equal(parse(&c, ""), 0);
	assert_int_equal(conf_log_level(c), 0);
	log_info("at the usual one");
	assert_string_equal(logged, "at the usual one");
	conf_free(c);
}

static void conf_users_by_name_and_number(void **state)
{
	struct conf *c;
	uid_t uid = 1;
	gid_t gid = 1;

	assert_int_equal(parse(&c, "user.agent = root\nuser.dialer = 64702\n"
				   "user.radio = nobody-has-this-name\ngroup.hostapd = 64710\n"
				   "user.hostapd = 4294967295\n"),
			 0);
	assert_int_equal(conf_user(c, "user.agent", &uid, &gid), 0);
	assert_int_equal(uid, 0);
	assert_int_equal(gid, 0);
	assert_int_equal(conf_user(c, "user.dialer", &uid, &gid), 0);
	assert_int_equal(uid, 64702);
	assert_int_equal(gid, 64702);
	assert_int_equal(conf_user(c, "user.radio", &uid, &gid), -ENOENT);
	/* (uid_t)-1 would mean "leave it as it is" to setresuid(): the role would stay root. */
	assert_int_equal(conf_user(c, "user.hostapd", &uid, &gid), -EINVAL);
	assert_int_equal(conf_group(c, "group.hostapd", &gid), 0);
	assert_int_equal(gid, 64710);
	conf_free(c);
	assert_int_equal(group_lookup("root", &gid), 0);
	assert_int_equal(gid, 0);
	assert_int_equal(group_lookup("nobody-has-this-name", &gid), -ENOENT);
	assert_int_equal(user_lookup("", &uid, &gid), -EINVAL);
	assert_int_equal(user_lookup("12x", &uid, &gid), -EINVAL);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
}

static void conf_file_must_be_one_that_only_its_owner_writes(void **state)
{
	char dir[] = "/tmp/test_conf.XXXXXX", path[64];
	struct conf *c;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/c", dir);
	assert_int_equal(conf_load(&c, path), -ENOENT);
	write_file(path, "run.dir = /x\n", 0644);
	assert_int_equal(conf_load(&c, path), 0);
	assert_string_equal(conf_str(c, "run.dir", ""), "/x");
	conf_free(c);
	write_file(path, "run.dir = /x\n", 0646);
	assert_int_equal(conf_load(&c, path), -EPERM);
	assert_int_equal(conf_load(&c, dir), -EPERM);
	write_file(path, "run.dir = /x\n", 0664);
	if (!geteuid()) { /* root's group is root */
		assert_int_equal(conf_load(&c, path), 0);
		conf_free(c);
		assert_int_equal(chown(path, 0, 1), 0);
	}
	assert_int_equal(conf_load(&c, path), -EPERM);
	if (!geteuid()) {
		write_file(path, "run.dir = /x\n", 0600);
		assert_int_equal(chown(path, 1, 0), 0);
		assert_int_equal(conf_load(&c, path), -EPERM);
		assert_int_equal(chown(path, 0, 0), 0);
	}
	assert_int_equal(truncate(path, CONF_FILE_MAX + 1), 0);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(conf_load(&c, path), -EFBIG);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(conf_reads_keys_comments_and_blanks, quiet),
		cmocka_unit_test_setup(conf_wrong_line_is_an_error_that_names_it, quiet),
		cmocka_unit_test_setup(conf_bool_and_int_refuse_what_they_do_not_know, quiet),
		cmocka_unit_test_setup(conf_knows_the_levels_of_the_log, quiet),
		cmocka_unit_test_setup(conf_users_by_name_and_number, quiet),
		cmocka_unit_test_setup(conf_file_must_be_one_that_only_its_owner_writes, quiet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
