/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/transfer/firmware.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/priv.h"
#include "agent/store.h"
#include "agent/transfer/run.h"
#include "lib/log.h"

#define FW_HEAD 16 /* as much of a manifest as says how long it is */
#define FW_SIGNED 72
#define FW_MANIFEST_MIN (256 + 32)
#define FW_MANIFEST_MAX (256 + 32 * 8192)
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/*
 * What arrives goes into a memfd, and the memfd, once full and sealed, to the flash role: no piece
 * of an image is ever in the agent's own memory for longer than a read.
 */
struct firmware_job {
	int fd;
	uint32_t want, have; /* bytes of the piece that is being filled */
	bool manifest;	     /* that piece is the manifest with its signature */
	uint8_t head[FW_HEAD];
	struct image_begun image;
	uint32_t next; /* chunk */
	uint64_t left; /* bytes of the payload */
	bool begun;    /* the flash role is at it */
	bool asked;    /* it has a chunk, and its verdict is still to come */
	bool answered; /* that verdict is here, and nobody has looked */
};

static unsigned verdict(struct transfers *ts, uint32_t v, const char *why)
{
	switch (v) {
	case IMAGE_FINE:
		return 0;
	case IMAGE_UNSIGNED:
		return transfers_fault(ts, FAULT_FILE_UNSIGNED, "the image is refused: %s", why);
	case IMAGE_CORRUPT:
	case IMAGE_REFUSED:
		return transfers_fault(ts, FAULT_FILE_CORRUPT, "the image is refused: %s", why);
	default:
		return transfers_fault(ts, FAULT_DOWNLOAD, "the image is not installed: %s", why);
	}
}

static unsigned lost(struct transfers *ts, int r)
{
	return transfers_fault(ts, FAULT_DOWNLOAD, "the flash role: %s", strerror(-r));
}

static unsigned next_piece(struct transfers *ts, uint32_t want)
{
	struct firmware_job *f = ts->firmware;

	if (f->fd >= 0)
		close(f->fd);
	f->want = want;
	f->have = 0;
	f->fd = memfd_create("image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return f->fd < 0 ? transfers_fault(ts, FAULT_DOWNLOAD, "no memory for the image") : 0;
}

static uint32_t next_size(const struct firmware_job *f)
{
	return f->left < f->image.chunk_size ? (uint32_t)f->left : f->image.chunk_size;
}

/* Of the chunk that the role is writing, if there is one. */
static unsigned settle(struct transfers *ts)
{
	struct firmware_job *f = ts->firmware;
	struct image_result done;
	int r;

	if (!f->asked)
		return 0;
	f->asked = false;
	r = priv_image_chunk_answer(ts->agent->priv, &done);
	return r ? lost(ts, r) : verdict(ts, done.verdict, done.why);
}

static void abandon(struct transfers *ts)
{
	struct firmware_job *f = ts->firmware;
	struct image_result nobody_asks;

	if (f->asked)
		(void)priv_image_chunk_answer(ts->agent->priv, &nobody_asks);
	f->asked = false;
	if (f->begun && !priv_lost(ts->agent->priv))
		(void)priv_image_abort(ts->agent->priv);
	f->begun = false;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

static unsigned begin(struct transfers *ts, struct transfer *t)
{
	struct firmware_job *f = ts->firmware;

	abandon(ts);
	memset(f, 0, sizeof(*f));
	f->fd = -1;
	f->manifest = true;
	return next_piece(ts, FW_HEAD);
}

/* The first bytes say how long the manifest is. */
static unsigned size_manifest(struct transfers *ts)
{
	struct firmware_job *f = ts->firmware;
	uint32_t n = (uint32_t)f->head[12] | (uint32_t)f->head[13] << 8 |
		     (uint32_t)f->head[14] << 16 | (uint32_t)f->head[15] << 24;

	if (memcmp(f->head, "SALLYFW", 8) != 0 || n < FW_MANIFEST_MIN || n > FW_MANIFEST_MAX)
		return transfers_fault(ts, FAULT_FILE_CORRUPT, "not a firmware image");
	f->want = n + FW_SIGNED;
	return 0;
}

static unsigned send_manifest(struct transfers *ts)
{
	struct firmware_job *f = ts->firmware;
	struct image_begin req = { .size = f->want };
	int r = priv_image_begin(ts->agent->priv, &req, &f->image, f->fd);
	unsigned fault = r ? lost(ts, r) : verdict(ts, f->image.verdict, f->image.why);

	if (fault)
		return fault;
	(void)store_del(ts->agent->store, KEPT_BOOT_FAILURE);
	f->begun = true;
	f->manifest = false;
	f->left = f->image.payload;
	log_notice("transfer %u: image of version %s, %llu bytes", ts->now->id, f->image.version,
		   (unsigned long long)f->left);
	return next_piece(ts, next_size(f));
}

/* One chunk is fetched while the one before is written: the network and the flash are the slow
 * ones, and neither waits for the other. */
static unsigned send_chunk(struct transfers *ts)
{
	struct firmware_job *f = ts->firmware;
	struct image_chunk req = { .index = f->next, .size = f->want };
	unsigned fault = settle(ts);
	int r;

	if (fault)
		return fault;
	if ((r = priv_image_chunk_ask(ts->agent->priv, &req, f->fd)))
		return lost(ts, r);
	f->asked = true;
	f->answered = false;
	f->next++;
	f->left -= f->want;
	return f->left ? next_piece(ts, next_size(f)) : 0;
}

static unsigned piece_full(struct transfers *ts)
{
	struct firmware_job *f = ts->firmware;

	if (f->manifest && f->want == FW_HEAD)
		return size_manifest(ts);
	if (fcntl(f->fd, F_ADD_SEALS, SEALS))
		return transfers_fault(ts, FAULT_DOWNLOAD, "cannot seal a piece of the image");
	return f->manifest ? send_manifest(ts) : send_chunk(ts);
}

/* Flash may take seconds for a chunk. The last octets of the next one are left on the way: once
 * they are here there is nothing to do but to wait, and ACS and sallyportctl would have to, too. */
static void hold(struct transfers *ts)
{
	const struct firmware_job *f = ts->firmware;

	if (f->asked && !f->answered && f->want - f->have < HTTP_SINK_MAX)
		http_stream_hold(ts->stream, ipc_rows[IPC_IMAGE_CHUNK].timeout_ms);
}

static void on_answer(void *arg)
{
	struct transfers *ts = arg;

	ts->firmware->answered = true;
	if (ts->stream)
		http_stream_go_on(ts->stream);
}

static unsigned take(struct transfers *ts, const void *data, size_t n)
{
	struct firmware_job *f = ts->firmware;
	const uint8_t *at = data;

	while (n) {
		size_t room = f->want - f->have;
		size_t now = n < room ? n : room;
		unsigned fault;

		if (!f->manifest && !f->left)
			return transfers_fault(ts, FAULT_FILE_CORRUPT,
					       "longer than its manifest says");
		if (f->manifest && f->have < FW_HEAD)
			memcpy(f->head + f->have, at, now);
		if (write(f->fd, at, now) != (ssize_t)now)
			return transfers_fault(ts, FAULT_DOWNLOAD, "no memory for the image");
		f->have += (uint32_t)now;
		at += now;
		n -= now;
		fault = f->have == f->want ? piece_full(ts) : 0;
		if (fault)
			return fault;
	}
	hold(ts);
	return 0;
}

/*
 * In the store before the flash role makes it bootable: after a kill in between the slots say
 * which of the two it was.
 */
static unsigned finish(struct transfers *ts, struct transfer *t)
{
	struct firmware_job *f = ts->firmware;
	struct image_result done;
	unsigned fault;
	int r;

	if (f->manifest || f->left)
		return transfers_fault(ts, FAULT_FILE_CORRUPT, "shorter than its manifest says");
	if ((fault = settle(ts)))
		return fault;
	t->state = TRANSFER_ARMED;
	(void)snprintf(t->version, sizeof(t->version), "%s", f->image.version);
	r = transfer_put(&ts->q, t);
	if (!r)
		r = store_save(ts->agent->store);
	if (r) {
		t->state = TRANSFER_RUNNING;
		return transfers_fault(ts, FAULT_DOWNLOAD, "the store: %s", strerror(-r));
	}
	r = priv_image_arm(ts->agent->priv, &done);
	if (!r && done.verdict == IMAGE_FINE) {
		f->begun = false;
		return 0;
	}
	t->state = TRANSFER_RUNNING;
	return r ? lost(ts, r) : verdict(ts, done.verdict, done.why);
}

const struct transfer_handler firmware_handler = {
	.max = INT64_MAX,
	.begin = begin,
	.take = take,
	.finish = finish,
	.close = abandon,
};

/* After a start */

static const char *running_version(const struct slot_state *s)
{
	return s->running ? s->version_b : s->version_a;
}

/* The slot is not whole while an image is written into it: what is there was armed. */
static bool was_armed(const struct slot_state *s, const struct transfer *t)
{
	return s->running ? s->whole_a && !strcmp(s->version_a, t->version)
			  : s->whole_b && !strcmp(s->version_b, t->version);
}

static void went_back(struct transfers *ts, struct transfer *t, const char *reason)
{
	char text[TRANSFER_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "version %s was tried and given up: %s", t->version,
		       reason);
	transfers_complete(ts, t, FAULT_DOWNLOAD, text);
}

/* The end came before the flash role had armed it: the slots speak of others. */
static void once_more(struct transfers *ts, struct transfer *t, const struct transfer_clock *now)
{
	t->state = TRANSFER_WAITING;
	transfer_rebase(t, now);
	if (transfer_put(&ts->q, t) || store_save(ts->agent->store))
		log_warn("transfer %u: its state is not in the store", t->id);
}

static void judge(struct transfers *ts, struct transfer *t, const struct slot_state *s)
{
	const struct transfer_clock now = transfers_clock(ts);
	bool same_boot = !strcmp(t->boot, now.boot_id);

	if (s->trial == SLOT_IS_ARMED && same_boot)
		transfers_reboot(ts);
	else if (same_boot)
		once_more(ts, t, &now);
	else if (s->trial == SLOT_IS_ARMED)
		transfers_complete(ts, t, FAULT_DOWNLOAD,
				   "the boot loader did not boot the new image");
	else if (s->trial == SLOT_WENT_BACK)
		went_back(ts, t, s->reason);
	else if (strcmp(running_version(s), t->version) != 0 && was_armed(s, t))
		went_back(ts, t, "nobody has left a reason");
	else if (strcmp(running_version(s), t->version) != 0)
		once_more(ts, t, &now);
	else if (s->trial == SLOT_ON_TRIAL && !(s->facts & SLOT_HEALTHY))
		log_notice("transfer %u: nothing is told before the image is healthy", t->id);
	else
		transfers_complete(ts, t, 0, "");
}

void firmware_start(struct transfers *ts)
{
	struct slot_state s;
	int r = ts->firmware ? priv_slot_read(ts->agent->priv, &s) : -ENOTCONN;

	/* Asked too often: what became of an image is not to be guessed. */
	if (r == -EAGAIN) {
		ts->trial_news = true;
		return;
	}
	for (size_t i = 0; i < TRANSFERS_MAX; i++) {
		struct transfer *t = &ts->q.v[i];

		if (!t->id || t->state != TRANSFER_ARMED)
			continue;
		if (r)
			transfers_complete(ts, t, FAULT_DOWNLOAD, "the boot slots cannot be read");
		else
			judge(ts, t, &s);
	}
	firmware_told(ts);
}

void firmware_told(struct transfers *ts)
{
	struct slot_state s;

	for (size_t i = 0; i < TRANSFERS_MAX; i++)
		if (ts->q.v[i].id && ts->q.v[i].state >= TRANSFER_ARMED &&
		    ts->q.v[i].file == TRANSFER_FIRMWARE)
			return;
	if (!ts->firmware || priv_slot_read(ts->agent->priv, &s) || s.trial != SLOT_WENT_BACK)
		return;
	/* The slots forget it now. In the store's memory: what was told is saved together. */
	if (store_set(ts->agent->store, KEPT_BOOT_FAILURE, s.reason, strlen(s.reason)))
		log_warn("why an image went back is not in the store");
	(void)priv_slot_reported(ts->agent->priv);
}

bool firmware_busy(struct transfers *ts)
{
	struct slot_state s;
	int r = ts->firmware ? priv_slot_read(ts->agent->priv, &s) : -ENOTCONN;

	return r == -EAGAIN || (!r && s.trial == SLOT_ON_TRIAL);
}

bool firmware_writing(const struct transfers *ts)
{
	return ts->firmware && ts->firmware->begun;
}

int firmware_new(struct transfers *ts)
{
	const struct priv *p = ts->agent->priv;
	struct ipc_chan *flash = p->role[IPC_FLASH];

	if (!flash || !p->role[IPC_SYSTEM])
		return 0;
	ts->firmware = calloc(1, sizeof(*ts->firmware));
	if (!ts->firmware)
		return -ENOMEM;
	ts->firmware->fd = -1;
	flash->on_answer = on_answer;
	flash->arg = ts;
	return 0;
}

void firmware_free(struct transfers *ts)
{
	if (ts->firmware && ts->firmware->fd >= 0)
		close(ts->firmware->fd);
	free(ts->firmware);
}
