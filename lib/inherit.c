/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * Libraries take from the environment where to write the keys of TLS connections (SSLKEYLOGFILE),
 * what to load (OPENSSL_CONF), which names are others (HOSTALIASES). A number of standard error's
 * that is free would be taken by the next file or socket, into which the log would then go.
 */
int inherit_nothing(void)
{
	int null;

	do
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (null >= 0 && null <= STDERR_FILENO);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		return -errno;
	if (close_range(STDERR_FILENO + 1, ~0u, 0))
		return -errno;
	return clearenv() ? -ENOMEM : 0;
}
