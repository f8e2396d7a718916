/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ipc/dialer.h"

struct loop;
struct dial;

/* The agent's side of the dialer. All calls are asynchronous; answers come from the loop. */

/* status: 0 or -errno as ipc/dialer.h lists them. fd: a connected or listening non-blocking
 * socket that the callee owns, or -1. conn is zeroed on failure; for a listener and a bound
 * datagram socket only local is set. */
typedef void (*dial_fn)(void *arg, int status, int fd, const struct dial_conn *conn);
typedef void (*dial_servers_fn)(void *arg, int status, const struct dial_servers *servers);
typedef void (*dial_resolved_fn)(void *arg, int status, const struct dial_resolved *names);

#define DIAL_MAX_PENDING 8

/* Takes the connected SOCK_SEQPACKET descriptor. When the dialer goes away the loop is quit. */
int dial_new(struct dial **out, struct loop *loop, int fd);
void dial_free(struct dial *dial);

/* Each returns an id > 0 or -errno; after -errno the callback is not called. */
int dial_connect(struct dial *dial, const struct dial_connect *req, dial_fn fn, void *arg);
int dial_listen(struct dial *dial, enum dial_purpose purpose, dial_fn fn, void *arg);
int dial_udp(struct dial *dial, const struct dial_udp *req, dial_fn fn, void *arg);
int dial_resolve(struct dial *dial, const struct dial_resolve *req, dial_resolved_fn fn, void *arg);
int dial_servers(struct dial *dial, dial_servers_fn fn, void *arg);
/* The callback will not be called; a socket that comes later is closed. */
void dial_cancel(struct dial *dial, int id);
