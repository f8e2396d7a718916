/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/hostapd.h"
#include "lib/cleanup.h"
#include "lib/limits.h"
#include "lib/log.h"

/* A line that hostapd refuses: whoever makes it read the file now changes nothing. */
#define NOTHING "# Written by sallyport-helper for the moment in which a BSS is added.\nnothing\n"

/*
 * The folder above belongs to hostapd's user, who may put anything in our place: nothing is
 * followed, and what is there already is not written through.
 */
static int open_file(struct hostapd *h, const char *dir, uid_t owner, gid_t group)
{
	_cleanup_close_ int fd = -1;
	int n = snprintf(h->path, sizeof(h->path), "%s/bss.conf", dir);

	if (n < 0 || (size_t)n >= sizeof(h->path))
		return -ENAMETOOLONG;
	if (mkdir(dir, 0750) < 0 && errno != EEXIST)
		return -errno;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fchown(fd, owner, group) < 0 || fchmod(fd, 0750) < 0)
		return -errno;
	if (unlinkat(fd, "bss.conf", 0) < 0 && errno != ENOENT)
		return -errno;
	h->conf = openat(fd, "bss.conf", O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (h->conf < 0 || fchown(h->conf, owner, group) < 0 || fchmod(h->conf, 0640) < 0)
		return -errno;
	return write(h->conf, NOTHING, strlen(NOTHING)) < 0 ? -errno : 0;
}

int hostapd_open(struct hostapd *h, const char *global, const char *dir, uid_t owner, gid_t group)
{
	int r;

	memset(h, 0, sizeof(*h));
	h->conf = -1;
	r = ctrl_open(&h->ctrl, global);
	if (!r && (r = open_file(h, dir, owner, group)) < 0)
		log_err("hostapd: cannot make %s/bss.conf: %s", dir, strerror(-r));
	if (r < 0)
		hostapd_close(h);
	return r;
}

void hostapd_close(struct hostapd *h)
{
	ctrl_close(&h->ctrl);
	if (h->conf >= 0)
		close(h->conf);
	h->conf = -1;
}

static int rewrite(struct hostapd *h, const char *text, size_t len)
{
	ssize_t n;

	/* Emptied first: a shorter text must not end in the rest of a longer one. */
	if (ftruncate(h->conf, 0) < 0)
		return -errno;
	n = pwrite(h->conf, text, len, 0);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -ENOSPC;
}

int hostapd_add(struct hostapd *h, uint32_t wiphy, const char *text, size_t len)
{
	int r = rewrite(h, text, len), e;

	h->ctrl.patience_ms = HOSTAPD_ADD_MS;
	if (!r)
		/* To hostapd the name before the colon only says what belongs together. */
		r = ctrl_command(&h->ctrl, "ADD bss_config=phy%u:%s", wiphy, h->path);
	h->ctrl.patience_ms = CTRL_COMMAND_MS;
	e = rewrite(h, NOTHING, strlen(NOTHING));
	if (e < 0)
		log_err("hostapd: cannot clear %s: %s", h->path, strerror(-e));
	return r;
}
