/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flash partition behind a table of operations: MTD in the helper (firmware/mtd.c), memory in
 * the tests. Offsets and sizes in bytes from the partition's start; blocks are erase blocks.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flash_ops {
	/* 1 bad, 0 good, -errno. Flash without bad blocks (NOR) says 0. */
	int (*is_bad)(void *dev, uint32_t block);
	int (*mark_bad)(void *dev, uint32_t block);
	int (*erase)(void *dev, uint32_t block);
	/* at and len are multiples of geometry.page; the place has been erased. */
	int (*write)(void *dev, uint64_t at, const void *data, size_t len);
	/* 0 also when ECC had to correct something; -EBADMSG when it could not. */
	int (*read)(void *dev, uint64_t at, void *data, size_t len);
	/* What was written before outlives a power cut when this returns. */
	int (*sync)(void *dev);
};

struct flash {
	const struct flash_ops *ops;
	void *dev;
	uint64_t size;
	uint32_t block; /* bytes of an erase block */
	uint32_t page;	/* smallest write: a NAND page, 1 on NOR */
	bool marks_bad; /* NAND: a block that fails is marked and never used again */
};

static inline uint32_t flash_blocks(const struct flash *f)
{
	return (uint32_t)(f->size / f->block);
}

/* Bytes in blocks that are not bad; -errno. */
int64_t flash_usable(const struct flash *f);

/*
 * Writes block `block` with len bytes (the rest stays erased), reads it back and compares.
 * -EIO when the block is not to be trusted: marked bad where the flash does that. scratch holds
 * f->block bytes.
 */
int flash_put_block(const struct flash *f, uint32_t block, const uint8_t *data, size_t len,
		    uint8_t *scratch);
