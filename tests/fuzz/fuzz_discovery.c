/* SPDX-License-Identifier: Apache-2.0 */
/* What a DHCP server sends, raw and as the hook's file has it: no octet outside, clean text. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/discovery.h"
#include "lib/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void sound(int r, const struct discovery *d)
{
	if (r)
		return;
	if (!xml_clean(d->url, strlen(d->url)) || !xml_clean(d->code, strlen(d->code)) ||
	    d->retry_wait > UINT16_MAX || d->retry_multiplier > UINT16_MAX)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct discovery d;
	uint8_t *exact;

	memset(&d, 0, sizeof(d));
	sound(discovery_option43(&d, data, size), &d);
	memset(&d, 0, sizeof(d));
	sound(discovery_option125(&d, data, size), &d);
	memset(&d, 0, sizeof(d));
	sound(discovery_option17(&d, data, size), &d);
	/* not terminated: a read behind the end is seen */
	exact = malloc(size ? size : 1);
	if (!exact)
		return 0;
	memcpy(exact, data, size);
	sound(discovery_parse(&d, (const char *)exact, size), &d);
	free(exact);
	return 0;
}
