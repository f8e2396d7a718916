/* SPDX-License-Identifier: Apache-2.0 */
/* Who the box is: the first truthful source of each field, or no start. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/store.h"
#include "agent/tr181/device_info.h"
#include "lib/log.h"

struct box {
	char root[64], factory[128];
	char *made[64];
	size_t nmade;
	struct store *st;
	struct identity id;
};

static char logged[4096];

static void tap(int level, const char *text, void *arg)
{
	size_t n = strlen(logged);

	snprintf(logged + n, sizeof(logged) - n, "%s\n", text);
}

static int setup(void **state)
{
	struct box *b = calloc(1, sizeof(*b));

	log_set_fd(-1);
	(void)log_add_tap(tap, NULL);
	logged[0] = 0;
	snprintf(b->root, sizeof(b->root), "/tmp/sallyport-test-XXXXXX");
	assert_non_null(mkdtemp(b->root));
	snprintf(b->factory, sizeof(b->factory), "%s/factory.conf", b->root);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct box *b = *state;

	log_drop_tap(tap);
	if (b->st)
		store_close(b->st);
	while (b->nmade) {
		assert_int_equal(remove(b->made[--b->nmade]), 0);
		free(b->made[b->nmade]);
	}
	assert_int_equal(rmdir(b->root), 0);
	free(b);
	return 0;
}

/* Makes the file and the directories above it. */
static void put(struct box *b, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	for (const char *slash = strchr(name + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(path, sizeof(path), "%s%.*s", b->root, (int)(slash - name), name);
		if (!mkdir(path, 0700))
			b->made[b->nmade++] = strdup(path);
	}
	snprintf(path, sizeof(path), "%s%s", b->root, name);
	if (access(path, F_OK))
		b->made[b->nmade++] = strdup(path);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int read_it(struct box *b)
{
	if (b->st)
		store_close(b->st);
	assert_int_equal(store_open(&b->st, b->root, b->factory), 0);
	return identity_read(&b->id, b->st, b->root);
}

static void put_good(struct box *b)
{
	put(b, "/sys/class/dmi/id/sys_vendor", "ACME Corp\n");
	put(b, "/sys/class/dmi/id/product_name", "Gate 3000\n");
	put(b, "/sys/class/dmi/id/product_serial", " SN-1234 \n");
	put(b, "/sys/class/dmi/id/product_version", "rev B\n");
	put(b, "/etc/os-release", "NAME=Debian\nVERSION_ID=\"12.5\"\n");
	put(b, "/factory.conf", "sallyport-state 1\nDevice.DeviceInfo.ManufacturerOUI = 00a0b1\n");
}

static void dmi_and_os_release_and_an_oui_make_an_identity(void **state)
{
	struct box *b = *state;

	put_good(b);
	assert_int_equal(read_it(b), 0);
	assert_string_equal(b->id.manufacturer, "ACME Corp");
	assert_string_equal(b->id.oui, "00A0B1");
	assert_string_equal(b->id.product_class, "Gate 3000");
	assert_string_equal(b->id.serial_number, "SN-1234");
	assert_string_equal(b->id.model_name, "Gate 3000");
	assert_string_equal(b->id.hardware_version, "rev B");
	assert_string_equal(b->id.software_version, "12.5");
	assert_string_equal(b->id.description, "ACME Corp Gate 3000");
}

static void the_factory_layer_comes_first_but_for_the_software_version(void **state)
{
	struct box *b = *state;

	put_good(b);
	put(b, "/factory.conf",
	    "sallyport-state 1\nDevice.DeviceInfo.ManufacturerOUI = 00A0B1\n"
	    "Device.DeviceInfo.Manufacturer = Other\nDevice.DeviceInfo.SerialNumber = S9\n"
	    "Device.DeviceInfo.SoftwareVersion = 1\nDevice.DeviceInfo.Description = A gate\n"
	    "Device.DeviceInfo.HardwareVersion = To be filled by O.E.M.\n");
	assert_int_equal(read_it(b), 0);
	assert_string_equal(b->id.manufacturer, "Other");
	assert_string_equal(b->id.serial_number, "S9");
	assert_string_equal(b->id.software_version, "12.5");
	assert_string_equal(b->id.description, "A gate");
	/* a placeholder is passed over wherever it stands */
	assert_string_equal(b->id.hardware_version, "rev B");
	put(b, "/etc/os-release", "NAME=Debian\n");
	assert_int_equal(read_it(b), 0);
	assert_string_equal(b->id.software_version, "1");
}

static void the_device_tree_comes_before_dmi(void **state)
{
	struct box *b = *state;

	put_good(b);
	put(b, "/proc/device-tree/serial-number", "DT77");
	put(b, "/proc/device-tree/model", "Router X");
	put(b, "/proc/device-tree/compatible", "maker,board-x");
	assert_int_equal(read_it(b), 0);
	assert_string_equal(b->id.serial_number, "DT77");
	assert_string_equal(b->id.model_name, "Router X");
	assert_string_equal(b->id.manufacturer, "maker");
	assert_string_equal(b->id.product_class, "board-x");
}

static void placeholders_are_no_identity(void **state)
{
	static const char *const bad[] = {
		"To be filled by O.E.M.\n",
		"to be filled by o.e.m.",
		"",
		"\n",
		"  \n",
		"0",
		"00000000\n",
		"00:00:00:00",
		"0.0-0",
		"Default string",
		"System Serial Number",
		"None",
		"N/A",
		"Not Specified",
		"0123456789",
		"FFFFFFFF",
		"XXXXXXXX",
		"\x01\x02",
		"\xff\xfe",
		"a serial number that is longer than the sixty-four characters that fit in",
	};
	struct box *b = *state;

	put_good(b);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		logged[0] = 0;
		put(b, "/sys/class/dmi/id/product_serial", bad[i]);
		assert_int_equal(read_it(b), -ENODATA);
		assert_non_null(strstr(logged, "no truthful SerialNumber"));
		assert_null(strstr(logged, "ManufacturerOUI"));
	}
	put(b, "/sys/class/dmi/id/board_serial", "B-1\n");
	assert_int_equal(read_it(b), 0);
	assert_string_equal(b->id.serial_number, "B-1");
}

static void every_missing_field_is_named(void **state)
{
	static const char *const needed[] = {
		"Manufacturer", "ManufacturerOUI", "SerialNumber",
		"ModelName",	"HardwareVersion", "SoftwareVersion"
	};
	struct box *b = *state;

	assert_int_equal(read_it(b), -ENODATA);
	for (size_t i = 0; i < 6; i++) {
		char text[80];

		snprintf(text, sizeof(text), "set Device.DeviceInfo.%s in the factory file",
			 needed[i]);
		assert_non_null(strstr(logged, text));
	}
}

static void an_oui_is_six_hexadecimal_digits(void **state)
{
	static const char *const bad[] = { "00A0B", "00A0B1C", "00:A0:B1", "000000", "GGGGGG" };
	struct box *b = *state;

	put_good(b);
	for (size_t i = 0; i < 5; i++) {
		char text[96];

		snprintf(text, sizeof(text),
			 "sallyport-state 1\nDevice.DeviceInfo.ManufacturerOUI = %s\n", bad[i]);
		put(b, "/factory.conf", text);
		assert_int_equal(read_it(b), -ENODATA);
	}
}

static void os_release_is_read_as_its_manual_says(void **state)
{
	struct box *b = *state;

	put_good(b);
	put(b, "/etc/os-release", "XVERSION_ID=9\nVERSION_ID='7.1'\nIMAGE_VERSION=2026.1");
	assert_int_equal(read_it(b), 0);
	assert_string_equal(b->id.software_version, "2026.1");
	put(b, "/etc/os-release", "XVERSION_ID=9\nVERSION_ID='7.1'");
	assert_int_equal(read_it(b), 0);
	assert_string_equal(b->id.software_version, "7.1");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(dmi_and_os_release_and_an_oui_make_an_identity),
		T(the_factory_layer_comes_first_but_for_the_software_version),
		T(the_device_tree_comes_before_dmi),
		T(placeholders_are_no_identity),
		T(every_missing_field_is_named),
		T(an_oui_is_six_hexadecimal_digits),
		T(os_release_is_read_as_its_manual_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
