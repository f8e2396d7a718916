/* SPDX-License-Identifier: Apache-2.0 */
/* Device.Time.: the zone of the box, which may change, and who sets its clock. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/kernel/zone.h"
#include "agent/tr181/box.h"
#include "agent/tree/rows.h"
#include "lib/clock.h"
#include "lib/log.h"

static char root[] = "/tmp/sallyport-time.XXXXXX";
static struct dm *dm;

static const char *parse(const char *data, size_t len)
{
	static char out[ZONE_MAX];

	return zone_parse(out, data, len) ? out : "";
}

#define PARSE(text) parse(text, sizeof(text) - 1)

static void a_zone_is_found_at_the_end_of_its_file(void **state)
{
	assert_string_equal(PARSE("TZif2\0\0\0\1\n\2\nCET-1CEST,M3.5.0,M10.5.0/3\n"),
			    "CET-1CEST,M3.5.0,M10.5.0/3");
	assert_string_equal(PARSE("TZif3\n<+0330>-3:30\n"), "<+0330>-3:30");
	assert_string_equal(PARSE("TZif2\n\n"), "");	  /* no rule for today */
	assert_string_equal(PARSE("TZif\0\nUTC0\n"), ""); /* the first version */
	assert_string_equal(PARSE("TZif2\nUTC0"), "");	  /* cut */
	assert_string_equal(PARSE("TZif2"), "");
	assert_string_equal(PARSE("EST5EDT,M3.2.0,M11.1.0\n"), "EST5EDT,M3.2.0,M11.1.0");
	assert_string_equal(PARSE("UTC0"), "UTC0");
	assert_string_equal(PARSE("not a zone\n"), "");
	assert_string_equal(PARSE("\x01\x02"), "");
	assert_string_equal(PARSE(""), "");
	assert_string_equal(
		PARSE("A23456789012345678901234567890123456789012345678901234567890123456789\n"),
		"");
}

static void put_file(const char *path, const char *text)
{
	char command[192], full[128];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	snprintf(command, sizeof(command), "mkdir -p $(dirname %s)", full);
	assert_int_equal(system(command), 0);
	f = fopen(full, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int keep(void *arg, const struct dm_value *v)
{
	snprintf(arg, 64, "%.*s", (int)v->len, v->text);
	return 0;
}

static const char *get(const char *name)
{
	static char value[64];
	char path[64];

	snprintf(path, sizeof(path), "Device.Time.%s", name);
	dm_rpc_begin(dm);
	return dm_get(dm, path, keep, value) ? "absent" : value;
}

/* Of the local time told: how far it is ahead of UTC, in minutes. */
static long ahead(void)
{
	struct tm tm = { .tm_isdst = -1 };
	const char *text = get("CurrentLocalTime");
	long sign = text[19] == '-' ? -1 : 1,
	     told = sign * (atol(text + 20) * 60 + atol(text + 23));

	assert_non_null(strptime(text, "%Y-%m-%dT%H:%M:%S", &tm));
	assert_in_range(timegm(&tm) - told * 60 - time(NULL) + 5, 3, 7);
	return told;
}

static void the_zone_may_change(void **state)
{
	assert_string_equal(get("LocalTimeZone"), "absent");
	put_file("etc/TZ", "EST5\n");
	assert_string_equal(get("LocalTimeZone"), "EST5");
	put_file("etc/localtime", "TZif2\n<+0330>-3:30\n");
	assert_string_equal(get("LocalTimeZone"), "<+0330>-3:30");
	if (!clock_synced()) {
		assert_string_equal(get("CurrentLocalTime"), "0001-01-01T00:00:00Z");
		return;
	}
	assert_int_equal(ahead(), 210);
	put_file("etc/localtime", "TZif2\nNST3:30\n");
	assert_int_equal(ahead(), -210);
}

#define STAT(name) "77 (" name ") S 1 1 1 0 -1 4194304 9 0 0 0 1 2 0 0 20 0 1 0 50 1000 9 0\n"

static void who_sets_the_clock_is_seen(void **state)
{
	assert_string_equal(get("Enable"), "false");
	assert_string_equal(get("Status"), clock_synced() ? "Synchronized" : "Disabled");
	put_file("proc/77/stat", STAT("chronyd"));
	assert_string_equal(get("Enable"), "true");
	assert_string_equal(get("Status"), clock_synced() ? "Synchronized" : "Unsynchronized");
	put_file("proc/77/stat", STAT("chronyc"));
	assert_string_equal(get("Enable"), "false");
}

static int make(void **state)
{
	log_set_level(LOG_LVL_ERR);
	assert_non_null(mkdtemp(root));
	assert_int_equal(dm_open(&dm, dm_objects, dm_nobjects, NULL), 0);
	return time_init(dm, root);
}

static int drop(void **state)
{
	char command[64];

	time_exit(dm);
	dm_close(dm);
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_zone_is_found_at_the_end_of_its_file),
		UNIT(the_zone_may_change),
		UNIT(who_sets_the_clock_is_seen),
	};

	return cmocka_run_group_tests(tests, make, drop);
}
