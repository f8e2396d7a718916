/* SPDX-License-Identifier: Apache-2.0 */
/* The radio role's plans (pure: radio_plan.c, radio_check.c, hostapd_conf.c) and its own state. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "helper/hostapd.h"
#include "helper/role.h"
#include "ipc/radio.h"
#include "lib/buf.h"
#include "nl80211/io.h"

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

/* What hostapd was given and has not lost, as far as the role knows. */
struct live {
	bool used;
	uint32_t wiphy;
	int lead;	     /* slot of its first BSS: removing that one removes all; -1: none */
	struct plan_row row; /* has[]: these BSS are up */
};

struct radio {
	struct nl80211 *nl;
	struct hostapd ap;
	const char *countries; /* sallyport.conf's */
	bool planning;
	struct plan next;  /* being told */
	struct plan now;   /* what shall hold: the last one committed */
	bool holds;	   /* ... and does, as far as is known */
	uint64_t retry_at; /* ms; when to look (again) */
	uint32_t retry_ms;
	char complaint[96]; /* last said in the log, so that it is said once */
	char country[3];    /* asked of the kernel by this role; "" none */
	char original[3];   /* what it said before the first time */
	struct live live[RADIO_MAX];
	/* the kernel's view, fresh for each use */
	struct nl_wiphys wiphys;
	struct nl_ifaces ifaces;
	char listed[HOSTAPD_REPLY_MAX + 1]; /* hostapd's INTERFACES */
};

/*
 * radio_apply.c. Makes p hold by the smallest difference and reads it back. 0, or -errno and *done.
 * What was changed before a failure stays changed: r->live knows it. Of a standing plan as much is
 * done as can be, and the first failure is told; radios marked `bad` are taken down.
 */
int radio_apply(struct radio *r, struct plan *p, struct plan_done *done);

/* radio_live.c */

/* Asks the kernel for radios and interfaces. */
int radio_look(struct radio *r, struct plan_done *done);
/* A request without an answer but 0 or -errno. */
int radio_do(struct radio *r, struct nl_request *);
/* Asks hostapd what it still has; takes away what is not of this role's doing. */
int radio_sync(struct radio *r, struct plan_done *done);
/* Does the kernel say that p holds? Waits at most wait_ms for what takes a moment. What turns out
 * to be otherwise is forgotten, so that it is set up anew. */
int radio_verify(struct radio *r, const struct plan *p, int wait_ms, struct plan_done *done);
struct live *radio_live(struct radio *r, uint32_t wiphy, bool make);
const struct nl_iface *radio_iface(const struct radio *r, uint32_t wiphy, unsigned int slot,
				   char name[NL_IFNAME_MAX]);
const char *radio_why(int error);
