/* SPDX-License-Identifier: Apache-2.0 */
/* The system role: one file that was open before, and its own end. */
#include <sys/socket.h>

#include "seccomp/policy.h"

const struct sb_rule sb_system[] = {
	ALLOW(ppoll),	      /* the frame's loop */
	ALLOW(recvmsg),	      /* requests of the agent */
	ALLOW(sendmsg),	      /* replies */
	ALLOW(clock_gettime), /* CLOCK_BOOTTIME, where the vDSO does not have it */
	ALLOW(accept4),	      /* the agent, again after it was restarted */
	ALLOW(getsockopt, INT(1, SOL_SOCKET), INT(2, SO_PEERCRED)), /* is it the agent? */
	ALLOW(close),						    /* its connection */
	ALLOW(write),						    /* the log */
	ALLOW(pwrite64),					    /* the record */
	ALLOW(ftruncate),	/* the same: the newest line only */
	ALLOW(fsync),		/* it must be there after the reboot */
	ALLOW(sync),		/* everything else, too */
	ALLOW(brk),		/* malloc() */
	ALLOW(getrandom),	/* glibc's malloc() at its first use */
	ALLOW(rt_sigreturn),	/* SIGTERM */
	ALLOW(restart_syscall), /* SIGSTOP and SIGCONT */
	ALLOW(exit_group),	/* the end, with the status that says which */
	END
};
