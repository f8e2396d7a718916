/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/kernel/proc.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/kernel/files.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/num.h"

#define MEMINFO_MAX 16384
#define STAT_MAX 262144 /* a line of interrupt counts on a large machine */
#define PID_STAT_MAX 2048
#define FIELDS 24	       /* up to rss */
#define PF_KTHREAD 0x00200000u /* include/linux/sched.h; ps and top look at it too */

/* The number behind blanks; false when there is none. */
static bool number(const char **at, uint64_t *out)
{
	size_t n;

	*at += strspn(*at, " \t");
	n = strspn(*at, "0123456789");
	if (!n || num_parse_u64(*at, n, UINT64_MAX, out))
		return false;
	*at += n;
	return true;
}

static bool labelled(const char *text, const char *label, uint64_t *out)
{
	const char *at = text;
	size_t n = strlen(label);

	while (at) {
		if (!strncmp(at, label, n)) {
			at += n;
			return number(&at, out);
		}
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return false;
}

bool proc_parse_memory(struct proc_memory *m, const char *meminfo)
{
	return labelled(meminfo, "MemTotal:", &m->total_kib) &&
	       labelled(meminfo, "MemFree:", &m->free_kib);
}

/* cpu user nice system idle iowait irq softirq steal (guest is in user) */
bool proc_parse_cpu(struct proc_cpu *c, const char *stat)
{
	uint64_t v[8] = { 0 };
	size_t n = 0;

	if (strncmp(stat, "cpu ", 4))
		return false;
	stat += 4;
	while (n < 8 && number(&stat, &v[n]))
		n++;
	if (n < 4)
		return false;
	c->all = 0;
	for (size_t i = 0; i < 8; i++)
		c->all += v[i];
	c->busy = c->all - v[3] - v[4];
	return true;
}

static void take_comm(struct proc *p, const char *from, size_t n)
{
	if (n >= sizeof(p->comm))
		n = sizeof(p->comm) - 1;
	for (size_t i = 0; i < n; i++)
		p->comm[i] = from[i] < 0x20 || from[i] > 0x7e ? '?' : from[i];
}

/* A process chooses its name: it may hold blanks and brackets, so the last bracket counts. */
bool proc_parse(struct proc *p, const char *stat, uint64_t ticks, uint64_t page)
{
	const char *open = strchr(stat, '('), *close = strrchr(stat, ')'), *at = stat;
	uint64_t v[FIELDS + 1] = { 0 }, pid;

	memset(p, 0, sizeof(*p));
	if (!open || !close || close < open || !ticks || !number(&at, &pid) || pid > INT32_MAX)
		return false;
	p->pid = (uint32_t)pid;
	take_comm(p, open + 1, (size_t)(close - open - 1));
	if (close[1] != ' ' || !close[2])
		return false;
	p->state = close[2];
	at = close + 3;
	for (size_t i = 4; i <= FIELDS; i++) {
		bool negative;

		at += strspn(at, " ");
		negative = *at == '-';
		at += negative;
		if (!number(&at, &v[i]))
			return false;
		if (i == 18)
			p->priority =
				negative ? -(int64_t)(v[i] & 0xffff) : (int64_t)(v[i] & 0xffff);
	}
	p->cpu_ms = (v[14] + v[15]) * 1000 / ticks;
	p->kernel = v[9] & PF_KTHREAD;
	p->start = v[22];
	p->rss_kib = v[24] * page / 1024;
	return true;
}

static int read_text(const char *root, const char *name, struct buf *out)
{
	char path[256];

	if ((size_t)snprintf(path, sizeof(path), "%s/proc/%s", root, name) >= sizeof(path))
		return -ENAMETOOLONG;
	return file_read(path, out);
}

int proc_memory(const char *root, struct proc_memory *m)
{
	_cleanup_buf_ struct buf text = BUF_INIT(MEMINFO_MAX);
	int r = read_text(root, "meminfo", &text);

	return r ? r : proc_parse_memory(m, buf_str(&text)) ? 0 : -EPROTO;
}

int proc_cpu(const char *root, struct proc_cpu *c)
{
	_cleanup_buf_ struct buf text = BUF_INIT(STAT_MAX);
	int r = read_text(root, "stat", &text);

	return r ? r : proc_parse_cpu(c, buf_str(&text)) ? 0 : -EPROTO;
}

struct each {
	const char *root;
	proc_fn fn;
	void *arg;
};

static void one(void *arg, const char *name)
{
	static const uint64_t ticks = 100; /* USER_HZ: what the kernel tells everybody */
	const struct each *e = arg;
	_cleanup_buf_ struct buf text = BUF_INIT(PID_STAT_MAX);
	char file[32];
	struct proc p;

	if (name[strspn(name, "0123456789")] ||
	    (size_t)snprintf(file, sizeof(file), "%s/stat", name) >= sizeof(file))
		return;
	/* it may have ended meanwhile */
	if (!read_text(e->root, file, &text) &&
	    proc_parse(&p, buf_str(&text), ticks, (uint64_t)sysconf(_SC_PAGESIZE)))
		e->fn(e->arg, &p);
}

int proc_each(const char *root, proc_fn fn, void *arg)
{
	struct each e = { root, fn, arg };
	char path[256];

	if ((size_t)snprintf(path, sizeof(path), "%s/proc", root) >= sizeof(path))
		return -ENAMETOOLONG;
	return folder_each(path, one, &e);
}
