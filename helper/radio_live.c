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

/* Forgets what hostapd no longer lists. */
static void forget_lost(struct radio *r, const char *listed)
{
	char name[NL_IFNAME_MAX];
	struct live *l;
	unsigned int s;

	for (l = r->live; l < r->live + RADIO_MAX; l++) {
		for (s = 0; s < RADIO_BSS_MAX; s++) {
			(void)radio_iface(r, l->wiphy, s, name);
			if (l->row.has[s] && !(name[0] && ctrl_lists(listed, name)))
				l->row.has[s] = false;
		}
		if (l->lead >= 0 && !l->row.has[l->lead]) /* the others are not without it */
			forget(l);
	}
}

/* Names that are ours but of which the role knows nothing: it was started anew. */
static int remove_strangers(struct radio *r, const char *listed, bool *any)
{
	char name[NL_IFNAME_MAX];
	uint32_t i, s;
	int e;

	for (i = 0; i < r->wiphys.n; i++) {
		const uint32_t wiphy = r->wiphys.w[i].index;
		const struct live *l = radio_live(r, wiphy, false);

		for (s = 0; s < RADIO_BSS_MAX; s++) {
			(void)radio_iface(r, wiphy, s, name);
			if (!name[0] || !ctrl_lists(listed, name) || (l && l->row.has[s]))
				continue;
			*any = true;
			e = ctrl_command(&r->ap.ctrl, "REMOVE %s", name);
			/* Removing the first one has taken the others along. */
			if (e < 0 && e != -EREMOTEIO)
				return e;
			log_notice("radio: %s was not set up by this process: removed", name);
		}
	}
	return 0;
}

int radio_sync(struct radio *r, struct plan_done *done)
{
	bool strangers = false;
	int e, tries;

	for (tries = 0; tries < 3; tries++) {
		e = ctrl_ask(&r->ap.ctrl, "INTERFACES");
		if (e < 0)
			break;
		memcpy(r->listed, r->ap.ctrl.reply, sizeof(r->listed));
		forget_lost(r, r->listed);
		strangers = false;
		if ((e = remove_strangers(r, r->listed, &strangers)) < 0 || !strangers)
			break;
	}
	if (e == -ENOTCONN)
		forget_lost(r, "");
	if (e < 0)
		return plan_refuse(done, e, PLAN_NOWHERE, PLAN_NOWHERE, PLAN_FIELD_NONE, "%s",
				   radio_why(e));
	return 0;
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
	if (i->mhz != mhz)
		return plan_refuse(done, -ESTALE, radio->radio, bss->slot, PLAN_FIELD_CHANNEL,
				   "%s is on %u MHz instead of %u", name, i->mhz, mhz);
	/* 40 MHz in 2.4 GHz gives way to neighbours (IEEE 802.11 11.15.12): narrower is right. */
	if (i->width > radio->width || (i->width < radio->width && radio->band != RADIO_2G4))
		return plan_refuse(done, -ESTALE, radio->radio, bss->slot, PLAN_FIELD_WIDTH,
				   "%s is %u MHz wide instead of %u", name, i->width, radio->width);
	return 0;
}

static int verify_row(struct radio *r, const struct plan_row *row, struct plan_done *done)
{
	struct live *l = radio_live(r, row->radio.wiphy, false);
	unsigned int s;
	int e = 0;

	for (s = 0; !e && s < RADIO_BSS_MAX; s++)
		if (row->has[s])
			e = l && l->row.has[s] ? verify_bss(r, &row->radio, &row->bss[s], done)
					       : -ESTALE;
	return e;
}

int radio_verify(struct radio *r, const struct plan *p, int wait_ms, struct plan_done *done)
{
	const uint64_t deadline = clock_mono_ms() + (uint64_t)wait_ms;
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
