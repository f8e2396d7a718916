/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/transfer/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/store.h"
#include "agent/transfer/run.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/log.h"

#define OLDER "log.1"
#define NEWER "log"
#define PARTS 2

struct part {
	int fd;
	uint64_t size;
};

struct log_job {
	int dirfd; /* the store's */
	int fd;	   /* of NEWER, written at its end; -1: no own log */
	uint64_t used, max;
	const char *system;	 /* "": none */
	struct part part[PARTS]; /* of an upload, as they were when it began */
};

/* Writing */

/* The sandbox lets a file be made anew, not appended to: what there was moves aside. */
static void rotate(struct log_job *j)
{
	int fd;

	/* The name may be free already: a full file system lets a file be moved, but not made. */
	if (renameat(j->dirfd, NEWER, j->dirfd, OLDER) && errno != ENOENT)
		return;
	fd = openat(j->dirfd, NEWER, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return;
	close(j->fd);
	j->fd = fd;
	j->used = 0;
}

static void keep(int level, const char *text, void *arg)
{
	struct log_job *j = arg;
	char when[CLOCK_TEXT_MAX], line[LOG_LINE_MAX + 48];
	int saved = errno, n;

	if (!clock_synced() || clock_format(when, clock_wall()))
		(void)snprintf(when, sizeof(when), "+%llu s",
			       (unsigned long long)(clock_mono_ms() / 1000));
	n = snprintf(line, sizeof(line), "%s <%d> %s\n", when, level, text);
	if (n > 0 && (size_t)n < sizeof(line)) {
		if (j->used + (size_t)n > j->max)
			rotate(j);
		if (j->used + (size_t)n <= j->max && write(j->fd, line, (size_t)n) == n)
			j->used += (size_t)n;
	}
	errno = saved;
}

/* Reading */

static void close_parts(struct log_job *j)
{
	for (size_t i = 0; i < PARTS; i++) {
		if (j->part[i].fd >= 0)
			close(j->part[i].fd);
		j->part[i].fd = -1;
		j->part[i].size = 0;
	}
}

static int open_part(struct part *p, int dirfd, const char *name)
{
	struct stat st;

	p->fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (p->fd < 0)
		return -errno;
	if (fstat(p->fd, &st) || !S_ISREG(st.st_mode))
		return -EINVAL;
	p->size = (uint64_t)st.st_size;
	return 0;
}

static int open_parts(struct log_job *j, uint32_t number)
{
	close_parts(j);
	if (number == 2)
		return open_part(&j->part[0], AT_FDCWD, j->system);
	(void)open_part(&j->part[0], j->dirfd, OLDER); /* there may be none yet */
	return open_part(&j->part[1], j->dirfd, NEWER);
}

static int64_t read_parts(struct log_job *j, uint64_t at, void *to, size_t n)
{
	for (size_t i = 0; i < PARTS; i++) {
		const struct part *p = &j->part[i];
		ssize_t got;

		if (at >= p->size) {
			at -= p->size;
			continue;
		}
		if (n > p->size - at)
			n = (size_t)(p->size - at);
		got = pread(p->fd, to, n, (off_t)at);
		/* Cut meanwhile: what was announced cannot be sent. */
		return got > 0 ? got : -EIO;
	}
	return 0;
}

static unsigned open_log(struct transfers *ts, struct transfer *t, uint64_t *size)
{
	struct log_job *j = ts->log;
	int r = open_parts(j, t->instance);

	if (r)
		return transfers_fault(ts, FAULT_UPLOAD, "cannot read the log: %s", strerror(-r));
	*size = j->part[0].size + j->part[1].size;
	return 0;
}

static int64_t read_log(struct transfers *ts, uint64_t at, void *to, size_t n)
{
	return read_parts(ts->log, at, to, n);
}

static void close_log(struct transfers *ts)
{
	close_parts(ts->log);
}

const struct transfer_handler logfile_handler = {
	.open = open_log,
	.read = read_log,
	.close = close_log,
};

struct search {
	const char *text;
	logfile_fn fn;
	void *arg;
	char line[LOG_LINE_MAX + 48];
	size_t n;
};

static void search_piece(struct search *s, const char *piece, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (piece[i] != '\n') {
			if (s->n < sizeof(s->line) - 1)
				s->line[s->n++] = piece[i];
			continue;
		}
		s->line[s->n] = '\0';
		s->n = 0;
		if (strcasestr(s->line, s->text))
			s->fn(s->arg, s->line);
	}
}

void logfile_search(struct log_job *job, const char *text, logfile_fn fn, void *arg)
{
	struct log_job j = { .dirfd = job->dirfd, .part = { { .fd = -1 }, { .fd = -1 } } };
	struct search s = { .text = text, .fn = fn, .arg = arg };
	uint64_t at = 0;
	char piece[1024];
	int64_t n;

	if (!open_parts(&j, 1))
		for (; (n = read_parts(&j, at, piece, sizeof(piece))) > 0; at += (uint64_t)n)
			search_piece(&s, piece, (size_t)n);
	close_parts(&j);
}

/* Which there are */

bool logfile_exists(const struct log_job *job, uint32_t number)
{
	return (number == 1 && job->fd >= 0) || (number == 2 && *job->system);
}

const char *logfile_name(const struct log_job *job, uint32_t number)
{
	const char *slash = strrchr(job->system, '/');

	return number == 1 ? "sallyport" : slash ? slash + 1 : job->system;
}

uint32_t logfile_max(const struct log_job *job, uint32_t number)
{
	return number == 1 ? (uint32_t)(PARTS * job->max) : 0;
}

/* As the agent's user, who owns the folder and will read and replace the file later. */
static int open_as(int dirfd, uid_t uid, gid_t gid)
{
	const int how = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	uid_t was_uid = geteuid();
	gid_t was_gid = getegid();
	int fd;

	if (was_uid)
		return openat(dirfd, NEWER, how, 0600);
	if (setegid(gid) || seteuid(uid))
		return -1;
	fd = openat(dirfd, NEWER, how, 0600);
	if (!seteuid(was_uid) && !setegid(was_gid))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static int open_own(struct log_job *j, const struct agent_settings *set)
{
	struct stat st;

	j->fd = open_as(j->dirfd, set->uid, set->gid);
	if (j->fd < 0 || fstat(j->fd, &st) || !S_ISREG(st.st_mode))
		return -EINVAL;
	j->used = (uint64_t)st.st_size;
	return log_add_tap(keep, j);
}

int logfile_new(struct transfers *ts)
{
	long size = conf_int(ts->agent->conf, "log.size", LOGFILE_BYTES, 0, LOGFILE_BYTES_MAX);
	struct log_job *j = calloc(1, sizeof(*j));
	int r = 0;

	if (!j)
		return -ENOMEM;
	ts->log = j;
	j->fd = j->part[0].fd = j->part[1].fd = -1;
	j->dirfd = store_dirfd(ts->agent->store);
	j->system = conf_str(ts->agent->conf, "log.system", "");
	if (size == LONG_MIN)
		return -EINVAL;
	j->max = (uint64_t)size / PARTS;
	if (size)
		r = open_own(j, &ts->agent->set);
	if (r)
		log_err("cannot open the log in the state folder: %s", strerror(-r));
	return r;
}

void logfile_free(struct transfers *ts)
{
	struct log_job *j = ts->log;

	if (!j)
		return;
	log_drop_tap(keep);
	close_parts(j);
	if (j->fd >= 0)
		close(j->fd);
	free(j);
}
