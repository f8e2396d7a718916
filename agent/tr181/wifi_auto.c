/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Automatic channel selection (TR-181 Radio.AutoChannelEnable). A radio that comes on the air, or
 * is there when it is enabled, scans and moves to the channel that wifi/autochan.c finds best; so
 * it does again every AutoChannelRefreshPeriod. The channel becomes the row's own, by a transaction
 * as any other: so it is announced to stations, read back, and still there after a restart.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/priv.h"
#include "agent/tr181/wifi_internal.h"
#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "wifi/autochan.h"

static struct wifi_radio_row *row_of(const struct dm_inst *radio)
{
	return radio->data;
}

void wifi_auto_scanned(struct wifi *w, uint32_t wiphy)
{
	uint32_t i;

	for (i = 0; i < w->nscanned && w->scanned[i] != wiphy; i++)
		;
	if (i == w->nscanned && i < NL_WIPHYS_MAX)
		w->scanned[w->nscanned++] = wiphy;
}

static bool has_scanned(const struct wifi *w, uint32_t wiphy)
{
	uint32_t i;

	for (i = 0; i < w->nscanned && w->scanned[i] != wiphy; i++)
		;
	return i < w->nscanned;
}

static void stays(struct dm_inst *radio, const char *why)
{
	log_notice("wifi: radio %u keeps its channel: %s", radio->number, why);
}

static void begin(struct wifi *w, struct dm_inst *radio, enum nl_band_id band)
{
	struct wifi_radio_row *row = row_of(radio);
	const struct scan_start req = { .wiphy = row->wiphy };
	int r = priv_scan_start(w->priv, &req);

	row->since = clock_mono_ms();
	row->chosen_in = band;
	row->choice = r && r != -EBUSY ? AUTO_CHOSEN : AUTO_SCANS;
	if (row->choice == AUTO_CHOSEN) /* that of somebody else is as good */
		stays(radio, strerror(-r));
}

static void move(struct wifi *w, struct dm_inst *radio, unsigned int from, unsigned int to)
{
	static const char name[] = "Channel";
	char path[DM_PATH_MAX + sizeof(name)], text[12];
	const int n = dm_inst_path(radio, path);

	if (n < 0)
		return;
	memcpy(path + n, name, sizeof(name));
	(void)snprintf(text, sizeof(text), "%u", to);
	log_notice("wifi: radio %u: channel %u is better than %u", radio->number, to, from);
	if (dm_set_own(w->dm, path, text, strlen(text)))
		stays(radio, "the other one was refused");
}

/* What a scan has heard counts for ChannelsInUse whoever wanted it. */
static void end(struct wifi *w, struct dm_inst *radio, const struct nl_wiphy *wiphy,
		const struct wifi_settings *s, const struct nl_iface *air)
{
	const unsigned int now = nl_mhz_to_channel(air->mhz);
	struct wifi_radio_row *row = row_of(radio);
	struct autochan choice;
	unsigned int channel;
	int r;

	autochan_begin(&choice, wiphy, s->band);
	r = wifi_air_listen(w, radio, air, &choice);
	if (row->choice != AUTO_SCANS || !dm_bool(radio, "AutoChannelEnable"))
		return;
	row->choice = AUTO_CHOSEN;
	row->since = clock_mono_ms();
	if (r < 0) {
		stays(radio, strerror(-r));
		return;
	}
	channel = autochan_choose(&choice, now, wifi_radio_widest(radio, wiphy, s->band));
	if (!channel)
		stays(radio, "nothing that it may use was measured");
	else if (channel == now)
		log_info("wifi: radio %u: channel %u is still the best", radio->number, now);
	else
		move(w, radio, now, channel);
}

/* When something is to be done without having been told, ms; UINT64_MAX: never. */
static uint64_t due_at(const struct dm_inst *radio)
{
	const struct wifi_radio_row *row = row_of(radio);
	const uint64_t period = dm_uint(radio, "AutoChannelRefreshPeriod");

	if (row->choice == AUTO_SCANS)
		return row->since + WIFI_SCAN_MS;
	return row->choice == AUTO_CHOSEN && period ? row->since + 1000 * period : UINT64_MAX;
}

static void look_at(struct wifi *w, struct dm_inst *radio)
{
	struct wifi_radio_row *row = row_of(radio);
	const bool scanned = has_scanned(w, row->wiphy),
		   enabled = dm_bool(radio, "AutoChannelEnable");
	const struct nl_wiphy *wiphy;
	const struct nl_iface *air;
	struct wifi_settings s;

	if (!enabled && !scanned) {
		row->choice = AUTO_OFF;
		return;
	}
	wiphy = wifi_radio_look(radio, &s, &air);
	if (!wiphy || !air || nl_mhz_band(air->mhz) != s.band) {
		row->choice = AUTO_OFF;
		return;
	}
	if (scanned)
		end(w, radio, wiphy, &s, air);
	if (!enabled || row->survey == WIFI_SURVEY_NONE) {
		row->choice = AUTO_OFF;
		return;
	}
	if (row->choice == AUTO_SCANS && clock_mono_ms() >= due_at(radio)) {
		stays(radio, "its scan did not come to an end");
		row->choice = AUTO_CHOSEN;
		row->since = clock_mono_ms();
	}
	if (row->choice == AUTO_OFF || row->chosen_in != s.band || clock_mono_ms() >= due_at(radio))
		begin(w, radio, s.band);
}

void wifi_auto_look(struct wifi *w)
{
	struct dm_inst *root = dm_single(w->dm, &wifi), *radio;
	uint64_t next = UINT64_MAX, now;
	size_t i;

	for (i = 0; (radio = dm_row_at(root, &wifi_radio, i)); i++)
		if (row_of(radio))
			look_at(w, radio);
	w->nscanned = 0;
	for (i = 0; (radio = dm_row_at(root, &wifi_radio, i)); i++)
		if (row_of(radio) && due_at(radio) < next)
			next = due_at(radio);
	if (!w->loop)
		return;
	now = clock_mono_ms();
	if (next == UINT64_MAX)
		loop_timer_clear(w->loop, &w->choose);
	else
		(void)loop_timer_set(w->loop, &w->choose, next > now ? next - now : 0);
}

static void timer_fired(void *arg)
{
	struct wifi *w = arg;

	dm_rpc_begin(w->dm);
	wifi_auto_look(w);
}

void wifi_auto_look_soon(struct wifi *w)
{
	if (w->loop)
		(void)loop_timer_set(w->loop, &w->choose, 0);
}

void wifi_auto_start(struct wifi *w)
{
	loop_timer_init(&w->choose, timer_fired, w);
	wifi_auto_look_soon(w);
}

void wifi_auto_stop(struct wifi *w)
{
	if (w->loop)
		loop_timer_clear(w->loop, &w->choose);
}
