/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another's access point, as a scan heard it. What is in its elements was written by whoever sends
 * beacons near the box: every length is checked, and nothing of it is believed to be text. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nl80211/attr.h"

#define NL_BSS_SSID_MAX 32
#define NL_BSS_RATES_MAX 24

enum nl_standard {
	NL_STD_A = 1 << 0,
	NL_STD_B = 1 << 1,
	NL_STD_G = 1 << 2,
	NL_STD_N = 1 << 3,
	NL_STD_AC = 1 << 4,
	NL_STD_AX = 1 << 5,
	NL_STD_BE = 1 << 6,
};

/* What its RSN and WPA elements offer */
enum nl_bss_security {
	NL_SEC_WEP = 1 << 0,
	NL_SEC_WPA_PSK = 1 << 1, /* the element of before IEEE 802.11i */
	NL_SEC_WPA_EAP = 1 << 2,
	NL_SEC_PSK = 1 << 3,
	NL_SEC_EAP = 1 << 4,
	NL_SEC_SAE = 1 << 5,
	NL_SEC_EAP3 = 1 << 6, /* suite B, or SHA-256 with protected management frames required */
	NL_SEC_OWE = 1 << 7,
	NL_SEC_TKIP = 1 << 8,
	NL_SEC_AES = 1 << 9,
};

struct nl_bss {
	uint8_t bssid[6];
	uint8_t ssid_len; /* 0 also when it hides it */
	uint8_t ssid[NL_BSS_SSID_MAX];
	uint16_t mhz;
	uint16_t beacon_tu; /* 1.024 ms */
	uint8_t dtim;	    /* beacons; 0: not told */
	bool adhoc;
	bool joined; /* this box is a station of it */
	bool has_signal;
	int8_t signal;	/* dBm */
	uint16_t width; /* MHz; 0: none of 20, 40, 80, 160 */
	uint16_t security;
	uint8_t supported, operating; /* enum nl_standard */
	uint8_t nrates;
	uint8_t rates[NL_BSS_RATES_MAX]; /* 500 kbit/s; 0x80: basic */
	uint32_t seen_ms;		 /* ago */
};

/* NL80211_CMD_NEW_SCAN_RESULTS of a dump. 1; 0: in no band of ours; else the error of nl_read(). */
int nl_bss_read(struct nl_bss *, struct nl_view attrs);
/* The elements of one frame, added to what is there: mhz must be set. What is malformed ends it. */
void nl_bss_elements(struct nl_bss *, struct nl_view elements);
