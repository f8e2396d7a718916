/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/kernel/wifi.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/nl80211.h>

#include "lib/cleanup.h"
#include "lib/log.h"

int wifi_reader_open(struct wifi_reader **out)
{
	struct wifi_reader *r = calloc(1, sizeof(*r));
	int e;

	if (!r)
		return -ENOMEM;
	e = nl80211_open(&r->nl);
	if (e < 0) {
		log_err("wifi: no generic netlink socket: %s", strerror(-e));
		free(r);
		return e;
	}
	e = nl80211_open_events(&r->events);
	if (e < 0)
		log_info("wifi: no events of nl80211: %s", strerror(-e));
	*out = r;
	return 0;
}

/* The address that is burnt into the radio. nl80211 tells those of interfaces, which change. */
static bool read_address(const char *name, char out[WIFI_KEY_MAX])
{
	_cleanup_close_ int fd = -1;
	char path[80];
	ssize_t n;

	if (strchr(name, '/') || snprintf(path, sizeof(path), "/sys/class/ieee80211/%s/macaddress",
					  name) >= (int)sizeof(path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, out, WIFI_KEY_MAX - 1);
	if (n < 17)
		return false;
	out[17] = '\0';
	return strcmp(out, "00:00:00:00:00:00") != 0;
}

static void name_radios(struct wifi_reader *r)
{
	uint32_t i;

	for (i = 0; i < r->wiphys.n; i++) {
		const struct nl_wiphy *w = &r->wiphys.w[i];

		if (r->known[i] == w->index + 1)
			continue;
		if (!read_address(w->name, r->keys[i]))
			(void)snprintf(r->keys[i], WIFI_KEY_MAX, "%.23s", w->name);
		r->known[i] = w->index + 1;
	}
}

/* "00" is the world's domain and "99" one made up by the kernel: no country. */
static void read_country(struct wifi_reader *r)
{
	struct nl_reg reg;

	memset(r->country, 0, sizeof(r->country));
	if (r->wiphys.n && nl80211_reg(r->nl, r->wiphys.w[0].index, &reg) == 0 &&
	    reg.country[0] >= 'A' && reg.country[1] >= 'A')
		memcpy(r->country, reg.country, sizeof(r->country));
}

static void keep_ap(void *arg, const struct nl_station *s)
{
	struct wifi_link *l = arg;

	if (!(s->has & NL_STA_ASSOCIATED) || s->has & NL_STA_TDLS)
		return;
	l->joined = true;
	l->ap = *s;
}

static void keep_ssid(void *arg, const struct nl_bss *b)
{
	struct nl_iface *i = arg;

	if (!b->joined)
		return;
	i->ssid_len = b->ssid_len;
	memcpy(i->ssid, b->ssid, b->ssid_len);
}

/* What the box's own stations have joined. Of one that left meanwhile there is nothing to tell. */
static void read_links(struct wifi_reader *r)
{
	uint32_t i;

	memset(r->links, 0, sizeof(r->links));
	if (!r->stations)
		return;
	nl_ifaces_mark(r->ifaces.v, r->ifaces.n, r->stations);
	for (i = 0; i < r->ifaces.n; i++) {
		struct nl_iface *f = &r->ifaces.v[i];
		struct wifi_link *l;

		if (!f->station || f->station > STATION_MAX || f->type != NL80211_IFTYPE_STATION)
			continue;
		l = &r->links[f->station - 1];
		l->ifindex = f->ifindex;
		(void)nl80211_stations(r->nl, f->ifindex, keep_ap, l);
		/* Linux 6.0 to 6.3 does not tell it of a station whose supplicant associates. */
		if (l->joined && !f->ssid_len)
			(void)nl80211_scan_results(r->nl, f->ifindex, keep_ssid, f);
	}
}

int wifi_reader_look(struct wifi_reader *r)
{
	int e;

	if (!r->nl)
		return 0;
	e = nl80211_wiphys(r->nl, &r->wiphys);
	if (!e)
		e = nl80211_ifaces(r->nl, &r->ifaces);
	if (e < 0) {
		memset(&r->wiphys, 0, sizeof(r->wiphys));
		memset(&r->ifaces, 0, sizeof(r->ifaces));
		memset(r->links, 0, sizeof(r->links));
		return e;
	}
	name_radios(r);
	read_links(r);
	read_country(r);
	return 0;
}

int wifi_reader_stations(struct wifi_reader *r, uint32_t ifindex, nl80211_station_fn fn, void *arg)
{
	return r->nl ? nl80211_stations(r->nl, ifindex, fn, arg) : 0;
}

int wifi_reader_heard(struct wifi_reader *r, uint32_t ifindex, nl80211_bss_fn fn, void *arg)
{
	return r->nl ? nl80211_scan_results(r->nl, ifindex, fn, arg) : -ENODEV;
}

int wifi_reader_survey(struct wifi_reader *r, uint32_t ifindex, nl80211_survey_fn fn, void *arg)
{
	return r->nl ? nl80211_survey(r->nl, ifindex, fn, arg) : -ENODEV;
}
