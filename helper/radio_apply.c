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
	return nl80211_call(r->nl, &q, NULL, NULL, NL80211_DUMP_MS);
}

static int take_down(struct radio *r, struct live *l)
{
	const struct nl_iface *i;
	char name[NL_IFNAME_MAX];
	int e;

	if (l->lead < 0)
		return 0;
	radio_iface(r, l->wiphy, (unsigned int)l->lead, name, &i);
	e = hostapd_command(&r->ap, "REMOVE %s", name);
	if (e < 0)
		return e;
	log_info("radio: %s and what hangs on it removed", name);
	if (l->lead > 0 && i && i->wiphy == l->wiphy) /* made by this role, for hostapd to use */
		(void)delete_iface(r, i);
	explicit_bzero(&l->row, sizeof(l->row));
	l->lead = -1;
	return 0;
}

static int set_power(const struct work *w)
{
	const int32_t mbm = w->row->radio.power_mbm;
	struct nl_request q;
	int e;

	nl_set_power(&q, nl80211_family(w->r->nl), w->wiphy->index, mbm > 0 ? mbm : -1);
	e = nl80211_call(w->r->nl, &q, NULL, NULL, NL80211_DUMP_MS);
	if (e == -EOPNOTSUPP && mbm == 0) /* a driver without a power setting has its own limit */
		e = 0;
	if (e < 0)
		return plan_refuse(w->done, e, w->row->radio.radio, PLAN_NOWHERE, PLAN_FIELD_POWER,
				   "%s: transmit power: %s", w->wiphy->name,
				   *nl80211_said(w->r->nl) ? nl80211_said(w->r->nl) : strerror(-e));
	w->live->row.radio.power_mbm = mbm;
	return 0;
}

/* The first BSS takes over an interface that has to be there; the others are made by hostapd and
 * must not be there. */
static int prepare_iface(const struct work *w, unsigned int slot, bool lead, const uint8_t *address)
{
	const struct nl_iface *i;
	char name[NL_IFNAME_MAX];
	struct nl_request q;
	int e;

	if (radio_iface(w->r, w->wiphy->index, slot, name, &i) == lead)
		return 0;
	if (!name[0] || (lead && i)) /* no name, or another radio has it */
		return failed(w, -EEXIST, slot, name);
	if (lead) {
		nl_new_interface(&q, nl80211_family(w->r->nl), w->wiphy->index, name, address);
		e = nl80211_call(w->r->nl, &q, NULL, NULL, NL80211_DUMP_MS);
	} else {
		e = delete_iface(w->r, i);
	}
	if (e < 0)
		return failed(w, e, slot, name);
	return radio_look(w->r, w->done);
}

/* A radio without any interface gets one: the names and addresses of its BSS come from it. */
static int prepare_first(const struct work *w)
{
	char name[NL_IFNAME_MAX];
	struct nl_request q;
	int e;

	if (nl_first_iface(w->r->ifaces.v, w->r->ifaces.n, w->wiphy->index))
		return 0;
	if (!nl_ap_name(name, w->wiphy->name))
		return failed(w, -ENAMETOOLONG, PLAN_NOWHERE, w->wiphy->name);
	nl_new_interface(&q, nl80211_family(w->r->nl), w->wiphy->index, name, NULL);
	e = nl80211_call(w->r->nl, &q, NULL, NULL, NL80211_DUMP_MS);
	if (e < 0)
		return failed(w, e, PLAN_NOWHERE, name);
	return radio_look(w->r, w->done);
}

/* After a scan for neighbours (40 MHz in 2.4 GHz) the radio is up a little later than ADD says. */
static int wait_enabled(const struct work *w, const char *name, uint32_t slot)
{
	const uint64_t deadline = clock_mono_ms() + RADIO_ENABLE_MS;
	char state[32];
	int e;

	for (;;) {
		e = hostapd_ask(&w->r->ap, "IFNAME=%s STATUS", name);
		if (e < 0)
			return failed(w, e, slot, name);
		if (!hostapd_value(w->r->ap.reply, "state", state, sizeof(state)))
			state[0] = '\0';
		if (strcmp(state, "ENABLED") == 0)
			return 0;
		if (clock_mono_ms() >= deadline)
			return plan_refuse(w->done, -ETIMEDOUT, w->row->radio.radio, slot,
					   PLAN_FIELD_NONE, "%s stays in state %s", name, state);
		(void)poll(NULL, 0, RADIO_POLL_MS);
	}
}

static int add_bss(const struct work *w, unsigned int slot, bool lead)
{
	const struct plan_radio *radio = &w->row->radio;
	const struct plan_bss *bss = &w->row->bss[slot];
	const struct nl_iface *first;
	struct bss_place at = { .country = w->plan->begin.country, .band_id = radio->band };
	char name[NL_IFNAME_MAX];
	uint8_t address[6];
	struct buf text;
	int e;

	if ((e = prepare_first(w)) < 0)
		return e;
	first = nl_first_iface(w->r->ifaces.v, w->r->ifaces.n, w->wiphy->index);
	if (!first)
		return failed(w, -ENODEV, slot, w->wiphy->name);
	if (slot) {
		plan_bss_address(address, first->mac, w->wiphy->mac_mask, slot);
		at.address = lead ? NULL : address;
	}
	if ((e = prepare_iface(w, slot, lead, slot ? address : NULL)) < 0)
		return e;
	if ((e = nl_chandef(w->wiphy, radio->band, radio->channel, radio->width, &at.channel)) < 0)
		return failed(w, e, slot, w->wiphy->name);
	radio_iface(w->r, w->wiphy->index, slot, name, NULL);
	at.ifname = name;
	at.band = &w->wiphy->bands[radio->band];

	buf_init(&text, HOSTAPD_CONF_MAX);
	plan_hostapd_conf(&text, bss, &at);
	e = text.failed ? -EMSGSIZE : hostapd_add(&w->r->ap, w->wiphy->index, text.data, text.len);
	buf_wipe(&text);
	if (e < 0)
		return failed(w, e, slot, name);
	w->live->row.has[slot] = true;
	w->live->row.bss[slot] = *bss;
	log_info("radio: %s: BSS added", name);
	if (!lead)
		return 0;
	w->live->lead = (int)slot;
	w->live->row.radio = *radio;
	return wait_enabled(w, name, slot);
}

static int remove_bss(const struct work *w, unsigned int slot)
{
	char name[NL_IFNAME_MAX];
	int e;

	radio_iface(w->r, w->wiphy->index, slot, name, NULL);
	e = hostapd_command(&w->r->ap, "REMOVE %s", name);
	if (e < 0)
		return failed(w, e, slot, name);
	w->live->row.has[slot] = false;
	explicit_bzero(&w->live->row.bss[slot], sizeof(w->live->row.bss[slot]));
	log_info("radio: %s: BSS removed", name);
	return radio_look(w->r, w->done); /* its interface went with it */
}

/* Its stations have to come back with the new key; those of the other BSS notice nothing. */
static int change_key(const struct work *w, unsigned int slot)
{
	const struct plan_bss *bss = &w->row->bss[slot];
	struct plan_bss *is = &w->live->row.bss[slot];
	char name[NL_IFNAME_MAX];
	int e;

	radio_iface(w->r, w->wiphy->index, slot, name, NULL);
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
	int e = take_down(w->r, w->live);

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
		e = remove_bss(w, s);
	if (e < 0 || !w->row->has[s])
		return e;
	if (!is->has[s])
		return add_bss(w, s, false);
	if (plan_key_differs(&is->bss[s], &w->row->bss[s]))
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

static const struct plan_row *row_of(const struct plan *p, uint32_t wiphy)
{
	unsigned int i;

	for (i = 0; i < RADIO_MAX; i++)
		if (p->rows[i].used && p->rows[i].radio.wiphy == wiphy && plan_wants(&p->rows[i]))
			return &p->rows[i];
	return NULL;
}

static int take_down_unnamed(struct radio *r, const struct plan *p, struct plan_done *done)
{
	struct live *l;
	int e;

	for (l = r->live; l < r->live + RADIO_MAX; l++) {
		if (!l->used || row_of(p, l->wiphy))
			continue;
		e = take_down(r, l);
		if (e < 0)
			return plan_refuse(done, e, PLAN_NOWHERE, PLAN_NOWHERE, PLAN_FIELD_NONE,
					   "%s", radio_why(e));
		l->used = false;
	}
	return 0;
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
	v = radio_verify(r, p, &seen);
	if (v < 0 && !e)
		*done = seen;
	return e ? e : v;
}
