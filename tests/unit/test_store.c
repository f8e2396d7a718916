/* SPDX-License-Identifier: Apache-2.0 */
/* The state file and the factory layer: whole or not at all, and never lost. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/store.h"
#include "agent/store_text.h"
#include "lib/buf.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/num.h"

struct box {
	char dir[64], factory[96];
	struct store *st;
};

static void open_box(struct box *b)
{
	assert_int_equal(store_open(&b->st, b->dir, b->factory), 0);
}

static void reopen(struct box *b)
{
	store_close(b->st);
	open_box(b);
}

static int setup(void **state)
{
	struct box *b = calloc(1, sizeof(*b));

	log_set_fd(-1);
	snprintf(b->dir, sizeof(b->dir), "/tmp/sallyport-test-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->factory, sizeof(b->factory), "%s/factory.conf", b->dir);
	open_box(b);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	static const char *const files[] = { "state", "state.new", "state.bad", "factory.conf" };
	struct box *b = *state;
	char path[128];

	store_close(b->st);
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", b->dir, files[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(b->dir), 0);
	free(b);
	return 0;
}

static void put_file(const struct box *b, const char *name, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", b->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static const char *get_file(const struct box *b, const char *name)
{
	static char text[65536];
	char path[128];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", b->dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n < 0 ? 0 : n] = 0;
	return text;
}

static int set(struct box *b, const char *key, const char *value)
{
	return store_set(b->st, key, value, strlen(value));
}

static void every_byte_survives_a_round_trip(void **state)
{
	struct box *b = *state;
	char all[256];
	size_t len;

	for (int i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	assert_int_equal(store_set(b->st, "Device.All", all, 255), 0);
	assert_int_equal(set(b, "Device.Blanks", "  two  "), 0);
	assert_int_equal(set(b, "Device.One", " "), 0);
	assert_int_equal(set(b, "Device.Empty", ""), 0);
	assert_int_equal(set(b, "Device.Text", "a = b # c \\n"), 0);
	assert_int_equal(store_save(b->st), 0);
	reopen(b);
	assert_memory_equal(store_get(b->st, "Device.All", &len), all, 255);
	assert_int_equal(len, 255);
	assert_string_equal(store_get(b->st, "Device.Blanks", NULL), "  two  ");
	assert_string_equal(store_get(b->st, "Device.One", NULL), " ");
	assert_string_equal(store_get(b->st, "Device.Empty", NULL), "");
	assert_string_equal(store_get(b->st, "Device.Text", NULL), "a = b # c \\n");
	assert_null(store_get(b->st, "Device.None", NULL));
}

static void the_file_is_readable_text_in_order(void **state)
{
	struct box *b = *state;

	set(b, "Device.B", "2\n");
	set(b, "@attr.Device.B", "2 1");
	set(b, "Device.A", "1");
	assert_null(get_file(b, "state"));
	assert_int_equal(store_save(b->st), 0);
	assert_string_equal(get_file(b, "state"),
			    "sallyport-state 1\n@attr.Device.B = 2 1\nDevice.A = 1\n"
			    "Device.B = 2\\n\n@end = 3\n");
	assert_null(get_file(b, "state.new"));
}

static void nothing_is_written_when_nothing_changed(void **state)
{
	struct box *b = *state;
	struct stat before, after;
	char path[128];

	set(b, "Device.A", "1");
	store_save(b->st);
	snprintf(path, sizeof(path), "%s/state", b->dir);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(before.st_mode & 0777, 0600);
	assert_int_equal(set(b, "Device.A", "1"), 0);
	assert_false(store_dirty(b->st));
	assert_int_equal(store_save(b->st), 0);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
}

static void revert_goes_back_to_what_is_on_disk(void **state)
{
	struct box *b = *state;

	set(b, "Device.A", "1");
	set(b, "Device.B", "1");
	store_save(b->st);
	set(b, "Device.A", "2");
	set(b, "Device.A", "3");
	store_del(b->st, "Device.B");
	set(b, "Device.C", "1");
	store_del(b->st, "Device.C");
	set(b, "Device.C", "2");
	store_revert(b->st);
	assert_false(store_dirty(b->st));
	assert_string_equal(store_get(b->st, "Device.A", NULL), "1");
	assert_string_equal(store_get(b->st, "Device.B", NULL), "1");
	assert_null(store_get(b->st, "Device.C", NULL));
}

static void a_newer_key_survives_a_round_trip(void **state)
{
	struct box *b = *state;

	put_file(b, "state",
		 "sallyport-state 1\n@future.thing = x \\x01\nDevice.New.Row = 7\n"
		 "@end = 2\n");
	reopen(b);
	set(b, "Device.A", "1");
	store_save(b->st);
	assert_string_equal(get_file(b, "state"),
			    "sallyport-state 1\n@future.thing = x \\x01\nDevice.A = 1\n"
			    "Device.New.Row = 7\n@end = 3\n");
}

static void a_newer_version_is_read_as_far_as_it_goes(void **state)
{
	struct box *b = *state;

	put_file(b, "state", "sallyport-state 2\nDevice.A = 1\n@end = 1\n");
	reopen(b);
	assert_string_equal(store_get(b->st, "Device.A", NULL), "1");
}

static void a_broken_state_is_kept_aside_and_the_factory_layer_holds(void **state)
{
	static const char *const broken[] = {
		"",
		"\n",
		"garbage",
		"sallyport-state\n",
		"sallyport-state 0\n",
		"sallyport-state x\n",
		"sallyport-state 1\nDevice.A = 1\n",	       /* cut at a line */
		"sallyport-state 1\nDevice.A = 1\n@end = 2\n", /* a line is missing */
		"sallyport-state 1\nDevice.A = 1\n@end = 1\nDevice.B = 1\n",
		"sallyport-state 1\nDevice.A = 1\nDevice.A = 2\n@end = 2\n",
		"sallyport-state 1\nDevice.A\n@end = 1\n",
		"sallyport-state 1\n = 1\n@end = 1\n",
		"sallyport-state 1\nDevice.A = \\q\n@end = 1\n",
		"sallyport-state 1\nDevice.A = \\x0\n@end = 1\n",
		"sallyport-state 1\nDevice.A = \\x00\n@end = 1\n",
		"sallyport-state 1\nDevice.A = a\\\n@end = 1\n",
		"sallyport-state 1\nDevice A = 1\n@end = 1\n",
	};
	struct box *b = *state;

	put_file(b, "factory.conf", "sallyport-state 1\nDevice.A = factory\n");
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		put_file(b, "state", broken[i]);
		reopen(b);
		assert_string_equal(store_get(b->st, "Device.A", NULL), "factory");
		assert_string_equal(get_file(b, "state.bad"), broken[i]);
		assert_null(get_file(b, "state"));
		assert_int_equal(set(b, "Device.A", "1"), 0);
		assert_int_equal(store_save(b->st), 0);
		reopen(b);
		assert_string_equal(store_get(b->st, "Device.A", NULL), "1");
	}
}

static void a_wrong_factory_file_stops_the_start(void **state)
{
	struct box *b = *state;
	struct store *st = NULL;

	put_file(b, "factory.conf", "Device.A = 1\n");
	assert_int_equal(store_open(&st, b->dir, b->factory), -EINVAL);
	put_file(b, "factory.conf", "sallyport-state 1\nDevice.A = 1\nDevice.A = 1\n");
	assert_int_equal(store_open(&st, b->dir, b->factory), -EINVAL);
	assert_int_equal(store_open(&st, "/nonexistent/dir", NULL), -ENOENT);
	assert_null(st);
}

static void the_factory_layer_shines_through(void **state)
{
	struct box *b = *state;

	put_file(b, "factory.conf",
		 "# label\r\n\r\nsallyport-state 1\r\n  Device.A=1 \r\nDevice.B = 2\r\n");
	reopen(b);
	assert_string_equal(store_get(b->st, "Device.A", NULL), "1");
	assert_false(store_has(b->st, "Device.A"));
	set(b, "Device.A", "x");
	set(b, "@keep.log", "y");
	set(b, "@event", "z");
	assert_string_equal(store_get(b->st, "Device.A", NULL), "x");
	assert_string_equal(store_factory(b->st, "Device.A", NULL), "1");
	set(b, "Device.A", "1");
	assert_false(store_has(b->st, "Device.A"));
	set(b, "Device.B", "x");
	assert_int_equal(store_factory_reset(b->st), 0);
	store_save(b->st);
	assert_string_equal(get_file(b, "state"), "sallyport-state 1\n@keep.log = y\n@end = 1\n");
	assert_string_equal(store_get(b->st, "Device.B", NULL), "2");
}

static void add_key(void *arg, const char *key, const char *value, size_t len)
{
	buf_printf(arg, "%s=%s;", key, value);
}

static void keys_are_listed_by_prefix(void **state)
{
	struct box *b = *state;
	struct buf out;

	buf_init(&out, 1000);
	put_file(b, "factory.conf", "sallyport-state 1\n@b.2 = f\n@b.3 = f\n@a = f\n");
	reopen(b);
	set(b, "@b.1", "s");
	set(b, "@b.2", "s");
	set(b, "@c", "s");
	store_each(b->st, "@b.", true, add_key, &out);
	assert_string_equal(buf_str(&out), "@b.1=s;@b.2=s;@b.3=f;");
	buf_reset(&out);
	store_each(b->st, "@b.", false, add_key, &out);
	assert_string_equal(buf_str(&out), "@b.1=s;@b.2=s;");
	buf_reset(&out);
	store_each_factory(b->st, "@b.", add_key, &out);
	assert_string_equal(buf_str(&out), "@b.2=f;@b.3=f;");
	assert_int_equal(store_del_prefix(b->st, "@b."), 0);
	assert_false(store_has(b->st, "@b.1"));
	assert_true(store_has(b->st, "@c"));
	buf_free(&out);
}

static void keys_that_can_not_be_written_are_refused(void **state)
{
	struct box *b = *state;
	char longest[STORE_KEY_MAX + 2];

	assert_int_equal(set(b, "", "x"), -EINVAL);
	assert_int_equal(set(b, "a b", "x"), -EINVAL);
	assert_int_equal(set(b, "a=b", "x"), -EINVAL);
	assert_int_equal(set(b, "#a", "x"), -EINVAL);
	assert_int_equal(set(b, "@end", "1"), -EINVAL);
	assert_int_equal(set(b, "a\nb", "x"), -EINVAL);
	assert_int_equal(store_set(b->st, "a", "x\0y", 3), -EINVAL);
	memset(longest, 'k', sizeof(longest));
	longest[STORE_KEY_MAX + 1] = 0;
	assert_int_equal(set(b, longest, "x"), -EINVAL);
	longest[STORE_KEY_MAX] = 0;
	assert_int_equal(set(b, longest, "x"), 0);
}

static void the_quota_holds(void **state)
{
	struct box *b = *state;
	char *big = malloc(60001), key[32];
	int r = 0;
	size_t n = 0;

	memset(big, 'v', 60000);
	big[60000] = 0;
	for (; n < 100 && !r; n++) {
		snprintf(key, sizeof(key), "k%zu", n);
		r = set(b, key, big);
	}
	assert_int_equal(r, -ENOSPC);
	assert_int_equal(n - 1, STORE_BYTES_MAX / 60007);
	assert_int_equal(store_save(b->st), 0);
	/* there is always room for less, and room comes back */
	assert_int_equal(set(b, "k0", "small"), 0);
	assert_int_equal(set(b, key, big), 0);
	assert_int_equal(set(b, "k1", big), 0);
	memset(big, 1, 60000);
	assert_int_equal(set(b, "k1", big), -ENOSPC);
	free(big);
}

/* Whoever watches all that a box has may not keep it from being configured. */
static void what_is_spare_leaves_room_for_settings(void **state)
{
	struct box *b = *state;
	char key[32];
	int r = 0;

	for (size_t n = 0; !r; n++) {
		snprintf(key, sizeof(key), "@attr.%zu", n);
		r = store_set_spare(b->st, key, "2 1", 3);
	}
	assert_int_equal(r, -ENOSPC);
	for (size_t n = 0; n < STORE_BYTES_FREE / 32; n++) {
		snprintf(key, sizeof(key), "Device.Setting.%08zu", n);
		assert_int_equal(set(b, key, "v"), 0);
	}
	assert_int_equal(store_set_spare(b->st, "@attr.0", "0 1", 3), 0);
	assert_int_equal(store_save(b->st), 0);
}

/* Writes generation after generation of two keys that must agree. */
static void write_for_ever(const char *dir)
{
	struct store *st;
	char text[16];

	if (store_open(&st, dir, NULL))
		_exit(1);
	for (unsigned int i = 1;; i++) {
		int n = snprintf(text, sizeof(text), "%u", i);

		if (store_set(st, "Device.First", text, (size_t)n) ||
		    store_set(st, "Device.Second", text, (size_t)n) || store_save(st))
			_exit(2);
	}
}

static void a_kill_at_any_moment_leaves_the_old_or_the_new(void **state)
{
	struct box *b = *state;
	uint64_t last = 0, now;
	size_t len;

	store_close(b->st);
	srandom(20);
	for (int round = 0; round < 20; round++) {
		struct timespec wait = { 0, 1000000 + random() % 20000000 };
		pid_t pid = fork();
		int status;

		assert_true(pid >= 0);
		if (!pid)
			write_for_ever(b->dir);
		nanosleep(&wait, NULL);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		open_box(b);
		assert_null(get_file(b, "state.bad"));
		if (store_get(b->st, "Device.First", &len)) {
			assert_string_equal(store_get(b->st, "Device.First", NULL),
					    store_get(b->st, "Device.Second", NULL));
			assert_int_equal(num_parse_u64(store_get(b->st, "Device.First", &len), len,
						       UINT32_MAX, &now),
					 0);
			assert_true(now > 0);
			last = now;
		}
		store_close(b->st);
	}
	assert_true(last > 0);
	open_box(b);
}

static void a_symbolic_link_is_not_followed(void **state)
{
	struct box *b = *state;
	char victim[128], link[128];

	put_file(b, "victim", "precious");
	snprintf(victim, sizeof(victim), "%s/victim", b->dir);
	snprintf(link, sizeof(link), "%s/state.new", b->dir);
	assert_int_equal(symlink(victim, link), 0);
	set(b, "Device.A", "1");
	assert_int_equal(store_save(b->st), -ELOOP);
	assert_true(store_dirty(b->st));
	assert_string_equal(get_file(b, "victim"), "precious");
	unlink(link);
	unlink(victim);
	assert_int_equal(store_save(b->st), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_byte_survives_a_round_trip),
		T(the_file_is_readable_text_in_order),
		T(nothing_is_written_when_nothing_changed),
		T(revert_goes_back_to_what_is_on_disk),
		T(a_newer_key_survives_a_round_trip),
		T(a_newer_version_is_read_as_far_as_it_goes),
		T(a_broken_state_is_kept_aside_and_the_factory_layer_holds),
		T(a_wrong_factory_file_stops_the_start),
		T(the_factory_layer_shines_through),
		T(keys_are_listed_by_prefix),
		T(keys_that_can_not_be_written_are_refused),
		T(the_quota_holds),
		T(what_is_spare_leaves_room_for_settings),
		T(a_kill_at_any_moment_leaves_the_old_or_the_new),
		T(a_symbolic_link_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
