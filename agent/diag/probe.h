/* SPDX-License-Identifier: Apache-2.0 */
/* One test by the probe role: the dialer resolves the host, the role does the rest. */
#pragma once

#include "agent/diag/diag.h"
#include "ipc/dialer.h"
#include "ipc/probe.h"

struct probe_run {
	struct diag *diag;
	/* Asks the role; *id becomes the test's. 0 or its -errno. */
	int (*start)(struct probe_run *run, const struct probe_addr *target, uint32_t *id);
	/* It never came to that. */
	void (*failed)(struct probe_run *run, enum diag_state state, const char *why, int r);
	unsigned int family; /* wanted: 4, 6; 0: any */
	int asking;	     /* of dial_resolve(); 0: no */
	uint32_t id;	     /* the role is at it; 0: no */
	struct probe_addr target;
};

/* host: a name or an address. */
void probe_run_begin(struct probe_run *run, const char *host, unsigned int family);
/* Also where nothing runs. */
void probe_run_stop(struct probe_run *run);
/* An event with this id: is it about this test? Not so of one that was stopped a moment ago. */
bool probe_run_is(const struct probe_run *run, uint32_t id);
/* What a test without a single answer means: error is that of the last request. */
enum diag_state probe_run_verdict(int error);
/* Timeout, DataBlockSize and DSCP, as the rows say. -ERANGE: more than the role does. */
int probe_run_test(const struct dm_inst *in, struct probe_test *out);
