/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects that a vendor adds by configuration alone (docs/vendor.md). Each parameter is a file or a
 * question to the vendor's daemon; its value is checked against its row each time that it is read.
 * Writing is part of the transaction: read, write, read back, and put back when anything fails.
 */
#pragma once

#include <stddef.h>

#include "agent/tree/tree.h"

struct loop;
struct sb_path;
struct vendor;

/* Before lockdown. file "": no objects. 0, or -errno after a log line. */
int vendor_load(struct vendor **, const char *file);
/* Before dm_close() and after it: the tree needs the rows as long as it is there. */
void vendor_close(struct vendor *);
void vendor_free(struct vendor *);
int vendor_check(const char *file); /* says what is wrong with it; 0 or -errno */
/* Its objects, for dm_open() behind the others; the list is the vendor's. */
const struct dm_object *const *vendor_objects(const struct vendor *, size_t *n);
/* After dm_open(), before lockdown: binds the rows, listens for the daemons. */
int vendor_open(struct vendor *, struct dm *, const char *run_dir);
/* What Landlock must leave: at most max, the strings are the vendor's. */
size_t vendor_paths(const struct vendor *, struct sb_path *out, size_t max);
int vendor_start(struct vendor *, struct loop *);
