/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/hostapd.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
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

/* Autobound to an abstract name: hostapd's answers need no file and no permission. */
static int open_socket(struct hostapd *h, const char *global)
{
	const struct sockaddr_un any = { .sun_family = AF_UNIX };

	if (strlen(global) >= sizeof(h->to.sun_path))
		return -ENAMETOOLONG;
	h->to.sun_family = AF_UNIX;
	strncpy(h->to.sun_path, global, sizeof(h->to.sun_path) - 1);
	h->sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (h->sock < 0)
		return -errno;
	if (bind(h->sock, (const struct sockaddr *)&any, sizeof(any.sun_family)) < 0)
		return -errno;
	return 0;
}

int hostapd_open(struct hostapd *h, const char *global, const char *dir, uid_t owner, gid_t group)
{
	int r;

	memset(h, 0, sizeof(*h));
	h->sock = h->conf = -1;
	h->patience_ms = HOSTAPD_COMMAND_MS;
	if ((r = open_file(h, dir, owner, group)) < 0)
		log_err("hostapd: cannot make %s/bss.conf: %s", dir, strerror(-r));
	else if ((r = open_socket(h, global)) < 0)
		log_err("hostapd: no socket for %s: %s", global, strerror(-r));
	if (r < 0)
		hostapd_close(h);
	return r;
}

void hostapd_close(struct hostapd *h)
{
	if (h->sock >= 0)
		close(h->sock);
	if (h->conf >= 0)
		close(h->conf);
	h->sock = h->conf = -1;
}

static int transmit(struct hostapd *h, const char *text, size_t len)
{
	if (sendto(h->sock, text, len, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&h->to,
		   sizeof(h->to)) >= 0)
		return 0;
	switch (errno) {
	case ENOENT:
	case ECONNREFUSED:
	case EACCES: /* between its bind() and its chmod() too */
		h->late = false;
		return -ENOTCONN;
	case EAGAIN: /* it has not read the last ones */
		return -ETIMEDOUT;
	default:
		return -errno;
	}
}

/* The next answer into h->reply; what somebody else sent to this socket is dropped. */
static int receive(struct hostapd *h, uint64_t deadline)
{
	struct pollfd p = { .fd = h->sock, .events = POLLIN };
	struct sockaddr_un from;
	socklen_t size;
	uint64_t now;
	ssize_t n;

	for (;;) {
		now = clock_mono_ms();
		if (now >= deadline)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)(deadline - now)) < 0 && errno != EINTR)
			return -errno;
		size = sizeof(from);
		memset(&from, 0, sizeof(from));
		n = recvfrom(h->sock, h->reply, HOSTAPD_REPLY_MAX, MSG_DONTWAIT,
			     (struct sockaddr *)&from, &size);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n < 0 || strncmp(from.sun_path, h->to.sun_path, sizeof(from.sun_path)) != 0)
			continue;
		h->reply[n] = '\0';
		return 0;
	}
}

/* Throws away what was answered too late. PONG is nobody else's answer. */
static int resync(struct hostapd *h, uint64_t deadline)
{
	int r = transmit(h, "PING", 4);

	while (!r && h->late) {
		r = receive(h, deadline);
		if (!r && strcmp(h->reply, "PONG\n") == 0)
			h->late = false;
	}
	return r;
}

__attribute__((format(printf, 2, 0))) static int exchange(struct hostapd *h, const char *fmt,
							  va_list ap)
{
	char text[HOSTAPD_COMMAND_MAX];
	int n = vsnprintf(text, sizeof(text), fmt, ap), r;
	uint64_t deadline = clock_mono_ms() + (uint64_t)h->patience_ms;

	if (n < 0 || (size_t)n >= sizeof(text))
		return -EMSGSIZE;
	if (h->deadline && h->deadline < deadline)
		deadline = h->deadline;
	h->reply[0] = '\0';
	if (h->late && (r = resync(h, deadline)) < 0)
		goto out;
	if ((r = transmit(h, text, (size_t)n)) < 0)
		goto out;
	do /* more than one PING may have been sent until a PONG came */
		r = receive(h, deadline);
	while (!r && strcmp(h->reply, "PONG\n") == 0);
	if (r < 0)
		h->late = true;
out:
	explicit_bzero(text, sizeof(text)); /* a passphrase goes this way */
	if (r < 0)
		h->reply[0] = '\0';
	else if (strncmp(h->reply, "FAIL", 4) == 0 || strncmp(h->reply, "UNKNOWN", 7) == 0)
		r = -EREMOTEIO;
	return r;
}

int hostapd_ask(struct hostapd *h, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = exchange(h, fmt, ap);
	va_end(ap);
	return r;
}

int hostapd_ok(const struct hostapd *h)
{
	return strcmp(h->reply, "OK\n") == 0 ? 0 : -EREMOTEIO;
}

bool hostapd_lists(const char *interfaces, const char *name)
{
	char line[NL_IFNAME_MAX + 2];

	(void)snprintf(line, sizeof(line), "\n%s\n", name);
	return strstr(interfaces, line) || strncmp(interfaces, line + 1, strlen(line + 1)) == 0;
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

	h->patience_ms = HOSTAPD_ADD_MS;
	if (!r)
		/* To hostapd the name before the colon only says what belongs together. */
		r = hostapd_command(h, "ADD bss_config=phy%u:%s", wiphy, h->path);
	h->patience_ms = HOSTAPD_COMMAND_MS;
	e = rewrite(h, NOTHING, strlen(NOTHING));
	if (e < 0)
		log_err("hostapd: cannot clear %s: %s", h->path, strerror(-e));
	return r;
}
