/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time without tzset(): glibc's gmtime_r() opens /etc/localtime at its first
 * use, which no sandbox allows. Wall time is seconds since 1970, UTC.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_TEXT_MAX 21 /* "2024-02-29T23:59:59Z" and the NUL */

uint64_t clock_mono_ms(void); /* CLOCK_MONOTONIC */
uint64_t clock_boot_ms(void); /* CLOCK_BOOTTIME: goes on while the box sleeps */
int64_t clock_wall(void);
int64_t clock_wall_us(void); /* the same in microseconds */
bool clock_synced(void);     /* the kernel was told the right time: STA_UNSYNC is clear, or was */
/* xsd:dateTime in UTC; years 0001 to 9999. */
int clock_format(char out[CLOCK_TEXT_MAX], int64_t wall);
/* xsd:dateTime with "Z", an offset or (TR-069: then it is UTC) nothing; fractions are dropped. */
int clock_parse(const char *s, size_t n, int64_t *wall);
