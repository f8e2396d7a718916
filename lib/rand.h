/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers from the kernel: getrandom(2), no file. */
#pragma once

#include <stddef.h>
#include <stdint.h>

int rand_bytes(void *out, size_t n); /* 0 or -errno; all or nothing is to be used */
uint32_t rand_below(uint32_t n); /* uniform in [0, n); n >= 1. Dies when the kernel gives none */
