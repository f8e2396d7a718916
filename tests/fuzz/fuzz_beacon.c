/* SPDX-License-Identifier: Apache-2.0 */
/* X3: what anybody near the box may put into a beacon. The first octet chooses the band. */
#include <stdint.h>
#include <stdlib.h>

#include "nl80211/bss.h"
#include "nl80211/wiphy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t mhz[] = { 2437, 5180, 5955, 0 };
	struct nl_bss b = { .width = 20 };

	if (!size)
		return 0;
	b.mhz = mhz[data[0] & 3];
	for (int frames = 0; frames < 2; frames++)
		nl_bss_elements(&b, (struct nl_view){ data + 1, size - 1 });
	if (b.ssid_len > NL_BSS_SSID_MAX || b.nrates > NL_BSS_RATES_MAX ||
	    b.operating & ~b.supported)
		abort();
	switch (b.width) {
	case 0:
	case 20:
	case 40:
	case 80:
	case 160:
		return 0;
	default:
		abort();
	}
}
