/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a radio can do, as the kernel says it. A wiphy dump is split over many messages (one
 * channel each): every one is merged into the table. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nl80211/attr.h"

#define NL_WIPHYS_MAX 8 /* as many as a plan has radios (ipc/radio.h) */
#define NL_CHANS_MAX 64 /* 6 GHz has 59 of 20 MHz */

/* The numbers are those of enum radio_band. */
enum nl_band_id { NL_BAND_2G4, NL_BAND_5G, NL_BAND_6G, NL_BANDS };

enum nl_chan_flag {
	NL_CHAN_DISABLED = 1 << 0,
	NL_CHAN_NO_IR = 1 << 1, /* listening only */
	NL_CHAN_RADAR = 1 << 2, /* needs radar detection (DFS) */
	NL_CHAN_NO_HT40M = 1 << 3,
	NL_CHAN_NO_HT40P = 1 << 4,
	NL_CHAN_NO_80 = 1 << 5,
	NL_CHAN_NO_160 = 1 << 6,
	NL_CHAN_NO_20 = 1 << 7,
	NL_CHAN_NO_HE = 1 << 8,
	NL_CHAN_INDOOR = 1 << 9,
	NL_CHAN_RADAR_FOUND = 1 << 10, /* half an hour ago at most */
};

struct nl_chan {
	uint16_t mhz;
	uint16_t number;  /* IEEE 802.11 Annex E */
	uint16_t flags;	  /* enum nl_chan_flag */
	uint16_t max_mbm; /* highest transmit power allowed now, 1/100 dBm */
};

struct nl_band {
	bool present;
	bool ht, vht, he;
	bool dsss, ofdm;    /* rates of 802.11b; of 802.11a and g */
	uint8_t he_phy0;    /* first octet of the HE PHY capabilities, as an access point */
	uint16_t ht_capa;   /* IEEE 802.11 9.4.2.55.2 */
	uint32_t vht_capa;  /* IEEE 802.11 9.4.2.157.2 */
	uint8_t ht_streams; /* the most that are received */
	uint16_t vht_map;   /* IEEE 802.11 9.4.2.157.3: what is received; all ones: nothing */
	uint16_t he_map80;  /* likewise 9.4.2.248.4, up to 80 MHz */
	uint16_t he_map160; /* at 160 MHz */
	uint32_t nchans;
	struct nl_chan chans[NL_CHANS_MAX];
};

enum nl_cipher {
	NL_CIPHER_TKIP = 1 << 0,
	NL_CIPHER_CCMP = 1 << 1,
	NL_CIPHER_BIP_CMAC = 1 << 2, /* protected management frames */
	NL_CIPHER_GCMP = 1 << 3,
	NL_CIPHER_GCMP256 = 1 << 4,
	NL_CIPHER_CCMP256 = 1 << 5,
	NL_CIPHER_WEP40 = 1 << 6,
	NL_CIPHER_WEP104 = 1 << 7,
};

struct nl_wiphy {
	uint32_t index;
	char name[32];
	uint32_t iftypes;      /* bit n: NL80211_IFTYPE n */
	uint32_t ciphers;      /* enum nl_cipher */
	uint32_t max_ap;       /* BSS at the same time; 0: can't be an access point */
	uint32_t max_stations; /* 0: the driver does not say */
	uint32_t radar_widths; /* bit n: looks for radar in 20 << n MHz while an access point */
	uint8_t retry;	       /* how often a short frame is sent */
	bool uapsd;	       /* offers power save delivery as an access point */
	uint8_t mac_mask[6];   /* address bits that may differ between interfaces; zero: unsaid */
	struct nl_band bands[NL_BANDS];
};

struct nl_wiphys {
	uint32_t n;
	bool more; /* there are more than NL_WIPHYS_MAX */
	struct nl_wiphy w[NL_WIPHYS_MAX];
};

/* Merges one message (NL80211_CMD_NEW_WIPHY). 0, or what nl_read() said of the malformed one. */
int nl_wiphys_add(struct nl_wiphys *, struct nl_view attrs);
const struct nl_wiphy *nl_wiphy_find(const struct nl_wiphys *, uint32_t index);

/* The highest PHY rate in a band, kbit/s; 0: the radio does not have it. 802.11be is left out. */
uint32_t nl_max_kbps(const struct nl_wiphy *, enum nl_band_id);

/* Channels of 20 MHz, IEEE 802.11 Annex E */
unsigned int nl_mhz_to_channel(unsigned int mhz);		       /* 0: none */
unsigned int nl_channel_to_mhz(enum nl_band_id, unsigned int channel); /* 0: none */
enum nl_band_id nl_mhz_band(unsigned int mhz);			       /* NL_BANDS: none */

/* May an access point beacon here now? radar: also where it has to look for radar first. */
bool nl_chan_usable(const struct nl_chan *, bool radar);
/* Is this channel one of those, and the radio able to? */
bool nl_chan_wants_radar(const struct nl_wiphy *, const struct nl_chan *);
const struct nl_chan *nl_chan_find(const struct nl_band *, unsigned int channel);
/* Where an access point starts when nobody said where, without radar detection; 0: nowhere. */
unsigned int nl_chan_default(const struct nl_wiphy *, enum nl_band_id);

struct nl_chandef {
	unsigned int mhz;    /* primary 20 MHz */
	unsigned int width;  /* MHz */
	unsigned int center; /* MHz, of the whole block */
	int second;	     /* of 40 MHz: +1 above, -1 below; 0 for 20 MHz */
	bool radar;	     /* has to be looked for in it */
};

/* MHz, the middle of the block of `width` (20, 40, 80, 160) that holds a channel of 5 or 6 GHz; 0:
 * there is none. In 2.4 GHz blocks lie where they like. */
unsigned int nl_block_center(enum nl_band_id, unsigned int channel, unsigned int width);
/* Bit n: 20 << n MHz can be transmitted in this band at all. */
unsigned int nl_widths(const struct nl_wiphy *, enum nl_band_id);
/*
 * The block of `width` MHz around a primary channel. 0; -EINVAL: no such width here; -ENOENT: no
 * such channel, or the width has no block around it; -EACCES: regulation forbids (a part of) it.
 * radar: as in nl_chan_usable(). In how wide a block a radio looks for it is its own limit.
 */
int nl_chandef(const struct nl_wiphy *, enum nl_band_id, unsigned int channel, unsigned int width,
	       bool radar, struct nl_chandef *out);
/* The same with the second 20 MHz above (side 1) or below (-1) the first; 0: where it can be. */
int nl_chandef_beside(const struct nl_wiphy *, enum nl_band_id, unsigned int channel,
		      unsigned int width, int side, bool radar, struct nl_chandef *out);
