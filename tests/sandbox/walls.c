/* SPDX-License-Identifier: Apache-2.0 */
/* S8, S9, P1: what a process looks like, and cannot reach, after sb_enter(). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/limits.h"
#include "seccomp/policy.h"
#include "tests/sandbox/result.h"

static char dir[] = "/tmp/sallyport-walls.XXXXXX";
static char inside[64], outside[64], secret[96];

/* What the child saw; shared with it. */
static char *why;

#define EXPECT(x)                                                          \
	do {                                                               \
		if (!(x)) {                                                \
			snprintf(why, 256, "%s: %s", #x, strerror(errno)); \
			_exit(1);                                          \
		}                                                          \
	} while (0)

static bool denied(int r)
{
	return r < 0 && (errno == EACCES || errno == EPERM || errno == EXDEV);
}

static int make_files(void)
{
	int fd;

	if (!mkdtemp(dir) || chmod(dir, 0755))
		return -1;
	(void)snprintf(inside, sizeof(inside), "%s/state", dir);
	(void)snprintf(outside, sizeof(outside), "%s/other", dir);
	(void)snprintf(secret, sizeof(secret), "%s/secret", outside);
	if (mkdir(inside, 0777) || mkdir(outside, 0777) || chmod(inside, 0777) ||
	    chmod(outside, 0777))
		return -1;
	fd = open(secret, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	return fd < 0 || fchmod(fd, 0666) || close(fd);
}

static void remove_files(void)
{
	char cmd[128];

	(void)snprintf(cmd, sizeof(cmd), "%s/new", inside);
	(void)unlink(cmd);
	(void)snprintf(cmd, sizeof(cmd), "%s/final", inside);
	(void)unlink(cmd);
	(void)unlink(secret);
	(void)rmdir(inside);
	(void)rmdir(outside);
	(void)rmdir(dir);
}

static struct sb_request agent_request(void)
{
	static struct sb_path paths[3];
	struct sb_request req = request_for(SB_AGENT);

	paths[0] = (struct sb_path){ inside, true };
	paths[1] = (struct sb_path){ "/proc", false };
	paths[2] = (struct sb_path){ "/sys", false };
	req.paths = paths;
	req.npaths = 3;
	return req;
}

/* All of sb_enter(), then openat() as the agent's table allows it. */
static void escape_agent(void *arg)
{
	const struct sb_request req = agent_request();
	int state, fd;

	state = open(inside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	EXPECT(sb_enter(&req) == 0);
	EXPECT((fd = openat(state, "new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) >= 0);
	EXPECT(write(fd, "x", 1) == 1);
	EXPECT(renameat(state, "new", state, "final") == 0);
	EXPECT((fd = openat(AT_FDCWD, "/proc/uptime", O_RDONLY | O_CLOEXEC)) >= 0);
	EXPECT((fd = openat(AT_FDCWD, "/sys", O_RDONLY | O_CLOEXEC)) >= 0);
	EXPECT(denied(openat(AT_FDCWD, "/etc/shadow", O_RDONLY)));
	EXPECT(denied(openat(AT_FDCWD, "/etc/passwd", O_RDONLY)));
	EXPECT(denied(openat(AT_FDCWD, "/", O_RDONLY)));
	EXPECT(denied(openat(AT_FDCWD, "/proc/1/mem", O_RDONLY)));
	EXPECT(denied(openat(AT_FDCWD, "/proc/self/mem", O_RDONLY)));
	EXPECT(denied(openat(AT_FDCWD, "/dev/null", O_RDONLY)));
	EXPECT(denied(openat(AT_FDCWD, secret, O_RDONLY)));
	EXPECT(denied(openat(state, "../other/secret", O_RDONLY)));
	EXPECT(denied(openat(state, "..", O_RDONLY)));
	EXPECT(denied(openat(state, "../other/new", O_WRONLY | O_CREAT | O_TRUNC, 0600)));
	EXPECT(denied(renameat(state, "final", state, "../other/final")));
	EXPECT(denied(renameat(state, "../other/secret", state, "mine")));
	EXPECT(denied(
		openat(AT_FDCWD, "/proc/sys/kernel/hostname", O_WRONLY | O_CREAT | O_TRUNC, 0)));
}

static bool tcp_denied(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd >= 0 && denied(connect(fd, (struct sockaddr *)&to, sizeof(to)));
}

/* Landlock alone, without the filter that would stop most of this before. */
static void escape_radio(void *arg)
{
	const struct sb_request req = request_for(SB_RADIO);
	int abi = sb_landlock_abi();

	EXPECT(sb_landlock(&req, &sb_policies[SB_RADIO], abi) == 0);
	EXPECT(denied(open("/", O_RDONLY)));
	EXPECT(denied(open("/etc/passwd", O_RDONLY)));
	EXPECT(denied(open("/proc/uptime", O_RDONLY)));
	EXPECT(denied(open("/dev/null", O_RDWR)));
	EXPECT(denied(open(secret, O_RDWR)));
	EXPECT(denied(mkdir("/tmp/sallyport-x", 0700)));
	EXPECT(denied(mknod("/tmp/sallyport-x", S_IFIFO | 0600, 0)));
	EXPECT(denied(symlink("/", "/tmp/sallyport-x")));
	EXPECT(denied(link(secret, "/tmp/sallyport-x")));
	EXPECT(denied(unlink(secret)));
	EXPECT(denied(rename(secret, "/tmp/sallyport-x")));
	EXPECT(denied(execl("/bin/true", "true", (char *)NULL)));
	EXPECT(abi < 3 || denied(truncate(secret, 0)));
	EXPECT(abi < 4 || tcp_denied());
	EXPECT(abi < 6 || denied(kill(getppid(), 0)));
}

/* A kernel without Landlock: an own root, empty or with the paths alone. */
static void own_root_empty(void *arg)
{
	const struct sb_request req = request_for(SB_RADIO);

	EXPECT(sb_root(&req) == 0);
	EXPECT(open("/etc/passwd", O_RDONLY) < 0 && errno == ENOENT);
	EXPECT(open("/../../etc/passwd", O_RDONLY) < 0 && errno == ENOENT);
	EXPECT(open("/proc", O_RDONLY) < 0 && errno == ENOENT);
	EXPECT(mkdir("/x", 0700) < 0 && errno == ENOENT);
	EXPECT(open("/x", O_RDWR | O_CREAT, 0600) < 0 && errno == ENOENT);
}

static void own_root_paths(void *arg)
{
	const struct sb_request req = agent_request();
	char path[96];

	EXPECT(sb_root(&req) == 0);
	EXPECT(open("/etc/passwd", O_RDONLY) < 0 && errno == ENOENT);
	EXPECT(open(secret, O_RDONLY) < 0 && errno == ENOENT);
	(void)snprintf(path, sizeof(path), "%s/new", inside);
	EXPECT(open(path, O_RDWR | O_CREAT, 0600) >= 0);
	EXPECT(open("/proc/uptime", O_RDONLY) >= 0);
	EXPECT(open("/proc/sys/kernel/hostname", O_WRONLY) < 0 && errno == EROFS);
	EXPECT(open("/x", O_RDWR | O_CREAT, 0600) < 0 && errno == EROFS);
	EXPECT(mkdir("/tmp/x", 0700) < 0 && errno == EROFS);
}

static int tcp_listener(struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*at);

	*at = (struct sockaddr_in){ .sin_family = AF_INET };
	at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd < 0 || bind(fd, (struct sockaddr *)at, len) || listen(fd, 4) ||
			       getsockname(fd, (struct sockaddr *)at, &len)
		       ? -1
		       : fd;
}

/* The listening socket that the dialer has handed over is taken back and sent elsewhere. */
static void connect_by_a_listener(void *arg)
{
	const struct sb_request req = agent_request();
	struct sockaddr_in at;
	struct iovec iov = { at.sin_zero, sizeof(at.sin_zero) };
	const struct msghdr msg = {
		.msg_name = &at, .msg_namelen = sizeof(at), .msg_iov = &iov, .msg_iovlen = 1
	};
	int handed_in = tcp_listener(&at), elsewhere = tcp_listener(&at);

	EXPECT(handed_in >= 0 && elsewhere >= 0);
	EXPECT(sb_enter(&req) == 0);
	(void)shutdown(handed_in, SHUT_RDWR);
	(void)sendmsg(handed_in, &msg, MSG_FASTOPEN | MSG_DONTWAIT | MSG_NOSIGNAL);
	EXPECT(accept4(elsewhere, NULL, NULL, SOCK_CLOEXEC) < 0);
	_exit(0);
}

static void dies_in_a_child(const char *name, void (*fn)(void *arg))
{
	int status;

	if (!result_wanted(name))
		return;
	why[0] = '\0';
	status = in_child(fn, NULL);
	if (died_of(status, SIGSYS))
		result_ok(name);
	else
		result_fail(name, "%s (status %d)", why[0] ? why : "it lives", status);
}

static void in_a_child(const char *name, void (*fn)(void *arg))
{
	int status;

	if (!result_wanted(name))
		return;
	why[0] = '\0';
	status = in_child(fn, NULL);
	if (status < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
		result_fail(name, "%s (status %d)", why[0] ? why : "died", status);
	else
		result_ok(name);
}

static void enter_and_wait(const struct sb_request *req)
{
	alarm(20);
	if (sb_enter(req))
		_exit(1);
	for (;;)
		__asm__ volatile("" : : : "memory");
}

static long status_field(pid_t pid, const char *field, int base)
{
	char path[64], line[256];
	long value = -1;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, field, strlen(field)))
			value = strtol(line + strlen(field), NULL, base);
	}
	if (f)
		fclose(f);
	return value;
}

static const char *status_wrong(pid_t pid, const struct sb_policy *p, uid_t uid)
{
	static const char *const caps[] = { "CapPrm:", "CapEff:", "CapBnd:" };
	long want = p->caps[0] == SB_NO_CAP ? 0 : 1L << p->caps[0];
	size_t i;

	if (status_field(pid, "NoNewPrivs:", 10) != 1 || status_field(pid, "Seccomp:", 10) != 2)
		return "NoNewPrivs or Seccomp";
	if (status_field(pid, "Uid:", 10) != (long)uid)
		return "Uid";
	if (status_field(pid, "CapInh:", 16) || status_field(pid, "CapAmb:", 16))
		return "inheritable or ambient capabilities";
	for (i = 0; i < 3; i++) {
		if (status_field(pid, caps[i], 16) != want)
			return caps[i];
	}
	return NULL;
}

/* The hard limit as /proc/PID/limits has it; ULONG_MAX: unlimited or not found. */
static unsigned long hard_limit(pid_t pid, const char *name)
{
	unsigned long value = ULONG_MAX;
	char path[64], line[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/limits", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		unsigned long soft, hard;

		if (!strncmp(line, name, strlen(name)) &&
		    sscanf(line + strlen(name), "%lu %lu", &soft, &hard) == 2)
			value = hard;
	}
	if (f)
		fclose(f);
	return value;
}

static const char *limits_wrong(pid_t pid, const struct sb_policy *p)
{
	const struct {
		const char *name;
		unsigned long most;
	} limits[] = {
		{ "Max processes", 0 },
		{ "Max core file size", 0 },
		{ "Max open files", strcmp(p->name, "agent") ? 32 : 72 },
		{ "Max file size", SANDBOX_FSIZE },
		{ "Max msgqueue size", 0 },
		{ "Max locked memory", 0 },
	};
	struct stat st;
	char path[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		if (hard_limit(pid, limits[i].name) > limits[i].most)
			return limits[i].name;
	}
	/* Not dumpable: its files in /proc belong to root. */
	(void)snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	if (p->root || (!stat(path, &st) && st.st_uid == 0))
		return NULL;
	return "dumpable";
}

static void status_of(enum sb_role role)
{
	const struct sb_policy *p = &sb_policies[role];
	struct sb_request req = request_for(role);
	const char *wrong = "did not enter";
	char p1[96], s9[96];
	pid_t pid;
	int i;

	(void)snprintf(p1, sizeof(p1), "P1_uid_capabilities_no_new_privs[role=%s]", p->name);
	(void)snprintf(s9, sizeof(s9), "S9_limits_and_not_dumpable[role=%s]", p->name);
	if (!result_wanted(p1) && !result_wanted(s9))
		return;
	pid = fork();
	if (!pid)
		enter_and_wait(&req);
	for (i = 0; i < 500 && status_field(pid, "Seccomp:", 10) != 2; i++)
		usleep(10000);
	wrong = status_wrong(pid, p, req.uid);
	if (wrong)
		result_fail(p1, "%s", wrong);
	else
		result_ok(p1);
	wrong = limits_wrong(pid, p);
	if (wrong)
		result_fail(s9, "%s", wrong);
	else
		result_ok(s9);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	int role;

	result_only(argc, argv);
	why = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (why == MAP_FAILED || make_files())
		return 1;
	if (sb_landlock_abi() > 0) {
		in_a_child("S8_the_agent_reaches_its_paths_and_nothing_else", escape_agent);
		in_a_child("S8_a_role_of_the_helper_reaches_nothing", escape_radio);
	} else {
		result_skip("S8_the_agent_reaches_its_paths_and_nothing_else", "no Landlock here");
		result_skip("S8_a_role_of_the_helper_reaches_nothing", "no Landlock here");
	}
	dies_in_a_child("S5_the_agent_connects_nowhere_by_a_listening_socket",
			connect_by_a_listener);
	in_a_child("S8_without_landlock_an_empty_root", own_root_empty);
	in_a_child("S8_without_landlock_a_root_of_the_paths", own_root_paths);
	for (role = 0; role < SB_ROLES; role++)
		status_of(role);
	remove_files();
	return result_status();
}
