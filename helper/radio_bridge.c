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

/* A name is a word of hostapd's file. */
static bool name_ok(const char *name)
{
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789._-")] == '\0' &&
	       name[0] != '.' && name[0] != '-';
}

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
	_cleanup_close_ int sock = -1;
	char name[NL_IFNAME_MAX];
	unsigned int n;
	int e = 0;

	if (!list[0])
		return 0;
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -errno;
	for (n = 1; !e && plan_word(list, n, name, sizeof(name)); n++)
		e = n > RADIO_BRIDGES_MAX || !name_ok(name) ? -EINVAL : make(sock, name);
	/* The list ended early by a word that is too long for an interface. */
	if (!e && plan_words(list) != n - 1)
		e = -ENAMETOOLONG;
	if (e < 0)
		log_err("radio: radio.bridges: '%s': %s", name, strerror(-e));
	return e;
}
