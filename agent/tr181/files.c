/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/tr181/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/priv.h"
#include "agent/store.h"
#include "agent/tr181/device_info.h"
#include "agent/tr181/tr181.h"
#include "agent/transfer/config.h"
#include "agent/transfer/firmware.h"
#include "agent/transfer/logfile.h"
#include "agent/transfer/run.h"
#include "agent/tree/rows.h"
#include "lib/num.h"

extern const struct dm_object transfer_policy, vendor_config_file, vendor_log_file, firmware_image;

static struct transfers *transfers_of(struct dm *dm)
{
	return dm_ctx(dm_single(dm, &transfer_policy));
}

void files_bind(struct dm *dm, struct transfers *ts)
{
	dm_bind(dm, &transfer_policy, ts);
}

/* VendorConfigFile */

static void refresh_config(struct dm *dm, const struct dm_object *obj, struct dm_inst *parent)
{
	const struct transfers *ts = transfers_of(dm);

	dm_rows_begin(parent, obj);
	if (ts && ts->config)
		(void)dm_row(parent, obj, "configuration");
	dm_rows_end(parent, obj);
}

static const char *kept(struct dm_inst *in, const char *key)
{
	const struct transfers *ts = transfers_of(dm_inst_dm(in));

	return ts ? store_get(ts->agent->store, key, NULL) : NULL;
}

static enum dm_error config_name(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const char *name = kept(in, KEPT_CONFIG_NAME);

	dm_put_str(sink, name ? name : "configuration");
	return DM_OK;
}

static enum dm_error config_version(struct dm_inst *in, const struct dm_param *p,
				    struct dm_sink *sink)
{
	dm_put_str(sink, kept(in, KEPT_CONFIG_VERSION));
	return DM_OK;
}

static enum dm_error config_date(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const char *date = kept(in, KEPT_CONFIG_DATE);
	int64_t when;

	if (date && !num_parse_i64(date, strlen(date), 0, INT64_MAX, &when))
		dm_put_time(sink, when);
	else
		dm_put_time_unknown(sink);
	return DM_OK;
}

static enum dm_error config_text(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, "everything that was set, sealed for the operator");
	return DM_OK;
}

static enum dm_error config_use(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_bool(sink, true);
	return DM_OK;
}

#define RESTORED "of the file that was restored last"

static const struct dm_param config_params[] = {
	DM_ROW_ALIAS,
	{ "Name", DM_STRING, DM_RO, DM_MAXLEN(KEPT_CONFIG_NAME_MAX), .get = config_name,
	  .source = "TargetFileName " RESTORED },
	{ "Version", DM_STRING, DM_RO, DM_MAXLEN(16), .get = config_version,
	  .source = "the end of the authenticator " RESTORED },
	{ "Date", DM_DATETIME, DM_RO, .get = config_date, .source = "when a file was restored" },
	{ "Description", DM_STRING, DM_RO, DM_MAXLEN(256), .get = config_text,
	  .source = "docs/backup-format.md" },
	{ "UseForBackupRestore", DM_BOOL, DM_RO, .get = config_use, .source = "always" },
};

const struct dm_object vendor_config_file =
	DM_TABLE("Device.DeviceInfo.VendorConfigFile.{i}.", config_params, .flags = DM_KEEP,
		 .max = 1, .entries = "VendorConfigFileNumberOfEntries", .refresh = refresh_config);

/* VendorLogFile */

/* Their numbers are in the file types, so that they do not depend on what else there is. */
static void refresh_log(struct dm *dm, const struct dm_object *obj, struct dm_inst *parent)
{
	const struct transfers *ts = transfers_of(dm);

	dm_rows_begin(parent, obj);
	for (uint32_t i = 1; ts && i <= LOGFILES_MAX; i++)
		if (logfile_exists(ts->log, i))
			(void)dm_row(parent, obj, i == 1 ? "agent" : "system");
	dm_rows_end(parent, obj);
}

static uint32_t log_number(const struct dm_inst *in)
{
	return !strcmp(in->key, "agent") ? 1 : 2;
}

static enum dm_error log_name(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, logfile_name(transfers_of(dm_inst_dm(in))->log, log_number(in)));
	return DM_OK;
}

static enum dm_error log_max(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_uint(sink, logfile_max(transfers_of(dm_inst_dm(in))->log, log_number(in)));
	return DM_OK;
}

static enum dm_error log_lasts(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_bool(sink, true);
	return DM_OK;
}

static const struct dm_param log_params[] = {
	DM_ROW_ALIAS,
	{ "Name", DM_STRING, DM_RO, DM_MAXLEN(64), .get = log_name,
	  .source = "the agent's own log; log.system" },
	{ "MaximumSize", DM_UINT, DM_RO, .get = log_max, .source = "log.size; 0: not ours to say" },
	{ "Persistent", DM_BOOL, DM_RO, .get = log_lasts, .source = "both are files" },
};

const struct dm_object vendor_log_file = DM_TABLE(
	"Device.DeviceInfo.VendorLogFile.{i}.", log_params, .flags = DM_KEEP, .max = LOGFILES_MAX,
	.entries = "VendorLogFileNumberOfEntries", .refresh = refresh_log);

/* FirmwareImage */

struct image {
	char version[FLASH_VERSION_MAX];
	char failure[FLASH_REASON_MAX];
	const char *status;
	bool whole, runs, boots;
};

static const struct image no_image = { .status = "NoImage" };

static void fill_image(struct image *m, const struct slot_state *s, uint32_t slot,
		       const struct transfers *ts)
{
	const char *kept = store_get(ts->agent->store, KEPT_BOOT_FAILURE, NULL);

	*m = (struct image){ .whole = slot ? s->whole_b : s->whole_a,
			     .runs = s->running == slot,
			     .boots = s->boot == slot };
	(void)snprintf(m->version, sizeof(m->version), "%s", slot ? s->version_b : s->version_a);
	if (!m->runs)
		(void)snprintf(m->failure, sizeof(m->failure), "%s",
			       s->trial == SLOT_WENT_BACK ? s->reason
			       : kept			  ? kept
							  : "");
	m->status = m->runs		   ? "Active"
		    : firmware_writing(ts) ? "Downloading"
		    : m->whole		   ? "Available"
					   : "NoImage";
}

static void refresh_images(struct dm *dm, const struct dm_object *obj, struct dm_inst *parent)
{
	static const char *const slots[] = { "a", "b" };
	const struct transfers *ts = transfers_of(dm);
	struct slot_state s;

	/* When the role does not answer, the rows stay what they were. */
	if (!ts || !ts->firmware || priv_slot_read(ts->agent->priv, &s))
		return;
	dm_rows_begin(parent, obj);
	for (uint32_t i = 0; i < 2; i++) {
		struct dm_inst *in = dm_row(parent, obj, slots[i]);

		if (in && !in->data)
			in->data = calloc(1, sizeof(struct image));
		if (in && in->data)
			fill_image(in->data, &s, i, ts);
	}
	dm_rows_end(parent, obj);
}

static void release_image(struct dm_inst *in)
{
	free(in->data);
	in->data = NULL;
}

static const struct image *image_of(const struct dm_inst *in)
{
	return in->data ? in->data : &no_image;
}

static enum dm_error image_name(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, in->key);
	return DM_OK;
}

static enum dm_error image_version(struct dm_inst *in, const struct dm_param *p,
				   struct dm_sink *sink)
{
	dm_put_str(sink, image_of(in)->version);
	return DM_OK;
}

static enum dm_error image_available(struct dm_inst *in, const struct dm_param *p,
				     struct dm_sink *sink)
{
	dm_put_bool(sink, image_of(in)->whole || image_of(in)->runs);
	return DM_OK;
}

static enum dm_error image_status(struct dm_inst *in, const struct dm_param *p,
				  struct dm_sink *sink)
{
	dm_put_str(sink, image_of(in)->status);
	return DM_OK;
}

static enum dm_error image_failure(struct dm_inst *in, const struct dm_param *p,
				   struct dm_sink *sink)
{
	dm_put_str(sink, image_of(in)->failure);
	return DM_OK;
}

static bool any_slots(const struct dm_inst *parent)
{
	const struct transfers *ts = transfers_of(dm_inst_dm(parent));

	return ts && ts->firmware;
}

bool files_has_images(const struct dm_inst *in)
{
	return any_slots(in);
}

static enum dm_error put_image(struct dm_inst *info, struct dm_sink *sink, bool boots)
{
	refresh_images(dm_inst_dm(info), &firmware_image, info);
	dm_put_str(sink, "");
	for (size_t i = 0; i < dm_row_count(info, &firmware_image); i++) {
		const struct dm_inst *in = dm_row_at(info, &firmware_image, i);

		if (boots ? image_of(in)->boots : image_of(in)->runs)
			dm_put_path(sink, in);
	}
	return DM_OK;
}

enum dm_error files_active_image(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	return put_image(in, sink, false);
}

enum dm_error files_boot_image(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	return put_image(in, sink, true);
}

static const char *const statuses[] = {
	"NoImage",	  "Active",	      "Downloading",	    "Validating",	"Available",
	"DownloadFailed", "ValidationFailed", "InstallationFailed", "ActivationFailed", NULL
};

static const struct dm_param image_params[] = {
	DM_ROW_ALIAS,
	{ "Name", DM_STRING, DM_RO, DM_MAXLEN(64), .get = image_name,
	  .source = "flash role: the slot" },
	{ "Version", DM_STRING, DM_RO, DM_MAXLEN(64), .get = image_version,
	  .source = "the image's signed manifest" },
	{ "Available", DM_BOOL, DM_RW, .get = image_available, .check = tr181_as_it_is,
	  .source = "flash role: a verified image is in it" },
	{ "Status", DM_STRING, DM_RO, DM_VALUES(statuses), .get = image_status,
	  .source = "flash role" },
	{ "BootFailureLog", DM_STRING, DM_RO, .get = image_failure,
	  .source = "flash role: why its trial ended" },
};

const struct dm_object firmware_image =
	DM_TABLE("Device.DeviceInfo.FirmwareImage.{i}.", image_params, .flags = DM_KEEP, .max = 2,
		 .entries = "FirmwareImageNumberOfEntries", .refresh = refresh_images,
		 .release = release_image, .when = any_slots);
