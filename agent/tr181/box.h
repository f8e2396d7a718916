/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc, /sys and the clock tell about the box itself. root is "" but in tests. */
#pragma once

struct dm;

int device_status_init(struct dm *, const char *root); /* 0 or -ENOMEM */
void device_status_exit(struct dm *);
int temperature_init(struct dm *, const char *root); /* 0 or -ENOMEM */
void temperature_exit(struct dm *);
int time_init(struct dm *, const char *root); /* 0 or -ENOMEM */
void time_exit(struct dm *);
