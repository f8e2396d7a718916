/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ipc/ipc.h"
#include "lib/audit.h"
#include "lib/cleanup.h"
#include "lib/log.h"

#define IPC_SOCKET (SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK)

static int address(struct sockaddr_un *sa, const char *path)
{
	size_t n = strlen(path);

	memset(sa, 0, sizeof(*sa));
	sa->sun_family = AF_UNIX;
	if (n >= sizeof(sa->sun_path))
		return -ENAMETOOLONG;
	memcpy(sa->sun_path, path, n);
	return 0;
}

int ipc_listen(const char *path, gid_t gid)
{
	_cleanup_close_ int fd = -1;
	struct sockaddr_un sa;
	struct stat st;
	mode_t old;
	int r;

	if ((r = address(&sa, path)))
		return r;
	fd = socket(AF_UNIX, IPC_SOCKET, 0);
	if (fd < 0)
		return -errno;
	if (unlink(path) && errno != ENOENT)
		return -errno;
	/* Nobody may connect in the moment before the mode is right. */
	old = umask(0177);
	r = bind(fd, (struct sockaddr *)&sa, sizeof(sa)) ? -errno : 0;
	umask(old);
	if (r)
		return r;
	/* In a folder with the group's bit it has the group already, and the dialer's unit allows
	 * no chown(). */
	if (lstat(path, &st) || (st.st_gid != gid && lchown(path, (uid_t)-1, gid)) ||
	    chmod(path, 0660) || listen(fd, 4))
		return -errno;
	return take_fd(&fd);
}

int ipc_accept(int listener, uid_t uid)
{
	_cleanup_close_ int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred peer = { 0, (uid_t)-1, (gid_t)-1 };
	socklen_t len = sizeof(peer);

	if (fd < 0)
		return errno == ECONNABORTED ? -EAGAIN : -errno;
	/* The kernel's word, of the moment of connect(): then the agent had met nobody yet. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return -errno;
	if (peer.uid != uid) {
		audit("ipc", AUDIT_REFUSED, "uid", AUDIT_NUM(peer.uid), "pid",
		      AUDIT_NUM((uint64_t)peer.pid), "reason", "not the agent's user");
		return -EACCES;
	}
	return take_fd(&fd);
}

int ipc_connect(const char *path)
{
	_cleanup_close_ int fd = socket(AF_UNIX, IPC_SOCKET, 0);
	struct sockaddr_un sa;
	int r;

	if (fd < 0)
		return -errno;
	if ((r = address(&sa, path)))
		return r;
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)))
		return -errno;
	return take_fd(&fd);
}

int ipc_pair(int fd[2])
{
	return socketpair(AF_UNIX, IPC_SOCKET, 0, fd) ? -errno : 0;
}
