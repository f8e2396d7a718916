/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives Device.WiFi.NeighboringWiFiDiagnostic.: the radio role has every radio scan that can, all
 * at the same time; nl80211 tells when each is done, and what it heard needs no privilege to read.
 */
#include <errno.h>
#include <stdlib.h>

#include "agent/agent.h"
#include "agent/diag/parts.h"
#include "agent/kernel/wifi.h"
#include "agent/priv.h"
#include "agent/tr181/wifi.h"
#include "agent/tr181/wifi_neighbors.h"
#include "agent/tree/tree.h"
#include "lib/clock.h"
#include "lib/log.h"

#define SEEN_SLACK_MS 500 /* the kernel's clock of a beacon and ours of its request */

struct scan {
	uint32_t wiphy;
	bool done, failed;
};

struct neighbors {
	struct wifi_neighbors rows;
	struct loop_timer timer; /* all are done, or have had their time */
	uint64_t since;		 /* ms */
	uint32_t n;		 /* 0: nothing runs */
	struct scan scans[NL_WIPHYS_MAX];
	uint32_t wiphy; /* whose results are being read */
};

static struct neighbors *of(struct diag *d)
{
	return (struct neighbors *)d; /* the first member of its first member */
}

static void stop(struct diag *d)
{
	struct neighbors *s = of(d);

	s->n = 0;
	loop_timer_clear(&diag_agent(d)->loop, &s->timer);
}

static bool sound(const struct diag *d)
{
	const struct wifi_neighbors *rows = (const void *)d;
	bool good = rows->n <= WIFI_NEIGHBORS_MAX;

	for (uint32_t i = 0; good && i < rows->n; i++)
		good = rows->v[i].bss.ssid_len <= NL_BSS_SSID_MAX &&
		       rows->v[i].bss.nrates <= NL_BSS_RATES_MAX;
	return good;
}

/* Of more than there is room for, those that are heard best. */
static struct wifi_neighbor *place(struct wifi_neighbors *all, int signal)
{
	struct wifi_neighbor *weakest = &all->v[0];

	if (all->n < WIFI_NEIGHBORS_MAX)
		return &all->v[all->n++];
	for (uint32_t i = 1; i < all->n; i++)
		if (all->v[i].bss.signal < weakest->bss.signal)
			weakest = &all->v[i];
	return weakest->bss.signal < signal ? weakest : NULL;
}

static void keep(void *arg, const struct nl_bss *b)
{
	struct neighbors *s = arg;
	struct wifi_neighbor *at;

	if (b->seen_ms > clock_mono_ms() - s->since + SEEN_SLACK_MS)
		return;
	at = place(&s->rows, b->signal);
	if (at)
		*at = (struct wifi_neighbor){ .bss = *b, .wiphy = s->wiphy };
}

static void add_noise(void *arg, const struct nl_survey *v)
{
	struct neighbors *s = arg;

	for (uint32_t i = 0; v->has_noise && i < s->rows.n; i++) {
		struct wifi_neighbor *at = &s->rows.v[i];

		if (at->wiphy != s->wiphy || at->bss.mhz != v->mhz)
			continue;
		at->has_noise = true;
		at->noise = v->noise;
	}
}

static int collect(struct neighbors *s, uint32_t wiphy)
{
	struct wifi_reader *reader = diag_agent(&s->rows.diag)->wifi;
	const struct nl_iface *i = nl_scan_iface(reader->ifaces.v, reader->ifaces.n, wiphy);
	int r;

	if (!i)
		return -ENODEV;
	s->wiphy = wiphy;
	r = nl80211_scan_results(reader->nl, i->ifindex, keep, s);
	if (!r) /* not every driver has one: there is no noise then */
		(void)nl80211_survey(reader->nl, i->ifindex, add_noise, s);
	return r;
}

static void finish(void *arg)
{
	struct neighbors *s = arg;
	int r = wifi_reader_look(diag_agent(&s->rows.diag)->wifi);
	uint32_t heard = 0;

	s->rows.n = 0;
	for (uint32_t i = 0; !r && i < s->n; i++) {
		if (s->scans[i].done && !s->scans[i].failed && !collect(s, s->scans[i].wiphy))
			heard++;
		else
			log_notice("wifi: radio %u did not end its scan", s->scans[i].wiphy);
	}
	s->n = 0;
	if (heard)
		diag_end(&s->rows.diag, DIAG_COMPLETE, NULL, 0);
	else
		diag_end(&s->rows.diag, DIAG_OTHER, "no scan came to its end", r);
}

/* Within the reading of events: what is to be done is done later. */
static void scanned(void *arg, uint32_t wiphy, bool aborted)
{
	struct neighbors *s = arg;
	bool all = s->n;

	for (uint32_t i = 0; i < s->n; i++) {
		if (s->scans[i].wiphy == wiphy) {
			s->scans[i].done = true;
			s->scans[i].failed = aborted;
		}
		all = all && s->scans[i].done;
	}
	if (all)
		(void)loop_timer_set(&diag_agent(&s->rows.diag)->loop, &s->timer, 0);
}

static void begin(struct diag *d)
{
	struct agent *agent = diag_agent(d);
	struct neighbors *s = of(d);
	int r = wifi_reader_look(agent->wifi), last = -ENODEV;

	s->n = 0;
	s->since = clock_mono_ms();
	for (uint32_t i = 0; !r && i < agent->wifi->wiphys.n; i++) {
		const struct nl_wiphy *w = &agent->wifi->wiphys.w[i];
		const struct scan_start req = { .wiphy = w->index };
		int e = w->max_ap ? priv_scan_start(agent->priv, &req) : -EOPNOTSUPP;

		if (!e)
			s->scans[s->n++] = (struct scan){ .wiphy = w->index };
		else if (e != -EOPNOTSUPP)
			last = e;
	}
	if (s->n)
		(void)loop_timer_set(&agent->loop, &s->timer, WIFI_SCAN_MS);
	else
		diag_end(d, DIAG_OTHER, "no radio can scan", r ? r : last);
}

int diag_neighbors_new(struct diags *all, struct agent *agent)
{
	static const struct diag_ops ops = { .name = "NeighboringWiFiDiagnostic",
					     .object = &wifi_neighboring,
					     .size = sizeof(struct wifi_neighbors),
					     .begin = begin,
					     .stop = stop,
					     .sound = sound };
	struct neighbors *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	loop_timer_init(&s->timer, finish, s);
	wifi_on_scan(agent->dm, scanned, s);
	diags_add(all, &s->rows.diag, &ops);
	return 0;
}
