/* SPDX-License-Identifier: Apache-2.0 */
/* A parameter that is a file: one value, and the end of a line. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* 0 or -errno (-EFBIG: more than out takes). What stands behind the last line is no part of it. */
int vendor_file_read(const char *path, struct buf *out);
/* A file of /proc or /sys is written in one piece where it is, any other is replaced. */
int vendor_file_write(const char *path, const char *text, size_t len);
/* What Landlock has to let be reached for it: the file in /proc and /sys, else its folder, in
 * which who writes the file may replace it. false: it does not fit. */
bool vendor_file_place(const char *path, char *out, size_t size);
