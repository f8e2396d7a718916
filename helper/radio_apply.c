/* SPDX-License-Identifier: Apache-2.0 */
/* From what is to what the plan says, in as few steps as hostapd 2.10 lets one take. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "helper/radio.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/log.h"

/* One radio being worked on. */
struct work {
	struct radio *r;
	struct live *live;
	const struct plan *plan;
	const struct plan_row *row;
	const struct nl_wiphy *wiphy;
	struct plan_done *done;
};

static int failed(const struct work *w, int error, uint32_t slot, const char *what)
{
	return plan_refuse(w->done, error, w->row->radio.radio, slot, PLAN_FIELD_NONE, "%s: %s",
			   what, radio_why(error));
}

static int delete_iface(struct radio *r, const struct nl_iface *i)
{
	struct nl_request q;

	nl_del_interface(&q, nl80211_family(r->nl), i->ifindex);
	return radio_do(r, &q);
}

static int remove_bss(struct radio *r, struct live *l, int slot)
{
	char name[NL_IFNAME_MAX];
	const struct nl_iface *i = radio_iface(r, l->wiphy, (unsigned int)slot, name);
	int e = hostapd_command(&r->ap, "REMOVE %s", name);

	if (e < 0)
		return e;
	log_info("radio: %s%s removed", name, slot == l->lead ? " and what hangs on it" : "");
	l->row.has[slot] = false;
	explicit_bzero(&l->row.bss[slot], sizeof(l->row.bss[slot]));
	if (slot == l->lead) {
		explicit_bzero(&l->row, sizeof(l->row));
		l->lead = -1;
		if (slot && i) /* made by this role, for hostapd to use */
			(void)delete_iface(r, i);
	}
	return 0;
}

static int set_power(const struct work *w)
{
	const int32_t mbm = w->row->radio.power_mbm;
	struct nl_request q;
	int e;

	nl_set_power(&q, nl80211_family(w->r->nl), w->wiphy->index, mbm > 0 ? mbm : -1);
	e = radio_do(w->r, &q);
	if (e == -EOPNOTSUPP && mbm == 0) /* a driver without a power setting has its own limit */
		e = 0;
	if (e < 0)
		return plan_refuse(w->done, e, w->row->radio.radio, PLAN_NOWHERE, PLAN_FIELD_POWER,
				   "%s: transmit power: %s", w->wiphy->name,
				   *nl80211_said(w->r->nl) ? nl80211_said(w->r->nl) : strerror(-e));
	w->live->row.radio.power_mbm = mbm;
	return 0;
}

static int make_iface(const struct work *w, const char *name, const uint8_t *address)
{
	struct nl_request q;
	int e;

	nl_new_interface(&q, nl80211_family(w->r->nl), w->wiphy->index, name, address);
	e = radio_do(w->r, &q);
	return e < 0 ? failed(w, e, PLAN_NOWHERE, name) : radio_look(w->r, w->done);
}

/*
 * The first BSS takes over an interface that has to be there; the others are made by hostapd and
 * must not be there. A radio without any interface gets one: the names and addresses of its BSS
 * come from it.
 */
static int prepare_iface(const struct work *w, unsigned int slot, bool lead, uint8_t address[6])
{
	const uint32_t wiphy = w->wiphy->index;
	const struct nl_iface *first = nl_first_iface(w->r->ifaces.v, w->r->ifaces.n, wiphy), *i;
	char name[NL_IFNAME_MAX];
	int e;

	if (!first) {
		(void)nl_ap_name(name, w->wiphy->name);
		if ((e = make_iface(w, name, NULL)) < 0)
			return e;
		first = nl_first_iface(w->r->ifaces.v, w->r->ifaces.n, wiphy);
	}
	if (first)
		nl_bss_address(address, first->mac, w->wiphy->mac_mask, slot);
	i = radio_iface(w->r, wiphy, slot, name);
	if (lead && !i)
		return make_iface(w, name, address);
	if (lead || !i)
		return 0;
	if ((e = delete_iface(w->r, i)) < 0)
		return failed(w, e, slot, name);
	return radio_look(w->r, w->done);
}

/* After a scan for neighbours (40 MHz in 2.4 GHz) the radio is up a little later than ADD says. */
static int wait_enabled(const struct work *w, const char *name)
{
	const uint64_t deadline = clock_mono_ms() + RADIO_ENABLE_MS;
	int e;

	while (!(e = hostapd_ask(&w->r->ap, "IFNAME=%s STATUS", name)) &&
	       strncmp(w->r->ap.reply, "state=ENABLED\n", 14) != 0) {
		if (clock_mono_ms() >= deadline)
			return -ETIME;
		(void)poll(NULL, 0, RADIO_POLL_MS);
	}
	return e;
}

static int give_bss(const struct work *w, unsigned int slot, const struct bss_place *at)
{
	struct buf text;
	int e;

	buf_init(&text, HOSTAPD_CONF_MAX);
	plan_hostapd_conf(&text, &w->row->bss[slot], at);
	e = text.failed ? -EMSGSIZE : hostapd_add(&w->r->ap, w->wiphy->index, text.data, text.len);
	buf_wipe(&text);
	return e;
}

static int add_bss(const struct work *w, unsigned int slot, bool lead)
{
	const struct plan_radio *radio = &w->row->radio;
	struct bss_place at = { .country = w->plan->begin.country,
				.band_id = radio->band,
				.band = &w->wiphy->bands[radio->band] };
	char name[NL_IFNAME_MAX];
	uint8_t address[6];
	int e = prepare_iface(w, slot, lead, address);

	if (e < 0)
		return e;
	(void)radio_iface(w->r, w->wiphy->index, slot, name);
	at.address = lead ? NULL : address;
	at.ifname = name;
	e = nl_chandef(w->wiphy, radio->band, radio->channel, radio->width, &at.channel);
	if (!e)
		e = give_bss(w, slot, &at);
	if (!e && lead)
		e = wait_enabled(w, name);
	if (e < 0)
		return failed(w, e, slot, name);
	if (lead) {
		w->live->lead = (int)slot;
		w->live->row.radio = *radio;
	}
	w->live->row.has[slot] = true;
	w->live->row.bss[slot] = w->row->bss[slot];
	log_info("radio: %s: BSS added", name);
	return 0;
}

/* Its stations have to come back with the new key; those of the other BSS notice nothing. */
static int change_key(const struct work *w, unsigned int slot)
{
	const struct plan_bss *bss = &w->row->bss[slot];
	struct plan_bss *is = &w->live->row.bss[slot];
	char name[NL_IFNAME_MAX];
	int e;

	(void)radio_iface(w->r, w->wiphy->index, slot, name);
	explicit_bzero(is->passphrase, sizeof(is->passphrase)); /* unknown until both are done */
	e = hostapd_command(&w->r->ap, "IFNAME=%s SET wpa_passphrase %s", name, bss->passphrase);
	if (!e)
		e = hostapd_command(&w->r->ap, "IFNAME=%s RELOAD_WPA_PSK", name);
	if (e < 0)
		return failed(w, e, slot, name);
	memcpy(is->passphrase, bss->passphrase, sizeof(is->passphrase));
	log_info("radio: %s: key changed", name);
	return 0;
}

static bool must_rebuild(const struct work *w, int lead)
{
	const struct plan_row *is = &w->live->row;

	return w->live->lead != lead || !is->has[lead] ||
	       plan_radio_differs(&is->radio, &w->row->radio) ||
	       plan_bss_differs(&is->bss[lead], &w->row->bss[lead]);
}

static int rebuild(const struct work *w, int lead)
{
	unsigned int s;
	int e = w->live->lead < 0 ? 0 : remove_bss(w->r, w->live, w->live->lead);

	if (e < 0)
		return failed(w, e, PLAN_NOWHERE, w->wiphy->name);
	if ((e = radio_look(w->r, w->done)) < 0)
		return e;
	for (s = 0; !e && s < RADIO_BSS_MAX; s++)
		if (w->row->has[s])
			e = add_bss(w, s, (int)s == lead);
	return e ? e : set_power(w);
}

static int adjust_bss(const struct work *w, unsigned int s)
{
	const struct plan_row *is = &w->live->row;
	int e = 0;

	if (is->has[s] && (!w->row->has[s] || plan_bss_differs(&is->bss[s], &w->row->bss[s])))
		e = remove_bss(w->r, w->live, (int)s) ?: radio_look(w->r, w->done);
	if (e < 0)
		return failed(w, e, s, w->wiphy->name);
	if (!w->row->has[s])
		return 0;
	if (!is->has[s])
		return add_bss(w, s, false);
	if (strcmp(is->bss[s].passphrase, w->row->bss[s].passphrase) != 0)
		return change_key(w, s);
	return 0;
}

static int apply_row(const struct work *w)
{
	const int lead = plan_lead(w->row);
	unsigned int s;
	int e = 0;

	if (must_rebuild(w, lead))
		return rebuild(w, lead);
	for (s = 0; !e && s < RADIO_BSS_MAX; s++)
		e = adjust_bss(w, s);
	if (!e && w->live->row.radio.power_mbm != w->row->radio.power_mbm)
		e = set_power(w);
	return e;
}

static bool names(const struct plan *p, uint32_t wiphy)
{
	unsigned int i;

	for (i = 0; i < RADIO_MAX; i++)
		if (plan_wants(&p->rows[i]) && p->rows[i].radio.wiphy == wiphy)
			return true;
	return false;
}

static int take_down_unnamed(struct radio *r, const struct plan *p, struct plan_done *done)
{
	struct live *l;
	int e = 0;

	for (l = r->live; !e && l < r->live + RADIO_MAX; l++)
		if (l->used && !names(p, l->wiphy) && l->lead >= 0)
			e = remove_bss(r, l, l->lead);
	if (e < 0)
		plan_refuse(done, e, PLAN_NOWHERE, PLAN_NOWHERE, PLAN_FIELD_NONE, "%s",
			    radio_why(e));
	return e;
}

static int apply_rows(struct radio *r, struct plan *p, struct plan_done *done)
{
	struct plan_done one = { 0 };
	struct work w = { .r = r, .plan = p, .done = &one };
	int e, first = 0;
	unsigned int i;

	for (i = 0; i < RADIO_MAX; i++) {
		w.row = &p->rows[i];
		if (!plan_wants(w.row))
			continue;
		w.wiphy = nl_wiphy_find(&r->wiphys, w.row->radio.wiphy);
		w.live = radio_live(r, w.row->radio.wiphy, true);
		e = w.wiphy && w.live ? apply_row(&w) : failed(&w, -ENODEV, PLAN_NOWHERE, "radio");
		if (e == 0)
			continue;
		p->rows[i].bad = true;
		if (!first)
			*done = one;
		first = first ? first : e;
		if (!p->begin.standing)
			break;
	}
	return first;
}

int radio_apply(struct radio *r, struct plan *p, struct plan_done *done)
{
	struct plan_done seen = { 0 };
	bool any = false;
	unsigned int i;
	int e, v;

	r->ap.deadline = clock_mono_ms() + RADIO_APPLY_MS;
	if ((e = radio_look(r, done)) < 0)
		return e;
	for (i = 0; i < RADIO_MAX; i++)
		any |= plan_wants(&p->rows[i]);
	e = radio_sync(r, done);
	if (e == -ENOTCONN && !any) /* nothing is on the air, and nothing shall be */
		return 0;
	if (e < 0 || (e = take_down_unnamed(r, p, done)) < 0 || (e = radio_look(r, done)) < 0)
		return e;
	e = apply_rows(r, p, done);
	if (e < 0 && !p->begin.standing)
		return e;
	v = radio_verify(r, p, RADIO_SETTLE_MS, &seen);
	if (v < 0 && !e)
		*done = seen;
	return e ? e : v;
}
