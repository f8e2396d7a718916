/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/*
 * Messages of the radio role: PLAN_BEGIN, PLAN_RADIO x n, PLAN_BSS x m, PLAN_COMMIT describe all
 * radios as they shall be. What a plan does not name is off. Nothing happens before PLAN_COMMIT;
 * committing what already holds is a no-op. The agent may be hostile: interface names, file names
 * and everything else that is not here are the role's own choice.
 *
 * The fields and their ranges are listed in ipc/fields.def; a change here needs one there (the
 * build fails otherwise).
 */
#define RADIO_MAX 8		 /* radios in a plan */
#define RADIO_BSS_MAX 16	 /* BSS of one radio */
#define RADIO_SSID_MAX 32	 /* octets, IEEE 802.11 9.4.2.2 */
#define RADIO_PASSPHRASE_MAX 64	 /* 8 to 63 printable ASCII characters and the NUL */
#define RADIO_PSK_LEN 32	 /* IEEE 802.11 12.7.1.3: 256 bits */
#define RADIO_POWER_MAX_MBM 4000 /* 40 dBm: over any regulatory limit */

enum radio_band { RADIO_2G4 = 0, RADIO_5G = 1, RADIO_6G = 2 };

/* TR-181 Security.ModeEnabled; numbers are the wire, new ones go at the end. */
enum radio_security {
	RADIO_OPEN = 0,		  /* None */
	RADIO_WPA2_PSK = 1,	  /* WPA2-Personal */
	RADIO_SAE = 2,		  /* WPA3-Personal */
	RADIO_SAE_TRANSITION = 3, /* WPA3-Personal-Transition */
};

/* What a refused plan was refused for: the agent names the parameter by it. */
enum plan_field {
	PLAN_FIELD_NONE = 0,
	PLAN_FIELD_COUNTRY,
	PLAN_FIELD_WIPHY, /* no such radio, or it can't be an access point */
	PLAN_FIELD_BAND,
	PLAN_FIELD_CHANNEL,
	PLAN_FIELD_WIDTH,
	PLAN_FIELD_POWER,
	PLAN_FIELD_SLOT, /* more BSS than the radio has */
	PLAN_FIELD_SSID,
	PLAN_FIELD_SECURITY,
	PLAN_FIELD_KEY,
	PLAN_FIELD_STATIONS,
	PLAN_FIELDS
};

struct plan_begin {
	char country[4]; /* ISO 3166 alpha-2, "" leaves the regulatory domain alone */
	uint32_t radios; /* PLAN_RADIO that follow */
	uint32_t bsses;	 /* PLAN_BSS that follow */
	/* 1: the plan of the store, sent at start. What can't be made to hold now (hostapd is not
	 * up yet) is tried again, instead of going back to the plan before. */
	uint8_t standing;
	uint8_t zero[3];
};

struct plan_radio {
	uint32_t radio;	   /* its number in the plan, from 0 */
	uint32_t wiphy;	   /* NL80211_ATTR_WIPHY */
	uint32_t band;	   /* enum radio_band */
	uint32_t channel;  /* of the primary 20 MHz */
	uint32_t width;	   /* MHz: 20, 40, 80, 160 */
	int32_t power_mbm; /* transmit power; 0: as much as is allowed */
	uint8_t enable;
	uint8_t zero[3];
};

struct plan_bss {
	uint32_t radio;	       /* as in plan_radio */
	uint32_t slot;	       /* stable number of this BSS on its radio */
	uint32_t security;     /* enum radio_security */
	uint32_t max_stations; /* 0: the driver's own limit */
	uint32_t rekey_s;      /* group key renewal, seconds; 0: never */
	uint8_t hidden;	       /* no SSID in beacons */
	uint8_t isolate;       /* stations do not reach each other */
	uint8_t ssid_len;
	uint8_t ssid[RADIO_SSID_MAX];	       /* any bytes, zero behind ssid_len */
	char passphrase[RADIO_PASSPHRASE_MAX]; /* secret; "" with a pre-shared key or none */
	uint8_t psk[RADIO_PSK_LEN];	       /* secret; meaningful with has_psk, zero without */
	uint8_t has_psk; /* RADIO_WPA2_PSK only, and only without a passphrase */
	uint8_t zero[4];
};

/* The answer to PLAN_COMMIT. On an error the previous plan holds again. */
struct plan_done {
	int32_t error;	/* 0 or -errno, as in the frame's status */
	uint32_t radio; /* what it is about; UINT32_MAX: nothing in particular */
	uint32_t bss;	/* slot, likewise */
	uint32_t field; /* enum plan_field */
	char why[96];	/* for the log and the fault string; printable, no secret */
};
