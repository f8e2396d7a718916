/* SPDX-License-Identifier: Apache-2.0 */
/* From the rows to the plan that the radio role gets, and from its refusal back to a parameter. */
#include <errno.h>
#include <string.h>

#include "agent/priv.h"
#include "agent/tr181/wifi_internal.h"
#include "lib/hex.h"

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

static void put_key(struct plan_bss *q, const struct dm_inst *security)
{
	size_t len;
	const char *key = dm_str(security, "PreSharedKey", &len);

	if (q->security == RADIO_OPEN)
		return;
	if (q->security == RADIO_WPA2_PSK && len == 2 * RADIO_PSK_LEN) {
		q->has_psk = hex_decode(q->psk, key, len) == 0;
		return;
	}
	key = dm_str(security, "KeyPassphrase", &len);
	if (len < sizeof(q->passphrase))
		memcpy(q->passphrase, key, len);
}

static void put_bss(struct plan_bss *q, const struct nl_wiphy *wiphy, const struct dm_inst *ssid,
		    const struct dm_inst *ap)
{
	const struct dm_inst *security = wifi_ap_security_of(ap);
	const uint64_t stations = dm_uint(ap, "MaxAllowedAssociations");
	size_t len;
	const char *text = dm_str(ssid, "SSID", &len);
	int mode;

	q->ssid_len = (uint8_t)(len <= RADIO_SSID_MAX ? len : 0); /* the row allows no more */
	memcpy(q->ssid, text, q->ssid_len);
	text = dm_str(security, "ModeEnabled", &len);
	mode = wifi_mode_security(text, len);
	q->security = mode >= 0 ? (uint32_t)mode : RADIO_WPA2_PSK;
	q->hidden = !dm_bool(ap, "SSIDAdvertisementEnabled");
	q->isolate = dm_bool(ap, "IsolationEnable");
	/* At or over the radio's own limit: nothing needs to be limited. */
	if (stations < WIFI_STATIONS_MAX &&
	    (!wiphy->max_stations || stations < wiphy->max_stations))
		q->max_stations = (uint32_t)stations;
	if (q->security != RADIO_OPEN)
		q->rekey_s = (uint32_t)dm_uint(security, "RekeyingInterval");
	put_key(q, security);
}

static void put_radio(const struct wifi *w, struct wifi_plan *p, struct dm_inst *radio)
{
	const struct nl_wiphy *wiphy = wifi_wiphy(w, radio);
	struct plan_radio *q = &p->radio[p->begin.radios];
	struct wifi_settings s;

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
		put_bss(q, wifi_wiphy(w, radio), ssid, ap);
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

/* The row and the parameter that a refusal is about. */
static struct dm_inst *blame(const struct wifi_plan *p, const struct plan_done *done,
			     const char **name)
{
	struct dm_inst *radio = NULL, *ssid = NULL, *ap = NULL;
	uint32_t i;

	if (done->radio < p->begin.radios)
		radio = p->radio_row[done->radio];
	for (i = 0; i < p->begin.bsses; i++) {
		if (p->bss[i].radio != done->radio || p->bss[i].slot != done->bss)
			continue;
		ssid = p->ssid_row[i];
		ap = p->ap_row[i];
	}
	switch ((enum plan_field)done->field) {
	case PLAN_FIELD_BAND:
		*name = "OperatingFrequencyBand";
		return radio;
	case PLAN_FIELD_CHANNEL:
		*name = "Channel";
		return radio;
	case PLAN_FIELD_WIDTH:
		*name = "OperatingChannelBandwidth";
		return radio;
	case PLAN_FIELD_POWER:
		*name = "TransmitPower";
		return radio;
	case PLAN_FIELD_WIPHY:
		*name = "Enable";
		return radio;
	case PLAN_FIELD_SLOT:
		*name = "LowerLayers";
		return ssid;
	case PLAN_FIELD_SSID:
		*name = "SSID";
		return ssid;
	case PLAN_FIELD_SECURITY:
		*name = "ModeEnabled";
		return ap ? wifi_ap_security_of(ap) : NULL;
	case PLAN_FIELD_KEY:
		*name = "KeyPassphrase";
		return ap ? wifi_ap_security_of(ap) : NULL;
	case PLAN_FIELD_STATIONS:
		*name = "MaxAllowedAssociations";
		return ap;
	case PLAN_FIELD_NONE:
	case PLAN_FIELD_COUNTRY:
	case PLAN_FIELDS:
		break;
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
