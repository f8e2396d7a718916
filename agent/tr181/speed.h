/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.IP.Diagnostics.DownloadDiagnostics. and UploadDiagnostics. (TR-143): the rows. Who
 * transfers anything is agent/diag/speed.c. Times are microseconds since 1970, 0 unknown.
 */
#pragma once

#include "agent/diag/diag.h"
#include "ipc/dialer.h"
#include "lib/limits.h"

struct speed_octets {
	uint64_t test;	 /* of the test, with its HTTP heads */
	uint64_t rx, tx; /* of the interface; 0 when none is named */
};

struct speed_result {
	int64_t rom, bom, eom;	    /* request, first and last data */
	int64_t asked, opened;	    /* TCP */
	struct speed_octets octets; /* from bom to eom */
};

struct speed_step {
	int64_t start, end;
	struct speed_octets octets;
};

struct speed {
	struct diag diag;
	struct dial_addr local;
	struct speed_result whole;
	struct speed_step full; /* while all connections were transferring */
	uint32_t nconns;
	struct speed_result conn[SPEED_CONNECTIONS_MAX];
	uint32_t nsteps;
	struct speed_step step[SPEED_STEPS_MAX];
};

extern const struct dm_object download_diagnostics, upload_diagnostics;

/* The tables are what step, and conn if wanted, have from now on. */
void speed_show(struct dm *, struct speed *, bool conns);
/* Octets that the interface has received and sent; 0 for ifindex 0. */
void speed_count(struct dm *, uint32_t ifindex, struct speed_octets *out);
