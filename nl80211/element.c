/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of beacons and probe responses (IEEE 802.11 9.4.2): foreign bytes. Pure. */
#include <string.h>

#include "nl80211/bss.h"
#include "nl80211/wiphy.h"

enum element {
	EL_SSID = 0,
	EL_RATES = 1,
	EL_TIM = 5,
	EL_HT = 45,
	EL_RSN = 48,
	EL_MORE_RATES = 50,
	EL_HT_OPERATION = 61,
	EL_VHT = 191,
	EL_VHT_OPERATION = 192,
	EL_VENDOR = 221,
	EL_EXTENDED = 255,
};

enum { EX_HE = 35, EX_HE_OPERATION = 36, EX_EHT_OPERATION = 106, EX_EHT = 108 };

#define RSN_MFP_REQUIRED 0x0040 /* RSN capabilities, 9.4.2.24.4 */
#define HE_HAS_VHT 0x004000	/* HE operation parameters, 9.4.2.249 */
#define HE_HAS_COHOSTED 0x008000
#define HE_HAS_6GHZ 0x020000

/* Takes n bytes off the front; their view is empty when there are not so many. */
static struct nl_view take(struct nl_view *rest, size_t n)
{
	struct nl_view v = { rest->p, n };

	if (rest->len < n)
		return (struct nl_view){ NULL, 0 };
	rest->p += n;
	rest->len -= n;
	return v;
}

static unsigned int take_u16(struct nl_view *rest)
{
	const struct nl_view v = take(rest, 2);

	return v.len ? v.p[0] | (unsigned int)v.p[1] << 8 : 0;
}

static void read_ssid(struct nl_bss *b, struct nl_view v)
{
	size_t i;

	if (b->ssid_len || v.len > sizeof(b->ssid))
		return;
	for (i = 0; i < v.len && !v.p[i]; i++) /* hidden: as many zeros as it has octets */
		;
	if (i == v.len)
		return;
	memcpy(b->ssid, v.p, v.len);
	b->ssid_len = (uint8_t)v.len;
}

static void read_rates(struct nl_bss *b, struct nl_view v)
{
	size_t i, k;

	for (i = 0; i < v.len; i++) {
		const uint8_t rate = v.p[i] & 0x7f;
		/* 61 and more are no rates but demands, such as HT (9.4.2.3) */
		const bool slow = rate == 2 || rate == 4 || rate == 11 || rate == 22;

		if (!rate || rate > 108)
			continue;
		if (nl_mhz_band(b->mhz) == NL_BAND_2G4)
			b->supported |= slow ? NL_STD_B : NL_STD_G;
		else if (nl_mhz_band(b->mhz) == NL_BAND_5G)
			b->supported |= NL_STD_A;
		for (k = 0; k < b->nrates && (b->rates[k] & 0x7f) != rate; k++)
			;
		if (k == b->nrates && k < NL_BSS_RATES_MAX)
			b->rates[b->nrates++] = v.p[i];
	}
	b->operating |= b->supported & (NL_STD_A | NL_STD_B | NL_STD_G);
}

/* A suite's octets as one number, the last one the type. */
static uint32_t suite_of(struct nl_view v)
{
	return (uint32_t)v.p[0] << 24 | (uint32_t)v.p[1] << 16 | (uint32_t)v.p[2] << 8 | v.p[3];
}

static uint16_t cipher_bit(uint32_t suite)
{
	switch (suite) { /* table 9-186; 0050f2 are those of WPA */
	case 0x000fac02:
	case 0x0050f202:
		return NL_SEC_TKIP;
	case 0x000fac04:
	case 0x0050f204:
	case 0x000fac08:
	case 0x000fac09:
	case 0x000fac0a:
		return NL_SEC_AES;
	default:
		return 0;
	}
}

static uint16_t akm_bit(uint32_t suite, bool mfp_required)
{
	switch (suite) { /* table 9-188 */
	case 0x000fac01:
	case 0x000fac03:
		return NL_SEC_EAP;
	case 0x000fac05:
		return mfp_required ? NL_SEC_EAP3 : NL_SEC_EAP;
	case 0x000fac0b:
	case 0x000fac0c:
	case 0x000fac0d:
		return NL_SEC_EAP3;
	case 0x000fac02:
	case 0x000fac04:
	case 0x000fac06:
		return NL_SEC_PSK;
	case 0x000fac08:
	case 0x000fac09:
	case 0x000fac18:
	case 0x000fac19:
		return NL_SEC_SAE;
	case 0x000fac12:
		return NL_SEC_OWE;
	case 0x0050f201:
		return NL_SEC_WPA_EAP;
	case 0x0050f202:
		return NL_SEC_WPA_PSK;
	default:
		return 0;
	}
}

/* The body of an RSN element, or that of WPA's, which looks the same up to the key management. */
static void read_rsn(struct nl_bss *b, struct nl_view v)
{
	struct nl_view one, akms;
	unsigned int n, i;
	bool mfp;

	if (take_u16(&v) != 1) /* version */
		return;
	(void)take(&v, 4); /* for groups */
	for (n = take_u16(&v), i = 0; i < n && (one = take(&v, 4)).len; i++)
		b->security |= cipher_bit(suite_of(one));
	n = take_u16(&v);
	akms = take(&v, 4 * (size_t)n);
	mfp = take_u16(&v) & RSN_MFP_REQUIRED;
	while ((one = take(&akms, 4)).len)
		b->security |= akm_bit(suite_of(one), mfp);
}

static void read_vendor(struct nl_bss *b, struct nl_view v)
{
	static const uint8_t wpa[] = { 0x00, 0x50, 0xf2, 1 };
	const struct nl_view id = take(&v, sizeof(wpa));

	if (id.len && memcmp(id.p, wpa, sizeof(wpa)) == 0)
		read_rsn(b, v);
}

/* 9.4.2.56: the channel, then where the second 20 MHz are and whether they are used */
static void read_ht_operation(struct nl_bss *b, struct nl_view v)
{
	if (v.len < 2)
		return;
	b->operating |= NL_STD_N;
	if (v.p[1] & 3 && v.p[1] & 4 && b->width == 20)
		b->width = 40;
}

/* 9.4.2.158 */
static void read_vht_operation(struct nl_bss *b, struct nl_view v)
{
	int apart;

	if (v.len < 3)
		return;
	b->operating |= NL_STD_AC;
	if (!v.p[0])
		return;
	apart = v.p[2] ? v.p[2] - v.p[1] : 0;
	if (v.p[0] == 2 || apart == 8 || apart == -8)
		b->width = 160;
	else /* 80+80 is no width of one block */
		b->width = v.p[0] == 1 && !apart ? 80 : 0;
}

/* 9.4.2.249: parameters, colour, MCS, and then what the parameters announce */
static void read_he_operation(struct nl_bss *b, struct nl_view v)
{
	const struct nl_view head = take(&v, 6);
	struct nl_view six;
	uint32_t parameters;

	if (!head.len)
		return;
	b->operating |= NL_STD_AX;
	parameters = head.p[0] | (uint32_t)head.p[1] << 8 | (uint32_t)head.p[2] << 16;
	if (parameters & HE_HAS_VHT)
		(void)take(&v, 3);
	if (parameters & HE_HAS_COHOSTED)
		(void)take(&v, 1);
	six = parameters & HE_HAS_6GHZ ? take(&v, 5) : (struct nl_view){ NULL, 0 };
	if (six.len)
		b->width = (uint16_t)(20u << (six.p[1] & 3));
}

static void read_extended(struct nl_bss *b, struct nl_view v)
{
	const struct nl_view id = take(&v, 1);

	if (!id.len)
		return;
	switch (id.p[0]) {
	case EX_HE:
		b->supported |= NL_STD_AX;
		break;
	case EX_HE_OPERATION:
		read_he_operation(b, v);
		break;
	case EX_EHT:
		b->supported |= NL_STD_BE;
		break;
	case EX_EHT_OPERATION:
		b->operating |= NL_STD_BE;
		break;
	default:
		break;
	}
}

static void read_element(struct nl_bss *b, uint8_t id, struct nl_view v)
{
	switch (id) {
	case EL_SSID:
		read_ssid(b, v);
		break;
	case EL_RATES:
	case EL_MORE_RATES:
		read_rates(b, v);
		break;
	case EL_TIM:
		b->dtim = v.len >= 2 ? v.p[1] : b->dtim;
		break;
	case EL_HT:
		b->supported |= NL_STD_N;
		break;
	case EL_RSN:
		read_rsn(b, v);
		break;
	case EL_HT_OPERATION:
		read_ht_operation(b, v);
		break;
	case EL_VHT:
		/* some send it in 2.4 GHz, where there is no 802.11ac */
		b->supported |= nl_mhz_band(b->mhz) == NL_BAND_5G ? NL_STD_AC : 0;
		break;
	case EL_VHT_OPERATION:
		if (nl_mhz_band(b->mhz) == NL_BAND_5G)
			read_vht_operation(b, v);
		break;
	case EL_VENDOR:
		read_vendor(b, v);
		break;
	case EL_EXTENDED:
		read_extended(b, v);
		break;
	default:
		break;
	}
}

void nl_bss_elements(struct nl_bss *b, struct nl_view elements)
{
	struct nl_view head, body;

	while ((head = take(&elements, 2)).len) {
		body = take(&elements, head.p[1]);
		if (body.len != head.p[1])
			break;
		read_element(b, head.p[0], body);
	}
	/* What it does and never said that it can is a lie of one of the two. */
	b->operating &= b->supported;
}
