/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A taken-over agent and the station role (tests/sandbox/evil.h), with two interfaces in
 * station.interfaces and no wpa_supplicant: what is refused is refused before anybody is asked.
 *
 *	evil_station SOCKET UID [NAME...]      SEED and ROUNDS from the environment
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/array.h"
#include "tests/sandbox/evil.h"

#define STATIONS 2

/* clang-format off */
#define NET(...) { .ssid_len = 4, .ssid = "evil", __VA_ARGS__ }
#define KEY(k) NET(.security = RADIO_WPA2_PSK, .passphrase = k)

static const struct bad {
	const char *what;
	struct station_network q;
} bad[] = {
	{ "a_station_that_is_not_the_operators", NET(.station = STATIONS) },
	{ "no_ssid", { .ssid_len = 0 } },
	{ "wpa2_without_a_key", NET(.security = RADIO_WPA2_PSK) },
	{ "open_with_a_key", NET(.passphrase = "12345678") },
	{ "owe_with_a_key", NET(.security = RADIO_OWE, .mfp = RADIO_MFP_REQUIRED,
		.passphrase = "12345678") },
	{ "key_of_seven", KEY("1234567") },
	{ "key_with_a_newline", KEY("12345678\nSAVE_CONFIG") },
	{ "key_with_a_carriage_return", KEY("12345678\rSAVE_CONFIG") },
	{ "key_with_a_tab", KEY("12345678\tother") },
	{ "key_with_a_delete", KEY("12345678\x7f") },
	{ "key_with_latin_1", KEY("12345678\xe9") },
	{ "key_and_pre_shared_key", NET(.security = RADIO_WPA2_PSK, .passphrase = "12345678",
		.has_psk = 1) },
	{ "pre_shared_key_not_announced", NET(.security = RADIO_WPA2_PSK, .psk = { 1 }) },
	{ "sae_with_a_pre_shared_key", NET(.security = RADIO_SAE, .mfp = RADIO_MFP_REQUIRED,
		.has_psk = 1) },
	{ "sae_without_protected_frames", NET(.security = RADIO_SAE, .passphrase = "12345678") },
	{ "open_with_protected_frames", NET(.mfp = RADIO_MFP_REQUIRED) },
	{ "enterprise", NET(.security = RADIO_WPA2_EAP) },
};

/* Out of shape: the codec's. */
static const struct bad out[] = {
	{ "ssid_of_33", { .ssid_len = RADIO_SSID_MAX + 1 } },
	{ "bytes_behind_the_ssid", { .ssid_len = 1, .ssid = "ab" } },
	{ "a_fifth_station", NET(.station = STATION_MAX) },
	{ "a_mode_that_is_none", NET(.security = RADIO_MODES) },
	{ "a_protection_that_is_none", NET(.mfp = RADIO_MFP_REQUIRED + 1) },
	{ "reserved", NET(.zero = 1) },
};
/* clang-format on */

static int apply(const struct station_plan *plan, struct station_done *done)
{
	int r;

	while ((r = ipc_call(&evil_chan, IPC_STATION_APPLY, plan, done, -1, NULL)) == -EAGAIN)
		(void)poll(NULL, 0, 1000); /* faster than the role answers */
	return r;
}

static const char *senseless(void)
{
	static const struct station_network good = { .ssid_len = 4, .ssid = "good" };
	static char wrong[160];
	struct station_plan plan;
	struct station_done done;
	size_t i;
	int r = 0;

	if (evil_connect())
		return "the role takes no client";
	for (i = 0; i <= ARRAY_SIZE(bad); i++) {
		memset(&plan, 0, sizeof(plan));
		plan.count = 2;
		plan.network[0] = good;
		plan.network[1] = i ? bad[i - 1].q : good; /* at first the same one twice */
		if (!plan.network[1].station)
			plan.network[1].station = i ? 1 : 0;
		r = apply(&plan, &done);
		if (evil_chan.fd >= 0 && r < 0 && r != -ENOTCONN && done.error == r && done.why[0])
			continue;
		(void)snprintf(wrong, sizeof(wrong), "%s: %s", i ? bad[i - 1].what : "twice",
			       r < 0 ? strerror(-r) : "accepted");
		break;
	}
	evil_disconnect();
	return i <= ARRAY_SIZE(bad) ? wrong : NULL;
}

static const char *out_of_shape(void)
{
	static struct ipc_frame f;
	struct station_plan plan;
	const char *wrong = NULL;
	size_t i;

	for (i = 0; i <= ARRAY_SIZE(out) && !wrong; i++) {
		memset(&plan, 0, sizeof(plan));
		plan.count = i ? 1 : STATION_MAX + 1;
		if (i)
			plan.network[0] = out[i - 1].q;
		ipc_build(&f, IPC_KIND_REQUEST, IPC_STATION_APPLY, 1, 0, &plan);
		wrong = evil_refused(&f, sizeof(f.hdr) + f.hdr.size, 0);
	}
	/* A passphrase without an end: 64 characters and more */
	memset(&plan, 0, sizeof(plan));
	plan.count = 1;
	memset(plan.network[0].passphrase, 'x', sizeof(plan.network[0].passphrase));
	ipc_build(&f, IPC_KIND_REQUEST, IPC_STATION_APPLY, 1, 0, &plan);
	return wrong ? wrong : evil_refused(&f, sizeof(f.hdr) + f.hdr.size, 0);
}

int main(int argc, char **argv)
{
	static const struct evil station = { .role = IPC_STATION,
					     .op = IPC_STATION_APPLY,
					     .spoilt = { IPC_STATION_APPLY, IPC_STATION_APPLY,
							 IPC_STATION_APPLY } };
	static const struct evil_test own[] = {
		{ "I5_senseless_plans_are_refused", senseless },
		{ "I2_fields_out_of_shape_are_cut_off", out_of_shape },
	};

	return evil_main(argc, argv, &station, own, ARRAY_SIZE(own));
}
