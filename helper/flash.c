/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flash role, with no capability. It believes a signature and its own reading of the flash,
 * and nothing else.
 */
#include "helper/flash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"

#define ASROOT_TABLE_FLASH
#include "helper/asroot_table.h"

_Static_assert(FLASH_VERSION_MAX == FW_TEXT_BYTES, "one version text");
_Static_assert(FLASH_REASON_MAX >= SLOT_REASON_MAX + 1, "a reason fits");

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int flash_open(void **self, const struct conf *conf, struct role_io *io)
{
	struct flash_role *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return -ENOMEM;
	if ((r = flash_open_all(f, conf))) {
		free(f);
		return r;
	}
	flash_trial_begin(f);
	*self = f;
	return 0;
}

/* libcrypto fetches its algorithms and fills its caches now, in the sandbox but before anybody
 * depends on it. */
static int flash_ready(void *self)
{
	uint8_t nothing[FW_SIGNED_BYTES] = { 0 };
	const struct flash_role *f = self;
	struct fw_keyring ring = f->keys;

	memcpy(nothing, ring.key[0].id, FW_KEY_ID_BYTES);
	ring.revocations = 0;
	return fw_verify(&ring, "", 0, nothing) == FW_BAD_SIGNATURE ? 0 : -EIO;
}

static uint32_t flash_state(void *self)
{
	const struct flash_role *f = self;

	return f->update.state == UPDATE_WRITING || f->update.state == UPDATE_WRITTEN
		       ? IPC_ST_WRITING
		       : IPC_ST_IDLE;
}

/* Reading a pipe, or a file on a file system of the agent's choice, could hang or change. A memfd
 * with all seals can do neither, and it is read once. More of them do no harm: with
 * vm.memfd_noexec the kernel adds one. */
static int copy_in(int fd, uint8_t *to, uint32_t size, size_t max)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;
	uint32_t done = 0;

	if (size == 0 || size > max || seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &st) ||
	    !S_ISREG(st.st_mode) || st.st_size != (off_t)size)
		return -EINVAL;
	while (done < size) {
		ssize_t n = pread(fd, to + done, size - done, done);

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		done += (uint32_t)n;
	}
	return 0;
}

static uint32_t verdict(enum fw_reason reason, int error, char why[FLASH_WHY_MAX])
{
	(void)snprintf(why, FLASH_WHY_MAX, "%s", error ? strerror(-error) : fw_reason_text(reason));
	if (error == -EBUSY)
		return IMAGE_BUSY;
	if (error)
		return IMAGE_FLASH;
	switch (reason) {
	case FW_OK:
		return IMAGE_FINE;
	case FW_UNKNOWN_KEY:
	case FW_REVOKED_KEY:
	case FW_BAD_SIGNATURE:
		return IMAGE_UNSIGNED;
	case FW_WRONG_MODEL:
	case FW_DOWNGRADE:
	case FW_JUMP:
	case FW_TOO_BIG:
		return IMAGE_REFUSED;
	default:
		return IMAGE_CORRUPT;
	}
}

int asroot_image_begin(struct flash_role *f, const struct image_begin *req, struct image_begun *rep,
		       int fd)
{
	const struct fw_manifest *m = &f->update.manifest;
	enum fw_reason reason;
	size_t len;
	int error;

	update_abort(&f->update);
	if ((error = copy_in(fd, f->signed_manifest, req->size, FW_MANIFEST_MAX + FW_SIGNED_BYTES)))
		return error;
	len = req->size > FW_SIGNED_BYTES ? req->size - FW_SIGNED_BYTES : 0;
	reason =
		update_begin(&f->update, f->signed_manifest, len, f->signed_manifest + len, &error);
	memset(rep, 0, sizeof(*rep));
	rep->verdict = verdict(reason, error, rep->why);
	if (rep->verdict != IMAGE_FINE) {
		role_refuses("%s", rep->why);
		return 0;
	}
	rep->chunk_size = m->chunk_size;
	rep->chunks = m->chunks;
	rep->payload = m->payload;
	rep->counter = m->counter;
	memcpy(rep->version, m->version, sizeof(rep->version));
	role_says("version", "%s", m->version);
	role_says("counter", "%u", m->counter);
	role_says("bytes", "%llu", (unsigned long long)m->payload);
	return 0;
}

int asroot_image_chunk(struct flash_role *f, const struct image_chunk *req,
		       struct image_result *rep, int fd)
{
	enum fw_reason reason;
	int error;

	/* The order is the manifest's: an index that is not the next one is a confused agent. */
	if (req->index != f->update.next)
		return -EINVAL;
	if ((error = copy_in(fd, f->chunk, req->size, FW_CHUNK_MAX)))
		return error;
	reason = update_chunk(&f->update, f->chunk, req->size, &error);
	rep->verdict = verdict(reason, error, rep->why);
	if (rep->verdict != IMAGE_FINE)
		role_refuses("chunk %u: %s", req->index, rep->why);
	return 0;
}

int asroot_image_arm(struct flash_role *f, struct image_result *rep)
{
	int error = update_arm(&f->update);

	if (error == -EPROTO)
		return error;
	rep->verdict = verdict(FW_OK, error, rep->why);
	if (error)
		role_refuses("written, but the environment is not: %s", rep->why);
	else
		role_says("version", "%s", f->update.manifest.version);
	return 0;
}

int asroot_image_abort(struct flash_role *f)
{
	update_abort(&f->update);
	return 0;
}

static void copy_text(char *to, size_t size, const char *from)
{
	(void)snprintf(to, size, "%s", from ? from : "");
}

static uint32_t phase(const struct flash_role *f, const struct slots *s)
{
	switch (s->phase) {
	case SLOT_TRIAL:
		return s->boot == f->update.running ? SLOT_ON_TRIAL : SLOT_IS_ARMED;
	case SLOT_FELL_BACK:
		return SLOT_WENT_BACK;
	case SLOT_STEADY:
	default:
		return SLOT_IS_CONFIRMED;
	}
}

int asroot_slot_read(struct flash_role *f, struct slot_state *rep)
{
	struct slots s;
	int r;

	/* Not over what an update in progress has loaded: it loads again before it arms. */
	if ((r = bootenv_load(&f->bootenv)) || (r = slots_read(&s, &f->bootenv.env)))
		return r;
	memset(rep, 0, sizeof(*rep));
	rep->boot = s.boot;
	rep->running = f->update.running;
	rep->trial = phase(f, &s);
	if (rep->trial == SLOT_ON_TRIAL) {
		rep->facts = flash_trial_facts(f);
		rep->left_s = flash_trial_left(f);
	}
	rep->counter = s.counter;
	rep->bootcount = s.bootcount;
	rep->bootlimit = s.bootlimit;
	rep->whole_a = s.ok[SLOT_A];
	rep->whole_b = s.ok[SLOT_B];
	copy_text(rep->version_a, sizeof(rep->version_a), s.version[SLOT_A]);
	copy_text(rep->version_b, sizeof(rep->version_b), s.version[SLOT_B]);
	copy_text(rep->reason, sizeof(rep->reason), s.phase == SLOT_FELL_BACK ? s.reason : NULL);
	return 0;
}

int flash_change(struct flash_role *f, int (*step)(struct env *, const char *), const char *text)
{
	int r;

	if (((r = bootenv_load(&f->bootenv)) || (r = step(&f->bootenv.env, text)) ||
	     (r = bootenv_save(&f->bootenv))) &&
	    r != -EALREADY)
		log_warn("flash: the slots stay as they are: %s", strerror(-r));
	return r;
}

static int step_reported(struct env *e, const char *text)
{
	return slots_reported(e);
}

int asroot_slot_vouch(struct flash_role *f, const struct slot_vouch *req)
{
	flash_trial_vouch(f, req->facts, req->ails);
	return 0;
}

int asroot_slot_fall_back(struct flash_role *f, const struct slot_fall_back *req)
{
	return flash_trial_back(f, req->reason);
}

int asroot_slot_reported(struct flash_role *f)
{
	return flash_change(f, step_reported, NULL);
}

static void flash_client_gone(void *self)
{
	struct flash_role *f = self;

	update_abort(&f->update);
	flash_trial_vouch(f, 0, "the agent is gone");
}

const struct role flash_role = {
	.ipc = IPC_FLASH,
	.sandbox = SB_FLASH,
	.user_key = "user.flash",
	.reboots = true,
	.ops = asroot_ops,
	.open = flash_open,
	.ready = flash_ready,
	.state = flash_state,
	.timeout = flash_trial_timeout,
	.tick = flash_trial_tick,
	.client_gone = flash_client_gone,
};
