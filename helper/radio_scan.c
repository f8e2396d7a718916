/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scan of one radio, on every channel. The role only begins it: the kernel tells everybody when
 * it is done and what it heard.
 */
#include <errno.h>
#include <string.h>

#include <linux/nl80211.h>

#include "helper/asroot.h"
#include "helper/radio.h"
#include "lib/log.h"

/* An access point on the air is an interface that is up; else the one that a BSS would have. */
static const struct nl_iface *scanner(const struct radio *r, uint32_t wiphy)
{
	for (uint32_t i = 0; i < r->ifaces.n; i++) {
		const struct nl_iface *f = &r->ifaces.v[i];

		if (f->wiphy == wiphy && f->type == NL80211_IFTYPE_AP && f->ssid_len)
			return f;
	}
	return nl_scan_iface(r->ifaces.v, r->ifaces.n, wiphy);
}

int asroot_scan_start(struct radio *r, const struct scan_start *req)
{
	struct plan_done done = { 0 };
	const struct nl_iface *i;
	struct nl_request q;
	int e = radio_look(r, &done);

	if (e < 0)
		return e;
	i = scanner(r, req->wiphy);
	if (!i)
		return -ENODEV;
	nl_trigger_scan(&q, nl80211_family(r->nl), i->ifindex, i->type == NL80211_IFTYPE_AP);
	e = radio_do(r, &q);
	if (e < 0)
		log_notice("radio: no scan on %s: %s", i->name, strerror(-e));
	return e;
}
