/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/result.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEST_UID 64720

static int wanted_n;
static char **wanted;
static int failures;

void result_only(int argc, char **argv)
{
	wanted_n = argc - 1;
	wanted = argv + 1;
}

bool result_wanted(const char *name)
{
	int i;

	for (i = 0; i < wanted_n; i++) {
		if (strstr(name, wanted[i]))
			return true;
	}
	return !wanted_n;
}

void result_ok(const char *name)
{
	printf("ok %s\n", name);
	fflush(stdout);
}

void result_fail(const char *name, const char *fmt, ...)
{
	va_list ap;

	failures++;
	printf("FAIL %s - ", name);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
}

void result_skip(const char *name, const char *why)
{
	printf("skip %s - %s\n", name, why);
	fflush(stdout);
}

int result_status(void)
{
	return failures ? 1 : 0;
}

int in_child(void (*fn)(void *arg), void *arg)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return -1;
	if (!pid) {
		alarm(5);
		fn(arg);
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

bool died_of(int status, int sig)
{
	return status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == sig;
}

struct sb_request request_for(enum sb_role role)
{
	struct sb_request req = { .role = role, .uid = TEST_UID, .gid = TEST_UID };

	if (role == SB_PARENT)
		req.uid = req.gid = 0;
	return req;
}
