/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/http/tls.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "lib/clock.h"
#include "lib/log.h"

/* Forward secrecy and AEAD (RFC 9325 4.2). */
#define AEAD_SUITES "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20"
#define COMPAT_SUITES AEAD_SUITES ":ECDHE+AES:RSA+AESGCM:RSA+AES:!PSK:!SRP:!aNULL"

struct tls {
	X509_STORE *store;
	X509 *cert;
	STACK_OF(X509) * chain;
	EVP_PKEY *key;
	bool compat, has_ca, said;
	int64_t not_before;
	char *ca; /* not parsed yet */
	size_t ca_len;
};

static int tls_index = -1; /* where a store keeps its struct tls */

static BIO *open_pem(const char *pem, size_t len)
{
	return len && len <= INT_MAX ? BIO_new_mem_buf(pem, (int)len) : NULL;
}

static int refused(const char *what)
{
	log_err("%s: %s", what, ERR_reason_error_string(ERR_peek_last_error()) ?: "empty");
	ERR_clear_error();
	return -EINVAL;
}

static int load_ca(struct tls *tls, const char *ca, size_t len)
{
	BIO *bio = open_pem(ca, len);
	int n = 0;
	X509 *x;

	if (!bio)
		return len ? -ENOMEM : 0;
	while ((x = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL))) {
		if (X509_STORE_add_cert(tls->store, x))
			n++;
		X509_free(x);
	}
	BIO_free(bio);
	tls->has_ca = n > 0;
	if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE || !n)
		return refused("trusted certificates (acs.ca_file)");
	ERR_clear_error();
	return 0;
}

static int keep_ca(struct tls *tls, const char *ca, size_t len)
{
	tls->ca = malloc(len + 1);
	if (!tls->ca)
		return -ENOMEM;
	memcpy(tls->ca, ca, len);
	tls->ca_len = len;
	return 0;
}

static int load_cert(struct tls *tls, const struct tls_config *cfg)
{
	BIO *bio = open_pem(cfg->cert, cfg->cert_len);
	X509 *x;

	if (!bio)
		return cfg->cert_len ? -ENOMEM : 0;
	tls->chain = sk_X509_new_null();
	tls->cert = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
	while (tls->cert && tls->chain && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		if (sk_X509_push(tls->chain, x) <= 0)
			X509_free(x);
	}
	BIO_free(bio);
	if (!tls->cert)
		return refused("client certificate (acs.cert_file)");
	ERR_clear_error();
	return 0;
}

/* A key with a passphrase cannot be used: nobody is there to type it. */
static int no_passphrase(char *buf, int size, int rwflag, void *arg)
{
	return -1;
}

static int load_key(struct tls *tls, const struct tls_config *cfg)
{
	BIO *bio = open_pem(cfg->key, cfg->key_len);

	if (!bio)
		return cfg->key_len ? -ENOMEM : 0;
	tls->key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	return tls->key ? 0 : refused("client key (acs.key_file)");
}

bool tls_forgives_date(bool clock_right, int error, const X509 *cert, int64_t past)
{
	time_t floor = (time_t)past;

	if (clock_right)
		return false;
	if (error == X509_V_ERR_CERT_HAS_EXPIRED)
		return X509_cmp_time(X509_get0_notAfter(cert), &floor) > 0;
	return error == X509_V_ERR_CERT_NOT_YET_VALID;
}

static int check_dates(int ok, X509_STORE_CTX *ctx)
{
	struct tls *tls = X509_STORE_get_ex_data(X509_STORE_CTX_get0_store(ctx), tls_index);

	if (ok || !tls)
		return ok;
	if (!tls_forgives_date(clock_synced(), X509_STORE_CTX_get_error(ctx),
			       X509_STORE_CTX_get_current_cert(ctx), tls->not_before))
		return 0;
	if (!tls->said)
		log_warn("the clock is not set: dates of certificates are not checked");
	tls->said = true;
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

int tls_curl_setup(void *curl, void *ssl_ctx, void *arg)
{
	const struct tls *tls = arg;
	SSL_CTX *ctx = ssl_ctx;

	SSL_CTX_set1_cert_store(ctx, tls->store);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, check_dates);
	/* TR-069 A6 3.3; a renegotiation could change the peer in mid-session. */
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	if (tls->cert && SSL_CTX_use_cert_and_key(ctx, tls->cert, tls->key, tls->chain, 1) != 1)
		return CURLE_SSL_CERTPROBLEM;
	return CURLE_OK;
}

const char *tls_ciphers(const struct tls *tls)
{
	return tls->compat ? COMPAT_SUITES : AEAD_SUITES;
}

bool tls_has_ca(struct tls *tls)
{
	if (tls->ca) {
		(void)load_ca(tls, tls->ca, tls->ca_len);
		free(tls->ca);
		tls->ca = NULL;
	}
	return tls->has_ca;
}

void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	X509_STORE_free(tls->store);
	X509_free(tls->cert);
	sk_X509_pop_free(tls->chain, X509_free);
	EVP_PKEY_free(tls->key);
	free(tls->ca);
	free(tls);
}

int tls_new(struct tls **out, const struct tls_config *cfg)
{
	struct tls *tls = calloc(1, sizeof(*tls));
	int r = -ENOMEM;

	if (!tls)
		return r;
	if (tls_index < 0)
		tls_index = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_X509_STORE, 0, NULL, NULL, NULL,
						    NULL);
	tls->compat = cfg->compat;
	tls->not_before = cfg->not_before;
	tls->store = X509_STORE_new();
	if (!tls->store || tls_index < 0 || !X509_STORE_set_ex_data(tls->store, tls_index, tls))
		goto fail;
	r = cfg->ca_later && cfg->ca_len ? keep_ca(tls, cfg->ca, cfg->ca_len)
					 : load_ca(tls, cfg->ca, cfg->ca_len);
	if (!r)
		r = load_cert(tls, cfg);
	if (!r)
		r = load_key(tls, cfg);
	if (r)
		goto fail;
	if (!tls->cert != !tls->key ||
	    (tls->cert && X509_check_private_key(tls->cert, tls->key) != 1)) {
		r = refused("client certificate and key do not belong together");
		goto fail;
	}
	*out = tls;
	return 0;
fail:
	tls_free(tls);
	return r;
}
