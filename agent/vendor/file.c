/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/vendor/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/kernel/files.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/limits.h"

static bool of_the_kernel(const char *path)
{
	return !strncmp(path, "/proc/", 6) || !strncmp(path, "/sys/", 5);
}

int vendor_file_read(const char *path, struct buf *out)
{
	int r = file_read(path, out);
	size_t n = out->len;

	while (n && (out->data[n - 1] == '\n' || out->data[n - 1] == '\r'))
		n--;
	buf_truncate(out, n);
	return r;
}

static int write_all(const char *path, const char *text, size_t len)
{
	_cleanup_close_ int fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0644);
	_cleanup_buf_ struct buf line = BUF_INIT(VENDOR_VALUE_MAX + 2);
	ssize_t n;

	if (fd < 0)
		return -errno;
	buf_put(&line, text, len);
	buf_putc(&line, '\n');
	if (line.failed)
		return -EFBIG;
	n = write(fd, line.data, line.len);
	if (n < 0)
		return -errno;
	if ((size_t)n != line.len)
		return -EIO;
	return of_the_kernel(path) || !fsync(fd) ? 0 : -errno;
}

int vendor_file_write(const char *path, const char *text, size_t len)
{
	char fresh[VENDOR_PATH_MAX + 8];
	int r;

	if (of_the_kernel(path))
		return write_all(path, text, len);
	(void)snprintf(fresh, sizeof(fresh), "%s.new", path);
	r = write_all(fresh, text, len);
	if (r)
		return r;
	return renameat(AT_FDCWD, fresh, AT_FDCWD, path) ? -errno : 0;
}

bool vendor_file_place(const char *path, char *out, size_t size)
{
	size_t n = of_the_kernel(path) ? strlen(path) : (size_t)(strrchr(path, '/') - path);

	return (size_t)snprintf(out, size, "%.*s", (int)n, path) < size;
}
