/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names only: glibc's "files" and "dns" in a process of their own, because getaddrinfo() blocks and
 * reads the resolver's files again and again. Landlock leaves it those.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "seccomp/policy.h"

const struct sb_rule sb_resolver[] = {
	ALLOW(recvfrom),		/* questions of the dialer, answers of name servers */
	ALLOW(sendto),			/* the other way; the netlink request of RFC 6724's order */
	ALLOW(recvmsg),			/* the local addresses, by netlink */
	ALLOW(sendmmsg),		/* A and AAAA at once */
	ALLOW(poll),			/* waits for a name server */
	ALLOW(ioctl, INT(1, FIONREAD)), /* how long the answer is */
	ALLOW(close),			/* files and sockets of one question */
	ALLOW(brk),			/* malloc() */
	ALLOW(futex, INT(1, FUTEX_WAKE_PRIVATE)), /* glibc's once, at the first gai.conf */
	ALLOW(clock_gettime),			  /* time-outs, where the vDSO has no clock */
	ALLOW(write),				  /* the log */
	ALLOW(socket, INT(0, AF_INET), BITS(1, 0xf, SOCK_DGRAM)), /* DNS; trial connect() of 6724 */
	ALLOW(socket, INT(0, AF_INET6), BITS(1, 0xf, SOCK_DGRAM)),  /* the same */
	ALLOW(socket, INT(0, AF_INET), BITS(1, 0xf, SOCK_STREAM)),  /* DNS answers that were cut */
	ALLOW(socket, INT(0, AF_INET6), BITS(1, 0xf, SOCK_STREAM)), /* the same */
	ERRNO(socket, EACCES, INT(0, AF_UNIX)), /* glibc looks for nscd: there is none for us */
	ALLOW(socket, INT(0, AF_NETLINK), BITS(1, 0xf, SOCK_RAW), INT(2, NETLINK_ROUTE)), /* 6724 */
	ALLOW(connect),	    /* to the name servers; trial connect() of 6724 */
	ALLOW(bind),	    /* the netlink socket */
	ALLOW(getsockname), /* which source address would be used; the netlink port */
	ALLOW(setsockopt, INT(1, IPPROTO_IP),
	      INT(2, IP_RECVERR)), /* an unreachable server fails at once */
	ALLOW(setsockopt, INT(1, IPPROTO_IPV6), INT(2, IPV6_RECVERR)),	 /* the same */
	ALLOW(writev),							 /* DNS by TCP */
	ALLOW(openat, BITS(2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY)), /* resolv.conf, hosts */
	ALLOW(newfstatat),	/* has resolv.conf changed? */
	ALLOW(read),		/* the same files, DNS by TCP */
	ALLOW(lseek),		/* stdio, at the end of a file */
	ALLOW(uname),		/* the default domain, when resolv.conf was replaced */
	ALLOW(restart_syscall), /* SIGSTOP and SIGCONT */
	ALLOW(exit_group),	/* the end */
	END
};
