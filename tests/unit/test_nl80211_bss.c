/* SPDX-License-Identifier: Apache-2.0 */
/* What is made of another's beacon: elements as hostapd sends them, and as nobody should. */
#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

#include <linux/nl80211.h>

#include "nl80211/bss.h"

static struct nl_bss b;

static void read_at(unsigned int mhz, const void *elements, size_t len)
{
	b = (struct nl_bss){ .mhz = (uint16_t)mhz, .width = 20 };
	nl_bss_elements(&b, (struct nl_view){ elements, len });
}

#define READ(mhz, text) read_at(mhz, text, sizeof(text) - 1)

/* "home" at 1, 2, 5.5, 11 (basic), 6, 54 Mbit/s; DTIM 2 */
#define OLD "\0\4home\1\6\x82\x84\x8b\x96\x0c\x6c\5\4\0\2\0\0"
#define HT "\x2d\x1a\x0c\0\3\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define HT_40 "\x3d\x16\x24\5\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define VHT "\xbf\x0c\0\0\0\0\xfa\xff\0\0\xfa\xff\0\0"
#define HE "\xff\x16\x23\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xfa\xff\xfa\xff"
#define RSN(akm) "\x30\x14\1\0\0\x0f\xac\4\1\0\0\x0f\xac\4\1\0\0\x0f\xac" akm "\0\0"
#define WPA "\xdd\x16\0\x50\xf2\1\1\0\0\x50\xf2\2\1\0\0\x50\xf2\2\1\0\0\x50\xf2\2"

static void nl_bss_of_an_old_access_point(void **state)
{
	static const uint8_t rates[] = { 0x82, 0x84, 0x8b, 0x96, 0x0c, 0x6c };

	READ(2437, OLD);
	assert_int_equal(b.ssid_len, 4);
	assert_memory_equal(b.ssid, "home", 4);
	assert_int_equal(b.supported, NL_STD_B | NL_STD_G);
	assert_int_equal(b.operating, NL_STD_B | NL_STD_G);
	assert_int_equal(b.nrates, sizeof(rates));
	assert_memory_equal(b.rates, rates, sizeof(rates));
	assert_int_equal(b.dtim, 2);
	assert_int_equal(b.width, 20);
	assert_int_equal(b.security, 0);
	/* the same in the beacon after the probe response adds nothing */
	nl_bss_elements(&b, (struct nl_view){ (const uint8_t *)OLD, sizeof(OLD) - 1 });
	assert_int_equal(b.nrates, sizeof(rates));
}

static void nl_bss_widths_are_those_of_the_operation_elements(void **state)
{
	READ(5180, OLD HT HT_40);
	assert_int_equal(b.width, 40);
	assert_int_equal(b.supported, NL_STD_A | NL_STD_N);
	READ(5180, OLD HT HT_40 VHT "\xc0\5\1\x2a\0\0\0");
	assert_int_equal(b.width, 80);
	assert_int_equal(b.operating, NL_STD_A | NL_STD_N | NL_STD_AC);
	READ(5180, OLD HT HT_40 VHT "\xc0\5\1\x2a\x32\0\0");
	assert_int_equal(b.width, 160);
	READ(5180, OLD HT HT_40 VHT "\xc0\5\1\x2a\x9b\0\0"); /* 80 + 80 */
	assert_int_equal(b.width, 0);
	/* 6 GHz: HE operation with that part, 160 MHz */
	READ(5955, OLD HE "\xff\x0c\x24\0\0\2\0\xfc\xff\1\3\7\x0f\0");
	assert_int_equal(b.width, 160);
	assert_int_equal(b.operating, NL_STD_AX);
	/* to announce it is not to have it */
	READ(5955, OLD HE "\xff\x07\x24\0\0\2\0\xfc\xff");
	assert_int_equal(b.width, 20);
	/* VHT in 2.4 GHz is no 802.11ac */
	READ(2437, OLD HT VHT);
	assert_int_equal(b.supported, NL_STD_B | NL_STD_G | NL_STD_N);
}

static void nl_bss_security_is_what_is_offered(void **state)
{
	READ(2437, OLD RSN("\2"));
	assert_int_equal(b.security, NL_SEC_PSK | NL_SEC_AES);
	READ(2437, OLD RSN("\2") WPA);
	assert_int_equal(b.security, NL_SEC_PSK | NL_SEC_AES | NL_SEC_WPA_PSK | NL_SEC_TKIP);
	READ(2437, OLD RSN("\x08"));
	assert_int_equal(b.security, NL_SEC_SAE | NL_SEC_AES);
	READ(2437, OLD RSN("\x12"));
	assert_int_equal(b.security, NL_SEC_OWE | NL_SEC_AES);
	READ(2437, OLD RSN("\x05")); /* 802.1X with SHA-256, frames need not be protected */
	assert_int_equal(b.security, NL_SEC_EAP | NL_SEC_AES);
	READ(2437, OLD "\x30\x14\1\0\0\x0f\xac\4\1\0\0\x0f\xac\4\1\0\0\x0f\xac\5\x40\0");
	assert_int_equal(b.security, NL_SEC_EAP3 | NL_SEC_AES);
	/* more suites announced than there are: those that are there count */
	READ(2437, OLD "\x30\x0c\1\0\0\x0f\xac\4\xff\xff\0\x0f\xac\4");
	assert_int_equal(b.security, NL_SEC_AES);
}

static void nl_bss_elements_that_overrun_end_the_reading(void **state)
{
	static const char all[] = OLD HT HT_40 VHT HE RSN("\2") WPA;
	uint8_t copy[sizeof(all)];
	size_t len, at;

	for (len = 0; len < sizeof(all); len++) {
		memcpy(copy, all, len);
		read_at(5180, copy, len);
	}
	for (at = 0; at < sizeof(all) - 1; at++) {
		memcpy(copy, all, sizeof(all));
		copy[at] ^= 0xff;
		read_at(5180, copy, sizeof(all) - 1);
		assert_true(b.ssid_len <= NL_BSS_SSID_MAX && b.nrates <= NL_BSS_RATES_MAX);
	}
	READ(2437, "\0\x21"
		   "thirty-three octets are too many.");
	assert_int_equal(b.ssid_len, 0);
	READ(2437, "\0\4\0\0\0\0"); /* hidden */
	assert_int_equal(b.ssid_len, 0);
	READ(2437, "\1\x1e\1\2\3\4\5\6\7\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15"
		   "\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e");
	assert_int_equal(b.nrates, NL_BSS_RATES_MAX);
}

/* A dump's message, put together by hand. */
static size_t put(uint8_t *out, uint16_t type, const void *p, size_t n)
{
	const uint16_t head[] = { (uint16_t)(4 + n), type };

	memcpy(out, head, 4);
	memcpy(out + 4, p, n);
	memset(out + 4 + n, 0, 3);
	return (4 + n + 3) & ~(size_t)3;
}

static void nl_bss_of_a_dump_is_read(void **state)
{
	static const uint8_t bssid[6] = { 2, 0, 0, 0, 5, 0 };
	const uint32_t mhz = 2437, signal = (uint32_t)-6550, odd = 2439;
	const uint32_t joined = NL80211_BSS_STATUS_ASSOCIATED;
	const uint16_t interval = 100, privacy = 0x11;
	uint8_t in[256], out[300];
	size_t n = 0, len;

	n += put(in + n, NL80211_BSS_BSSID, bssid, 6);
	n += put(in + n, NL80211_BSS_BEACON_INTERVAL, &interval, 2);
	n += put(in + n, NL80211_BSS_CAPABILITY, &privacy, 2);
	n += put(in + n, NL80211_BSS_SIGNAL_MBM, &signal, 4);
	n += put(in + n, NL80211_BSS_INFORMATION_ELEMENTS, "\0\4home", 6);
	n += put(in + n, NL80211_BSS_BEACON_IES, "\5\4\0\3\0\0", 6);
	len = put(out, NL80211_ATTR_BSS, in, n);
	assert_int_equal(nl_bss_read(&b, (struct nl_view){ out, len }), -ENOENT);
	n += put(in + n, NL80211_BSS_FREQUENCY, &mhz, 4);
	len = put(out, NL80211_ATTR_BSS, in, n);
	assert_int_equal(nl_bss_read(&b, (struct nl_view){ out, len }), 1);
	assert_memory_equal(b.bssid, bssid, 6);
	assert_int_equal(b.mhz, 2437);
	assert_int_equal(b.signal, -65);
	assert_int_equal(b.beacon_tu, 100);
	assert_int_equal(b.dtim, 3);
	assert_int_equal(b.security, NL_SEC_WEP);
	assert_false(b.adhoc || b.joined);
	n -= 8;
	n += put(in + n, NL80211_BSS_STATUS, &joined, 4);
	n += put(in + n, NL80211_BSS_FREQUENCY, &mhz, 4);
	len = put(out, NL80211_ATTR_BSS, in, n);
	assert_int_equal(nl_bss_read(&b, (struct nl_view){ out, len }), 1);
	assert_true(b.joined);
	n -= 8;
	n += put(in + n, NL80211_BSS_FREQUENCY, &odd, 4);
	len = put(out, NL80211_ATTR_BSS, in, n);
	assert_int_equal(nl_bss_read(&b, (struct nl_view){ out, len }), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(nl_bss_of_an_old_access_point),
		UNIT(nl_bss_widths_are_those_of_the_operation_elements),
		UNIT(nl_bss_security_is_what_is_offered),
		UNIT(nl_bss_elements_that_overrun_end_the_reading),
		UNIT(nl_bss_of_a_dump_is_read),
	};

	return cmocka_run_group_tests_name("nl80211_bss", tests, NULL, NULL);
}
