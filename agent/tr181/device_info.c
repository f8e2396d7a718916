/* SPDX-License-Identifier: Apache-2.0 */
/* Device.DeviceInfo. (TR-181 2.19.1) */
#include "agent/tr181/device_info.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/tr181/files.h"
#include "agent/tr181/tr181.h"
#include "agent/tree/rows.h"
#include "lib/clock.h"

static const struct identity *identity_of(const struct dm_inst *in)
{
	return dm_ctx(in);
}

#define IDENTITY_GETTER(member)                                                         \
	static enum dm_error get_##member(struct dm_inst *in, const struct dm_param *p, \
					  struct dm_sink *sink)                         \
	{                                                                               \
		const char *text = identity_of(in)->member;                             \
                                                                                        \
		dm_put_const(sink, text, strlen(text));                                 \
		return DM_OK;                                                           \
	}

IDENTITY_GETTER(manufacturer)
IDENTITY_GETTER(oui)
IDENTITY_GETTER(product_class)
IDENTITY_GETTER(serial_number)
IDENTITY_GETTER(model_name)
IDENTITY_GETTER(hardware_version)
IDENTITY_GETTER(software_version)
IDENTITY_GETTER(description)

static enum dm_error get_uptime(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_uint(sink, clock_mono_ms() / 1000);
	return DM_OK;
}

#define FROM_LABEL "docs/identity.md"

static const struct dm_param params[] = {
	{ "Manufacturer", DM_STRING, DM_RO, DM_MAXLEN(64), .get = get_manufacturer,
	  .source = FROM_LABEL },
	{ "ManufacturerOUI", DM_STRING, DM_RO, DM_LEN(6, 6), DM_MATCH(dm_match_oui, "an OUI"),
	  .get = get_oui, .source = FROM_LABEL },
	{ "ModelName", DM_STRING, DM_RO, DM_MAXLEN(64), .get = get_model_name,
	  .source = FROM_LABEL },
	{ "Description", DM_STRING, DM_RO, DM_MAXLEN(256), .get = get_description,
	  .source = FROM_LABEL },
	{ "ProductClass", DM_STRING, DM_RO, DM_MAXLEN(64), .get = get_product_class,
	  .source = FROM_LABEL },
	{ "SerialNumber", DM_STRING, DM_RO, DM_MAXLEN(64), .get = get_serial_number,
	  .source = FROM_LABEL },
	{ "HardwareVersion", DM_STRING, DM_RO, DM_MAXLEN(64), .get = get_hardware_version,
	  .flags = DM_FORCED_INFORM, .source = FROM_LABEL },
	{ "SoftwareVersion", DM_STRING, DM_RO, DM_MAXLEN(64), .get = get_software_version,
	  .flags = DM_FORCED_INFORM, .notify = DM_FORCED_ACTIVE, .source = FROM_LABEL },
	{ "ProvisioningCode", DM_STRING, DM_RW, DM_MAXLEN(64), .flags = DM_FORCED_INFORM,
	  .notify = DM_FORCED_ACTIVE, .source = "set by the ACS; factory layer" },
	{ "UpTime", DM_UINT, DM_RO, .get = get_uptime, .notify = DM_CAN_DENY,
	  .source = "CLOCK_BOOTTIME" },
	{ "ActiveFirmwareImage", DM_STRING, DM_RO, DM_REF("Device.DeviceInfo.FirmwareImage."),
	  .get = files_active_image, .when = files_has_images, .source = "flash role" },
	{ "BootFirmwareImage", DM_STRING, DM_RW, DM_REF("Device.DeviceInfo.FirmwareImage."),
	  .get = files_boot_image, .check = tr181_as_it_is, .when = files_has_images,
	  .source = "flash role; it changes by a download" },
};

const struct dm_object device_info = DM_SINGLE("Device.DeviceInfo.", params);

int device_info_init(struct dm *dm, const struct identity *id)
{
	struct identity *own = malloc(sizeof(*own));

	if (!own)
		return -ENOMEM;
	*own = *id;
	dm_bind(dm, &device_info, own);
	return 0;
}

void device_info_exit(struct dm *dm)
{
	free(dm_ctx(dm_single(dm, &device_info)));
	dm_bind(dm, &device_info, NULL);
}
