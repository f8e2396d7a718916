/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bridges that the operator lets a BSS be part of. Made at start when nobody else has, so that
 * hostapd finds them: one that hostapd makes goes with the first BSS that leaves it.
 */
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/sockios.h>

#include "helper/radio.h"
#include "lib/cleanup.h"
#include "lib/log.h"

static int make(int sock, const char *name)
{
	struct ifreq r = { .ifr_flags = 0 };

	memcpy(r.ifr_name, name, strlen(name));
	if (ioctl(sock, SIOCBRADDBR, name) < 0)
		return errno == EEXIST ? 0
				       : -errno; /* also something that is no bridge: ADD fails */
	if (ioctl(sock, SIOCGIFFLAGS, &r) < 0)
		return -errno;
	r.ifr_flags |= IFF_UP;
	return ioctl(sock, SIOCSIFFLAGS, &r) < 0 ? -errno : 0;
}

int radio_bridges(const char *list)
{
	char names[RADIO_BRIDGES_MAX][NL_IFNAME_MAX];
	_cleanup_close_ int sock = -1;
	int n = plan_names(list, RADIO_BRIDGES_MAX, names), i, e = n < 0 ? n : 0;

	if (n > 0) {
		/* Of any family; the unit lets the helper make no others. */
		sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		e = sock < 0 ? -errno : 0;
	}
	for (i = 0; !e && i < n; i++)
		e = make(sock, names[i]);
	if (e < 0)
		log_err("radio: radio.bridges: '%s': %s", list, strerror(-e));
	return e;
}
