/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "firmware/manifest.h"

enum {
	AT_MAGIC = 0,
	AT_FORMAT = 8,
	AT_LENGTH = 12,
	AT_MODEL = 16,
	AT_VERSION = 80,
	AT_COUNTER = 144,
	AT_CHUNK_SIZE = 148,
	AT_PAYLOAD = 152,
	AT_CHUNKS = 160,
	AT_ZERO = 164,
};

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t le64(const uint8_t *p)
{
	return le32(p) | (uint64_t)le32(p + 4) << 32;
}

const char *fw_reason_text(enum fw_reason reason)
{
	static const char *const text[FW_REASONS] = {
		[FW_OK] = "fine",
		[FW_TRUNCATED] = "image is cut short",
		[FW_BAD_MAGIC] = "not a Sallyport image",
		[FW_BAD_FORMAT] = "image format is newer than this agent",
		[FW_BAD_FIELD] = "manifest contradicts itself",
		[FW_UNKNOWN_KEY] = "signed with an unknown key",
		[FW_REVOKED_KEY] = "signed with a revoked key",
		[FW_BAD_SIGNATURE] = "signature does not match",
		[FW_WRONG_MODEL] = "image is for another hardware model",
		[FW_DOWNGRADE] = "security counter is lower than the installed one",
		[FW_JUMP] = "security counter is too far above the installed one",
		[FW_TOO_BIG] = "image is larger than the slot",
		[FW_BAD_CHUNK] = "a part of the image does not match its signed SHA-256",
	};

	return (unsigned int)reason < FW_REASONS ? text[reason] : "unknown";
}

/* One way to write each text, so that no two manifests say the same thing in different bytes. */
static bool text_ok(const uint8_t *p)
{
	size_t n = strnlen((const char *)p, FW_TEXT_BYTES);

	if (n == 0 || n == FW_TEXT_BYTES)
		return false;
	for (size_t i = 0; i < n; i++)
		if (p[i] < 0x20 || p[i] > 0x7e)
			return false;
	for (size_t i = n; i < FW_TEXT_BYTES; i++)
		if (p[i])
			return false;
	return true;
}

static bool head_ok(const uint8_t *p)
{
	uint32_t chunk = le32(p + AT_CHUNK_SIZE), chunks = le32(p + AT_CHUNKS);
	uint64_t payload = le64(p + AT_PAYLOAD);

	if (chunk < FW_CHUNK_MIN || chunk > FW_CHUNK_MAX || (chunk & (chunk - 1)))
		return false;
	if (chunks == 0 || chunks > FW_CHUNKS_MAX)
		return false;
	if (payload <= (uint64_t)chunk * (chunks - 1) || payload > (uint64_t)chunk * chunks)
		return false;
	if (le32(p + AT_LENGTH) != FW_HEAD_BYTES + chunks * FW_HASH_BYTES)
		return false;
	for (size_t i = AT_ZERO; i < FW_HEAD_BYTES; i++)
		if (p[i])
			return false;
	return text_ok(p + AT_MODEL) && text_ok(p + AT_VERSION);
}

static enum fw_reason head_check(const uint8_t *p, size_t len)
{
	if (len < FW_HEAD_BYTES)
		return FW_TRUNCATED;
	if (memcmp(p + AT_MAGIC, FW_MAGIC, sizeof(FW_MAGIC)))
		return FW_BAD_MAGIC;
	if (le32(p + AT_FORMAT) != FW_FORMAT)
		return FW_BAD_FORMAT;
	return head_ok(p) ? FW_OK : FW_BAD_FIELD;
}

size_t fw_manifest_length(const void *head, size_t len)
{
	const uint8_t *p = head;

	return head_check(p, len) == FW_OK ? le32(p + AT_LENGTH) : 0;
}

enum fw_reason fw_manifest_parse(struct fw_manifest *m, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	enum fw_reason reason = head_check(p, len);

	if (reason != FW_OK)
		return reason;
	if (len != le32(p + AT_LENGTH))
		return len < le32(p + AT_LENGTH) ? FW_TRUNCATED : FW_BAD_FIELD;
	memcpy(m->model, p + AT_MODEL, FW_TEXT_BYTES);
	memcpy(m->version, p + AT_VERSION, FW_TEXT_BYTES);
	m->counter = le32(p + AT_COUNTER);
	m->chunk_size = le32(p + AT_CHUNK_SIZE);
	m->chunks = le32(p + AT_CHUNKS);
	m->payload = le64(p + AT_PAYLOAD);
	m->hashes = p + FW_HEAD_BYTES;
	return FW_OK;
}

uint32_t fw_chunk_bytes(const struct fw_manifest *m, uint32_t i)
{
	uint64_t left;

	if (i >= m->chunks)
		return 0;
	left = m->payload - (uint64_t)i * m->chunk_size;
	return left < m->chunk_size ? (uint32_t)left : m->chunk_size;
}
