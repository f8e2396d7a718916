/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/kernel/files.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/cleanup.h"

int file_read(const char *path, struct buf *out)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char chunk[2048];
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		buf_put(out, chunk, (size_t)n);
		if (out->failed)
			return -EFBIG;
	}
	return n < 0 ? -errno : 0;
}
