/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the flash role, for helper/flash*.c only. */
#pragma once

#include "firmware/mtd.h"
#include "firmware/update.h"
#include "lib/conf.h"

/*
 * No capability at all: MTD works on descriptors that were open before. The slot that boots is not
 * even open, and what the agent hands in is copied before it is looked at.
 */
struct flash_role {
	char model[FW_TEXT_BYTES];
	struct fw_keyring keys;
	struct mtd slot; /* the one that did not boot; fd -1 for the other */
	struct mtd env[2];
	struct bootenv bootenv;
	struct update update;
	uint8_t *signed_manifest; /* FW_MANIFEST_MAX + FW_SIGNED_BYTES */
	uint8_t *chunk;		  /* FW_CHUNK_MAX */
	uint8_t *memory;	  /* all buffers, in one piece */
};

/* As root: partitions, keys and buffers. 0 or -errno, logged. */
int flash_open_all(struct flash_role *f, const struct conf *conf);
void flash_close_all(struct flash_role *f);
