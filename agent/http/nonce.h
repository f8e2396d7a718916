/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nonces of the connection-request server. A nonce carries its time and is signed, so that handing
 * one out costs no memory: only those that were used by somebody with the right password are
 * remembered, until they expire. Pure: the caller brings the time.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define NONCE_TEXT 65 /* 32 bytes in hex and the NUL */
#define NONCE_USED_MAX 64

struct nonce_used {
	uint8_t id[16];
	uint64_t issued_ms;
	uint32_t nc; /* highest count accepted; 0: free entry */
};

struct nonces {
	uint8_t key[32];
	struct nonce_used used[NONCE_USED_MAX];
};

enum nonce_verdict {
	NONCE_GOOD,
	NONCE_STALE, /* ours, but too old or its count was used: ask again with stale=true */
	NONCE_UNKNOWN,
};

int nonces_init(struct nonces *n); /* 0 or -errno: no random numbers */
int nonce_make(struct nonces *n, uint64_t now_ms, char out[NONCE_TEXT]);
/* Is it ours and fresh, with a count not seen yet? Changes nothing. */
enum nonce_verdict nonce_check(const struct nonces *n, const char *text, uint32_t nc,
			       uint64_t now_ms);
/* After the password was proven: this count, and all below it, will not be good again. */
int nonce_use(struct nonces *n, const char *text, uint32_t nc, uint64_t now_ms);
