/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/*
 * Milliseconds to wait before retry number count (1 is the first) of a failed session (TR-069 A6
 * 3.2.1.1): uniform from m*(k/1000)^(n-1) to m*(k/1000)^n seconds, n = min(count, 10).
 * m: CWMPRetryMinimumWaitInterval 1..65535 s; k: CWMPRetryIntervalMultiplier 1000..65535; values
 * outside are clamped. random: 32 random bits. Never less than retry_after seconds (0: none).
 */
uint64_t cwmp_retry_wait_ms(uint32_t count, uint32_t m, uint32_t k, uint32_t random,
			    uint32_t retry_after);
