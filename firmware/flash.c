/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "firmware/flash.h"

int64_t flash_usable(const struct flash *f)
{
	int64_t bytes = 0;

	for (uint32_t b = 0; b < flash_blocks(f); b++) {
		int r = f->ops->is_bad(f->dev, b);

		if (r < 0)
			return r;
		if (r == 0)
			bytes += f->block;
	}
	return bytes;
}

static int try_block(const struct flash *f, uint32_t block, const uint8_t *data, size_t len,
		     uint8_t *scratch)
{
	uint64_t at = (uint64_t)block * f->block;
	size_t whole = (len + f->page - 1) / f->page * f->page;
	int r = f->ops->erase(f->dev, block);

	if (r)
		return r;
	/* 0xff is what erased flash holds: padding costs no programming. */
	memcpy(scratch, data, len);
	memset(scratch + len, 0xff, whole - len);
	r = f->ops->write(f->dev, at, scratch, whole);
	if (r)
		return r;
	memset(scratch, 0, whole);
	r = f->ops->read(f->dev, at, scratch, whole);
	if (r)
		return r;
	return memcmp(scratch, data, len) ? -EIO : 0;
}

int flash_put_block(const struct flash *f, uint32_t block, const uint8_t *data, size_t len,
		    uint8_t *scratch)
{
	int r = try_block(f, block, data, len, scratch);

	if (r != -EIO && r != -EBADMSG)
		return r;
	/* An erase clears what a half-programmed block would still show; it may well fail. */
	(void)f->ops->erase(f->dev, block);
	if (f->marks_bad && (r = f->ops->mark_bad(f->dev, block)))
		return r;
	return -EIO;
}
