/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses the role, the side and the number of descriptors; the rest is a packet. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/ipc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ipc_frame again;
	struct ipc_frame *frame;
	unsigned int kinds;
	uint8_t how;

	if (size < 1)
		return 0;
	how = data[0];
	data++, size--;
	kinds = how & 0x80 ? 1u << IPC_KIND_REQUEST : 1u << IPC_KIND_REPLY | 1u << IPC_KIND_EVENT;
	frame = malloc(size ? size : 1);
	if (!frame)
		return 0;
	memcpy(frame, data, size);
	if (!ipc_check(frame, size, how >> 4 & 3, (how & 15) % IPC_ROLES, kinds)) {
		/* What was accepted is built again, byte for byte. */
		ipc_build(&again, frame->hdr.kind, frame->hdr.op, frame->hdr.seq, frame->hdr.status,
			  frame->payload);
		if (memcmp(&again, frame, size))
			abort();
	}
	free(frame);
	return 0;
}
