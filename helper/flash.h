/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the flash role, for helper/flash*.c only. */
#pragma once

#include "firmware/mtd.h"
#include "firmware/trial.h"
#include "firmware/update.h"
#include "ipc/flash.h"
#include "lib/conf.h"

/*
 * No capability at all: MTD works on descriptors that were open before. The slot that runs is not
 * even open, and what the agent hands in is copied before it is looked at.
 */
struct flash_role {
	char model[FW_TEXT_BYTES];
	struct fw_keyring keys;
	struct mtd slot; /* the one that does not run */
	struct mtd env[2];
	struct bootenv bootenv;
	struct update update;
	uint8_t *signed_manifest; /* FW_MANIFEST_MAX + FW_SIGNED_BYTES */
	uint8_t *chunk;		  /* FW_CHUNK_MAX */
	uint8_t *memory;	  /* all buffers, in one piece */

	bool on_trial; /* the image that runs */
	struct trial trial;
	char ails[FLASH_REASON_MAX]; /* what the agent said last */
	uint64_t not_before_ms;	     /* the flash failed: no other try until then */
	bool ending;		     /* gone back: the box starts anew */
};

/* As root: partitions, keys and buffers. 0 or -errno, logged. */
int flash_open_all(struct flash_role *f, const struct conf *conf);

/* flash_trial.c: what the running image has to show, and what comes of it. */
void flash_trial_begin(struct flash_role *f);
void flash_trial_vouch(struct flash_role *f, uint32_t facts, const char *ails);
/* The slot before boots next. 0; -EALREADY without a trial or without such a slot; -errno. */
int flash_trial_back(struct flash_role *f, const char *reason);
uint32_t flash_trial_facts(const struct flash_role *f);
uint32_t flash_trial_left(const struct flash_role *f);
int flash_trial_timeout(void *self);
void flash_trial_tick(void *self);

/* Loads the environment, changes it and saves it: fw_setenv or the boot loader may have written
 * since the last time. 0 or -errno; logged unless -EALREADY. */
int flash_change(struct flash_role *f, int (*step)(struct env *, const char *), const char *text);
