/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scheduled Inform as the store keeps it: "BOOT-ID BOOTTIME UNIX DELAY COMMANDKEY". Within a boot
 * only the boot clock counts, so that a step of the wall clock moves nothing. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SCHEDULED_MAX 256 /* octets of a record, terminated */

struct scheduled {
	char boot[64]; /* the boot in which due counts */
	uint64_t due;  /* milliseconds of CLOCK_BOOTTIME */
	int64_t wall;  /* when it is due, Unix seconds; 0: not known when it was taken down */
	uint32_t delay;
	const char *key; /* inside the text that was parsed */
};

/* Now, as far as it is known. */
struct scheduled_now {
	const char *boot;
	uint64_t boot_ms; /* CLOCK_BOOTTIME */
	bool right;	  /* the wall clock is */
	int64_t wall;
};

bool scheduled_parse(struct scheduled *, const char *text);
void scheduled_print(char text[SCHEDULED_MAX], const struct scheduled *);
struct scheduled scheduled_new(const struct scheduled_now *, uint32_t delay, const char *key);
bool scheduled_in_this_boot(const struct scheduled *, const struct scheduled_now *);
/* Milliseconds until it is due, 0 to its delay. After another boot: by the wall clock, or all of
 * its delay when nobody knows how long the box was off. */
int64_t scheduled_left(const struct scheduled *, const struct scheduled_now *);
/* The same in this boot. */
void scheduled_rebase(struct scheduled *, const struct scheduled_now *);
