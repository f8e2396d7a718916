/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a role can still reach by a path: Landlock, through its system calls (Debian 12's libc has
 * no wrappers). All rights that the kernel knows are handled, so what a role has no rule for is
 * forbidden, also what came after this was written down as far as its number is known here.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "seccomp/policy.h"

/* By ABI: 1 has rights 0 to 12, 2 REFER (13), 3 TRUNCATE (14), 5 IOCTL_DEV (15). */
#define FS_TRUNCATE (1ull << 14)
#define FS_ABI1 ((1ull << 13) - 1)
#define FS_ABI2 ((1ull << 14) - 1)
#define FS_ABI3 ((1ull << 15) - 1)
#define FS_ABI5 ((1ull << 16) - 1)
#define NET_ABI4 3ull	  /* bind and connect TCP */
#define SCOPE_SOCKET 1ull /* ABI 6: abstract sockets outside of the domain */
#define SCOPE_SIGNAL 2ull /* ABI 6: signals to processes outside of it */

/* Debian 12's header ends at ABI 2; the kernel takes the size for what it is. */
struct ruleset_attr {
	uint64_t handled_fs;
	uint64_t handled_net; /* ABI 4 */
	uint64_t scoped;      /* ABI 6 */
};

#define READ_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_RIGHTS                                                   \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | FS_TRUNCATE)
/* The only rights that a rule for something that is not a folder may have. */
#define FILE_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE)

int sb_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (abi > 0)
		return (int)abi;
	/* Not built in, or not among the kernel's lsm=: there is none, and it cannot be had. */
	return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno;
}

static uint64_t handled(int abi)
{
	if (abi >= 5)
		return FS_ABI5;
	if (abi >= 3)
		return FS_ABI3;
	return abi == 2 ? FS_ABI2 : FS_ABI1;
}

static int add_path(int ruleset, const struct sb_path *p, uint64_t known)
{
	_cleanup_close_ int fd = open(p->path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = { 0 };
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &st))
		return -errno;
	rule.parent_fd = fd;
	rule.allowed_access = READ_RIGHTS | (p->write ? WRITE_RIGHTS : 0);
	if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= FILE_RIGHTS;
	rule.allowed_access &= known;
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0)
		       ? -errno
		       : 0;
}

/* No role's paths include the root. */
static int wall_stands(void)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errno == EACCES ? 0 : -errno;
	close(fd);
	return -EPERM;
}

int sb_landlock(const struct sb_request *req, const struct sb_policy *policy, int abi)
{
	struct ruleset_attr attr = { .handled_fs = handled(abi) };
	size_t size = sizeof(attr.handled_fs);
	_cleanup_close_ int ruleset = -1;
	size_t i;
	int r;

	if (abi >= 4) {
		attr.handled_net = policy->net ? 0 : NET_ABI4;
		size = 2 * sizeof(uint64_t);
	}
	if (abi >= 6) {
		/* The first process must end its children, which are in no domain of its own. */
		attr.scoped = SCOPE_SOCKET | (req->role == SB_PARENT ? 0 : SCOPE_SIGNAL);
		size = sizeof(attr);
	}
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	if (ruleset < 0)
		return -errno;
	for (i = 0; i < req->npaths; i++) {
		r = add_path(ruleset, &req->paths[i], attr.handled_fs);
		if (r) {
			log_err("sandbox: %s: %s", req->paths[i].path, strerror(-r));
			return r;
		}
	}
	if (syscall(SYS_landlock_restrict_self, ruleset, 0))
		return -errno;
	return wall_stands();
}

/* An own root below a folder that is already removed: nothing can ever be made in it. */
static int empty_root(void)
{
	char dir[] = "/tmp/sallyport.XXXXXX";
	int r = 0;

	if (!mkdtemp(dir))
		return -errno;
	if (chdir(dir))
		r = -errno;
	if (rmdir(dir) && !r)
		r = -errno;
	if (!r && (chroot(".") || chdir("/")))
		r = -errno;
	return r;
}

/* With this mode whatever the umask says: the role goes through it. One that is there already may
 * be the real one, brought here before. */
static int make_folder(const char *at)
{
	if (mkdir(at, 0755))
		return errno == EEXIST ? 0 : -errno;
	return chmod(at, 0755) ? -errno : 0;
}

static int make_place(const char *root, const struct sb_path *p, char *at, size_t size)
{
	struct stat st;
	char *slash;
	int fd, r;

	if (stat(p->path, &st))
		return errno == ENOENT ? 1 : -errno;
	if (p->path[0] != '/' || strstr(p->path, ".."))
		return -EINVAL;
	if ((size_t)snprintf(at, size, "%s%s", root, p->path) >= size)
		return -ENAMETOOLONG;
	for (slash = strchr(at + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if ((r = make_folder(at)))
			return r;
		*slash = '/';
	}
	if (S_ISDIR(st.st_mode))
		return make_folder(at);
	fd = open(at, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int bring_path(const char *root, const struct sb_path *p)
{
	unsigned long how = MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC;
	char at[512];
	int r = make_place(root, p, at, sizeof(at));

	if (r)
		return r > 0 ? 0 : r;
	if (mount(p->path, at, NULL, MS_BIND | MS_REC, NULL))
		return -errno;
	return mount(NULL, at, NULL, how | (p->write ? 0 : MS_RDONLY), NULL) ? -errno : 0;
}

/* Kernels without Landlock: the paths and nothing else, in a mount namespace of our own. The new
 * root lies over /dev, of which no role has anything and which every system has. */
int sb_root(const struct sb_request *req)
{
	static const char root[] = "/dev";
	size_t i;
	int r;

	if (!req->npaths && !req->sockets)
		return empty_root();
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	if (mount("none", root, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=64k,mode=755"))
		return -errno;
	for (i = 0; i < req->npaths; i++) {
		if ((r = bring_path(root, &req->paths[i])))
			return r;
	}
	if (req->sockets && (r = bring_path(root, &(struct sb_path){ req->sockets, false })))
		return r;
	if (mount(NULL, root, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL))
		return -errno;
	return chroot(root) || chdir("/") ? -errno : 0;
}
