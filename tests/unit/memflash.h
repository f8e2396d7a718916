/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NAND in memory for tests: pages that can be programmed once between erases, bad blocks, blocks
 * and pages that fail, and a power cut at the n-th erase, program or mark. A cut operation is torn:
 * part of it happened, and a page half programmed reads as an ECC error, as on the real thing.
 * With pages of one byte it is NOR: programming clears bits, nothing is ever marked, and what is
 * torn reads as whatever it is.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/flash.h"

#define MEMFLASH_BUFFER 256 /* NOR: programmed at once */

enum page_state { PAGE_ERASED, PAGE_WRITTEN, PAGE_TORN };

/* The power supply: shared by all partitions of one box. */
struct mempower {
	uint64_t ops;	 /* erases, programs and marks so far */
	uint64_t cut_at; /* this one is torn, 0: never */
	bool off;
};

struct memflash {
	struct flash flash;
	struct mempower *power;
	uint8_t *bytes;
	uint8_t *pages;	  /* enum page_state */
	bool *bad, *weak; /* per block; weak: programming fails */
	bool silent;	  /* programs one wrong bit and says nothing */
	uint64_t ops;	  /* erases, programs and marks of this partition */
	/* The flash log, where a test keeps one: each program, before it is done. */
	void (*log)(const struct memflash *m, uint64_t at, const uint8_t *data, size_t len);
};

static inline uint32_t memflash_page(const struct memflash *m, uint64_t at)
{
	return (uint32_t)(at / m->flash.page);
}

/* -ENODEV: there is no power. 1: do half of it. */
static inline int memflash_tick(struct memflash *m)
{
	if (m->power->off)
		return -ENODEV;
	m->ops++;
	if (++m->power->ops != m->power->cut_at)
		return 0;
	m->power->off = true;
	return 1;
}

static inline int memflash_is_bad(void *dev, uint32_t block)
{
	struct memflash *m = dev;

	return m->power->off ? -ENODEV : m->bad[block];
}

static inline int memflash_mark_bad(void *dev, uint32_t block)
{
	struct memflash *m = dev;
	int cut = memflash_tick(m);

	if (cut)
		return -ENODEV;
	m->bad[block] = true;
	return 0;
}

static inline bool memflash_nor(const struct memflash *m)
{
	return m->flash.page == 1;
}

static inline int memflash_erase(void *dev, uint32_t block)
{
	struct memflash *m = dev;
	uint32_t pages = m->flash.block / m->flash.page, first = block * pages;
	int cut = memflash_tick(m);

	if (cut < 0)
		return cut;
	for (uint32_t p = first; p < first + pages; p++)
		m->pages[p] = cut && p >= first + pages / 2 ? PAGE_TORN : PAGE_ERASED;
	memset(m->bytes + (uint64_t)block * m->flash.block, 0xff, m->flash.block);
	/* NOR programs everything to zero before it erases. */
	if (cut && memflash_nor(m))
		memset(m->bytes + (uint64_t)block * m->flash.block, 0, m->flash.block / 2);
	return cut ? -ENODEV : 0;
}

static inline int memflash_program(struct memflash *m, uint64_t at, const uint8_t *data)
{
	uint32_t page = memflash_page(m, at);
	int cut = memflash_tick(m);

	if (cut < 0)
		return cut;
	if (m->pages[page] != PAGE_ERASED)
		return -EINVAL; /* a bug of the writer: no test expects this */
	memcpy(m->bytes + at, data, m->flash.page);
	m->pages[page] = cut ? PAGE_TORN : PAGE_WRITTEN;
	if (cut)
		return -ENODEV;
	if (m->silent)
		m->bytes[at] ^= 0x20;
	return m->weak[at / m->flash.block] ? -EIO : 0;
}

static inline int memflash_clear_bits(struct memflash *m, uint64_t at, const uint8_t *data,
				      size_t len)
{
	while (len) {
		size_t n = len < MEMFLASH_BUFFER ? len : MEMFLASH_BUFFER;
		int cut = memflash_tick(m);

		if (cut < 0)
			return cut;
		for (size_t i = 0; i < (cut ? n / 2 : n); i++)
			m->bytes[at + i] &= data[i];
		if (cut)
			return -ENODEV;
		if (m->silent)
			m->bytes[at] ^= 0x20;
		if (m->weak[at / m->flash.block])
			return -EIO;
		at += n;
		data += n;
		len -= n;
	}
	return 0;
}

static inline int memflash_write(void *dev, uint64_t at, const void *data, size_t len)
{
	struct memflash *m = dev;

	if (at % m->flash.page || len % m->flash.page || at + len > m->flash.size)
		return -EINVAL;
	if (m->log)
		m->log(m, at, data, len);
	if (memflash_nor(m))
		return memflash_clear_bits(m, at, data, len);
	for (size_t done = 0; done < len; done += m->flash.page) {
		int r = memflash_program(m, at + done, (const uint8_t *)data + done);

		if (r)
			return r;
	}
	return 0;
}

static inline int memflash_read(void *dev, uint64_t at, void *data, size_t len)
{
	struct memflash *m = dev;

	if (m->power->off)
		return -ENODEV;
	if (at + len > m->flash.size)
		return -EINVAL;
	memcpy(data, m->bytes + at, len);
	for (uint32_t p = memflash_page(m, at); p <= memflash_page(m, at + len - 1); p++)
		if (m->pages[p] == PAGE_TORN && !memflash_nor(m))
			return -EBADMSG;
	return 0;
}

static inline int memflash_sync(void *dev)
{
	const struct memflash *m = dev;

	return m->power->off ? -ENODEV : 0;
}

static const struct flash_ops memflash_ops = {
	.is_bad = memflash_is_bad,
	.mark_bad = memflash_mark_bad,
	.erase = memflash_erase,
	.write = memflash_write,
	.read = memflash_read,
	.sync = memflash_sync,
};

static inline void memflash_init(struct memflash *m, struct mempower *power, uint32_t blocks,
				 uint32_t block, uint32_t page)
{
	*m = (struct memflash){
		.flash = { &memflash_ops, m, (uint64_t)blocks * block, block, page, page > 1 },
		.power = power,
		.bytes = malloc((size_t)blocks * block),
		.pages = calloc((size_t)blocks * block / page, 1),
		.bad = calloc(blocks, sizeof(bool)),
		.weak = calloc(blocks, sizeof(bool)),
	};
	memset(m->bytes, 0xff, (size_t)blocks * block);
}

static inline void memflash_free(struct memflash *m)
{
	free(m->bytes);
	free(m->pages);
	free(m->bad);
	free(m->weak);
}
