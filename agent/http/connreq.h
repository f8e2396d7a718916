/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct connreq;

/*
 * Connection-request server (TR-069 A6 3.2.2). Anybody may reach this port, so: GET only, a head
 * of at most 2 KiB, 5 s, four connections, digest only, a nonce good once.
 */
struct connreq_ops {
	/* The credentials of the moment; false: requests are refused (none set). Strings stay
	 * valid until the next call. */
	bool (*credentials)(void *arg, const char **user, const char **password);
	/* The path that is ours, with its leading slash; NULL: not enabled. */
	const char *(*path)(void *arg);
	/* An authenticated request; the 200 has been written already. */
	void (*accepted)(void *arg);
	void *arg;
};

struct connreq_config {
	bool sha256;		    /* challenge with SHA-256 instead of MD5 (RFC 7616) */
	uint32_t unauth_per_minute; /* answers to what is not authenticated; above: 503 */
};

int connreq_new(struct connreq **out, struct loop *loop, const struct connreq_config *cfg,
		const struct connreq_ops *ops);
void connreq_free(struct connreq *cr);
/* Takes the listening socket (non-blocking); -1 closes the port. 0 or -errno. */
int connreq_listen(struct connreq *cr, int fd);
bool connreq_listening(const struct connreq *cr);
