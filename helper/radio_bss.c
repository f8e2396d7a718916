/* SPDX-License-Identifier: Apache-2.0 */
/* The steps by which a plan is made to hold. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "helper/radio.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/hex.h"
#include "lib/limits.h"
#include "lib/log.h"

int radio_failed(const struct work *w, int error, uint32_t slot, const char *what)
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

int radio_remove_bss(struct radio *r, struct live *l, int slot)
{
	char name[NL_IFNAME_MAX];
	const struct nl_iface *i = radio_iface(r, l->wiphy, (unsigned int)slot, name);
	int e = radio_remove(r, name);

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

int radio_set_power(const struct work *w)
{
	const struct plan_radio *q = &w->row->radio;
	const int32_t mbm = q->power_mbm;
	struct nl_request msg;
	int e;

	nl_set_power(&msg, nl80211_family(w->r->nl), w->wiphy->index, mbm > 0 ? mbm : -1);
	e = radio_do(w->r, &msg);
	if (e == -EOPNOTSUPP && mbm == 0) /* a driver without a power setting has its own limit */
		e = 0;
	if (e < 0)
		return plan_refuse(w->done, e, w->row->radio.radio, PLAN_NOWHERE, PLAN_FIELD_POWER,
				   "%s: transmit power: %s", w->wiphy->name,
				   *nl80211_said(w->r->nl) ? nl80211_said(w->r->nl) : strerror(-e));
	w->live->row.radio.power_mbm = mbm;
	if (q->retry == w->live->retry)
		return 0;
	nl_set_retry(&msg, nl80211_family(w->r->nl), w->wiphy->index, q->retry ? q->retry : 7);
	e = radio_do(w->r, &msg);
	if (e < 0)
		return plan_refuse(w->done, e, q->radio, PLAN_NOWHERE, PLAN_FIELD_RETRY,
				   "%s: retries: %s", w->wiphy->name, strerror(-e));
	w->live->retry = q->retry;
	w->live->row.radio.retry = q->retry;
	return 0;
}

static int make_iface(const struct work *w, const char *name, const uint8_t *address)
{
	struct nl_request q;
	int e;

	nl_new_interface(&q, nl80211_family(w->r->nl), w->wiphy->index, name, address);
	e = radio_do(w->r, &q);
	return e < 0 ? radio_failed(w, e, PLAN_NOWHERE, name) : radio_look(w->r, w->done);
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
		return radio_failed(w, e, slot, name);
	return radio_look(w->r, w->done);
}

/*
 * After a scan for neighbours (40 MHz in 2.4 GHz) the radio is up a little later than ADD says;
 * where radar has to be looked for, a minute or ten, which nobody waits for.
 */
static int wait_enabled(const struct work *w, const char *name)
{
	const uint64_t deadline = clock_mono_ms() + RADIO_ENABLE_MS;
	int e;

	while (!(e = ctrl_ask(&w->r->ap.ctrl, "IFNAME=%s STATUS", name)) &&
	       strncmp(w->r->ap.ctrl.reply, "state=ENABLED\n", 14) != 0 &&
	       !radio_looks_for_radar(w->r)) {
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

static bool listed(const struct plan_bss *q, const uint8_t *address)
{
	unsigned int i;

	for (i = 0; i < q->allowed_len; i += 6)
		if (memcmp(q->allowed + i, address, 6) == 0)
			return true;
	return false;
}

/* hostapd says: whoever is taken out has to go at once, nobody else. */
static int set_allowed(const struct work *w, const char *name, const struct plan_bss *from,
		       const struct plan_bss *to)
{
	const struct plan_bss *in[] = { from, to };
	static const char *const word[] = { "DEL_MAC", "ADD_MAC" };
	unsigned int way, i;
	int e = 0;

	for (way = 0; way < 2; way++)
		for (i = 0; !e && i < in[way]->allowed_len; i += 6) {
			const uint8_t *a = in[way]->allowed + i;

			if (!listed(in[!way], a))
				e = ctrl_command(
					&w->r->ap.ctrl,
					"IFNAME=%s ACCEPT_ACL %s %02x:%02x:%02x:%02x:%02x:%02x",
					name, word[way], a[0], a[1], a[2], a[3], a[4], a[5]);
		}
	return e;
}

static const struct plan_bss nobody;

int radio_add_bss(const struct work *w, unsigned int slot, bool lead)
{
	const struct plan_radio *radio = &w->row->radio;
	const struct plan_bss *bss = &w->row->bss[slot];
	const unsigned int all = plan_standards(w->wiphy, radio->band);
	struct bss_place at = { .country = w->plan->begin.country,
				.band = radio->band,
				.all = all,
				.standards = radio->standards ? radio->standards : all,
				.radar = radio->radar };
	char name[NL_IFNAME_MAX], bridge[NL_IFNAME_MAX];
	uint8_t address[6];
	int e = prepare_iface(w, slot, lead, address);

	if (e < 0)
		return e;
	(void)radio_iface(w->r, w->wiphy->index, slot, name);
	at.address = lead ? NULL : address;
	at.ifname = name;
	(void)plan_word(w->r->bridges, bss->bridge, bridge, sizeof(bridge));
	at.bridge = bridge;
	e = plan_chandef(w->wiphy, radio, &at.channel);
	if (!e)
		e = give_bss(w, slot, &at);
	if (!e && lead)
		e = wait_enabled(w, name);
	if (!e)
		e = set_allowed(w, name, &nobody, bss);
	if (e < 0)
		return radio_failed(w, e, slot, name);
	if (lead) {
		w->live->lead = (int)slot;
		w->live->moved = false;
		w->live->row.radio = *radio;
		memcpy(w->live->country, at.country, sizeof(w->live->country));
	}
	w->live->row.has[slot] = true;
	w->live->row.bss[slot] = *bss;
	log_info("radio: %s: BSS added", name);
	return 0;
}

/*
 * A pre-shared key is no passphrase that hostapd could work out again: RELOAD_WPA_PSK loses it.
 * What was agreed upon by the old key (IEEE 802.11 12.6.10.3) must not open the door any more.
 */
static int give_key(struct ctrl_socket *h, const char *name, const struct plan_bss *q)
{
	char hex[2 * RADIO_PSK_LEN + 1];
	int e;

	if (q->has_psk) {
		hex_encode(hex, q->psk, sizeof(q->psk));
		e = ctrl_command(h, "IFNAME=%s SET wpa_psk %s", name, hex);
		explicit_bzero(hex, sizeof(hex));
	} else {
		e = ctrl_command(h, "IFNAME=%s SET wpa_passphrase %s", name, q->passphrase)
			    ?: ctrl_command(h, "IFNAME=%s RELOAD_WPA_PSK", name);
	}
	if (!e)
		e = ctrl_command(h, "IFNAME=%s PMKSA_FLUSH", name);
	if (!e)
		e = ctrl_command(h, "IFNAME=%s DEAUTHENTICATE ff:ff:ff:ff:ff:ff", name);
	return e;
}

int radio_change_key(const struct work *w, unsigned int slot)
{
	const struct plan_bss *bss = &w->row->bss[slot];
	struct plan_bss *is = &w->live->row.bss[slot];
	char name[NL_IFNAME_MAX];
	int e;

	(void)radio_iface(w->r, w->wiphy->index, slot, name);
	explicit_bzero(is->passphrase, sizeof(is->passphrase)); /* unknown until it is done */
	explicit_bzero(is->psk, sizeof(is->psk));
	e = give_key(&w->r->ap.ctrl, name, bss);
	if (e < 0)
		return radio_failed(w, e, slot, name);
	memcpy(is->passphrase, bss->passphrase, sizeof(is->passphrase));
	memcpy(is->psk, bss->psk, sizeof(is->psk));
	log_info("radio: %s: key changed", name);
	return 0;
}

int radio_change_live(const struct work *w, unsigned int slot)
{
	const struct plan_bss *bss = &w->row->bss[slot];
	struct plan_bss *is = &w->live->row.bss[slot];
	struct ctrl_socket *h = &w->r->ap.ctrl;
	char name[NL_IFNAME_MAX];
	int e;

	(void)radio_iface(w->r, w->wiphy->index, slot, name);
	is->ssid_len = 0; /* half of it done is like nothing that can be asked for: set up anew */
	e = ctrl_command(h, "IFNAME=%s SET ap_isolate %u", name, bss->isolate)
		    ?: ctrl_command(h, "IFNAME=%s SET ignore_broadcast_ssid %u", name,
				       bss->hidden)
		    ?: ctrl_command(h, "IFNAME=%s SET max_num_sta %u", name,
				       bss->max_stations ? bss->max_stations : RADIO_STATIONS_MAX)
		    ?: ctrl_command(h, "IFNAME=%s UPDATE_BEACON", name)
		    ?: set_allowed(w, name, is, bss);
	if (e < 0)
		return radio_failed(w, e, slot, name);
	is->ssid_len = bss->ssid_len;
	is->isolate = bss->isolate;
	is->hidden = bss->hidden;
	is->max_stations = bss->max_stations;
	is->allowed_len = bss->allowed_len;
	memcpy(is->allowed, bss->allowed, sizeof(is->allowed));
	log_info("radio: %s: changed in place", name);
	return 0;
}

static int wait_moved(const struct work *w, const struct nl_chandef *to)
{
	const uint64_t deadline = clock_mono_ms() + RADIO_SWITCH_MS;
	char name[NL_IFNAME_MAX];
	const struct nl_iface *i;
	int e;

	while (!(e = radio_look_at_ifaces(w->r))) {
		i = radio_iface(w->r, w->wiphy->index, (unsigned int)w->live->lead, name);
		if (i && i->mhz == to->mhz && i->width == to->width)
			return 0;
		if (clock_mono_ms() >= deadline)
			return -ETIME;
		(void)poll(NULL, 0, RADIO_POLL_MS);
	}
	return e;
}

int radio_move(const struct work *w)
{
	const struct plan_radio *q = &w->row->radio;
	const unsigned int s = q->standards ? q->standards : plan_standards(w->wiphy, q->band);
	char name[NL_IFNAME_MAX];
	struct nl_chandef to;
	int e = plan_chandef(w->wiphy, q, &to);
	const struct nl_iface *i =
		radio_iface(w->r, w->wiphy->index, (unsigned int)w->live->lead, name);

	w->live->moved = true;
	if (!e && (to.radar || (i && !i->ssid_len))) /* to look for radar first, or still at it */
		e = -EOPNOTSUPP;
	if (!e)
		e = ctrl_command(&w->r->ap.ctrl,
				 "IFNAME=%s CHAN_SWITCH %d %u sec_channel_offset=%d "
				 "center_freq1=%u bandwidth=%u%s%s%s",
				 name, RADIO_SWITCH_BEACONS, to.mhz, to.second, to.center, to.width,
				 s & (RADIO_N | RADIO_AC) ? " ht" : "", s & RADIO_AC ? " vht" : "",
				 s & RADIO_AX ? " he" : "");
	if (!e)
		e = wait_moved(w, &to);
	if (e < 0)
		return radio_failed(w, e, PLAN_NOWHERE, name);
	w->live->row.radio.channel = q->channel;
	w->live->row.radio.width = q->width;
	w->live->row.radio.extension = q->extension;
	log_info("radio: %s: moved to channel %u", name, q->channel);
	return 0;
}
