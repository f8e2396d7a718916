/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/diag/probe.h"

#include <errno.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/dial.h"
#include "agent/priv.h"
#include "agent/tree/tree.h"
#include "lib/limits.h"

static void resolved(void *arg, int status, const struct dial_resolved *names)
{
	struct probe_run *run = arg;
	int r = -ENOENT;

	run->asking = 0;
	if (status || !names->count) {
		enum diag_state state = status == -EACCES  ? DIAG_OTHER
					: status == -EBUSY ? DIAG_INTERNAL
							   : DIAG_NO_NAME;

		run->failed(run, state, "the host's address is not to be had", status);
		return;
	}
	/* Not only the first: the kernel may not speak its protocol. */
	for (uint32_t i = 0; i < names->count && (r == -ENOENT || r == -EAFNOSUPPORT); i++) {
		const struct dial_addr *a = &names->addr[i];

		/* An address in digits is what it is, whatever family was asked for. */
		if (run->family && run->family != a->family)
			continue;
		run->target = (struct probe_addr){ .family = a->family, .scope = a->scope };
		memcpy(run->target.addr, a->addr, sizeof(a->addr));
		r = run->start(run, &run->target, &run->id);
	}
	/* Without the role the agent ends, and begins this anew when both are back. */
	if (!r || priv_lost(diag_agent(run->diag)->priv))
		return;
	run->id = 0;
	if (r == -ENOENT)
		run->failed(run, DIAG_NO_NAME, "the host has no such address", 0);
	else if (r == -EACCES || r == -ERANGE || r == -EAFNOSUPPORT)
		run->failed(run, DIAG_OTHER, "the probe role refuses", r);
	else
		run->failed(run, DIAG_INTERNAL, "the probe role", r);
}

void probe_run_begin(struct probe_run *run, const char *host, unsigned int family)
{
	struct dial_resolve req = { .purpose = DIAL_FOR_DIAGNOSTICS, .family = (uint8_t)family };
	int r;

	run->id = 0;
	run->family = family;
	if (!*host || strlen(host) >= sizeof(req.host)) {
		run->failed(run, DIAG_NO_NAME, "this is no host's name", 0);
		return;
	}
	memcpy(req.host, host, strlen(host) + 1);
	r = dial_resolve(diag_agent(run->diag)->dial, &req, resolved, run);
	if (r < 0)
		run->failed(run, DIAG_INTERNAL, "the dialer", r);
	else
		run->asking = r;
}

void probe_run_stop(struct probe_run *run)
{
	if (run->asking)
		dial_cancel(diag_agent(run->diag)->dial, run->asking);
	run->asking = 0;
	if (!run->id)
		return;
	/* First: its end may come while we wait for the answer. */
	run->id = 0;
	(void)priv_probe_stop(diag_agent(run->diag)->priv);
}

bool probe_run_is(const struct probe_run *run, uint32_t id)
{
	return run->id && run->id == id;
}

enum diag_state probe_run_verdict(int error)
{
	if (!error)
		return DIAG_COMPLETE;
	return error == -EHOSTUNREACH || error == -ENETUNREACH ? DIAG_NO_ROUTE : DIAG_OTHER;
}

int probe_run_test(const struct dm_inst *in, struct probe_test *out)
{
	out->timeout_ms = (uint32_t)dm_uint(in, "Timeout");
	out->size = (uint32_t)dm_uint(in, "DataBlockSize");
	out->dscp = (uint32_t)dm_uint(in, "DSCP");
	return out->timeout_ms > PROBE_TIMEOUT_MAX_MS || out->size > PROBE_SIZE_MAX ? -ERANGE : 0;
}
