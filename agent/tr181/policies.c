/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.ManagementServer.AutonomousTransferCompletePolicy. and DUStateChangeComplPolicy. (TR-181
 * 2.19.1): of what the ACS did not ask for, what it wants to hear. Off until it says otherwise;
 * then the filters let everything pass that they do not name.
 */
#include <string.h>

#include "agent/tr181/tr181.h"
#include "agent/tree/rows.h"
#include "lib/text.h"

static const char *const results[] = { "Success", "Failure", "Both", NULL };
static const char *const transfers[] = { "Upload", "Download", "Both", NULL };
static const char *const operations[] = { "Install", "Update", "Uninstall", NULL };
static const char *const fault_codes[] = { "9001", "9003", "9012", "9013", "9015", "9016", "9017",
					   "9018", "9022", "9023", "9024", "9025", "9026", "9027",
					   "9028", "9029", "9030", "9031", "9032", NULL };
static const char *const file_types[] = { "1 Firmware Upgrade Image", "2 Web Content",
					  "3 Vendor Configuration File", "4 Vendor Log File",
					  NULL };

/* One of the standard's, or "X <OUI> <any>". */
static bool match_file_type(const char *s, size_t n)
{
	for (const char *const *t = file_types; *t; t++)
		if (text_eq(s, n, *t))
			return true;
	return n >= 9 && s[0] == 'X' && s[1] == ' ' && dm_match_oui(s + 2, 6) && s[8] == ' ';
}

static const struct dm_param transfer_params[] = {
	{ "Enable", DM_BOOL, DM_RW },
	{ "TransferTypeFilter", DM_STRING, DM_RW, DM_VALUES(transfers), .def = "Both" },
	{ "ResultTypeFilter", DM_STRING, DM_RW, DM_VALUES(results), .def = "Both" },
	{ "FileTypeFilter", DM_STRING, DM_RW, DM_MAXLEN(1024), .flags = DM_LIST,
	  DM_MATCH(match_file_type, "a file type of TR-069, as '4 Vendor Log File'"),
	  .def = "1 Firmware Upgrade Image,2 Web Content,3 Vendor Configuration File,"
		 "4 Vendor Log File" },
};

static const struct dm_param unit_params[] = {
	{ "Enable", DM_BOOL, DM_RW },
	{ "OperationTypeFilter", DM_STRING, DM_RW, DM_VALUES(operations), .flags = DM_LIST,
	  .def = "Install,Update,Uninstall" },
	{ "ResultTypeFilter", DM_STRING, DM_RW, DM_VALUES(results), .def = "Both" },
	{ "FaultCodeFilter", DM_STRING, DM_RW, DM_VALUES(fault_codes), .flags = DM_LIST,
	  .def = "9001,9003,9012,9013,9015,9016,9017,9018,9022,9023,9024,9025,9026,9027,9028,9029,"
		 "9030,9031,9032" },
};

extern const struct dm_object transfer_policy, unit_policy;
const struct dm_object transfer_policy =
	DM_SINGLE("Device.ManagementServer.AutonomousTransferCompletePolicy.", transfer_params);
const struct dm_object unit_policy =
	DM_SINGLE("Device.ManagementServer.DUStateChangeComplPolicy.", unit_params);
