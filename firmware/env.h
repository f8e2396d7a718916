/* SPDX-License-Identifier: Apache-2.0 */
/*
 * U-Boot's redundant environment, byte for byte (env/common.c, include/env_internal.h): two
 * copies, each CRC32 (little-endian here, as on the boards that matter), one flags byte, then
 * "name=value\0" ... "\0". Debian's fw_printenv reads what is built here. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENV_HEAD_BYTES 5
#define ENV_BYTES_MAX (256u << 10)
#define ENV_NAME_MAX 64

/* How the newer of two good copies is told (tools/env/fw_env.c). */
enum env_scheme {
	ENV_COUNTING, /* NAND, UBI, block devices: flags counts up, 255 wraps to 0 */
	ENV_MARKING,  /* NOR: 1 is active, 0 obsolete: a bit can be cleared without an erase */
};

#define ENV_ACTIVE 1
#define ENV_OBSOLETE 0

struct env {
	uint8_t *bytes; /* one whole copy, the caller's; crc and flags are in front */
	size_t size;	/* of a copy, as the boot loader was built */
};

uint32_t env_crc32(const void *data, size_t len); /* IEEE 802.3, as zlib's */

/* Is this copy whole: its CRC fits and its strings end? */
bool env_good(const struct env *e);
/* Which copy counts: 0 or 1; -ENOENT when neither is good. */
int env_newest(const struct env *first, const struct env *second, enum env_scheme scheme);

/* Points into the copy; NULL when the name is not there. */
const char *env_get(const struct env *e, const char *name);
uint32_t env_get_u32(const struct env *e, const char *name, uint32_t otherwise);
/* value NULL removes. 0, -EINVAL for a name or value that can't be stored, -ENOSPC. No crc yet. */
int env_set(struct env *e, const char *name, const char *value);
int env_set_u32(struct env *e, const char *name, uint32_t value);

/* Writes flags (older: those of the copy that was newest) and the CRC: the copy may go to flash. */
void env_seal(struct env *e, enum env_scheme scheme, uint8_t older);
/* An empty environment. */
void env_clear(struct env *e);
