/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads images as the flash role does, for tests/image: image_reader KEY FILE...
 * KEY is the raw public key in hex. A line for each file: "good", or why not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/manifest.h"
#include "firmware/verify.h"
#include "lib/hex.h"

#define IMAGE_MAX (8u << 20)

static enum fw_reason read_image(const struct fw_keyring *ring, const uint8_t *image, size_t len)
{
	size_t head = fw_manifest_length(image, len), at = head + FW_SIGNED_BYTES;
	struct fw_manifest m;
	enum fw_reason reason;

	if (!head || at > len)
		return FW_TRUNCATED;
	if ((reason = fw_verify(ring, image, head, image + head)) != FW_OK ||
	    (reason = fw_manifest_parse(&m, image, head)) != FW_OK)
		return reason;
	if (len - at != m.payload)
		return FW_TRUNCATED;
	for (uint32_t i = 0; i < m.chunks && reason == FW_OK; i++) {
		reason = fw_verify_chunk(&m, i, image + at, fw_chunk_bytes(&m, i));
		at += fw_chunk_bytes(&m, i);
	}
	return reason;
}

int main(int argc, char **argv)
{
	struct fw_keyring ring = { 0 };
	uint8_t raw[FW_PUBLIC_BYTES], *image = malloc(IMAGE_MAX);

	if (argc < 3 || !image || strlen(argv[1]) != 2 * sizeof(raw) ||
	    hex_decode(raw, argv[1], strlen(argv[1])) || fw_keyring_add(&ring, raw))
		return 2;
	for (int i = 2; i < argc; i++) {
		FILE *f = fopen(argv[i], "re");
		enum fw_reason reason;

		if (!f)
			return 2;
		reason = read_image(&ring, image, fread(image, 1, IMAGE_MAX, f));
		(void)fclose(f);
		puts(reason == FW_OK ? "good" : fw_reason_text(reason));
	}
	free(image);
	return 0;
}
