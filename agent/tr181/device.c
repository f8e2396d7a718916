/* SPDX-License-Identifier: Apache-2.0 */
/* Device.: the root object (TR-181 2.19.1). */
#include "agent/tr181/tr181.h"
#include "agent/tree/rows.h"

static const struct dm_param device_params[] = {
	{ "RootDataModelVersion", DM_STRING, DM_RO, .def = "2.19", .flags = DM_FORCED_INFORM,
	  DM_MAXLEN(32), .source = "the data model that this agent was built for" },
};

const struct dm_object device = DM_SINGLE("Device.", device_params);
