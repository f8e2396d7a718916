/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One CWMP session (TR-069 A6 3.7.1) as a pure state machine: no sockets, no clock, no tree.
 * The caller performs the action that session_step() returns and comes back with its outcome.
 *
 *	IN_START ->	ACT_DIAL
 *	ACT_DIAL ->	IN_DIALED, IN_CLOSED or IN_TIMEOUT
 *	ACT_RUN ->	IN_RUN_DONE (cwmp_run() of rpc.h does what is to be done)
 *	ACT_POST ->	IN_HTTP, IN_CLOSED or IN_TIMEOUT
 *	ACT_END		nothing more; any later input gives ACT_END again
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/cwmp/events.h"
#include "agent/soap/read.h"
#include "lib/buf.h"

/* One call of the CPE that waits for a session, besides the Inform. */
struct cwmp_own_call {
	enum cwmp_call call;
	uint32_t ref;		  /* the caller's: which transfer, which result */
	char key[CWMP_KEY_BYTES]; /* its CommandKey: delivers that M event; "" without */
};

#define CWMP_CALLS_MAX 32

/* Copied by session_new(), but for events, which is shared and must live as long. */
struct session_config {
	const char *url;      /* of the ACS */
	uint8_t offer;	      /* session_offer() of the last good session with this ACS */
	uint32_t retry_count; /* failed sessions since the last good one */
	uint32_t retry_min;   /* CWMPRetryMinimumWaitInterval, seconds */
	uint32_t retry_mult;  /* CWMPRetryIntervalMultiplier, thousandths */
	bool https_only;      /* plain http is not allowed at all */
	struct cwmp_events *events;
	const struct cwmp_own_call *calls;
	size_t ncalls;
};

enum in_kind {
	IN_START,
	IN_DIALED,
	IN_HTTP,
	IN_TIMEOUT,
	IN_CLOSED, /* could not connect, TLS failed, cut off, reply too big: see why */
	IN_RUN_DONE,
	IN_KINDS,
};

struct input {
	enum in_kind kind;
	uint64_t now_ms; /* monotonic */
	uint32_t random; /* any 32 random bits, for the retry wait */
	const char *why; /* IN_CLOSED: one line without secrets, or NULL */
	/* IN_HTTP */
	int status;
	uint32_t retry_after; /* seconds, 0: none; also looked at with IN_CLOSED */
	const char *location; /* absolute URL of a redirect, or NULL */
	const char *body;     /* decoded; may go away after the step */
	size_t body_len;
	/* IN_RUN_DONE: 0 or -errno from cwmp_run() */
	int result;
};

enum act_kind { ACT_DIAL, ACT_POST, ACT_RUN, ACT_END };

enum session_run {
	RUN_CALL,     /* write one of our own calls, the Inform first */
	RUN_ANSWERED, /* look at the ACS's response (or fault) to it */
	RUN_REQUEST,  /* carry out a request of the ACS, write the response or fault */
};

enum session_outcome {
	END_OK,
	END_FAILED,
};

struct action {
	enum act_kind kind;
	/* ACT_DIAL: also drop the connection there is, when it goes elsewhere */
	const char *url; /* the session's own copy; good until the next step */
	/* ACT_POST; body_len 0 is the empty POST */
	const char *body;
	size_t body_len;
	uint32_t timeout_s; /* also for ACT_DIAL */
	/* ACT_RUN */
	enum session_run run;
	/* ACT_END */
	enum session_outcome outcome;
	const char *why;	/* END_FAILED: one line for the log, good as long as the session */
	uint64_t retry_wait_ms; /* END_FAILED: before the next try */
};

struct session;

/* NULL when memory is short. */
struct session *session_new(const struct session_config *);
void session_free(struct session *);
struct action session_step(struct session *, const struct input *);

/*
 * The version in whose namespace the Inform was written that the ACS answered; CWMP_UNKNOWN when
 * it did not. The caller keeps it for the next session with the same ACS, so that an old ACS is
 * asked in the right way at once, and forgets it when ManagementServer.URL changes.
 */
uint8_t session_offer(const struct session *);
/* May a session at `from` be sent on to `to`, or begin there when they are the same? NULL, or why
 * not. */
const char *session_redirect_refused(const char *from, const char *to, bool https_only);
/* Did the ACS answer the Inform? (the session may have failed later) */
bool session_informed(const struct session *);
uint32_t session_requests(const struct session *); /* RPCs of the ACS so far */
