/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "agent/tree/rows.h"
#include "lib/array.h"

#define DM_OBJ(name) extern const struct dm_object name;
#include "agent/tr181/objects.def"
#undef DM_OBJ

#define DM_OBJ(name) &name,
const struct dm_object *const dm_objects[] = {
#include "agent/tr181/objects.def"
};
const size_t dm_nobjects = ARRAY_SIZE(dm_objects);
