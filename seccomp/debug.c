/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CONFIG_SANDBOX_DEBUG: a call outside the table is logged with its arguments and answered with
 * ENOSYS, instead of killing the process. For finding out what a table lacks; never in a release.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "config.h"
#include "seccomp/policy.h"

#ifdef CONFIG_SANDBOX_DEBUG

#define NAMES 512

static const char *names[NAMES];
static const char *role_name;

static void report(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	char line[256];
	int nr = info->si_syscall, n;
#if defined(__x86_64__)
	const greg_t *reg = uc->uc_mcontext.gregs;

	n = snprintf(line, sizeof(line), "<3>sandbox %s: %s (%d) (%#llx, %#llx, %#llx, %#llx)\n",
		     role_name, nr >= 0 && nr < NAMES && names[nr] ? names[nr] : "?", nr,
		     (unsigned long long)reg[REG_RDI], (unsigned long long)reg[REG_RSI],
		     (unsigned long long)reg[REG_RDX], (unsigned long long)reg[REG_R10]);
	uc->uc_mcontext.gregs[REG_RAX] = -ENOSYS;
#else
	(void)uc;
	n = snprintf(line, sizeof(line), "<3>sandbox %s: system call %d\n", role_name, nr);
#endif
	if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
		_exit(1);
}

int sb_report(enum sb_role role)
{
	struct sigaction sa;
	int nr;

	/* The handler may run inside malloc(): the names are looked up now. */
	for (nr = 0; nr < NAMES; nr++)
		names[nr] = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);
	role_name = sb_role_name(role);
	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = report;
	sa.sa_flags = SA_SIGINFO;
	return sigaction(SIGSYS, &sa, NULL) ? -errno : 0;
}

#endif
