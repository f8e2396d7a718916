/* SPDX-License-Identifier: Apache-2.0 */
/* Device.IP.Diagnostics.ServerSelectionDiagnostics.: the rows. Who asks is agent/diag/select.c. */
#pragma once

#include "agent/diag/diag.h"
#include "ipc/dialer.h"
#include "ipc/probe.h"

#define SELECT_HOSTS_MAX 10 /* TR-181 HostList */

struct server_selection {
	struct diag diag;
	char fastest[DIAL_HOST_MAX]; /* "": nobody has answered */
	struct ping_done best;	     /* of that host */
};

extern const struct dm_object server_selection;
