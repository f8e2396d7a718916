/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives Device.IP.Diagnostics.IPPing.: the dialer resolves the host, the probe role sends, and the
 * end is told by 8 DIAGNOSTICS COMPLETE (TR-069 A6 table 8; TR-181 DiagnosticsState).
 */
#pragma once

#include "config.h"
#include "ipc/ipc.h"

struct agent;
struct ping;

#ifdef CONFIG_ROLE_PROBE
/* When the probe role is connected; else *out is NULL and the objects stay absent. 0 or -ENOMEM. */
int ping_new(struct ping **out, struct agent *agent);
/* A test that was asked for in the session begins now. Takes NULL, as the next. */
void ping_session_ended(struct ping *ping);
void ping_event(struct ping *ping, enum ipc_op op, const void *payload);
#else
static inline void ping_session_ended(struct ping *ping)
{
	(void)ping;
}
static inline void ping_event(struct ping *ping, enum ipc_op op, const void *payload)
{
	(void)ping;
	(void)op;
	(void)payload;
}
#endif
