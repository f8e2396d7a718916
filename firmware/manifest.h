/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manifest of a firmware image (docs/firmware-format.md): who may run it and the SHA-256 of
 * every chunk of the payload. All numbers are little-endian. Pure: nothing is copied, allocated
 * or read from elsewhere. What is parsed here is not trusted before fw_verify().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FW_MAGIC "SALLYFW" /* with its terminating zero: 8 bytes */
#define FW_FORMAT 1
#define FW_HEAD_BYTES 256
#define FW_TEXT_BYTES 64 /* model, version: padded with zeros, at most 63 used */
#define FW_HASH_BYTES 32
#define FW_KEY_ID_BYTES 8
#define FW_SIGNATURE_BYTES 64
#define FW_SIGNED_BYTES (FW_KEY_ID_BYTES + FW_SIGNATURE_BYTES) /* follows the manifest */
#define FW_CHUNK_MIN 4096u
#define FW_CHUNK_MAX (1u << 20)
#define FW_CHUNKS_MAX 8192u /* 512 MiB in chunks of 64 KiB; a manifest of 256 KiB */
#define FW_MANIFEST_MAX (FW_HEAD_BYTES + FW_CHUNKS_MAX * FW_HASH_BYTES)

/* Why an image is refused. fw_reason_text() is for the log and for TransferComplete. */
enum fw_reason {
	FW_OK,
	FW_TRUNCATED, /* fewer bytes than the manifest says */
	FW_BAD_MAGIC,
	FW_BAD_FORMAT, /* a later format */
	FW_BAD_FIELD,  /* sizes that don't fit each other, unpadded text, reserved bytes not zero */
	FW_UNKNOWN_KEY,
	FW_REVOKED_KEY,
	FW_BAD_SIGNATURE,
	FW_WRONG_MODEL,
	FW_DOWNGRADE, /* security counter under the stored one */
	FW_JUMP,      /* counter further above the stored one than the operator allows */
	FW_TOO_BIG,   /* for the slot */
	FW_BAD_CHUNK, /* wrong length or SHA-256 */
	FW_REASONS
};

const char *fw_reason_text(enum fw_reason reason);

struct fw_manifest {
	char model[FW_TEXT_BYTES]; /* terminated, printable ASCII */
	char version[FW_TEXT_BYTES];
	uint32_t counter;    /* security counter */
	uint32_t chunk_size; /* bytes, a power of two; the last chunk may be shorter */
	uint32_t chunks;
	uint64_t payload;      /* bytes */
	const uint8_t *hashes; /* chunks x FW_HASH_BYTES, in the caller's bytes */
};

/* Length of the whole manifest, from its first FW_HEAD_BYTES; 0 when they are not a manifest. */
size_t fw_manifest_length(const void *head, size_t len);
/* bytes must hold exactly the manifest, and live as long as m. */
enum fw_reason fw_manifest_parse(struct fw_manifest *m, const void *bytes, size_t len);

/* Bytes of chunk i; 0 when there is none of that number. */
uint32_t fw_chunk_bytes(const struct fw_manifest *m, uint32_t i);
