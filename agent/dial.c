/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/dial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/loop.h"
#include "ipc/ipc.h"
#include "lib/cleanup.h"
#include "lib/log.h"

struct pending {
	uint32_t seq; /* 0: free */
	enum ipc_op op;
	bool cancelled;
	dial_fn fn;
	dial_resolved_fn resolved;
	dial_servers_fn servers;
	void *arg;
};

struct dial {
	struct loop *loop;
	struct loop_io io;
	struct ipc_chan chan;
	struct pending pending[DIAL_MAX_PENDING];
};

static void lost(struct dial *d, int r)
{
	if (r == -EPIPE)
		log_err("the dialer is gone");
	loop_io_del(d->loop, &d->io);
	ipc_chan_close(&d->chan);
	loop_quit(d->loop, 1);
}

static struct pending *find(struct dial *d, uint32_t seq)
{
	for (size_t i = 0; seq && i < DIAL_MAX_PENDING; i++) {
		if (d->pending[i].seq == seq)
			return &d->pending[i];
	}
	return NULL;
}

static void deliver(const struct pending *p, int status, const void *payload, int fd)
{
	struct dial_conn conn = { .peer.family = 0 };

	if (p->op == IPC_DIAL_RESOLVE) {
		p->resolved(p->arg, status, payload);
		return;
	}
	if (p->op == IPC_DIAL_SERVERS) {
		p->servers(p->arg, status, payload);
		return;
	}
	if (!status && p->op == IPC_DIAL_LISTEN)
		conn.local = ((const struct dial_listening *)payload)->local;
	else if (!status)
		conn = *(const struct dial_conn *)payload;
	p->fn(p->arg, status, fd, &conn);
}

static void dialer_speaks(void *arg, int fd, uint32_t events)
{
	_cleanup_close_ int got = -1;
	struct dial *d = arg;
	struct pending *slot, p;
	struct ipc_hdr hdr;
	int r = ipc_recv(&d->chan, &hdr, &got);

	if (r == -EAGAIN)
		return;
	if (r) {
		lost(d, r);
		return;
	}
	slot = find(d, hdr.seq);
	if (!slot || slot->op != (enum ipc_op)hdr.op) {
		lost(d, ipc_violation(&d->chan, hdr.op, IPC_BAD_SEQ));
		return;
	}
	/* The callback may dial again. */
	p = *slot;
	slot->seq = 0;
	if (!p.cancelled)
		deliver(&p, hdr.status, d->chan.rx.payload, take_fd(&got));
}

int dial_new(struct dial **out, struct loop *loop, int fd)
{
	struct dial *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return -ENOMEM;
	d->loop = loop;
	ipc_chan_init(&d->chan, fd, IPC_DIALER, IPC_ASKS);
	r = loop_io_add(loop, &d->io, fd, EPOLLIN, dialer_speaks, d);
	if (r) {
		free(d);
		return r;
	}
	*out = d;
	return 0;
}

void dial_free(struct dial *d)
{
	if (!d)
		return;
	loop_io_del(d->loop, &d->io);
	ipc_chan_close(&d->chan);
	free(d);
}

static int ask(struct dial *d, const struct pending *p, const void *req)
{
	struct pending *slot = NULL;
	int r;

	for (size_t i = 0; i < DIAL_MAX_PENDING && !slot; i++) {
		if (!d->pending[i].seq)
			slot = &d->pending[i];
	}
	if (!slot)
		return -EBUSY;
	d->chan.seq = d->chan.seq < INT32_MAX ? d->chan.seq + 1 : 1;
	r = ipc_send(&d->chan, p->op, d->chan.seq, req, -1);
	if (r)
		return r;
	*slot = *p;
	slot->seq = d->chan.seq;
	return (int)slot->seq;
}

int dial_connect(struct dial *d, const struct dial_connect *req, dial_fn fn, void *arg)
{
	const struct pending p = { .op = IPC_DIAL_CONNECT, .fn = fn, .arg = arg };

	return ask(d, &p, req);
}

int dial_listen(struct dial *d, enum dial_purpose purpose, dial_fn fn, void *arg)
{
	const struct pending p = { .op = IPC_DIAL_LISTEN, .fn = fn, .arg = arg };
	const struct dial_listen req = { .purpose = (uint8_t)purpose };

	return ask(d, &p, &req);
}

int dial_udp(struct dial *d, const struct dial_udp *req, dial_fn fn, void *arg)
{
	const struct pending p = { .op = IPC_DIAL_UDP, .fn = fn, .arg = arg };

	return ask(d, &p, req);
}

int dial_resolve(struct dial *d, const struct dial_resolve *req, dial_resolved_fn fn, void *arg)
{
	const struct pending p = { .op = IPC_DIAL_RESOLVE, .resolved = fn, .arg = arg };

	return ask(d, &p, req);
}

int dial_servers(struct dial *d, dial_servers_fn fn, void *arg)
{
	const struct pending p = { .op = IPC_DIAL_SERVERS, .servers = fn, .arg = arg };

	return ask(d, &p, NULL);
}

void dial_cancel(struct dial *d, int id)
{
	struct pending *p = id > 0 ? find(d, (uint32_t)id) : NULL;

	if (p)
		p->cancelled = true;
}
