/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue of events that the ACS has not heard of yet (TR-069 A6 3.7.1.5). Pure.
 *
 * An event goes into the Inform (sent), and leaves the queue when what delivers it has been
 * answered. One raised again while its like is under way is kept for the next session.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/soap/read.h"

enum cwmp_event {
	EV_BOOTSTRAP,
	EV_BOOT,
	EV_PERIODIC,
	EV_SCHEDULED,
	EV_VALUE_CHANGE,
	EV_KICKED,
	EV_CONNECTION_REQUEST,
	EV_TRANSFER_COMPLETE,
	EV_DIAGNOSTICS_COMPLETE,
	EV_REQUEST_DOWNLOAD,
	EV_AUTONOMOUS_TRANSFER_COMPLETE,
	EV_DU_STATE_CHANGE_COMPLETE,
	EV_AUTONOMOUS_DU_STATE_CHANGE_COMPLETE,
	EV_WAKEUP,
	EV_HEARTBEAT,
	EV_M_REBOOT,
	EV_M_SCHEDULE_INFORM,
	EV_M_DOWNLOAD,
	EV_M_SCHEDULE_DOWNLOAD,
	EV_M_UPLOAD,
	EV_M_CHANGE_DU_STATE,
	EV_COUNT,
};

/* What the CPE may call at the ACS; also what delivers an event. */
enum cwmp_call {
	CALL_INFORM,
	CALL_GET_RPC_METHODS,
	CALL_TRANSFER_COMPLETE,
	CALL_AUTONOMOUS_TRANSFER_COMPLETE,
	CALL_KICKED,
	CALL_REQUEST_DOWNLOAD,
	CALL_DU_STATE_CHANGE_COMPLETE,
	CALL_AUTONOMOUS_DU_STATE_CHANGE_COMPLETE,
	CALL_COUNT,
};

enum cwmp_keep {
	KEEP_ALWAYS,	/* until delivered, also over a reboot */
	KEEP_IN_BOOT,	/* retried until the next reboot, also by another process */
	KEEP_TILL_BOOT, /* the same, but who raised it knows when to raise it again */
	KEEP_NEVER,	/* a failed session forgets it */
};

struct cwmp_event_row {
	const char *code;     /* "0 BOOTSTRAP" */
	bool single;	      /* several pending ones merge; else one for each CommandKey */
	uint8_t since;	      /* enum cwmp_version: older ACSs have not heard of it */
	uint8_t delivered_by; /* enum cwmp_call */
	uint8_t keep;	      /* enum cwmp_keep */
};
extern const struct cwmp_event_row cwmp_event_rows[EV_COUNT];
extern const char *const cwmp_call_names[CALL_COUNT];

#define CWMP_EVENTS_MAX 64 /* EventStruct in one Inform (cwmp-1-2.xsd EventList) */
#define CWMP_KEY_MAX 32	   /* characters of a CommandKey or ParameterKey */
#define CWMP_KEY_BYTES (4 * CWMP_KEY_MAX + 1) /* UTF-8, terminated */

struct cwmp_pending {
	uint8_t event; /* enum cwmp_event */
	bool sent;     /* belongs to the running session */
	bool tried;    /* has belonged to one: no reason to start another before the retry */
	char key[CWMP_KEY_BYTES];
};

/* M events leave room for every single one, under way and raised again. */
#define CWMP_M_EVENTS_MAX (CWMP_EVENTS_MAX - 2 * EV_M_REBOOT)

struct cwmp_events {
	size_t n;
	uint64_t saved;				/* what cwmp_events_save() last wrote, in short */
	struct cwmp_pending v[CWMP_EVENTS_MAX]; /* in the order of the Inform */
};

void cwmp_events_init(struct cwmp_events *);
/*
 * key NULL is "". BOOTSTRAP throws all others out: raise BOOT after it. 1: a new one, which wants a
 * session; 0: merged with one that waits already (that is no reason to retry sooner); -ENOSPC when
 * there are too many M events (refuse the RPC then); -EINVAL for a key that is too long.
 */
int cwmp_event_raise(struct cwmp_events *, enum cwmp_event, const char *key);
bool cwmp_event_pending(const struct cwmp_events *, enum cwmp_event);
/* Room for n more M events? */
bool cwmp_events_room(const struct cwmp_events *, size_t n);

/* What is there now belongs to the session that starts: a failed dial counts as a try. */
void cwmp_events_sent(struct cwmp_events *);
/*
 * So does what came until its Inform is written, if the InformResponse delivers it. The calls of
 * the session are planned by then: what another call delivers waits for the next one.
 */
void cwmp_events_join(struct cwmp_events *);
/*
 * call was answered; key: the CommandKey it spoke of, NULL without. more: the session will make
 * the same call again for another, so the single event that goes with it stays for now.
 */
void cwmp_events_delivered(struct cwmp_events *, enum cwmp_call, const char *key, bool more);
/* The ACS does not know this call (8000): what only it could deliver goes, the caller logs. */
size_t cwmp_events_drop(struct cwmp_events *, enum cwmp_call);
/* The session is over, well or not: what was sent and not delivered waits for the next one. */
void cwmp_events_session_end(struct cwmp_events *);
/*
 * It failed after its InformResponse. A failed session is retried also "to allow the ACS to make
 * additional requests" (TR-069 A6 3.2.1.1). When all events are delivered there is none to say so
 * and an Inform must have one: an early 2 PERIODIC then waits for the retry.
 */
void cwmp_events_session_again(struct cwmp_events *);

/*
 * For the store: one record for each event that survives this process, key "@event.1" and up, value
 * "CODE" or "CODE|COMMANDKEY". Same queue, same records, same order.
 */
bool cwmp_events_changed(const struct cwmp_events *); /* since the last save */
typedef void (*cwmp_record_fn)(void *arg, const char *key, const char *value, size_t len);
void cwmp_events_save(struct cwmp_events *, cwmp_record_fn, void *arg);
/* 0, -EINVAL for a record that is not ours (skip it), -ENOSPC. */
int cwmp_events_load(struct cwmp_events *, const char *value, size_t len);
/* What was loaded is of an earlier boot. */
void cwmp_events_rebooted(struct cwmp_events *);
