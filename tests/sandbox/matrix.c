/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S2, S3, S7: every system call number, tried under every role's filter in a process of its own.
 * The filter is the one that sb_enter() loads (proven by asking the kernel for it), and what the
 * kernel does is compared with what the table says.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "tests/sandbox/filter.h"
#include "tests/sandbox/result.h"

#define NUMBERS 601
#define UPROBES 335 /* uretprobe and uprobe: a new x86 kernel answers them before any filter */

static struct bpf_program_text prog;

struct call {
	long nr;
	bool foreign;
};

static void quiet(void)
{
	/* A killed process leaves no core and no mess behind. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static void install(void)
{
	struct sock_fprog fprog = { (unsigned short)prog.n, prog.insn };

	quiet();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &fprog, 0, 0))
		_exit(99);
}

static void try_call(void *arg)
{
	const struct call *c = arg;
	long r;

	install();
#ifdef __x86_64__
	if (c->foreign) {
		/* i386's numbers by the i386 gate. */
		__asm__ volatile("int $0x80"
				 : "=a"(r)
				 : "0"(c->nr)
				 : "memory", "r8", "r9", "r10", "r11");
		_exit(0);
	}
#endif
	r = syscall(c->nr, 0, 0, 0, 0, 0, 0);
	(void)r;
	/* exit_group() may be missing in what is tried: any other way out is a survivor too. */
	syscall(SYS_exit_group, 0);
	raise(SIGUSR1);
}

static bool in_table(enum sb_role role, int nr)
{
	const struct sb_rule *r;

	for (r = sb_policies[role].rules; r->name; r++) {
		if (r->nr == nr)
			return true;
	}
	return false;
}

/* What the filter, read by our own interpreter, says of this number with all arguments zero. */
static bool would_die(int nr)
{
	static const uint64_t none[6];

	return filter_run(&prog, AUDIT_ARCH_X86_64, nr, none) == SECCOMP_RET_KILL_PROCESS;
}

static void S2_role(enum sb_role role, const char *name)
{
	unsigned int survivors = 0, unfiltered = 0;
	struct call c = { 0, false };

	for (c.nr = 0; c.nr < NUMBERS; c.nr++) {
		bool dies = would_die((int)c.nr);
		bool died = died_of(in_child(try_call, &c), SIGSYS);

		if (!dies && !in_table(role, (int)c.nr)) {
			result_fail(name, "nr %ld is not in the table, and passes", c.nr);
			return;
		}
		if (dies && !died && (c.nr == UPROBES || c.nr == UPROBES + 1)) {
			unfiltered++;
			continue;
		}
		if (dies != died) {
			result_fail(name, "nr %ld %s", c.nr, died ? "died" : "survived");
			return;
		}
		survivors += !died;
	}
	fprintf(stderr, "%s: %u of %d survive; %u the kernel does not filter\n", name, survivors,
		NUMBERS, unfiltered);
	result_ok(name);
}

static const struct {
	const char *name;
	int nr;
} forbidden[] = {
	{ "execve", SCMP_SYS(execve) },
	{ "execveat", SCMP_SYS(execveat) },
	{ "fork", SCMP_SYS(fork) },
	{ "vfork", SCMP_SYS(vfork) },
	{ "clone", SCMP_SYS(clone) },
	{ "clone3", SCMP_SYS(clone3) },
	{ "ptrace", SCMP_SYS(ptrace) },
	{ "process_vm_readv", SCMP_SYS(process_vm_readv) },
	{ "process_vm_writev", SCMP_SYS(process_vm_writev) },
	{ "bpf", SCMP_SYS(bpf) },
	{ "io_uring_setup", SCMP_SYS(io_uring_setup) },
	{ "io_uring_enter", SCMP_SYS(io_uring_enter) },
	{ "io_uring_register", SCMP_SYS(io_uring_register) },
	{ "userfaultfd", SCMP_SYS(userfaultfd) },
	{ "keyctl", SCMP_SYS(keyctl) },
	{ "add_key", SCMP_SYS(add_key) },
	{ "request_key", SCMP_SYS(request_key) },
	{ "memfd_create", SCMP_SYS(memfd_create) },
	{ "unshare", SCMP_SYS(unshare) },
	{ "setns", SCMP_SYS(setns) },
	{ "mount", SCMP_SYS(mount) },
	{ "chroot", SCMP_SYS(chroot) },
	{ "pidfd_getfd", SCMP_SYS(pidfd_getfd) },
	{ "perf_event_open", SCMP_SYS(perf_event_open) },
	{ "init_module", SCMP_SYS(init_module) },
	{ "prctl", SCMP_SYS(prctl) },
	{ "seccomp", SCMP_SYS(seccomp) },
};

static void S3_role(enum sb_role role, const char *name)
{
	struct call c = { 0, false };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(forbidden); i++) {
		c.nr = forbidden[i].nr;
		if (c.nr < 0)
			continue;
		if (!died_of(in_child(try_call, &c), SIGSYS)) {
			result_fail(name, "%s", forbidden[i].name);
			return;
		}
	}
	result_ok(name);
}

#define X32_BIT 0x40000000

static void S7_role(enum sb_role role, const char *name)
{
	/* getpid, write, execve of i386; read and getpid of x32. */
	static const struct call calls[] = {
		{ 20, true },
		{ 4, true },
		{ 11, true },
		{ X32_BIT | 0, false },
		{ X32_BIT | 39, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		int status = in_child(try_call, (void *)(uintptr_t)&calls[i]);

		/* A kernel without the i386 gate: the instruction itself is refused. */
		if (died_of(status, SIGSYS) || (calls[i].foreign && died_of(status, SIGSEGV)))
			continue;
		result_fail(name, "number %ld lived, wait status %d", calls[i].nr, status);
		return;
	}
	result_ok(name);
}

static void enter_and_spin(void *arg)
{
	const struct sb_request req = request_for(*(enum sb_role *)arg);

	if (sb_enter(&req))
		_exit(98);
	for (;;)
		__asm__ volatile("pause" : : : "memory");
}

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#endif

/* The filter that sb_enter() has really loaded; instructions, or -errno. */
static long loaded_filter(pid_t pid, struct sock_filter *insn)
{
	long n = -EAGAIN;
	int status, i;

	for (i = 0; i < 200 && n == -EAGAIN; i++) {
		usleep(10000);
		if (ptrace(PTRACE_ATTACH, pid, NULL, NULL))
			return -errno;
		if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			return -ECHILD;
		n = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, 0, insn);
		if (n < 0)
			n = errno == ENOENT || errno == EINVAL ? -EAGAIN : -errno;
		(void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
	}
	return n;
}

static void same_filter(enum sb_role role, const char *name)
{
	static struct sock_filter insn[4096];
	pid_t pid;
	long n;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		alarm(10);
		enter_and_spin(&role);
	}
	n = loaded_filter(pid, insn);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (n == -EIO || n == -EACCES || n == -EINVAL)
		result_skip(name, "this kernel does not show filters");
	else if (n < 0 || (size_t)n != prog.n || memcmp(insn, prog.insn, (size_t)n * sizeof(*insn)))
		result_fail(name, "loaded: %ld instructions, tested: %zu", n, prog.n);
	else
		result_ok(name);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(enum sb_role role, const char *name);
	} tests[] = {
		{ "S2_the_filter_tested_is_the_one_loaded", same_filter },
		{ "S2_every_other_syscall_dies", S2_role },
		{ "S3_no_process_no_program_no_tracing", S3_role },
		{ "S7_foreign_numbers_die", S7_role },
	};
	char name[128];
	size_t i;
	int role;

	result_only(argc, argv);
	for (role = 0; role < SB_ROLES; role++) {
		if (filter_export(role, SCMP_ACT_KILL_PROCESS, &prog))
			return 1;
		for (i = 0; i < ARRAY_SIZE(tests); i++) {
			(void)snprintf(name, sizeof(name), "%s[role=%s]", tests[i].name,
				       sb_policies[role].name);
			if (result_wanted(name))
				tests[i].run(role, name);
		}
	}
	return result_status();
}
