/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files for and from the ACS: takes transfers down, carries out one after the other between the
 * sessions, and reports each of them once (TR-069 A6 A.3.2.8, A.3.3.2, A.4.1).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/cwmp/transfer.h"
#include "agent/transfer/history.h"

struct agent;
struct cwmp_own_call;
struct cwmp_ops;
struct soap_writer;
struct transfers;

/* Before the sandbox: opens what later could not be. 0 or -errno, logged. */
int transfers_new(struct transfers **out, struct agent *agent);
/* In the sandbox, when the client is there: what an earlier boot or process left goes on. */
void transfers_start(struct transfers *ts);

/* The client's: no session runs now. */
void transfers_session_ended(struct transfers *ts);
/* The box is about to start anew: a session would only tell of the life before. */
bool transfers_rebooting(const struct transfers *ts);
/* What the flash role knows of the image on trial has changed. */
void transfers_trial(struct transfers *ts);
/* Another ACS: what the old one had asked for is neither done nor told. */
void transfers_forget(struct transfers *ts);

/* The RPCs' side: struct cwmp_transfer_ops and the own calls of struct cwmp_ops. */
unsigned transfers_add(struct transfers *ts, const struct cwmp_transfer *asked, const char **why);
unsigned transfers_cancel(struct transfers *ts, const char *key);
void transfers_each(struct transfers *ts, cwmp_queued_fn fn, void *arg);
size_t transfers_calls(struct transfers *ts, struct cwmp_own_call *out, size_t max);
int transfers_write(struct transfers *ts, const struct cwmp_own_call *call, struct soap_writer *w);
void transfers_answered(struct transfers *ts, const struct cwmp_own_call *call, uint32_t fault);

/* Somebody at the box has a file fetched, without credentials: 0 or a fault with *why. */
unsigned transfers_local(struct transfers *ts, const char *type, const char *url, const char **why);

/* Somebody at the box wants the ACS to send a file of this type: 9 REQUEST DOWNLOAD, until the ACS
 * has heard of it or the box restarts. 0, -EINVAL (no such type here), -ENOSPC. */
int transfers_request(struct transfers *ts, const char *type);

/* For sallyportctl. */
struct transfer_status {
	uint32_t id;
	const char *kind, *state, *key, *type, *why;
	uint64_t bytes, total; /* UINT64_MAX: not known */
	uint32_t fault;
	int64_t wait_s; /* until it may begin; -1: nothing to wait for */
	bool running;	/* bytes counts */
	bool asks;	/* waits for somebody at the box to say yes, to this: */
	const char *message;
};
typedef void (*transfer_status_fn)(void *arg, const struct transfer_status *);
void transfers_status(struct transfers *ts, transfer_status_fn fn, void *arg);
/* Those that have ended, oldest first. */
void transfers_history(struct transfers *ts, transfer_past_fn fn, void *arg);
/* Somebody at the box says yes to a ScheduleDownload. 0 or -ENOENT. */
int transfers_confirm(struct transfers *ts, uint32_t id);
/* Each line of the agent's kept log, oldest first, that has text in it, whatever the case. */
void transfers_log_search(struct transfers *ts, const char *text,
			  void (*fn)(void *arg, const char *line), void *arg);
