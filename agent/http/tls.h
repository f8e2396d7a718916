/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What TLS trusts and shows: parsed once, before the sandbox, and lent to every connection, so
 * that no file is read and no PEM is parsed later.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

struct tls;

struct tls_config {
	bool compat; /* also TLS 1.2 suites without AEAD (TR-069 A6 3.3 wants AES128-SHA) */
	/* PEM. ca empty: no server is trusted. cert and key: both or none. */
	const char *ca, *cert, *key;
	size_t ca_len, cert_len, key_len;
	/* ca is the system's long list: kept, and parsed (20 ms) when it is first needed. */
	bool ca_later;
	/* While the clock is not set, a certificate that expired before this is refused all the
	 * same (Unix seconds: of the build, or the last time known). */
	int64_t not_before;
};

/* 0; -EINVAL: PEM that does not parse or a key that does not belong to cert, logged; -ENOMEM. */
int tls_new(struct tls **out, const struct tls_config *cfg);
void tls_free(struct tls *tls);
/* CURLOPT_SSL_CTX_FUNCTION of a handle whose CURLOPT_SSL_CTX_DATA is tls. Returns a CURLcode. */
int tls_curl_setup(void *curl, void *ssl_ctx, void *tls);
/* For TLS 1.2: CURLOPT_SSL_CIPHER_LIST. */
const char *tls_ciphers(const struct tls *tls);
/*
 * Dates count once the clock is right. Before that a gateway must still reach its ACS (TR-069 A6
 * 3.3), but a certificate that had expired in the past, which is known, stays refused. error:
 * X509_V_ERR_x; past: Unix seconds.
 */
bool tls_forgives_date(bool clock_right, int error, const X509 *cert, int64_t past);
/* Is there anybody who could vouch for a server? */
bool tls_has_ca(struct tls *tls);
