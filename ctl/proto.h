/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What sallyportctl and the agent say to each other over run.dir/ctl.sock (SOCK_SEQPACKET).
 *
 * A packet is a sequence of records, a record is its type, its number of fields, and the fields,
 * each terminated by a NUL. The client sends one CTL_REQUEST (verb, arguments) in one packet; the
 * agent answers with records of the verb's kind in as many packets as it takes, CTL_FAULT for
 * each thing that was wrong, and at last one CTL_DONE. Then the next request may come.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"

#define CTL_SOCKET "ctl.sock"
#define CTL_FIELDS_MAX 130 /* 64 pairs of path and value, and the verb */

enum ctl_type {
	CTL_REQUEST = 'Q',  /* verb, arguments */
	CTL_VALUE = 'V',    /* path, xsd type, value */
	CTL_NAME = 'N',	    /* path, "1" writable or "0" */
	CTL_ATTR = 'A',	    /* path, "off" "passive" "active", "Subscriber" or "" */
	CTL_ITEM = 'I',	    /* name, value: of status */
	CTL_EVENT = 'E',    /* code, command key */
	CTL_TRANSFER = 'T', /* id, what, state, bytes, total, key, text */
	CTL_PATH = 'P',	    /* path: of what was added */
	CTL_LINE = 'L',	    /* text of the log */
	CTL_FAULT = 'F',    /* error name, path (or ""), text */
	CTL_DONE = 'D',	    /* "ok", "later" (taken, not done yet), or "failed" */
};

struct ctl_record {
	char type;
	size_t n;
	const char *field[CTL_FIELDS_MAX]; /* terminated; inside the packet */
};

/* Takes the next record off the packet. 1, 0 at its end, -EBADMSG when it is malformed. */
int ctl_next(const char **packet, size_t *left, struct ctl_record *r);

/*
 * Appends a record; sizes NULL: the fields are terminated strings. A field is cut at a NUL byte
 * (no value of the tree has one).
 */
void ctl_put(struct buf *b, enum ctl_type type, size_t n, const char *const *fields,
	     const size_t *sizes);

/* Fewest and most arguments of a verb; false: there is no such verb. */
bool ctl_verb_args(const char *verb, size_t *min, size_t *max);
