/* SPDX-License-Identifier: Apache-2.0 */
/* The radio role's own state. Its plans are in wifi/, as pure code. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "helper/hostapd.h"
#include "helper/role.h"
#include "nl80211/io.h"
#include "nl80211/links.h"
#include "wifi/plan.h"

/* What hostapd was given and has not lost, as far as the role knows. */
struct live {
	bool used;
	uint32_t wiphy;
	int lead;	     /* slot of its first BSS: removing that one removes all; -1: none */
	uint8_t retry;	     /* that the kernel was told; 0: nothing */
	bool moved;	     /* by a switch of channel: hostapd can't add a BSS any more */
	char country[4];     /* that its beacons tell */
	struct plan_row row; /* has[]: these BSS are up */
};

struct radio {
	struct nl80211 *nl;
	int links; /* rtnetlink, for nl_links_lost() */
	struct hostapd ap;
	const char *countries, *bridges, *stations; /* sallyport.conf's */
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
	char listed[CTRL_REPLY_MAX + 1]; /* hostapd's last INTERFACES: not always all */
};

/* One radio being worked on. */
struct work {
	struct radio *r;
	struct live *live;
	const struct plan *plan;
	const struct plan_row *row;
	const struct nl_wiphy *wiphy;
	struct plan_done *done;
};

/* radio_bss.c: the steps that hostapd 2.10 can take. 0, or -errno; with a work also *done. */

int radio_remove_bss(struct radio *r, struct live *l, int slot);
/* lead: the radio's first one. */
int radio_add_bss(const struct work *w, unsigned int slot, bool lead);
/* Its stations have to come back with the new key; those of the other BSS notice nothing. */
int radio_change_key(const struct work *w, unsigned int slot);
/* What hostapd takes over without a station noticing. */
int radio_change_live(const struct work *w, unsigned int slot);
/* The whole radio, by an announcement that stations follow. */
int radio_move(const struct work *w);
int radio_set_power(const struct work *w);
int radio_failed(const struct work *w, int error, uint32_t slot, const char *what);

/*
 * radio_apply.c. Makes p hold by the smallest difference and reads it back. 0, or -errno and *done.
 * What was changed before a failure stays changed: r->live knows it. Of a standing plan as much is
 * done as can be, and the first failure is told; radios marked `bad` are taken down.
 */
int radio_apply(struct radio *r, struct plan *p, struct plan_done *done);

/* radio_bridge.c, as root. list: sallyport.conf's radio.bridges. 0 or -errno, logged. */
int radio_bridges(const char *list);

/* radio_live.c */

/* Asks the kernel for radios and interfaces. */
int radio_look(struct radio *r, struct plan_done *done);
int radio_look_at_ifaces(struct radio *r); /* for these alone; 0 or -errno */
/* A request without an answer but 0 or -errno. */
int radio_do(struct radio *r, struct nl_request *);
/* Asks hostapd what it still has, and forgets what it has lost. Only asks. */
int radio_ask(struct radio *r, struct plan_done *done);
/* After radio_ask(): has it a BSS of this role's, but not of this process's doing? 0, 1, -errno. */
int radio_stranger(struct radio *r, char name[NL_IFNAME_MAX], struct plan_done *done);
/* Asks, and has it remove those. */
int radio_sync(struct radio *r, struct plan_done *done);
int radio_remove(struct radio *r, const char *name);
/* Does the kernel say that p holds? Waits at most RADIO_SETTLE_MS for what takes a moment. A radio
 * that turns out to be otherwise is forgotten, so that it is set up anew. */
int radio_verify(struct radio *r, const struct plan *p, struct plan_done *done);
struct live *radio_live(struct radio *r, uint32_t wiphy, bool make);
const struct nl_iface *radio_iface(const struct radio *r, uint32_t wiphy, unsigned int slot,
				   char name[NL_IFNAME_MAX]);
/* Of what hostapd has just answered to STATUS. */
bool radio_looks_for_radar(const struct radio *r);
const char *radio_why(int error);
