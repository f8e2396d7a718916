/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of the state and factory files: pure.
 *
 *	sallyport-state 1
 *	# comment
 *	Device.ManagementServer.URL = https://acs.example/
 *	@end = 1
 *
 * Blanks around key and value don't count. In a value \\ \n and \xHH stand for what would not
 * survive: the backslash, control characters, and blanks at its ends.
 * @end is the last line of a state file and counts the lines of keys: a file that was cut is seen.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf;

#define STORE_VERSION 1	  /* goes up only when an older reader could not read the lines */
#define STORE_KEY_MAX 320 /* characters: a path of 256 and a record's name */

bool store_key_valid(const char *key, size_t len);
/* One line. The value holds no NUL. */
void store_put_line(struct buf *, const char *key, const char *value, size_t len);
size_t store_line_length(const char *key, const char *value, size_t len);
void store_put_header(struct buf *);
void store_put_end(struct buf *, size_t lines);

/* value is unescaped and terminated; both are good until fn returns. Non-zero ends with -EINVAL. */
typedef int (*store_line_fn)(void *arg, const char *key, const char *value, size_t len);
struct store_text {
	unsigned int version; /* of the header */
	unsigned int line;    /* where the error was, from 1 */
	const char *error;    /* in words */
	bool ended;	      /* @end was there and right */
};
/* 0, -EINVAL with line and error, or -ENOMEM. */
int store_parse(struct store_text *, const char *text, size_t len, store_line_fn, void *arg);
