/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An MTD partition, or a UBI volume, as a struct flash. Opened by root before lockdown; everything
 * afterwards works on the descriptor without any capability.
 */
#pragma once

#include "firmware/flash.h"

struct mtd {
	struct flash flash; /* flash.dev is this struct: it must stay where it is */
	int fd;
	uint64_t base; /* of the slice in the partition */
	bool cached;   /* memory, or a block device behind it */
	int scheme;    /* enum env_scheme of environments on such flash; -1: any */
};

/* path: "/dev/mtd3", the partition's name as /proc/mtd has it ("firmware-b"), or (CONFIG_FLASH_UBI)
 * "ubi0:NAME" of a volume. 0 or -errno. */
int mtd_open(struct mtd *mtd, const char *path, bool write);
int ubi_open(struct mtd *mtd, const char *path, bool write);
/* Narrows to a part of the partition, both in whole erase blocks (an environment's area). */
int mtd_slice(struct mtd *mtd, uint64_t at, uint64_t size);
/* Gives it this descriptor number, which must be free: a filter can name it then. 0 or -errno. */
int mtd_number(struct mtd *mtd, int number);
void mtd_close(struct mtd *mtd);
