/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include <openssl/evp.h>

#include "firmware/policy.h"
#include "firmware/verify.h"
#include "tests/unit/unit.h"

#define CHUNK 4096u
#define PAYLOAD (2 * CHUNK + 100)
#define CHUNKS 3u
#define MANIFEST (FW_HEAD_BYTES + CHUNKS * FW_HASH_BYTES)

struct image {
	uint8_t manifest[MANIFEST];
	uint8_t sig[FW_SIGNED_BYTES];
	uint8_t payload[PAYLOAD];
	uint8_t raw[FW_PUBLIC_BYTES];
	struct fw_keyring ring;
};

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static void sign(struct image *im, EVP_PKEY *key)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = FW_SIGNATURE_BYTES;

	assert_int_equal(fw_key_id(im->raw, im->sig), 0);
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, NULL, NULL, key), 1);
	assert_int_equal(
		EVP_DigestSign(ctx, im->sig + FW_KEY_ID_BYTES, &len, im->manifest, MANIFEST), 1);
	EVP_MD_CTX_free(ctx);
}

static EVP_PKEY *make_key(uint8_t raw[FW_PUBLIC_BYTES])
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	size_t len = FW_PUBLIC_BYTES;

	assert_non_null(key);
	assert_int_equal(EVP_PKEY_get_raw_public_key(key, raw, &len), 1);
	return key;
}

static void make_image(struct image *im)
{
	EVP_PKEY *key;
	uint8_t *m = im->manifest;

	memset(im, 0, sizeof(*im));
	for (size_t i = 0; i < PAYLOAD; i++)
		im->payload[i] = (uint8_t)(i * 7 + i / 256);
	memcpy(m, FW_MAGIC, sizeof(FW_MAGIC));
	put32(m + 8, FW_FORMAT);
	put32(m + 12, MANIFEST);
	memcpy(m + 16, "Acme AP-3000 rev B", 18);
	memcpy(m + 80, "4.2.1", 5);
	put32(m + 144, 7);
	put32(m + 148, CHUNK);
	put32(m + 152, PAYLOAD);
	put32(m + 160, CHUNKS);
	for (uint32_t i = 0; i < CHUNKS; i++) {
		size_t len = i == CHUNKS - 1 ? 100 : CHUNK;

		EVP_Digest(im->payload + i * CHUNK, len, m + FW_HEAD_BYTES + i * FW_HASH_BYTES,
			   NULL, EVP_sha256(), NULL);
	}
	key = make_key(im->raw);
	sign(im, key);
	assert_int_equal(fw_keyring_add(&im->ring, im->raw), 0);
	EVP_PKEY_free(key);
}

static enum fw_reason check(const struct image *im, const void *manifest, size_t len)
{
	struct fw_manifest m;
	enum fw_reason reason = fw_verify(&im->ring, manifest, len, im->sig);

	return reason != FW_OK ? reason : fw_manifest_parse(&m, manifest, len);
}

static void F1_a_signed_image_is_read_and_every_chunk_checked(void **state)
{
	struct image im;
	struct fw_manifest m;

	make_image(&im);
	assert_int_equal(fw_manifest_length(im.manifest, FW_HEAD_BYTES), MANIFEST);
	assert_int_equal(check(&im, im.manifest, MANIFEST), FW_OK);
	assert_int_equal(fw_manifest_parse(&m, im.manifest, MANIFEST), FW_OK);
	assert_string_equal(m.model, "Acme AP-3000 rev B");
	assert_string_equal(m.version, "4.2.1");
	assert_int_equal(m.counter, 7);
	assert_int_equal(m.payload, PAYLOAD);
	for (uint32_t i = 0; i < CHUNKS; i++) {
		uint32_t len = fw_chunk_bytes(&m, i);
		uint8_t *data = im.payload + i * CHUNK;

		assert_int_equal(len, i == 2 ? 100 : CHUNK);
		assert_int_equal(fw_verify_chunk(&m, i, data, len), FW_OK);
		data[len / 2] ^= 1;
		assert_int_equal(fw_verify_chunk(&m, i, data, len), FW_BAD_CHUNK);
		data[len / 2] ^= 1;
		assert_int_equal(fw_verify_chunk(&m, i, data, len - 1), FW_BAD_CHUNK);
	}
	assert_int_equal(fw_chunk_bytes(&m, CHUNKS), 0);
	assert_int_equal(fw_verify_chunk(&m, 1, im.payload, CHUNK), FW_BAD_CHUNK);
	assert_int_equal(fw_verify_chunk(&m, CHUNKS, im.payload, 0), FW_BAD_CHUNK);
}

static void F2_a_flipped_bit_anywhere_in_manifest_or_signature_is_refused(void **state)
{
	struct image im;

	make_image(&im);
	for (size_t i = 0; i < MANIFEST * 8; i++) {
		im.manifest[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(check(&im, im.manifest, MANIFEST), FW_BAD_SIGNATURE);
		im.manifest[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t i = 0; i < FW_SIGNED_BYTES * 8; i++) {
		im.sig[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_not_equal(check(&im, im.manifest, MANIFEST), FW_OK);
		im.sig[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_int_equal(check(&im, im.manifest, MANIFEST), FW_OK);
}

static void F2_every_truncation_is_refused(void **state)
{
	struct image im;
	struct fw_manifest m;

	make_image(&im);
	for (size_t len = 0; len < MANIFEST; len++) {
		assert_int_not_equal(fw_verify(&im.ring, im.manifest, len, im.sig), FW_OK);
		assert_int_equal(fw_manifest_parse(&m, im.manifest, len), FW_TRUNCATED);
	}
}

static void F2_unknown_and_revoked_keys_are_refused_and_a_fifth_is_not_taken(void **state)
{
	struct image im, other;

	make_image(&im);
	make_image(&other);
	assert_int_equal(fw_verify(&other.ring, im.manifest, MANIFEST, im.sig), FW_UNKNOWN_KEY);
	assert_int_equal(fw_keyring_add(&other.ring, im.raw), 0);
	assert_int_equal(fw_verify(&other.ring, im.manifest, MANIFEST, im.sig), FW_OK);
	assert_int_equal(fw_keyring_revoke(&other.ring, im.sig), 0);
	assert_int_equal(fw_verify(&other.ring, im.manifest, MANIFEST, im.sig), FW_REVOKED_KEY);
	assert_int_equal(fw_verify(&other.ring, other.manifest, MANIFEST, other.sig), FW_OK);
	other.ring.keys = FW_KEYS_MAX;
	assert_int_equal(fw_keyring_add(&other.ring, im.raw), -ENOSPC);
}

static void F2_a_manifest_can_be_written_in_one_way_only(void **state)
{
	static const struct {
		size_t at;
		uint32_t v;
	} bad[] = {
		{ 12, MANIFEST + 1 }, { 148, CHUNK + 1 }, { 148, 2048 },       { 148, 1u << 21 },
		{ 152, 0 },	      { 152, 8192 },	  { 152, 12289 },      { 156, 1 },
		{ 160, 2 },	      { 160, 0 },	  { 160, 0xffffffff }, { 164, 1 },
		{ 252, 0x80 },	      { 16, 0 },	  { 80, 0 },	       { 60, 0x41 },
		{ 16, 0x01414141 },
	};
	struct image im;
	struct fw_manifest m;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		make_image(&im);
		put32(im.manifest + bad[i].at, bad[i].v);
		assert_int_equal(fw_manifest_parse(&m, im.manifest, MANIFEST), FW_BAD_FIELD);
		assert_int_equal(fw_manifest_length(im.manifest, MANIFEST), 0);
	}
	make_image(&im);
	im.manifest[8] = 2;
	assert_int_equal(fw_manifest_parse(&m, im.manifest, MANIFEST), FW_BAD_FORMAT);
	im.manifest[0] = 's';
	assert_int_equal(fw_manifest_parse(&m, im.manifest, MANIFEST), FW_BAD_MAGIC);
}

static void F3_F4_F8_model_counter_and_size_must_fit_the_box(void **state)
{
	struct image im;
	struct fw_manifest m;
	struct fw_box box = { "Acme AP-3000 rev B", 7, 10, PAYLOAD };

	make_image(&im);
	assert_int_equal(fw_manifest_parse(&m, im.manifest, MANIFEST), FW_OK);
	assert_int_equal(fw_policy(&m, &box), FW_OK);
	box.model = "Acme AP-3000 rev b";
	assert_int_equal(fw_policy(&m, &box), FW_WRONG_MODEL);
	box.model = "Acme AP-3000 rev B";
	box.counter = 8;
	assert_int_equal(fw_policy(&m, &box), FW_DOWNGRADE);
	box.counter = 0;
	box.jump_max = 6;
	assert_int_equal(fw_policy(&m, &box), FW_JUMP);
	box.jump_max = 7;
	assert_int_equal(fw_policy(&m, &box), FW_OK);
	box.slot_bytes = PAYLOAD - 1;
	assert_int_equal(fw_policy(&m, &box), FW_TOO_BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(F1_a_signed_image_is_read_and_every_chunk_checked),
		UNIT(F2_a_flipped_bit_anywhere_in_manifest_or_signature_is_refused),
		UNIT(F2_every_truncation_is_refused),
		UNIT(F2_unknown_and_revoked_keys_are_refused_and_a_fifth_is_not_taken),
		UNIT(F2_a_manifest_can_be_written_in_one_way_only),
		UNIT(F3_F4_F8_model_counter_and_size_must_fit_the_box),
	};

	return cmocka_run_group_tests_name("firmware", tests, NULL, NULL);
}
