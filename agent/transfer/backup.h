/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sealed file for two: who made it, and whoever has the operator's private key
 * (docs/backup-format.md). Pure but for random numbers.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buf;

#define BACKUP_KEY_BYTES 32	   /* X25519 keys, and the box's own secret */
#define BACKUP_OVERHEAD (152 + 32) /* header and authenticator */

/* out: the sealed file. 0, -ENOMEM, or -EIO when libcrypto fails. */
int backup_seal(struct buf *out, const uint8_t operator_key[BACKUP_KEY_BYTES],
		const uint8_t box_secret[BACKUP_KEY_BYTES], const void *text, size_t len);

enum backup_error {
	BACKUP_OK,
	BACKUP_MALFORMED, /* not such a file, or cut */
	BACKUP_FOREIGN,	  /* changed, or made by another box for another key */
	BACKUP_FAILED,	  /* memory or libcrypto */
};
/* operator_private: NULL when this box has none. out: the text. */
enum backup_error backup_open(struct buf *out, const void *file, size_t len,
			      const uint8_t box_secret[BACKUP_KEY_BYTES],
			      const uint8_t *operator_private);
const char *backup_error_text(enum backup_error e);
