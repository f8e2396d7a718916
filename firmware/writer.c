/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "firmware/writer.h"

void fw_writer_init(struct fw_writer *w, const struct flash *flash, uint8_t *data, uint8_t *scratch)
{
	*w = (struct fw_writer){ .flash = flash, .data = data, .scratch = scratch };
}

static int flush(struct fw_writer *w)
{
	const struct flash *f = w->flash;

	for (; w->next < flash_blocks(f); w->next++) {
		int r = f->ops->is_bad(f->dev, w->next);

		if (r < 0)
			return r;
		if (r == 1)
			continue;
		r = flash_put_block(f, w->next, w->data, w->fill, w->scratch);
		if (r == 0) {
			w->next++;
			w->written += w->fill;
			w->fill = 0;
			return 0;
		}
		/* NOR can't mark a block: what fails is the end, a reader would not skip it. */
		if (r != -EIO || !f->marks_bad)
			return r;
	}
	return -ENOSPC;
}

int fw_writer_put(struct fw_writer *w, const uint8_t *data, size_t len)
{
	while (len) {
		size_t n = w->flash->block - w->fill;

		if (n > len)
			n = len;
		memcpy(w->data + w->fill, data, n);
		w->fill += n;
		data += n;
		len -= n;
		if (w->fill == w->flash->block) {
			int r = flush(w);

			if (r)
				return r;
		}
	}
	return 0;
}

int fw_writer_end(struct fw_writer *w)
{
	int r = w->fill ? flush(w) : 0;

	return r ? r : w->flash->ops->sync(w->flash->dev);
}
