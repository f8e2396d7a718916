/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams an image to the flash role as the agent does, for tests that need no agent.
 *
 *	flash_agent RUN_DIR UID install IMAGE | read | vouch FACTS [AILS] | back REASON | reported
 *
 * Prints "verdict N WHY", or the slots. 0 when the role did it. EXTRA=unsealed|partly|mapped
 * hands in a memfd that could still be changed, EXTRA=file|pipe something else; EXTRA=race tries to
 * change each piece while the role reads it. PROGRESS=1 prints a line for each step of an
 * installation; PAUSE=1 waits for the end of the input before the last one.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/priv.h"
#include "firmware/manifest.h"
#include "ipc/flash.h"

static struct priv priv;

static bool extra(const char *what)
{
	const char *wanted = getenv("EXTRA");

	return wanted && !strcmp(wanted, what);
}

static int fail(const char *what)
{
	perror(what);
	exit(3);
}

/* What is no memfd: a file whose owner may write it at any time, a pipe. */
static int other_kind(const void *data, size_t len)
{
	int pair[2], fd = extra("file") ? open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;

	if (fd < 0) {
		if (pipe(pair))
			return fail("pipe");
		fd = pair[1];
	}
	if (write(fd, data, len) != (ssize_t)len)
		return fail("write");
	return extra("file") ? fd : pair[0];
}

static atomic_int raced = -1; /* the piece that the role has been given, sealed; never closed */
static atomic_ulong tries;

/* Every way to change it while it is read; one that works is the end of the test. */
static void *racer(void *arg)
{
	for (;; tries++) {
		int fd = raced, again;
		char path[32];

		if (fd < 0)
			continue;
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		again = open(path, O_RDWR | O_CLOEXEC);
		if (pwrite(fd, "x", 1, 0) == 1 || (again >= 0 && pwrite(again, "x", 1, 0) == 1) ||
		    !ftruncate(fd, 1) || mmap(NULL, 1, PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED)
			fail("a sealed piece was changed");
		if (again >= 0)
			close(again);
	}
	return arg;
}

static int memfd(const void *data, size_t len)
{
	int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE, fd;

	if (extra("file") || extra("pipe"))
		return other_kind(data, len);
	fd = memfd_create("image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		return fail("memfd");
	if (extra("unsealed"))
		seals = F_SEAL_SHRINK | F_SEAL_GROW;
	if (extra("partly"))
		seals &= ~F_SEAL_SEAL;
	/* Who can still write it through a mapping can't seal it against writing. */
	if (extra("mapped")) {
		if (mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ||
		    !fcntl(fd, F_ADD_SEALS, seals) || errno != EBUSY)
			return fail("a mapped memfd");
		seals &= ~F_SEAL_WRITE;
	}
	if (fcntl(fd, F_ADD_SEALS, seals))
		return fail("seals");
	if (extra("race"))
		raced = dup(fd);
	return fd;
}

static int say(int r, uint32_t verdict, const char *why)
{
	printf("verdict %u %s\n", verdict, r ? strerror(-r) : why);
	return r || verdict != IMAGE_FINE;
}

static void progress(const char *what, uint32_t n)
{
	if (!getenv("PROGRESS"))
		return;
	printf("%s %u\n", what, n);
	(void)fflush(stdout);
}

static void until_told(void)
{
	char byte;

	if (!getenv("PAUSE"))
		return;
	puts("written");
	(void)fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

static uint8_t piece[FW_CHUNK_MAX]; /* of the image; a manifest is shorter */
_Static_assert(sizeof(piece) >= FW_MANIFEST_MAX + FW_SIGNED_BYTES, "it holds a manifest, too");

static int begin(FILE *image, struct image_begun *begun)
{
	size_t n = fread(piece, 1, FW_HEAD_BYTES, image), head = fw_manifest_length(piece, n);
	struct image_begin req = { (uint32_t)(head + FW_SIGNED_BYTES) };
	int fd, r;

	if (!head || fread(piece + n, 1, req.size - n, image) != req.size - n)
		return say(0, IMAGE_CORRUPT, "not an image");
	fd = memfd(piece, req.size);
	r = priv_image_begin(&priv, &req, begun, fd);
	close(fd);
	return r || begun->verdict ? say(r, begun->verdict, begun->why) : 0;
}

/* Of the chunk that the role has: while it writes, the next one is read. */
static int settle(uint32_t chunk)
{
	struct image_result done;
	int r = priv_image_chunk_answer(&priv, &done);

	if (r || done.verdict)
		return say(r, done.verdict, done.why);
	progress("chunk", chunk);
	return 0;
}

static int install(FILE *image)
{
	struct image_result done = { 0 };
	struct image_begun begun;
	int fd, r = begin(image, &begun);

	if (r)
		return r;
	progress("begun", 0);
	for (uint32_t i = 0; i < begun.chunks; i++) {
		size_t n = fread(piece, 1, begun.chunk_size, image);
		struct image_chunk chunk = { i, (uint32_t)n };

		if (!n)
			return say(0, IMAGE_CORRUPT, "cut short");
		fd = memfd(piece, n);
		r = i ? settle(i - 1) : 0;
		if (!r && (r = priv_image_chunk_ask(&priv, &chunk, fd)))
			r = say(r, 0, "");
		close(fd);
		if (r)
			return r;
	}
	if (begun.chunks && (r = settle(begun.chunks - 1)))
		return r;
	until_told();
	r = priv_image_arm(&priv, &done);
	return say(r, done.verdict, done.why);
}

static int install_file(const char *path)
{
	FILE *image = fopen(path, "re");
	pthread_t thread;
	int r;

	if (!image) {
		perror(path);
		return 3;
	}
	if (extra("race") && pthread_create(&thread, NULL, racer, NULL))
		return fail("a thread");
	r = install(image);
	(void)fclose(image);
	if (extra("race") && !tries)
		return fail("the racer did not run");
	return r;
}

static int print_slots(void)
{
	struct slot_state s;
	int r = priv_slot_read(&priv, &s);

	if (r)
		return say(r, 0, "");
	printf("boot %u running %u trial %u facts %u counter %u whole %u %u versions", s.boot,
	       s.running, s.trial, s.facts, s.counter, s.whole_a, s.whole_b);
	printf(" \"%s\" \"%s\" reason \"%s\"\n", s.version_a, s.version_b, s.reason);
	return 0;
}

/* Stays connected, as the agent does: an agent that is gone is not healthy. Ends with its input. */
static int vouch(const char *facts, const char *ails)
{
	struct slot_vouch v = { .facts = (uint32_t)strtoul(facts, NULL, 10) };
	char byte;
	int r;

	(void)snprintf(v.ails, sizeof(v.ails), "%s", ails);
	r = priv_slot_vouch(&priv, &v);
	if (!r) {
		puts("vouched");
		(void)fflush(stdout);
		while (read(STDIN_FILENO, &byte, 1) > 0)
			;
	}
	return say(r, 0, "");
}

int main(int argc, char **argv)
{
	struct slot_fall_back back = { { 0 } };
	const char *verb = argc > 3 ? argv[3] : "";
	uid_t uid = argc > 3 ? (uid_t)strtoul(argv[2], NULL, 10) : 0;
	int r;

	if (argc < 4)
		return 2;
	priv_init(&priv);
	r = priv_connect(&priv, IPC_FLASH, argv[1], uid, (gid_t)uid);
	if (r)
		return say(r, 0, "");
	if (!strcmp(verb, "install") && argc == 5)
		return install_file(argv[4]);
	if (!strcmp(verb, "read"))
		return print_slots();
	if (!strcmp(verb, "vouch") && argc >= 5)
		return vouch(argv[4], argc > 5 ? argv[5] : "");
	if (!strcmp(verb, "reported"))
		return say(priv_slot_reported(&priv), 0, "");
	if (!strcmp(verb, "back") && argc == 5) {
		(void)snprintf(back.reason, sizeof(back.reason), "%s", argv[4]);
		return say(priv_slot_fall_back(&priv, &back), 0, "");
	}
	return 2;
}
