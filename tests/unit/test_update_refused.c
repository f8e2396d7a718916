/* SPDX-License-Identifier: Apache-2.0 */
/* Images that are not to be installed: refused, and nothing unsigned is ever in the flash. */
#include "tests/unit/update_box.h"

/* The flash log: what is programmed into slot b is the signed image's bytes in their places, at any
 * moment of the update and not only at its end. */
static void log_signed(const struct memflash *m, uint64_t at, const uint8_t *data, size_t len)
{
	size_t from = at % BLOCK;

	for (uint32_t i = 0; i < at / BLOCK; i++)
		from += m->bad[i] ? 0 : BLOCK;
	for (size_t k = 0; k < len; k++)
		assert_int_equal(data[k], from + k < PAYLOAD ? new_image.payload[from + k] : 0xff);
}

/* Everything in slot b is what was there before, or the signed image's bytes in their places. */
static void assert_only_signed_bytes(struct box *b, const uint8_t *before)
{
	const struct memflash *m = &b->slot[SLOT_B];
	size_t at = 0;

	for (uint32_t i = 0; i < SLOT_BLOCKS; i++) {
		const uint8_t *now = m->bytes + (size_t)i * BLOCK,
			      *old = before + (size_t)i * BLOCK;
		size_t n = PAYLOAD - at < BLOCK ? PAYLOAD - at : BLOCK;

		if (m->bad[i])
			continue;
		if (memcmp(now, old, BLOCK)) {
			assert_memory_equal(now, new_image.payload + at, n);
			for (size_t k = n; k < BLOCK; k++)
				assert_int_equal(now[k], 0xff);
		}
		at += n;
	}
	assert_int_equal(b->slot[SLOT_A].ops, 0);
}

struct refused {
	struct box box;
	uint8_t before[SLOT_BLOCKS * BLOCK];
};

static void begin(struct refused *r)
{
	box_init(&r->box);
	memcpy(r->before, r->box.slot[SLOT_B].bytes, sizeof(r->before));
	r->box.power.ops = r->box.slot[SLOT_A].ops = 0;
	r->box.slot[SLOT_B].log = log_signed;
}

/* Refused by the manifest: not one erase, not even of the environment. */
static void assert_untouched(struct refused *r)
{
	struct slots s;

	assert_int_equal(r->box.power.ops, 0);
	assert_memory_equal(r->box.slot[SLOT_B].bytes, r->before, sizeof(r->before));
	assert_int_equal(update_arm(&r->box.update), -EPROTO);
	assert_ptr_equal(boot(&r->box, &s), &old_image);
	assert_true(s.ok[SLOT_B]);
}

static void F2_each_flipped_byte_of_the_manifest_is_refused_before_the_first_erase(void **state)
{
	static struct refused r;
	struct image bad = new_image;

	begin(&r);
	for (size_t i = 0; i < MANIFEST + FW_SIGNED_BYTES; i++) {
		uint8_t *p = i < MANIFEST ? bad.manifest + i : bad.sig + (i - MANIFEST);

		*p ^= 0xff;
		assert_int_equal(install(&r.box, &bad).reason,
				 i < MANIFEST || i >= MANIFEST + FW_KEY_ID_BYTES ? FW_BAD_SIGNATURE
										 : FW_UNKNOWN_KEY);
		*p ^= 0xff;
	}
	assert_untouched(&r);
	box_free(&r.box);
}

static void F2_each_truncation_of_the_manifest_is_refused_before_the_first_erase(void **state)
{
	static struct refused r;
	int error;

	begin(&r);
	for (size_t len = 0; len < MANIFEST; len++) {
		assert_int_not_equal(
			update_begin(&r.box.update, new_image.manifest, len, new_image.sig, &error),
			FW_OK);
		assert_int_equal(error, 0);
	}
	assert_untouched(&r);
	box_free(&r.box);
}

/* Signed, but not for this box, or not now. */
static void refuse_signed(uint32_t at, uint32_t value, enum fw_reason reason)
{
	static struct refused r;
	struct image im = new_image;

	begin(&r);
	put32(im.manifest + at, value);
	sign(&im);
	assert_int_equal(install(&r.box, &im).reason, reason);
	assert_untouched(&r);
	box_free(&r.box);
}

static void F3_F4_F10_what_the_box_may_not_run_is_refused_before_the_first_erase(void **state)
{
	refuse_signed(16, 0x796f62, FW_WRONG_MODEL); /* "boy" */
	refuse_signed(16, 0x786f6220, FW_WRONG_MODEL);
	refuse_signed(144, 2, FW_DOWNGRADE);
	refuse_signed(144, 14, FW_JUMP);
	refuse_signed(144, UINT32_MAX, FW_JUMP);
	/* Sizes that don't fit each other: a payload without an end is not even begun. */
	refuse_signed(152, UINT32_MAX, FW_BAD_FIELD);
	refuse_signed(156, UINT32_MAX, FW_BAD_FIELD);
	refuse_signed(160, UINT32_MAX, FW_BAD_FIELD);
	refuse_signed(8, 2, FW_BAD_FORMAT);
}

static void F2_a_revoked_key_is_refused_before_the_first_erase(void **state)
{
	static struct refused r;

	begin(&r);
	assert_int_equal(fw_keyring_revoke(&r.box.keys, new_image.sig), 0);
	assert_int_equal(install(&r.box, &new_image).reason, FW_REVOKED_KEY);
	assert_untouched(&r);
	box_free(&r.box);
}

static void F1_a_chunk_that_is_not_the_signed_one_ends_it_and_never_reaches_the_flash(void **state)
{
	static struct refused r;

	for (uint32_t i = 0; i < CHUNKS; i++) {
		struct image bad = new_image;
		struct slots s;

		begin(&r);
		bad.payload[i * CHUNK + i] ^= 1;
		assert_int_equal(install(&r.box, &bad).reason, FW_BAD_CHUNK);
		assert_only_signed_bytes(&r.box, r.before);
		assert_int_equal(update_arm(&r.box.update), -EPROTO);
		assert_ptr_equal(boot(&r.box, &s), &old_image);
		assert_false(s.ok[SLOT_B]);
		box_free(&r.box);
	}
}

static void F1_chunks_that_change_places_never_reach_the_flash(void **state)
{
	static struct refused r;

	for (uint32_t i = 0; i < CHUNKS - 2; i++) {
		struct image bad = new_image;

		begin(&r);
		memcpy(bad.payload + i * CHUNK, new_image.payload + (i + 1) * CHUNK, CHUNK);
		memcpy(bad.payload + (i + 1) * CHUNK, new_image.payload + i * CHUNK, CHUNK);
		assert_int_equal(install(&r.box, &bad).reason, FW_BAD_CHUNK);
		assert_only_signed_bytes(&r.box, r.before);
		box_free(&r.box);
	}
}

static void F10_a_body_without_an_end_stops_at_the_last_signed_chunk(void **state)
{
	static struct refused r;
	uint64_t writes;
	int error;

	begin(&r);
	assert_installed(install(&r.box, &new_image));
	writes = r.box.power.ops;
	for (int i = 0; i < 1000; i++) {
		update_chunk(&r.box.update, new_image.payload, CHUNK, &error);
		assert_int_equal(error, -EPROTO);
	}
	assert_int_equal(r.box.power.ops, writes);
	assert_only_signed_bytes(&r.box, r.before);
	box_free(&r.box);
}

static void chunks_out_of_turn_end_the_update(void **state)
{
	struct box b;
	int error;

	box_init(&b);
	update_chunk(&b.update, new_image.payload, CHUNK, &error);
	assert_int_equal(error, -EPROTO);
	assert_int_equal(
		update_begin(&b.update, new_image.manifest, MANIFEST, new_image.sig, &error),
		FW_OK);
	assert_int_equal(error, 0);
	assert_int_equal(update_arm(&b.update), -EPROTO);
	assert_int_equal(update_chunk(&b.update, new_image.payload + CHUNK, CHUNK, &error),
			 FW_BAD_CHUNK);
	update_chunk(&b.update, new_image.payload, CHUNK, &error);
	assert_int_equal(error, -EPROTO);
	box_free(&b);
}

/* Each of them on NAND and on NOR. */
#define TESTS(_)                                                                     \
	_(F2_each_flipped_byte_of_the_manifest_is_refused_before_the_first_erase)    \
	_(F2_each_truncation_of_the_manifest_is_refused_before_the_first_erase)      \
	_(F3_F4_F10_what_the_box_may_not_run_is_refused_before_the_first_erase)      \
	_(F2_a_revoked_key_is_refused_before_the_first_erase)                        \
	_(F1_a_chunk_that_is_not_the_signed_one_ends_it_and_never_reaches_the_flash) \
	_(F1_chunks_that_change_places_never_reach_the_flash)                        \
	_(F10_a_body_without_an_end_stops_at_the_last_signed_chunk)

#define ON_NAND(test) UNIT(test),
#define ON_NOR(test) { "nor_" #test, test, NULL, NULL, NULL },

int main(void)
{
	const struct CMUnitTest nand[] = { TESTS(ON_NAND) UNIT(chunks_out_of_turn_end_the_update) };
	const struct CMUnitTest nor[] = { TESTS(ON_NOR) };

	return cmocka_run_group_tests_name("update_refused", nand, setup, teardown) +
	       cmocka_run_group_tests_name("update_refused", nor, setup_nor, teardown);
}
