/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "firmware/verify.h"

static int sha256(const void *data, size_t len, uint8_t out[FW_HASH_BYTES])
{
	return EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL) == 1 ? 0 : -EIO;
}

int fw_key_id(const uint8_t raw[FW_PUBLIC_BYTES], uint8_t id[FW_KEY_ID_BYTES])
{
	uint8_t hash[FW_HASH_BYTES];
	int r = sha256(raw, FW_PUBLIC_BYTES, hash);

	if (r == 0)
		memcpy(id, hash, FW_KEY_ID_BYTES);
	return r;
}

int fw_keyring_add(struct fw_keyring *ring, const uint8_t raw[FW_PUBLIC_BYTES])
{
	struct fw_key *key;
	int r;

	if (ring->keys == FW_KEYS_MAX)
		return -ENOSPC;
	key = &ring->key[ring->keys];
	r = fw_key_id(raw, key->id);
	if (r)
		return r;
	memcpy(key->raw, raw, FW_PUBLIC_BYTES);
	ring->keys++;
	return 0;
}

int fw_keyring_revoke(struct fw_keyring *ring, const uint8_t id[FW_KEY_ID_BYTES])
{
	if (ring->revocations == FW_REVOKED_MAX)
		return -ENOSPC;
	memcpy(ring->revoked[ring->revocations++], id, FW_KEY_ID_BYTES);
	return 0;
}

static const struct fw_key *find(const struct fw_keyring *ring, const uint8_t *id)
{
	for (size_t i = 0; i < ring->keys; i++)
		if (!memcmp(ring->key[i].id, id, FW_KEY_ID_BYTES))
			return &ring->key[i];
	return NULL;
}

static bool revoked(const struct fw_keyring *ring, const uint8_t *id)
{
	for (size_t i = 0; i < ring->revocations; i++)
		if (!memcmp(ring->revoked[i], id, FW_KEY_ID_BYTES))
			return true;
	return false;
}

enum fw_reason fw_verify(const struct fw_keyring *ring, const void *manifest, size_t len,
			 const uint8_t sig[FW_SIGNED_BYTES])
{
	enum fw_reason reason = FW_BAD_SIGNATURE;
	const struct fw_key *key = find(ring, sig);
	EVP_MD_CTX *ctx = NULL;
	EVP_PKEY *pkey = NULL;

	if (revoked(ring, sig))
		return FW_REVOKED_KEY;
	if (!key)
		return FW_UNKNOWN_KEY;
	pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->raw, FW_PUBLIC_BYTES);
	ctx = EVP_MD_CTX_new();
	if (pkey && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
	    EVP_DigestVerify(ctx, sig + FW_KEY_ID_BYTES, FW_SIGNATURE_BYTES, manifest, len) == 1)
		reason = FW_OK;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return reason;
}

enum fw_reason fw_verify_chunk(const struct fw_manifest *m, uint32_t i, const void *data,
			       size_t len)
{
	uint8_t hash[FW_HASH_BYTES];

	if (len == 0 || len != fw_chunk_bytes(m, i) || sha256(data, len, hash))
		return FW_BAD_CHUNK;
	return CRYPTO_memcmp(hash, m->hashes + (size_t)i * FW_HASH_BYTES, FW_HASH_BYTES)
		       ? FW_BAD_CHUNK
		       : FW_OK;
}
