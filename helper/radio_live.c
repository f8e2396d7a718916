/* SPDX-License-Identifier: Apache-2.0 */
/* What is: the kernel's and hostapd's view, and whether it is what a plan says. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include <linux/nl80211.h>

#include "helper/radio.h"
#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/log.h"

const char *radio_why(int error)
{
	switch (error) {
	case -ENOTCONN:
		return "hostapd is not running";
	case -ETIMEDOUT:
		return "hostapd or the kernel does not answer";
	case -EREMOTEIO:
		return "hostapd refuses";
	default:
		return strerror(-error);
	}
}

/* Those of the station role are no BSS's. */
int radio_look_at_ifaces(struct radio *r)
{
	int e = nl80211_ifaces(r->nl, &r->ifaces);

	if (!e)
		nl_ifaces_mark(r->ifaces.v, r->ifaces.n, r->stations);
	return e;
}

int radio_look(struct radio *r, struct plan_done *done)
{
	int e = nl80211_wiphys(r->nl, &r->wiphys);

	if (!e)
		e = radio_look_at_ifaces(r);
	if (e < 0)
		return plan_refuse(done, e, PLAN_NOWHERE, PLAN_NOWHERE, PLAN_FIELD_NONE,
				   "no word from nl80211: %s", strerror(-e));
	return 0;
}

int radio_do(struct radio *r, struct nl_request *q)
{
	return nl80211_call(r->nl, q, NULL, NULL, NL80211_DUMP_MS);
}

struct live *radio_live(struct radio *r, uint32_t wiphy, bool make)
{
	struct live *l, *spare = NULL;

	for (l = r->live; l < r->live + RADIO_MAX; l++) {
		if (l->used && l->wiphy == wiphy)
			return l;
		if (!l->used || l->lead < 0) /* that radio may be gone for good */
			spare = l;
	}
	if (!make || !spare)
		return NULL;
	memset(spare, 0, sizeof(*spare)); /* clang would make a literal of 11 KiB on the stack */
	spare->used = true;
	spare->wiphy = wiphy;
	spare->lead = -1;
	return spare;
}

const struct nl_iface *radio_iface(const struct radio *r, uint32_t wiphy, unsigned int slot,
				   char name[NL_IFNAME_MAX])
{
	return nl_bss_iface(r->ifaces.v, r->ifaces.n, wiphy, slot, name);
}

static void forget(struct live *l)
{
	explicit_bzero(&l->row, sizeof(l->row));
	l->lead = -1;
}

/* 1: hostapd has it; 0: it does not; -errno */
static int has_iface(struct radio *r, const char *name)
{
	int e;

	if (ctrl_lists(r->listed, name))
		return 1;
	/* It ends a list at a line's end, and says nothing, when it has no room for the next. */
	if (strlen(r->listed) + NL_IFNAME_MAX < HOSTAPD_LIST_MAX)
		return 0;
	e = ctrl_ask(&r->ap.ctrl, "IFNAME=%s GET version", name);
	if (e == -EREMOTEIO && strcmp(r->ap.ctrl.reply, "FAIL-NO-IFNAME-MATCH\n") == 0)
		return 0;
	return e < 0 ? e : 1;
}

static int forget_lost(struct radio *r)
{
	char name[NL_IFNAME_MAX];
	struct live *l;
	unsigned int s;
	int has;

	for (l = r->live; l < r->live + RADIO_MAX; l++) {
		for (s = 0; s < RADIO_BSS_MAX; s++) {
			if (!l->row.has[s])
				continue;
			(void)radio_iface(r, l->wiphy, s, name);
			has = name[0] ? has_iface(r, name) : 0;
			if (has < 0)
				return has;
			l->row.has[s] = has;
		}
		if (l->lead >= 0 && !l->row.has[l->lead]) /* the others are not without it */
			forget(l);
	}
	return 0;
}

static int hostapd_says(int error, struct plan_done *done)
{
	return plan_refuse(done, error, PLAN_NOWHERE, PLAN_NOWHERE, PLAN_FIELD_NONE, "%s",
			   radio_why(error));
}

int radio_ask(struct radio *r, struct plan_done *done)
{
	struct live *l;
	int e = ctrl_ask(&r->ap.ctrl, "INTERFACES");

	if (!e) {
		memcpy(r->listed, r->ap.ctrl.reply, sizeof(r->listed));
		e = forget_lost(r);
	}
	for (l = r->live; e == -ENOTCONN && l < r->live + RADIO_MAX; l++)
		forget(l);
	return e < 0 ? hostapd_says(e, done) : 0;
}

int radio_stranger(struct radio *r, char name[NL_IFNAME_MAX], struct plan_done *done)
{
	const struct live *l;
	uint32_t i, s;
	int has = 0;

	for (i = 0; i < r->wiphys.n; i++) {
		l = radio_live(r, r->wiphys.w[i].index, false);
		for (s = 0; !has && s < RADIO_BSS_MAX; s++) {
			(void)radio_iface(r, r->wiphys.w[i].index, s, name);
			if (name[0] && !(l && l->row.has[s]))
				has = has_iface(r, name);
		}
		if (has)
			break;
	}
	return has < 0 ? hostapd_says(has, done) : has;
}

/* The radio's first one takes fifteen others along: that may take as long as to add one. */
int radio_remove(struct radio *r, const char *name)
{
	const int patience_ms = r->ap.ctrl.patience_ms;
	int e;

	r->ap.ctrl.patience_ms = HOSTAPD_ADD_MS;
	e = ctrl_command(&r->ap.ctrl, "REMOVE %s", name);
	r->ap.ctrl.patience_ms = patience_ms;
	return e;
}

static int remove_strangers(struct radio *r, struct plan_done *done)
{
	char name[NL_IFNAME_MAX];
	int e, refused = 0;

	while (!(e = radio_ask(r, done)) && (e = radio_stranger(r, name, done)) > 0) {
		e = radio_remove(r, name);
		if (!e)
			log_notice("radio: %s was not set up by this process: removed", name);
		else if (e != -EREMOTEIO || ++refused == HOSTAPD_REFUSALS)
			return hostapd_says(e, done);
		/* Each of its BSS looks for each that went: the next answer may take long. */
		r->ap.ctrl.patience_ms = HOSTAPD_ADD_MS;
	}
	return e;
}

int radio_sync(struct radio *r, struct plan_done *done)
{
	int e = remove_strangers(r, done);

	r->ap.ctrl.patience_ms = CTRL_COMMAND_MS;
	return e;
}

/*
 * Of 40 MHz in 5 GHz hostapd takes the other half first where a neighbour does so: two networks
 * must not be each the other's second channel (IEEE 802.11 11.15.3.2).
 */
static bool on_channel(const struct radio *r, const struct plan_radio *q, uint32_t mhz)
{
	const struct nl_wiphy *w = nl_wiphy_find(&r->wiphys, q->wiphy);
	struct nl_chandef def;

	if (!w || plan_chandef(w, q, &def) < 0)
		return false;
	return mhz == def.mhz ||
	       (q->band == RADIO_5G && (int)mhz == (int)def.mhz + 20 * def.second);
}

/* Where radar was found hostapd has left, for a channel of its own choice: that is right. */
static bool may_have_left(const struct radio *r, const struct plan_radio *q)
{
	const struct nl_wiphy *w = nl_wiphy_find(&r->wiphys, q->wiphy);
	struct nl_chandef def;

	return w && plan_chandef(w, q, &def) == 0 && def.radar;
}

static int verify_bss(const struct radio *r, const struct plan_radio *radio,
		      const struct plan_bss *bss, struct plan_done *done)
{
	const unsigned int mhz = nl_channel_to_mhz(radio->band, radio->channel);
	char name[NL_IFNAME_MAX];
	const struct nl_iface *i = radio_iface(r, radio->wiphy, bss->slot, name);

	if (!i || i->type != NL80211_IFTYPE_AP || !i->ssid_len)
		return plan_refuse(done, -ESTALE, radio->radio, bss->slot, PLAN_FIELD_NONE,
				   "the kernel has no access point on %s", name);
	if (i->ssid_len != bss->ssid_len || memcmp(i->ssid, bss->ssid, i->ssid_len) != 0)
		return plan_refuse(done, -ESTALE, radio->radio, bss->slot, PLAN_FIELD_SSID,
				   "the kernel has another SSID on %s", name);
	if (may_have_left(r, radio))
		return 0;
	if (!on_channel(r, radio, i->mhz))
		return plan_refuse(done, -ESTALE, radio->radio, bss->slot, PLAN_FIELD_CHANNEL,
				   "%s is on %u MHz instead of %u", name, i->mhz, mhz);
	/* 40 MHz in 2.4 GHz gives way to neighbours (IEEE 802.11 11.15.12): narrower is right. */
	if (i->width > radio->width || (i->width < radio->width && radio->band != RADIO_2G4))
		return plan_refuse(done, -ESTALE, radio->radio, bss->slot, PLAN_FIELD_WIDTH,
				   "%s is %u MHz wide instead of %u", name, i->width, radio->width);
	return 0;
}

bool radio_looks_for_radar(const struct radio *r)
{
	return strncmp(r->ap.ctrl.reply, "state=DFS\n", 10) == 0;
}

/* While it does, its BSS are not on the air, and come by themselves. 1, 0 or -errno. */
static int still_looks_for_radar(struct radio *r, const struct plan_row *row,
				 struct plan_done *done)
{
	char name[NL_IFNAME_MAX];
	const struct nl_iface *i =
		radio_iface(r, row->radio.wiphy, (unsigned int)plan_lead(row), name);
	int e;

	if (!row->radio.radar || (i && i->ssid_len))
		return 0;
	e = ctrl_ask(&r->ap.ctrl, "IFNAME=%s STATUS", name);
	return e < 0 ? hostapd_says(e, done) : radio_looks_for_radar(r);
}

/* hostapd adds no BSS to a radio that has moved by itself, either. */
static void note_move(const struct radio *r, struct live *l)
{
	const struct plan_radio *q = &l->row.radio;
	char name[NL_IFNAME_MAX];
	const struct nl_iface *i = radio_iface(r, l->wiphy, (unsigned int)l->lead, name);

	if (i && q->radar && i->mhz != nl_channel_to_mhz(q->band, q->channel))
		l->moved = true;
}

static int verify_row(struct radio *r, const struct plan_row *row, struct plan_done *done)
{
	struct live *l = radio_live(r, row->radio.wiphy, false);
	unsigned int s;
	int e = 0;

	for (s = 0; !e && s < RADIO_BSS_MAX; s++)
		if (row->has[s] && !(l && l->row.has[s])) /* waiting does not bring it back */
			e = plan_refuse(done, -ENOENT, row->radio.radio, s, PLAN_FIELD_NONE,
					"hostapd does not have it any more");
	if (e || (e = still_looks_for_radar(r, row, done)))
		return e < 0 ? e : 0;
	for (s = 0; !e && s < RADIO_BSS_MAX; s++)
		if (row->has[s])
			e = verify_bss(r, &row->radio, &row->bss[s], done);
	if (!e && l)
		note_move(r, l);
	return e;
}

int radio_verify(struct radio *r, const struct plan *p, struct plan_done *done)
{
	const uint64_t deadline = clock_mono_ms() + RADIO_SETTLE_MS;
	struct live *l;
	unsigned int i;
	int e;

	for (;;) {
		e = radio_look(r, done);
		for (i = 0; !e && i < RADIO_MAX; i++)
			if (plan_wants(&p->rows[i]))
				e = verify_row(r, &p->rows[i], done);
		if (e != -ESTALE || clock_mono_ms() >= deadline)
			break;
		(void)poll(NULL, 0, RADIO_POLL_MS);
	}
	l = e == -ESTALE ? radio_live(r, p->rows[i - 1].radio.wiphy, false) : NULL;
	if (l)
		forget(l);
	return e;
}
