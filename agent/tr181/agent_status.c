/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/tr181/agent_status.h"

#include <stdio.h>
#include <string.h>

#include "agent/tr181/tr181.h"
#include "agent/tree/rows.h"
#include "lib/clock.h"
#include "lib/text.h"

#define WHY_MAX 256

static struct {
	char why[WHY_MAX + 1];
	uint64_t failed_ms, next_ms; /* monotonic; 0: never, none */
} session;

static enum dm_error get_failure(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, session.why);
	return DM_OK;
}

static void put_when(struct dm_sink *sink, uint64_t ms)
{
	if (ms)
		tr181_put_when(sink, ms);
	else
		dm_put_time_unknown(sink);
}

static enum dm_error get_failure_time(struct dm_inst *in, const struct dm_param *p,
				      struct dm_sink *sink)
{
	put_when(sink, session.failed_ms);
	return DM_OK;
}

static enum dm_error get_next(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	put_when(sink, session.next_ms);
	return DM_OK;
}

static const struct dm_param params[] = {
	{ "LastSessionFailure", DM_STRING, DM_RO, DM_MAXLEN(WHY_MAX), .get = get_failure,
	  .flags = DM_EVENTED, .source = "the session machine, since the agent began" },
	{ "LastSessionFailureTime", DM_DATETIME, DM_RO, .get = get_failure_time,
	  .flags = DM_EVENTED, .source = "the session machine, since the agent began" },
	{ "NextSessionRetry", DM_DATETIME, DM_RO, .notify = DM_CAN_DENY, .get = get_next,
	  .source = "the retry timer; unknown while no session has failed" },
	{ "LastRevertReason", DM_STRING, DM_RO, DM_MAXLEN(WHY_MAX), .notify = DM_DEFAULT_ACTIVE,
	  .source = "why the agent itself took a change back" },
	{ "LastRevertTime", DM_DATETIME, DM_RO, .source = "when that was" },
};

static char path[] = "Device.X_000000_Agent.";
static const struct dm_object agent_status = DM_SINGLE(path, params);

const struct dm_object *agent_status_object(const char oui[7])
{
	memcpy(path + strlen("Device.X_"), oui, 6);
	return &agent_status;
}

void agent_status_failed(struct dm *dm, const char *why, uint64_t next_ms)
{
	struct dm_inst *in = dm_single(dm, &agent_status);

	session.failed_ms = clock_mono_ms();
	session.next_ms = next_ms;
	(void)snprintf(session.why, sizeof(session.why), "%s", why);
	if (!xml_clean(session.why, strlen(session.why)))
		(void)snprintf(session.why, sizeof(session.why), "unprintable");
	dm_changed(in, "LastSessionFailure");
	dm_changed(in, "LastSessionFailureTime");
}

void agent_status_good(struct dm *dm)
{
	session.next_ms = 0;
}

void agent_status_reverted(struct dm_txn *txn, const char *why)
{
	char name[sizeof(path) + 32], when[CLOCK_TEXT_MAX] = "0001-01-01T00:00:00Z";

	if (clock_synced())
		(void)clock_format(when, clock_wall());
	(void)snprintf(name, sizeof(name), "%sLastRevertReason", path);
	dm_stage_own(txn, name, why, strnlen(why, WHY_MAX));
	(void)snprintf(name, sizeof(name), "%sLastRevertTime", path);
	dm_stage_own(txn, name, when, strlen(when));
}
