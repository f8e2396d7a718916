/* SPDX-License-Identifier: Apache-2.0 */
/* A vendor's own objects: what their file and a daemon may say, and how a write is undone. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/loop.h"
#include "agent/tree/rows.h"
#include "agent/vendor/conf.h"
#include "agent/vendor/line.h"
#include "agent/vendor/vendor.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/log.h"

#define OBJECT "object Device.X_00D09E_Box.\n"

static const char *why(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What is wrong with a file, "" when nothing is. */
static const char *why(const char *format, ...)
{
	static char text[8192], out[128];
	struct vendor_wrong wrong;
	struct vendor_conf c;
	va_list ap;
	int r;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	r = vendor_conf_parse(&c, text, strlen(text), &wrong);
	if (!r)
		vendor_conf_free(&c);
	snprintf(out, sizeof(out), "%s", r ? wrong.why : "");
	return out;
}

static const char *param(const char *rest)
{
	return why("daemon modem 100\n" OBJECT "parameter A %s\n", rest);
}

static void a_file_says_what_is_wrong_with_it(void **state)
{
	static const char *const good[] = {
		"int file=/sys/a/b",
		"int range=-40..125 file=/sys/a/b canDeny",
		"unsignedInt range=..4094 daemon=modem readWrite",
		"string length=1..64 daemon=modem readWrite default=internet",
		"string values=auto|lte|nr file=/run/modem/mode readWrite",
		"unsignedInt list range=1..13 file=/run/modem/bands",
		"boolean default=false file=/run/modem/up",
		"dateTime file=/run/modem/since",
	};
	static const char *const bad[][2] = {
		{ "int", "parameter NAME TYPE and a source" },
		{ "integer file=/sys/a/b", "no such type" },
		{ "int readWrite", "file= or daemon= is missing" },
		{ "int file=/sys/a/b daemon=modem", "two sources" },
		{ "int daemon=radio", "no such daemon" },
		{ "int file=relative/a/b", "absolute path" },
		{ "int file=/etc/shadow", "absolute path" },
		{ "int file=/run/modem/../../etc/shadow", "absolute path" },
		{ "int file=/run/modem//x", "absolute path" },
		{ "int length=1..2 file=/sys/a/b", "length= is for" },
		{ "string length=5..2 file=/sys/a/b", "length= wants" },
		{ "string length=0..5000 file=/sys/a/b", "length= wants" },
		{ "string range=1..2 file=/sys/a/b", "range= is for" },
		{ "int range=9..2 file=/sys/a/b", "range= is empty" },
		{ "int range=1..2 range=1..2 file=/sys/a/b", "range= is for one" },
		{ "int range=a..2 file=/sys/a/b", "low end" },
		{ "int range=7 file=/sys/a/b", "range= wants" },
		{ "string values=a||b file=/sys/a/b", "empty one" },
		{ "int values=1|2 file=/sys/a/b", "values= is for text" },
		{ "int range=1..5 default=9 file=/sys/a/b", "default= is no value" },
		{ "string values=a|b default=c file=/sys/a/b", "default= is no value" },
		{ "int writable file=/sys/a/b", "not known" },
		{ "int mode=1 file=/sys/a/b", "not known" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_string_equal(param(good[i]), "");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (!strstr(param(bad[i][0]), bad[i][1]))
			fail_msg("'%s': '%s'", bad[i][0], param(bad[i][0]));
	assert_string_equal(why("# nothing\n\n   \n"), "");
	assert_non_null(strstr(why("object Device.Box.\n"), "X_<VENDOR>"));
	assert_non_null(strstr(why("object Device.X_Box.\n"), "X_<VENDOR>"));
	assert_non_null(strstr(why("object Device.X_00d09e_Box.\n"), "X_<VENDOR>"));
	assert_non_null(strstr(why("object Device.X_00D09E_Box\n"), "X_<VENDOR>"));
	assert_non_null(strstr(why("object Device.X_00D09E_Box.{i}.\n"), "X_<VENDOR>"));
	assert_string_equal(why("object Device.DeviceInfo.X_EXAMPLE-COM_Board.\n"), "");
	assert_non_null(strstr(why("parameter A int file=/sys/a/b\n"), "no object"));
	assert_non_null(strstr(why("daemon a 1\ndaemon a 2\n"), "already"));
	assert_non_null(strstr(why("table Device.\n"), "is wanted"));
}

static const char *taken(const char *line)
{
	static char out[256];
	char copy[128], *text;
	size_t n;
	enum vendor_word w;

	snprintf(copy, sizeof(copy), "%s", line);
	w = vendor_take_line(copy, strlen(copy), &text, &n);
	snprintf(out, sizeof(out), "%d %s", (int)w, w == VENDOR_MALFORMED ? "" : text);
	return out;
}

static void lines_are_taken_as_they_are_meant(void **state)
{
	struct buf out = BUF_INIT(256);

	assert_string_equal(taken("value 17"), "1 17");
	assert_string_equal(taken("value "), "1 ");
	assert_string_equal(taken("value"), "1 ");
	assert_string_equal(taken("value a\\nb\\\\c"), "1 a\nb\\c");
	assert_string_equal(taken("value a\\"), "0 ");
	assert_string_equal(taken("value a\\x41"), "0 ");
	assert_string_equal(taken("value \x01"), "0 ");
	assert_string_equal(taken("value \xff"), "0 ");
	assert_string_equal(taken("valued 1"), "0 ");
	assert_string_equal(taken(""), "0 ");
	assert_string_equal(taken("ok"), "2 ");
	assert_string_equal(taken("error too hot"), "3 too hot");
	assert_string_equal(taken("changed Device.X_A_B.C"), "4 Device.X_A_B.C");
	vendor_put_set(&out, "Device.X_A_B.C", "a\\b\nc d", 7);
	assert_string_equal(buf_str(&out), "set Device.X_A_B.C a\\\\b\\nc d\n");
	buf_free(&out);
}

/* A world: a folder with files, a tree of a vendor's object alone, a loop, and its daemon. */
static struct {
	char dir[64];
	struct vendor *v;
	struct dm *dm;
	struct loop loop;
	int daemon; /* the daemon's end; -1: not connected */
} world;

static const char *place(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/data/%s", world.dir, name);
	return path;
}

static void put_file(const char *name, const char *text)
{
	FILE *f = fopen(place(name), "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static const struct dm_object root = DM_EMPTY("Device.");

static int open_world(void **state)
{
	char path[128], command[128];
	const struct dm_object *objects[8] = { &root };
	const struct dm_object *const *own;
	size_t n;
	FILE *f;

	log_set_level(LOG_LVL_ERR);
	snprintf(world.dir, sizeof(world.dir), "/tmp/sallyport-vendor.XXXXXX");
	assert_non_null(mkdtemp(world.dir));
	snprintf(command, sizeof(command), "mkdir %s/data", world.dir);
	assert_int_equal(system(command), 0);
	snprintf(path, sizeof(path), "%s/vendor.conf", world.dir);
	f = fopen(path, "we");
	assert_non_null(f);
	fprintf(f,
		"daemon modem %u\n" OBJECT "parameter Heat int range=-40..125 file=%s/data/heat\n"
		"parameter Name string length=1..16 readWrite file=%s/data/name\n"
		"parameter Level unsignedInt default=7 file=%s/data/level readWrite\n"
		"object Device.X_00D09E_Box.Modem.\n"
		"parameter Apn string length=0..32 readWrite daemon=modem\n"
		"parameter Bands unsignedInt list daemon=modem\n",
		getuid(), world.dir, world.dir, world.dir);
	assert_int_equal(fclose(f), 0);
	put_file("heat", "41\n");
	put_file("name", "old\n");
	assert_int_equal(loop_init(&world.loop), 0);
	assert_int_equal(vendor_load(&world.v, path), 0);
	own = vendor_objects(world.v, &n);
	assert_int_equal(n, 2);
	objects[1] = own[0];
	objects[2] = own[1];
	assert_int_equal(dm_open(&world.dm, objects, 3, NULL), 0);
	assert_int_equal(vendor_open(world.v, world.dm, world.dir), 0);
	assert_int_equal(vendor_start(world.v, &world.loop), 0);
	world.daemon = -1;
	return 0;
}

static int close_world(void **state)
{
	char command[128];

	if (world.daemon >= 0)
		close(world.daemon);
	vendor_close(world.v);
	dm_close(world.dm);
	vendor_free(world.v);
	loop_fini(&world.loop);
	snprintf(command, sizeof(command), "rm -r %s", world.dir);
	return system(command);
}

static int keep(void *arg, const struct dm_value *v)
{
	snprintf(arg, 128, "%.*s", (int)v->len, v->text);
	return 0;
}

static const char *get(const char *name)
{
	static char value[128];
	char path[DM_PATH_MAX];
	enum dm_error e;

	snprintf(path, sizeof(path), "Device.X_00D09E_Box.%s", name);
	dm_rpc_begin(world.dm);
	e = dm_get(world.dm, path, keep, value);
	return e ? dm_error_name(e) : value;
}

static const char *set(const char *a, const char *va, const char *b, const char *vb)
{
	static char text[DM_TEXT_MAX];
	struct dm_faults faults = { 0 };
	struct dm_txn *txn = dm_begin(world.dm, DM_BY_ACS);
	char path[DM_PATH_MAX];

	dm_rpc_begin(world.dm);
	snprintf(path, sizeof(path), "Device.X_00D09E_Box.%s", a);
	dm_stage(txn, path, DM_ANY, va, strlen(va));
	snprintf(path, sizeof(path), "Device.X_00D09E_Box.%s", b ? b : a);
	if (b)
		dm_stage(txn, path, DM_ANY, vb, strlen(vb));
	text[0] = '\0';
	if (dm_commit(txn, &faults))
		snprintf(text, sizeof(text), "%s", faults.n ? faults.v[0].text : "?");
	dm_faults_free(&faults);
	return text;
}

static void values_are_those_of_the_files_and_nothing_else(void **state)
{
	assert_string_equal(get("Heat"), "41");
	put_file("heat", "-7\n");
	assert_string_equal(get("Heat"), "-7");
	put_file("heat", "126\n"); /* out of its range */
	assert_string_equal(get("Heat"), "Internal error");
	put_file("heat", "12 13\n");
	assert_string_equal(get("Heat"), "Internal error");
	assert_string_equal(get("Level"), "7"); /* there is no file: the default */
	put_file("level", "9\n");
	assert_string_equal(get("Level"), "9");
	assert_string_equal(set("Heat", "5", NULL, NULL), "The parameter is read-only");
}

static void a_write_replaces_the_file_or_leaves_it(void **state)
{
	assert_string_equal(set("Name", "new", NULL, NULL), "");
	assert_string_equal(get("Name"), "new");
	assert_non_null(strstr(set("Name", "", NULL, NULL), "refused"));
	/* the second cannot be written: the first is put back */
	put_file("level", "1\n");
	assert_int_equal(mkdir(place("level.new"), 0700), 0);
	assert_string_equal(set("Name", "newer", "Level", "3"), "it cannot be written");
	assert_string_equal(get("Name"), "new");
	assert_string_equal(get("Level"), "1");
	assert_int_equal(rmdir(place("level.new")), 0);
}

static void connect_daemon(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/vendor-modem.sock", world.dir);
	if (world.daemon >= 0)
		close(world.daemon);
	world.daemon = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(world.daemon, (struct sockaddr *)&sa, sizeof(sa)), 0);
	loop_once(&world.loop, 100);
}

/* What it answers is there before it is asked: the agent cannot tell. */
static void will_say(const char *text)
{
	connect_daemon();
	assert_int_equal(write(world.daemon, text, strlen(text)), strlen(text));
}

static void a_daemon_tells_and_refuses(void **state)
{
	char asked[256] = "";

	assert_string_equal(get("Modem.Apn"), "Internal error"); /* nobody is there */
	will_say("value internet\n");
	assert_string_equal(get("Modem.Apn"), "internet");
	assert_true(read(world.daemon, asked, sizeof(asked) - 1) > 0);
	assert_string_equal(asked, "get Device.X_00D09E_Box.Modem.Apn\n");
	will_say("value 1, 3,20\n");
	assert_string_equal(get("Modem.Bands"), "1,3,20");
	will_say("value 1,two\n");
	assert_string_equal(get("Modem.Bands"), "Internal error");
	will_say("value internet\nok\nvalue ims\n");
	assert_string_equal(set("Modem.Apn", "ims", NULL, NULL), "");
	will_say("value ims\nerror no such APN\n");
	assert_string_equal(set("Modem.Apn", "nowhere", NULL, NULL), "it is refused: no such APN");
	/* it says ok and does nothing: the old one is set again */
	will_say("value ims\nok\nvalue ims\nok\n");
	assert_string_equal(set("Modem.Apn", "nowhere", NULL, NULL),
			    "the box does not take it; it has 'ims'");
}

static void what_is_hostile_is_cut_off(void **state)
{
	static char flood[VENDOR_LINE_MAX + 100];
	uint64_t start;

	memset(flood, 'x', sizeof(flood) - 1);
	will_say(flood);
	assert_string_equal(get("Modem.Apn"), "Internal error");
	will_say("nonsense\n");
	assert_string_equal(get("Modem.Apn"), "Internal error");
	assert_int_equal(recv(world.daemon, flood, sizeof(flood), 0) > 0, 1); /* the question */
	assert_int_equal(recv(world.daemon, flood, sizeof(flood), 0), 0);     /* the end */
	/* an answer of another kind */
	will_say("ok\n");
	assert_string_equal(get("Modem.Apn"), "Internal error");
	/* speaks without being asked */
	will_say("value 1\n");
	loop_once(&world.loop, 100);
	assert_int_equal(recv(world.daemon, flood, sizeof(flood), 0), 0);
	/* silence costs one deadline, not one for each of the two parameters */
	connect_daemon();
	start = clock_mono_ms();
	dm_rpc_begin(world.dm);
	assert_int_equal(dm_get(world.dm, "Device.X_00D09E_Box.Modem.", keep, flood), DM_OK);
	assert_in_range(clock_mono_ms() - start, VENDOR_WAIT_MS - 10, 2 * VENDOR_WAIT_MS - 10);
}

/* News without end is no answer, and ends where silence does. */
static void a_daemon_that_never_stops_is_cut_off(void **state)
{
	static const char news[] = "changed Device.X_00D09E_Box.Modem.Apn\n";
	pid_t child;

	connect_daemon();
	child = fork();
	assert_true(child >= 0);
	if (!child)
		while (send(world.daemon, news, sizeof(news) - 1, MSG_NOSIGNAL) > 0)
			;
	if (!child)
		_exit(0);
	assert_string_equal(get("Modem.Apn"), "Internal error");
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	will_say("value internet\n");
	assert_string_equal(get("Modem.Apn"), "internet");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_file_says_what_is_wrong_with_it),
		UNIT(lines_are_taken_as_they_are_meant),
		cmocka_unit_test_setup_teardown(values_are_those_of_the_files_and_nothing_else,
						open_world, close_world),
		cmocka_unit_test_setup_teardown(a_write_replaces_the_file_or_leaves_it, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(a_daemon_tells_and_refuses, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(what_is_hostile_is_cut_off, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(a_daemon_that_never_stops_is_cut_off, open_world,
						close_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
