/* SPDX-License-Identifier: Apache-2.0 */
/*
 * While the running firmware is on trial (docs/firmware-format.md), the agent tells the flash role
 * what it knows of it. The role decides; here is only looked.
 */
#pragma once

#include <stdbool.h>

struct agent;
struct trial_watch;

/* In the sandbox, after the roles: starts to look when the image that runs is on trial. 0, also
 * when it is not or there is no flash role; -ENOMEM. */
int trial_watch_new(struct trial_watch **out, struct agent *agent);
/* A session with the ACS is over, well or not. */
void trial_watch_session(struct trial_watch *t, bool well);
