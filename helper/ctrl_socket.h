/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The global control socket of hostapd and of wpa_supplicant, 2.10 and later, as the roles use it:
 * one datagram socket for all commands.
 *
 * Their answers carry no number. An answer that comes too late would be taken for the next one's,
 * so after a time-out the line is cleared with PING until PONG comes back.
 *
 * No role ever attaches to events: both programs block altogether when an attached client does not
 * read.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

#define CTRL_REPLY_MAX 4096 /* their own limit for an answer */

struct ctrl_socket {
	int sock;
	int patience_ms;   /* with one command */
	bool late;	   /* an answer is still owed for a command given up */
	uint64_t deadline; /* ms on CLOCK_MONOTONIC, of all commands until it is set anew */
	struct sockaddr_un to;
	char reply[CTRL_REPLY_MAX + 1];
};

/* As root, before lockdown. Nobody needs to listen at path yet. 0 or -errno, logged. */
int ctrl_open(struct ctrl_socket *, const char *path);
void ctrl_close(struct ctrl_socket *);

/*
 * One question. 0; -ENOTCONN: nobody listens; -ETIMEDOUT; -EREMOTEIO: the answer is FAIL. The text
 * of the answer is in reply. A command is a question to which OK is the only answer.
 */
int ctrl_ask(struct ctrl_socket *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int ctrl_ok(const struct ctrl_socket *);
#define ctrl_command(c, ...) (ctrl_ask(c, __VA_ARGS__) ?: ctrl_ok(c))

/* ms until one looks again whether what shall hold does. last_ms: what was said before; held: it
 * did; error: now. */
uint32_t ctrl_again_ms(uint32_t last_ms, bool held, int error);

/* Is name among the lines of an INTERFACES answer? */
bool ctrl_lists(const char *interfaces, const char *name);
