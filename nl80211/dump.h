/* SPDX-License-Identifier: Apache-2.0 */
/* Interfaces, stations, channel surveys and the regulatory domain, as the kernel tells. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nl80211/attr.h"
#include "nl80211/build.h"

#define NL_SSID_MAX 32 /* octets, IEEE 802.11 9.4.2.2 */

struct nl_iface {
	uint32_t ifindex;
	uint32_t wiphy;
	uint32_t type; /* NL80211_IFTYPE_x */
	char name[NL_IFNAME_MAX];
	uint8_t mac[6];
	uint8_t ssid_len; /* 0: no BSS is up on it */
	uint8_t ssid[NL_SSID_MAX];
	uint32_t mhz;	 /* primary channel; 0: none */
	uint32_t width;	 /* MHz; 0: none */
	uint32_t center; /* MHz of the whole block */
	bool has_power;
	uint8_t station;   /* n: the n-th of the box's own stations (nl_ifaces_mark()); 0: none */
	int32_t power_mbm; /* 1/100 dBm */
};

/* NL80211_CMD_NEW_INTERFACE. 1; 0: something without a network interface (P2P device), leave it
 * out; else the error of nl_read(). */
int nl_iface_read(struct nl_iface *, struct nl_view attrs);

enum nl_station_has {
	NL_STA_SIGNAL = 1 << 0,
	NL_STA_TX_RATE = 1 << 1,
	NL_STA_RX_RATE = 1 << 2,
	NL_STA_AUTHORIZED = 1 << 3, /* the keys are in place: data passes */
	NL_STA_ASSOCIATED = 1 << 4,
	NL_STA_RETRIES = 1 << 5,
	NL_STA_FAILED = 1 << 6,
	NL_STA_HT = 1 << 7, /* the last frames were sent so */
	NL_STA_VHT = 1 << 8,
	NL_STA_HE = 1 << 9,
	NL_STA_EHT = 1 << 10,
	NL_STA_TDLS = 1 << 11, /* a station that is spoken to past the access point */
};

struct nl_station {
	uint32_t ifindex;
	uint8_t mac[6];
	uint16_t has;		   /* enum nl_station_has */
	int8_t signal;		   /* dBm */
	uint32_t tx_kbps, rx_kbps; /* of the last frames; tx is towards the station */
	uint64_t tx_bytes, rx_bytes;
	uint32_t tx_packets, rx_packets;
	uint32_t tx_retries, tx_failed;
	uint32_t connected_s;
	uint32_t inactive_ms;
	uint64_t since_ns; /* CLOCK_BOOTTIME of the association; 0: not told */
};

int nl_station_read(struct nl_station *, struct nl_view attrs); /* NL80211_CMD_NEW_STATION */

struct nl_survey {
	uint32_t ifindex;
	uint32_t mhz;
	bool in_use, has_noise, has_busy; /* has_busy: both active_ms and busy_ms */
	int8_t noise;			  /* dBm */
	uint64_t active_ms, busy_ms;
	uint64_t own_ms; /* of busy_ms: sent by this radio, or to it by its stations */
};

int nl_survey_read(struct nl_survey *, struct nl_view attrs); /* NL80211_CMD_NEW_SURVEY_RESULTS */

struct nl_reg {
	char country[3]; /* "00" is the world domain */
	uint8_t dfs_region;
};

int nl_reg_read(struct nl_reg *, struct nl_view attrs); /* NL80211_CMD_GET_REG */

/* Marks those that are kept for stations of the box's own. names: parted by blanks. */
void nl_ifaces_mark(struct nl_iface *v, size_t n, const char *names);

/*
 * The interfaces of a radio's BSS. Slot 0 is the one that the box has: the AP or station interface
 * that came first and is not marked. The others are made beside it and called NAME-SLOT.
 */
const struct nl_iface *nl_first_iface(const struct nl_iface *v, size_t n, uint32_t wiphy);
/* By which a radio scans: the same, or else a marked one. */
const struct nl_iface *nl_scan_iface(const struct nl_iface *v, size_t n, uint32_t wiphy);
/* False when the name would be too long; out is "" then. */
bool nl_bss_name(char out[NL_IFNAME_MAX], const char *first, unsigned int slot);
/* The interface of a slot, NULL: none; name is set also then ("" when it can have none). */
const struct nl_iface *nl_bss_iface(const struct nl_iface *v, size_t n, uint32_t wiphy,
				    unsigned int slot, char name[NL_IFNAME_MAX]);
/* The address of the BSS in a slot other than 0, from the radio's own. mask: nl_wiphy.mac_mask. */
void nl_bss_address(uint8_t out[6], const uint8_t first[6], const uint8_t mask[6],
		    unsigned int slot);
/* Of a radio that has no interface at all. */
bool nl_ap_name(char out[NL_IFNAME_MAX], const char *wiphy);
