/* SPDX-License-Identifier: Apache-2.0 */
/* Device.WiFi.: when a BSS appears, what is refused and who is blamed, what the rows tell. */
#include "tests/unit/wifi_world.h"

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
	assert_string_equal(get("Device.WiFi.Radio.1.MaxBitRate"), "780");
	assert_string_equal(get("Device.WiFi.Radio.1.TransmitPower"), "-1");
	assert_string_equal(get("Device.WiFi.AccessPoint.1.Security.ModesSupported"),
			    "None,WPA2-Personal,WPA3-Personal,WPA3-Personal-Transition,"
			    "WPA2-Enterprise,WPA3-Enterprise,OWE");
}

#define AP "AccessPoint.1."
#define SEC AP "Security."

static void the_rows_of_an_access_point_are_in_its_plan(void **state)
{
	static const uint8_t addresses[] = { 0, 0x11, 0x22, 0x33, 0x44, 0x55,
					     2, 0xaa, 0xbb, 0xcc, 0xdd, 0xee };
	const struct plan_bss *q = &role.bss[0];

	assert_true(q->wmm && !q->uapsd && !q->filter && !q->bridge);
	assert_int_equal(q->mfp, RADIO_MFP_DISABLED);
	assert_int_equal(set(AP "UAPSDEnable=1", AP "IsolationEnable=1",
			     AP "SSIDAdvertisementEnabled=0", AP "MACAddressControlEnabled=true",
			     AP "AllowedMACAddress=00:11:22:33:44:55,02:aa:BB:cc:DD:ee",
			     AP "MaxAllowedAssociations=9", SEC "MFPConfig=Required",
			     SEC "RekeyingInterval=600", "SSID.1." WIFI_BRIDGE "=br-guest",
			     "Radio.1.RetryLimit=3", "Radio.1.OperatingStandards=n,g", NULL),
			 DM_OK);
	assert_true(q->uapsd && q->isolate && q->hidden && q->filter);
	assert_int_equal(q->allowed_len, sizeof(addresses));
	assert_memory_equal(q->allowed, addresses, sizeof(addresses));
	assert_int_equal(q->max_stations, 9);
	assert_int_equal(q->mfp, RADIO_MFP_REQUIRED);
	assert_int_equal(q->rekey_s, 600);
	assert_int_equal(q->bridge, 2);
	assert_int_equal(role.radio[0].retry, 3);
	assert_int_equal(role.radio[0].standards, RADIO_G | RADIO_N);
	assert_string_equal(get("Device.WiFi.Radio.1.OperatingStandards"), "g,n");
	assert_int_equal(
		set(SEC "ModeEnabled=WPA3-Personal", AP "MACAddressControlEnabled=0", NULL), DM_OK);
	assert_int_equal(q->mfp, RADIO_MFP_REQUIRED); /* whatever MFPConfig says */
	assert_int_equal(q->allowed_len, 0);
}

static void enterprise_modes_wait_for_a_server(void **state)
{
	static const uint8_t first[16] = { 10, 1, 2, 3 }, second[16] = { 0x20, 0x01, 0x0d, 0xb8 };
	const struct radio_server *s = role.bss[0].server;

	assert_int_equal(set(SEC "ModeEnabled=WPA2-Enterprise", NULL), DM_OK);
	assert_int_equal(role.bsses, 0);
	assert_string_equal(get("Device.WiFi.AccessPoint.1.Status"), "Error_Misconfigured");
	assert_int_equal(set(SEC "RadiusServerIPAddr=10.1.2.3", NULL), DM_OK);
	assert_int_equal(role.bsses, 0);
	assert_int_equal(
		set(SEC "RadiusSecret=s e=cret#", SEC "SecondaryRadiusServerIPAddr=2001:db8::",
		    SEC "SecondaryRadiusServerPort=11812", SEC "SecondaryRadiusSecret=x", NULL),
		DM_OK);
	assert_int_equal(role.bsses, 1);
	assert_int_equal(role.bss[0].security, RADIO_WPA2_EAP);
	assert_string_equal(role.bss[0].passphrase, "");
	assert_int_equal(s[0].family, 4);
	assert_int_equal(s[0].port, 1812);
	assert_memory_equal(s[0].addr, first, sizeof(first));
	assert_string_equal(s[0].secret, "s e=cret#");
	assert_int_equal(s[1].family, 6);
	assert_int_equal(s[1].port, 11812);
	assert_memory_equal(s[1].addr, second, sizeof(second));
	assert_string_equal(get("Device.WiFi.AccessPoint.1.Security.RadiusSecret"), "");
	assert_int_equal(set(SEC "RadiusServerIPAddr=127.0.0.1", NULL), DM_EVALUE);
	assert_string_equal(fault.path, "Device.WiFi.AccessPoint.1.Security.RadiusServerIPAddr");
}

static void each_bad_parameter_gets_its_fault(void **state)
{
	const unsigned int commits = role.commits;

	assert_int_equal(set("Radio.1.Channel=14", "Radio.1.OperatingStandards=b,n",
			     "Radio.1.Enable=maybe", SEC "ModeEnabled=WEP-64",
			     SEC "KeyPassphrase=short", SEC "RadiusServerPort=0",
			     AP "AllowedMACAddress=01:00:5e:00:00:01",
			     "SSID.1." WIFI_BRIDGE "=eth0", AP "IsolationEnable=1", NULL),
			 DM_EVALUE);
	assert_int_equal(nfaults, 8);
	assert_int_equal(set(AP "WMMEnable=0", AP "UAPSDEnable=1", NULL), DM_EVALUE);
	assert_string_equal(fault.path, "Device.WiFi.AccessPoint.1.UAPSDEnable");
	assert_int_equal(set(SEC "MFPConfig=Required", SEC "ModeEnabled=WPA-WPA2-Personal", NULL),
			 DM_EVALUE); /* phy0 has no TKIP */
	assert_int_equal(role.commits, commits);
}

static void all_radios_have_one_country(void **state)
{
	memcpy(reader.country, "DE", 3);
	assert_string_equal(get("Device.WiFi.Radio.2.RegulatoryDomain"), "DE ");
	assert_int_equal(set("Radio.1.RegulatoryDomain=FR ", "Radio.2.RegulatoryDomain=CH ", NULL),
			 DM_EVALUE);
	assert_int_equal(set("Radio.1.RegulatoryDomain=FRI", NULL), DM_EVALUE);
	assert_int_equal(set("Radio.2.RegulatoryDomain=FR ", NULL), DM_OK);
	assert_string_equal(role.begin.country, "FR");
	assert_string_equal(dm_str(dm_find(dm, "Device.WiFi.Radio.1."), "RegulatoryDomain", NULL),
			    "FR ");
	role.says = (struct plan_done){ .error = -EACCES,
					.field = PLAN_FIELD_COUNTRY,
					.radio = UINT32_MAX,
					.bss = UINT32_MAX };
	memcpy(reader.country, "FR", 3);
	assert_int_equal(set("Radio.1.RegulatoryDomain=US ", NULL), DM_EVALUE);
	assert_string_equal(fault.path, "Device.WiFi.Radio.1.RegulatoryDomain");
	role.says.error = 0;
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

static void a_radio_that_comes_back_gets_its_plan(void **state)
{
	make_kernel();
	reader.wiphys.n = 0;
	assert_int_equal(wifi_look_again(dm_ctx(dm_single(dm, &wifi))), 0);
	assert_int_equal(role.commits, 2);
	assert_int_equal(role.bsses, 0);
	make_kernel();
	reader.wiphys.w[0].index = 7; /* the kernel counts on */
	reader.ifaces.v[0].wiphy = 7;
	assert_int_equal(wifi_look_again(dm_ctx(dm_single(dm, &wifi))), 0);
	assert_int_equal(role.commits, 3);
	assert_int_equal(role.begin.standing, 1);
	assert_int_equal(role.bsses, 1);
	assert_int_equal(role.radio[role.bss[0].radio].wiphy, 7);
}

#define RADIO "Device.WiFi.Radio.1."

static void radar_is_looked_for_where_the_acs_says_so(void **state)
{
	assert_string_equal(get(RADIO "IEEE80211hSupported"), "false");
	assert_int_equal(set("Radio.1.IEEE80211hEnabled=true", NULL), DM_EVALUE);
	more_of_kernel = radar_around;
	radar_around();
	assert_string_equal(get(RADIO "IEEE80211hSupported"), "true");
	assert_int_equal(set("Radio.1.IEEE80211hEnabled=true", NULL), DM_EVALUE); /* in 2.4 GHz */
	assert_int_equal(set("Radio.1.OperatingFrequencyBand=5GHz", NULL), DM_OK);
	assert_string_equal(get(RADIO "PossibleChannels"), "36");
	assert_int_equal(set("Radio.1.IEEE80211hEnabled=true", NULL), DM_EVALUE);
	assert_non_null(strstr(fault.text, "RegulatoryDomain"));
	assert_int_equal(set("Radio.1.Channel=44", NULL), DM_EVALUE);
	assert_int_equal(set("Radio.1.IEEE80211hEnabled=true", "Radio.1.RegulatoryDomain=DE ",
			     "Radio.1.Channel=44", "Radio.1.OperatingChannelBandwidth=80MHz", NULL),
			 DM_EVALUE); /* so wide it does not look */
	assert_string_equal(fault.path, RADIO "OperatingChannelBandwidth");
	assert_int_equal(set("Radio.1.IEEE80211hEnabled=true", "Radio.1.RegulatoryDomain=DE ",
			     "Radio.1.Channel=44", "Radio.1.OperatingChannelBandwidth=40MHz", NULL),
			 DM_OK);
	assert_int_equal(role.radio[0].radar, 1);
	assert_int_equal(role.radio[0].channel, 44);
	assert_int_equal(role.radio[0].width, 40);
	assert_string_equal(get(RADIO "IEEE80211hEnabled"), "true");
	assert_string_equal(get(RADIO "PossibleChannels"), "36,40,44,48");
	assert_string_equal(get(RADIO "X_SALLYPORT_RadarDetection"), "Clear");
}

static void who_listens_for_radar_is_dormant(void **state)
{
	struct nl_iface *air = &reader.ifaces.v[0];

	more_of_kernel = radar_around;
	radar_around();
	assert_int_equal(set("Radio.1.OperatingFrequencyBand=5GHz", "Radio.1.RegulatoryDomain=DE ",
			     "Radio.1.IEEE80211hEnabled=true", "Radio.1.Channel=44", NULL),
			 DM_OK);
	air->ssid_len = 0; /* as nl80211 has it while it listens */
	assert_string_equal(get(RADIO "Status"), "Dormant");
	assert_string_equal(get(RADIO "X_SALLYPORT_RadarDetection"), "Listening");
	assert_string_equal(get("Device.WiFi.SSID.1.Status"), "Dormant");
	assert_string_equal(get("Device.WiFi.AccessPoint.1.Status"), "Enabled");
	assert_string_equal(get(RADIO "Channel"), "44");
	air->ssid_len = 4;
	/* radar: hostapd has left */
	air->mhz = 5180;
	reader.wiphys.w[0].bands[NL_BAND_5G].chans[2].flags |= NL_CHAN_RADAR_FOUND;
	assert_string_equal(get(RADIO "Channel"), "36");
	assert_string_equal(get(RADIO "Status"), "Up");
	assert_string_equal(get(RADIO "X_SALLYPORT_RadarDetection"), "None");
	assert_string_equal(get(RADIO "X_SALLYPORT_RadarFound"), "44");
	assert_string_equal(get(RADIO "PossibleChannels"), "36,40,48");
	assert_int_equal(set("Radio.1.Channel=44", NULL), DM_EVALUE);
	assert_int_equal(wifi_look_again(dm_ctx(dm_single(dm, &wifi))), 0);
	assert_int_equal(role.commits, 2); /* nobody sends it back there */
}

static void nothing_new_is_nothing_sent(void **state)
{
	assert_int_equal(wifi_look_again(dm_ctx(dm_single(dm, &wifi))), 0);
	assert_int_equal(wifi_look_again(dm_ctx(dm_single(dm, &wifi))), 0);
	assert_int_equal(role.commits, 1);
	/* Regulation takes the channel: another one is found. */
	reader.wiphys.w[0].bands[NL_BAND_2G4].chans[5].flags = NL_CHAN_NO_IR;
	assert_int_equal(wifi_look_again(dm_ctx(dm_single(dm, &wifi))), 0);
	assert_int_equal(role.commits, 2);
	assert_int_equal(role.radio[0].channel, 1);
}

static void a_plan_that_came_too_fast_is_sent_again(void **state)
{
	struct wifi *w = dm_ctx(dm_single(dm, &wifi));

	w->sent = false; /* as at a start */
	role.throttles = 1;
	assert_int_equal(wifi_look_again(w), -EAGAIN);
	assert_int_equal(role.commits, 1);
	assert_int_equal(wifi_look_again(w), 0);
	assert_int_equal(role.commits, 2);
	assert_int_equal(wifi_look_again(w), 0);
	assert_int_equal(role.commits, 2);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(wifi_start_sends_the_factory_layers_plan),
		WITH(the_rows_of_an_access_point_are_in_its_plan),
		WITH(enterprise_modes_wait_for_a_server),
		WITH(each_bad_parameter_gets_its_fault),
		WITH(all_radios_have_one_country),
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
		WITH(a_radio_that_comes_back_gets_its_plan),
		WITH(radar_is_looked_for_where_the_acs_says_so),
		WITH(who_listens_for_radar_is_dormant),
		WITH(nothing_new_is_nothing_sent),
		WITH(a_plan_that_came_too_fast_is_sent_again),
	};

	return cmocka_run_group_tests_name("wifi", tests, NULL, NULL);
}
