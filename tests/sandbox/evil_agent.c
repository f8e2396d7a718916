/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An agent that was taken over: it has the agent's uid and the role's socket, and tries everything
 * that the wire lets through, and everything that it does not.
 *
 *	evil_agent SOCKET UID [NAME...]      SEED, ROUNDS and WIPHY from the environment
 *
 * The role must cut off what breaks the protocol without a byte in answer, refuse what is out of
 * its limits, act on nothing, and be there for the next client.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/ipc.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "tests/sandbox/result.h"

static const char *path;
static struct ipc_chan chan;

/* The role takes the next client when it has seen the end of the last. */
static int connect_role(void)
{
	struct pollfd p = { .events = POLLIN };
	int i, fd;

	for (i = 0; i < 100; i++) {
		fd = ipc_connect(path);
		if (fd < 0)
			return fd;
		p.fd = fd;
		/* Refused as the second client: closed at once. */
		if (poll(&p, 1, 30) == 0) {
			ipc_chan_init(&chan, fd, IPC_RADIO, IPC_ASKS);
			return 0;
		}
		close(fd);
	}
	return -EBUSY;
}

static void disconnect(void)
{
	ipc_chan_close(&chan);
}

/* true: the other end has closed, and said nothing. */
static bool cut_off(void)
{
	struct pollfd p = { chan.fd, POLLIN, 0 };
	char byte;

	if (poll(&p, 1, 3000) <= 0)
		return false;
	return recv(chan.fd, &byte, 1, MSG_DONTWAIT) <= 0;
}

static int raw(const void *bytes, size_t len, unsigned int nfds)
{
	union {
		char buf[CMSG_SPACE(8 * sizeof(int))];
		struct cmsghdr align;
	} ctl = { .buf = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)bytes, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;
	unsigned int i;
	int fd = STDERR_FILENO;

	if (nfds) {
		msg.msg_control = ctl.buf;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		for (i = 0; i < nfds; i++)
			memcpy(CMSG_DATA(c) + i * sizeof(int), &fd, sizeof(fd));
	}
	return sendmsg(chan.fd, &msg, MSG_NOSIGNAL) == (ssize_t)len ? 0 : -errno;
}

static const char *refused_raw(const void *bytes, size_t len, unsigned int nfds)
{
	const char *wrong = NULL;

	if (connect_role())
		return "the role takes no client";
	if (!raw(bytes, len, nfds) && !cut_off())
		wrong = "not cut off, or answered";
	disconnect();
	return wrong;
}

static const char *malformed(void)
{
	static struct ipc_frame good, f;
	const char *wrong = NULL;
	size_t i, len;

	ipc_build(&good, IPC_KIND_REQUEST, IPC_PLAN_BEGIN, 1, 0, NULL);
	len = sizeof(good.hdr) + good.hdr.size;
	for (i = 0; i < sizeof(good.hdr) && !wrong; i++) {
		/* Not the sequence number: any is good. */
		if (i >= 12 && i < 16)
			continue;
		f = good;
		((uint8_t *)&f)[i] ^= 0x55;
		wrong = refused_raw(&f, len, 0);
	}
	for (i = 1; i < len && !wrong; i += 3)
		wrong = refused_raw(&good, i, 0);
	if (!wrong)
		wrong = refused_raw(&good, len + 1, 0);
	if (!wrong)
		wrong = refused_raw(&good, sizeof(good), 0);
	return wrong;
}

static const char *descriptors(void)
{
	static struct ipc_frame good;
	const char *wrong = NULL;
	unsigned int n;

	ipc_build(&good, IPC_KIND_REQUEST, IPC_PLAN_BEGIN, 1, 0, NULL);
	for (n = 1; n <= 8 && !wrong; n++)
		wrong = refused_raw(&good, sizeof(good.hdr) + good.hdr.size, n);
	return wrong;
}

static const char *other_roles_and_kinds(void)
{
	static struct ipc_frame f;
	const char *wrong = NULL;
	int op, kind;

	for (op = 0; op < IPC_OPS && !wrong; op++) {
		for (kind = 1; kind <= 3 && !wrong; kind++) {
			if (ipc_rows[op].role == IPC_RADIO && kind == IPC_KIND_REQUEST)
				continue;
			ipc_build(&f, kind, op, kind == IPC_KIND_EVENT ? 0 : 1, 0, NULL);
			wrong = refused_raw(&f, sizeof(f.hdr) + f.hdr.size, 0);
		}
	}
	return wrong;
}

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
		wrong = refused_raw(&f, sizeof(f.hdr) + f.hdr.size, 0);
	}
	return wrong;
}

/* One plan as said, to its end. The status that PLAN_COMMIT or an earlier piece answered. */
static int plan(const struct plan_begin *begin, const struct plan_radio *radio,
		const struct plan_bss *bss, struct plan_done *done)
{
	int r = ipc_call(&chan, IPC_PLAN_BEGIN, begin, NULL, -1, NULL);

	if (!r && radio)
		r = ipc_call(&chan, IPC_PLAN_RADIO, radio, NULL, -1, NULL);
	if (!r && bss)
		r = ipc_call(&chan, IPC_PLAN_BSS, bss, NULL, -1, NULL);
	if (!r)
		r = ipc_call(&chan, IPC_PLAN_COMMIT, NULL, done, -1, NULL);
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

	if (connect_role())
		return "the role takes no client";
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct plan_radio radio = bad[i].radio;

		if (wiphy && !radio.wiphy)
			radio.wiphy = (uint32_t)strtoul(wiphy, NULL, 10);
		while ((r = plan(&bad[i].begin, &radio, &bad[i].bss, &done)) == -EAGAIN)
			(void)poll(NULL, 0, 1000); /* faster than the role answers */
		if (r < 0 && chan.fd >= 0)
			continue;
		(void)snprintf(wrong, sizeof(wrong), "%s: %s", bad[i].what,
			       r < 0 ? strerror(-r) : "accepted");
		disconnect();
		return wrong;
	}
	disconnect();
	return NULL;
}

/* Random fields, in range by the codec or not; seeded, so that it can be had again. */
static const char *random_plans(void)
{
	const char *seed = getenv("SEED"), *rounds = getenv("ROUNDS");
	unsigned int state = seed ? (unsigned int)strtoul(seed, NULL, 10) : 1;
	unsigned long i, k, n = rounds ? strtoul(rounds, NULL, 10) : 50;
	static struct ipc_frame f;
	struct pollfd p = { .events = POLLIN };

	for (i = 0; i < n; i++) {
		static const enum ipc_op ops[] = { IPC_PLAN_BEGIN, IPC_PLAN_RADIO, IPC_PLAN_BSS };

		if (connect_role())
			return "the role takes no client";
		ipc_build(&f, IPC_KIND_REQUEST, IPC_PLAN_BEGIN, 1, 0, NULL);
		(void)raw(&f, sizeof(f.hdr) + f.hdr.size, 0);
		for (k = 0; k < 6; k++) {
			enum ipc_op op = ops[rand_r(&state) % 3];
			size_t b;

			ipc_build(&f, IPC_KIND_REQUEST, op, 2, 0, NULL);
			for (b = 0; b < f.hdr.size; b++) {
				if (rand_r(&state) % 8 == 0)
					f.payload[b] = (uint8_t)rand_r(&state);
			}
			(void)raw(&f, sizeof(f.hdr) + f.hdr.size, 0);
		}
		p.fd = chan.fd;
		(void)poll(&p, 1, 50);
		disconnect();
	}
	return NULL;
}

/* I4: as fast as it goes, without reading an answer, then as the next client. */
static const char *flood(void)
{
	static struct ipc_frame f;
	struct pollfd p = { .events = POLLOUT };
	uint64_t before;
	unsigned int i;
	int r;

	if (connect_role())
		return "the role takes no client";
	ipc_build(&f, IPC_KIND_REQUEST, IPC_PLAN_BEGIN, 1, 0, NULL);
	p.fd = chan.fd;
	for (i = 0; i < 1000000; i++) {
		r = raw(&f, sizeof(f.hdr) + f.hdr.size, 0);
		if (r == -EAGAIN)
			(void)poll(&p, 1, 1000);
		else if (r)
			break;
	}
	fprintf(stderr, "flood: cut off after %u requests\n", i);
	disconnect();
	before = clock_mono_ms();
	if (connect_role())
		return "the role takes no client after the flood";
	r = ipc_call(&chan, IPC_PLAN_BEGIN, NULL, NULL, -1, NULL);
	disconnect();
	if (r && r != -EAGAIN)
		return "no answer after the flood";
	return clock_mono_ms() - before < 1000 ? NULL : "the next client waited over a second";
}

/* As an honest client behaves: asks, reads, asks again, ten thousand times. */
static const char *steady(void)
{
	unsigned int i, refused = 0;
	int r;

	if (connect_role())
		return "the role takes no client";
	for (i = 0; i < 10000; i++) {
		r = ipc_call(&chan, IPC_PLAN_BEGIN, NULL, NULL, -1, NULL);
		refused += r == -EAGAIN;
		if (chan.fd < 0)
			return "cut off";
	}
	disconnect();
	/* Its rate, and what came while this ran. */
	return refused > 9000 ? NULL : "not throttled";
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		const char *(*run)(void);
	} tests[] = {
		{ "I2_malformed_requests_are_cut_off", malformed },
		{ "I2_descriptors_nobody_asked_for", descriptors },
		{ "I2_other_roles_requests_replies_and_events", other_roles_and_kinds },
		{ "I3_requests_out_of_state_are_cut_off", out_of_state },
		{ "I5_senseless_plans_are_refused", senseless },
		{ "I2_random_fields", random_plans },
		{ "I4_an_honest_pace_is_held_by_force", steady },
		{ "I4_a_flood_starves_nobody", flood },
	};
	const char *wrong;
	uid_t uid;
	size_t i;

	if (argc < 3)
		return 2;
	path = argv[1];
	uid = (uid_t)strtoul(argv[2], NULL, 10);
	result_only(argc - 2, argv + 2);
	log_set_level(LOG_LVL_ERR - 1);
	if (geteuid() == 0 && (setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
		return 2;
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (!result_wanted(tests[i].name))
			continue;
		wrong = tests[i].run();
		if (wrong)
			result_fail(tests[i].name, "%s", wrong);
		else
			result_ok(tests[i].name);
	}
	return result_status();
}
