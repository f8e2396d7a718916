/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP digest, the side that challenges (RFC 7616, RFC 2617 for MD5). Pure: no clock, no I/O.
 * The client side is libcurl's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum digest_alg { DIGEST_MD5, DIGEST_SHA256 };

#define DIGEST_HEX_MAX 65    /* SHA-256 in hex and the NUL */
#define DIGEST_VALUE_MAX 256 /* one parameter of the header: TR-181 user names have up to 256 */

/* The parameters of "Authorization: Digest ...", with quoted-pairs undone. "" when absent. */
struct digest_auth {
	char username[DIGEST_VALUE_MAX + 1];
	char realm[DIGEST_VALUE_MAX + 1];
	char nonce[DIGEST_VALUE_MAX + 1];
	char uri[DIGEST_VALUE_MAX + 1];
	char response[DIGEST_HEX_MAX];
	char algorithm[16];
	char cnonce[DIGEST_VALUE_MAX + 1];
	char qop[16];
	char nc[9];
	uint32_t nc_value;
};

/*
 * value is what follows "Authorization:". Unknown parameters are skipped. -EPROTONOSUPPORT: another
 * scheme; -EINVAL: malformed, a parameter given twice, too long, or one that we need is missing
 * (username, realm, nonce, uri, response; with qop also cnonce and nc).
 */
int digest_parse(struct digest_auth *out, const char *value, size_t n);

/*
 * The response hash in lower-case hex. qop "" is RFC 2069's form. 0 or -errno.
 */
int digest_response(enum digest_alg alg, const struct digest_auth *auth, const char *password,
		    const char *method, char out[DIGEST_HEX_MAX]);

/*
 * Does auth prove user and password for method? In constant time over user and response; also
 * compares realm and algorithm, and wants qop "auth". Nonce and uri are the caller's.
 */
bool digest_verify(enum digest_alg alg, const struct digest_auth *auth, const char *realm,
		   const char *user, const char *password, const char *method);
const char *digest_alg_name(enum digest_alg alg);
