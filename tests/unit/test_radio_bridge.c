/* SPDX-License-Identifier: Apache-2.0 */
/* The operator's bridges, made by a helper that its unit lets make no internet socket. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/radio.h"

enum { MADE, CANNOT_TRY, FAILED };

/* RestrictAddressFamilies=AF_UNIX AF_NETLINK, as in sallyport-helper.service */
static int restrict_families(void)
{
	static const int others[] = { AF_INET, AF_INET6, AF_PACKET };
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int r = ctx ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i < ARRAY_SIZE(others); i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
				     SCMP_A0(SCMP_CMP_EQ, (uint64_t)others[i], 0));
	if (!r)
		r = seccomp_load(ctx);
	seccomp_release(ctx);
	return r;
}

static int try(void)
{
	int r;

	if (unshare(CLONE_NEWNET) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || restrict_families())
		return CANNOT_TRY;
	r = radio_bridges("br-lan br-guest");
	if (r == -ENOPKG || r == -ENOTTY) /* a kernel without bridges */
		return CANNOT_TRY;
	return !r && if_nametoindex("br-lan") && if_nametoindex("br-guest") ? MADE : FAILED;
}

static void bridges_are_made_without_an_internet_socket(void **state)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(try());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == CANNOT_TRY)
		skip();
	assert_int_equal(WEXITSTATUS(status), MADE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(bridges_are_made_without_an_internet_socket),
	};

	return cmocka_run_group_tests_name("radio_bridge", tests, NULL, NULL);
}
