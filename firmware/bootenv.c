/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "firmware/bootenv.h"

static int read_copy(const struct flash *f, uint8_t *out, size_t size)
{
	size_t done = 0;

	for (uint32_t b = 0; b < flash_blocks(f) && done < size; b++) {
		size_t n = size - done < f->block ? size - done : f->block;
		int r = f->ops->is_bad(f->dev, b);

		if (r < 0)
			return r;
		if (r == 1)
			continue;
		r = f->ops->read(f->dev, (uint64_t)b * f->block, out + done, n);
		/* A torn page can't be corrected: the CRC will say that this copy doesn't count. */
		if (r == -EBADMSG)
			memset(out + done, 0xff, n);
		else if (r)
			return r;
		done += n;
	}
	/* Too many bad blocks for a copy: the other one still says what boots. */
	memset(out + done, 0xff, size - done);
	return 0;
}

int bootenv_load(struct bootenv *be)
{
	struct env second = { be->scratch, be->env.size };
	int r;

	be->newest = -1;
	r = read_copy(&be->copy[0], be->env.bytes, be->env.size);
	if (!r)
		r = read_copy(&be->copy[1], be->scratch, be->env.size);
	if (!r)
		r = env_newest(&be->env, &second, be->scheme);
	if (r < 0) {
		env_clear(&be->env); /* what is not whole must not be read either */
		return r;
	}
	if (r == 1)
		memcpy(be->env.bytes, be->scratch, be->env.size);
	be->newest = r;
	return 0;
}

static int write_copy(const struct flash *f, const struct env *e, uint8_t *scratch)
{
	size_t done = 0;

	for (uint32_t b = 0; b < flash_blocks(f) && done < e->size; b++) {
		size_t n = e->size - done < f->block ? e->size - done : f->block;
		int r = f->ops->is_bad(f->dev, b);

		if (r == 1)
			continue;
		if (r == 0)
			r = flash_put_block(f, b, e->bytes + done, n, scratch);
		if (r == -EIO && f->marks_bad)
			continue;
		if (r)
			return r;
		done += n;
	}
	return done == e->size ? 0 : -ENOSPC;
}

/* U-Boot: the byte goes from 1 to 0, which NOR does without an erase. */
static int retire(const struct flash *f)
{
	uint8_t obsolete = ENV_OBSOLETE;

	return f->ops->write(f->dev, 4, &obsolete, 1);
}

int bootenv_save(struct bootenv *be)
{
	int older = be->newest == 0 ? 1 : 0, r;

	env_seal(&be->env, be->scheme, be->newest < 0 ? 0 : be->env.bytes[4]);
	if ((r = write_copy(&be->copy[older], &be->env, be->scratch)) ||
	    (r = be->copy[older].ops->sync(be->copy[older].dev)))
		return r;
	if (be->scheme == ENV_MARKING && be->newest >= 0 && (r = retire(&be->copy[be->newest])))
		return r;
	be->newest = older;
	return 0;
}
