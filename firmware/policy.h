/* SPDX-License-Identifier: Apache-2.0 */
/* May this signed image run on this box? There is no way around these rules: no override exists. */
#pragma once

#include "firmware/manifest.h"

struct fw_box {
	const char *model; /* must be the manifest's, byte by byte */
	uint32_t counter;  /* security counter of the confirmed image */
	uint32_t jump_max; /* how far above it a new one may be: a signed slip must not lock out */
	uint64_t slot_bytes; /* usable: without bad blocks */
};

enum fw_reason fw_policy(const struct fw_manifest *m, const struct fw_box *box);
