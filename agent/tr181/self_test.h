/* SPDX-License-Identifier: Apache-2.0 */
/* Device.SelfTestDiagnostics.: the rows. What is tested is in agent/diag/self_test.c. */
#pragma once

#include "agent/diag/diag.h"

#define SELF_TEST_RESULTS_MAX 1024 /* characters: TR-181 */

struct self_test {
	struct diag diag;
	char results[SELF_TEST_RESULTS_MAX + 1];
};

extern const struct dm_object self_test;
