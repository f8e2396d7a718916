/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S10: each step of sb_enter() made to fail, and made to do nothing while it says that all went
 * well. A filter laid down before answers one call in the kernel's place.
 *
 *	fails                         every step, for a role with a capability and one with paths
 *	fails --list                  the names of the steps
 *	fails --exec STEP PROGRAM...  runs a program in which that step fails
 *	fails --old PROGRAM...        runs a program on what looks like a kernel without Landlock
 */
#include <errno.h>
#include <grp.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/log.h"
#include "seccomp/policy.h"
#include "tests/sandbox/result.h"

struct step {
	const char *name;
	int nr;
	int arg; /* -1: whatever its arguments */
	uint64_t value;
	int err;
	bool lies; /* also to be tried as a success that does nothing */
};

#define PRCTL(what) SCMP_SYS(prctl), 0, what
#define ALWAYS -1, 0

static const struct step steps[] = {
	{ "no_new_privs", PRCTL(PR_SET_NO_NEW_PRIVS), EINVAL, true },
	{ "landlock_abi", SCMP_SYS(landlock_create_ruleset), 2, 1, EINVAL, false },
	{ "bounding_set", PRCTL(PR_CAPBSET_DROP), EPERM, true },
	{ "setgroups", SCMP_SYS(setgroups), ALWAYS, EPERM, true },
	{ "setresgid", SCMP_SYS(setresgid), ALWAYS, EPERM, true },
	{ "setresuid", SCMP_SYS(setresuid), ALWAYS, EAGAIN, true },
	{ "capset", SCMP_SYS(capset), ALWAYS, EPERM, true },
	{ "ambient", PRCTL(PR_CAP_AMBIENT), EINVAL, false },
	{ "limit_nproc", SCMP_SYS(prlimit64), 1, RLIMIT_NPROC, EPERM, true },
	{ "limit_core", SCMP_SYS(prlimit64), 1, RLIMIT_CORE, EPERM, true },
	{ "limit_nofile", SCMP_SYS(prlimit64), 1, RLIMIT_NOFILE, EPERM, true },
	{ "limit_fsize", SCMP_SYS(prlimit64), 1, RLIMIT_FSIZE, EPERM, true },
	{ "not_dumpable", PRCTL(PR_SET_DUMPABLE), EINVAL, false },
	{ "landlock_create", SCMP_SYS(landlock_create_ruleset), 2, 0, ENOMEM, false },
	{ "landlock_rule", SCMP_SYS(landlock_add_rule), ALWAYS, EINVAL, false },
	{ "landlock_restrict", SCMP_SYS(landlock_restrict_self), ALWAYS, E2BIG, true },
	{ "seccomp", SCMP_SYS(seccomp), 0, SECCOMP_SET_MODE_FILTER, EINVAL, false },
};

#define STEPS (ARRAY_SIZE(steps))

struct trial {
	const struct step *step;
	enum sb_role role;
	bool lie;
};

static int lay(const struct step *s, int err)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	struct scmp_arg_cmp cmp = { .arg = (unsigned int)s->arg,
				    .op = SCMP_CMP_MASKED_EQ,
				    .datum_a = UINT32_MAX,
				    .datum_b = s->value };
	int r = ctx ? 0 : -ENOMEM;

	if (!r)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0);
	if (!r)
		r = seccomp_rule_add_exact_array(ctx, SCMP_ACT_ERRNO((uint16_t)err), s->nr,
						 s->arg >= 0, &cmp);
	if (!r)
		r = seccomp_load(ctx);
	seccomp_release(ctx);
	return r;
}

static void enter(void *arg)
{
	static const struct sb_path paths[] = { { "/proc", false } };
	static const gid_t groups[] = { 64721, 64722 };
	const struct trial *t = arg;
	struct sb_request req = request_for(t->role);

	log_set_level(LOG_LVL_ERR - 1);
	/* Something to be dropped. */
	if (setgroups(2, groups))
		_exit(97);
	if (t->role == SB_AGENT) {
		req.paths = paths;
		req.npaths = 1;
	}
	if (t->step && lay(t->step, t->lie ? 0 : t->step->err))
		_exit(98);
	/* The exit status of a failed start; a killed child would be a wrong test. */
	_exit(sb_enter(&req) ? 1 : 0);
}

/* With no step hindered the child ends well, in the sandbox. */
static void try_step(const struct trial *t)
{
	char name[128];
	int status;

	(void)snprintf(name, sizeof(name), "S10_start_fails_when_%s_%s[role=%s]", t->step->name,
		       t->lie ? "does_nothing" : "fails", sb_role_name(t->role));
	if (!result_wanted(name))
		return;
	if (!strncmp(t->step->name, "landlock", 8) && sb_landlock_abi() <= 0) {
		result_skip(name, "no Landlock here");
		return;
	}
	if (t->role != SB_AGENT && !strcmp(t->step->name, "landlock_rule"))
		return; /* has no paths */
	status = in_child(enter, (void *)(uintptr_t)t);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 1)
		result_ok(name);
	else
		result_fail(name, "wait status %d", status);
}

static void try_all(enum sb_role role)
{
	struct trial t = { NULL, role, false };
	char name[128];
	size_t i;

	(void)snprintf(name, sizeof(name), "S10_start_succeeds_when_nothing_fails[role=%s]",
		       sb_role_name(role));
	if (result_wanted(name)) {
		int status = in_child(enter, &t);

		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			result_ok(name);
		else
			result_fail(name, "wait status %d", status);
	}
	for (i = 0; i < STEPS; i++) {
		t = (struct trial){ &steps[i], role, false };
		try_step(&t);
		t.lie = true;
		/* Without one to keep, all capabilities went with the uid: capset() has nothing
		 * left to do. */
		if (steps[i].lies && !(role == SB_AGENT && steps[i].nr == SCMP_SYS(capset)))
			try_step(&t);
	}
}

static int exec_old(char **argv)
{
	static const struct step none = { "", SCMP_SYS(landlock_create_ruleset), ALWAYS, 0, false };

	if (lay(&none, ENOSYS))
		return 98;
	execv(argv[0], argv);
	return 99;
}

static int exec_with(const char *step, char **argv)
{
	size_t i;

	for (i = 0; i < STEPS; i++) {
		if (strcmp(steps[i].name, step))
			continue;
		if (lay(&steps[i], steps[i].err))
			return 98;
		execv(argv[0], argv);
		return 99;
	}
	return 97;
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc > 3 && !strcmp(argv[1], "--exec"))
		return exec_with(argv[2], argv + 3);
	if (argc > 2 && !strcmp(argv[1], "--old"))
		return exec_old(argv + 2);
	if (argc == 2 && !strcmp(argv[1], "--list")) {
		for (i = 0; i < STEPS; i++)
			puts(steps[i].name);
		return 0;
	}
	result_only(argc, argv);
	try_all(SB_RADIO);
	try_all(SB_AGENT);
	return result_status();
}
