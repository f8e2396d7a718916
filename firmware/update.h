/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One update of the inactive slot: manifest, chunks in order, arm. Nothing unsigned reaches the
 * flash, nothing but the inactive slot and the environment is written, and memory does not grow
 * with the image. The caller (the flash role, or a test) owns all memory.
 */
#pragma once

#include "firmware/bootenv.h"
#include "firmware/manifest.h"
#include "firmware/policy.h"
#include "firmware/slot.h"
#include "firmware/verify.h"
#include "firmware/writer.h"

enum update_state { UPDATE_IDLE, UPDATE_WRITING, UPDATE_WRITTEN, UPDATE_ARMED };

struct update {
	const struct fw_keyring *keys;
	const char *model;
	uint32_t jump_max;
	struct bootenv *bootenv;
	enum slot_id running; /* what this kernel came from: it is never written */
	struct flash slot[SLOTS];
	uint8_t *block, *scratch; /* as long as the larger erase block of the two slots */

	enum update_state state;
	struct fw_manifest manifest; /* its hashes lie in what update_begin() was given */
	struct fw_writer writer;
	uint32_t next; /* chunk */
};

/*
 * Checks signature and policy, then declares the inactive slot not whole. manifest must stay
 * unchanged until the end. FW_OK or why not; *error is set to -errno when flash or environment
 * fail, or the slots don't allow an update now (-EBUSY), and then the reason is FW_OK.
 */
enum fw_reason update_begin(struct update *u, const void *manifest, size_t len,
			    const uint8_t sig[FW_SIGNED_BYTES], int *error);
/* The next chunk. The same contract; any refusal ends the update. */
enum fw_reason update_chunk(struct update *u, const uint8_t *data, size_t len, int *error);
/* After the last chunk: everything is in flash and read back, the slot boots next, on trial. */
int update_arm(struct update *u);
void update_abort(struct update *u);
