/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.WiFi.Radio.{i}. (TR-181 2.19.1): what is on the air around a radio. Scans are others'
 * doing; what one has heard is taken down at its end, for the kernel forgets it in half a minute.
 */
#include <errno.h>
#include <string.h>

#include "agent/tr181/wifi_internal.h"
#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/text.h"
#include "wifi/autochan.h"

enum dm_error wifi_radio_get_in_use(struct dm_inst *in, const struct dm_param *p,
				    struct dm_sink *sink)
{
	const struct wifi_radio_row *row = in->data;
	const struct nl_iface *air;
	struct wifi_settings s;
	enum nl_band_id band;
	unsigned int own, n;
	bool fresh;

	wifi_radio_look(in, &s, &air);
	own = air ? nl_mhz_to_channel(air->mhz) : 0;
	band = air ? nl_mhz_band(air->mhz) : s.band;
	fresh = row && row->heard.at && clock_mono_ms() - row->heard.at < WIFI_HEARD_MS;
	for (n = 1; n < 256 && band < NL_BANDS; n++)
		if (n == own || (fresh && row->heard.channels[band][n / 8] & 1u << n % 8))
			wifi_put_channel(sink, n);
	return DM_OK;
}

static void look_for_busy(void *arg, const struct nl_survey *v)
{
	bool *given = arg;

	*given |= v->has_busy && v->active_ms;
}

/* One that chooses already has shown it once, and does so again after its next scan. */
static bool supported(struct dm_inst *in)
{
	const struct wifi *w = wifi_of(in);
	struct wifi_radio_row *row = in->data;
	const struct nl_iface *air;
	struct wifi_settings s;
	bool given = false;

	if (!row)
		return false;
	wifi_radio_look(in, &s, &air);
	if (row->survey == WIFI_SURVEY_UNKNOWN && air && row->asked != dm_rpc(w->dm) + 1) {
		row->asked = dm_rpc(w->dm) + 1;
		(void)wifi_reader_survey(w->reader, air->ifindex, look_for_busy, &given);
		if (given)
			row->survey = WIFI_SURVEY_GIVEN;
	}
	return row->survey == WIFI_SURVEY_GIVEN ||
	       (row->survey == WIFI_SURVEY_UNKNOWN && dm_bool(in, "AutoChannelEnable"));
}

enum dm_error wifi_radio_get_auto_supported(struct dm_inst *in, const struct dm_param *p,
					    struct dm_sink *sink)
{
	dm_put_bool(sink, supported(in));
	return DM_OK;
}

enum dm_error wifi_radio_get_auto(struct dm_inst *in, const struct dm_param *p,
				  struct dm_sink *sink)
{
	dm_put_bool(sink, dm_bool(in, p->name) && supported(in));
	return DM_OK;
}

enum dm_error wifi_radio_check_auto(struct dm_txn *txn, struct dm_inst *in,
				    const struct dm_param *p, const char *value, size_t len)
{
	if (!text_eq(value, len, "true") || supported(in))
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE,
			 "'true' is refused: the driver does not tell how busy channels are");
}

struct listening {
	struct wifi_radio_row *row;
	struct autochan *choice;
	bool given;
};

static void hear(void *arg, const struct nl_bss *b)
{
	const struct listening *l = arg;
	const unsigned int n = nl_mhz_to_channel(b->mhz);

	if (!n)
		return;
	l->row->heard.channels[nl_mhz_band(b->mhz)][n / 8] |= (uint8_t)(1u << n % 8);
	autochan_heard(l->choice, b);
}

static void measure(void *arg, const struct nl_survey *v)
{
	struct listening *l = arg;

	l->given |= autochan_survey(l->choice, v);
}

int wifi_air_listen(const struct wifi *w, struct dm_inst *radio, const struct nl_iface *air,
		    struct autochan *choice)
{
	struct wifi_radio_row *row = radio->data;
	struct listening l = { .row = row, .choice = choice };
	int r;

	memset(&row->heard, 0, sizeof(row->heard));
	r = wifi_reader_heard(w->reader, air->ifindex, hear, &l);
	if (r < 0)
		return r;
	row->heard.at = clock_mono_ms();
	r = wifi_reader_survey(w->reader, air->ifindex, measure, &l);
	if (l.given)
		row->survey = WIFI_SURVEY_GIVEN;
	else if (row->survey == WIFI_SURVEY_UNKNOWN) /* it had its chance */
		row->survey = WIFI_SURVEY_NONE;
	return l.given ? 0 : r < 0 ? r : -ENODATA;
}
