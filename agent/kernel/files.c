/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/kernel/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
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

/* Not opendir(): it asks for more calls than reading does. */
int folder_each(const char *path, folder_fn fn, void *arg)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	char room[2048] __attribute__((aligned(8)));
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = getdents64(fd, room, sizeof(room))) > 0) {
		size_t at = 0;

		while (at + offsetof(struct dirent64, d_name) < (size_t)n) {
			const struct dirent64 *d = (const void *)(room + at);

			if (strcmp(d->d_name, ".") && strcmp(d->d_name, ".."))
				fn(arg, d->d_name);
			at += d->d_reclen;
		}
	}
	return n < 0 ? -errno : 0;
}
