/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "3 Vendor Configuration File": everything that was set, sealed for the operator
 * (docs/backup-format.md), and taken back all or nothing.
 */
#pragma once

#include <stdint.h>

struct store;
struct transfers;
struct transfer_handler;

extern const struct transfer_handler config_handler;

/* Reads backup.key and backup.open_key; ts->config stays NULL without the first. 0 or -errno,
 * logged. */
int config_new(struct transfers *ts);
void config_free(struct transfers *ts);
/* In the sandbox: the secret of this box, made when there is none yet. */
void config_start(struct transfers *ts);

/* What was restored last: for VendorConfigFile. */
#define KEPT_CONFIG_NAME "@keep.config.name"
#define KEPT_CONFIG_NAME_MAX 64 /* characters */
#define KEPT_CONFIG_VERSION "@keep.config.version"
#define KEPT_CONFIG_DATE "@keep.config.date" /* Unix seconds */
