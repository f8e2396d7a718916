/* SPDX-License-Identifier: Apache-2.0 */
#include "seccomp/sandbox.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <sys/prctl.h>

#include "config.h"
#include "lib/log.h"
#include "seccomp/policy.h"

/* malloc() lives on brk() alone, so that no role's table has mmap(). From the start: what was
 * mapped before lockdown would have to be unmapped after it. */
__attribute__((constructor)) static void no_mmap(void)
{
#ifndef SAN
	(void)mallopt(M_MMAP_MAX, 0);
	/* Nothing is given back and taken again all the time. */
	(void)mallopt(M_TRIM_THRESHOLD, 256 * 1024);
#endif
}

const char *sb_role_name(enum sb_role role)
{
	return (unsigned int)role < SB_ROLES ? sb_policies[role].name : "?";
}

static int failed(enum sb_role role, const char *step, int r)
{
	log_err("sandbox %s: %s: %s", sb_role_name(role), step, strerror(-r));
	return r;
}

static int check(const struct sb_request *req)
{
	const struct sb_policy *policy;

	if ((unsigned int)req->role >= SB_ROLES)
		return -EINVAL;
	policy = &sb_policies[req->role];
	if (!policy->rules)
		return -ENOSYS;
	if (policy->root ? req->uid != 0 : req->uid == 0 || req->gid == 0)
		return -EPERM;
	return 0;
}

static int no_new_privs(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : -EPERM;
}

static int not_dumpable(void)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : -EPERM;
}

static int files_before(const struct sb_request *req, int *abi)
{
	*abi = sb_landlock_abi();
	if (*abi < 0)
		return *abi;
	if (*abi > 0)
		return 0;
#ifdef CONFIG_REQUIRE_LANDLOCK
	return -EOPNOTSUPP;
#else
	return sb_root(req);
#endif
}

int sb_enter(const struct sb_request *req)
{
	const struct sb_policy *policy;
	int abi = 0, r;

	if ((r = check(req)))
		return failed(req->role, "request", r);
	policy = &sb_policies[req->role];
	if ((r = no_new_privs()))
		return failed(req->role, "no_new_privs", r);
	if ((r = files_before(req, &abi)))
		return failed(req->role, "own root", r);
	if ((r = sb_bound(policy)))
		return failed(req->role, "capability bounding set", r);
	if ((r = sb_become(req, policy)))
		return failed(req->role, "user and capabilities", r);
	if ((r = sb_limit(policy)))
		return failed(req->role, "resource limits", r);
	if ((r = not_dumpable()))
		return failed(req->role, "not dumpable", r);
	if (abi && (r = sb_landlock(req, policy, abi)))
		return failed(req->role, "landlock", r);
#ifdef CONFIG_SANDBOX_DEBUG
	log_warn("sandbox %s: reports instead of killing: not for release", policy->name);
	if ((r = sb_report(req->role)))
		return failed(req->role, "reporter", r);
#endif
	if ((r = sb_filter_load(req->role)))
		return failed(req->role, "seccomp", r);
	return 0;
}
