/* SPDX-License-Identifier: Apache-2.0 */
/* The station role: wpa_supplicant by a socket that was there before, and a folder to watch. */
#include <sys/socket.h>
#include <sys/un.h>

#include "seccomp/policy.h"

const struct sb_rule sb_station[] = {
	ALLOW(ppoll),					    /* the frame's loop */
	ALLOW(poll),					    /* answers of wpa_supplicant */
	ALLOW(recvmsg),					    /* requests of the agent */
	ALLOW(sendmsg),					    /* replies and events */
	ALLOW(recvfrom),				    /* wpa_supplicant's answers */
	ALLOW(sendto, WORD(5, sizeof(struct sockaddr_un))), /* commands to its socket */
	ALLOW(read),					    /* inotify: it has come or gone */
	ALLOW(clock_gettime), /* time-outs, where the vDSO has no clock */
	ALLOW(accept4),	      /* the agent, again after it was restarted */
	ALLOW(getsockopt, INT(1, SOL_SOCKET), INT(2, SO_PEERCRED)), /* is it the agent? */
	ALLOW(close),						    /* its connection */
	ALLOW(write),						    /* the log */
	ALLOW(brk),						    /* malloc() */
	ALLOW(getrandom),	/* glibc's malloc() at its first use */
	ALLOW(rt_sigreturn),	/* SIGTERM */
	ALLOW(restart_syscall), /* SIGSTOP and SIGCONT */
	ALLOW(exit_group),	/* the end */
	END
};
