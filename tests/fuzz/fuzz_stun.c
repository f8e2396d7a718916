/* SPDX-License-Identifier: Apache-2.0 */
/* What anybody may send to the port of UDP connection requests. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/stun/binding.h"
#include "agent/stun/udpreq.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An answer to the running request is only found with its ID, so it is put in. */
static void feed(struct binding *b, const uint8_t *data, size_t size, uint64_t now)
{
	uint8_t copy[2048];

	if (size < 21 || size > sizeof(copy))
		return;
	memcpy(copy, data + 1, size - 1);
	memcpy(copy + 4, b->id, STUN_ID);
	(void)binding_heard(b, data[0] & 1, copy, size - 1, now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct binding_config cfg = { { { 192, 0, 2, 1 }, 4000 }, "user", "password", 0, -1 };
	const uint8_t id[STUN_ID] = { 1 };
	struct udpreq_seen seen = { 0 };
	struct stun_answer a;
	struct binding b;
	uint64_t now = 0;

	if (!stun_answer(&a, data, size))
		(void)stun_genuine(&a, data, "password");
	if (udpreq_check(&seen, (const char *)data, size, "user", "password") == UDPREQ_OK)
		abort(); /* nobody signs by chance */
	binding_start(&b, &cfg, 0);
	for (int i = 0; i < 40 && binding_next(&b) != UINT64_MAX; i++) {
		if (binding_next(&b) > now)
			now = binding_next(&b);
		if (binding_due(&b, now, id) == BINDING_LOST)
			break;
		feed(&b, data, size, now);
		if (b.low > b.high || !b.low)
			abort();
	}
	return 0;
}
