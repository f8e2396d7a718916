/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/*
 * Messages of the flash role: IMAGE_BEGIN, IMAGE_CHUNK x n in order, IMAGE_ARM write a signed image
 * into the slot that does not boot. Manifest and chunks come as memfds with all seals; the role
 * copies them and checks the copy. SLOT_READ says what boots and why; SLOT_VOUCH, again whenever
 * something changed, is what the role decides a trial by. What an image is, and how a trial ends:
 * docs/firmware-format.md.
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

enum slot_trial {
	SLOT_IS_CONFIRMED = 0, /* what runs stays */
	SLOT_ON_TRIAL = 1,     /* what runs has to be vouched for */
	SLOT_WENT_BACK = 2, /* the trial of the other slot failed, and SLOT_REPORTED is to come */
	SLOT_IS_ARMED = 3,  /* the other slot boots next, on trial */
};

/* What the agent knows of an image on trial. What it takes to stay, the role decides. */
enum slot_fact {
	SLOT_HEALTHY = 1, /* everything local that was asked for is done */
	SLOT_MANAGED = 2, /* a session with the ACS ended well since the boot */
};

struct slot_state {
	uint32_t boot;	  /* 0 or 1: the slot that the environment names */
	uint32_t running; /* the slot that this kernel came from, as its command line says */
	uint32_t trial;	  /* enum slot_trial */
	uint32_t counter; /* security counter of the confirmed image */
	uint32_t bootcount;
	uint32_t bootlimit;
	uint32_t facts;	 /* SLOT_ON_TRIAL: what was vouched for last */
	uint32_t left_s; /* SLOT_ON_TRIAL: seconds to the end of the trial, if nothing changes */
	uint32_t whole_a, whole_b;	   /* 1: a verified image is in it */
	char version_a[FLASH_VERSION_MAX]; /* "": not known */
	char version_b[FLASH_VERSION_MAX];
	char reason[FLASH_REASON_MAX]; /* SLOT_WENT_BACK */
};

struct slot_vouch {
	uint32_t facts;		     /* enum slot_fact, those that hold now */
	char ails[FLASH_REASON_MAX]; /* not SLOT_HEALTHY: why; printable, without '=' */
};

struct slot_fall_back {
	char reason[FLASH_REASON_MAX]; /* printable, without '=' */
};
