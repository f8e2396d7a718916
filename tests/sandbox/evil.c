/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/evil.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "tests/sandbox/result.h"

struct evil evil;
struct ipc_chan evil_chan;

/* The role takes the next client when it has seen the end of the last. */
int evil_connect(void)
{
	struct pollfd p = { .events = POLLIN };
	int i, fd;

	for (i = 0; i < 100; i++) {
		fd = ipc_connect(evil.path);
		if (fd < 0)
			return fd;
		p.fd = fd;
		/* Refused as the second client: closed at once. */
		if (poll(&p, 1, 30) == 0) {
			ipc_chan_init(&evil_chan, fd, evil.role, IPC_ASKS);
			return 0;
		}
		close(fd);
	}
	return -EBUSY;
}

void evil_disconnect(void)
{
	ipc_chan_close(&evil_chan);
}

/* true: the other end has closed, and said nothing. */
bool evil_cut_off(void)
{
	struct pollfd p = { evil_chan.fd, POLLIN, 0 };
	char byte;

	if (poll(&p, 1, 3000) <= 0)
		return false;
	return recv(evil_chan.fd, &byte, 1, MSG_DONTWAIT) <= 0;
}

int evil_raw(const void *bytes, size_t len, unsigned int nfds)
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
	return sendmsg(evil_chan.fd, &msg, MSG_NOSIGNAL) == (ssize_t)len ? 0 : -errno;
}

const char *evil_refused(const void *bytes, size_t len, unsigned int nfds)
{
	const char *wrong = NULL;

	if (evil_connect())
		return "the role takes no client";
	if (!evil_raw(bytes, len, nfds) && !evil_cut_off())
		wrong = "not cut off, or answered";
	evil_disconnect();
	return wrong;
}

static const char *malformed(void)
{
	static struct ipc_frame good, f;
	const char *wrong = NULL;
	size_t i, len;

	ipc_build(&good, IPC_KIND_REQUEST, evil.op, 1, 0, NULL);
	len = sizeof(good.hdr) + good.hdr.size;
	for (i = 0; i < sizeof(good.hdr) && !wrong; i++) {
		/* Not the sequence number: any is good. */
		if (i >= 12 && i < 16)
			continue;
		f = good;
		((uint8_t *)&f)[i] ^= 0x55;
		wrong = evil_refused(&f, len, 0);
	}
	for (i = 1; i < len && !wrong; i += 3)
		wrong = evil_refused(&good, i, 0);
	if (!wrong)
		wrong = evil_refused(&good, len + 1, 0);
	if (!wrong)
		wrong = evil_refused(&good, sizeof(good), 0);
	return wrong;
}

static const char *descriptors(void)
{
	static struct ipc_frame good;
	const char *wrong = NULL;
	unsigned int n;

	ipc_build(&good, IPC_KIND_REQUEST, evil.op, 1, 0, NULL);
	for (n = 1; n <= 8 && !wrong; n++)
		wrong = evil_refused(&good, sizeof(good.hdr) + good.hdr.size, n);
	return wrong;
}

static const char *other_roles_and_kinds(void)
{
	static struct ipc_frame f;
	const char *wrong = NULL;
	int op, kind;

	for (op = 0; op < IPC_OPS && !wrong; op++) {
		for (kind = 1; kind <= 3 && !wrong; kind++) {
			if (ipc_rows[op].role == evil.role && !ipc_rows[op].event &&
			    kind == IPC_KIND_REQUEST)
				continue;
			ipc_build(&f, kind, op, kind == IPC_KIND_EVENT ? 0 : 1, 0, NULL);
			wrong = evil_refused(&f, sizeof(f.hdr) + f.hdr.size, 0);
		}
	}
	return wrong;
}

/* Random fields, in range by the codec or not; seeded, so that it can be had again. */
static const char *random_fields(void)
{
	const char *seed = getenv("SEED"), *rounds = getenv("ROUNDS");
	unsigned int state = seed ? (unsigned int)strtoul(seed, NULL, 10) : 1;
	unsigned long i, k, n = rounds ? strtoul(rounds, NULL, 10) : 50;
	static struct ipc_frame f;
	struct pollfd p = { .events = POLLIN };

	for (i = 0; i < n; i++) {
		if (evil_connect())
			return "the role takes no client";
		ipc_build(&f, IPC_KIND_REQUEST, evil.op, 1, 0, NULL);
		(void)evil_raw(&f, sizeof(f.hdr) + f.hdr.size, 0);
		for (k = 0; k < 6; k++) {
			enum ipc_op op = evil.spoilt[(unsigned int)rand_r(&state) % 3];
			size_t b;

			ipc_build(&f, IPC_KIND_REQUEST, op, 2, 0, NULL);
			for (b = 0; b < f.hdr.size; b++) {
				if (rand_r(&state) % 8 == 0)
					f.payload[b] = (uint8_t)rand_r(&state);
			}
			(void)evil_raw(&f, sizeof(f.hdr) + f.hdr.size, 0);
		}
		p.fd = evil_chan.fd;
		(void)poll(&p, 1, 50);
		evil_disconnect();
	}
	return NULL;
}

/* As an honest client behaves: asks, reads, asks again, ten thousand times. */
static const char *steady(void)
{
	unsigned int i, refused = 0;
	int r;

	if (evil_connect())
		return "the role takes no client";
	for (i = 0; i < 10000; i++) {
		r = ipc_call(&evil_chan, evil.op, NULL, NULL, -1, NULL);
		refused += r == -EAGAIN;
		if (evil_chan.fd < 0)
			return "cut off";
	}
	evil_disconnect();
	/* Its rate, and what came while this ran. */
	return refused > 9000 ? NULL : "not throttled";
}

/* A machine may have other things to do: this is no measure of the role. */
#define NEXT_CLIENT_MS 10000

/* I4: as fast as it goes, without reading an answer, then as the next client. */
static const char *flood(void)
{
	static struct ipc_frame f;
	struct pollfd p = { .events = POLLOUT };
	uint64_t until;
	unsigned int i;
	int r;

	if (evil_connect())
		return "the role takes no client";
	ipc_build(&f, IPC_KIND_REQUEST, evil.op, 1, 0, NULL);
	p.fd = evil_chan.fd;
	for (i = 0; i < 1000000; i++) {
		r = evil_raw(&f, sizeof(f.hdr) + f.hdr.size, 0);
		if (r == -EAGAIN)
			(void)poll(&p, 1, 1000);
		else if (r)
			break;
	}
	fprintf(stderr, "flood: cut off after %u requests\n", i);
	evil_disconnect();
	until = clock_mono_ms() + NEXT_CLIENT_MS;
	/* As long as the role has not seen that the one before is gone it hangs up on the next. */
	do {
		if (evil_connect())
			return "the role takes no client after the flood";
		r = ipc_call(&evil_chan, evil.op, NULL, NULL, -1, NULL);
		evil_disconnect();
	} while (r && r != -EAGAIN && clock_mono_ms() < until);
	return r && r != -EAGAIN ? "no answer after the flood" : NULL;
}

int evil_main(int argc, char **argv, const struct evil *what, const struct evil_test *own, size_t n)
{
	static const struct evil_test all[] = {
		{ "I2_malformed_requests_are_cut_off", malformed },
		{ "I2_descriptors_nobody_asked_for", descriptors },
		{ "I2_other_roles_requests_replies_and_events", other_roles_and_kinds },
		{ "I2_random_fields", random_fields },
		{ "I4_an_honest_pace_is_held_by_force", steady },
		{ "I4_a_flood_starves_nobody", flood },
	};
	const size_t nall = ARRAY_SIZE(all);
	uid_t uid;

	if (argc < 3)
		return 2;
	evil = *what;
	evil.path = argv[1];
	uid = (uid_t)strtoul(argv[2], NULL, 10);
	result_only(argc - 2, argv + 2);
	log_set_level(LOG_LVL_ERR - 1);
	if (geteuid() == 0 && (setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
		return 2;
	for (size_t i = 0; i < n + nall; i++) {
		const struct evil_test *t = i < n ? &own[i] : &all[i - n];
		char name[96];
		const char *wrong;

		(void)snprintf(name, sizeof(name), "%s[role=%s]", t->name,
			       ipc_role_name(evil.role));
		if (!result_wanted(name))
			continue;
		wrong = t->run();
		if (wrong)
			result_fail(name, "%s", wrong);
		else
			result_ok(name);
	}
	return result_status();
}
