/* SPDX-License-Identifier: Apache-2.0 */
/* From the EndPoint rows to the plan that the station role gets, and from its refusal back. */
#include <errno.h>
#include <string.h>

#include "agent/priv.h"
#include "agent/tr181/endpoint.h"
#include "lib/log.h"
#include "wifi/station.h"

static void put_network(struct station_network *q, const struct endpoint *e)
{
	const struct dm_inst *security = endpoint_security_of(e->profile);
	size_t len;
	const char *text = dm_str(security, "ModeEnabled", &len);
	const int mode = wifi_mode_security(text, len);
	const struct plan_mode *m;

	q->station = (uint32_t)e->station;
	q->security = mode >= 0 ? (uint32_t)mode : RADIO_WPA2_PSK;
	m = plan_mode(q->security);
	q->mfp = wifi_mfp(m, security);
	q->has_psk = wifi_key(m, security, q->passphrase, q->psk);
	text = dm_str(e->profile, "SSID", &len);
	q->ssid_len = (uint8_t)(len <= RADIO_SSID_MAX ? len : 0); /* the row allows no more */
	memcpy(q->ssid, text, q->ssid_len);
}

/* In the order of the stations: the same networks are then the same octets. */
static void build(const struct wifi *w, struct station_plan *p, bool standing)
{
	struct endpoints all;

	explicit_bzero(p, sizeof(*p));
	p->standing = standing;
	endpoints_find(w, &all);
	for (int n = 0; n < STATION_MAX; n++)
		for (size_t i = 0; i < all.n; i++)
			if (all.v[i].wanted && all.v[i].station == n)
				put_network(&p->network[p->count++], &all.v[i]);
}

static bool is_sent(const struct wifi *w, const struct station_plan *p)
{
	const struct station_plan *now = &w->station.now;

	return w->station.sent && now->count == p->count &&
	       memcmp(now->network, p->network, sizeof(p->network)) == 0;
}

static int send(struct wifi *w, const struct station_plan *p, struct station_done *done)
{
	int r = priv_station_apply(w->priv, p, done);

	w->looked = 0;
	return r == -ENOTCONN && !p->count ? 0 : r; /* no role, and nothing for it to do */
}

/* What a field of the plan is called, in the profile or its Security. */
static const struct {
	bool security;
	const char *name;
} fields[PLAN_FIELDS] = {
	[PLAN_FIELD_SSID] = { false, "SSID" },
	[PLAN_FIELD_SECURITY] = { true, "ModeEnabled" },
	[PLAN_FIELD_KEY] = { true, "KeyPassphrase" },
	[PLAN_FIELD_MFP] = { true, "MFPConfig" },
};

static struct dm_inst *blame(const struct wifi *w, const struct station_done *done,
			     const char **name)
{
	struct endpoints all;

	endpoints_find(w, &all);
	for (size_t i = 0; i < all.n; i++) {
		const struct endpoint *e = &all.v[i];

		if (!e->wanted || (uint32_t)e->station != done->station)
			continue;
		*name = done->field < PLAN_FIELDS ? fields[done->field].name : NULL;
		if (*name)
			return fields[done->field].security ? endpoint_security_of(e->profile)
							    : e->profile;
		*name = "Enable";
		return e->row;
	}
	return NULL;
}

/* A fault with a name is the ACS's to mend; what went wrong on the box has none. */
static enum dm_error refused(const struct wifi *w, struct dm_txn *txn, int error,
			     const struct station_done *done)
{
	const char *name = NULL, *why = done->why[0] ? done->why : strerror(-error);
	struct dm_inst *in = blame(w, done, &name);
	enum dm_error e = DM_EINTERNAL;

	if (error == -ENOMEM)
		e = DM_ERESOURCES;
	else if (in && done->field != PLAN_FIELD_NONE &&
		 (error == -EINVAL || error == -EACCES || error == -EOPNOTSUPP || error == -ENODEV))
		e = DM_EVALUE;
	if (e != DM_EVALUE) {
		in = NULL;
		name = NULL;
	}
	return dm_refuse(txn, in, name, e, "The station did not take the change: %s", why);
}

static void log_refused(const struct station_done *done, int e)
{
	log_warn("wifi: the plan of the stations was not applied: %s",
		 done->why[0] ? done->why : strerror(-e));
}

static enum dm_error check_networks(const struct wifi *w, struct dm_txn *txn,
				    const struct station_plan *p)
{
	struct station_done done = { 0 };
	enum dm_error first = DM_OK, e;
	struct endpoints all;

	endpoints_find(w, &all);
	for (uint32_t i = 0; i < p->count; i++)
		for (size_t k = 0; k < all.n; k++) {
			int r;

			if (!all.v[k].wanted || (uint32_t)all.v[k].station != p->network[i].station)
				continue;
			r = station_check(&p->network[i], wifi_wiphy(w, all.v[k].radio), &done);
			e = r < 0 ? refused(w, txn, r, &done) : DM_OK;
			first = first ? first : e;
		}
	return first;
}

enum dm_error endpoints_check(struct wifi *w, struct dm_txn *txn)
{
	enum dm_error e = endpoint_check_profiles(w, txn);

	if (e)
		return e;
	build(w, &w->station.next, false);
	return check_networks(w, txn, &w->station.next);
}

enum dm_error endpoints_apply(struct wifi *w, struct dm_txn *txn)
{
	struct station_plan *next = &w->station.next;
	struct station_done done = { .station = UINT32_MAX };
	int r;

	w->station.before = w->station.now;
	w->station.was_sent = w->station.sent;
	build(w, next, false);
	if (is_sent(w, next))
		return DM_OK;
	r = send(w, next, &done);
	if (r < 0) {
		log_refused(&done, r);
		return refused(w, txn, r, &done);
	}
	w->station.now = *next;
	w->station.sent = true;
	return DM_OK;
}

/* What the gate turned away the role has never seen. */
static int stand(struct wifi *w, const struct station_plan *p)
{
	struct station_done done = { 0 };
	int r = is_sent(w, p) ? 0 : send(w, p, &done);

	w->station.now = *p;
	w->station.sent = r != -EAGAIN;
	if (r < 0)
		log_refused(&done, r);
	return r;
}

int endpoints_stand(struct wifi *w)
{
	build(w, &w->station.next, true);
	return stand(w, &w->station.next);
}

void endpoints_go_back(struct wifi *w)
{
	w->station.before.standing = 1;
	if (w->station.was_sent)
		(void)stand(w, &w->station.before);
	else
		w->station.sent = false;
}

void wifi_station_state(struct dm *dm, const struct station_state *state)
{
	struct wifi *w = dm_ctx(dm_single(dm, &wifi));

	if (!w || state->station >= STATION_MAX)
		return;
	w->station.held[state->station] = state->holds;
	wifi_heard(w);
}
