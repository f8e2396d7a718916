/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a session, for session.c, answer.c and rpc.c. */
#pragma once

#include "agent/cwmp/session.h"
#include "lib/limits.h"

enum session_state {
	ST_NEW,
	ST_DIALING,
	ST_CALLING,   /* an own call is being written */
	ST_WAITING,   /* for the HTTP response to a POST */
	ST_TAKING,    /* the response to an own call is being looked at */
	ST_ANSWERING, /* a request of the ACS is being carried out */
	ST_OVER,
	ST_STATES,
};

struct session {
	enum session_state state;
	struct session_config cfg;  /* url and calls are not valid in it */
	char url[CWMP_URL_MAX + 1]; /* of this session; a redirect changes it */

	struct cwmp_own_call calls[CWMP_CALLS_MAX + 1]; /* [0] is the Inform */
	size_t ncalls, call;				/* call: the current, or the next to make */
	bool owed;	  /* the current call was posted and is not answered */
	unsigned repeats; /* of the current call, after 8005 */
	uint32_t id;	  /* of the newest own call */

	struct soap_reader *reader;
	struct soap_msg msg;
	struct buf out; /* what was or will be posted */

	uint8_t offer, version;
	bool fell_back;
	bool informed;
	bool hold;	    /* HoldRequests of the newest envelope */
	bool unreadable;    /* the newest envelope was answered with a SOAP fault */
	unsigned redirects; /* in a row */
	uint32_t requests;
	uint32_t timeout_s;
	uint64_t started_ms;

	struct action end; /* once the state is ST_OVER */
	char why[192];
};

struct action session_fail(struct session *, const struct input *, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
struct action session_post(struct session *);
/* Next own call, else the empty POST. */
struct action session_go_on(struct session *);
/* The ACS seems not to know our version: the Inform again in cwmp-1-0. False: not to be tried. */
bool session_fall_back(struct session *, struct action *);
/* A 200 with an envelope. */
struct action session_envelope(struct session *, const struct input *);

/* Leaves the line about it; no user and no password of the URL is in it. */
void session_audit_url(const char *action, const char *key, const char *url, const char *refused);
