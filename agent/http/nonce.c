/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/http/nonce.h"

#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "lib/hex.h"
#include "lib/limits.h"
#include "lib/rand.h"

/* time (8), random (8), first half of HMAC-SHA-256 over both (16) */
struct nonce_raw {
	uint8_t time[8], rnd[8], mac[16];
};
_Static_assert(sizeof(struct nonce_raw) * 2 + 1 == NONCE_TEXT, "text of a nonce");

int nonces_init(struct nonces *n)
{
	memset(n, 0, sizeof(*n));
	return rand_bytes(n->key, sizeof(n->key));
}

static int sign(const struct nonces *n, const struct nonce_raw *raw, uint8_t mac[16])
{
	uint8_t full[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	if (!HMAC(EVP_sha256(), n->key, sizeof(n->key), raw->time, 16, full, &len) || len < 16)
		return -EIO;
	memcpy(mac, full, 16);
	return 0;
}

int nonce_make(struct nonces *n, uint64_t now_ms, char out[NONCE_TEXT])
{
	struct nonce_raw raw;
	int r;

	for (int i = 0; i < 8; i++)
		raw.time[i] = (uint8_t)(now_ms >> (56 - 8 * i));
	r = rand_bytes(raw.rnd, sizeof(raw.rnd));
	if (!r)
		r = sign(n, &raw, raw.mac);
	if (!r)
		hex_encode(out, &raw, sizeof(raw));
	return r;
}

static uint64_t issued(const struct nonce_raw *raw)
{
	uint64_t t = 0;

	for (int i = 0; i < 8; i++)
		t = t << 8 | raw->time[i];
	return t;
}

static int decode(const struct nonces *n, const char *text, struct nonce_raw *raw)
{
	uint8_t mac[16];

	if (strlen(text) != NONCE_TEXT - 1 || hex_decode(raw, text, NONCE_TEXT - 1))
		return -EINVAL;
	if (sign(n, raw, mac) || CRYPTO_memcmp(mac, raw->mac, sizeof(mac)))
		return -EINVAL;
	return 0;
}

/* Index of its entry, NONCE_USED_MAX when it was not used. */
static size_t find_used(const struct nonces *n, const struct nonce_raw *raw)
{
	size_t i;

	for (i = 0; i < NONCE_USED_MAX; i++) {
		if (n->used[i].nc && !memcmp(n->used[i].id, raw->mac, sizeof(n->used[i].id)))
			break;
	}
	return i;
}

enum nonce_verdict nonce_check(const struct nonces *n, const char *text, uint32_t nc,
			       uint64_t now_ms)
{
	struct nonce_raw raw;
	size_t i;

	if (decode(n, text, &raw))
		return NONCE_UNKNOWN;
	if (issued(&raw) > now_ms || now_ms - issued(&raw) >= CONNREQ_NONCE_MS)
		return NONCE_STALE;
	i = find_used(n, &raw);
	if (!nc || (i < NONCE_USED_MAX && nc <= n->used[i].nc))
		return NONCE_STALE;
	return NONCE_GOOD;
}

int nonce_use(struct nonces *n, const char *text, uint32_t nc, uint64_t now_ms)
{
	struct nonce_raw raw;
	size_t i;

	if (nonce_check(n, text, nc, now_ms) != NONCE_GOOD || decode(n, text, &raw))
		return -EINVAL;
	i = find_used(n, &raw);
	if (i == NONCE_USED_MAX) {
		for (i = 0; i < NONCE_USED_MAX; i++) {
			if (!n->used[i].nc || now_ms - n->used[i].issued_ms >= CONNREQ_NONCE_MS)
				break;
		}
	}
	/* Full: forgetting one would let it be replayed, so forget the key and with it all. */
	if (i == NONCE_USED_MAX)
		return nonces_init(n);
	memcpy(n->used[i].id, raw.mac, sizeof(n->used[i].id));
	n->used[i].issued_ms = issued(&raw);
	n->used[i].nc = nc;
	return 0;
}
