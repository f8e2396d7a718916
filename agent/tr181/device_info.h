/* SPDX-License-Identifier: Apache-2.0 */
/* Device.DeviceInfo.: who this box is. Read once, before lockdown; it never changes afterwards. */
#pragma once

#include <stdint.h>

#include "agent/tree/tree.h"

struct store;

extern const struct dm_object device_info;

/* DeviceIdStruct of TR-069 A.3.3.1 and what goes with it; UTF-8, terminated. */
struct identity {
	char manufacturer[65];
	char oui[7]; /* [0-9A-F]{6} */
	char product_class[65];
	char serial_number[65];
	char model_name[65];
	char hardware_version[65];
	char software_version[65];
	char description[257];
};

/*
 * Reads the identity, each field from the first source that has it (docs/identity.md). root is ""
 * for the real system, a directory in tests. Placeholders ("To be filled by O.E.M.", empty, all
 * zero) are passed over. Returns 0, or -ENODATA after a log line that names the field for which
 * nothing truthful was found and where to set it.
 */
int identity_read(struct identity *, const struct store *, const char *root);

/* After dm_open(): id is copied. */
int device_info_init(struct dm *, const struct identity *id);
void device_info_exit(struct dm *);
