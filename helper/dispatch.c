/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands between a message and its handler. The agent may be hostile here: the codec has
 * looked at the bytes, this looks at the moment: is the operation this role's, is it legal now,
 * does it come too fast. Only then does privileged code see it.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "helper/serve.h"
#include "lib/audit.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/log.h"

static bool too_fast(struct role_io *io, const struct ipc_row *row, enum ipc_op op)
{
	uint64_t now = clock_mono_ms();

	if (ipc_gate_pass(&io->gate, op, now))
		return false;
	/* A flood must not become a flood of the log. */
	io->throttled++;
	if (io->throttled_at && now - io->throttled_at < HELPER_THROTTLE_LOG_MS)
		return true;
	audit(row->name, AUDIT_REFUSED, "role", ipc_role_name(io->role->ipc), "requests",
	      AUDIT_NUM(io->throttled), "reason", "comes too fast");
	io->throttled = 0;
	io->throttled_at = now;
	return true;
}

/* What the handler has to say about its request; a key that is NULL is the end. */
#define NOTES 4
static struct {
	const char *key;
	char value[128];
} notes[NOTES + 1];
static unsigned int nnotes;
static bool refused;

static __attribute__((format(printf, 2, 0))) void note(const char *key, const char *fmt, va_list ap)
{
	if (nnotes == NOTES)
		return;
	(void)vsnprintf(notes[nnotes].value, sizeof(notes[nnotes].value), fmt, ap);
	notes[nnotes++].key = key;
}

void role_says(const char *key, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(key, fmt, ap);
	va_end(ap);
}

void role_refuses(const char *fmt, ...)
{
	va_list ap;

	refused = true;
	va_start(ap, fmt);
	note("reason", fmt, ap);
	va_end(ap);
}

static void forget_notes(void)
{
	memset(notes, 0, sizeof(notes));
	nnotes = 0;
	refused = false;
}

static enum audit_result result_of(int status)
{
	if (refused || status == -EPERM || status == -EACCES || status == -EINVAL ||
	    status == -ERANGE)
		return AUDIT_REFUSED;
	return status ? AUDIT_FAILED : AUDIT_DONE;
}

/* What only prepares may come in thousands: were each refusal a line, a hostile agent could push
 * its other lines out of the log. */
static void leave_line(struct role_io *io, const struct ipc_row *row, int status)
{
	struct audit_gate *gate = row->audit ? NULL : &io->quiet;
	enum audit_result result = result_of(status);

	if (status)
		role_says("reason", "%s", strerror(-status));
	if (row->audit || result != AUDIT_DONE)
		audit_gated(gate, row->name, result, "role", ipc_role_name(io->role->ipc),
			    notes[0].key, notes[0].value, notes[1].key, notes[1].value,
			    notes[2].key, notes[2].value, notes[3].key, notes[3].value);
}

/* The handler's answer must be one that the agent's codec accepts; anything else is our own bug,
 * and must not look like the agent's. */
static int run(struct role_io *io, enum ipc_op op, const void *req, int fd_in, int *fd_out)
{
	const struct ipc_row *row = &ipc_rows[op];
	int status;

	memset(io->reply, 0, row->rep->size);
	forget_notes();
	status = io->role->ops[op].run(io->self, req, io->reply, fd_in, fd_out);
	if (status > 0 || status < -4095 || (!status && row->fd_out && *fd_out < 0) ||
	    ipc_check_struct(row->rep, io->reply)) {
		log_err("%s: impossible answer %d of the handler", row->name, status);
		memset(io->reply, 0, row->rep->size);
		status = -EIO;
	}
	leave_line(io, row, status);
	return status;
}

int dispatch(struct role_io *io)
{
	_cleanup_close_ int fd_in = -1, fd_out = -1;
	const struct ipc_row *row;
	struct ipc_hdr hdr;
	uint32_t state;
	int r, status;

	r = ipc_recv(&io->chan, &hdr, &fd_in);
	if (r)
		return r;
	row = &ipc_rows[hdr.op];
	if (!io->role->ops[hdr.op].run)
		return ipc_violation(&io->chan, hdr.op, IPC_BAD_OP);
	state = io->role->state ? io->role->state(io->self) : (uint32_t)IPC_ST_IDLE;
	if (!(row->states & state))
		return ipc_violation(&io->chan, hdr.op, IPC_BAD_STATE);
	if (too_fast(io, row, hdr.op)) {
		memset(io->reply, 0, row->rep->size);
		status = -EAGAIN;
	} else {
		status = run(io, hdr.op, io->chan.rx.payload, fd_in, &fd_out);
	}
	/* Passphrases come through here. */
	explicit_bzero(io->chan.rx.payload, hdr.size);
	/* Who does not read its answers cannot make the role wait, or hold them for it. */
	return ipc_reply(&io->chan, hdr.op, hdr.seq, status, io->reply, fd_out) ? -EPIPE : 0;
}

void role_event(struct role_io *io, enum ipc_op op, const void *payload)
{
	if (io->chan.fd < 0 || !ipc_rows[op].event)
		return;
	/* serve() sees the closed channel and drops the client. */
	if (ipc_event(&io->chan, op, payload, -1)) {
		log_warn("the agent does not read: cut off");
		ipc_chan_close(&io->chan);
	}
}
