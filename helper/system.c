/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system role, with no capability: it can end the helper with a status that the service
 * manager takes as "start the box anew", and leave a line that says why.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/limits.h"
#include "lib/log.h"

#define ASROOT_TABLE_SYSTEM
#include "helper/asroot_table.h"

struct system_role {
	int record;
	uint32_t min_uptime; /* seconds */
	bool ending;
	struct system_end end;
};

static uint64_t uptime_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* A box that is told to reboot at every start stays reachable for this long each time. */
static uint64_t wait_ms(const struct system_role *s)
{
	uint64_t due = (uint64_t)s->min_uptime * 1000, up = uptime_ms();

	return up < due ? due - up : 0;
}

static int system_open(void **self, const struct conf *conf, struct role_io *io)
{
	const char *path = conf_str(conf, "system.record", "/var/lib/sallyport-helper/ended");
	long min_uptime = conf_int(conf, "system.min_uptime", SYSTEM_MIN_UPTIME_S, 0, 3600);
	struct system_role *s;

	if (min_uptime == LONG_MIN)
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->min_uptime = (uint32_t)min_uptime;
	s->record = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (s->record < 0) {
		int r = -errno;

		log_err("%s: %s", path, strerror(errno));
		free(s);
		return r;
	}
	*self = s;
	return 0;
}

static const char *kind_name(uint32_t kind)
{
	return kind == SYSTEM_FACTORY_RESET ? "factory-reset" : "reboot";
}

int asroot_system_end(struct system_role *s, const struct system_end *req,
		      struct system_ending *rep)
{
	if (s->ending)
		return -EALREADY;
	for (const char *p = req->reason; *p; p++)
		if (*p < 0x20 || *p > 0x7e)
			return -EINVAL;
	s->end = *req;
	s->ending = true;
	rep->wait_s = (uint32_t)((wait_ms(s) + 999) / 1000);
	role_says("kind", "%s", kind_name(req->kind));
	role_says("cause", "%s", req->reason);
	role_says("in_s", "%u", rep->wait_s);
	return 0;
}

/* What was done and why, for whoever looks at a box that restarted; one line, the newest. */
static void record(const struct system_role *s)
{
	char line[SYSTEM_REASON_MAX + 64];
	int n = snprintf(line, sizeof(line), "%s after %llu s: %s\n", kind_name(s->end.kind),
			 (unsigned long long)(uptime_ms() / 1000), s->end.reason);

	if (ftruncate(s->record, 0) || pwrite(s->record, line, (size_t)n, 0) != n ||
	    fsync(s->record))
		log_err("the reason could not be recorded: %s", strerror(errno));
}

static int system_timeout(void *self)
{
	const struct system_role *s = self;

	return s->ending ? (int)wait_ms(s) : -1;
}

/* Comes after the reply has gone out: the agent knows that it is not a crash. */
static void system_tick(void *self)
{
	struct system_role *s = self;

	if (!s->ending)
		return;
	record(s);
	sync();
	_exit(s->end.kind == SYSTEM_FACTORY_RESET ? HELPER_EXIT_FACTORY_RESET : HELPER_EXIT_REBOOT);
}

const struct role system_role = {
	.ipc = IPC_SYSTEM,
	.sandbox = SB_SYSTEM,
	.user_key = "user.system",
	.reboots = true,
	.resets = true,
	.ops = asroot_ops,
	.open = system_open,
	.timeout = system_timeout,
	.tick = system_tick,
};
