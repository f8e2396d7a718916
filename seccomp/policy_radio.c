/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The radio role: nl80211 and hostapd through sockets and one file that were open before. With
 * CAP_NET_ADMIN it is the most powerful role, so it can make no descriptor but accept one client.
 */
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "seccomp/policy.h"

const struct sb_rule sb_radio[] = {
	ALLOW(ppoll),	 /* the frame's loop */
	ALLOW(poll),	 /* answers of the kernel and of hostapd */
	ALLOW(recvmsg),	 /* requests of the agent, netlink answers */
	ALLOW(sendmsg),	 /* replies, netlink requests: built by nl80211/build.c only */
	ALLOW(recvfrom), /* hostapd's answers */
	ALLOW(sendto, WORD(5, sizeof(struct sockaddr_un))), /* commands to hostapd's socket */
	ALLOW(clock_gettime), /* time-outs, where the vDSO has no clock */
	ALLOW(accept4),	      /* the agent, again after it was restarted */
	ALLOW(getsockopt, INT(1, SOL_SOCKET), INT(2, SO_PEERCRED)), /* is it the agent? */
	ALLOW(close),						    /* its connection */
	ALLOW(write),						    /* the log */
	ALLOW(pwrite64),	/* the configuration that hostapd reads */
	ALLOW(ftruncate),	/* the same */
	ALLOW(brk),		/* malloc() */
	ALLOW(rt_sigreturn),	/* SIGTERM */
	ALLOW(restart_syscall), /* SIGSTOP and SIGCONT */
	ALLOW(exit_group),	/* the end */
	END
};
