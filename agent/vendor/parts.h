/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by vendor.c and set.c. */
#pragma once

#include "agent/loop.h"
#include "agent/vendor/conf.h"
#include "agent/vendor/daemon.h"
#include "lib/buf.h"
#include "lib/limits.h"

struct vendor_change {
	struct vendor_object *object;
	size_t row;
	char *old;
	size_t old_len;
};

struct vendor {
	struct dm *dm;
	struct buf text; /* the file; what is in conf points into it */
	struct vendor_conf conf;
	const struct dm_object *objects[VENDOR_OBJECTS_MAX];
	struct vendor_daemon daemons[sizeof(((struct vendor_conf *)0)->daemons) /
				     sizeof(struct vendor_daemon_conf)];
	char (*places)[VENDOR_PATH_MAX]; /* of the files, for Landlock */
	size_t nplaces;
	struct loop *loop;
	struct loop_timer settle; /* changes that the daemons told of wait for it */
	bool *told;		  /* [object * VENDOR_PARAMS_MAX + row] */
	struct buf raw, value;	  /* of the one that is being read */
	struct vendor_change changes[VENDOR_CHANGES_MAX];
	size_t nchanges;
};

extern const struct dm_module vendor_module;
void vendor_bind(struct vendor *); /* whose rows the module's are */

/* Canonical, in v->value. 0 or -errno (-EBADMSG: what the source says is no value of it). */
int vendor_read(struct vendor *, const struct vendor_object *, size_t row);
