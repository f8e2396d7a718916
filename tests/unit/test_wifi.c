/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.WiFi. over a kernel of two radios that is made up here, with a radio role at the other
 * end of the wall that takes plans (and puts them on the air), or refuses them.
 */
#include "tests/unit/unit.h"

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
	&device,	   &wifi,	    &wifi_radio, &wifi_ssid, &wifi_access_point,
	&wifi_ap_security, &wifi_associated
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
	struct plan_done says; /* error 0: takes the plan */
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
	assert_int_equal(dm_open(&dm, objects, sizeof(objects) / sizeof(objects[0]), store), 0);
	assert_int_equal(wifi_init(dm, &reader, &priv), 0);
	assert_int_equal(wifi_start(dm), role.says.error);
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

/* "path=value" ..., NULL; the first fault is kept. */
static struct dm_fault fault;

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
	if (faults.n)
		fault = faults.v[0];
	dm_faults_free(&faults);
	return e;
}

static uint32_t add(const char *table)
{
	struct dm_txn *txn;
	uint32_t number = 0;

	dm_rpc_begin(dm);
	txn = dm_begin(dm, DM_BY_ACS);
	assert_int_equal(dm_stage_add(txn, table, &number), DM_OK);
	assert_int_equal(dm_commit(txn, NULL), DM_OK);
	return number;
}

static enum dm_error del(const char *row)
{
	struct dm_txn *txn;

	dm_rpc_begin(dm);
	txn = dm_begin(dm, DM_BY_ACS);
	(void)dm_stage_del(txn, row);
	return dm_commit(txn, NULL);
}

static const struct plan_bss *planned(const char *ssid)
{
	unsigned int i;

	for (i = 0; i < role.bsses; i++)
		if (role.bss[i].ssid_len == strlen(ssid) &&
		    memcmp(role.bss[i].ssid, ssid, strlen(ssid)) == 0)
			return &role.bss[i];
	return NULL;
}

static void wifi_start_sends_the_factory_layers_plan(void **state)
{
	assert_int_equal(role.commits, 1);
	assert_int_equal(role.begin.standing, 1);
	assert_int_equal(role.radios, 2);
	assert_int_equal(role.bsses, 1);
	assert_int_equal(role.radio[0].channel, 6);
	assert_int_equal(role.radio[0].width, 20);
	assert_int_equal(role.bss[0].security, RADIO_WPA2_PSK);
	assert_string_equal(role.bss[0].passphrase, "passphrase");
	assert_int_equal(role.bss[0].slot, 0);
	assert_string_equal(get("Device.WiFi.SSID.1.Status"), "Up");
	assert_string_equal(get("Device.WiFi.AccessPoint.1.Status"), "Enabled");
	assert_string_equal(get("Device.WiFi.Radio.1.Status"), "Up");
	assert_string_equal(get("Device.WiFi.Radio.2.Status"), "Dormant");
	assert_string_equal(get("Device.WiFi.SSID.1.Name"), "wlan0");
	assert_string_equal(get("Device.WiFi.SSID.1.BSSID"), "00:00:00:00:00:01");
	assert_string_equal(get("Device.WiFi.Radio.1.PossibleChannels"),
			    "1,2,3,4,5,6,7,8,9,10,11,12");
	assert_string_equal(get("Device.WiFi.Radio.1.SupportedFrequencyBands"), "2.4GHz,5GHz");
	assert_string_equal(get("Device.WiFi.Radio.1.SupportedStandards"), "b,g,n");
	assert_string_equal(get("Device.WiFi.AccessPoint.1.Security.ModesSupported"),
			    "None,WPA2-Personal,WPA3-Personal,WPA3-Personal-Transition");
}

static void a_bss_appears_once_all_is_there_in_any_order(void **state)
{
	assert_int_equal(add("Device.WiFi.AccessPoint."), 2);
	assert_int_equal(add("Device.WiFi.SSID."), 2);
	assert_int_equal(role.commits, 1); /* rows that refer to nothing touch nothing */
	assert_int_equal(set("AccessPoint.2.SSIDReference=Device.WiFi.SSID.2",
			     "AccessPoint.2.Enable=true", "SSID.2.Enable=true", NULL),
			 DM_OK);
	assert_string_equal(get("Device.WiFi.SSID.2.Status"), "Down");
	assert_string_equal(get("Device.WiFi.AccessPoint.2.Status"), "Error_Misconfigured");
	assert_int_equal(set("AccessPoint.2.Security.KeyPassphrase=12345678", NULL), DM_OK);
	assert_int_equal(set("SSID.2.SSID=guest", NULL), DM_OK);
	assert_int_equal(role.commits, 1);
	assert_int_equal(set("SSID.2.LowerLayers=Device.WiFi.Radio.1", NULL), DM_OK);
	assert_int_equal(role.commits, 2);
	assert_int_equal(role.bsses, 2);
	assert_int_equal(planned("guest")->slot, 1);
	assert_string_equal(get("Device.WiFi.SSID.2.Status"), "Up");
	assert_string_equal(get("Device.WiFi.AccessPoint.2.Status"), "Enabled");
	/* a reference may carry ACSs' final dot */
	assert_int_equal(set("SSID.2.LowerLayers=Device.WiFi.Radio.2.", NULL), DM_OK);
	assert_int_equal(planned("guest")->radio, 1);
	assert_int_equal(planned("guest")->slot, 0);
	assert_int_equal(del("Device.WiFi.SSID.2."), DM_OK);
	assert_int_equal(role.bsses, 1);
	assert_string_equal(get("Device.WiFi.AccessPoint.2.SSIDReference"), "");
	assert_string_equal(get("Device.WiFi.AccessPoint.2.Status"), "Error_Misconfigured");
}

static void a_slot_stays_its_ssids(void **state)
{
	add("Device.WiFi.SSID.");
	add("Device.WiFi.AccessPoint.");
	assert_int_equal(set("SSID.2.SSID=guest", "SSID.2.LowerLayers=Device.WiFi.Radio.1",
			     "SSID.2.Enable=1", "AccessPoint.2.SSIDReference=Device.WiFi.SSID.2",
			     "AccessPoint.2.Security.ModeEnabled=None", "AccessPoint.2.Enable=1",
			     NULL),
			 DM_OK);
	assert_int_equal(planned("guest")->slot, 1);
	assert_int_equal(set("SSID.1.Enable=0", NULL), DM_OK);
	assert_int_equal(planned("guest")->slot, 1);
	assert_int_equal(set("SSID.1.Enable=1", NULL), DM_OK);
	assert_int_equal(planned("home")->slot, 0);
	assert_int_equal(del("Device.WiFi.SSID.1."), DM_OK);
	assert_int_equal(planned("guest")->slot, 1);
	/* also over a restart of the agent: the kernel knows it */
	close_tree();
	open_tree();
	assert_int_equal(role.bsses, 1);
	assert_int_equal(planned("guest")->slot, 1);
	assert_string_equal(get("Device.WiFi.SSID.2.Name"), "wlan0-1");
}

static void what_the_role_refuses_is_undone_and_blamed(void **state)
{
	role.says = (struct plan_done){ .error = -EACCES,
					.radio = 0,
					.bss = UINT32_MAX,
					.field = PLAN_FIELD_CHANNEL,
					.why = "radar on it" };
	assert_int_equal(set("Radio.1.Channel=11", "SSID.1.SSID=other", NULL), DM_EVALUE);
	assert_string_equal(fault.path, "Device.WiFi.Radio.1.Channel");
	assert_non_null(strstr(fault.text, "radar on it"));
	assert_string_equal(get("Device.WiFi.SSID.1.SSID"), "home");
	assert_string_equal(get("Device.WiFi.Radio.1.Channel"), "6");
	role.says = (struct plan_done){
		.error = -EINVAL, .radio = 0, .bss = 0, .field = PLAN_FIELD_KEY, .why = "too weak"
	};
	assert_int_equal(set("AccessPoint.1.Security.KeyPassphrase=canary-canary", NULL),
			 DM_EVALUE);
	assert_string_equal(fault.path, "Device.WiFi.AccessPoint.1.Security.KeyPassphrase");
	assert_null(strstr(fault.text, "canary"));
	/* What went wrong on the box is no parameter's fault. */
	role.says = (struct plan_done){ .error = -ENOTCONN,
					.radio = UINT32_MAX,
					.bss = UINT32_MAX,
					.why = "hostapd is not running" };
	assert_int_equal(set("SSID.1.SSID=other", NULL), DM_EINTERNAL);
	assert_string_equal(fault.path, "");
	role.says.error = 0;
	assert_int_equal(set("SSID.1.SSID=other", NULL), DM_OK);
	assert_non_null(planned("other"));
	assert_int_equal(role.begin.standing, 0);
}

static void what_is_not_possible_never_reaches_the_role(void **state)
{
	const unsigned int before = role.commits;

	assert_int_equal(set("Radio.1.Channel=13", NULL), DM_EVALUE);
	assert_string_equal(fault.path, "Device.WiFi.Radio.1.Channel");
	assert_non_null(strstr(fault.text, "1, 2, 3"));
	assert_int_equal(set("Radio.1.Channel=0", NULL), DM_EVALUE);
	assert_int_equal(set("Radio.2.OperatingFrequencyBand=2.4GHz", NULL), DM_EVALUE);
	assert_int_equal(set("Radio.1.OperatingChannelBandwidth=160MHz", NULL), DM_EVALUE);
	assert_non_null(strstr(fault.text, "20MHz, 40MHz, Auto"));
	assert_int_equal(set("Radio.1.TransmitPower=33", NULL), DM_EVALUE);
	assert_int_equal(set("Radio.1.AutoChannelEnable=true", NULL), DM_EVALUE);
	assert_int_equal(set("Radio.1.LowerLayers=Device.WiFi.SSID.1", NULL), DM_EVALUE);
	assert_int_equal(set("SSID.1.LowerLayers=Device.WiFi.Radio.1,Device.WiFi.Radio.2", NULL),
			 DM_EVALUE);
	assert_int_equal(set("SSID.1.LowerLayers=Device.WiFi.Radio.3", NULL), DM_EVALUE);
	assert_int_equal(set("AccessPoint.1.MaxAllowedAssociations=0", NULL), DM_EVALUE);
	assert_int_equal(set("AccessPoint.1.Security.ModeEnabled=WEP-64", NULL), DM_EVALUE);
	assert_int_equal(set("AccessPoint.1.Security.KeyPassphrase=short", NULL), DM_EVALUE);
	assert_int_equal(set("AccessPoint.1.Security.KeyPassphrase=new\nline=1", NULL), DM_EVALUE);
	assert_null(strstr(fault.text, "line=1"));
	assert_int_equal(set("AccessPoint.1.Security.PreSharedKey=00ff", NULL), DM_EVALUE);
	assert_int_equal(set("SSID.1.SSID=thirty-three-characters-are-a-lot", NULL), DM_EVALUE);
	assert_int_equal(set("SSID.1.Status=Up", NULL), DM_EREADONLY);
	/* on the radio without protected management frames */
	assert_int_equal(set("SSID.1.LowerLayers=Device.WiFi.Radio.2",
			     "AccessPoint.1.Security.ModeEnabled=WPA3-Personal", NULL),
			 DM_EVALUE);
	assert_string_equal(fault.path, "Device.WiFi.AccessPoint.1.Security.ModeEnabled");
	assert_int_equal(role.commits, before);
}

static void values_of_one_transaction_are_held_against_each_other(void **state)
{
	assert_int_equal(set("Radio.1.Channel=44", NULL), DM_EVALUE);
	assert_int_equal(set("Radio.1.Channel=44", "Radio.1.OperatingFrequencyBand=5GHz",
			     "Radio.1.OperatingChannelBandwidth=80MHz", NULL),
			 DM_OK);
	assert_int_equal(role.radio[0].band, RADIO_5G);
	assert_int_equal(role.radio[0].channel, 44);
	assert_int_equal(role.radio[0].width, 80);
	assert_string_equal(get("Device.WiFi.Radio.1.CurrentOperatingChannelBandwidth"), "80MHz");
	/* The channel of the other band means nothing in this one. */
	assert_int_equal(set("Radio.1.OperatingFrequencyBand=2.4GHz", NULL), DM_OK);
	assert_int_equal(role.radio[0].channel, 6);
	assert_int_equal(role.radio[0].width, 40); /* narrower than preferred */
	assert_int_equal(set("Radio.1.TransmitPower=50", NULL), DM_OK);
	assert_int_equal(role.radio[0].power_mbm, 1700);
}

static void every_bad_parameter_has_its_fault(void **state)
{
	struct dm_faults faults = { 0 };
	struct dm_txn *txn;

	dm_rpc_begin(dm);
	txn = dm_begin(dm, DM_BY_ACS);
	dm_stage(txn, "Device.WiFi.Radio.1.Channel", DM_UINT, "13", 2);
	dm_stage(txn, "Device.WiFi.Radio.2.Channel", DM_UINT, "40", 2);
	dm_stage(txn, "Device.WiFi.SSID.1.SSID", DM_STRING, "fine", 4);
	assert_int_equal(dm_commit(txn, &faults), DM_EVALUE);
	assert_int_equal(faults.n, 2);
	assert_string_equal(faults.v[0].path, "Device.WiFi.Radio.1.Channel");
	assert_string_equal(faults.v[1].path, "Device.WiFi.Radio.2.Channel");
	dm_faults_free(&faults);
	assert_string_equal(get("Device.WiFi.SSID.1.SSID"), "home");
}

static void a_passphrase_replaces_the_key_that_was_set(void **state)
{
	static const uint8_t key[RADIO_PSK_LEN] = { 0x00, 0x11, 0x22, 0x33 };

	assert_int_equal(set("AccessPoint.1.Security.PreSharedKey=00112233000000000000000000000000"
			     "00000000000000000000000000000000",
			     NULL),
			 DM_OK);
	assert_int_equal(role.bss[0].has_psk, 1);
	assert_memory_equal(role.bss[0].psk, key, sizeof(key));
	assert_string_equal(role.bss[0].passphrase, "");
	assert_int_equal(set("AccessPoint.1.Security.KeyPassphrase=newphrase", NULL), DM_OK);
	assert_int_equal(role.bss[0].has_psk, 0);
	assert_string_equal(role.bss[0].passphrase, "newphrase");
	assert_string_equal(get("Device.WiFi.AccessPoint.1.Security.KeyPassphrase"), "");
	assert_string_equal(get("Device.WiFi.AccessPoint.1.Security.PreSharedKey"), "");
}

static void two_enabled_access_points_cannot_share_an_ssid(void **state)
{
	add("Device.WiFi.AccessPoint.");
	assert_int_equal(set("AccessPoint.2.SSIDReference=Device.WiFi.SSID.1", NULL), DM_OK);
	assert_int_equal(set("AccessPoint.2.Enable=true", NULL), DM_EVALUE);
	assert_string_equal(fault.path, "Device.WiFi.AccessPoint.2.SSIDReference");
	assert_int_equal(set("AccessPoint.1.Enable=false",
			     "AccessPoint.2.Security.ModeEnabled=None", "AccessPoint.2.Enable=true",
			     NULL),
			 DM_OK);
	assert_int_equal(role.bsses, 1);
	assert_int_equal(role.bss[0].security, RADIO_OPEN);
	assert_string_equal(get("Device.WiFi.AccessPoint.1.Status"), "Disabled");
}

static void what_is_off_says_why(void **state)
{
	assert_int_equal(set("Radio.1.Enable=false", NULL), DM_OK);
	assert_int_equal(role.bsses, 0);
	assert_string_equal(get("Device.WiFi.Radio.1.Status"), "Down");
	assert_string_equal(get("Device.WiFi.SSID.1.Status"), "LowerLayerDown");
	assert_string_equal(get("Device.WiFi.AccessPoint.1.Status"), "Disabled");
	assert_string_equal(get("Device.WiFi.SSID.1.BSSID"), "");
	assert_int_equal(set("Radio.1.Enable=true", NULL), DM_OK);
	/* hostapd is gone: the plan stays, the kernel has no access point */
	make_kernel();
	assert_string_equal(get("Device.WiFi.Radio.1.Status"), "Error");
	assert_string_equal(get("Device.WiFi.SSID.1.Status"), "Error");
	assert_string_equal(get("Device.WiFi.AccessPoint.1.Status"), "Error");
	/* and then the radio itself */
	reader.wiphys.n = 0;
	assert_string_equal(get("Device.WiFi.RadioNumberOfEntries"), "0");
	assert_string_equal(get("Device.WiFi.SSID.1.Status"), "NotPresent");
}

static void radios_keep_their_numbers(void **state)
{
	struct nl_wiphy first;

	/* The order of the drivers has changed with the next boot. */
	assert_int_equal(set("Radio.2.Channel=36", "Radio.1.Channel=3", NULL), DM_OK);
	close_tree();
	make_kernel();
	first = reader.wiphys.w[0];
	reader.wiphys.w[0] = reader.wiphys.w[1];
	reader.wiphys.w[1] = first;
	(void)snprintf(reader.keys[0], WIFI_KEY_MAX, "02:00:00:00:01:00");
	(void)snprintf(reader.keys[1], WIFI_KEY_MAX, "02:00:00:00:00:00");
	role.says.error = -ENOTCONN; /* leaves the kernel as it is */
	open_tree();
	assert_string_equal(get("Device.WiFi.Radio.1.Name"), "phy0");
	assert_string_equal(get("Device.WiFi.Radio.1.Channel"), "3");
	assert_string_equal(get("Device.WiFi.Radio.2.Name"), "phy1");
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(wifi_start_sends_the_factory_layers_plan),
		WITH(a_bss_appears_once_all_is_there_in_any_order),
		WITH(a_slot_stays_its_ssids),
		WITH(what_the_role_refuses_is_undone_and_blamed),
		WITH(what_is_not_possible_never_reaches_the_role),
		WITH(values_of_one_transaction_are_held_against_each_other),
		WITH(every_bad_parameter_has_its_fault),
		WITH(a_passphrase_replaces_the_key_that_was_set),
		WITH(two_enabled_access_points_cannot_share_an_ssid),
		WITH(what_is_off_says_why),
		WITH(radios_keep_their_numbers),
	};

	return cmocka_run_group_tests_name("wifi", tests, NULL, NULL);
}
