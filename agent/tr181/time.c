/* SPDX-License-Identifier: Apache-2.0 */
/* Device.Time. (TR-181 2.19.1): what the kernel's clock says. Who sets it is not ours yet. */
#include "agent/tr181/tr181.h"
#include "agent/tree/rows.h"
#include "lib/clock.h"

static enum dm_error get_status(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, clock_synced() ? "Synchronized" : "Unsynchronized");
	return DM_OK;
}

/* The local time zone is not known to the agent: the same moment, told in UTC. */
static enum dm_error get_now(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	if (clock_synced())
		dm_put_time(sink, clock_wall());
	else
		dm_put_time_unknown(sink);
	return DM_OK;
}

static const char *const status[] = { "Disabled", "Unsynchronized", "Synchronized", NULL };

static const struct dm_param params[] = {
	{ "Status", DM_STRING, DM_RO, DM_VALUES(status), .get = get_status,
	  .source = "adjtimex: STA_UNSYNC" },
	{ "CurrentLocalTime", DM_DATETIME, DM_RO, .notify = DM_CAN_DENY, .get = get_now,
	  .source = "CLOCK_REALTIME, in UTC; unknown while it is not synchronized" },
};

extern const struct dm_object device_time;
const struct dm_object device_time = DM_SINGLE("Device.Time.", params);
