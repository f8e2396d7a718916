/* SPDX-License-Identifier: Apache-2.0 */
/* The probe role: two raw sockets that were open before, and nothing else to reach for. */
#include <sys/socket.h>

#include "seccomp/policy.h"

const struct sb_rule sb_probe[] = {
	ALLOW(ppoll),	      /* the frame's loop */
	ALLOW(recvmsg),	      /* requests of the agent, ICMP */
	ALLOW(sendmsg),	      /* replies, echo requests: built by helper/probe_echo.c only */
	ALLOW(clock_gettime), /* round-trip times, where the vDSO has no clock */
	ALLOW(accept4),	      /* the agent, again after it was restarted */
	ALLOW(getsockopt, INT(1, SOL_SOCKET), INT(2, SO_PEERCRED)), /* is it the agent? */
	ALLOW(close),						    /* its connection */
	ALLOW(write),						    /* the log */
	ALLOW(getrandom),	/* identifier and token of a test */
	ALLOW(brk),		/* malloc() */
	ALLOW(rt_sigreturn),	/* SIGTERM */
	ALLOW(restart_syscall), /* SIGSTOP and SIGCONT */
	ALLOW(exit_group),	/* the end */
	END
};
