/* SPDX-License-Identifier: Apache-2.0 */
/* Lexical forms of values (TR-106 A17 3.2, XML Schema 2): pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/tree/tree.h"

struct buf;

/*
 * Appends the canonical form of what was given: true/false, numbers without '+' and leading
 * zeros, hexBinary in upper case, base64 without white space; strings and dateTime as they are.
 * 0; -EINVAL: not of that type; -ERANGE: a number too big for it; -ENOMEM.
 */
int dm_value_parse(enum dm_type, const char *s, size_t len, struct buf *out);

/* What a parameter of that type reads as when there is nothing to say. */
const char *dm_value_null(enum dm_type, size_t *len);

bool dm_type_signed(enum dm_type);
/* Inside the row's ranges? text is canonical. */
bool dm_in_ranges(enum dm_type, const char *text, size_t len, const struct dm_range *, size_t n);

/* The next item of a comma-separated list, without the blanks around it. false: no more. */
struct dm_items {
	const char *s;
	size_t len; /* what is left */
	bool more;
};
void dm_items_start(struct dm_items *, const char *s, size_t len);
bool dm_items_next(struct dm_items *, const char **item, size_t *len);
