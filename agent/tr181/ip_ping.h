/* SPDX-License-Identifier: Apache-2.0 */
/* Device.IP.Diagnostics.IPPing.: the rows. Who sends anything is agent/diag/ping.c. */
#pragma once

#include "agent/diag/diag.h"
#include "ipc/probe.h"

struct ip_ping {
	struct diag diag;
	struct ping_done last; /* kept until the next test */
};

extern const struct dm_object ip_ping;
