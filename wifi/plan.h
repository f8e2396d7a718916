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
/* In more than the passphrase? In what only a radio that is taken down can change? */
bool plan_bss_differs(const struct plan_bss *a, const struct plan_bss *b);
bool plan_radio_differs(const struct plan_radio *a, const struct plan_radio *b);

/*
 * Everything that can be known before anything is touched. The agent may be hostile here: the
 * kernel's view of the radio and the operator's limits decide, and IEEE 802.11. Fills *done.
 * Of a standing plan only the radios at fault are refused: they are marked, the rest may go on.
 */
int plan_check(struct plan *, const struct nl_wiphys *, struct plan_done *done);
/* allowed: sallyport.conf's radio.countries, which the agent cannot change. */
int plan_check_country(const char *country, const char *allowed, struct plan_done *done);
int plan_refuse(struct plan_done *done, int error, uint32_t radio, uint32_t bss,
		enum plan_field field, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
#define PLAN_NOWHERE UINT32_MAX

struct bss_place {
	const char *ifname;
	const uint8_t *address; /* NULL: the interface's own */
	const char *country;	/* "" */
	struct nl_chandef channel;
	const struct nl_band *band;
	enum nl_band_id band_id;
};

/* hostapd's configuration file for one BSS: no byte of the plan can become another line of it. */
void plan_hostapd_conf(struct buf *out, const struct plan_bss *, const struct bss_place *);
