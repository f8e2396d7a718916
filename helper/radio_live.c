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

int radio_look(struct radio *r, struct plan_done *done)
{
	int e = nl80211_wiphys(r->nl, &r->wiphys);

	if (!e)
		e = nl80211_ifaces(r->nl, &r->ifaces);
	if (e < 0)
		return plan_refuse(done, e, PLAN_NOWHERE, PLAN_NOWHERE, PLAN_FIELD_NONE,
				   "no word from nl80211: %s", strerror(-e));
	return 0;
}

struct live *radio_live(struct radio *r, uint32_t wiphy, bool make)
{
	struct live *free = NULL;
	unsigned int i;

	for (i = 0; i < RADIO_MAX; i++) {
		if (r->live[i].used && r->live[i].wiphy == wiphy)
			return &r->live[i];
		if (!r->live[i].used && !free)
			free = &r->live[i];
	}
	if (!make || !free)
		return NULL;
	memset(free, 0, sizeof(*free));
	free->used = true;
	free->wiphy = wiphy;
	free->lead = -1;
	return free;
}

bool radio_iface(const struct radio *r, uint32_t wiphy, unsigned int slot, char name[NL_IFNAME_MAX],
		 const struct nl_iface **iface)
{
	const struct nl_iface *first = nl_first_iface(r->ifaces.v, r->ifaces.n, wiphy);
	uint32_t i;

	name[0] = '\0';
	if (iface)
		*iface = NULL;
	if (!first || !nl_bss_name(name, first->name, slot))
		return false;
	for (i = 0; i < r->ifaces.n; i++) {
		if (strcmp(r->ifaces.v[i].name, name) != 0)
			continue;
		if (iface)
			*iface = &r->ifaces.v[i];
		return r->ifaces.v[i].wiphy == wiphy;
	}
	return false;
}

/* Forgets what hostapd no longer lists. */
static void forget_lost(struct radio *r, const char *listed)
{
	char name[NL_IFNAME_MAX];
	struct live *l;
	unsigned int s;

	for (l = r->live; l < r->live + RADIO_MAX; l++) {
		if (!l->used)
			continue;
		for (s = 0; s < RADIO_BSS_MAX; s++) {
			radio_iface(r, l->wiphy, s, name, NULL);
			if (l->row.has[s] && !(name[0] && hostapd_lists(listed, name)))
				l->row.has[s] = false;
		}
		if (l->lead >= 0 && !l->row.has[l->lead]) { /* the others are not without it */
			memset(l->row.has, 0, sizeof(l->row.has));
			l->lead = -1;
		}
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
			radio_iface(r, wiphy, s, name, NULL);
			if (!name[0] || !hostapd_lists(listed, name) || (l && l->row.has[s]))
				continue;
			*any = true;
			e = hostapd_command(&r->ap, "REMOVE %s", name);
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
		e = hostapd_ask(&r->ap, "INTERFACES");
		if (e < 0)
			break;
		memcpy(r->listed, r->ap.reply, sizeof(r->listed));
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

bool radio_is_up(const struct radio *r, const struct plan *p)
{
	unsigned int i, s, k;

	for (i = 0; i < RADIO_MAX; i++) {
		const struct plan_row *row = &p->rows[i];
		const struct live *l = NULL;

		for (k = 0; plan_wants(row) && k < RADIO_MAX; k++)
			if (r->live[k].used && r->live[k].wiphy == row->radio.wiphy)
				l = &r->live[k];
		for (s = 0; plan_wants(row) && s < RADIO_BSS_MAX; s++)
			if (row->has[s] && !(l && l->row.has[s]))
				return false;
	}
	return true;
}

static int verify_bss(const struct radio *r, const struct plan_radio *radio,
		      const struct plan_bss *bss, struct plan_done *done)
{
	const unsigned int mhz = nl_channel_to_mhz(radio->band, radio->channel);
	const struct nl_iface *i;
	char name[NL_IFNAME_MAX];

	if (!radio_iface(r, radio->wiphy, bss->slot, name, &i) || i->type != NL80211_IFTYPE_AP ||
	    !i->ssid_len)
		return plan_refuse(done, -EIO, radio->radio, bss->slot, PLAN_FIELD_NONE,
				   "the kernel has no access point on %s", name);
	if (i->ssid_len != bss->ssid_len || memcmp(i->ssid, bss->ssid, i->ssid_len) != 0)
		return plan_refuse(done, -EIO, radio->radio, bss->slot, PLAN_FIELD_SSID,
				   "the kernel has another SSID on %s", name);
	if (i->mhz != mhz)
		return plan_refuse(done, -EIO, radio->radio, bss->slot, PLAN_FIELD_CHANNEL,
				   "%s is on %u MHz instead of %u", name, i->mhz, mhz);
	/* 40 MHz in 2.4 GHz gives way to neighbours (IEEE 802.11 11.15.12): narrower is right. */
	if (i->width > radio->width || (i->width < radio->width && radio->band != RADIO_2G4))
		return plan_refuse(done, -EIO, radio->radio, bss->slot, PLAN_FIELD_WIDTH,
				   "%s is %u MHz wide instead of %u", name, i->width, radio->width);
	return 0;
}

static int verify_once(struct radio *r, const struct plan *p, struct plan_done *done)
{
	unsigned int i, s;
	int e = radio_look(r, done);

	for (i = 0; !e && i < RADIO_MAX; i++)
		for (s = 0; !e && plan_wants(&p->rows[i]) && s < RADIO_BSS_MAX; s++)
			if (p->rows[i].has[s])
				e = verify_bss(r, &p->rows[i].radio, &p->rows[i].bss[s], done);
	return e;
}

int radio_verify(struct radio *r, const struct plan *p, struct plan_done *done)
{
	const uint64_t deadline = clock_mono_ms() + RADIO_SETTLE_MS;
	int e;

	while ((e = verify_once(r, p, done)) == -EIO && clock_mono_ms() < deadline)
		(void)poll(NULL, 0, RADIO_POLL_MS);
	return e;
}
