/* SPDX-License-Identifier: Apache-2.0 */
/* "1 Firmware Upgrade Image": piece by piece to the flash role (docs/firmware-format.md). */
#pragma once

#include <stdbool.h>

struct transfers;
struct transfer_handler;

extern const struct transfer_handler firmware_handler;

/* In the store: why the image in the slot that does not run went back. */
#define KEPT_BOOT_FAILURE "@keep.boot_failure"

/* *ts->firmware stays NULL when the box has no flash or no system role. 0 or -ENOMEM. */
int firmware_new(struct transfers *ts);
void firmware_free(struct transfers *ts);
/* After a start, and when something new is known of the image on trial: how does the one do that
 * was armed before? */
void firmware_start(struct transfers *ts);
/* The running image is on trial: the other slot is the way back, and not to be written. */
bool firmware_busy(struct transfers *ts);
/* Is an image on its way into the other slot? */
bool firmware_writing(const struct transfers *ts);
/* The ACS has heard what there was to hear; the flash role may forget why it went back. */
void firmware_told(struct transfers *ts);
