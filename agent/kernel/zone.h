/* SPDX-License-Identifier: Apache-2.0 */
/* The box's time zone as POSIX writes it ("CET-1CEST,M3.5.0,M10.5.0/3"). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZONE_MAX 64

/* Pure: a TZif file (RFC 8536) ends with it, and /etc/TZ is it. false: it is not there. */
bool zone_parse(char out[ZONE_MAX], const char *data, size_t len);
/* root/etc/localtime, else root/etc/TZ. 0; -ENOENT: the box has none; -errno. */
int zone_read(char out[ZONE_MAX], const char *root);
/* How many seconds the zone is ahead of UTC at that time. Needs no file. */
long zone_offset(const char *zone, int64_t unix_seconds);
/* What must stay readable for it, for Landlock: the folder of all zones when localtime points into
 * it, so that another may be chosen; else the file. false: there is none. */
bool zone_place(char *out, size_t size);
