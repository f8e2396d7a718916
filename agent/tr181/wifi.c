/* SPDX-License-Identifier: Apache-2.0 */
/* Device.WiFi. (TR-181 2.19.1): the rows and what they mean together. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/priv.h"
#include "agent/tr181/endpoint.h"
#include "lib/array.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/text.h"

const char *const wifi_if_status[] = { "Up",	     "Down",	       "Unknown", "Dormant",
				       "NotPresent", "LowerLayerDown", "Error",	  NULL };

void wifi_look(struct wifi *w, bool again)
{
	const uint64_t rpc = dm_rpc(w->dm) + 1;
	int e;

	if (w->looked == rpc && !again)
		return;
	w->looked = rpc;
	e = wifi_reader_look(w->reader);
	if (e < 0)
		log_warn("wifi: no word from nl80211: %s", strerror(-e));
}

struct wifi *wifi_of(const struct dm_inst *in)
{
	/* A tree without a kernel below it (tests, documentation): no radio. */
	static struct wifi_reader no_reader;
	static struct wifi unbound = { .reader = &no_reader, .bridges = "" };
	struct wifi *w = dm_ctx(in);

	if (!w) {
		unbound.dm = dm_inst_dm(in);
		return &unbound;
	}
	wifi_look(w, false);
	return w;
}

static struct dm_inst *wifi_root_of(struct dm *dm)
{
	return dm_single(dm, &wifi);
}

/* A list of references of which one is enough: a radio carries the BSS. */
struct dm_inst *wifi_ssid_radio(const struct dm_inst *ssid)
{
	char path[DM_PATH_MAX + 1];
	struct dm_inst *in;
	size_t len;
	const char *list = dm_str(ssid, "LowerLayers", &len);

	if (!text_copy(path, sizeof(path), list, strcspn(list, ",")) || !path[0])
		return NULL;
	in = dm_find(dm_inst_dm(ssid), path);
	return in && dm_inst_object(in) == &wifi_radio ? in : NULL;
}

struct dm_inst *wifi_ap_ssid(const struct dm_inst *ap)
{
	struct dm_inst *in = dm_ref(ap, "SSIDReference");

	return in && dm_inst_object(in) == &wifi_ssid ? in : NULL;
}

/* The one that is enabled; of several (none of which can be meant) the first. */
struct dm_inst *wifi_ap_of_ssid(const struct wifi *w, const struct dm_inst *ssid)
{
	struct dm_inst *root = wifi_root_of(w->dm), *ap, *found = NULL;
	size_t i;

	for (i = 0; (ap = dm_row_at(root, &wifi_access_point, i)); i++) {
		if (wifi_ap_ssid(ap) != ssid)
			continue;
		if (dm_bool(ap, "Enable"))
			return ap;
		if (!found)
			found = ap;
	}
	return found;
}

struct dm_inst *wifi_ap_security_of(const struct dm_inst *ap)
{
	return dm_row_by_number((struct dm_inst *)(uintptr_t)ap, &wifi_ap_security, 0);
}

const struct nl_wiphy *wifi_wiphy(const struct wifi *w, const struct dm_inst *radio)
{
	const struct wifi_radio_row *row = radio ? radio->data : NULL;

	return row ? nl_wiphy_find(&w->reader->wiphys, row->wiphy) : NULL;
}

const struct nl_iface *wifi_ssid_iface(const struct wifi *w, const struct dm_inst *ssid,
				       char name[NL_IFNAME_MAX])
{
	const struct wifi_ssid_row *row = ssid->data;
	char own[NL_IFNAME_MAX];
	struct endpoint e;

	if (!name)
		name = own;
	name[0] = '\0';
	if (endpoint_of_ssid(w, ssid, &e)) {
		if (e.iface)
			memcpy(name, e.iface->name, NL_IFNAME_MAX);
		return e.iface;
	}
	if (!row || row->slot < 0)
		return NULL;
	return nl_bss_iface(w->reader->ifaces.v, w->reader->ifaces.n, row->wiphy,
			    (unsigned int)row->slot, name);
}

bool wifi_ssid_is_up(const struct wifi *w, const struct dm_inst *ssid)
{
	const struct nl_iface *i;
	struct endpoint e;
	size_t len;
	const char *want = dm_str(ssid, "SSID", &len);

	if (endpoint_of_ssid(w, ssid, &e))
		return e.up;
	i = wifi_ssid_iface(w, ssid, NULL);
	return i && i->ssid_len == len && len && memcmp(i->ssid, want, len) == 0 && i->mhz;
}

bool wifi_bss_wanted(const struct wifi *w, const struct dm_inst *ssid, const struct dm_inst *ap)
{
	const struct dm_inst *radio = wifi_ssid_radio(ssid);
	size_t len;

	(void)dm_str(ssid, "SSID", &len);
	return ap && radio && len && dm_bool(ssid, "Enable") && dm_bool(ap, "Enable") &&
	       dm_bool(radio, "Enable") && wifi_wiphy(w, radio) &&
	       !wifi_security_lacks(wifi_ap_security_of(ap));
}

void wifi_row_release(struct dm_inst *in)
{
	free(in->data);
	in->data = NULL;
}

static void log_refused(const struct plan_done *done, int e)
{
	log_warn("wifi: the plan was not applied: %s", done->why[0] ? done->why : strerror(-e));
}

/* The rows first, each with its own words; what is left the plan's own rules find. */
static enum dm_error check(struct dm *dm, struct dm_txn *txn)
{
	struct wifi *w = dm_ctx(wifi_root_of(dm));
	enum dm_error e;

	if (!w) /* not bound: a tree without a kernel below it */
		return DM_OK;
	wifi_look(w, true);
	e = wifi_check(w, txn);
	if (!e)
		e = endpoints_check(w, txn);
	if (e)
		return e;
	wifi_plan_build(w, &w->next, false);
	return wifi_plan_check(w, &w->next, txn);
}

static enum dm_error apply_radios(struct wifi *w, struct dm_txn *txn)
{
	struct plan_done done = { 0 };
	int r;

	wifi_plan_build(w, &w->next, false);
	if (w->sent && wifi_plan_same(&w->next, &w->now))
		return DM_OK;
	r = wifi_plan_send(w, &w->next, &done);
	w->looked = 0;
	if (r < 0) {
		log_refused(&done, r);
		return wifi_plan_refused(txn, &w->next, r, &done);
	}
	w->now = w->next;
	w->sent = true;
	return DM_OK;
}

/*
 * The cells hold the new values, checked. Each role puts the plan before back when this one fails;
 * the stations' plan, which goes first, is taken back when that of the radios does.
 */
static enum dm_error apply(struct dm *dm, struct dm_txn *txn)
{
	struct wifi *w = dm_ctx(wifi_root_of(dm));
	enum dm_error e;

	if (!w)
		return DM_OK;
	e = endpoints_apply(w, txn);
	if (e)
		return e;
	e = apply_radios(w, txn);
	if (e)
		endpoints_go_back(w);
	return e;
}

/*
 * The whole plan as it shall hold, if it is not the one that was sent. What the role has read is
 * its own to try again; what its gate turned away it has never seen, and an agent before this one
 * may have used up the rate.
 */
static int radios_stand(struct wifi *w)
{
	struct plan_done done = { 0 };
	int r;

	wifi_plan_build(w, &w->next, true);
	if (w->sent && wifi_plan_same(&w->next, &w->now))
		return 0;
	r = wifi_plan_send(w, &w->next, &done);
	w->looked = 0;
	w->now = w->next;
	w->sent = r != -EAGAIN;
	if (r < 0)
		log_refused(&done, r);
	return r;
}

static int send_standing(struct wifi *w)
{
	int r, e;

	wifi_look(w, true);
	r = radios_stand(w);
	e = endpoints_stand(w);
	return r < 0 ? r : e;
}

static void look_later(struct wifi *w)
{
	const bool sent = w->sent && w->station.sent;

	if (w->loop)
		(void)loop_timer_set(w->loop, &w->timer, sent ? WIFI_LOOK_MS : WIFI_RESEND_MS);
}

/* It was applied, but the store could not take it: the cells hold the old values again. */
static void revert(struct dm *dm)
{
	struct wifi *w = dm_ctx(wifi_root_of(dm));

	if (!w)
		return;
	(void)send_standing(w);
	look_later(w);
}

static void committed(struct dm *dm, const struct dm_txn *txn)
{
	struct wifi *w = dm_ctx(wifi_root_of(dm));

	if (w)
		wifi_auto_look_soon(w);
}

static const struct dm_module wifi_module = {
	.name = "WiFi", .check = check, .apply = apply, .revert = revert, .committed = committed
};

const struct dm_object wifi = DM_EMPTY("Device.WiFi.", .module = &wifi_module);

static const struct dm_object *const bound[] = {
	&wifi,
	&wifi_radio,
	&wifi_ssid,
	&wifi_access_point,
	&wifi_ap_security,
	&wifi_associated,
#ifdef CONFIG_ROLE_STATION
	&wifi_endpoint,
	&wifi_endpoint_stats,
	&wifi_endpoint_security,
	&wifi_endpoint_profile,
#endif
};

int wifi_init(struct dm *dm, struct wifi_reader *reader, struct priv *priv, const char *bridges)
{
	struct wifi *w = calloc(1, sizeof(*w));
	size_t i;

	if (!w)
		return -ENOMEM;
	w->dm = dm;
	w->reader = reader;
	w->priv = priv;
	w->bridges = bridges;
	for (i = 0; i < ARRAY_SIZE(bound); i++)
		dm_bind(dm, bound[i], w);
	return 0;
}

void wifi_exit(struct dm *dm)
{
	struct wifi *w = dm_ctx(wifi_root_of(dm));
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bound); i++)
		dm_bind(dm, bound[i], NULL);
	if (!w)
		return;
	wifi_events_stop(w);
	wifi_auto_stop(w);
	if (w->loop)
		loop_timer_clear(w->loop, &w->timer);
	explicit_bzero(w, sizeof(*w));
	free(w);
}

int wifi_look_again(struct wifi *w)
{
	dm_rpc_begin(w->dm);
	return send_standing(w);
}

static void timer_fired(void *arg)
{
	struct wifi *w = arg;

	(void)wifi_look_again(w);
	look_later(w);
}

int wifi_start(struct dm *dm, struct loop *loop)
{
	struct wifi *w = dm_ctx(wifi_root_of(dm));
	int r;

	w->loop = loop;
	loop_timer_init(&w->timer, timer_fired, w);
	wifi_events_start(w);
	w->sent = w->station.sent = false;
	r = wifi_look_again(w);
	look_later(w);
	wifi_auto_start(w);
	return r;
}
