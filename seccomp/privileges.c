/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/cleanup.h"
#include "lib/limits.h"
#include "seccomp/policy.h"

static void cleanup_cap(cap_t *cap)
{
	if (*cap)
		cap_free(*cap);
}

#define _cleanup_cap_ __attribute__((cleanup(cleanup_cap)))

static bool kept(const struct sb_policy *policy, int cap)
{
	int i;

	for (i = 0; i < SB_CAPS; i++) {
		if (policy->caps[i] == cap)
			return true;
	}
	return false;
}

/* Needs CAP_SETPCAP, so it comes before everything else is gone; and fails without a sound when
 * nobody looks at the return codes. Not root: it must be right already (the service manager's
 * CapabilityBoundingSet=). */
int sb_bound(const struct sb_policy *policy)
{
	int cap, in;

	for (cap = 0; (in = cap_get_bound(cap)) >= 0; cap++) {
		if (in && !kept(policy, cap) && cap_drop_bound(cap))
			return -errno;
	}
	for (cap = 0; (in = cap_get_bound(cap)) >= 0; cap++) {
		if (in && !kept(policy, cap))
			return -EPERM;
	}
	return cap > 0 ? 0 : -EINVAL;
}

static int wanted(const struct sb_policy *policy, cap_t cap)
{
	cap_value_t list[SB_CAPS];
	int i, n = 0;

	for (i = 0; i < SB_CAPS; i++) {
		if (policy->caps[i] != SB_NO_CAP)
			list[n++] = policy->caps[i];
	}
	if (cap_clear(cap))
		return -errno;
	if (n && (cap_set_flag(cap, CAP_PERMITTED, n, list, CAP_SET) ||
		  cap_set_flag(cap, CAP_EFFECTIVE, n, list, CAP_SET)))
		return -errno;
	return 0;
}

/* Exactly the role's capabilities: permitted and effective; none inheritable, none ambient. */
static int set_caps(const struct sb_policy *policy)
{
	_cleanup_cap_ cap_t want = cap_init();
	_cleanup_cap_ cap_t have = NULL;
	int r;

	if (!want)
		return -ENOMEM;
	if ((r = wanted(policy, want)))
		return r;
	if (cap_set_proc(want))
		return -errno;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -errno;
	have = cap_get_proc();
	if (!have)
		return -errno;
	return cap_compare(want, have) ? -EPERM : 0;
}

/* Of the supplementary groups one may be the group itself: initgroups(3) puts it there. */
static int check_groups(const struct sb_request *req)
{
	gid_t have[16];
	int i, n = getgroups(ARRAY_SIZE(have), have);
	size_t j;

	if (n < 0)
		return -EPERM;
	for (i = 0; i < n; i++) {
		for (j = 0; j < req->ngroups && req->groups[j] != have[i]; j++)
			;
		if (j == req->ngroups && have[i] != req->gid)
			return -EPERM;
	}
	return 0;
}

static int check_ids(const struct sb_request *req)
{
	uid_t uid[3];
	gid_t gid[3];

	if (getresuid(&uid[0], &uid[1], &uid[2]) || getresgid(&gid[0], &gid[1], &gid[2]))
		return -errno;
	if (uid[0] != req->uid || uid[1] != req->uid || uid[2] != req->uid)
		return -EPERM;
	if (gid[0] != req->gid || gid[1] != req->gid || gid[2] != req->gid)
		return -EPERM;
	return check_groups(req);
}

int sb_become(const struct sb_request *req, const struct sb_policy *policy)
{
	bool keep = policy->caps[0] != SB_NO_CAP && req->uid;

	if (geteuid() == 0) {
		if (keep && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
			return -errno;
		if (setgroups(req->ngroups, req->groups) ||
		    setresgid(req->gid, req->gid, req->gid) ||
		    setresuid(req->uid, req->uid, req->uid))
			return -errno;
		if (keep && prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0))
			return -errno;
	}
	if (check_ids(req))
		return -EPERM;
	return set_caps(policy);
}

static int set_limit(__rlimit_resource_t what, rlim_t to)
{
	const struct rlimit limit = { to, to };
	struct rlimit have = { to + 1, to + 1 };

	if (setrlimit(what, &limit) || getrlimit(what, &have))
		return -errno;
	return have.rlim_cur == to && have.rlim_max == to ? 0 : -EPERM;
}

int sb_limit(const struct sb_policy *policy)
{
	int r;

	/* A log that is a file and has become too long costs lines, not the process. */
	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return -errno;
	if ((r = set_limit(RLIMIT_NPROC, 0)) || (r = set_limit(RLIMIT_CORE, 0)) ||
	    (r = set_limit(RLIMIT_NOFILE, policy->nofile)) || (r = set_limit(RLIMIT_MSGQUEUE, 0)) ||
	    (r = set_limit(RLIMIT_MEMLOCK, 0)))
		return r;
	return set_limit(RLIMIT_FSIZE, SANDBOX_FSIZE);
}
