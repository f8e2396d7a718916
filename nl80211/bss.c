/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <linux/nl80211.h>

#include "lib/array.h"
#include "nl80211/bss.h"
#include "nl80211/wiphy.h"

#define CAPABILITY_IBSS 0x0002 /* IEEE 802.11 9.4.1.4 */
#define CAPABILITY_PRIVACY 0x0010

int nl_bss_read(struct nl_bss *b, struct nl_view attrs)
{
	struct nl_view bss = { NULL, 0 }, elements = { NULL, 0 }, beacon = { NULL, 0 };
	const struct nl_want outer[] = { NL_NEED(NL80211_ATTR_BSS, NL_NEST, &bss) };
	uint32_t mhz = 0, signal = UINT32_MAX, status = UINT32_MAX;
	uint16_t capability = 0;
	const struct nl_want want[] = {
		NL_NEED(NL80211_BSS_BSSID, NL_MAC, b->bssid),
		NL_NEED(NL80211_BSS_FREQUENCY, NL_U32, &mhz),
		NL_MAY(NL80211_BSS_BEACON_INTERVAL, NL_U16, &b->beacon_tu),
		NL_MAY(NL80211_BSS_CAPABILITY, NL_U16, &capability),
		NL_MAY(NL80211_BSS_SIGNAL_MBM, NL_U32, &signal),
		NL_MAY(NL80211_BSS_SEEN_MS_AGO, NL_U32, &b->seen_ms),
		NL_MAY(NL80211_BSS_STATUS, NL_U32, &status),
		NL_MAY(NL80211_BSS_INFORMATION_ELEMENTS, NL_BYTES, &elements),
		NL_MAY(NL80211_BSS_BEACON_IES, NL_BYTES, &beacon),
	};
	int32_t dbm;
	int r;

	memset(b, 0, sizeof(*b));
	if ((r = nl_read(attrs, outer, ARRAY_SIZE(outer))) < 0 ||
	    (r = nl_read(bss, want, ARRAY_SIZE(want))) < 0)
		return r;
	if (!nl_mhz_to_channel(mhz))
		return 0;
	b->mhz = (uint16_t)mhz;
	b->adhoc = capability & CAPABILITY_IBSS;
	b->joined = status == NL80211_BSS_STATUS_ASSOCIATED;
	b->width = 20;
	dbm = signal == UINT32_MAX ? INT8_MAX : (int32_t)signal / 100;
	b->has_signal = dbm >= INT8_MIN && dbm <= 0;
	b->signal = b->has_signal ? (int8_t)dbm : 0;
	/* A probe response has no TIM: what only the beacon tells is added. */
	nl_bss_elements(b, elements);
	nl_bss_elements(b, beacon);
	if (capability & CAPABILITY_PRIVACY && !b->security)
		b->security = NL_SEC_WEP;
	return 1;
}
