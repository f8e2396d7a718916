/* SPDX-License-Identifier: Apache-2.0 */
/* The redundant environment in flash: the older copy is replaced, so that one is always whole. */
#pragma once

#include "firmware/env.h"
#include "firmware/flash.h"

struct bootenv {
	struct flash copy[2]; /* the area of each copy; bad blocks in it are skipped */
	enum env_scheme scheme;
	struct env env;	  /* the newest content; bytes are the caller's, env.size of them */
	uint8_t *scratch; /* max(env.size, block) bytes, the caller's */
	int newest;	  /* which copy env came from; -1: neither is good */
};

/* Reads the newest good copy into env. 0, -ENOENT when neither is good, -errno of the flash. */
int bootenv_load(struct bootenv *be);
/* Writes env over the older copy, reads it back, and only then retires the other (NOR). */
int bootenv_save(struct bootenv *be);
