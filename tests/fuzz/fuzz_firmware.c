/* SPDX-License-Identifier: Apache-2.0 */
/* A manifest, and a boot loader's environment, of any bytes. */
#include <stdlib.h>
#include <string.h>

#include "firmware/manifest.h"
#include "firmware/slot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void manifest(const uint8_t *data, size_t size)
{
	struct fw_manifest m;
	uint64_t bytes = 0;

	(void)fw_manifest_length(data, size);
	if (fw_manifest_parse(&m, data, size) != FW_OK)
		return;
	/* What passes is written in the only way there is, and its chunks are its payload. */
	for (uint32_t i = 0; i < m.chunks; i++) {
		uint32_t n = fw_chunk_bytes(&m, i);

		if (!n || n > m.chunk_size ||
		    m.hashes + (size_t)(i + 1) * FW_HASH_BYTES > data + size)
			abort();
		bytes += n;
	}
	if (bytes != m.payload || fw_chunk_bytes(&m, m.chunks) || !*m.model || !*m.version ||
	    fw_manifest_length(data, size) != size)
		abort();
}

/* A step that succeeds leaves an environment that says so, and one that does not leaves it good. */
static void environment(const uint8_t *data, size_t size)
{
	struct env e = { malloc(size), size };
	struct slots s;

	if (!e.bytes)
		return;
	memcpy(e.bytes, data, size);
	(void)env_good(&e);
	env_seal(&e, ENV_COUNTING, 7);
	if (env_good(&e) && !slots_read(&s, &e)) {
		(void)slots_begin(&e, SLOT_A);
		if (!slots_arm(&e, SLOT_A, 5, "2.0") &&
		    (slots_read(&s, &e) || s.boot != SLOT_B || s.phase != SLOT_TRIAL))
			abort();
		(void)slots_booted(&e);
		if (!slots_fall_back(&e, "because") &&
		    (slots_read(&s, &e) || s.phase == SLOT_TRIAL))
			abort();
		(void)slots_confirm(&e);
		(void)slots_reported(&e);
		env_seal(&e, ENV_COUNTING, 7);
		if (!env_good(&e))
			abort();
	}
	free(e.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	manifest(data, size);
	if (size > ENV_HEAD_BYTES + 1 && size < 65536)
		environment(data, size);
	return 0;
}
