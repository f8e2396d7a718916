/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kernel and a hostapd for the radio role, made up: they keep hostapd 2.10's rules, count their
 * steps and fail at the one that a test wants. Includes the role itself, on top of them.
 */
#pragma once

#include "tests/unit/unit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/nl80211.h>

#include "helper/asroot.h"
#include "helper/radio.h"
#include "lib/clock.h"
#include "lib/hex.h"
#include "lib/limits.h"
#include "lib/log.h"

enum failure { FAILS_NOT, REFUSES, SILENT_UNDONE, SILENT_DONE, DIES };

struct bss {
	char name[NL_IFNAME_MAX];
	uint32_t wiphy;
	bool first;
	char ssid[2 * RADIO_SSID_MAX + 1]; /* hexadecimal */
	char key[64], next_key[64];
	unsigned int channel;
	unsigned int isolate, hidden, max_stations; /* in the beacon, where it has to be */
	unsigned int next_isolate, next_hidden;
	char allowed[256]; /* "aa:bb:... " */
};

static struct {
	uint64_t clock;
	bool hostapd; /* is running */
	bool watched; /* somebody starts it again */
	bool lost;    /* rtnetlink has told that a link is gone */
	struct bss bss[RADIO_MAX * RADIO_BSS_MAX];
	unsigned int nbss;
	struct nl_ifaces ifaces; /* those that were there before, and created ones */
	int32_t power[RADIO_MAX];
	unsigned int steps, fail_at, fail_for;
	enum failure how;
	bool switched[RADIO_MAX]; /* no ADD any more */
	unsigned int adds, removes, keys, moves, beacons;
	unsigned int misses;  /* REMOVE of what is not there */
	unsigned int slow_ms; /* what hostapd takes for each BSS of a command */
	unsigned int others;  /* interfaces that hostapd has for somebody else, listed first */
	unsigned int mhz;     /* all are there, whatever hostapd was told; 0: where it was */
	unsigned int width;   /* 0: 20 MHz */
	bool radar;	      /* hostapd looks for it, and has nothing on the air */
	unsigned int blinks;  /* so many looks at the kernel do not show the first BSS */
} world;

static struct nl_wiphys wiphys;

static enum failure step(void)
{
	world.steps++;
	if (world.fail_at && world.steps >= world.fail_at &&
	    world.steps < world.fail_at + world.fail_for)
		return world.how;
	return FAILS_NOT;
}

static struct bss *find_bss(const char *name)
{
	unsigned int i;

	for (i = 0; i < world.nbss; i++)
		if (strcmp(world.bss[i].name, name) == 0)
			return &world.bss[i];
	return NULL;
}

static void drop_bss(struct bss *b)
{
	const uint32_t wiphy = b->wiphy;
	const bool first = b->first;
	unsigned int i, n = 0;

	if (first)
		world.switched[wiphy] = false;

	for (i = 0; i < world.nbss; i++)
		if (&world.bss[i] != b && !(first && world.bss[i].wiphy == wiphy))
			world.bss[n++] = world.bss[i];
	world.nbss = n;
}

static void hostapd_dies(void)
{
	world.hostapd = false;
	world.nbss = 0;
	memset(world.switched, 0, sizeof(world.switched));
}

static uint64_t world_clock(void)
{
	return world.clock;
}

static int world_poll(int ms)
{
	world.clock += (uint64_t)ms;
	return 0;
}

static int world_wiphys(struct nl80211 *nl, struct nl_wiphys *out)
{
	*out = wiphys;
	return 0;
}

static void put_iface(struct nl_ifaces *t, const char *name, uint32_t wiphy)
{
	struct nl_iface *i = &t->v[t->n++];

	memset(i, 0, sizeof(*i));
	(void)snprintf(i->name, sizeof(i->name), "%s", name);
	i->wiphy = wiphy;
	i->ifindex = 2 + t->n;
	i->type = NL80211_IFTYPE_STATION;
}

static int world_ifaces(struct nl80211 *nl, struct nl_ifaces *out)
{
	unsigned int i, k;

	*out = world.ifaces;
	for (i = 0; i < world.nbss; i++) {
		const struct bss *b = &world.bss[i];

		if (i == 0 && world.blinks && world.blinks--)
			continue;

		for (k = 0; k < out->n && strcmp(out->v[k].name, b->name) != 0; k++)
			;
		if (k == out->n)
			put_iface(out, b->name, b->wiphy);
		out->v[k].type = NL80211_IFTYPE_AP;
		out->v[k].ssid_len = (uint8_t)(world.radar ? 0 : strlen(b->ssid) / 2);
		assert_int_equal(hex_decode(out->v[k].ssid, b->ssid, strlen(b->ssid)), 0);
		out->v[k].mhz = world.mhz ? world.mhz : nl_channel_to_mhz(NL_BAND_2G4, b->channel);
		out->v[k].width = world.width ? world.width : 20;
	}
	return 0;
}

/* What a request of nl80211/build.c does */
static int world_call(struct nl80211 *nl, struct nl_request *q, nl80211_each_fn fn, void *arg,
		      int timeout_ms)
{
	uint32_t wiphy = 0, ifindex = 0, level = 0;
	char name[NL_IFNAME_MAX] = "";
	const struct nl_want want[] = {
		NL_MAY(NL80211_ATTR_WIPHY, NL_U32, &wiphy),
		NL_MAY(NL80211_ATTR_IFINDEX, NL_U32, &ifindex),
		NL_MAY(NL80211_ATTR_WIPHY_TX_POWER_LEVEL, NL_U32, &level),
		NL_MAY_SIZE(NL80211_ATTR_IFNAME, NL_TEXT, name, sizeof(name)),
	};
	const struct nl_view attrs = { q->bytes + 20, q->len - 20 };
	const enum failure f = step();
	uint32_t i;

	assert_int_equal(nl_read(attrs, want, ARRAY_SIZE(want)), 0);
	if (f == REFUSES)
		return -EBUSY;
	if (f == SILENT_UNDONE)
		return -ETIMEDOUT;
	switch (q->bytes[16]) {
	case NL80211_CMD_SET_WIPHY:
		world.power[wiphy] = (int32_t)level;
		break;
	case NL80211_CMD_NEW_INTERFACE:
		put_iface(&world.ifaces, name, wiphy);
		break;
	case NL80211_CMD_DEL_INTERFACE:
		for (i = 0; i < world.ifaces.n && world.ifaces.v[i].ifindex != ifindex; i++)
			;
		assert_in_range(i, 2, world.ifaces.n - 1); /* never one that the box had */
		world.ifaces.v[i] = world.ifaces.v[--world.ifaces.n];
		break;
	default:
		fail_msg("command %u", q->bytes[16]);
	}
	return f == SILENT_DONE ? -ETIMEDOUT : 0;
}

static int world_reg(struct nl80211 *nl, uint32_t wiphy, struct nl_reg *out)
{
	return -ENODEV;
}

static int answer(struct ctrl_socket *h, const char *text)
{
	(void)snprintf(h->reply, sizeof(h->reply), "%s", text);
	return strncmp(text, "FAIL", 4) == 0 ? -EREMOTEIO : 0;
}

/* -1: go on; else what the caller gets at once */
static int hostapd_fails(struct ctrl_socket *h, enum failure f)
{
	if (f == DIES)
		hostapd_dies();
	if (!world.hostapd)
		return -ENOTCONN;
	if (h->deadline && world.clock >= h->deadline)
		return -ETIMEDOUT;
	if (f == REFUSES)
		return answer(h, "FAIL\n");
	return f == SILENT_UNDONE ? -ETIMEDOUT : 1;
}

/* It takes its time, and does what it was told also when nobody waits any more. */
static bool too_slow(const struct ctrl_socket *h, unsigned int bss, int patience_ms)
{
	const uint64_t until = world.clock + world.slow_ms * bss;
	uint64_t deadline = world.clock + (uint64_t)patience_ms;

	if (h->deadline && h->deadline < deadline)
		deadline = h->deadline;
	world.clock = until < deadline ? until : deadline;
	return until > deadline;
}

/* INTERFACES, cut off at the end of a line without a word, as by hostapd */
static void list(struct ctrl_socket *h)
{
	char other[18];
	const char *name;
	unsigned int i;
	size_t n = 0;

	h->reply[0] = '\0';
	for (i = 0; i < world.others + world.nbss; i++) {
		(void)snprintf(other, sizeof(other), "other-%08u", i);
		name = i < world.others ? other : world.bss[i - world.others].name;
		if (n + strlen(name) + 1 >= HOSTAPD_LIST_MAX)
			return;
		n += (size_t)snprintf(h->reply + n, sizeof(h->reply) - n, "%s\n", name);
	}
}

static unsigned int number_on(uint32_t wiphy)
{
	unsigned int i, n = 0;

	for (i = 0; i < world.nbss; i++)
		n += world.bss[i].wiphy == wiphy;
	return n;
}

static void allow(struct bss *b, const char *address, bool in)
{
	char *at = strstr(b->allowed, address);
	size_t n = strlen(b->allowed);

	assert_true(in == !at);
	if (in)
		(void)snprintf(b->allowed + n, sizeof(b->allowed) - n, "%.17s ", address);
	else
		memmove(at, at + 18, strlen(at + 18) + 1);
}

/* What changes in place */
static void bss_command(struct bss *b, const char *text)
{
	unsigned int mhz, i;

	if (strcmp(text, "RELOAD_WPA_PSK") == 0) {
		memcpy(b->key, b->next_key, sizeof(b->key));
		world.keys++;
	} else if (sscanf(text, "SET wpa_psk %63s", b->key) == 1) {
		world.keys++;
	} else if (sscanf(text, "CHAN_SWITCH 5 %u", &mhz) == 1) {
		world.switched[b->wiphy] = true;
		for (i = 0; i < world.nbss; i++)
			if (world.bss[i].wiphy == b->wiphy)
				world.bss[i].channel = nl_mhz_to_channel(mhz);
		world.moves++;
	} else if (strcmp(text, "UPDATE_BEACON") == 0) {
		b->isolate = b->next_isolate;
		b->hidden = b->next_hidden;
		world.beacons++;
	} else if (strncmp(text, "ACCEPT_ACL ADD_MAC ", 19) == 0) {
		allow(b, text + 19, true);
	} else if (strncmp(text, "ACCEPT_ACL DEL_MAC ", 19) == 0) {
		allow(b, text + 19, false);
	} else if (sscanf(text, "SET ap_isolate %u", &b->next_isolate) != 1 &&
		   sscanf(text, "SET ignore_broadcast_ssid %u", &b->next_hidden) != 1 &&
		   sscanf(text, "SET max_num_sta %u", &b->max_stations) != 1 &&
		   strcmp(text, "PMKSA_FLUSH") != 0) {
		assert_string_equal(text, "DEAUTHENTICATE ff:ff:ff:ff:ff:ff");
	}
}

__attribute__((format(printf, 2, 3))) static int world_ask(struct ctrl_socket *h, const char *fmt,
							   ...)
{
	char text[512], name[NL_IFNAME_MAX], value[64];
	const enum failure f = step();
	bool late = false;
	struct bss *b;
	va_list ap;
	int r = hostapd_fails(h, f);

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (r <= 0)
		return r;
	if (strcmp(text, "INTERFACES") == 0) {
		list(h);
	} else if (sscanf(text, "REMOVE %15s", name) == 1) {
		b = find_bss(name);
		world.misses += !b;
		if (!b)
			return answer(h, "FAIL\n");
		late = too_slow(h, b->first ? number_on(b->wiphy) : 1, h->patience_ms);
		world.removes++;
		drop_bss(b);
		(void)answer(h, "OK\n");
	} else if (sscanf(text, "IFNAME=%15s", name) == 1) {
		b = find_bss(name);
		if (!b)
			return answer(h, "FAIL-NO-IFNAME-MATCH\n");
		if (strstr(text, " GET version")) {
			(void)answer(h, "v2.10");
		} else if (strstr(text, " STATUS")) {
			(void)answer(h, world.radar ? "state=DFS\nphy=phy0\n"
						    : "state=ENABLED\nphy=phy0\n");
		} else if (sscanf(text, "IFNAME=%*s SET wpa_passphrase %63[^\n]", value) == 1) {
			memcpy(b->next_key, value, sizeof(value));
			(void)answer(h, "OK\n");
		} else {
			bss_command(b, strchr(text, ' ') + 1);
			(void)answer(h, "OK\n");
		}
	} else {
		fail_msg("command %s", text);
	}
	return late || f == SILENT_DONE ? -ETIMEDOUT : 0;
}

static void conf_value(const char *conf, const char *key, char *out, size_t size)
{
	const char *p = strstr(conf, key);
	size_t n;

	out[0] = '\0';
	if (!p)
		return;
	p += strlen(key);
	n = strcspn(p, "\n");
	assert_true(n < size);
	memcpy(out, p, n);
	out[n] = '\0';
}

static int world_add(struct hostapd *h, uint32_t wiphy, const char *text, size_t len)
{
	const enum failure f = step();
	struct bss *b = &world.bss[world.nbss];
	struct nl_ifaces now;
	char number[8];
	unsigned int i;
	int r = hostapd_fails(&h->ctrl, f);
	bool there = false, late;

	if (r <= 0)
		return r;
	memset(b, 0, sizeof(*b));
	conf_value(text, "interface=", b->name, sizeof(b->name));
	conf_value(text, "ssid2=", b->ssid, sizeof(b->ssid));
	conf_value(text, "wpa_passphrase=", b->key, sizeof(b->key));
	memcpy(b->next_key, b->key, sizeof(b->key));
	conf_value(text, "channel=", number, sizeof(number));
	b->channel = (unsigned int)strtoul(number, NULL, 10);
	conf_value(text, "ap_isolate=", number, sizeof(number));
	b->isolate = b->next_isolate = (unsigned int)strtoul(number, NULL, 10);
	conf_value(text, "ignore_broadcast_ssid=", number, sizeof(number));
	b->hidden = b->next_hidden = (unsigned int)strtoul(number, NULL, 10);
	conf_value(text, "max_num_sta=", number, sizeof(number));
	b->max_stations = (unsigned int)strtoul(number, NULL, 10);
	b->wiphy = wiphy;
	b->first = true;
	for (i = 0; i < world.nbss; i++)
		if (world.bss[i].wiphy == wiphy) {
			b->first = false;
			b->channel = world.bss[i].channel;
		}
	/* hostapd's rules: the first one's interface must be there, the others' must not */
	(void)world_ifaces(NULL, &now);
	for (i = 0; i < now.n; i++)
		there |= strcmp(now.v[i].name, b->name) == 0;
	if (find_bss(b->name) || there != b->first || (!b->first && world.switched[wiphy]))
		return answer(&h->ctrl, "FAIL\n");
	world.nbss++;
	world.adds++;
	late = too_slow(&h->ctrl, 1, HOSTAPD_ADD_MS);
	return late || f == SILENT_DONE ? -ETIMEDOUT : answer(&h->ctrl, "OK\n");
}

static bool world_lost(const struct nl_ifaces *ifaces)
{
	const bool lost = world.lost;

	world.lost = false;
	return lost;
}

static uint16_t world_family(struct nl80211 *nl)
{
	return 28;
}

#define clock_mono_ms world_clock
#define poll(fds, n, ms) world_poll(ms)
#define nl80211_wiphys world_wiphys
#define nl80211_ifaces world_ifaces
#define nl80211_call world_call
#define nl80211_reg world_reg
#define nl80211_family world_family
#define nl80211_said(nl) ""
#define nl_links_lost(fd, ifaces) world_lost(ifaces)
#define ctrl_ask world_ask
#define hostapd_add world_add

#include "helper/radio_apply.c"
#include "helper/radio_bss.c"
#include "helper/radio_live.c"
#include "helper/radio.c"

static struct radio *r;

/* A role that knows of nothing yet, and a hostapd that has nothing; radios are the caller's. */
static void empty_world(void)
{
	memset(&world, 0, sizeof(world));
	world.clock = 1000000;
	world.hostapd = true;
	memset(&wiphys, 0, sizeof(wiphys));
	free(r);
	r = calloc(1, sizeof(*r));
	assert_non_null(r);
	r->countries = r->bridges = r->stations = "";
	r->holds = true;
	r->ap.ctrl.patience_ms = CTRL_COMMAND_MS;
}

static int end_of_world(void **state)
{
	free(r);
	return 0;
}
