/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/*
 * Messages of the flash role: IMAGE_BEGIN, IMAGE_CHUNK x n in order, IMAGE_ARM write a signed image
 * into the slot that does not boot. Manifest and chunks come as memfds with all seals; the role
 * copies them and checks the copy. SLOT_x read and change what the boot loader will do.
 * What an image is: docs/firmware-format.md.
 */
#define FLASH_VERSION_MAX 64 /* with its terminator, as in the manifest */
#define FLASH_REASON_MAX 68  /* why a trial ended: 64 characters, terminated */
#define FLASH_WHY_MAX 96

enum image_verdict {
	IMAGE_FINE = 0,
	IMAGE_CORRUPT = 1,  /* not an image, cut short, or a chunk that is not the signed one */
	IMAGE_REFUSED = 2,  /* another model, an older counter, larger than the slot */
	IMAGE_UNSIGNED = 3, /* unknown or revoked key, wrong signature */
	IMAGE_BUSY = 4,	    /* the running image is on trial: the other slot is the way back */
	IMAGE_FLASH = 5,    /* flash or environment failed */
	IMAGE_VERDICTS
};

struct image_begin {
	uint32_t size; /* bytes of the memfd: the manifest and its signature record */
};

struct image_begun {
	uint32_t verdict; /* enum image_verdict; the rest is zero unless IMAGE_FINE */
	uint32_t chunk_size;
	uint64_t payload; /* bytes */
	uint32_t chunks;
	uint32_t counter;
	char version[FLASH_VERSION_MAX];
	char why[FLASH_WHY_MAX];
};

struct image_chunk {
	uint32_t index;
	uint32_t size; /* bytes of the memfd */
};

struct image_result {
	uint32_t verdict;
	char why[FLASH_WHY_MAX];
};

enum slot_trial { SLOT_IS_CONFIRMED = 0, SLOT_ON_TRIAL = 1, SLOT_WENT_BACK = 2 };

struct slot_state {
	uint32_t boot;	  /* 0 or 1: the slot that the environment names */
	uint32_t trial;	  /* enum slot_trial */
	uint32_t counter; /* security counter of the confirmed image */
	uint32_t bootcount;
	uint32_t bootlimit;
	uint32_t whole_a, whole_b;	   /* 1: a verified image is in it */
	char version_a[FLASH_VERSION_MAX]; /* "": not known */
	char version_b[FLASH_VERSION_MAX];
	char reason[FLASH_REASON_MAX]; /* SLOT_WENT_BACK */
};

struct slot_fall_back {
	char reason[FLASH_REASON_MAX]; /* printable, without '=' */
};
