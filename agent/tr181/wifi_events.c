/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What nl80211 tells without being asked: stations that come and leave, radios and regulatory
 * domains that change, scans that end. It only says that something happened; what is now is asked
 * for anew, once for each burst.
 */
#include <errno.h>
#include <string.h>

#include <linux/nl80211.h>

#include "agent/tr181/endpoint.h"
#include "lib/array.h"
#include "lib/limits.h"
#include "lib/log.h"

enum { HEARD_AIR = 1 << 0, HEARD_RADIOS = 1 << 1 };

static void tell_scan(struct wifi *w, const struct nl_head *h)
{
	uint32_t wiphy = 0;
	const struct nl_want want[] = { NL_NEED(NL80211_ATTR_WIPHY, NL_U32, &wiphy) };

	if (nl_read(h->attrs, want, ARRAY_SIZE(want)) < 0)
		return;
	if (w->on_scan)
		w->on_scan(w->on_scan_arg, wiphy, h->cmd == NL80211_CMD_SCAN_ABORTED);
	if (h->cmd == NL80211_CMD_NEW_SCAN_RESULTS) {
		wifi_auto_scanned(w, wiphy);
		w->heard |= HEARD_AIR;
	}
}

static int note(void *arg, const struct nl_head *h)
{
	struct wifi *w = arg;

	switch (h->cmd) {
	case NL80211_CMD_NEW_STATION:
	case NL80211_CMD_DEL_STATION:
	case NL80211_CMD_START_AP:
	case NL80211_CMD_STOP_AP:
	case NL80211_CMD_CONNECT:
	case NL80211_CMD_ROAM:
	case NL80211_CMD_DISCONNECT:
	case NL80211_CMD_CH_SWITCH_NOTIFY:
	case NL80211_CMD_RADAR_DETECT:
	case NL80211_CMD_NEW_INTERFACE:
	case NL80211_CMD_DEL_INTERFACE:
	case NL80211_CMD_SET_INTERFACE:
		w->heard |= HEARD_AIR;
		break;
	case NL80211_CMD_NEW_WIPHY:
	case NL80211_CMD_DEL_WIPHY:
	case NL80211_CMD_REG_CHANGE:
	case NL80211_CMD_WIPHY_REG_CHANGE:
		w->heard |= HEARD_AIR | HEARD_RADIOS;
		break;
	case NL80211_CMD_NEW_SCAN_RESULTS:
	case NL80211_CMD_SCAN_ABORTED:
		tell_scan(w, h);
		break;
	default:
		break;
	}
	return 0;
}

static void tell_rows(struct dm_inst *parent, const struct dm_object *table)
{
	struct dm_inst *in;

	for (size_t i = 0; (in = dm_row_at(parent, table, i)); i++)
		dm_changed_all(in);
}

/* Compares only what is watched; to read the number of stations is to look at them. */
static void tell(struct wifi *w)
{
	struct dm_inst *root = dm_single(w->dm, &wifi), *ap;

	dm_changed_all(root);
	tell_rows(root, &wifi_radio);
	tell_rows(root, &wifi_ssid);
	for (size_t i = 0; (ap = dm_row_at(root, &wifi_access_point, i)); i++) {
		dm_changed_all(ap);
		tell_rows(ap, &wifi_associated);
	}
	endpoints_tell(w);
}

static void settled(void *arg)
{
	struct wifi *w = arg;
	const unsigned int heard = w->heard;

	w->heard = 0;
	if (heard & HEARD_RADIOS)
		(void)wifi_look_again(w); /* logged */
	dm_rpc_begin(w->dm);
	wifi_auto_look(w);
	if (dm_watched(w->dm, &wifi))
		tell(w);
}

static void settle(struct wifi *w)
{
	if (w->loop && !loop_timer_armed(&w->settle))
		(void)loop_timer_set(w->loop, &w->settle, WIFI_SETTLE_MS);
}

void wifi_heard(struct wifi *w)
{
	w->heard |= HEARD_AIR;
	settle(w);
}

/* When a station's keys are in place, or its interface gets its name, nl80211 is silent; but its
 * link is not. */
void wifi_links_changed(struct dm *dm)
{
	struct dm_inst *root = dm_single(dm, &wifi);
	struct wifi *w = root ? dm_ctx(root) : NULL;

	if (!w || !wifi_has_stations(w))
		return;
	w->heard |= HEARD_RADIOS;
	wifi_heard(w);
}

static void readable(void *arg, int fd, uint32_t events)
{
	struct wifi *w = arg;
	int r = nl80211_events(w->reader->events, note, w);

	if (r == -ENOBUFS) /* some were lost: any of them may have been */
		w->heard |= HEARD_AIR | HEARD_RADIOS;
	else if (r < 0)
		log_warn("wifi: events of nl80211: %s", strerror(-r));
	if (w->heard)
		settle(w);
}

void wifi_on_scan(struct dm *dm, wifi_scan_fn fn, void *arg)
{
	struct wifi *w = dm_ctx(dm_single(dm, &wifi));

	w->on_scan = fn;
	w->on_scan_arg = arg;
}

void wifi_events_start(struct wifi *w)
{
	int r;

	loop_timer_init(&w->settle, settled, w);
	w->io.fd = -1;
	if (!w->loop || !w->reader->events)
		return;
	r = loop_io_add(w->loop, &w->io, nl80211_fd(w->reader->events), EPOLLIN, readable, w);
	if (r < 0)
		log_warn("wifi: no events: %s", strerror(-r));
}

void wifi_events_stop(struct wifi *w)
{
	if (!w->loop)
		return;
	loop_io_del(w->loop, &w->io);
	loop_timer_clear(w->loop, &w->settle);
}
