/* SPDX-License-Identifier: Apache-2.0 */
/* Device.DeviceInfo.MemoryStatus. and ProcessStatus. (TR-181 2.19.1), from /proc when asked. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/kernel/proc.h"
#include "agent/tr181/box.h"
#include "agent/tree/rows.h"
#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/log.h"

#define CPU_LOOK_MS 1000 /* a share of less time than that says little */

struct status {
	const char *root; /* "" but in tests */
	struct proc_memory memory;
	struct proc_cpu cpu; /* where the share was counted from */
	uint64_t cpu_ms;
	unsigned int percent;
	uint64_t session;		  /* dm_session() for which the processes were read */
	struct proc shown[PROCESSES_MAX]; /* those with most memory, the biggest first */
	size_t nshown;
};

extern const struct dm_object memory_status, process_status, process_status_process;

static struct status *status_of(struct dm *dm)
{
	return dm_ctx(dm_single(dm, &memory_status));
}

static void complain(const char *what, int r)
{
	if (r)
		log_warn("%s: %s", what, strerror(-r));
}

static void refresh_memory(struct dm *dm, const struct dm_object *obj, struct dm_inst *parent)
{
	struct status *s = status_of(dm);

	if (s)
		complain("/proc/meminfo", proc_memory(s->root, &s->memory));
}

static enum dm_error get_total(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct status *s = dm_ctx(in);

	dm_put_uint(sink, s ? s->memory.total_kib : 0);
	return DM_OK;
}

static enum dm_error get_free(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct status *s = dm_ctx(in);

	dm_put_uint(sink, s ? s->memory.free_kib : 0);
	return DM_OK;
}

/* The share since the look before this, the first time since boot. */
static void refresh_cpu(struct dm *dm, const struct dm_object *obj, struct dm_inst *parent)
{
	struct status *s = status_of(dm);
	uint64_t now = clock_mono_ms(), all;
	struct proc_cpu cpu;
	int r;

	if (!s || (s->cpu_ms && now - s->cpu_ms < CPU_LOOK_MS))
		return;
	r = proc_cpu(s->root, &cpu);
	complain("/proc/stat", r);
	if (r)
		return;
	all = cpu.all - s->cpu.all;
	if (all)
		s->percent = (unsigned int)(((cpu.busy - s->cpu.busy) * 100 + all / 2) / all);
	if (s->percent > 100) /* idle time may go back a little */
		s->percent = 100;
	s->cpu = cpu;
	s->cpu_ms = now;
}

static enum dm_error get_usage(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct status *s = status_of(dm_inst_dm(in));

	dm_put_uint(sink, s ? s->percent : 0);
	return DM_OK;
}

static bool bigger(const struct proc *a, const struct proc *b)
{
	return a->rss_kib != b->rss_kib ? a->rss_kib > b->rss_kib : a->pid < b->pid;
}

static void look_at(void *arg, const struct proc *p)
{
	struct status *s = arg;
	size_t i;

	/* a thread of the kernel is no process: it has no memory of its own */
	if (p->kernel)
		return;
	for (i = s->nshown; i && bigger(p, &s->shown[i - 1]); i--)
		;
	if (i == PROCESSES_MAX)
		return;
	if (s->nshown < PROCESSES_MAX)
		s->nshown++;
	memmove(&s->shown[i + 1], &s->shown[i], (s->nshown - i - 1) * sizeof(*p));
	s->shown[i] = *p;
}

static void put_process(struct dm_inst *parent, const struct proc *p)
{
	struct dm_inst *in;
	char key[48];

	(void)snprintf(key, sizeof(key), "%u %llu", p->pid, (unsigned long long)p->start);
	in = dm_row(parent, &process_status_process, key);
	if (!in)
		return;
	if (!in->data)
		in->data = malloc(sizeof(*p));
	if (!in->data)
		return dm_row_gone(in);
	memcpy(in->data, p, sizeof(*p));
	in->fresh = false;
}

static void refresh_processes(struct dm *dm, const struct dm_object *obj, struct dm_inst *parent)
{
	struct status *s = status_of(dm);

	/* They come and go faster than an ACS walks: a session sees those of its first look. */
	if (!s || (dm_session(dm) && s->session == dm_session(dm)))
		return;
	s->session = dm_session(dm);
	s->nshown = 0;
	complain("/proc", proc_each(s->root, look_at, s));
	dm_rows_begin(parent, obj);
	for (size_t i = 0; i < s->nshown; i++)
		put_process(parent, &s->shown[i]);
	dm_rows_end(parent, obj);
}

static void release(struct dm_inst *in)
{
	free(in->data);
	in->data = NULL;
}

static const struct proc *proc_of(const struct dm_inst *in)
{
	static const struct proc nothing;

	return in->data ? in->data : &nothing;
}

static enum dm_error get_pid(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_uint(sink, proc_of(in)->pid);
	return DM_OK;
}

static enum dm_error get_command(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, proc_of(in)->comm);
	return DM_OK;
}

static enum dm_error get_size(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const uint64_t kib = proc_of(in)->rss_kib;

	dm_put_uint(sink, kib > UINT32_MAX ? UINT32_MAX : kib);
	return DM_OK;
}

/* 0 is the highest: all of real time; the kernel's numbers of the others go up to 39. */
static enum dm_error get_priority(struct dm_inst *in, const struct dm_param *p,
				  struct dm_sink *sink)
{
	const int64_t v = proc_of(in)->priority;

	dm_put_uint(sink, v < 0 ? 0 : v > 99 ? 99 : (uint64_t)v);
	return DM_OK;
}

static enum dm_error get_time(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_uint(sink, (uint32_t)proc_of(in)->cpu_ms);
	return DM_OK;
}

static enum dm_error get_state(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	switch (in->gone ? 'Z' : proc_of(in)->state) {
	case 'R':
		dm_put_str(sink, "Running");
		break;
	case 'D':
		dm_put_str(sink, "Uninterruptible");
		break;
	case 'T':
	case 't':
		dm_put_str(sink, "Stopped");
		break;
	case 'I':
		dm_put_str(sink, "Idle");
		break;
	case 'Z':
	case 'X':
		dm_put_str(sink, "Zombie");
		break;
	default:
		dm_put_str(sink, "Sleeping");
		break;
	}
	return DM_OK;
}

static const char *const states[] = { "Running",	 "Sleeping", "Stopped", "Idle",
				      "Uninterruptible", "Zombie",   NULL };

static const struct dm_param memory_params[] = {
	{ "Total", DM_UINT, DM_RO, .get = get_total, .source = "/proc/meminfo: MemTotal" },
	{ "Free", DM_UINT, DM_RO, .notify = DM_CAN_DENY, .get = get_free,
	  .source = "/proc/meminfo: MemFree" },
};
static const struct dm_param process_params[] = {
	{ "CPUUsage", DM_UINT, DM_RO, DM_RANGE(0, 100), .notify = DM_CAN_DENY, .get = get_usage,
	  .source = "/proc/stat: since it was looked at before" },
};

#define PID_STAT "/proc/PID/stat"

static const struct dm_param row_params[] = {
	{ "PID", DM_UINT, DM_RO, .get = get_pid, .source = PID_STAT "; no threads of the kernel" },
	{ "Command", DM_STRING, DM_RO, DM_MAXLEN(256), .get = get_command,
	  .source = PID_STAT ": comm, never the arguments" },
	{ "Size", DM_UINT, DM_RO, .notify = DM_CAN_DENY, .get = get_size,
	  .source = PID_STAT ": rss" },
	{ "Priority", DM_UINT, DM_RO, DM_RANGE(0, 99), .get = get_priority,
	  .source = PID_STAT ": priority, 0 for all of real time" },
	{ "CPUTime", DM_UINT, DM_RO, .notify = DM_CAN_DENY, .get = get_time,
	  .source = PID_STAT ": utime and stime" },
	{ "State", DM_STRING, DM_RO, DM_VALUES(states), .notify = DM_CAN_DENY, .get = get_state,
	  .source = PID_STAT },
};

const struct dm_object memory_status =
	DM_SINGLE("Device.DeviceInfo.MemoryStatus.", memory_params, .refresh = refresh_memory);
const struct dm_object process_status =
	DM_SINGLE("Device.DeviceInfo.ProcessStatus.", process_params, .refresh = refresh_cpu);
const struct dm_object process_status_process = DM_TABLE(
	"Device.DeviceInfo.ProcessStatus.Process.{i}.", row_params,
	.max = 2 * PROCESSES_MAX, /* new rows come before the old ones go */
	.entries = "ProcessNumberOfEntries", .refresh = refresh_processes, .release = release);

int device_status_init(struct dm *dm, const char *root)
{
	struct status *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->root = root;
	dm_bind(dm, &memory_status, s);
	return 0;
}

void device_status_exit(struct dm *dm)
{
	free(status_of(dm));
	dm_bind(dm, &memory_status, NULL);
}
