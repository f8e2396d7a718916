/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A UBI volume as a struct flash: its blocks are logical erase blocks, and each is replaced in one
 * step (UBI_IOCEBCH), which needs no capability. UBI keeps bad blocks and wear to itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <mtd/ubi-user.h>

#include "firmware/env.h"
#include "firmware/mtd.h"
#include "lib/cleanup.h"
#include "lib/num.h"

#define UBI_VOLUMES_MAX 128 /* UBI_MAX_VOLUMES */

static int no_bad_blocks(void *dev, uint32_t block)
{
	return 0;
}

/* The old content stays until the new one is whole. */
static int keep(void *dev, uint32_t block)
{
	return 0;
}

static int change(void *dev, uint64_t at, const void *data, size_t len)
{
	struct mtd *m = dev;
	uint64_t from = m->base + at;
	struct ubi_leb_change_req req = { .lnum = (int32_t)(from / m->flash.block),
					  .bytes = (int32_t)len,
					  .dtype = 3 /* unknown; must be set */ };
	ssize_t n;

	if (from % m->flash.block || len > m->flash.block)
		return -EINVAL;
	if (ioctl(m->fd, UBI_IOCEBCH, &req))
		return -errno;
	n = write(m->fd, data, len);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

static int read_volume(void *dev, uint64_t at, void *data, size_t len)
{
	struct mtd *m = dev;
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(m->fd, (uint8_t *)data + done, len - done,
				  (off_t)(m->base + at + done));

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		done += (size_t)n;
	}
	return 0;
}

static int written_through(void *dev)
{
	return 0;
}

static const struct flash_ops ubi_ops = {
	.is_bad = no_bad_blocks,
	.mark_bad = keep,
	.erase = keep,
	.write = change,
	.read = read_volume,
	.sync = written_through,
};

/* The first line of /sys/class/ubi/<node>/<what>. */
static int sysfs(const char *node, const char *what, char *out, size_t size)
{
	char path[96];
	_cleanup_close_ int fd = -1;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/sys/class/ubi/%s/%s", node, what);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, out, size - 1);
	if (n < 0)
		return -errno;
	out[n] = '\0';
	out[strcspn(out, "\n")] = '\0';
	return 0;
}

static int number(const char *node, const char *what, uint64_t max, uint64_t *out)
{
	char text[32];
	int r = sysfs(node, what, text, sizeof(text));

	return r ? r : num_parse_u64(text, strlen(text), max, out);
}

static int find_volume(const char *device, const char *name, char *node, size_t size)
{
	char text[UBI_MAX_VOLUME_NAME + 2];

	for (int i = 0; i < UBI_VOLUMES_MAX; i++) {
		(void)snprintf(node, size, "%s_%d", device, i);
		if (!sysfs(node, "name", text, sizeof(text)) && !strcmp(text, name))
			return 0;
	}
	return -ENOENT;
}

int ubi_open(struct mtd *mtd, const char *path, bool write)
{
	char device[16], node[32], dev[48];
	const char *colon = strchr(path, ':');
	size_t n = colon ? (size_t)(colon - path) : sizeof(device);
	uint64_t leb, lebs, page;
	int r;

	*mtd = (struct mtd){ .fd = -1 };
	if (n >= sizeof(device))
		return -EINVAL;
	(void)snprintf(device, sizeof(device), "%.*s", (int)n, path);
	if ((r = find_volume(device, colon + 1, node, sizeof(node))) ||
	    (r = number(node, "usable_eb_size", INT32_MAX, &leb)) ||
	    (r = number(node, "reserved_ebs", INT32_MAX, &lebs)) ||
	    (r = number(device, "min_io_size", INT32_MAX, &page)))
		return r;
	if (!leb || !page || leb % page)
		return -EINVAL;
	(void)snprintf(dev, sizeof(dev), "/dev/%s", node);
	mtd->fd = open(dev, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (mtd->fd < 0)
		return -errno;
	mtd->scheme = ENV_COUNTING;
	mtd->flash = (struct flash){ .ops = &ubi_ops,
				     .dev = mtd,
				     .size = leb * lebs,
				     .block = (uint32_t)leb,
				     .page = (uint32_t)page };
	return 0;
}
