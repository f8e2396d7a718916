/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wiphys, interfaces, stations and the regulatory domain from what a Linux 6.1 kernel sent for two
 * mac80211_hwsim radios in country DE, one of them an access point with a station; and the channel
 * arithmetic on top of it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#include <linux/netlink.h>
#include <linux/nl80211.h>

#include "nl80211/dump.h"
#include "nl80211/wiphy.h"

#define DATA "tests/unit/data/nl80211/"

static uint8_t bytes[65536];
static struct nl_wiphys wiphys;

static struct nl_view load(const char *file)
{
	FILE *f = fopen(file, "rb");
	size_t n;

	assert_non_null(f);
	n = fread(bytes, 1, sizeof(bytes), f);
	(void)fclose(f);
	assert_true(n > 0 && n < sizeof(bytes));
	return (struct nl_view){ bytes, n };
}

static int load_wiphys(void **state)
{
	struct nl_view in = load(DATA "wiphy.bin");
	struct nl_head h;
	int r;

	memset(&wiphys, 0, sizeof(wiphys));
	while ((r = nl_message(&in, &h)) > 0)
		if (h.cmd == NL80211_CMD_NEW_WIPHY && nl_wiphys_add(&wiphys, h.attrs) != 0)
			return -1;
	return r;
}

/* Datagrams of a dump lie one behind the other in the file, as messages of a datagram do. */
static struct nl_view find_message(struct nl_view in, uint8_t cmd, unsigned int nth)
{
	struct nl_head h;

	while (nl_message(&in, &h) > 0)
		if (h.cmd == cmd && nth-- == 0)
			return h.attrs;
	fail_msg("no such message");
	return in;
}

static void nl_wiphy_split_dump_is_put_together(void **state)
{
	const struct nl_wiphy *w = nl_wiphy_find(&wiphys, 0);

	/* phy1 is in another network namespace */
	assert_int_equal(wiphys.n, 1);
	assert_false(wiphys.more);
	assert_non_null(w);
	assert_null(nl_wiphy_find(&wiphys, 1));
	assert_string_equal(w->name, "phy0");
	assert_true(w->iftypes & 1u << NL80211_IFTYPE_AP);
	assert_int_equal(w->ciphers, NL_CIPHER_TKIP | NL_CIPHER_CCMP | NL_CIPHER_BIP_CMAC |
					     NL_CIPHER_GCMP | NL_CIPHER_GCMP256 |
					     NL_CIPHER_CCMP256 | NL_CIPHER_WEP40 |
					     NL_CIPHER_WEP104);
	assert_int_equal(w->max_ap, 2048);
	assert_int_equal(w->bands[NL_BAND_2G4].nchans, 14);
	assert_int_equal(w->bands[NL_BAND_5G].nchans, 27);
	assert_int_equal(w->bands[NL_BAND_6G].nchans, 59);
	assert_true(w->bands[NL_BAND_2G4].dsss && w->bands[NL_BAND_2G4].ofdm);
	assert_false(w->bands[NL_BAND_5G].dsss);
	assert_true(w->bands[NL_BAND_2G4].ht && w->bands[NL_BAND_2G4].he);
	assert_true(w->bands[NL_BAND_5G].vht && w->bands[NL_BAND_5G].he);
	assert_false(w->bands[NL_BAND_6G].ht);
	assert_true(w->bands[NL_BAND_6G].he);
	assert_int_equal(nl_widths(w, NL_BAND_2G4), 3);
	assert_int_equal(nl_widths(w, NL_BAND_5G), 15);
	assert_int_equal(nl_widths(w, NL_BAND_6G), 15);
	/* two streams of HT and HE; eight of VHT */
	assert_int_equal(w->bands[NL_BAND_2G4].ht_streams, 2);
	assert_int_equal(nl_max_kbps(w, NL_BAND_2G4), 300000);
	assert_int_equal(nl_max_kbps(w, NL_BAND_6G), 2401960);
}

static void nl_chan_flags_are_the_regulatory_state(void **state)
{
	const struct nl_band *b = &wiphys.w[0].bands[NL_BAND_2G4];
	const struct nl_chan *c = nl_chan_find(b, 6);

	assert_int_equal(c->mhz, 2437);
	assert_int_equal(c->max_mbm, 2000);
	assert_true(nl_chan_usable(c, false));
	assert_false(nl_chan_usable(nl_chan_find(b, 14), false)); /* not in DE */
	b = &wiphys.w[0].bands[NL_BAND_5G];
	assert_true(nl_chan_usable(nl_chan_find(b, 36), false));
	assert_true(nl_chan_find(b, 52)->flags & NL_CHAN_RADAR);
	assert_false(nl_chan_usable(nl_chan_find(b, 52), false));
	assert_int_equal(nl_chan_default(&wiphys.w[0], NL_BAND_2G4), 6);
	assert_int_equal(nl_chan_default(&wiphys.w[0], NL_BAND_5G), 36);
	assert_int_equal(nl_chan_default(&wiphys.w[0], NL_BAND_6G), 5);
}

static void nl_channel_numbers_go_both_ways(void **state)
{
	unsigned int mhz, n, seen = 0;

	for (mhz = 2000; mhz < 8000; mhz++) {
		n = nl_mhz_to_channel(mhz);
		if (!n)
			continue;
		seen++;
		assert_int_equal(nl_channel_to_mhz(nl_mhz_band(mhz), n), mhz);
	}
	assert_int_equal(seen, 14 + 28 + 60);
	assert_int_equal(nl_mhz_to_channel(2484), 14);
	assert_int_equal(nl_mhz_to_channel(5955), 1);
	assert_int_equal(nl_mhz_to_channel(5935), 2);
	assert_int_equal(nl_channel_to_mhz(NL_BAND_2G4, 0), 0);
	assert_int_equal(nl_channel_to_mhz(NL_BAND_2G4, 15), 0);
	assert_int_equal(nl_channel_to_mhz(NL_BAND_5G, 300), 0);
	assert_int_equal(nl_channel_to_mhz(NL_BANDS, 1), 0);
}

static void check_def(enum nl_band_id band, unsigned int channel, unsigned int width, int result,
		      unsigned int center, int second)
{
	struct nl_chandef d;

	assert_int_equal(nl_chandef(&wiphys.w[0], band, channel, width, false, &d), result);
	if (result)
		return;
	assert_int_equal(d.center, center);
	assert_int_equal(d.second, second);
	assert_int_equal(d.mhz, nl_channel_to_mhz(band, channel));
}

static void nl_chandef_blocks_are_those_of_the_standard(void **state)
{
	check_def(NL_BAND_2G4, 6, 20, 0, 2437, 0);
	check_def(NL_BAND_2G4, 6, 40, 0, 2447, 1);
	check_def(NL_BAND_2G4, 13, 40, 0, 2462, -1);
	check_def(NL_BAND_2G4, 14, 20, -EACCES, 0, 0);
	check_def(NL_BAND_2G4, 6, 80, -EINVAL, 0, 0);
	check_def(NL_BAND_2G4, 15, 20, -ENOENT, 0, 0);
	check_def(NL_BAND_5G, 36, 40, 0, 5190, 1);
	check_def(NL_BAND_5G, 40, 40, 0, 5190, -1);
	check_def(NL_BAND_5G, 44, 80, 0, 5210, 1);
	check_def(NL_BAND_5G, 36, 160, -EACCES, 0, 0); /* its upper half needs DFS */
	check_def(NL_BAND_5G, 52, 20, -EACCES, 0, 0);
	check_def(NL_BAND_5G, 36, 25, -EINVAL, 0, 0);
	check_def(NL_BAND_5G, 37, 20, -ENOENT, 0, 0);
	check_def(NL_BAND_5G, 165, 40, 0, 5835, 1);
	check_def(NL_BAND_5G, 165, 80, -EACCES, 0, 0); /* DE ends at 5875 MHz */
	check_def(NL_BAND_6G, 5, 80, 0, 5985, -1);
	check_def(NL_BAND_6G, 1, 160, 0, 6025, 1);
	check_def(NL_BANDS, 1, 20, -EINVAL, 0, 0);
}

static void blocks_with_radar_are_for_those_who_look_for_it(void **state)
{
	static const struct {
		unsigned int channel, width;
		int result;
		bool radar;
	} blocks[] = { { 36, 80, 0, false },	    { 36, 160, 0, true },
		       { 52, 20, 0, true },	    { 56, 40, 0, true },
		       { 100, 80, 0, true },	    { 140, 20, 0, true },
		       { 140, 80, -ENOENT, false }, { 165, 80, -EACCES, false } };
	struct nl_wiphy w = wiphys.w[0];
	struct nl_chandef d;
	size_t i;

	assert_int_equal(w.radar_widths, 15);
	assert_true(nl_chan_wants_radar(&w, nl_chan_find(&w.bands[NL_BAND_5G], 52)));
	assert_false(nl_chan_wants_radar(&w, nl_chan_find(&w.bands[NL_BAND_5G], 36)));
	for (i = 0; i < ARRAY_SIZE(blocks); i++) {
		assert_int_equal(
			nl_chandef(&w, NL_BAND_5G, blocks[i].channel, blocks[i].width, true, &d),
			blocks[i].result);
		if (!blocks[i].result)
			assert_int_equal(d.radar, blocks[i].radar);
	}
	w.radar_widths = 1 << 0 | 1 << 1;
	assert_int_equal(nl_chandef(&w, NL_BAND_5G, 52, 40, true, &d), 0);
	assert_int_equal(nl_chandef(&w, NL_BAND_5G, 52, 80, true, &d), -EACCES);
	assert_int_equal(nl_chandef(&w, NL_BAND_5G, 36, 80, true, &d), 0);
	w.radar_widths = 0;
	assert_false(nl_chan_wants_radar(&w, nl_chan_find(&w.bands[NL_BAND_5G], 52)));
	assert_int_equal(nl_chandef(&w, NL_BAND_5G, 52, 20, true, &d), -EACCES);
}

static void nl_iface_and_reg_are_read(void **state)
{
	struct nl_view in = load(DATA "interface.bin");
	struct nl_iface second, first;
	struct nl_iface both[2];
	struct nl_reg reg;

	assert_int_equal(nl_iface_read(&second, find_message(in, NL80211_CMD_NEW_INTERFACE, 0)), 1);
	assert_int_equal(nl_iface_read(&first, find_message(in, NL80211_CMD_NEW_INTERFACE, 1)), 1);
	assert_string_equal(first.name, "wlan0");
	assert_int_equal(first.type, NL80211_IFTYPE_AP);
	assert_int_equal(first.ssid_len, 3);
	assert_memory_equal(first.ssid, "abc", 3);
	assert_int_equal(first.mhz, 2437);
	assert_int_equal(first.width, 20);
	assert_true(first.has_power);
	assert_int_equal(first.power_mbm, 2000);
	assert_string_equal(second.name, "wlan0-1");
	assert_int_equal(second.ssid_len, 4);
	assert_memory_equal(second.ssid, "\n\"='", 4);
	both[0] = second;
	both[1] = first;
	assert_ptr_equal(nl_first_iface(both, 2, 0), &both[1]);
	assert_null(nl_first_iface(both, 2, 1));
	nl_ifaces_mark(both, 2, "wlan wlan0"); /* a station of the box's own is no BSS's */
	assert_ptr_equal(nl_first_iface(both, 2, 0), &both[0]);
	assert_ptr_equal(nl_scan_iface(both, 2, 0), &both[0]);
	nl_ifaces_mark(both, 2, " wlan0-1  wlan0 ");
	assert_int_equal(both[1].station, 2);
	assert_null(nl_first_iface(both, 2, 0));
	assert_ptr_equal(nl_scan_iface(both, 2, 0), &both[1]); /* the older one */
	nl_ifaces_mark(both, 2, "");
	assert_ptr_equal(nl_first_iface(both, 2, 0), &both[1]);

	in = load(DATA "reg.bin");
	assert_int_equal(nl_reg_read(&reg, find_message(in, NL80211_CMD_GET_REG, 0)), 0);
	assert_string_equal(reg.country, "DE");
	assert_int_equal(reg.dfs_region, NL80211_DFS_ETSI);
}

static void nl_station_is_read(void **state)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 1, 0 };
	struct nl_view in = load(DATA "station.bin");
	struct nl_station s;

	assert_int_equal(nl_station_read(&s, find_message(in, NL80211_CMD_NEW_STATION, 0)), 0);
	assert_memory_equal(s.mac, mac, 6);
	assert_int_equal(s.signal, -30);
	assert_int_equal(s.has & (NL_STA_AUTHORIZED | NL_STA_ASSOCIATED | NL_STA_SIGNAL),
			 NL_STA_AUTHORIZED | NL_STA_ASSOCIATED | NL_STA_SIGNAL);
	assert_int_equal(s.tx_kbps, 1000);
	assert_int_equal(s.rx_kbps, 13000);
	assert_true(s.rx_bytes > 0 && s.tx_bytes > 0);
	assert_int_equal(s.has & (NL_STA_HT | NL_STA_VHT | NL_STA_HE), NL_STA_HT);
}

static void nl_reading_survives_every_flipped_byte(void **state)
{
	struct nl_view in = load(DATA "interface.bin"), m = find_message(in, 7, 1);
	uint8_t copy[1024];
	struct nl_iface i = { .ssid_len = 0 };

	assert_true(m.len <= sizeof(copy));
	for (size_t at = 0; at < m.len; at++) {
		memcpy(copy, m.p, m.len);
		copy[at] ^= 0xff;
		(void)nl_iface_read(&i, (struct nl_view){ copy, m.len });
		assert_true(i.ssid_len <= NL_SSID_MAX);
	}
}

/* Between two attributes it is a shorter message. The room is exact, for the sanitizer. */
static void nl_a_message_cut_within_an_attribute_is_refused(void **state)
{
	struct nl_view in = load(DATA "interface.bin"), m = find_message(in, 7, 1), rest = m, last;
	unsigned int refused = 0;
	struct nl_iface i;
	uint16_t type;

	for (size_t len = 1; len < m.len; len++) {
		uint8_t *cut = malloc(len);
		int r;

		while (m.len - rest.len < len)
			assert_int_equal(nl_next(&rest, &type, &last), 1);
		assert_non_null(cut);
		memcpy(cut, m.p, len);
		r = nl_iface_read(&i, (struct nl_view){ cut, len });
		free(cut);
		if (m.p + len >= last.p + last.len)
			continue;
		assert_int_equal(r, -EBADMSG);
		refused++;
	}
	assert_true(refused > m.len / 2);
}

static void nl_bss_names_keep_to_their_room(void **state)
{
	char name[NL_IFNAME_MAX];

	assert_true(nl_bss_name(name, "wlan0", 0));
	assert_string_equal(name, "wlan0");
	assert_true(nl_bss_name(name, "wlan0", 15));
	assert_string_equal(name, "wlan0-15");
	assert_true(nl_bss_name(name, "thirteen-char", 1));
	assert_false(nl_bss_name(name, "thirteen-char", 10));
	assert_string_equal(name, "");
	assert_true(nl_ap_name(name, "phy0"));
	assert_string_equal(name, "phy0-ap");
	assert_false(nl_ap_name(name, "a-very-long-name"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(nl_wiphy_split_dump_is_put_together),
		UNIT(nl_chan_flags_are_the_regulatory_state),
		UNIT(nl_channel_numbers_go_both_ways),
		UNIT(nl_chandef_blocks_are_those_of_the_standard),
		UNIT(blocks_with_radar_are_for_those_who_look_for_it),
		UNIT(nl_iface_and_reg_are_read),
		UNIT(nl_station_is_read),
		UNIT(nl_reading_survives_every_flipped_byte),
		UNIT(nl_a_message_cut_within_an_attribute_is_refused),
		UNIT(nl_bss_names_keep_to_their_room),
	};

	return cmocka_run_group_tests_name("nl80211_dump", tests, load_wiphys, NULL);
}
