/* SPDX-License-Identifier: Apache-2.0 */
/* Path names (TR-106 A17 3.1) taken apart: pure, nothing allocated, no recursion. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DM_PARTS_MAX 32 /* components in one path; TR-181 has at most 14 */
#define DM_ALIAS_MAX 64 /* characters in an alias */

enum dm_part_kind { DM_PART_NAME, DM_PART_NUMBER, DM_PART_ALIAS };

struct dm_part {
	const char *s; /* into the caller's text; of an alias what is inside the brackets */
	uint16_t len;
	uint8_t kind;	 /* enum dm_part_kind */
	uint32_t number; /* of an instance */
};

struct dm_path {
	struct dm_part part[DM_PARTS_MAX];
	uint8_t n;
	bool partial; /* empty, or ends in a dot */
};

/* 0, or -EINVAL when it can't be a path name, -ENAMETOOLONG when it is longer than one can be. */
int dm_path_parse(struct dm_path *, const char *s, size_t len);
