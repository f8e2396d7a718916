/* SPDX-License-Identifier: Apache-2.0 */
/* Device.DeviceInfo.TemperatureStatus. over a /sys of the test's own that changes. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/tr181/box.h"
#include "agent/tree/rows.h"
#include "lib/log.h"

#define ROW "Device.DeviceInfo.TemperatureStatus.TemperatureSensor.1."

static char root[] = "/tmp/sallyport-sensors.XXXXXX";
static struct dm *dm;

static void put_file(const char *path, const char *text)
{
	char full[256];
	FILE *f;

	snprintf(full, sizeof(full), "%s/sys/class/hwmon/hwmon0/%s", root, path);
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
	char path[DM_PATH_MAX];

	snprintf(path, sizeof(path), ROW "%s", name);
	dm_rpc_begin(dm);
	assert_int_equal(dm_get(dm, path, keep, value), DM_OK);
	return value;
}

static void enable(const char *value)
{
	assert_int_equal(dm_set_own(dm, ROW "Enable", value, strlen(value)), DM_OK);
}

static void a_sensor_is_read_while_it_is_enabled(void **state)
{
	put_file("temp1_input", "41000\n");
	assert_string_equal(get("Name"), "board temp1");
	assert_string_equal(get("Value"), "41");
	put_file("temp1_input", "55000\n");
	assert_string_equal(get("Value"), "55");
	put_file("temp1_input", "50000\n");
	assert_string_equal(get("Value"), "50");
	assert_string_equal(get("MinValue"), "41");
	assert_string_equal(get("MaxValue"), "55");
	assert_string_equal(get("Status"), "Enabled");

	enable("false");
	put_file("temp1_input", "99000\n");
	assert_string_equal(get("Status"), "Disabled");
	assert_string_equal(get("Value"), "50"); /* the last that it had */
	assert_string_equal(get("MaxValue"), "55");
	enable("true");
	assert_string_equal(get("Value"), "99");
	put_file("temp1_input", "broken\n");
	assert_string_equal(get("Status"), "Error");
}

static int make(void **state)
{
	char command[128];

	log_set_level(LOG_LVL_ERR);
	assert_non_null(mkdtemp(root));
	snprintf(command, sizeof(command), "mkdir -p %s/sys/class/hwmon/hwmon0", root);
	assert_int_equal(system(command), 0);
	put_file("name", "board\n");
	assert_int_equal(dm_open(&dm, dm_objects, dm_nobjects, NULL), 0);
	return temperature_init(dm, root);
}

static int drop(void **state)
{
	char command[64];

	temperature_exit(dm);
	dm_close(dm);
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = { UNIT(a_sensor_is_read_while_it_is_enabled) };

	return cmocka_run_group_tests(tests, make, drop);
}
