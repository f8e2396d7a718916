/* SPDX-License-Identifier: Apache-2.0 */
/* The helper's first process: waits for its children, and ends the others when one has ended. */
#include <signal.h>

#include "seccomp/policy.h"

const struct sb_rule sb_parent[] = {
	ALLOW(rt_sigtimedwait),	      /* SIGCHLD, or SIGTERM of the service manager */
	ALLOW(wait4),		      /* which child has ended, and how */
	ALLOW(kill, INT(1, SIGTERM)), /* the others then end too */
	ALLOW(kill, INT(1, SIGKILL)), /* and must */
	ALLOW(clock_gettime),	      /* how long already */
	ALLOW(write),		      /* the log */
	ALLOW(brk),		      /* malloc() */
	ALLOW(unlink),		      /* the roles' sockets */
	ALLOW(exit_group),	      /* the end, with the reserved status if a role asked for it */
	END
};
