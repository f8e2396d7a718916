/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a stream into a slot, block by block over the bad ones, as U-Boot's `nand read` skips
 * them. One block is held in memory: when a block turns out bad its data go to the next.
 */
#pragma once

#include "firmware/flash.h"

struct fw_writer {
	const struct flash *flash;
	uint8_t *data, *scratch; /* flash->block bytes each, the caller's */
	uint32_t next;		 /* block to be tried next */
	size_t fill;		 /* bytes waiting in data */
	uint64_t written;	 /* bytes of the stream that are in flash and were read back */
};

void fw_writer_init(struct fw_writer *w, const struct flash *flash, uint8_t *data,
		    uint8_t *scratch);
/* 0; -ENOSPC when the good blocks are used up; -errno of the flash. */
int fw_writer_put(struct fw_writer *w, const uint8_t *data, size_t len);
/* Writes what waits. The stream is complete and proven in flash when this returns 0. */
int fw_writer_end(struct fw_writer *w);
