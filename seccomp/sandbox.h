/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * The one way into a role's sandbox. There is no way out, and no setting that makes it weaker:
 * what a role may do is its table in seccomp/policy_<role>.c and its row in seccomp/roles.c.
 */
enum sb_role {
	SB_AGENT,
	SB_DIALER,
	SB_RADIO,
	SB_PROBE,
	SB_FLASH,
	SB_SYSTEM,
	SB_STATION,
	SB_RESOLVER, /* the dialer's process for names */
	SB_PARENT,   /* the helper's first process, which only waits; stays uid 0 */
	SB_ROLES
};

/* The flash role's descriptors have fixed numbers, so that its filter can name them. */
enum sb_flash_fd { SB_FD_SLOT = 13, SB_FD_ENV, SB_FD_ENV_REDUNDANT };

/* A file or directory (with all beneath it) that stays reachable. One that does not exist is left
 * out: nothing can be opened there anyway. Making devices, sockets or folders and executing are
 * never included. */
struct sb_path {
	const char *path;
	bool write; /* also create, rename and remove beneath it */
};

struct sb_request {
	enum sb_role role;
	uid_t uid; /* 0 for SB_PARENT only */
	gid_t gid;
	const gid_t *groups; /* supplementary groups, usually none */
	size_t ngroups;
	const struct sb_path *paths;
	size_t npaths;
	/* A folder whose sockets are written to, NULL: none. Landlock lets anybody do that whom the
	 * file's mode lets; an own root has to have it. */
	const char *sockets;
};

/*
 * no_new_privs, groups and uid, capabilities (all sets and the bounding set), rlimits, not
 * dumpable, Landlock (or an empty root where the kernel has none), seccomp, in this order.
 * 0, or the -errno of the step that failed, logged: the caller must exit. The process has one
 * thread. Called as root, or as uid itself with nothing to drop.
 */
int sb_enter(const struct sb_request *req);

const char *sb_role_name(enum sb_role role);
