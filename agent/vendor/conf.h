/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file that declares a vendor's own objects (docs/vendor.md): pure. Strings of the result lie
 * in the text that was given, which is cut into words where it stands.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "agent/tree/tree.h"

/* Who has the value of a parameter. */
struct vendor_source {
	const char *file;     /* absolute path; NULL: the daemon */
	int daemon;	      /* place in vendor_conf.daemons */
	const char *fallback; /* told while the source is silent; NULL: then there is no value */
};

struct vendor_object {
	struct dm_object obj;
	struct dm_param *rows;
	struct vendor_source *sources; /* one per row */
	size_t nrows;
};

struct vendor_daemon_conf {
	const char *name;
	const char *user; /* a name or a number */
};

struct vendor_conf {
	struct vendor_object *objects;
	size_t nobjects;
	struct vendor_daemon_conf daemons[8];
	size_t ndaemons;
};

struct vendor_wrong {
	unsigned int line; /* from 1 */
	const char *why;
};

/* text holds no NUL before its end at len, and must live as long as the result. 0; -EINVAL with
 * what is wrong; -ENOMEM. */
int vendor_conf_parse(struct vendor_conf *, char *text, size_t len, struct vendor_wrong *);
void vendor_conf_free(struct vendor_conf *);
