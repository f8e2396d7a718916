/* SPDX-License-Identifier: Apache-2.0 */
/* Device.WiFi.EndPoint.: what is joined when, what is refused and who is blamed, what is told. */
#include "tests/unit/wifi_world.h"

#include "agent/confirm_kept.h"
#include "agent/tr181/endpoint.h"

/* The station role and, at the other end of the air, access points */
static struct {
	pthread_t thread;
	struct ipc_chan *chan;
	struct station_plan plan;
	struct station_done says; /* error 0: takes the plan */
	unsigned int applies;
	bool joined[2];
} far;

static const uint8_t far_mac[6] = { 2, 0, 0, 0, 9, 9 };

/* "up0" on the second radio and "up1" on the first, as those who have joined what is planned. */
static void add_stations(void)
{
	reader.stations = "up0 up1";
	for (uint32_t n = 0; n < 2; n++) {
		struct nl_iface *i = &reader.ifaces.v[reader.ifaces.n];
		struct wifi_link *l = &reader.links[n];

		add_iface(n ? "up1" : "up0", 1 - n);
		l->ifindex = i->ifindex;
		if (!far.joined[n])
			continue;
		for (uint32_t k = 0; k < far.plan.count; k++) {
			if (far.plan.network[k].station != n)
				continue;
			i->ssid_len = far.plan.network[k].ssid_len;
			memcpy(i->ssid, far.plan.network[k].ssid, i->ssid_len);
		}
		i->mhz = 5180;
		l->joined = true;
		l->ap = (struct nl_station){ .has = NL_STA_ASSOCIATED | NL_STA_AUTHORIZED |
						    NL_STA_SIGNAL,
					     .signal = -47,
					     .rx_kbps = 54000,
					     .tx_kbps = 866700 };
		memcpy(l->ap.mac, far_mac, 6);
	}
	nl_ifaces_mark(reader.ifaces.v, reader.ifaces.n, reader.stations);
}

static void joins(uint32_t station, bool joined)
{
	far.joined[station] = joined;
	go_on_air();
}

static void say_state(uint32_t station, uint32_t holds)
{
	const struct station_state state = { .station = station, .holds = holds };

	ipc_event(far.chan, IPC_STATION_STATE, &state, -1);
}

static void take_plan(void)
{
	struct ipc_hdr hdr;
	bool named[2] = { false };
	int fd, r = ipc_recv(far.chan, &hdr, &fd);

	if (r == -EPIPE || r == -EPROTO)
		ipc_chan_close(far.chan);
	if (r)
		return;
	far.applies++;
	if (!far.says.error) {
		memcpy(&far.plan, far.chan->rx.payload, sizeof(far.plan));
		for (uint32_t k = 0; k < far.plan.count; k++)
			named[far.plan.network[k].station] = true;
		say_state(0, named[0]);
		say_state(1, named[1]);
	}
	ipc_reply(far.chan, hdr.op, hdr.seq, far.says.error, &far.says, -1);
}

static void *serve_stations(void *arg)
{
	while (far.chan->fd >= 0) {
		struct pollfd p = { far.chan->fd, POLLIN, 0 };

		(void)poll(&p, 1, -1);
		take_plan();
	}
	free(far.chan);
	return NULL;
}

static void hear(void *arg, enum ipc_op op, const void *payload, int fd)
{
	assert_int_equal(op, IPC_STATION_STATE);
	wifi_station_state(dm, payload);
}

static int setup_far(void **state)
{
	int fd[2];

	memset(&far, 0, sizeof(far));
	more_of_kernel = add_stations;
	setup(state);
	far.chan = malloc(sizeof(*far.chan));
	assert_non_null(far.chan);
	assert_int_equal(ipc_pair(fd), 0);
	ipc_chan_init(far.chan, fd[1], IPC_STATION, IPC_SERVES);
	assert_int_equal(priv_attach(&priv, IPC_STATION, fd[0]), 0);
	priv.role[IPC_STATION]->on_event = hear;
	assert_int_equal(pthread_create(&far.thread, NULL, serve_stations, NULL), 0);
	return 0;
}

static int teardown_far(void **state)
{
	const int r = teardown(state);

	pthread_join(far.thread, NULL);
	more_of_kernel = NULL;
	return r;
}

static void lacks(const char *path)
{
	static struct buf out = { .max = 4096 };

	dm_rpc_begin(dm);
	assert_int_equal(dm_get(dm, path, keep, &out), DM_ENAME);
}

#define EP "EndPoint.1."
#define PROFILE EP "Profile.1."
#define DEVICE "Device.WiFi."
#define KEY "ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB"

/* A row of each table; they refer to nothing. */
static void add_rows(void)
{
	assert_int_equal(add(DEVICE "EndPoint."), 1);
	assert_int_equal(add(DEVICE EP "Profile."), 1);
	assert_int_equal(add(DEVICE "SSID."), 2);
}

static void join_neighbour(void)
{
	add_rows();
	assert_int_equal(set("SSID.2.SSID=neighbour", "SSID.2.LowerLayers=" DEVICE "Radio.2",
			     "SSID.2.Enable=1", PROFILE "SSID=neighbour", PROFILE "Enable=1",
			     PROFILE "Security.KeyPassphrase=passphrase",
			     EP "ProfileReference=" DEVICE PROFILE, EP "Enable=1", NULL),
			 DM_OK);
	assert_int_equal(far.plan.count, 1);
}

static void a_network_is_joined_once_all_is_there_in_any_order(void **state)
{
	static const char *const steps[] = {
		PROFILE "Enable=1",
		EP "Enable=1",
		EP "ProfileReference=" DEVICE PROFILE,
		PROFILE "Security.KeyPassphrase=passphrase",
		"SSID.2.Enable=1",
		"SSID.2.LowerLayers=" DEVICE "Radio.2",
		PROFILE "SSID=neighbour",
		"SSID.2.SSID=neighbour",
	};
	const struct station_network *q = &far.plan.network[0];

	add_rows();
	assert_string_equal(get(DEVICE EP "Status"), "Disabled");
	assert_string_equal(get(DEVICE PROFILE "Status"), "Disabled");
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		assert_int_equal(far.plan.count, 0);
		assert_int_equal(set(steps[i], NULL), DM_OK);
		if (i && i + 1 < ARRAY_SIZE(steps))
			assert_string_equal(get(DEVICE EP "Status"), "Error_Misconfigured");
	}
	assert_int_equal(far.plan.count, 1);
	assert_int_equal(far.plan.standing, 0);
	assert_int_equal(q->station, 0); /* up0, as that is the second radio's */
	assert_int_equal(q->security, RADIO_WPA2_PSK);
	assert_int_equal(q->mfp, RADIO_MFP_DISABLED);
	assert_int_equal(q->ssid_len, 9);
	assert_memory_equal(q->ssid, "neighbour", 9);
	assert_string_equal(q->passphrase, "passphrase");
	assert_null(planned("neighbour")); /* it is no access point */
	assert_string_equal(get(DEVICE EP "Status"), "Enabled");
	assert_string_equal(get(DEVICE EP "SSIDReference"), DEVICE "SSID.2");
	assert_string_equal(get(DEVICE EP "ProfileReference"), DEVICE "EndPoint.1.Profile.1");
	for (size_t i = 0; i < 3; i++) { /* and it is left without any of it */
		static const char *const off[] = { "SSID.2.Enable=0", PROFILE "Enable=0",
						   EP "Enable=0" };
		static const char *const on[] = { "SSID.2.Enable=1", PROFILE "Enable=1",
						  EP "Enable=1" };

		assert_int_equal(set(off[i], NULL), DM_OK);
		assert_int_equal(far.plan.count, 0);
		assert_int_equal(set(on[i], NULL), DM_OK);
		assert_int_equal(far.plan.count, 1);
	}
}

static void what_is_joined_the_kernel_says(void **state)
{
	join_neighbour();
	assert_string_equal(get(DEVICE PROFILE "Status"), "Available");
	assert_string_equal(get(DEVICE "SSID.2.Status"), "Dormant");
	assert_string_equal(get(DEVICE "SSID.2.Name"), "up0");
	assert_string_equal(get(DEVICE "SSID.2.BSSID"), "");
	assert_string_equal(get(DEVICE "Radio.2.Status"), "Dormant");
	lacks(DEVICE EP "Stats.SignalStrength");
	joins(0, true);
	assert_string_equal(get(DEVICE PROFILE "Status"), "Active");
	assert_string_equal(get(DEVICE "SSID.2.Status"), "Up");
	assert_string_equal(get(DEVICE "SSID.2.BSSID"), "02:00:00:00:09:09");
	assert_string_equal(get(DEVICE "SSID.2.MACAddress"), "00:00:00:00:00:03");
	assert_string_equal(get(DEVICE "SSID.2.Upstream"), "true");
	assert_string_equal(get(DEVICE "Radio.2.Status"), "Up");
	assert_string_equal(get(DEVICE "Radio.2.Upstream"), "true");
	assert_string_equal(get(DEVICE "SSID.1.Upstream"), "false");
	assert_string_equal(get(DEVICE "Radio.1.Upstream"), "false");
	assert_string_equal(get(DEVICE EP "Stats.SignalStrength"), "-47");
	assert_string_equal(get(DEVICE EP "Stats.LastDataDownlinkRate"), "54000");
	lacks(DEVICE EP "Stats.LastDataUplinkRate"); /* more than TR-181 can say */
	/* associated, but the keys are not in place */
	reader.links[0].ap.has &= (uint16_t)~NL_STA_AUTHORIZED;
	assert_string_equal(get(DEVICE "SSID.2.Status"), "Dormant");
	assert_string_equal(get(DEVICE PROFILE "Status"), "Available");
	/* joined to what was wanted before */
	joins(0, true);
	reader.ifaces.v[2].ssid[0] = 'N';
	assert_string_equal(get(DEVICE PROFILE "Status"), "Available");
	joins(0, false);
	assert_string_equal(get(DEVICE PROFILE "Status"), "Available");
	assert_string_equal(get(DEVICE EP "Status"), "Enabled");
}

static void what_lacks_says_so(void **state)
{
	join_neighbour();
	wifi_station_state(dm, &(struct station_state){ 0 }); /* wpa_supplicant has died */
	assert_string_equal(get(DEVICE EP "Status"), "Error");
	assert_string_equal(get(DEVICE "SSID.2.Status"), "Error");
	assert_string_equal(get(DEVICE PROFILE "Status"), "Available");
	wifi_station_state(dm, &(struct station_state){ .holds = 1 });
	assert_string_equal(get(DEVICE EP "Status"), "Enabled");
	assert_int_equal(set("Radio.2.Enable=0", NULL), DM_OK);
	assert_int_equal(far.plan.count, 0);
	assert_string_equal(get(DEVICE EP "Status"), "Disabled");
	assert_string_equal(get(DEVICE "SSID.2.Status"), "LowerLayerDown");
	assert_int_equal(set("Radio.2.Enable=1", NULL), DM_OK);
	reader.links[0].ifindex = 0; /* the interface has gone */
	assert_string_equal(get(DEVICE EP "Status"), "Error_Misconfigured");
	assert_string_equal(get(DEVICE "SSID.2.Status"), "Down");
	reader.wiphys.n = 1; /* and then the radio */
	assert_string_equal(get(DEVICE EP "Status"), "Error");
	assert_string_equal(get(DEVICE "SSID.2.Status"), "NotPresent");
}

static void a_reference_ends_with_its_profile(void **state)
{
	join_neighbour();
	assert_int_equal(add(DEVICE EP "Profile."), 2);
	assert_int_equal(add(DEVICE "EndPoint."), 2);
	assert_int_equal(set("EndPoint.2.ProfileReference=" DEVICE PROFILE, NULL), DM_EVALUE);
	assert_string_equal(fault.path, DEVICE "EndPoint.2.ProfileReference");
	assert_int_equal(set(EP "ProfileReference=" DEVICE EP "Profile.3", NULL), DM_EVALUE);
	assert_int_equal(set(EP "ProfileReference=" DEVICE "SSID.1", NULL), DM_EVALUE);
	assert_int_equal(set(EP "Profile.2.SSID=other", EP "Profile.2.Enable=1",
			     EP "Profile.2.Security.ModeEnabled=None", NULL),
			 DM_OK);
	assert_int_equal(set(EP "ProfileReference=" DEVICE EP "Profile.2", NULL), DM_OK);
	assert_int_equal(far.plan.count, 0); /* there is no SSID of that name */
	assert_string_equal(get(DEVICE EP "SSIDReference"), "");
	assert_int_equal(set("SSID.2.SSID=other", NULL), DM_OK);
	assert_int_equal(far.plan.count, 1);
	assert_int_equal(far.plan.network[0].security, RADIO_OPEN);
	assert_string_equal(far.plan.network[0].passphrase, "");
	assert_int_equal(del(DEVICE EP "Profile.2."), DM_OK);
	assert_string_equal(get(DEVICE EP "ProfileReference"), "");
	assert_string_equal(get(DEVICE EP "SSIDReference"), "");
	assert_string_equal(get(DEVICE EP "Status"), "Error_Misconfigured");
	assert_int_equal(far.plan.count, 0);
	assert_int_equal(set(EP "ProfileReference=" DEVICE PROFILE, "SSID.2.SSID=neighbour", NULL),
			 DM_OK);
	assert_int_equal(far.plan.count, 1);
	assert_int_equal(del(DEVICE EP), DM_OK);
	assert_int_equal(far.plan.count, 0);
	assert_string_equal(get(DEVICE "EndPointNumberOfEntries"), "1");
}

static void keys_and_modes_are_those_of_the_profile(void **state)
{
	static const uint8_t key[RADIO_PSK_LEN] = { 0xaa, 0xbb };
	const struct station_network *q = &far.plan.network[0];

	join_neighbour();
	assert_string_equal(get(DEVICE EP "Security.ModesSupported"), "None,WPA2-Personal");
	assert_int_equal(set(PROFILE "Security.ModeEnabled=WPA3-Personal", NULL), DM_EVALUE);
	assert_string_equal(fault.path, DEVICE PROFILE "Security.ModeEnabled");
	assert_int_equal(set("SSID.2.LowerLayers=" DEVICE "Radio.1", NULL), DM_OK);
	assert_int_equal(q->station, 1);
	assert_string_equal(get(DEVICE EP "Security.ModesSupported"),
			    "None,WPA2-Personal,WPA3-Personal,WPA3-Personal-Transition,OWE");
	assert_int_equal(set(PROFILE "Security.ModeEnabled=WPA2-Enterprise", NULL), DM_EVALUE);
	assert_int_equal(set(PROFILE "Security.PreSharedKey="
				     "aabb0000000000000000000000000000"
				     "00000000000000000000000000000000",
			     PROFILE "Security.MFPConfig=Required", NULL),
			 DM_OK);
	assert_int_equal(q->has_psk, 1);
	assert_memory_equal(q->psk, key, sizeof(key));
	assert_string_equal(q->passphrase, "");
	assert_int_equal(q->mfp, RADIO_MFP_REQUIRED);
	assert_int_equal(set(PROFILE "Security.KeyPassphrase=another one", NULL), DM_OK);
	assert_int_equal(q->has_psk, 0);
	assert_string_equal(q->passphrase, "another one");
	assert_int_equal(set(PROFILE "Security.ModeEnabled=WPA3-Personal",
			     PROFILE "Security.MFPConfig=Disabled", NULL),
			 DM_OK);
	assert_int_equal(q->mfp, RADIO_MFP_REQUIRED);
	assert_string_equal(get(DEVICE PROFILE "Security.KeyPassphrase"), "");
	assert_int_equal(set(PROFILE "Security.KeyPassphrase=two\nlines", NULL), DM_EVALUE);
	assert_int_equal(set(PROFILE "Priority=256", NULL), DM_EVALUE);
	assert_int_equal(add(DEVICE EP "Profile."), 2);
	assert_int_equal(set(EP "Profile.2.SSID=neighbour", EP "Profile.2.Enable=1", NULL),
			 DM_EVALUE);
	assert_string_equal(fault.path, DEVICE EP "Profile.2.SSID");
	assert_int_equal(set(EP "Profile.2.SSID=neighbour", EP "Profile.2.Enable=1",
			     EP "Profile.2.Priority=1", NULL),
			 DM_OK);
	assert_string_equal(get(DEVICE EP "Profile.2.Status"), "Error"); /* it has no key */
}

static void what_the_role_refuses_is_undone_and_blamed(void **state)
{
	join_neighbour();
	far.says =
		(struct station_done){ .error = -EINVAL, .field = PLAN_FIELD_KEY, .why = "weak" };
	assert_int_equal(set(PROFILE "Security.KeyPassphrase=canary-canary", NULL), DM_EVALUE);
	assert_string_equal(fault.path, DEVICE PROFILE "Security.KeyPassphrase");
	assert_non_null(strstr(fault.text, "weak"));
	assert_null(strstr(fault.text, "canary"));
	far.says = (struct station_done){ .error = -ENOTCONN,
					  .station = UINT32_MAX,
					  .why = "wpa_supplicant is not running" };
	assert_int_equal(set(PROFILE "SSID=elsewhere", "SSID.2.SSID=elsewhere", NULL),
			 DM_EINTERNAL);
	assert_string_equal(fault.path, "");
	assert_string_equal(get(DEVICE PROFILE "SSID"), "neighbour");
	far.says.error = 0;
	assert_memory_equal(far.plan.network[0].ssid, "neighbour", 9);
	assert_int_equal(set(PROFILE "SSID=elsewhere", "SSID.2.SSID=elsewhere", NULL), DM_OK);
	assert_memory_equal(far.plan.network[0].ssid, "elsewhere", 9);
}

static void what_the_radios_refuse_takes_the_stations_back(void **state)
{
	join_neighbour();
	role.says = (struct plan_done){ .error = -ENOTCONN,
					.radio = UINT32_MAX,
					.bss = UINT32_MAX,
					.why = "hostapd is not running" };
	assert_int_equal(set("SSID.1.SSID=at home", PROFILE "Security.ModeEnabled=None", NULL),
			 DM_EINTERNAL);
	assert_int_equal(far.plan.network[0].security, RADIO_WPA2_PSK);
	assert_int_equal(far.plan.standing, 1);
	assert_int_equal(far.applies, 3);
	role.says.error = 0;
	/* what is so already is not sent again */
	assert_int_equal(set("SSID.1.SSID=at home", NULL), DM_OK);
	assert_int_equal(far.applies, 3);
}

static void no_two_share_a_name_or_a_station(void **state)
{
	join_neighbour();
	assert_int_equal(add(DEVICE "EndPoint."), 2);
	assert_int_equal(add(DEVICE "EndPoint.2.Profile."), 1);
	assert_int_equal(set("EndPoint.2.Profile.1.SSID=neighbour", "EndPoint.2.Profile.1.Enable=1",
			     "EndPoint.2.Profile.1.Security.ModeEnabled=None",
			     "EndPoint.2.Enable=1",
			     "EndPoint.2.ProfileReference=" DEVICE "EndPoint.2.Profile.1", NULL),
			 DM_OK);
	assert_string_equal(get(DEVICE "EndPoint.2.SSIDReference"), "");
	assert_string_equal(get(DEVICE "EndPoint.2.Status"), "Error_Misconfigured");
	assert_int_equal(add(DEVICE "SSID."), 3);
	assert_int_equal(set("SSID.3.SSID=neighbour", "SSID.3.LowerLayers=" DEVICE "Radio.2",
			     "SSID.3.Enable=1", NULL),
			 DM_OK);
	assert_string_equal(get(DEVICE "EndPoint.2.SSIDReference"), DEVICE "SSID.3");
	assert_string_equal(get(DEVICE "EndPoint.2.Status"), "Error_Misconfigured");
	assert_int_equal(far.plan.count, 1);
	assert_int_equal(set("SSID.3.LowerLayers=" DEVICE "Radio.1", NULL), DM_OK);
	assert_int_equal(far.plan.count, 2);
	assert_int_equal(far.plan.network[1].station, 1);
	assert_string_equal(get(DEVICE "EndPoint.2.Status"), "Enabled");
	/* the one that is enabled chooses first */
	assert_int_equal(set(EP "Enable=0", NULL), DM_OK);
	assert_string_equal(get(DEVICE "EndPoint.2.SSIDReference"), DEVICE "SSID.2");
	/* an access point's SSID is no station's */
	assert_int_equal(set(EP "Enable=1", PROFILE "SSID=home", NULL), DM_OK);
	assert_string_equal(get(DEVICE EP "SSIDReference"), "");
}

static void a_restart_sends_what_is_stored(void **state)
{
	join_neighbour();
	close_tree();
	memset(&far.plan, 0, sizeof(far.plan));
	open_tree();
	assert_int_equal(far.plan.count, 1);
	assert_int_equal(far.plan.standing, 1);
	assert_string_equal(far.plan.network[0].passphrase, "passphrase");
	assert_string_equal(get(DEVICE EP "Status"), "Enabled");
}

static enum dm_error keep_old(void *arg, struct dm_txn *txn)
{
	return dm_txn_origin(txn) == DM_BY_ACS ? kept_take(arg, KEPT_OLD, txn) : DM_OK;
}

static void keep_nothing(void *arg, bool holds)
{
}

/* Also with a key that its passphrase has not made. */
static void an_endpoint_that_has_cut_the_way_comes_back(void **state)
{
	struct kept kept = { .dm = dm, .store = store, .paths = DEVICE "EndPoint." };
	const struct dm_guard guard = { keep_old, keep_nothing, &kept };
	struct dm_txn *txn;

	join_neighbour();
	assert_int_equal(set(PROFILE "Security.PreSharedKey=" KEY, NULL), DM_OK);
	assert_true(kept_reach(&kept));
	assert_true(kept_covers(&kept, DEVICE PROFILE "Security.KeyPassphrase"));
	assert_true(kept_covers(&kept, DEVICE "SSID.2.SSID"));
	assert_true(kept_covers(&kept, DEVICE "Radio.2.Channel"));
	assert_false(kept_covers(&kept, DEVICE "SSID.1.SSID"));
	assert_false(kept_covers(&kept, DEVICE "Radio.1.Channel"));
	dm_set_guard(dm, &guard);
	assert_int_equal(set(PROFILE "Security.KeyPassphrase=another one", NULL), DM_OK);
	assert_int_equal(del(DEVICE EP), DM_OK);
	assert_int_equal(far.plan.count, 0);
	dm_rpc_begin(dm);
	txn = dm_begin(dm, DM_BY_SELF);
	kept_stage(&kept, KEPT_OLD, txn, true);
	assert_int_equal(dm_commit(txn, NULL), DM_OK);
	assert_int_equal(far.plan.count, 1);
	assert_int_equal(far.plan.network[0].psk[0], 0xab);
	assert_string_equal(dm_str(dm_find(dm, DEVICE PROFILE "Security"), "KeyPassphrase", NULL),
			    "passphrase");
	assert_string_equal(get(DEVICE EP "SSIDReference"), DEVICE "SSID.2");
	dm_set_guard(dm, NULL);
	assert_false(kept_reach(&kept));
	/* an access point of one's own takes it away */
	assert_int_equal(set("AccessPoint.1.SSIDReference=" DEVICE "SSID.2", NULL), DM_OK);
	assert_true(kept_reach(&kept));
	assert_false(kept_covers(&kept, DEVICE "SSID.2.SSID"));
	buf_free(&kept.reached);
}

static void a_box_without_stations_has_no_endpoint(void **state)
{
	reader.stations = NULL;
	lacks(DEVICE "EndPoint.");
	assert_string_equal(get(DEVICE "EndPointNumberOfEntries"), "0");
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, setup_far, teardown_far)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(a_network_is_joined_once_all_is_there_in_any_order),
		WITH(what_is_joined_the_kernel_says),
		WITH(what_lacks_says_so),
		WITH(a_reference_ends_with_its_profile),
		WITH(keys_and_modes_are_those_of_the_profile),
		WITH(what_the_role_refuses_is_undone_and_blamed),
		WITH(what_the_radios_refuse_takes_the_stations_back),
		WITH(no_two_share_a_name_or_a_station),
		WITH(a_restart_sends_what_is_stored),
		WITH(an_endpoint_that_has_cut_the_way_comes_back),
		WITH(a_box_without_stations_has_no_endpoint),
	};

	return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
