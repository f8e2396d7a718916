/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/*
 * Messages of the system role: SYSTEM_END asks that the box be started anew. The role records why,
 * syncs the disks and ends the helper with a reserved status; the service manager acts on it.
 * No role can do it alone, and nobody in the helper executes a program.
 */
#define SYSTEM_REASON_MAX 96

enum system_end_kind {
	SYSTEM_REBOOT = 0,	  /* HELPER_EXIT_REBOOT */
	SYSTEM_FACTORY_RESET = 1, /* HELPER_EXIT_FACTORY_RESET: the agent has emptied its store */
};

struct system_end {
	uint32_t kind;			/* enum system_end_kind */
	char reason[SYSTEM_REASON_MAX]; /* for the record and the audit log; printable */
};

/* It happens, but not before the box has been up for system.min_uptime seconds. */
struct system_ending {
	uint32_t wait_s; /* 0: now */
};
