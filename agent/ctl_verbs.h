/* SPDX-License-Identifier: Apache-2.0 */
/* ctl.c moves packets, ctl_verbs.c does what they ask. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ctl/proto.h"
#include "lib/buf.h"

struct agent;

/*
 * The answer as frames: a size_t, then that many bytes, which are one packet. Rows are gathered
 * until a packet is full.
 */
struct ctl_reply {
	struct buf *frames;
	struct buf packet;
	bool failed; /* the request was not carried out */
};

void ctl_reply_put(struct ctl_reply *r, enum ctl_type type, size_t n, const char *const *fields,
		   const size_t *sizes);
void ctl_reply_flush(struct ctl_reply *r);

/* Carries out one request and writes its whole answer. */
void ctl_run(struct agent *agent, const struct ctl_record *request, struct ctl_reply *reply);

/* The last log lines, oldest first; kept from ctl_log_start() on. */
void ctl_log_start(void);
void ctl_log_stop(void);
void ctl_log_put(struct ctl_reply *r);
/* Those of the log in the state folder that have text in them. */
void ctl_log_search(struct agent *agent, const char *text, struct ctl_reply *r);
void ctl_transfers_put(struct agent *agent, struct ctl_reply *r);
void ctl_history_put(struct agent *agent, struct ctl_reply *r);
