/* SPDX-License-Identifier: Apache-2.0 */
/* Device.IP.Diagnostics.TraceRoute.: the rows. Who sends anything is agent/diag/trace.c. */
#pragma once

#include "agent/diag/diag.h"
#include "ipc/probe.h"

struct trace_route {
	struct diag diag;
	struct probe_addr local; /* family 0: nobody has answered */
	uint32_t response_us;	 /* of the target, on average; 0: not reached */
	uint32_t tries;		 /* for each hop */
	uint32_t nhops;
	struct trace_hop hops[TRACE_HOPS_MAX];
};

extern const struct dm_object trace_route;

/* hops and nhops are what the table has from now on. */
void trace_route_show(struct dm *, struct trace_route *);
