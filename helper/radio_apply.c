/* SPDX-License-Identifier: Apache-2.0 */
/* From what is to what the plan says, in as few steps as hostapd 2.10 lets one take. */
#include <errno.h>
#include <string.h>

#include "helper/radio.h"
#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/log.h"

static bool must_rebuild(const struct work *w, int lead)
{
	const struct plan_row *is = &w->live->row;
	unsigned int s, change;
	bool adds = false;

	if (w->live->lead != lead || !is->has[lead] ||
	    strcmp(w->live->country, w->plan->begin.country) != 0)
		return true;
	for (s = 0; s < RADIO_BSS_MAX; s++) {
		change = is->has[s] ? plan_bss_change(&is->bss[s], &w->row->bss[s]) : PLAN_NEW;
		if (w->row->has[s] && change & PLAN_NEW) {
			if ((int)s == lead)
				return true;
			adds = true;
		}
	}
	change = plan_radio_change(&is->radio, &w->row->radio);
	return change & PLAN_NEW || (adds && (change & PLAN_MOVE || w->live->moved));
}

static int rebuild(const struct work *w, int lead)
{
	unsigned int s;
	int e = w->live->lead < 0 ? 0 : radio_remove_bss(w->r, w->live, w->live->lead);

	if (e < 0)
		return radio_failed(w, e, PLAN_NOWHERE, w->wiphy->name);
	if ((e = radio_look(w->r, w->done)) < 0)
		return e;
	for (s = 0; !e && s < RADIO_BSS_MAX; s++)
		if (w->row->has[s])
			e = radio_add_bss(w, s, (int)s == lead);
	return e ? e : radio_set_power(w);
}

static int adjust_bss(const struct work *w, unsigned int s)
{
	const struct plan_row *is = &w->live->row;
	unsigned int change;
	int e = 0;

	change = is->has[s] ? plan_bss_change(&is->bss[s], &w->row->bss[s]) : 0;
	if (is->has[s] && (!w->row->has[s] || change & PLAN_NEW))
		e = radio_remove_bss(w->r, w->live, (int)s) ?: radio_look(w->r, w->done);
	if (e < 0)
		return radio_failed(w, e, s, w->wiphy->name);
	if (!w->row->has[s])
		return 0;
	if (!is->has[s])
		return radio_add_bss(w, s, false);
	if (change & PLAN_LIVE)
		e = radio_change_live(w, s);
	if (!e && change & PLAN_KEY)
		e = radio_change_key(w, s);
	return e;
}

static int apply_row(const struct work *w)
{
	const int lead = plan_lead(w->row);
	unsigned int s, change;
	int e = 0;

	if (must_rebuild(w, lead))
		return rebuild(w, lead);
	change = plan_radio_change(&w->live->row.radio, &w->row->radio);
	if (change & PLAN_MOVE && radio_move(w) < 0) {
		log_notice("radio: %s: no switch of channel: %s", w->wiphy->name, w->done->why);
		return rebuild(w, lead);
	}
	for (s = 0; !e && s < RADIO_BSS_MAX; s++)
		e = adjust_bss(w, s);
	if (!e && change & PLAN_POWER)
		e = radio_set_power(w);
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
			e = radio_remove_bss(r, l, l->lead);
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
		e = w.wiphy && w.live ? apply_row(&w)
				      : radio_failed(&w, -ENODEV, PLAN_NOWHERE, "radio");
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

	r->ap.ctrl.deadline = clock_mono_ms() + RADIO_APPLY_MS;
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
