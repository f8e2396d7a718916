/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.WiFi. over a kernel of two radios that is made up, with a radio role at the other end of
 * the wall that takes plans (and puts them on the air), or refuses them.
 */
#pragma once

#include "tests/unit/unit.h"

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/nl80211.h>

#include "agent/priv.h"
#include "agent/store.h"
#include "agent/tr181/tr181.h"
#include "agent/tr181/wifi_internal.h"
#include "lib/buf.h"
#include "lib/log.h"

extern const struct dm_object device;

static const struct dm_object *const objects[] = {
	&device,
	&wifi,
	&wifi_radio,
	&wifi_radio_stats,
	&wifi_ssid,
	&wifi_ssid_stats,
	&wifi_access_point,
	&wifi_ap_security,
	&wifi_associated,
	&wifi_associated_stats,
#ifdef CONFIG_ROLE_STATION
	&wifi_endpoint,
	&wifi_endpoint_stats,
	&wifi_endpoint_security,
	&wifi_endpoint_profile,
	&wifi_endpoint_profile_security,
#endif
};

static char dir[64], factory[96];
static struct store *store;
static struct dm *dm;
static struct wifi_reader reader;
static struct priv priv;

/* The role */
static struct {
	pthread_t thread;
	struct plan_begin begin;
	struct plan_radio radio[RADIO_MAX];
	struct plan_bss bss[WIFI_BSS_MAX];
	unsigned int radios, bsses, commits;
	struct plan_done says;	/* error 0: takes the plan */
	unsigned int throttles; /* so many messages come too fast for it */
	unsigned int scans;
	int scan_fails;
} role;

static void add_chan(struct nl_band *b, uint16_t mhz, uint16_t flags)
{
	b->present = true;
	b->chans[b->nchans++] = (struct nl_chan){ .mhz = mhz,
						  .flags = flags,
						  .max_mbm = 2000,
						  .number = (uint16_t)nl_mhz_to_channel(mhz) };
}

static void add_iface(const char *name, uint32_t wiphy)
{
	struct nl_iface *i = &reader.ifaces.v[reader.ifaces.n++];

	memset(i, 0, sizeof(*i));
	(void)snprintf(i->name, sizeof(i->name), "%s", name);
	i->wiphy = wiphy;
	i->ifindex = 10 + reader.ifaces.n;
	i->type = NL80211_IFTYPE_STATION;
	i->mac[5] = (uint8_t)reader.ifaces.n;
}

static void (*more_of_kernel)(void); /* NULL: nothing */

static void make_kernel(void)
{
	struct nl_wiphy *w = reader.wiphys.w;
	uint16_t mhz;

	memset(&reader, 0, sizeof(reader));
	reader.wiphys.n = 2;
	w[0] = (struct nl_wiphy){ .index = 0,
				  .name = "phy0",
				  .max_ap = 4,
				  .ciphers = NL_CIPHER_CCMP | NL_CIPHER_BIP_CMAC };
	for (mhz = 2412; mhz <= 2472; mhz += 5)
		add_chan(&w[0].bands[NL_BAND_2G4], mhz, mhz == 2472 ? NL_CHAN_NO_IR : 0);
	for (mhz = 5180; mhz <= 5240; mhz += 20)
		add_chan(&w[0].bands[NL_BAND_5G], mhz, 0);
	w[0].bands[NL_BAND_2G4].dsss = w[0].bands[NL_BAND_2G4].ofdm = true;
	w[0].bands[NL_BAND_2G4].ht = w[0].bands[NL_BAND_5G].ht = true;
	w[0].bands[NL_BAND_5G].vht = true;
	w[0].bands[NL_BAND_5G].vht_map = 0xfffa; /* two streams, MCS 9 */
	w[0].bands[NL_BAND_2G4].ht_capa = w[0].bands[NL_BAND_5G].ht_capa = 2;
	w[1] = (struct nl_wiphy){ .index = 1,
				  .name = "phy1",
				  .max_ap = 1,
				  .max_stations = 50,
				  .ciphers = NL_CIPHER_CCMP };
	add_chan(&w[1].bands[NL_BAND_5G], 5180, 0);
	(void)snprintf(reader.keys[0], WIFI_KEY_MAX, "02:00:00:00:00:00");
	(void)snprintf(reader.keys[1], WIFI_KEY_MAX, "02:00:00:00:01:00");
	add_iface("wlan0", 0);
	add_iface("wlan1", 1);
	if (more_of_kernel)
		more_of_kernel();
}

/* From channel 40 on there may be radar; the radio looks for it in up to 40 MHz. */
__attribute__((unused)) static void radar_around(void)
{
	struct nl_band *b = &reader.wiphys.w[0].bands[NL_BAND_5G];
	uint32_t i;

	for (i = 1; i < b->nchans; i++)
		b->chans[i].flags = NL_CHAN_RADAR;
	reader.wiphys.w[0].radar_widths = 3;
	memcpy(reader.country, "DE", 3);
}

/* What a plan does to the kernel's interfaces. */
static void go_on_air(void)
{
	struct nl_iface *f;
	char name[NL_IFNAME_MAX];
	unsigned int i;

	make_kernel();
	for (i = 0; i < role.bsses; i++) {
		const struct plan_bss *q = &role.bss[i];
		const struct plan_radio *r = &role.radio[q->radio];

		if (r->wiphy > 1) /* a radio that came back: nothing here looks at its air */
			continue;
		(void)nl_bss_name(name, r->wiphy ? "wlan1" : "wlan0", q->slot);
		if (q->slot)
			add_iface(name, r->wiphy);
		f = q->slot ? &reader.ifaces.v[reader.ifaces.n - 1] : &reader.ifaces.v[r->wiphy];
		f->type = NL80211_IFTYPE_AP;
		f->ssid_len = q->ssid_len;
		memcpy(f->ssid, q->ssid, q->ssid_len);
		f->mhz = nl_channel_to_mhz(r->band, r->channel);
		f->width = r->width;
	}
}

static void take(struct ipc_chan *chan)
{
	struct plan_done done = role.says;
	const void *p = chan->rx.payload;
	struct ipc_hdr hdr;
	int fd, r = ipc_recv(chan, &hdr, &fd);

	if (r == -EPIPE || r == -EPROTO)
		ipc_chan_close(chan);
	if (r)
		return;
	if (role.throttles) {
		role.throttles--;
		ipc_reply(chan, hdr.op, hdr.seq, -EAGAIN, NULL, -1);
		return;
	}
	switch ((enum ipc_op)hdr.op) {
	case IPC_PLAN_BEGIN:
		memcpy(&role.begin, p, sizeof(role.begin));
		role.radios = role.bsses = 0;
		break;
	case IPC_PLAN_RADIO:
		memcpy(&role.radio[role.radios++], p, sizeof(role.radio[0]));
		break;
	case IPC_PLAN_BSS:
		memcpy(&role.bss[role.bsses++], p, sizeof(role.bss[0]));
		break;
	case IPC_SCAN_START:
		role.scans++;
		ipc_reply(chan, hdr.op, hdr.seq, role.scan_fails, NULL, -1);
		return;
	default:
		role.commits++;
		if (!done.error)
			go_on_air();
		ipc_reply(chan, hdr.op, hdr.seq, done.error, &done, -1);
		return;
	}
	ipc_reply(chan, hdr.op, hdr.seq, 0, NULL, -1);
}

static void *serve(void *arg)
{
	struct ipc_chan *chan = arg;

	while (chan->fd >= 0) {
		struct pollfd p = { chan->fd, POLLIN, 0 };

		(void)poll(&p, 1, -1);
		take(chan);
	}
	free(chan);
	return NULL;
}

static void start_role(void)
{
	struct ipc_chan *chan = malloc(sizeof(*chan));
	int fd[2];

	assert_non_null(chan);
	assert_int_equal(ipc_pair(fd), 0);
	ipc_chan_init(chan, fd[1], IPC_RADIO, IPC_SERVES);
	assert_int_equal(priv_attach(&priv, IPC_RADIO, fd[0]), 0);
	assert_int_equal(pthread_create(&role.thread, NULL, serve, chan), 0);
}

static void open_tree(void)
{
	assert_int_equal(store_open(&store, dir, factory), 0);
	assert_int_equal(dm_open(&dm, objects, ARRAY_SIZE(objects), store), 0);
	assert_int_equal(wifi_init(dm, &reader, &priv, "br-lan br-guest"), 0);
	assert_int_equal(wifi_start(dm, NULL), role.says.error);
}

static void close_tree(void)
{
	wifi_exit(dm);
	dm_close(dm);
	store_close(store);
}

static void write_factory(const char *text)
{
	FILE *f = fopen(factory, "w");

	assert_non_null(f);
	assert_true(fprintf(f, "sallyport-state 1\n%s", text) > 0);
	assert_int_equal(fclose(f), 0);
}

#define HOME                                                                 \
	"Device.WiFi.SSID.1.Enable = true\nDevice.WiFi.SSID.1.SSID = home\n" \
	"Device.WiFi.SSID.1.LowerLayers = Device.WiFi.Radio.1\n"             \
	"Device.WiFi.AccessPoint.1.Enable = true\n"                          \
	"Device.WiFi.AccessPoint.1.SSIDReference = Device.WiFi.SSID.1\n"     \
	"Device.WiFi.AccessPoint.1.Security.KeyPassphrase = passphrase\n"

static int setup(void **state)
{
	memset(&role, 0, sizeof(role));
	log_set_level(LOG_LVL_ERR);
	make_kernel();
	(void)snprintf(dir, sizeof(dir), "/tmp/test_wifi.XXXXXX");
	assert_non_null(mkdtemp(dir));
	(void)snprintf(factory, sizeof(factory), "%s/factory.conf", dir);
	write_factory(HOME);
	priv_init(&priv);
	start_role();
	open_tree();
	return 0;
}

static int teardown(void **state)
{
	char path[96];

	close_tree();
	more_of_kernel = NULL;
	priv_free(&priv);
	pthread_join(role.thread, NULL);
	(void)unlink(factory);
	(void)snprintf(path, sizeof(path), "%s/state", dir);
	(void)unlink(path);
	return rmdir(dir);
}

/* One value */
static int keep(void *arg, const struct dm_value *v)
{
	struct buf *out = arg;

	buf_reset(out);
	buf_put(out, v->text, v->len);
	return 0;
}

static const char *get(const char *path)
{
	static struct buf out = { .max = 4096 };

	buf_reset(&out);
	dm_rpc_begin(dm);
	assert_int_equal(dm_get(dm, path, keep, &out), DM_OK);
	return buf_str(&out);
}

/* "path=value" ..., NULL; the first fault is kept, and how many there were. */
static struct dm_fault fault;
static size_t nfaults;

static enum dm_error set(const char *first, ...)
{
	struct dm_faults faults = { 0 };
	struct dm_txn *txn;
	const char *a;
	enum dm_error e;
	va_list ap;

	dm_rpc_begin(dm);
	txn = dm_begin(dm, DM_BY_ACS);
	assert_non_null(txn);
	va_start(ap, first);
	for (a = first; a; a = va_arg(ap, const char *)) {
		char path[DM_PATH_MAX + 1] = "Device.WiFi.";
		size_t n = strcspn(a, "=");

		memcpy(path + 12, a, n);
		(void)dm_stage(txn, path, DM_ANY, a + n + 1, strlen(a + n + 1));
	}
	va_end(ap);
	e = dm_commit(txn, &faults);
	memset(&fault, 0, sizeof(fault));
	nfaults = faults.n;
	if (faults.n)
		fault = faults.v[0];
	dm_faults_free(&faults);
	return e;
}

__attribute__((unused)) static uint32_t add(const char *table)
{
	struct dm_txn *txn;
	uint32_t number = 0;

	dm_rpc_begin(dm);
	txn = dm_begin(dm, DM_BY_ACS);
	assert_int_equal(dm_stage_add(txn, table, &number), DM_OK);
	assert_int_equal(dm_commit(txn, NULL), DM_OK);
	return number;
}

__attribute__((unused)) static enum dm_error del(const char *row)
{
	struct dm_txn *txn;

	dm_rpc_begin(dm);
	txn = dm_begin(dm, DM_BY_ACS);
	(void)dm_stage_del(txn, row);
	return dm_commit(txn, NULL);
}

__attribute__((unused)) static const struct plan_bss *planned(const char *ssid)
{
	unsigned int i;

	for (i = 0; i < role.bsses; i++)
		if (role.bss[i].ssid_len == strlen(ssid) &&
		    memcmp(role.bss[i].ssid, ssid, strlen(ssid)) == 0)
			return &role.bss[i];
	return NULL;
}
