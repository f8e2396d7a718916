/* SPDX-License-Identifier: Apache-2.0 */
/* A whole box in memory: two slots, a redundant environment, a boot loader, and a power switch. */
#pragma once

#include <openssl/evp.h>

#include "firmware/update.h"
#include "tests/unit/memflash.h"
#include "tests/unit/unit.h"

#define BLOCK 8192u
#define PAGE 512u
#define CHUNK 4096u
#define CHUNKS 19u
#define PAYLOAD (18u * CHUNK + 77u)
#define SLOT_BLOCKS 14u
#define ENV_BLOCKS 3u
#define ENV_SIZE 1024u
#define MANIFEST (FW_HEAD_BYTES + CHUNKS * FW_HASH_BYTES)

struct image {
	uint8_t manifest[MANIFEST], sig[FW_SIGNED_BYTES], payload[PAYLOAD];
};

struct box {
	struct mempower power;
	struct memflash slot[SLOTS], env[2];
	struct bootenv bootenv;
	struct fw_keyring keys;
	struct update update;
	uint8_t block[BLOCK], scratch[BLOCK], env_bytes[ENV_SIZE], env_scratch[BLOCK];
};

static bool on_nor; /* else NAND */
static EVP_PKEY *key;
static uint8_t raw_key[FW_PUBLIC_BYTES];
static struct image old_image, new_image;

static inline void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static inline void sign(struct image *im)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = FW_SIGNATURE_BYTES;

	assert_int_equal(fw_key_id(raw_key, im->sig), 0);
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, NULL, NULL, key), 1);
	assert_int_equal(
		EVP_DigestSign(ctx, im->sig + FW_KEY_ID_BYTES, &len, im->manifest, MANIFEST), 1);
	EVP_MD_CTX_free(ctx);
}

static inline void make_image(struct image *im, uint32_t seed, uint32_t counter)
{
	uint8_t *m = im->manifest;

	memset(m, 0, MANIFEST);
	for (size_t i = 0; i < PAYLOAD; i++)
		im->payload[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
	memcpy(m, FW_MAGIC, sizeof(FW_MAGIC));
	put32(m + 8, FW_FORMAT);
	put32(m + 12, MANIFEST);
	memcpy(m + 16, "box", 3);
	memcpy(m + 80, "2.0", 3);
	put32(m + 144, counter);
	put32(m + 148, CHUNK);
	put32(m + 152, PAYLOAD);
	put32(m + 160, CHUNKS);
	for (uint32_t i = 0; i < CHUNKS; i++)
		EVP_Digest(im->payload + i * CHUNK, i == CHUNKS - 1 ? 77 : CHUNK,
			   m + FW_HEAD_BYTES + i * FW_HASH_BYTES, NULL, EVP_sha256(), NULL);
	sign(im);
}

static inline int setup(void **state)
{
	size_t len = FW_PUBLIC_BYTES;

	key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	assert_int_equal(EVP_PKEY_get_raw_public_key(key, raw_key, &len), 1);
	make_image(&old_image, 1, 3);
	make_image(&new_image, 2, 4);
	return 0;
}

static inline int setup_nor(void **state)
{
	on_nor = true;
	return setup(state);
}

static inline int teardown(void **state)
{
	EVP_PKEY_free(key);
	return 0;
}

static inline void write_slot(struct memflash *m, const struct image *im)
{
	uint8_t data[BLOCK], scratch[BLOCK];
	struct fw_writer w;

	fw_writer_init(&w, &m->flash, data, scratch);
	assert_int_equal(fw_writer_put(&w, im->payload, PAYLOAD), 0);
	assert_int_equal(fw_writer_end(&w), 0);
}

/* What survives a cut is flash; everything else starts anew. */
static inline void power_on(struct box *b, uint64_t cut_at)
{
	b->power = (struct mempower){ .cut_at = cut_at };
	b->bootenv = (struct bootenv){
		.copy = { b->env[0].flash, b->env[1].flash },
		.scheme = on_nor ? ENV_MARKING : ENV_COUNTING,
		.env = { b->env_bytes, ENV_SIZE },
		.scratch = b->env_scratch,
	};
	b->update = (struct update){
		.keys = &b->keys,
		.model = "box",
		.jump_max = 10,
		.bootenv = &b->bootenv,
		.slot = { b->slot[0].flash, b->slot[1].flash },
		.block = b->block,
		.scratch = b->scratch,
	};
}

/* Slot A holds the old image, confirmed; B holds something older that is whole, too. */
static inline void box_init(struct box *b)
{
	memset(b, 0, sizeof(*b));
	for (int i = 0; i < SLOTS; i++)
		memflash_init(&b->slot[i], &b->power, SLOT_BLOCKS, BLOCK, on_nor ? 1 : PAGE);
	for (int i = 0; i < 2; i++)
		memflash_init(&b->env[i], &b->power, ENV_BLOCKS, BLOCK, on_nor ? 1 : PAGE);
	b->slot[SLOT_A].bad[2] = b->slot[SLOT_B].bad[0] = b->slot[SLOT_B].bad[5] = !on_nor;
	b->env[0].bad[0] = !on_nor;
	assert_int_equal(fw_keyring_add(&b->keys, raw_key), 0);
	power_on(b, 0);
	write_slot(&b->slot[SLOT_A], &old_image);
	write_slot(&b->slot[SLOT_B], &old_image);
	assert_int_equal(bootenv_load(&b->bootenv), -ENOENT);
	env_clear(&b->bootenv.env);
	assert_int_equal(env_set(&b->bootenv.env, "sp_slot", "a"), 0);
	assert_int_equal(env_set(&b->bootenv.env, "sp_ok_a", "1"), 0);
	assert_int_equal(env_set(&b->bootenv.env, "sp_ok_b", "1"), 0);
	assert_int_equal(env_set(&b->bootenv.env, "sp_counter", "3"), 0);
	assert_int_equal(bootenv_save(&b->bootenv), 0);
	assert_int_equal(bootenv_load(&b->bootenv), 0);
	assert_int_equal(bootenv_save(&b->bootenv), 0);
}

static inline void box_free(struct box *b)
{
	for (int i = 0; i < SLOTS; i++) {
		memflash_free(&b->slot[i]);
		memflash_free(&b->env[i]);
	}
}

/* As U-Boot: skip bad blocks, load, and run what is there. NULL: the box is dead. */
static inline const struct image *load(struct box *b, enum slot_id id)
{
	static uint8_t bytes[SLOT_BLOCKS * BLOCK];
	struct memflash *m = &b->slot[id];
	size_t got = 0;

	for (uint32_t i = 0; i < SLOT_BLOCKS && got < PAYLOAD; i++) {
		if (m->bad[i])
			continue;
		memflash_read(m, (uint64_t)i * BLOCK, bytes + got, BLOCK);
		got += BLOCK;
	}
	if (got >= PAYLOAD && !memcmp(bytes, old_image.payload, PAYLOAD))
		return &old_image;
	if (got >= PAYLOAD && !memcmp(bytes, new_image.payload, PAYLOAD))
		return &new_image;
	return NULL;
}

/* The boot loader of docs/firmware-format.md: counts trial boots, goes back above the limit. NULL:
 * there is nothing that it can start, or its power was cut. */
static inline const struct image *loader(struct box *b, struct slots *slots)
{
	struct env *e = &b->bootenv.env;

	if (bootenv_load(&b->bootenv) || slots_read(slots, e))
		return NULL;
	if (slots->phase == SLOT_TRIAL) {
		uint32_t count = slots->bootcount + 1;

		if (count > slots->bootlimit) {
			env_set(e, "sp_slot", slots->boot == SLOT_A ? "b" : "a");
			env_set(e, "upgrade_available", "0");
			env_set(e, "sp_fellback", "boot");
			count = 0;
		}
		env_set_u32(e, "bootcount", count);
		if (bootenv_save(&b->bootenv) || slots_read(slots, e))
			return NULL;
	}
	b->update.running = slots->boot;
	return load(b, slots->boot);
}

static inline const struct image *boot(struct box *b, struct slots *slots)
{
	power_on(b, 0);
	return loader(b, slots);
}

struct outcome {
	enum fw_reason reason;
	int error;
};

static inline struct outcome install(struct box *b, const struct image *im)
{
	struct outcome o = { FW_OK, 0 };

	o.reason = update_begin(&b->update, im->manifest, MANIFEST, im->sig, &o.error);
	for (uint32_t i = 0; i < CHUNKS && o.reason == FW_OK && !o.error; i++)
		o.reason = update_chunk(&b->update, im->payload + i * CHUNK,
					i == CHUNKS - 1 ? 77 : CHUNK, &o.error);
	if (o.reason == FW_OK && !o.error)
		o.error = update_arm(&b->update);
	return o;
}

static inline void assert_installed(struct outcome o)
{
	assert_int_equal(o.reason, FW_OK);
	assert_int_equal(o.error, 0);
}
