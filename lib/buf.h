/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing byte buffer with a ceiling. A put that does not fit, or for which
 * there is no memory, sets `failed` and writes nothing; later puts do nothing
 * either, so that a whole message is built first and `failed` is checked once.
 * The content is always followed by a NUL that `len` does not count.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data;	      /* owned; NULL until the first put */
	size_t len, cap, max; /* bytes */
	bool failed;
};

/* For a declaration: a buffer that is let go by _cleanup_buf_ must never be without a value. */
#define BUF_INIT(limit) ((struct buf){ .max = (limit) })
void buf_init(struct buf *b, size_t max);
void buf_free(struct buf *b);  /* may be used again: max is kept */
void buf_reset(struct buf *b); /* empties, clears failed, keeps the memory */
void buf_wipe(struct buf *b);  /* zeroes the memory, then frees: for what held a secret */

void buf_put(struct buf *b, const void *p, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_putu(struct buf *b, uint64_t v);
void buf_puti(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Room for n more bytes (and the NUL); NULL (and failed) when there is none.
 * The caller writes at most n bytes there and says so with buf_commit(). */
char *buf_room(struct buf *b, size_t n);
void buf_commit(struct buf *b, size_t n);
void buf_truncate(struct buf *b, size_t len); /* drops what is behind len */
const char *buf_str(const struct buf *b);     /* "" when nothing was put */
