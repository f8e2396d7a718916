/* SPDX-License-Identifier: Apache-2.0 */
/* The file types of TR-069 A6 A.3.2.8 and A.4.1.5, as far as this box has them. */
#include <stdio.h>
#include <string.h>

#include "agent/cwmp/rpc.h"
#include "agent/transfer/config.h"
#include "agent/transfer/firmware.h"
#include "agent/transfer/logfile.h"
#include "agent/transfer/run.h"
#include "lib/array.h"
#include "lib/num.h"

static const struct file_type {
	const char *name;
	bool upload, numbered;
	uint8_t file;
	const char *listed; /* as TransferFileType has it */
} types[] = {
	{ "1 Firmware Upgrade Image", false, false, TRANSFER_FIRMWARE, "1 Firmware Upgrade Image" },
	{ "3 Vendor Configuration File", false, false, TRANSFER_CONFIG,
	  "3 Vendor Configuration File" },
	{ "1 Vendor Configuration File", true, false, TRANSFER_CONFIG,
	  "3 Vendor Configuration File" },
	{ "2 Vendor Log File", true, false, TRANSFER_LOG, "4 Vendor Log File" },
	{ "3 Vendor Configuration File", true, true, TRANSFER_CONFIG,
	  "6 Vendor Configuration File" },
	{ "4 Vendor Log File", true, true, TRANSFER_LOG, "7 Vendor Log File" },
};

/* "NAME", or with an instance number behind it; 1 without. */
static bool is_type(const struct file_type *f, const char *text, uint32_t *instance)
{
	size_t n = strlen(f->name);
	uint64_t number = 1;

	if (strncmp(text, f->name, n) != 0)
		return false;
	if (f->numbered && (text[n] != ' ' ||
			    num_parse_u64(text + n + 1, strlen(text + n + 1), INT32_MAX, &number)))
		return false;
	*instance = (uint32_t)number;
	return f->numbered || !text[n];
}

static bool is_here(const struct transfers *ts, const struct file_type *f, uint32_t instance)
{
	switch ((enum transfer_file)f->file) {
	case TRANSFER_FIRMWARE:
		return ts->firmware != NULL;
	case TRANSFER_CONFIG:
		return ts->config && instance == 1;
	case TRANSFER_LOG:
		return ts->log && logfile_exists(ts->log, instance);
	case TRANSFER_FILES:
		break;
	}
	return false;
}

unsigned transfer_type(const struct transfers *ts, bool upload, const char *text,
		       enum transfer_file *file, uint32_t *instance, const char **why)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		const struct file_type *f = &types[i];

		if (f->upload != upload || !is_type(f, text, instance))
			continue;
		if (!is_here(ts, f, *instance)) {
			*why = "FileType: this box has no such file";
			return FAULT_ARGUMENTS;
		}
		*file = (enum transfer_file)f->file;
		return 0;
	}
	*why = upload ? "FileType: allowed are '1 Vendor Configuration File', '2 Vendor Log "
			"File', '3 Vendor Configuration File <i>', '4 Vendor Log File <i>'"
		      : "FileType: allowed are '1 Firmware Upgrade Image', '3 Vendor "
			"Configuration File'";
	return FAULT_ARGUMENTS;
}

void transfer_type_name(const struct transfers *ts, const struct transfer *t,
			char out[CWMP_FILE_TYPE_MAX + 1])
{
	const char *asked = transfer_text(&ts->q, t, "type");
	bool upload = t->kind == TRANSFER_UPLOAD;
	uint32_t instance;

	(void)snprintf(out, CWMP_FILE_TYPE_MAX + 1, "%s", asked);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		const struct file_type *f = &types[i];

		if (f->upload != upload || !is_type(f, asked, &instance))
			continue;
		if (f->numbered)
			(void)snprintf(out, CWMP_FILE_TYPE_MAX + 1, "%s %u", f->listed, instance);
		else
			(void)snprintf(out, CWMP_FILE_TYPE_MAX + 1, "%s", f->listed);
		return;
	}
}

const struct transfer_handler *transfer_handler(enum transfer_file file)
{
	static const struct transfer_handler *const handlers[TRANSFER_FILES] = {
		[TRANSFER_FIRMWARE] = &firmware_handler,
		[TRANSFER_CONFIG] = &config_handler,
		[TRANSFER_LOG] = &logfile_handler,
	};

	return handlers[file];
}
