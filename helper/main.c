/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sallyport-helper: one process per power. The first process starts as root, forks the roles, and
 * then can do nothing but wait for them: when one ends, all end, and the service manager starts
 * anew.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "helper/serve.h"
#include "lib/array.h"
#include "lib/clock.h"
#include "lib/inherit.h"
#include "lib/limits.h"
#include "lib/log.h"

static const struct role *const all_roles[] = {
#ifdef CONFIG_ROLE_RADIO
	&radio_role,
#endif
#ifdef CONFIG_ROLE_STATION
	&station_role,
#endif
#ifdef CONFIG_ROLE_PROBE
	&probe_role,
#endif
#ifdef CONFIG_ROLE_FLASH
	&flash_role,
#endif
#ifdef CONFIG_ROLE_SYSTEM
	&system_role,
#endif
	NULL
};

struct child {
	const struct role *role;
	pid_t pid; /* 0: not running */
	int line;
	char path[128]; /* of its socket */
};

static struct child children[ARRAY_SIZE(all_roles)];
static bool stopping;

static void be_child(struct child *c, const struct conf *conf, const char *run_dir, int line)
{
	static struct role_io io; /* frames of 4 KiB are in it */
	char name[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(children); i++) {
		if (children[i].pid)
			close(children[i].line);
	}
	(void)snprintf(name, sizeof(name), "sallyport-%s", ipc_role_name(c->role->ipc));
	log_open(name);
	(void)prctl(PR_SET_NAME, name);
	io.role = c->role;
	_exit(role_serve(&io, conf, run_dir, line));
}

static int start(struct child *c, const struct conf *conf, const char *run_dir)
{
	int pair[2];
	pid_t pid;

	(void)snprintf(c->path, sizeof(c->path), "%s/%s.sock", run_dir,
		       ipc_role_name(c->role->ipc));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid = fork();
	if (pid < 0) {
		close(pair[0]);
		close(pair[1]);
		return -EAGAIN;
	}
	if (!pid) {
		close(pair[0]);
		be_child(c, conf, run_dir, pair[1]);
	}
	close(pair[1]);
	c->pid = pid;
	c->line = pair[0];
	return 0;
}

/* A role says one byte when it is in its sandbox and can work. */
static int wait_ready(const struct child *c, uint64_t until)
{
	struct pollfd p = { c->line, POLLIN, 0 };
	uint64_t now = clock_mono_ms();
	char byte;
	int n;

	do
		n = poll(&p, 1, now < until ? (int)(until - now) : 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return -ETIMEDOUT;
	return read(c->line, &byte, 1) == 1 ? 0 : -ECHILD;
}

static int start_all(const struct conf *conf, const char *run_dir)
{
	uint64_t until = clock_mono_ms() + HELPER_START_MS;
	size_t i, n = 0;
	int r;

	for (i = 0; all_roles[i]; i++) {
		if (!conf_str(conf, all_roles[i]->user_key, NULL))
			continue;
		children[n].role = all_roles[i];
		if ((r = start(&children[n++], conf, run_dir)))
			return r;
	}
	if (!n) {
		log_err("no role has a user in the configuration");
		return -ENOENT;
	}
	for (i = 0; i < n; i++) {
		if ((r = wait_ready(&children[i], until))) {
			log_err("the %s role did not start: %s",
				ipc_role_name(children[i].role->ipc), strerror(-r));
			return r;
		}
	}
	return 0;
}

/* What this process ends with when c ended with status. */
static int verdict(const struct child *c, int status)
{
	const char *name = ipc_role_name(c->role->ipc);

	if (stopping)
		return 1;
	if (WIFSIGNALED(status)) {
		log_err("the %s role was killed by signal %d%s", name, WTERMSIG(status),
			WTERMSIG(status) == SIGSYS ? " (a system call that it may not make)" : "");
		return 1;
	}
	status = WEXITSTATUS(status);
	if ((c->role->reboots && status == HELPER_EXIT_REBOOT) ||
	    (c->role->resets && status == HELPER_EXIT_FACTORY_RESET)) {
		log_notice("the %s role asks the service manager to act: status %d", name, status);
		return status;
	}
	log_err("the %s role ended with status %d", name, status);
	return 1;
}

/* Collects the children that have ended. The first one's verdict, -1: none had. */
static int reap(void)
{
	int status, result = -1;
	pid_t pid;
	size_t i;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < ARRAY_SIZE(children); i++) {
			if (children[i].pid != pid)
				continue;
			children[i].pid = 0;
			if (result < 0)
				result = verdict(&children[i], status);
		}
	}
	return result;
}

static bool any_left(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(children); i++) {
		if (children[i].pid)
			return true;
	}
	return false;
}

static void stop_all(const sigset_t *set, int sig, int ms)
{
	uint64_t until = clock_mono_ms() + (uint64_t)ms;
	struct timespec tick = { 0, 100 * 1000000 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(children); i++) {
		if (children[i].pid)
			(void)kill(children[i].pid, sig);
	}
	while (any_left() && clock_mono_ms() < until) {
		(void)sigtimedwait(set, NULL, &tick);
		(void)reap();
	}
}

static int wait_for_end(const sigset_t *set)
{
	int sig, result;

	for (;;) {
		sig = sigwaitinfo(set, NULL);
		if (sig == SIGTERM || sig == SIGINT) {
			log_info("ends");
			return 0;
		}
		result = reap();
		if (result >= 0)
			return result;
	}
}

static int run(const struct conf *conf)
{
	const char *run_dir = conf_str(conf, "run.dir", "/run/sallyport");
	/* To remove the sockets at the end. */
	const struct sb_path paths[] = { { run_dir, true } };
	const struct sb_request parent = { .role = SB_PARENT,
					   .paths = paths,
					   .npaths = ARRAY_SIZE(paths) };
	int r, result = 1;
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return 1;
	if (mkdir(run_dir, 0755) && errno != EEXIST) {
		log_err("%s: %s", run_dir, strerror(errno));
		return 1;
	}
	r = start_all(conf, run_dir);
	if (!r && !(r = sb_enter(&parent))) {
		log_notice("ready");
		result = wait_for_end(&set);
	}
	stopping = true;
	stop_all(&set, SIGTERM, HELPER_STOP_MS);
	stop_all(&set, SIGKILL, HELPER_STOP_MS);
	for (i = 0; i < ARRAY_SIZE(children); i++) {
		if (children[i].role)
			(void)unlink(children[i].path);
	}
	return result;
}

static int usage(void)
{
	fprintf(stderr, "usage: sallyport-helper -c FILE\n");
	return 2;
}

int main(int argc, char **argv)
{
	const char *file = NULL;
	struct conf *conf;
	int opt, r;

	log_open("sallyport-helper");
	while ((opt = getopt(argc, argv, "c:")) != -1) {
		if (opt != 'c')
			return usage();
		file = optarg;
	}
	if (!file || optind != argc)
		return usage();
	if (geteuid() != 0) {
		log_err("must be started as root");
		return 1;
	}
	r = inherit_nothing();
	if (r) {
		log_err("what was inherited: %s", strerror(-r));
		return 1;
	}
	umask(077);
	if (conf_load(&conf, file) || conf_log_level(conf))
		return 1;
	r = run(conf);
	conf_free(conf);
	return r;
}
