/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan over all radios (ipc/radio.h) as it is checked, compared and written down for hostapd.
 * Pure: what the radio role decides, without the role.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ipc/radio.h"
#include "lib/buf.h"
#include "nl80211/build.h"
#include "nl80211/wiphy.h"

struct plan_row {
	bool used;
	bool bad; /* of a standing plan: can't be applied as things are */
	struct plan_radio radio;
	bool has[RADIO_BSS_MAX];
	struct plan_bss bss[RADIO_BSS_MAX]; /* by slot */
};

struct plan {
	struct plan_begin begin;
	struct plan_row rows[RADIO_MAX]; /* by the plan's own number of the radio */
};

/* Adds one piece. 0, or -EINVAL when it contradicts what was said before. */
int plan_put_radio(struct plan *, const struct plan_radio *);
int plan_put_bss(struct plan *, const struct plan_bss *);
/* Are all pieces there that PLAN_BEGIN announced? */
bool plan_complete(const struct plan *);
/* Has this radio anything to do? */
bool plan_wants(const struct plan_row *);
/* Lowest slot in use, -1: none. It is the radio's first BSS, on which the others depend. */
int plan_lead(const struct plan_row *);
/* What leads from one to the other, bits; 0: nothing has to be done. */
enum plan_change {
	PLAN_KEY = 1 << 0,   /* of a BSS: its key, in place */
	PLAN_LIVE = 1 << 1,  /* of a BSS: what no station notices, in place */
	PLAN_MOVE = 1 << 2,  /* of a radio: to another channel or width of the same band */
	PLAN_POWER = 1 << 3, /* of a radio: power, retries */
	PLAN_NEW = 1 << 4,   /* only by taking it down and setting it up */
};
unsigned int plan_bss_change(const struct plan_bss *from, const struct plan_bss *to);
unsigned int plan_radio_change(const struct plan_radio *from, const struct plan_radio *to);

/* What a mode of enum radio_security takes: hostapd's words, and what must be there for it. */
struct plan_mode {
	const char *key_mgmt;	      /* hostapd's wpa_key_mgmt; NULL: open */
	const char *key_mgmt_sha256;  /* offered too when frames are protected; "" */
	uint8_t wpa;		      /* hostapd's wpa: 2 RSN, 3 with the WPA of before */
	uint8_t mfp_min, mfp_max;     /* enum radio_mfp */
	bool passphrase, psk, server; /* what it authenticates by; psk instead of a passphrase */
	bool in_6ghz;		      /* IEEE 802.11 12.12.2 */
	uint32_t ciphers;	      /* enum nl_cipher, all of them */
	uint8_t wep;		      /* octets of the key, which is there as a psk; 0: not WEP */
};
/* NULL: there is none, or not in this configuration. */
const struct plan_mode *plan_mode(uint32_t security);
/* NULL, or why a mode can't have this passphrase ("": none) or key. */
const char *plan_key_wrong(const struct plan_mode *, const char *passphrase, bool has_psk,
			   const uint8_t psk[RADIO_PSK_LEN]);
/* Has the radio the ciphers of this mode, with frames protected as mfp says? */
bool plan_mode_possible(const struct nl_wiphy *, uint32_t security, uint32_t mfp);

/* enum radio_standard of a band; 0: the radio does not have it. */
unsigned int plan_standards(const struct nl_wiphy *, enum nl_band_id);
/* Can these be required and nothing older or newer used? One run of standards without a gap. */
bool plan_standards_fit(unsigned int standards, unsigned int all);
/* The widest block that these allow, MHz. */
unsigned int plan_standards_width(unsigned int standards);
/* As nl_chandef(), on the side that the plan says. */
int plan_chandef(const struct nl_wiphy *, const struct plan_radio *, struct nl_chandef *out);

/* The n-th word of a list, from 1. False: there is none that fits, out is "". */
bool plan_word(const char *list, unsigned int n, char *out, size_t size);
/* A list of interfaces, at most max, each once and fit to be a word of a file or command. How many,
 * or -errno. */
int plan_names(const char *list, unsigned int max, char out[][NL_IFNAME_MAX]);

/*
 * Everything that can be known before anything is touched. The agent may be hostile here: the
 * kernel's view of the radio and the operator's limits decide, and IEEE 802.11. Fills *done.
 * Of a standing plan only the radios at fault are refused: they are marked, the rest may go on.
 * bridges: sallyport.conf's radio.bridges.
 */
int plan_check(struct plan *, const struct nl_wiphys *, const char *bridges,
	       struct plan_done *done);
/* One BSS of it. */
int plan_check_bss(const struct plan_bss *, const struct plan_radio *, const struct nl_wiphy *,
		   struct plan_done *done);
/* allowed: sallyport.conf's radio.countries, which the agent cannot change. */
int plan_check_country(const char *country, const char *allowed, struct plan_done *done);
int plan_refuse(struct plan_done *done, int error, uint32_t radio, uint32_t bss,
		enum plan_field field, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
#define PLAN_NOWHERE UINT32_MAX

struct bss_place {
	const char *ifname;
	const uint8_t *address; /* NULL: the interface's own */
	const char *bridge;	/* "" */
	const char *country;	/* "" */
	unsigned int standards; /* enum radio_standard, those in use */
	unsigned int all;	/* ... and those that the radio has */
	struct nl_chandef channel;
	enum nl_band_id band;
	bool radar; /* hostapd may look for it */
};

/* hostapd's configuration file for one BSS: no byte of the plan can become another line of it. */
void plan_hostapd_conf(struct buf *out, const struct plan_bss *, const struct bss_place *);
