/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/transfer/policy.h"

#include <net/if.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/kernel/rt.h"
#include "agent/transfer/queue.h"
#include "agent/tree/tree.h"
#include "lib/clock.h"

static bool matches(const char *filter, const char *what)
{
	return !strcmp(filter, "Both") || !strcmp(filter, what);
}

/* A list of TransferFileType; ours have no comma in them. */
static bool listed(const char *list, const char *type)
{
	size_t n = strlen(type);

	for (const char *p = list; *p; p += strcspn(p, ","), p += *p == ',') {
		while (*p == ' ')
			p++;
		if (!strncmp(p, type, n) && (!p[n] || p[n] == ','))
			return true;
	}
	return false;
}

bool transfer_policy_wants(struct dm *dm, const struct transfer *t)
{
	static const char *const types[TRANSFER_FILES] = {
		[TRANSFER_FIRMWARE] = "1 Firmware Upgrade Image",
		[TRANSFER_CONFIG] = "3 Vendor Configuration File",
		[TRANSFER_LOG] = "4 Vendor Log File",
	};
	struct dm_inst *in =
		dm_find(dm, "Device.ManagementServer.AutonomousTransferCompletePolicy.");

	return dm_bool(in, "Enable") &&
	       matches(dm_str(in, "TransferTypeFilter", NULL), "Download") &&
	       matches(dm_str(in, "ResultTypeFilter", NULL), t->fault ? "Failure" : "Success") &&
	       listed(dm_str(in, "FileTypeFilter", NULL), types[t->file]);
}

static uint64_t moved(struct agent *agent)
{
	const struct rt_set *links = &rt_tables(agent->rt)->set[RT_LINKS];
	uint64_t bytes = 0;

	rt_fresh_stats(agent->rt);
	for (uint32_t i = 0; i < links->n; i++) {
		const struct rt_link *l = rt_set_at(links, i);

		if (!(l->flags & IFF_LOOPBACK))
			bytes += l->stats.rx_bytes + l->stats.tx_bytes;
	}
	return bytes;
}

bool transfer_idle(struct agent *agent)
{
	static uint64_t last_ms, last_bytes;
	uint64_t now = clock_mono_ms(), bytes, since = now - last_ms;
	bool idle;

	if (last_ms && since < TRANSFER_IDLE_S * UINT64_C(1000))
		return false;
	bytes = moved(agent);
	idle = last_ms && since < 2 * TRANSFER_IDLE_S * UINT64_C(1000) && bytes >= last_bytes &&
	       (bytes - last_bytes) * 1000 / since < TRANSFER_IDLE_RATE;
	last_ms = now;
	last_bytes = bytes;
	return idle;
}
