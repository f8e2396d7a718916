/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent: sockets are handed in, files are below Landlock's few paths, memory comes from brk()
 * alone. It cannot make a socket, a process or a mapping, and has no ioctl().
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include "seccomp/policy.h"

const struct sb_rule sb_agent[] = {
	/* First what a session does most: a filter is walked from its beginning. */
	ALLOW(epoll_wait),	   /* the loop */
	ALLOW(write),		   /* the log, the store, curl's wake-up socket */
	ALLOW(recvfrom),	   /* HTTP and TLS records, connection requests */
	ALLOW(sendto, WORD(4, 0)), /* the same the other way, on connected sockets: no address */
	/* MSG_FASTOPEN is a connect(): by it a listening socket that shutdown() has taken back
	 * goes anywhere. */
	ALLOW(sendmsg, BITS(2, MSG_FASTOPEN, 0)), /* requests to the roles, netlink, datagrams */
	ALLOW(recvmsg),				  /* their answers */
	ALLOW(poll),				  /* curl's own waiting, a reply of a role */
	ALLOW(epoll_ctl),			  /* a socket joins or leaves the loop */
	ALLOW(close),				  /* sockets, files */
	ALLOW(brk),				  /* malloc() */
	ALLOW(clock_gettime), /* where the vDSO has no clock (some virtual machines) */
	ALLOW(getrandom),     /* OpenSSL, nonces, jitter */
	ALLOW(getpid),	      /* OpenSSL asks whether it was forked */
	ALLOW(futex, INT(1, FUTEX_WAKE_PRIVATE)), /* OpenSSL's and glibc's once and unlock */

	/* SOCKETS: none is made here. The dialer hands connected and listening ones in. */
	ERRNO(connect, EINPROGRESS), /* libcurl 7.88.1 calls it on a connected socket; then polls */
	ALLOW(accept4),		     /* connection requests and sallyportctl, listeners handed in */
	ALLOW(shutdown),	     /* a connection request's answer ends */
	ALLOW(getsockname),	     /* curl notes the connection's addresses */
	ALLOW(getpeername),	     /* curl; the source of a connection request */
	ALLOW(getsockopt, INT(1, SOL_SOCKET), INT(2, SO_ERROR)),     /* curl: did it connect? */
	ALLOW(getsockopt, INT(1, SOL_SOCKET), INT(2, SO_PEERCRED)),  /* who is sallyportctl */
	ALLOW(setsockopt, INT(1, IPPROTO_TCP), INT(2, TCP_NODELAY)), /* curl */
	ALLOW(fcntl, INT(1, F_GETFL)), /* curl makes its socket non-blocking */
	ALLOW(fcntl, INT(1, F_SETFL)), /* the same */

	/* FILES: Landlock says which. curl's libpsl looks for a newer list of public suffixes, is
	 * told EACCES by it, and uses its own. */
	ALLOW(openat, BITS(2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY)), /* /proc, /sys; libpsl */
	ALLOW(newfstatat),						 /* libpsl */
	ALLOW(pread64),	   /* a log file that is sent, from any place of it */
	ALLOW(read),	   /* ProcessStatus, MemoryStatus, hwmon, leases; a radio's address */
	ALLOW(getdents64), /* which processes and sensors there are */
	ALLOW(openat, BITS(2, O_ACCMODE | O_CREAT | O_TRUNC,
			   O_WRONLY | O_CREAT | O_TRUNC)), /* the store's new file */
	ALLOW(fsync),					   /* the store survives a power cut */
	ALLOW(renameat),				   /* the store is replaced in one step */

	/* A chunk of firmware, handed to the flash role. */
	ALLOW(memfd_create, INT(1, MFD_CLOEXEC | MFD_ALLOW_SEALING)), /* never mapped, never run */
	ALLOW(fcntl, INT(1, F_ADD_SEALS)), /* nobody can change it any more */

	/* Is the clock set? Setting it wants CAP_SYS_TIME. */
	ALLOW(clock_adjtime, INT(0, CLOCK_REALTIME)), /* certificate dates, CurrentLocalTime */

	/* The end. */
	ALLOW(rt_sigaction),	/* curl ignores SIGPIPE while it closes a TLS connection */
	ALLOW(restart_syscall), /* a poll() that SIGSTOP and SIGCONT interrupted */
	ALLOW(exit_group),	/* the end */
	END
};
