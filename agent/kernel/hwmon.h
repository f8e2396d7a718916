/* SPDX-License-Identifier: Apache-2.0 */
/* Temperature sensors of /sys/class/hwmon. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define HWMON_NAME_MAX 96

struct hwmon_sensor {
	char name[HWMON_NAME_MAX]; /* "coretemp Package id 0", "cpu_thermal temp1" */
	bool good;		   /* celsius was read now */
	int32_t celsius;	   /* rounded */
};

typedef void (*hwmon_fn)(void *arg, const struct hwmon_sensor *);
/* root is "" but in tests. 0 or -errno; -ENOENT: this kernel has no hwmon. */
int hwmon_each(const char *root, hwmon_fn, void *arg);
