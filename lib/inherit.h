/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * First in main(): of what the caller had open only standard error stays, and /dev/null below it;
 * of his environment nothing. 0 or -errno.
 */
int inherit_nothing(void);
