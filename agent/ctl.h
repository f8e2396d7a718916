/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local control socket, run.dir/ctl.sock: sallyportctl's verbs, by the rules that hold for
 * the ACS. Only root and the agent's own user or group are answered.
 */
#pragma once

#include "config.h"

struct agent;
struct ctl_server;

#ifdef CONFIG_CTL
/* Before lockdown, while the agent may still bind in run.dir: 0 or -errno, logged.
 * As root it gives the socket to the agent's group (0660). */
int ctl_open(struct ctl_server **out, struct agent *agent);
/* Puts it into the loop, when the tree and the client are there. 0 or -errno. */
int ctl_start(struct ctl_server *s);
void ctl_close(struct ctl_server *s); /* NULL is fine */
#else
static inline int ctl_open(struct ctl_server **out, struct agent *agent)
{
	*out = 0;
	return 0;
}

static inline int ctl_start(struct ctl_server *s)
{
	return 0;
}

static inline void ctl_close(struct ctl_server *s)
{
}
#endif
