/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hostapd as the radio role uses it: its control socket, and one configuration file through which
 * every BSS is added. Never RELOAD: it drops the stations of every BSS of the radio.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "helper/ctrl_socket.h"

#define HOSTAPD_LIST_MAX 256 /* of INTERFACES: what does not fit is left out without a word */

struct hostapd {
	struct ctrl_socket ctrl;
	int conf;	/* the file's descriptor */
	char path[108]; /* of the file, as hostapd opens it */
};

/*
 * As root, before lockdown: makes dir and the file in it (hostapd's group may read them), binds
 * the socket. hostapd itself need not run. 0 or -errno, logged.
 */
int hostapd_open(struct hostapd *h, const char *global, const char *dir, uid_t owner, gid_t group);
void hostapd_close(struct hostapd *h);

/* Writes the file, adds the BSS to the radio of that number, and makes the file unreadable again
 * (it holds a key, and a SIGHUP would have hostapd read it for every BSS). */
int hostapd_add(struct hostapd *h, uint32_t wiphy, const char *text, size_t len);
