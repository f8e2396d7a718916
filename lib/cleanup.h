/* SPDX-License-Identifier: Apache-2.0 */
/* Scope-bound release, so that an error path is a plain return. */
#pragma once

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/buf.h"

static inline void cleanup_close(const int *fd)
{
	/* close() must not hide the error that is being returned. */
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define _cleanup_close_ __attribute__((cleanup(cleanup_close)))
#define _cleanup_free_ __attribute__((cleanup(cleanup_free)))
#define _cleanup_buf_ __attribute__((cleanup(buf_free)))
