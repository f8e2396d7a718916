/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.DeviceInfo.VendorConfigFile., VendorLogFile. and FirmwareImage. (TR-181 2.19.1), and the
 * parameters of DeviceInfo that name one of the images.
 */
#pragma once

#include "agent/tree/tree.h"

struct transfers;

/* ts answers for all of them; NULL takes it away again. */
void files_bind(struct dm *dm, struct transfers *ts);

/* Rows of Device.DeviceInfo. */
bool files_has_images(const struct dm_inst *in);
enum dm_error files_active_image(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error files_boot_image(struct dm_inst *, const struct dm_param *, struct dm_sink *);
