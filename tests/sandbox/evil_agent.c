/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A taken-over agent and the radio role (tests/sandbox/evil.h):
 *
 *	evil_agent SOCKET UID [NAME...]      SEED, ROUNDS and WIPHY from the environment
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "tests/sandbox/evil.h"

static const char *out_of_state(void)
{
	static struct ipc_frame f;
	const char *wrong = NULL;
	int op;

	for (op = 0; op < IPC_OPS && !wrong; op++) {
		const struct ipc_row *row = &ipc_rows[op];

		if (row->role != IPC_RADIO || row->event || row->states & IPC_ST_IDLE)
			continue;
		ipc_build(&f, IPC_KIND_REQUEST, op, 1, 0, NULL);
		wrong = evil_refused(&f, sizeof(f.hdr) + f.hdr.size, 0);
	}
	return wrong;
}

/* One plan as said, to its end. The status that PLAN_COMMIT or an earlier piece answered. */
static int plan(const struct plan_begin *begin, const struct plan_radio *radio,
		const struct plan_bss *bss, struct plan_done *done)
{
	int r = ipc_call(&evil_chan, IPC_PLAN_BEGIN, begin, NULL, -1, NULL);

	if (!r && radio)
		r = ipc_call(&evil_chan, IPC_PLAN_RADIO, radio, NULL, -1, NULL);
	if (!r && bss)
		r = ipc_call(&evil_chan, IPC_PLAN_BSS, bss, NULL, -1, NULL);
	if (!r)
		r = ipc_call(&evil_chan, IPC_PLAN_COMMIT, NULL, done, -1, NULL);
	return r;
}

struct bad_plan {
	const char *what;
	struct plan_begin begin;
	struct plan_radio radio;
	struct plan_bss bss;
};

/* clang-format off */
#define BEGIN { .radios = 1, .bsses = 1 }
#define IN(c) { .country = c, .radios = 1, .bsses = 1 }
#define RADIO(c, w, p) { .channel = (c), .width = (w), .power_mbm = (p), .enable = 1 }
#define NO_RADIO { .wiphy = 4000000000u, .channel = 1, .width = 20, .enable = 1 }
#define GOOD_RADIO RADIO(1, 20, 0)
#define BSS(...) { .ssid_len = 4, .ssid = "evil", __VA_ARGS__ }
#define SERVER(f, p, s, ...) BSS(.security = RADIO_WPA2_EAP, \
	.server = { { .family = (f), .port = (p), .secret = s, .addr = { __VA_ARGS__ } } })
#define AS(s) { .channel = 1, .width = 20, .enable = 1, .standards = (s) }
#define KEY(k) { .ssid_len = 4, .ssid = "evil", .security = RADIO_WPA2_PSK, .passphrase = k }

/* In shape, and senseless: nothing of it can be made to hold on any box. */
static const struct bad_plan bad[] = {
	{ "a_radio_that_is_not_there", BEGIN, NO_RADIO, BSS() },
	{ "channel_255", BEGIN, RADIO(255, 20, 0), BSS() },
	{ "channel_0", BEGIN, RADIO(0, 20, 0), BSS() },
	{ "channel_of_another_band", BEGIN, RADIO(36, 20, 0), BSS() },
	{ "width_1", BEGIN, RADIO(1, 1, 0), BSS() },
	{ "width_160_in_2_4_GHz", BEGIN, RADIO(1, 160, 0), BSS() },
	{ "40_dBm", BEGIN, RADIO(1, 20, 4000), BSS() },
	{ "no_ssid", BEGIN, GOOD_RADIO, { .ssid_len = 0 } },
	{ "wpa2_without_a_key", BEGIN, GOOD_RADIO, BSS(.security = RADIO_WPA2_PSK) },
	{ "open_with_a_key", BEGIN, GOOD_RADIO, BSS(.passphrase = "12345678") },
	{ "key_of_seven", BEGIN, GOOD_RADIO, KEY("1234567") },
	{ "key_with_a_newline", BEGIN, GOOD_RADIO, KEY("12345678\nwpa=0") },
	{ "key_with_a_delete", BEGIN, GOOD_RADIO, KEY("12345678\x7f") },
	{ "key_with_latin_1", BEGIN, GOOD_RADIO, KEY("12345678\xe9") },
	{ "sae_with_a_pre_shared_key", BEGIN, GOOD_RADIO,
		BSS(.security = RADIO_SAE, .mfp = RADIO_MFP_REQUIRED, .has_psk = 1) },
	{ "sae_without_protected_frames", BEGIN, GOOD_RADIO,
		BSS(.security = RADIO_SAE, .passphrase = "12345678") },
	{ "open_with_protected_frames", BEGIN, GOOD_RADIO, BSS(.mfp = RADIO_MFP_REQUIRED) },
	{ "enterprise_without_a_server", BEGIN, GOOD_RADIO, BSS(.security = RADIO_WPA2_EAP) },
	{ "open_with_a_server", BEGIN, GOOD_RADIO,
		BSS(.server = { { .family = 4, .port = 1, .secret = "x", .addr = { 10 } } }) },
	{ "server_on_this_box", BEGIN, GOOD_RADIO, SERVER(4, 1812, "x", 127, 0, 0, 1) },
	{ "server_that_is_everybody", BEGIN, GOOD_RADIO, SERVER(4, 1812, "x", 255, 255, 255, 255) },
	{ "server_that_is_a_group", BEGIN, GOOD_RADIO, SERVER(6, 1812, "x", 0xff, 2) },
	{ "server_that_is_nobody", BEGIN, GOOD_RADIO, SERVER(6, 1812, "x", 0) },
	{ "server_of_no_family", BEGIN, GOOD_RADIO, SERVER(5, 1812, "x", 10, 1, 2, 3) },
	{ "server_without_a_port", BEGIN, GOOD_RADIO, SERVER(4, 0, "x", 10, 1, 2, 3) },
	{ "server_without_a_secret", BEGIN, GOOD_RADIO, SERVER(4, 1812, "", 10, 1, 2, 3) },
	{ "secret_with_a_newline", BEGIN, GOOD_RADIO, SERVER(4, 1812, "x\nwpa=0", 10, 1, 2, 3) },
	{ "secret_of_65", BEGIN, GOOD_RADIO, SERVER(4, 1812, "0123456789012345678901234567890"
		"1234567890123456789012345678901234", 10, 1, 2, 3) },
	{ "power_save_without_qos", BEGIN, GOOD_RADIO, BSS(.uapsd = 1) },
	{ "list_without_a_filter", BEGIN, GOOD_RADIO, BSS(.allowed_len = 6) },
	{ "list_of_half_an_address", BEGIN, GOOD_RADIO, BSS(.filter = 1, .allowed_len = 3) },
	{ "list_with_a_group", BEGIN, GOOD_RADIO,
		BSS(.filter = 1, .allowed_len = 6, .allowed = { 1 }) },
	{ "bridge_that_is_not_there", BEGIN, GOOD_RADIO, BSS(.bridge = RADIO_BRIDGES_MAX) },
	{ "standards_with_a_gap", BEGIN, AS(RADIO_B | RADIO_N), BSS() },
	{ "standards_of_another_band", BEGIN, AS(RADIO_A), BSS() },
	{ "40_MHz_without_802_11n", BEGIN, { .channel = 1, .width = 40, .enable = 1,
		.standards = RADIO_B | RADIO_G }, BSS() },
	{ "40_MHz_below_channel_1", BEGIN, { .channel = 1, .width = 40, .enable = 1,
		.extension = RADIO_EXT_BELOW }, BSS() },
	{ "radar_without_a_country", BEGIN, { .band = RADIO_5G, .channel = 36, .width = 20,
		.enable = 1, .radar = 1 }, BSS() },
	{ "radar_in_2_4_GHz", BEGIN, { .channel = 1, .width = 20, .enable = 1, .radar = 1 },
		BSS() },
	{ "bss_of_another_radio", BEGIN, GOOD_RADIO, BSS(.radio = 7) },
	{ "country_in_small_letters", IN("de"), GOOD_RADIO, BSS() },
	{ "country_with_a_newline", IN("9\n"), GOOD_RADIO, BSS() },
	{ "country_of_three", IN("DEU"), GOOD_RADIO, BSS() },
	{ "fewer_than_announced", { .radios = 2, .bsses = 1 }, GOOD_RADIO, BSS() },
	{ "more_than_announced", { .radios = 0, .bsses = 0 }, GOOD_RADIO, BSS() },
};
/* clang-format on */

static const char *senseless(void)
{
	static char wrong[160];
	const char *wiphy = getenv("WIPHY");
	struct plan_done done;
	size_t i;
	int r;

	if (evil_connect())
		return "the role takes no client";
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct plan_radio radio = bad[i].radio;

		if (wiphy && !radio.wiphy)
			radio.wiphy = (uint32_t)strtoul(wiphy, NULL, 10);
		while ((r = plan(&bad[i].begin, &radio, &bad[i].bss, &done)) == -EAGAIN)
			(void)poll(NULL, 0, 1000); /* faster than the role answers */
		if (r < 0 && evil_chan.fd >= 0)
			continue;
		(void)snprintf(wrong, sizeof(wrong), "%s: %s", bad[i].what,
			       r < 0 ? strerror(-r) : "accepted");
		evil_disconnect();
		return wrong;
	}
	evil_disconnect();
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct evil radio = { .role = IPC_RADIO,
					   .op = IPC_PLAN_BEGIN,
					   .spoilt = { IPC_PLAN_BEGIN, IPC_PLAN_RADIO,
						       IPC_PLAN_BSS } };
	static const struct evil_test own[] = {
		{ "I3_requests_out_of_state_are_cut_off", out_of_state },
		{ "I5_senseless_plans_are_refused", senseless },
	};

	return evil_main(argc, argv, &radio, own, ARRAY_SIZE(own));
}
