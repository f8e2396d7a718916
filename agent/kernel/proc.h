/* SPDX-License-Identifier: Apache-2.0 */
/* Memory, processors and processes from /proc; parsers are pure. Nothing here is kept open. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROC_COMM_MAX 64 /* the kernel's has 15 characters, that of a kernel thread some more */

struct proc_memory {
	uint64_t total_kib, free_kib;
};

/* Ticks of all processors since boot. */
struct proc_cpu {
	uint64_t busy, all;
};

struct proc {
	uint32_t pid;		  /* key, with start */
	bool kernel;		  /* a thread of the kernel's own */
	char state;		  /* R, S, D, T, t, Z, I, X */
	char comm[PROC_COMM_MAX]; /* printable; never the arguments */
	int64_t priority;	  /* as the kernel tells it: real time is below zero */
	uint64_t cpu_ms, start;
	uint64_t rss_kib;
};

bool proc_parse_memory(struct proc_memory *, const char *meminfo);
bool proc_parse_cpu(struct proc_cpu *, const char *stat);
/* /proc/PID/stat. ticks: of a second; page: bytes. */
bool proc_parse(struct proc *, const char *stat, uint64_t ticks, uint64_t page);

/* root is "" but in tests. 0 or -errno. */
int proc_memory(const char *root, struct proc_memory *);
int proc_cpu(const char *root, struct proc_cpu *);
typedef void (*proc_fn)(void *arg, const struct proc *);
int proc_each(const char *root, proc_fn, void *arg);
