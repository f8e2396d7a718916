/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dialer makes sockets and hands them over. It opens no file and reads no byte of a
 * connection; names are the resolver's.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "seccomp/policy.h"

const struct sb_rule sb_dialer[] = {
	ALLOW(epoll_wait),    /* the loop */
	ALLOW(recvmsg),	      /* requests of the agent */
	ALLOW(sendmsg),	      /* answers, with the socket */
	ALLOW(recvfrom),      /* answers of the resolver */
	ALLOW(sendto),	      /* questions to it */
	ALLOW(epoll_ctl),     /* a connection attempt joins or leaves the loop */
	ALLOW(close),	      /* attempts that lost, sockets that were handed over */
	ALLOW(clock_gettime), /* timers, where the vDSO has no clock */
	ALLOW(brk),	      /* malloc() */
	ALLOW(write),	      /* the log */

	ALLOW(socket, INT(0, AF_INET), BITS(1, 0xf, SOCK_STREAM)),  /* ACS, transfers, listening */
	ALLOW(socket, INT(0, AF_INET6), BITS(1, 0xf, SOCK_STREAM)), /* the same */
	ALLOW(socket, INT(0, AF_INET), BITS(1, 0xf, SOCK_DGRAM)),   /* STUN, diagnostics */
	ALLOW(socket, INT(0, AF_INET6), BITS(1, 0xf, SOCK_DGRAM)),  /* the same */
	ALLOW(connect),	    /* what this role is for; the egress policy decides whereto */
	ALLOW(bind),	    /* connection requests */
	ALLOW(listen),	    /* the same */
	ALLOW(accept4),	    /* an agent that was started again (own service) */
	ALLOW(getsockname), /* the local address of a connection */
	ALLOW(getpeername), /* and the other's */
	ALLOW(getsockopt, INT(1, SOL_SOCKET), INT(2, SO_ERROR)),	 /* how an attempt ended */
	ALLOW(getsockopt, INT(1, SOL_SOCKET), INT(2, SO_PEERCRED)),	 /* is it the agent? */
	ALLOW(setsockopt, INT(1, SOL_SOCKET), INT(2, SO_BINDTODEVICE)),	 /* wan.interface */
	ALLOW(setsockopt, INT(1, SOL_SOCKET), INT(2, SO_BINDTOIFINDEX)), /* Interface of a test */
	ALLOW(getsockopt, INT(1, SOL_SOCKET), INT(2, SO_BINDTOIFINDEX)), /* is it wan.interface? */
	ALLOW(setsockopt, INT(1, IPPROTO_IP), INT(2, IP_TOS)),		 /* DSCP of a test */
	ALLOW(setsockopt, INT(1, IPPROTO_IPV6), INT(2, IPV6_TCLASS)),	 /* the same */
	ALLOW(setsockopt, INT(1, SOL_SOCKET), INT(2, SO_PRIORITY)), /* EthernetPriority of a test */
	ALLOW(setsockopt, INT(1, SOL_SOCKET), INT(2, SO_TIMESTAMPNS)), /* UDP echo: arrivals */
	ALLOW(setsockopt, INT(1, IPPROTO_IP), INT(2, IP_PKTINFO)),     /* and at which address */
	ALLOW(setsockopt, INT(1, IPPROTO_IPV6), INT(2, IPV6_RECVPKTINFO)), /* the same */
	ALLOW(setsockopt, INT(1, SOL_SOCKET), INT(2, SO_REUSEADDR)),  /* listening again at once */
	ALLOW(setsockopt, INT(1, IPPROTO_IPV6), INT(2, IPV6_V6ONLY)), /* one listener for both */

	ALLOW(restart_syscall), /* SIGSTOP and SIGCONT */
	ALLOW(exit_group),	/* the end */
	END
};
