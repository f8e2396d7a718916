/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <mtd/mtd-user.h>

#include "config.h"
#include "firmware/env.h"
#include "firmware/mtd.h"
#include "lib/cleanup.h"

#define PROC_MTD_MAX 3072 /* some 60 partitions */

static struct mtd *of(void *dev)
{
	return dev;
}

static loff_t place(const struct mtd *m, uint64_t at)
{
	return (loff_t)(m->base + at);
}

static int mtd_is_bad(void *dev, uint32_t block)
{
	struct mtd *m = of(dev);
	loff_t at = place(m, (uint64_t)block * m->flash.block);
	int r;

	if (!m->flash.marks_bad)
		return 0;
	r = ioctl(m->fd, MEMGETBADBLOCK, &at);
	return r < 0 ? -errno : r > 0;
}

static int mtd_mark_bad(void *dev, uint32_t block)
{
	struct mtd *m = of(dev);
	loff_t at = place(m, (uint64_t)block * m->flash.block);

	return ioctl(m->fd, MEMSETBADBLOCK, &at) ? -errno : 0;
}

static int mtd_erase(void *dev, uint32_t block)
{
	struct mtd *m = of(dev);
	struct erase_info_user64 erase = {
		.start = (uint64_t)place(m, (uint64_t)block * m->flash.block),
		.length = m->flash.block,
	};

	return ioctl(m->fd, MEMERASE64, &erase) ? -errno : 0;
}

static int mtd_write(void *dev, uint64_t at, const void *data, size_t len)
{
	struct mtd *m = of(dev);
	ssize_t n = pwrite(m->fd, data, len, place(m, at));

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

/* Pages that ECC could not repair so far; 0 on flash without ECC. */
static uint32_t ecc_failed(const struct mtd *m)
{
	struct mtd_ecc_stats stats;

	return m->flash.marks_bad && !ioctl(m->fd, ECCGETSTATS, &stats) ? stats.failed : 0;
}

/* The character device hands out broken pages without an error: only the counter tells. */
static int mtd_read(void *dev, uint64_t at, void *data, size_t len)
{
	struct mtd *m = of(dev);
	uint32_t failed = ecc_failed(m);
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(m->fd, (uint8_t *)data + done, len - done, place(m, at + done));

		if (n < 0)
			return -errno;
		if (n == 0)
			return -EIO;
		done += (size_t)n;
	}
	return ecc_failed(m) == failed ? 0 : -EBADMSG;
}

/* Flash is written when write() returns. What a driver makes of a block device (block2mtd) lies in
 * the page cache, in no order: there is no fsync() for a character device. */
static int mtd_sync(void *dev)
{
	const struct mtd *m = of(dev);

	if (m->cached)
		sync();
	return 0;
}

static const struct flash_ops mtd_ops = {
	.is_bad = mtd_is_bad,
	.mark_bad = mtd_mark_bad,
	.erase = mtd_erase,
	.write = mtd_write,
	.read = mtd_read,
	.sync = mtd_sync,
};

/* "mtd3: 00800000 00020000 \"firmware-b\"" */
static int by_name(const char *name, char *path, size_t size)
{
	char text[PROC_MTD_MAX], want[80], *line, *rest = text;
	_cleanup_close_ int fd = open("/proc/mtd", O_RDONLY | O_CLOEXEC);
	ssize_t n;
	int index;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	if ((size_t)snprintf(want, sizeof(want), " \"%s\"", name) >= sizeof(want))
		return -EINVAL;
	while ((line = strsep(&rest, "\n"))) {
		size_t len = strlen(line), tail = strlen(want);

		if (len < tail || strcmp(line + len - tail, want) ||
		    sscanf(line, "mtd%d:", &index) != 1)
			continue;
		return (size_t)snprintf(path, size, "/dev/mtd%d", index) < size ? 0 : -EINVAL;
	}
	return -ENOENT;
}

/* As U-Boot and fw_setenv choose. */
static int scheme_of(const struct mtd_info_user *info)
{
	switch (info->type) {
	case MTD_NANDFLASH:
	case MTD_MLCNANDFLASH:
		return ENV_COUNTING;
	case MTD_NORFLASH:
	case MTD_DATAFLASH:
		return ENV_MARKING;
	default:
		return -1;
	}
}

int mtd_open(struct mtd *mtd, const char *path, bool write)
{
	struct mtd_info_user info;
	char found[32];
	int r;

	*mtd = (struct mtd){ .fd = -1 };
#ifdef CONFIG_FLASH_UBI
	if (!strncmp(path, "ubi", 3) && strchr(path, ':'))
		return ubi_open(mtd, path, write);
#endif
	if (path[0] != '/') {
		if ((r = by_name(path, found, sizeof(found))))
			return r;
		path = found;
	}
	mtd->fd = open(path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (mtd->fd < 0)
		return -errno;
	if (ioctl(mtd->fd, MEMGETINFO, &info)) {
		r = -errno;
		mtd_close(mtd);
		return r;
	}
	mtd->flash = (struct flash){
		.ops = &mtd_ops,
		.dev = mtd,
		.size = info.size,
		.block = info.erasesize,
		.page = info.writesize,
		.marks_bad = info.type == MTD_NANDFLASH || info.type == MTD_MLCNANDFLASH,
	};
	mtd->cached = info.type == MTD_RAM;
	mtd->scheme = scheme_of(&info);
	return 0;
}

int mtd_slice(struct mtd *mtd, uint64_t at, uint64_t size)
{
	uint64_t block = mtd->flash.block;

	if (size == 0 || at % block || size % block || at > mtd->flash.size ||
	    size > mtd->flash.size - at)
		return -EINVAL;
	mtd->base += at;
	mtd->flash.size = size;
	return 0;
}

int mtd_number(struct mtd *mtd, int number)
{
	int fd = fcntl(mtd->fd, F_DUPFD_CLOEXEC, number);

	if (fd < 0)
		return -errno;
	close(mtd->fd);
	mtd->fd = fd;
	return fd == number ? 0 : -EBUSY;
}

void mtd_close(struct mtd *mtd)
{
	if (mtd->fd >= 0)
		close(mtd->fd);
	mtd->fd = -1;
}
