/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hostapd 2.10 and later through its global control socket, as the radio role uses it: one
 * datagram socket for all commands, and one configuration file through which every BSS is added.
 *
 * Its answers carry no number. An answer that comes too late would be taken for the next one's, so
 * after a time-out the line is cleared with PING until PONG comes back.
 *
 * The role never attaches to hostapd's events: hostapd blocks altogether when an attached client
 * does not read. Never RELOAD: it drops the stations of every BSS of the radio.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

#include "nl80211/build.h"

#define HOSTAPD_REPLY_MAX 4096 /* its own limit for an answer */

struct hostapd {
	int sock;
	int conf;	   /* the file's descriptor */
	int patience_ms;   /* with one command */
	bool late;	   /* an answer is still owed for a command given up */
	uint64_t deadline; /* ms on CLOCK_MONOTONIC, of all commands until it is set anew */
	struct sockaddr_un to;
	char path[108]; /* of the file, as hostapd opens it */
	char reply[HOSTAPD_REPLY_MAX + 1];
};

/*
 * As root, before lockdown: makes dir and the file in it (hostapd's group may read them), binds
 * the socket. hostapd itself need not run. 0 or -errno, logged.
 */
int hostapd_open(struct hostapd *h, const char *global, const char *dir, uid_t owner, gid_t group);
void hostapd_close(struct hostapd *h);

/*
 * One question. 0; -ENOTCONN: hostapd is not running; -ETIMEDOUT; -EREMOTEIO: it answered FAIL.
 * The text of the answer is in h->reply. A command is a question to which OK is the only answer.
 */
int hostapd_ask(struct hostapd *h, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int hostapd_ok(const struct hostapd *h);
#define hostapd_command(h, ...) (hostapd_ask(h, __VA_ARGS__) ?: hostapd_ok(h))

/* Is name among the lines of an INTERFACES answer? */
bool hostapd_lists(const char *interfaces, const char *name);

/* Writes the file, adds the BSS to the radio of that number, and makes the file unreadable again
 * (it holds a key, and a SIGHUP would have hostapd read it for every BSS). */
int hostapd_add(struct hostapd *h, uint32_t wiphy, const char *text, size_t len);
