/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/capability.h>

#include "lib/limits.h"
#include "seccomp/policy.h"

/* clang-format off */
#define NONE { SB_NO_CAP, SB_NO_CAP }
#define ONLY(cap) { (cap), SB_NO_CAP }
/* clang-format on */

/* sb_enter() refuses a role that is not in it. */
const struct sb_policy sb_policies[SB_ROLES] = {
	[SB_AGENT] = { "agent", sb_agent, SANDBOX_AGENT_FILES, NONE, false, false },
	[SB_DIALER] = { "dialer", sb_dialer, SANDBOX_FILES, NONE, true, false },
	[SB_RADIO] = { "radio", sb_radio, SANDBOX_FILES, ONLY(CAP_NET_ADMIN), false, false },
	[SB_PROBE] = { "probe", sb_probe, SANDBOX_FILES, NONE, false, false },
	[SB_FLASH] = { "flash", sb_flash, SANDBOX_FILES, NONE, false, false },
	[SB_SYSTEM] = { "system", sb_system, SANDBOX_FILES, NONE, false, false },
	[SB_STATION] = { "station", sb_station, SANDBOX_FILES, NONE, false, false },
	[SB_RESOLVER] = { "resolver", sb_resolver, SANDBOX_FILES, NONE, true, false },
	/* Its children have other users. */
	[SB_PARENT] = { "parent", sb_parent, SANDBOX_FILES, ONLY(CAP_KILL), false, true },
};
