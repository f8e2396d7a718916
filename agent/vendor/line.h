/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What agent and a vendor's daemon say to each other, line by line (docs/vendor.md): pure.
 *
 *	get PATH		value TEXT | error TEXT
 *	set PATH TEXT		ok | error TEXT
 *				changed PATH		at any time
 *
 * In TEXT, \\ and \n stand for a backslash and the end of a line.
 */
#pragma once

#include <stddef.h>

struct buf;

enum vendor_word { VENDOR_MALFORMED, VENDOR_VALUE, VENDOR_OK, VENDOR_ERROR, VENDOR_CHANGED };

void vendor_put_get(struct buf *, const char *path);
void vendor_put_set(struct buf *, const char *path, const char *text, size_t len);
/* One line of the daemon's, without its end. Its TEXT is unescaped where it stands, and
 * terminated: line[len] must be writable. */
enum vendor_word vendor_take_line(char *line, size_t len, char **text, size_t *text_len);
