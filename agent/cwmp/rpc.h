/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an RPC does: the table of methods, their handlers, and the messages that we send. They
 * read the request view and write the response straight into the session's buffer while the tree
 * walks. Nothing here does I/O of its own; the tree's apply hooks may.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/cwmp/events.h"
#include "agent/cwmp/session.h"
#include "agent/cwmp/transfer.h"

struct dm;
struct buf;
struct soap_writer;

/* What only the rest of the agent can do. A method whose function is NULL is not listed by
 * GetRPCMethods and answers 9000. Each returns 0 or a CWMP fault code (9001, 9002, 9004). */
struct cwmp_ops {
	unsigned (*reboot)(void *arg, const char *command_key); /* carried out after the session */
	unsigned (*factory_reset)(void *arg);			/* likewise */
	unsigned (*schedule_inform)(void *arg, uint32_t delay_s, const char *command_key);
	const struct cwmp_transfer_ops *transfer; /* NULL: none of the six methods of files */
	/* What waits for a session beside the Inform, in order: at most max, returns how many. */
	size_t (*pending_calls)(void *arg, struct cwmp_own_call *out, size_t max);
	/* An own call that is not the Inform or GetRPCMethods: writes the element into w, and hears
	 * of the answer (fault 0: fine; 8000: this ACS will never take it). Needed only for calls
	 * given to the session. */
	int (*write_call)(void *arg, const struct cwmp_own_call *, struct soap_writer *w);
	void (*call_answered)(void *arg, const struct cwmp_own_call *, uint32_t fault);
	void *arg;
};

/* What the ACS offers, learnt by GetRPCMethods. Zero when it was not asked yet. */
struct cwmp_acs {
	bool asked;
	bool answered;	  /* false after asked: it knows no GetRPCMethods */
	uint32_t calls;	  /* bit CALL_x: listed */
	uint32_t refused; /* bit CALL_x: answered with 8000 */
	uint32_t told;	  /* bit CALL_x: the log has it */
};

/* Has the ACS this method? True as long as it has not said otherwise. */
bool cwmp_acs_takes(const struct cwmp_acs *, enum cwmp_call);

struct cwmp_env;
/*
 * The own calls of the next session: what waits, without what this ACS is known not to take (its
 * events are dropped, with a line in the log), and before it GetRPCMethods, once for each ACS: at
 * the first contact, and before the first call after a start of the agent.
 */
size_t cwmp_calls_plan(struct cwmp_env *, struct cwmp_own_call out[CWMP_CALLS_MAX]);

struct cwmp_env {
	struct dm *dm;
	struct cwmp_events *events;
	struct cwmp_acs *acs;
	const struct cwmp_ops *ops; /* may be NULL */
	uint32_t retry_count;	    /* for the Inform */
	/* The time of now; the caller sets it before each cwmp_run(). */
	bool time_known;
	int64_t unix_us;   /* microseconds since 1970, when known */
	uint64_t uptime_s; /* since boot, when not */
};

/*
 * Does what ACT_RUN asks for, and gives the result for IN_RUN_DONE. Faults of the ACS's requests
 * are written as such and are a success here; -errno means the session can't go on.
 */
int cwmp_run(struct cwmp_env *, struct session *, const struct action *);

/* Fault codes of the CPE (TR-069 A6 A.5.1). */
enum cwmp_fault {
	FAULT_METHOD = 9000,
	FAULT_DENIED = 9001,
	FAULT_INTERNAL = 9002,
	FAULT_ARGUMENTS = 9003,
	FAULT_RESOURCES = 9004,
	FAULT_NAME = 9005,
	FAULT_TYPE = 9006,
	FAULT_VALUE = 9007,
	FAULT_READONLY = 9008,
	FAULT_NOTIFY = 9009,
};
const char *cwmp_fault_text(unsigned code);

/* Lexical dateTime: "2026-01-02T03:04:05Z", or "0001-01-01T00:00:00" + uptime while time is not
 * known (TR-106 A17 3.2.1). out has at least 32 bytes. */
void cwmp_time(char out[static 32], bool known, int64_t unix_s, uint64_t uptime_s);
