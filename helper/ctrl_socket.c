/* SPDX-License-Identifier: Apache-2.0 */
#include "helper/ctrl_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "nl80211/build.h"

/* Autobound to an abstract name: the answers need no file and no permission. */
static int bind_and_aim(struct ctrl_socket *c, const char *path)
{
	const struct sockaddr_un any = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(c->to.sun_path))
		return -ENAMETOOLONG;
	c->to.sun_family = AF_UNIX;
	strncpy(c->to.sun_path, path, sizeof(c->to.sun_path) - 1);
	c->sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->sock < 0)
		return -errno;
	if (bind(c->sock, (const struct sockaddr *)&any, sizeof(any.sun_family)) < 0)
		return -errno;
	return 0;
}

int ctrl_open(struct ctrl_socket *c, const char *path)
{
	int r;

	memset(c, 0, sizeof(*c));
	c->sock = -1;
	c->patience_ms = CTRL_COMMAND_MS;
	r = bind_and_aim(c, path);
	if (r < 0) {
		log_err("no socket for %s: %s", path, strerror(-r));
		ctrl_close(c);
	}
	return r;
}

void ctrl_close(struct ctrl_socket *c)
{
	if (c->sock >= 0)
		close(c->sock);
	c->sock = -1;
}

static int transmit(struct ctrl_socket *c, const char *text, size_t len)
{
	if (sendto(c->sock, text, len, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&c->to,
		   sizeof(c->to)) >= 0)
		return 0;
	switch (errno) {
	case ENOENT:
	case ECONNREFUSED:
	case EACCES: /* between its bind() and its chmod() too */
		c->late = false;
		return -ENOTCONN;
	case EAGAIN: /* it has not read the last ones */
		return -ETIMEDOUT;
	default:
		return -errno;
	}
}

/* The next answer into c->reply; what somebody else sent to this socket is dropped. */
static int receive(struct ctrl_socket *c, uint64_t deadline)
{
	struct pollfd p = { .fd = c->sock, .events = POLLIN };
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
		n = recvfrom(c->sock, c->reply, CTRL_REPLY_MAX, MSG_DONTWAIT,
			     (struct sockaddr *)&from, &size);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n < 0 || strncmp(from.sun_path, c->to.sun_path, sizeof(from.sun_path)) != 0)
			continue;
		c->reply[n] = '\0';
		return 0;
	}
}

/* Throws away what was answered too late. PONG is nobody else's answer. */
static int resync(struct ctrl_socket *c, uint64_t deadline)
{
	int r = transmit(c, "PING", 4);

	while (!r && c->late) {
		r = receive(c, deadline);
		if (!r && strcmp(c->reply, "PONG\n") == 0)
			c->late = false;
	}
	return r;
}

__attribute__((format(printf, 2, 0))) static int exchange(struct ctrl_socket *c, const char *fmt,
							  va_list ap)
{
	char text[CTRL_COMMAND_MAX];
	int n = vsnprintf(text, sizeof(text), fmt, ap), r;
	uint64_t deadline = clock_mono_ms() + (uint64_t)c->patience_ms;

	if (n < 0 || (size_t)n >= sizeof(text))
		return -EMSGSIZE;
	if (c->deadline && c->deadline < deadline)
		deadline = c->deadline;
	c->reply[0] = '\0';
	r = -ETIMEDOUT; /* nothing is begun for which there is no time left */
	if (clock_mono_ms() >= deadline)
		goto out;
	if (c->late && (r = resync(c, deadline)) < 0)
		goto out;
	if ((r = transmit(c, text, (size_t)n)) < 0)
		goto out;
	do /* more than one PING may have been sent until a PONG came */
		r = receive(c, deadline);
	while (!r && strcmp(c->reply, "PONG\n") == 0);
	if (r < 0)
		c->late = true;
out:
	explicit_bzero(text, sizeof(text)); /* a passphrase goes this way */
	if (r < 0)
		c->reply[0] = '\0';
	else if (strncmp(c->reply, "FAIL", 4) == 0 || strncmp(c->reply, "UNKNOWN", 7) == 0)
		r = -EREMOTEIO;
	return r;
}

int ctrl_ask(struct ctrl_socket *c, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = exchange(c, fmt, ap);
	va_end(ap);
	return r;
}

int ctrl_ok(const struct ctrl_socket *c)
{
	return strcmp(c->reply, "OK\n") == 0 ? 0 : -EREMOTEIO;
}

bool ctrl_lists(const char *interfaces, const char *name)
{
	char line[NL_IFNAME_MAX + 2];

	(void)snprintf(line, sizeof(line), "\n%s\n", name);
	return strstr(interfaces, line) || strncmp(interfaces, line + 1, strlen(line + 1)) == 0;
}

/* What holds is lost with an event, or hardly ever: when somebody else tells the program what to
 * do. What fails should not be tried for ever and often; to ask for a program that is not there
 * costs less than to bring a radio up. */
uint32_t ctrl_again_ms(uint32_t last_ms, bool held, int error)
{
	const uint32_t most = error == -ENOTCONN ? RADIO_ABSENT_MAX_MS : RADIO_RETRY_MAX_MS;

	if (!error)
		return RADIO_WATCH_MS;
	if (held)
		return RADIO_RETRY_MIN_MS;
	return last_ms < most / 2 ? 2 * last_ms : most;
}
