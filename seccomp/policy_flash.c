/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flash role: MTD by descriptors that were open before, memfds of the agent read once. It can
 * make no descriptor but accept one client and receive one memfd with a request.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <mtd/mtd-user.h>
#include <mtd/ubi-user.h>

#include "config.h"
#include "seccomp/policy.h"

/* clang-format off */
/* On the slot that does not run, and on the two copies of the environment. */
#define MTD(cmd) \
	ALLOW(ioctl, INT(0, SB_FD_SLOT), INT(1, cmd)), \
	ALLOW(ioctl, INT(0, SB_FD_ENV), INT(1, cmd)), \
	ALLOW(ioctl, INT(0, SB_FD_ENV_REDUNDANT), INT(1, cmd))
/* clang-format on */

const struct sb_rule sb_flash[] = {
	ALLOW(ppoll),				      /* the frame's loop */
	ALLOW(recvmsg),				      /* requests of the agent */
	ALLOW(sendmsg),				      /* replies */
	ALLOW(pread64),				      /* the agent's memfds, the flash */
	ALLOW(pwrite64, INT(0, SB_FD_SLOT)),	      /* the flash, and nothing else */
	ALLOW(pwrite64, INT(0, SB_FD_ENV)),	      /* the same */
	ALLOW(pwrite64, INT(0, SB_FD_ENV_REDUNDANT)), /* the same */
	MTD(MEMERASE64),     /* one block of the slot or of the environment */
	MTD(MEMGETBADBLOCK), /* is it to be skipped? */
	MTD(MEMSETBADBLOCK), /* it failed */
	MTD(ECCGETSTATS),    /* could ECC repair what was read? */
#ifdef CONFIG_FLASH_UBI
	MTD(UBI_IOCEBCH), /* a block of a volume is replaced; its bytes follow by write() */
#endif
	ALLOW(sync), /* block2mtd: the image lies in the flash before the environment says so */
	ALLOW(fcntl, INT(1, F_GET_SEALS)),	   /* is the memfd out of the agent's hands? */
	ALLOW(fstat),				   /* its size and kind */
	ALLOW(newfstatat, WORD(3, AT_EMPTY_PATH)), /* glibc's fstat() */
	ALLOW(clock_gettime),			   /* time-outs, where the vDSO has no clock */
	ALLOW(accept4),				   /* the agent, again after it was restarted */
	ALLOW(getsockopt, INT(1, SOL_SOCKET), INT(2, SO_PEERCRED)), /* is it the agent? */
	ALLOW(close),						    /* its connection, memfds */
	ALLOW(write),						    /* the log */
	ALLOW(brk),						    /* libcrypto's malloc() */
	ALLOW(getrandom),			  /* glibc's malloc() at its first use */
	ALLOW(getpid),				  /* libcrypto looks for forks */
	ALLOW(futex, INT(1, FUTEX_WAKE_PRIVATE)), /* libcrypto's once; there is one thread */
	ALLOW(rt_sigreturn),			  /* SIGTERM */
	ALLOW(restart_syscall),			  /* SIGSTOP and SIGCONT */
	ALLOW(exit_group),			  /* the end */
	END
};
