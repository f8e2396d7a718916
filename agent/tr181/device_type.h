/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.DeviceInfo.SupportedDataModel. and the file that it points to: an instance of the Device
 * Type schema (TR-106 Annex B), made from the rows. The operator hosts the file, made by
 * `sallyport-agent --device-type`, and says its URL; its UUID follows from its content.
 */
#pragma once

struct buf;
struct dm;

/* The whole file. 0 or -ENOMEM. */
int device_type_write(struct dm *, struct buf *out);
/* After dm_open(). url: where the operator has the file, not copied; "": nowhere, then the table is
 * empty. 0 or -ENOMEM. */
int device_type_init(struct dm *, const char *url);
