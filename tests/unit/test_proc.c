/* SPDX-License-Identifier: Apache-2.0 */
/* /proc, hwmon and DHCP leases: whatever is in the files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#include "agent/kernel/hwmon.h"
#include "agent/kernel/leases.h"
#include "agent/kernel/proc.h"

static void memory_is_total_and_free(void **state)
{
	struct proc_memory m;

	assert_true(proc_parse_memory(&m, "MemTotal:        2014632 kB\nMemFree:  123456 kB\n"));
	assert_int_equal(m.total_kib, 2014632);
	assert_int_equal(m.free_kib, 123456);
	assert_false(proc_parse_memory(&m, "MemTotal: 1 kB\nXMemFree: 2 kB\n"));
	assert_false(proc_parse_memory(&m, "MemTotal: \nMemFree: 2 kB\n"));
	assert_false(proc_parse_memory(&m, ""));
}

static void idle_and_waiting_processors_are_not_busy(void **state)
{
	struct proc_cpu c;

	assert_true(proc_parse_cpu(&c, "cpu  10 1 5 100 20 2 3 4 50 0\ncpu0 1 1 1 1\n"));
	assert_int_equal(c.all, 145);
	assert_int_equal(c.busy, 25);
	assert_false(proc_parse_cpu(&c, "cpu0 1 2 3 4\n"));
	assert_false(proc_parse_cpu(&c, "cpu  1 2 x\n"));
}

#define STAT_TAIL                                             \
	" S 1 7 7 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 1 0" \
	" 4242 10485760 512 18446744073709551615 1 1 0 0 0 0 0\n"

static void a_process_may_call_itself_anything(void **state)
{
	static const struct {
		const char *line, *comm;
	} lines[] = {
		{ "7 (sh)" STAT_TAIL, "sh" },
		{ "7 (a) R 9 (b)" STAT_TAIL, "a) R 9 (b" },
		{ "7 ()" STAT_TAIL, "" },
		{ "7 (x\x01\n\xff)" STAT_TAIL, "x???" },
	};
	struct proc p;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_true(proc_parse(&p, lines[i].line, 100, 4096));
		assert_string_equal(p.comm, lines[i].comm);
		assert_int_equal(p.pid, 7);
		assert_int_equal(p.state, 'S');
		assert_int_equal(p.cpu_ms, 2000);
		assert_int_equal(p.priority, 20);
		assert_int_equal(p.start, 4242);
		assert_int_equal(p.rss_kib, 2048);
		assert_false(p.kernel);
	}
}

static void a_thread_of_the_kernel_and_real_time_are_known(void **state)
{
	struct proc p;

	assert_true(
		proc_parse(&p,
			   "12 (migration/0) S 2 0 0 0 -1 69238848 0 0 0 0 0 5 0 0 -100 0 1 0 3 "
			   "0 0 0 0\n",
			   100, 4096));
	assert_true(p.kernel);
	assert_int_equal(p.priority, -100);
}

static void a_cut_line_is_no_process(void **state)
{
	static const char whole[] = "7 (sh)" STAT_TAIL;
	char text[sizeof(whole)];
	struct proc p;
	size_t good = 0;

	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		memcpy(text, whole, n);
		text[n] = 0;
		good += proc_parse(&p, text, 100, 4096);
	}
	/* it needs no more than the 24th field */
	assert_in_range(good, 1, 50);
}

static void each(void *arg, const struct proc *p)
{
	struct proc *found = arg;

	if (p->pid == (uint32_t)getpid())
		*found = *p;
}

static void this_process_is_found(void **state)
{
	struct proc found = { 0 };

	assert_int_equal(proc_each("", each, &found), 0);
	assert_string_equal(found.comm, "test_proc");
	assert_int_equal(found.state, 'R');
	assert_true(found.rss_kib > 100);
}

static char root[] = "/tmp/sallyport-hwmon.XXXXXX";

static void put_file(const char *path, const char *text)
{
	char full[256];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	f = fopen(full, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void put_folder(const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	assert_int_equal(mkdir(full, 0700), 0);
}

static struct hwmon_sensor sensors[8];
static size_t nsensors;

static void sensor(void *arg, const struct hwmon_sensor *s)
{
	assert_true(nsensors < 8);
	sensors[nsensors++] = *s;
}

static const struct hwmon_sensor *named(const char *name)
{
	for (size_t i = 0; i < nsensors; i++)
		if (!strcmp(sensors[i].name, name))
			return &sensors[i];
	fail_msg("no sensor %s", name);
	return NULL;
}

static void sensors_have_names_and_degrees(void **state)
{
	char command[64];

	assert_non_null(mkdtemp(root));
	assert_int_equal(hwmon_each(root, sensor, NULL), -ENOENT);
	put_folder("sys");
	put_folder("sys/class");
	put_folder("sys/class/hwmon");
	put_folder("sys/class/hwmon/hwmon0");
	put_file("sys/class/hwmon/hwmon0/name", "coretemp\n");
	put_file("sys/class/hwmon/hwmon0/temp1_input", "45500\n");
	put_file("sys/class/hwmon/hwmon0/temp1_label", "Package id 0\n");
	put_file("sys/class/hwmon/hwmon0/temp2_input", "-1499\n");
	put_file("sys/class/hwmon/hwmon0/temp3_input", "hot\n");
	put_file("sys/class/hwmon/hwmon0/temp1_max", "99000\n");
	put_file("sys/class/hwmon/hwmon0/fan1_input", "1200\n");
	assert_int_equal(hwmon_each(root, sensor, NULL), 0);
	assert_int_equal(nsensors, 3);
	assert_true(named("coretemp Package id 0")->good);
	assert_int_equal(named("coretemp Package id 0")->celsius, 46);
	assert_int_equal(named("coretemp temp2")->celsius, -1);
	assert_false(named("coretemp temp3")->good);
	snprintf(command, sizeof(command), "rm -r %s", root);
	assert_int_equal(system(command), 0);
}

static struct lease leases[8];
static size_t nleases;

static void lease(void *arg, const struct lease *l)
{
	assert_true(nleases < 8);
	leases[nleases++] = *l;
}

static void leases_are_those_of_dnsmasq(void **state)
{
	static const char text[] =
		"1790000000 02:aa:00:00:00:14 198.51.100.20 laptop 01:02:aa:00:00:00:14\n"
		"0 02:aa:00:00:00:15 198.51.100.21 * *\n"
		"1790000000 06-02:aa:00:00:00:16 198.51.100.22 token *\n"
		"1790000000 02:aa:00:00:00:17 198.51.100.999 far *\n"
		"nonsense\n\n \n"
		"1790000000 02:aa:00:00:00:18 198.51.100.23 n\xc3\xa4me *\n"
		"duid 00:01:00:01:2c\n"
		"1790000000 33554432 2001:db8::20 laptop 00:01\n"
		"1790000000 02:aa:00:00:00:19 198.51.100.24 last";

	nleases = 0;
	leases_parse(text, sizeof(text) - 1, lease, NULL);
	assert_int_equal(nleases, 4);
	assert_string_equal(leases[0].name, "laptop");
	assert_int_equal(leases[0].mac[5], 0x14);
	assert_int_equal(leases[0].ip[3], 20);
	assert_int_equal(leases[0].until, 1790000000);
	assert_int_equal(leases[1].until, 0);
	assert_string_equal(leases[1].name, "");
	assert_string_equal(leases[2].name, ""); /* not what the tree can show */
	assert_string_equal(leases[3].name, "last");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(memory_is_total_and_free),
		UNIT(idle_and_waiting_processors_are_not_busy),
		UNIT(a_process_may_call_itself_anything),
		UNIT(a_thread_of_the_kernel_and_real_time_are_known),
		UNIT(a_cut_line_is_no_process),
		UNIT(this_process_is_found),
		UNIT(sensors_have_names_and_degrees),
		UNIT(leases_are_those_of_dnsmasq),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
