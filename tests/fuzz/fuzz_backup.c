/* SPDX-License-Identifier: Apache-2.0 */
/* A file that claims to be a backup. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/transfer/backup.h"
#include "lib/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t box[BACKUP_KEY_BYTES] = "the secret of this box, no more";
	static const uint8_t private[BACKUP_KEY_BYTES] = "the operator's private key, 32 o";
	struct buf out = { .max = 1u << 20 };

	/* Nobody without the secrets makes one that opens. */
	if (backup_open(&out, data, size, box, private) == BACKUP_OK)
		abort();
	if (out.len)
		abort();
	buf_free(&out);
	return 0;
}
