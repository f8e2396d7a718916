/* SPDX-License-Identifier: Apache-2.0 */
/* From the rows to the plan that the radio role gets, and from its refusal back to a parameter. */
#include <errno.h>
#include <string.h>

#include "agent/priv.h"
#include "agent/tr181/wifi_internal.h"

/* BSS of this radio that hold a slot, as bits. A row keeps its slot while it refers to the radio,
 * so that switching it off and on does not change its address. */
static uint32_t taken_slots(const struct wifi *w, uint32_t wiphy, const struct dm_inst *but)
{
	struct dm_inst *root = dm_single(w->dm, &wifi), *ssid;
	uint32_t taken = 0;
	size_t i;

	for (i = 0; (ssid = dm_row_at(root, &wifi_ssid, i)); i++) {
		const struct wifi_ssid_row *row = ssid->data;

		if (ssid != but && row && row->slot >= 0 && row->wiphy == wiphy)
			taken |= UINT32_C(1) << row->slot;
	}
	return taken;
}

/* After a restart of the agent the kernel knows which interface has had this SSID. */
static int slot_on_air(const struct wifi *w, struct dm_inst *ssid, uint32_t wiphy, uint32_t taken)
{
	struct wifi_ssid_row try = { .wiphy = wiphy };
	void *own = ssid->data;
	bool found = false;

	ssid->data = &try;
	for (; try.slot < RADIO_BSS_MAX && !found; try.slot++)
		found = !(taken & UINT32_C(1) << try.slot) && wifi_ssid_is_up(w, ssid);
	ssid->data = own;
	return found ? try.slot - 1 : -1;
}

static int slot_of(const struct wifi *w, struct dm_inst *ssid, uint32_t wiphy)
{
	struct wifi_ssid_row *row = ssid->data;
	uint32_t taken;
	int slot;

	if (row->slot >= 0 && row->wiphy == wiphy)
		return row->slot;
	row->slot = -1;
	taken = taken_slots(w, wiphy, ssid);
	slot = slot_on_air(w, ssid, wiphy, taken);
	for (int s = 0; slot < 0 && s < RADIO_BSS_MAX; s++)
		if (!(taken & UINT32_C(1) << s))
			slot = s;
	row->slot = slot;
	row->wiphy = wiphy;
	return slot;
}

static void put_radio(const struct wifi *w, struct wifi_plan *p, struct dm_inst *radio)
{
	const struct nl_wiphy *wiphy = wifi_wiphy(w, radio);
	struct plan_radio *q = &p->radio[p->begin.radios];
	struct wifi_settings s;
	const char *country;
	size_t len;

	if (!wiphy || p->begin.radios == RADIO_MAX)
		return;
	wifi_radio_settings(radio, wiphy, &s);
	if (s.band == NL_BANDS)
		return;
	q->radio = p->begin.radios;
	q->wiphy = wiphy->index;
	q->band = s.band;
	q->channel = s.channel;
	q->width = s.width;
	q->power_mbm = s.power_mbm;
	q->enable = s.enable;
	q->standards = (uint8_t)s.standards;
	q->extension = (uint8_t)s.extension;
	q->retry = (uint8_t)s.retry;
	q->radar = s.radar;
	country = dm_str(radio, "RegulatoryDomain", &len);
	if (len == 3)
		memcpy(p->begin.country, country, 2);
	p->radio_row[p->begin.radios++] = radio;
}

void wifi_plan_build(struct wifi *w, struct wifi_plan *p, bool standing)
{
	struct dm_inst *root = dm_single(w->dm, &wifi), *radio, *ssid, *ap;
	uint32_t r;
	size_t i;

	explicit_bzero(p, sizeof(*p));
	p->begin.standing = standing;
	(void)dm_find(w->dm, "Device.WiFi.Radio.1."); /* has the rows brought up to date */
	for (i = 0; (radio = dm_row_at(root, &wifi_radio, i)); i++)
		put_radio(w, p, radio);
	for (i = 0; (ssid = dm_row_at(root, &wifi_ssid, i)); i++) {
		struct plan_bss *q = &p->bss[p->begin.bsses];
		int slot;

		ap = wifi_ap_of_ssid(w, ssid);
		if (!wifi_bss_wanted(w, ssid, ap) || p->begin.bsses == WIFI_BSS_MAX)
			continue;
		radio = wifi_ssid_radio(ssid);
		for (r = 0; r < p->begin.radios && p->radio_row[r] != radio; r++)
			;
		slot = r < p->begin.radios ? slot_of(w, ssid, p->radio[r].wiphy) : -1;
		if (slot < 0)
			continue;
		q->radio = r;
		q->slot = (uint32_t)slot;
		wifi_plan_bss(w, q, wifi_wiphy(w, radio), ssid, ap);
		p->ssid_row[p->begin.bsses] = ssid;
		p->ap_row[p->begin.bsses++] = ap;
	}
}

bool wifi_plan_same(const struct wifi_plan *a, const struct wifi_plan *b)
{
	return a->begin.radios == b->begin.radios && a->begin.bsses == b->begin.bsses &&
	       memcmp(a->begin.country, b->begin.country, sizeof(a->begin.country)) == 0 &&
	       memcmp(a->radio, b->radio, sizeof(a->radio)) == 0 &&
	       memcmp(a->bss, b->bss, sizeof(a->bss)) == 0;
}

int wifi_plan_send(struct wifi *w, const struct wifi_plan *p, struct plan_done *done)
{
	uint32_t i;
	int r;

	done->radio = done->bss = UINT32_MAX;
	r = priv_plan_begin(w->priv, &p->begin);
	if (r == -ENOTCONN && !p->begin.bsses) /* no role, and nothing for it to do */
		return 0;
	for (i = 0; !r && i < p->begin.radios; i++)
		r = priv_plan_radio(w->priv, &p->radio[i]);
	for (i = 0; !r && i < p->begin.bsses; i++)
		r = priv_plan_bss(w->priv, &p->bss[i]);
	return r ? r : priv_plan_commit(w->priv, done);
}

/* What a field of the plan is called, and where. */
enum of { OF_RADIO, OF_SSID, OF_AP, OF_SECURITY };
static const struct {
	enum of of;
	const char *name;
} fields[PLAN_FIELDS] = {
	[PLAN_FIELD_COUNTRY] = { OF_RADIO, "RegulatoryDomain" },
	[PLAN_FIELD_WIPHY] = { OF_RADIO, "Enable" },
	[PLAN_FIELD_BAND] = { OF_RADIO, "OperatingFrequencyBand" },
	[PLAN_FIELD_CHANNEL] = { OF_RADIO, "Channel" },
	[PLAN_FIELD_WIDTH] = { OF_RADIO, "OperatingChannelBandwidth" },
	[PLAN_FIELD_POWER] = { OF_RADIO, "TransmitPower" },
	[PLAN_FIELD_STANDARDS] = { OF_RADIO, "OperatingStandards" },
	[PLAN_FIELD_EXTENSION] = { OF_RADIO, "ExtensionChannel" },
	[PLAN_FIELD_RETRY] = { OF_RADIO, "RetryLimit" },
	[PLAN_FIELD_RADAR] = { OF_RADIO, "IEEE80211hEnabled" },
	[PLAN_FIELD_SLOT] = { OF_SSID, "LowerLayers" },
	[PLAN_FIELD_SSID] = { OF_SSID, "SSID" },
	[PLAN_FIELD_BRIDGE] = { OF_SSID, WIFI_BRIDGE },
	[PLAN_FIELD_STATIONS] = { OF_AP, "MaxAllowedAssociations" },
	[PLAN_FIELD_UAPSD] = { OF_AP, "UAPSDEnable" },
	[PLAN_FIELD_ALLOWED] = { OF_AP, "AllowedMACAddress" },
	[PLAN_FIELD_SECURITY] = { OF_SECURITY, "ModeEnabled" },
	[PLAN_FIELD_KEY] = { OF_SECURITY, "KeyPassphrase" },
	[PLAN_FIELD_MFP] = { OF_SECURITY, "MFPConfig" },
	[PLAN_FIELD_SERVER] = { OF_SECURITY, "RadiusServerIPAddr" },
};

/* The row and the parameter that a refusal is about. The country is every radio's. */
static struct dm_inst *blame(const struct wifi_plan *p, const struct plan_done *done,
			     const char **name)
{
	struct dm_inst *radio = NULL, *ssid = NULL, *ap = NULL;
	uint32_t i;

	if (done->radio < p->begin.radios)
		radio = p->radio_row[done->radio];
	else if (done->field == PLAN_FIELD_COUNTRY)
		radio = p->radio_row[0];
	for (i = 0; i < p->begin.bsses; i++) {
		if (p->bss[i].radio != done->radio || p->bss[i].slot != done->bss)
			continue;
		ssid = p->ssid_row[i];
		ap = p->ap_row[i];
	}
	if (done->field < PLAN_FIELDS && fields[done->field].name) {
		struct dm_inst *rows[] = { radio, ssid, ap, ap ? wifi_ap_security_of(ap) : NULL };

		*name = fields[done->field].name;
		return rows[fields[done->field].of];
	}
	*name = "Enable";
	return ssid ? ssid : radio;
}

enum dm_error wifi_plan_refused(struct dm_txn *txn, const struct wifi_plan *p, int error,
				const struct plan_done *done)
{
	const char *name = NULL, *why = done->why[0] ? done->why : strerror(-error);
	struct dm_inst *in = blame(p, done, &name);
	enum dm_error e = DM_EINTERNAL;

	if (error == -EMFILE || error == -ENOMEM)
		e = DM_ERESOURCES;
	else if (done->field != PLAN_FIELD_NONE &&
		 (error == -EINVAL || error == -EACCES || error == -EOPNOTSUPP || error == -ENODEV))
		e = DM_EVALUE;
	/* A fault with a name is the ACS's to mend; what went wrong on the box has none. */
	if (e == DM_EINTERNAL || !in)
		return dm_refuse(txn, NULL, NULL, e, "The radio did not take the change: %s", why);
	return dm_refuse(txn, in, name, e, "The radio did not take the change: %s", why);
}

enum dm_error wifi_plan_check(const struct wifi *w, const struct wifi_plan *p, struct dm_txn *txn)
{
	struct plan_done done = { 0 };
	enum dm_error first = DM_OK;
	uint32_t i;
	int r;

	for (i = 0; i < p->begin.bsses; i++) {
		const struct plan_radio *radio = &p->radio[p->bss[i].radio];

		r = plan_check_bss(&p->bss[i], radio, wifi_wiphy(w, p->radio_row[radio->radio]),
				   &done);
		if (r < 0) {
			const enum dm_error e = wifi_plan_refused(txn, p, r, &done);

			first = first ? first : e;
		}
	}
	return first;
}
