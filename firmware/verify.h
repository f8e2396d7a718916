/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures and hashes of an image, on libcrypto. No file, no network, no X.509. */
#pragma once

#include "firmware/manifest.h"

#define FW_KEYS_MAX 4
#define FW_REVOKED_MAX 16
#define FW_PUBLIC_BYTES 32 /* raw Ed25519 public key (RFC 8032 5.1.5) */

struct fw_key {
	uint8_t id[FW_KEY_ID_BYTES];
	uint8_t raw[FW_PUBLIC_BYTES];
};

struct fw_keyring {
	struct fw_key key[FW_KEYS_MAX];
	size_t keys;
	uint8_t revoked[FW_REVOKED_MAX][FW_KEY_ID_BYTES];
	size_t revocations;
};

/* The id of a key: the first bytes of the SHA-256 of its 32 raw bytes. 0 or -EIO. */
int fw_key_id(const uint8_t raw[FW_PUBLIC_BYTES], uint8_t id[FW_KEY_ID_BYTES]);
/* 0, -ENOSPC when FW_KEYS_MAX are there, -EIO. */
int fw_keyring_add(struct fw_keyring *ring, const uint8_t raw[FW_PUBLIC_BYTES]);
int fw_keyring_revoke(struct fw_keyring *ring, const uint8_t id[FW_KEY_ID_BYTES]);

/*
 * Is `manifest` signed by a key of the ring that is not revoked? sig is what follows the manifest:
 * the key's id and the Ed25519 signature over exactly the manifest's bytes.
 */
enum fw_reason fw_verify(const struct fw_keyring *ring, const void *manifest, size_t len,
			 const uint8_t sig[FW_SIGNED_BYTES]);
/* FW_OK or FW_BAD_CHUNK. m must have passed fw_verify(). */
enum fw_reason fw_verify_chunk(const struct fw_manifest *m, uint32_t i, const void *data,
			       size_t len);
