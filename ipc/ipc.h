/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channels between the processes: SOCK_SEQPACKET, one message one packet, a fixed header and
 * exactly the struct that the table says, at most one descriptor. Whoever breaks a rule is cut off
 * without an answer (OpenSSH's monitor does the same): an error reply would be a thing to probe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ipc/messages.h"

#define IPC_MAGIC 0x59504c53u /* "SLPY" as it lies on a little-endian wire */
#define IPC_VERSION 1
#define IPC_FRAME_MAX 4096
#define IPC_PAYLOAD_MAX (IPC_FRAME_MAX - sizeof(struct ipc_hdr))

/* Host byte order: both ends are the same machine. */
struct ipc_hdr {
	uint32_t magic;
	uint16_t version;
	uint16_t kind; /* enum ipc_kind */
	uint16_t op;   /* enum ipc_op */
	uint16_t zero;
	uint32_t seq;	/* of the request, repeated in its reply; 0 in an event */
	int32_t status; /* of a reply: 0 or -errno; else 0 */
	uint32_t size;	/* bytes of payload */
};

struct ipc_frame {
	struct ipc_hdr hdr;
	union {
		uint8_t payload[IPC_PAYLOAD_MAX];
		uint64_t align;
	};
};

/* codec.c: pure. */

/* Why a frame was refused. The text goes to the log, never to the peer. */
enum ipc_fault {
	IPC_FINE,
	IPC_BAD_LENGTH,
	IPC_BAD_MAGIC,
	IPC_BAD_VERSION,
	IPC_BAD_KIND,
	IPC_BAD_OP, /* unknown, or another role's */
	IPC_BAD_SIZE,
	IPC_BAD_SEQ,
	IPC_BAD_STATUS,
	IPC_BAD_ZERO,	/* reserved bytes, or bytes behind the end of a string */
	IPC_BAD_STRING, /* not terminated */
	IPC_BAD_RANGE,
	IPC_BAD_FDS,
	IPC_BAD_STATE,
	IPC_FAULTS
};

const char *ipc_fault_text(enum ipc_fault fault);

/* len bytes arrived with nfds descriptors; kinds is a mask of 1 << enum ipc_kind that this side
 * may get. The frame is good when IPC_FINE. */
enum ipc_fault ipc_check(const struct ipc_frame *frame, size_t len, unsigned int nfds,
			 enum ipc_role role, unsigned int kinds);
enum ipc_fault ipc_check_struct(const struct ipc_struct *s, const void *payload);
void ipc_build(struct ipc_frame *frame, enum ipc_kind kind, enum ipc_op op, uint32_t seq,
	       int32_t status, const void *payload);

/* Token buckets, one per op: gate.c, pure. */
struct ipc_gate {
	uint64_t tokens[IPC_OPS]; /* in 1/60000 of a request */
	uint64_t at_ms[IPC_OPS];
	bool primed[IPC_OPS];
};

/* Takes a token of op's bucket at now_ms (monotonic). false: too fast. */
bool ipc_gate_pass(struct ipc_gate *gate, enum ipc_op op, uint64_t now_ms);

/* channel.c */

/* What ipc_ask() sent, until ipc_answer() has fetched the reply. */
struct ipc_asked {
	enum ipc_op op;
	uint32_t seq; /* 0: nothing is asked */
	uint64_t until_ms;
	bool answered; /* status and reply are there */
	int status;
	union {
		uint8_t reply[IPC_PAYLOAD_MAX];
		uint64_t align;
	};
};

struct ipc_chan {
	int fd; /* -1: closed */
	enum ipc_role role;
	unsigned int kinds; /* what this side may receive */
	uint32_t seq;
	uint64_t violations; /* frames refused since the start */
	/* An event that came while a reply was waited for. Must not call back into the channel.
	 * The descriptor is the callee's. NULL: such an event is dropped. */
	void (*on_event)(void *arg, enum ipc_op op, const void *payload, int fd);
	/* What ipc_ask() asked for is there now. As on_event. May be NULL. */
	void (*on_answer)(void *arg);
	void *arg;
	struct ipc_asked asked;
	struct ipc_frame rx, tx;
};

enum ipc_side { IPC_ASKS, IPC_SERVES };

/* Takes fd over. chan is large: keep it static or on the heap. */
void ipc_chan_init(struct ipc_chan *chan, int fd, enum ipc_role role, enum ipc_side side);
void ipc_chan_close(struct ipc_chan *chan);

/* 0 or -errno: -EPIPE the peer is gone, -EAGAIN it does not read. req has the op's size (NULL for
 * NONE). fd: -1 or what the row says; stays the caller's. seq is chosen by the caller. */
int ipc_send(struct ipc_chan *chan, enum ipc_op op, uint32_t seq, const void *req, int fd);
/* rep NULL: all zero. A failed reply carries no descriptor, and fd is then ignored. */
int ipc_reply(struct ipc_chan *chan, enum ipc_op op, uint32_t seq, int32_t status, const void *rep,
	      int fd);
int ipc_event(struct ipc_chan *chan, enum ipc_op op, const void *payload, int fd);

/* One message, if there is one. The payload lies in chan->rx.payload until the next call; *fd is
 * the caller's, or -1. 0; -EAGAIN nothing there; -EPIPE the peer is gone; -EPROTO the peer broke
 * the protocol: logged, counted and the channel closed. */
int ipc_recv(struct ipc_chan *chan, struct ipc_hdr *hdr, int *fd);
/* Closes and counts like a violation that the codec cannot see (wrong state, unknown seq). */
int ipc_violation(struct ipc_chan *chan, enum ipc_op op, enum ipc_fault fault);

/* Sends and waits for the reply: its status, or what went wrong on the way (-ETIMEDOUT, -EPIPE,
 * -EPROTO ...), and then the channel is closed (fd is -1), for a late reply would be taken for the
 * next one's. rep may be NULL; it is filled also when the status is an error. */
int ipc_call(struct ipc_chan *chan, enum ipc_op op, const void *req, void *rep, int fd_in,
	     int *fd_out);

/* ipc_call() in two halves, for what can be done while the peer works. One at a time: -EBUSY while
 * an answer is to be fetched; an ipc_call() meanwhile waits for that answer first, and it is kept.
 * -EINVAL: an op whose reply has a descriptor; nothing was asked. The time to answer begins with
 * the asking. Else as ipc_call(). */
int ipc_ask(struct ipc_chan *chan, enum ipc_op op, const void *req, int fd_in);
int ipc_answer(struct ipc_chan *chan, void *rep);
/* For who reads the channel with ipc_recv(): what lies in rx is the reply that was asked for, and
 * is kept. Else a violation: -EPROTO. */
int ipc_keep(struct ipc_chan *chan);

/* Listening socket at path (an old one is replaced), owner root, group gid, 0660. fd or -errno. */
int ipc_listen(const char *path, gid_t gid);
/* One waiting client whose uid at connect time is uid. fd, -EAGAIN, -EACCES (closed, logged). */
int ipc_accept(int listener, uid_t uid);
int ipc_connect(const char *path); /* fd or -errno */
int ipc_pair(int fd[2]);	   /* both ends close-on-exec; 0 or -errno */
