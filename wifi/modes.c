/* SPDX-License-Identifier: Apache-2.0 */
/* What the security modes and the standards of IEEE 802.11 take, the same in agent and helper. */
#include <errno.h>

#include "config.h"
#include "lib/array.h"
#include "wifi/plan.h"

/* clang-format off */
static const struct plan_mode modes[] = {
	[RADIO_OPEN] = { .mfp_max = RADIO_MFP_DISABLED },
	[RADIO_WPA2_PSK] = { "WPA-PSK", " WPA-PSK-SHA256", 2, RADIO_MFP_DISABLED,
		RADIO_MFP_REQUIRED, .passphrase = true, .psk = true, .ciphers = NL_CIPHER_CCMP },
	[RADIO_SAE] = { "SAE", "", 2, RADIO_MFP_REQUIRED, RADIO_MFP_REQUIRED,
		.passphrase = true, .in_6ghz = true, .ciphers = NL_CIPHER_CCMP },
	[RADIO_SAE_TRANSITION] = { "WPA-PSK SAE", "", 2, RADIO_MFP_OPTIONAL, RADIO_MFP_OPTIONAL,
		.passphrase = true, .ciphers = NL_CIPHER_CCMP },
	[RADIO_WPA_WPA2_PSK] = { "WPA-PSK", "", 3, RADIO_MFP_DISABLED, RADIO_MFP_OPTIONAL,
		.passphrase = true, .psk = true, .ciphers = NL_CIPHER_CCMP | NL_CIPHER_TKIP },
	[RADIO_WPA2_EAP] = { "WPA-EAP", " WPA-EAP-SHA256", 2, RADIO_MFP_DISABLED,
		RADIO_MFP_REQUIRED, .server = true, .ciphers = NL_CIPHER_CCMP },
	[RADIO_WPA3_EAP] = { "WPA-EAP-SHA256", "", 2, RADIO_MFP_REQUIRED, RADIO_MFP_REQUIRED,
		.server = true, .in_6ghz = true, .ciphers = NL_CIPHER_CCMP },
	[RADIO_OWE] = { "OWE", "", 2, RADIO_MFP_REQUIRED, RADIO_MFP_REQUIRED,
		.in_6ghz = true, .ciphers = NL_CIPHER_CCMP },
#ifdef CONFIG_WIFI_WEP
	[RADIO_WEP_64] = { .ciphers = NL_CIPHER_WEP40, .wep = 5 },
	[RADIO_WEP_128] = { .ciphers = NL_CIPHER_WEP104, .wep = 13 },
#endif
};
/* clang-format on */

const struct plan_mode *plan_mode(uint32_t security)
{
	return security < ARRAY_SIZE(modes) ? &modes[security] : NULL;
}

bool plan_mode_possible(const struct nl_wiphy *w, uint32_t security, uint32_t mfp)
{
	const struct plan_mode *m = plan_mode(security);
	uint32_t need = m ? m->ciphers : UINT32_MAX;

	if (mfp)
		need |= NL_CIPHER_BIP_CMAC;
	return (w->ciphers & need) == need;
}

unsigned int plan_standards(const struct nl_wiphy *w, enum nl_band_id id)
{
	const struct nl_band *b = &w->bands[id];
	unsigned int s = 0;

	if (!b->present)
		return 0;
	if (id == NL_BAND_2G4)
		s = (b->dsss ? RADIO_B : 0) | (b->ofdm ? RADIO_G : 0);
	else if (id == NL_BAND_5G)
		s = (b->ofdm ? RADIO_A : 0) | (b->vht ? RADIO_AC : 0);
	if (id != NL_BAND_6G && b->ht)
		s |= RADIO_N;
	return s | (b->he ? RADIO_AX : 0);
}

/*
 * hostapd leaves out what is newer, and can require b, g, n, a or ac of a station. Each standard
 * builds on the one before: a gap between two of them is nothing that can be told to a station.
 */
bool plan_standards_fit(unsigned int standards, unsigned int all)
{
	static const unsigned int order[] = {
		RADIO_B, RADIO_G, RADIO_A, RADIO_N, RADIO_AC, RADIO_AX
	};
	bool begun = false, ended = false;
	size_t i;

	if (!standards || standards & ~all)
		return false;
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		if (!(order[i] & all))
			continue;
		if (order[i] & standards && ended)
			return false;
		begun |= (order[i] & standards) != 0;
		ended |= begun && !(order[i] & standards);
	}
	/* ... and it has no word for "ax or nothing" below 6 GHz. */
	return standards != RADIO_AX || all == RADIO_AX;
}

unsigned int plan_standards_width(unsigned int standards)
{
	return standards & (RADIO_AC | RADIO_AX) ? 160 : standards & RADIO_N ? 40 : 20;
}

int plan_chandef(const struct nl_wiphy *w, const struct plan_radio *q, struct nl_chandef *out)
{
	static const int side[] = {
		[RADIO_EXT_AUTO] = 0, [RADIO_EXT_ABOVE] = 1, [RADIO_EXT_BELOW] = -1
	};

	return nl_chandef_beside(w, q->band, q->channel, q->width, side[q->extension], q->radar,
				 out);
}
