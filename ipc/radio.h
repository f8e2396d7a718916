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
#define RADIO_STATIONS_MAX 2007	 /* association identifiers: IEEE 802.11 9.4.1.8 */
#define RADIO_RETRY_MAX 7	 /* TR-181 Radio.RetryLimit */
#define RADIO_ALLOWED_MAX 64	 /* stations of a BSS that takes only those it knows */
#define RADIO_SERVERS 2		 /* RADIUS servers of a BSS: the second when the first is silent */
#define RADIO_SECRET_LEN 64	 /* characters of a RADIUS secret, printable ASCII */
#define RADIO_SECRET_MAX 68	 /* ... terminated, and a multiple of 4 */
#define RADIO_BRIDGES_MAX 16	 /* in sallyport.conf's radio.bridges */

enum radio_band { RADIO_2G4 = 0, RADIO_5G = 1, RADIO_6G = 2 };

/* TR-181 Security.ModeEnabled; numbers are the wire, new ones go at the end. */
enum radio_security {
	RADIO_OPEN = 0,		  /* None */
	RADIO_WPA2_PSK = 1,	  /* WPA2-Personal */
	RADIO_SAE = 2,		  /* WPA3-Personal */
	RADIO_SAE_TRANSITION = 3, /* WPA3-Personal-Transition */
	RADIO_WPA_WPA2_PSK = 4,	  /* WPA-WPA2-Personal */
	RADIO_WPA2_EAP = 5,	  /* WPA2-Enterprise */
	RADIO_WPA3_EAP = 6,	  /* WPA3-Enterprise */
	RADIO_OWE = 7,		  /* OWE */
	RADIO_WEP_64 = 8,	  /* WEP-64; with CONFIG_WIFI_WEP only */
	RADIO_WEP_128 = 9,	  /* WEP-128; likewise */
	RADIO_MODES
};

/* Protected management frames, IEEE 802.11 12.6.3. TR-181 Security.MFPConfig */
enum radio_mfp { RADIO_MFP_DISABLED = 0, RADIO_MFP_OPTIONAL = 1, RADIO_MFP_REQUIRED = 2 };

/* TR-181 Radio.OperatingStandards, as bits */
enum radio_standard {
	RADIO_B = 1 << 0,
	RADIO_G = 1 << 1,
	RADIO_A = 1 << 2,
	RADIO_N = 1 << 3,
	RADIO_AC = 1 << 4,
	RADIO_AX = 1 << 5,
};

/* Where the second 20 of 40 MHz lie. TR-181 Radio.ExtensionChannel */
enum radio_extension { RADIO_EXT_AUTO = 0, RADIO_EXT_ABOVE = 1, RADIO_EXT_BELOW = 2 };

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
	PLAN_FIELD_STANDARDS,
	PLAN_FIELD_EXTENSION,
	PLAN_FIELD_RETRY,
	PLAN_FIELD_MFP,
	PLAN_FIELD_SERVER, /* a RADIUS server's address, port or secret */
	PLAN_FIELD_UAPSD,
	PLAN_FIELD_ALLOWED,
	PLAN_FIELD_BRIDGE,
	PLAN_FIELD_RADAR,
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
	uint8_t standards; /* enum radio_standard; 0: all that the radio can */
	uint8_t extension; /* enum radio_extension */
	uint8_t retry;	   /* sends of a short frame; 0: the driver's own number */
	uint8_t radar;	   /* 1: channels may be used where radar has to be looked for */
	uint8_t zero[3];
};

/* A RADIUS server (RFC 2865). family 0: none, and all else is zero. */
struct radio_server {
	uint8_t family; /* 4, 6 */
	uint8_t zero;
	uint16_t port;
	uint8_t addr[16]; /* network order; of IPv4 the first four, zero behind */
	char secret[RADIO_SECRET_MAX];
};

struct plan_bss {
	uint32_t radio;	       /* as in plan_radio */
	uint32_t slot;	       /* stable number of this BSS on its radio */
	uint32_t security;     /* enum radio_security */
	uint32_t max_stations; /* 0: the driver's own limit */
	uint32_t rekey_s;      /* group key renewal, seconds; 0: never */
	uint8_t hidden;	       /* no SSID in beacons */
	uint8_t isolate;       /* stations do not reach each other */
	uint8_t wmm;	       /* IEEE 802.11 QoS, without which there is no 802.11n */
	uint8_t uapsd;	       /* power save delivery is offered; with wmm only */
	uint8_t mfp;	       /* enum radio_mfp */
	uint8_t bridge;	       /* n: the n-th of sallyport.conf's radio.bridges; 0: none */
	uint8_t filter;	       /* only stations in `allowed` may join */
	uint8_t ssid_len;
	uint8_t ssid[RADIO_SSID_MAX];	       /* any bytes, zero behind ssid_len */
	char passphrase[RADIO_PASSPHRASE_MAX]; /* secret; "" with a pre-shared key or none */
	/* secret; with has_psk, zero without; of WEP the key, and zero behind it */
	uint8_t psk[RADIO_PSK_LEN];
	struct radio_server server[RADIO_SERVERS]; /* of the enterprise modes */
	uint16_t allowed_len;			   /* octets: a multiple of 6; 0 without filter */
	uint8_t has_psk; /* a pre-shared key instead of a passphrase; not with SAE */
	uint8_t zero;
	uint8_t allowed[6 * RADIO_ALLOWED_MAX]; /* addresses, zero behind allowed_len */
};

/* The answer to PLAN_COMMIT. On an error the previous plan holds again. */
struct plan_done {
	int32_t error;	/* 0 or -errno, as in the frame's status */
	uint32_t radio; /* what it is about; UINT32_MAX: nothing in particular */
	uint32_t bss;	/* slot, likewise */
	uint32_t field; /* enum plan_field */
	char why[96];	/* for the log and the fault string; printable, no secret */
};

/* One scan of one radio, over all its channels. -ENETDOWN, -EBUSY, -EOPNOTSUPP: the kernel's. */
struct scan_start {
	uint32_t wiphy; /* NL80211_ATTR_WIPHY */
};
