/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/cwmp/events.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/text.h"

#define SINGLE true
#define MULTIPLE false
#define ROW(event, text, how, version, by, how_long) \
	[EV_##event] = { .code = text,               \
			 .single = (how),            \
			 .since = CWMP_##version,    \
			 .delivered_by = CALL_##by,  \
			 .keep = KEEP_##how_long }

/*
 * TR-069 A6 table 8; KICKED, REQUEST DOWNLOAD, WAKEUP and HEARTBEAT leave the choice to the CPE. A
 * lost heartbeat has its place taken by the next.
 */
/* clang-format off */
const struct cwmp_event_row cwmp_event_rows[EV_COUNT] = {
	ROW(BOOTSTRAP, "0 BOOTSTRAP", SINGLE, 1_0, INFORM, ALWAYS),
	ROW(BOOT, "1 BOOT", SINGLE, 1_0, INFORM, TILL_BOOT),
	ROW(PERIODIC, "2 PERIODIC", SINGLE, 1_0, INFORM, ALWAYS),
	ROW(SCHEDULED, "3 SCHEDULED", SINGLE, 1_0, INFORM, ALWAYS),
	ROW(VALUE_CHANGE, "4 VALUE CHANGE", SINGLE, 1_0, INFORM, TILL_BOOT),
	ROW(KICKED, "5 KICKED", SINGLE, 1_0, KICKED, TILL_BOOT),
	ROW(CONNECTION_REQUEST, "6 CONNECTION REQUEST", SINGLE, 1_0, INFORM, NEVER),
	ROW(TRANSFER_COMPLETE, "7 TRANSFER COMPLETE", SINGLE, 1_0, TRANSFER_COMPLETE, ALWAYS),
	ROW(DIAGNOSTICS_COMPLETE, "8 DIAGNOSTICS COMPLETE", SINGLE, 1_0, INFORM, IN_BOOT),
	ROW(REQUEST_DOWNLOAD, "9 REQUEST DOWNLOAD", SINGLE, 1_0, REQUEST_DOWNLOAD, TILL_BOOT),
	ROW(AUTONOMOUS_TRANSFER_COMPLETE, "10 AUTONOMOUS TRANSFER COMPLETE",
	    SINGLE, 1_1, AUTONOMOUS_TRANSFER_COMPLETE, ALWAYS),
	ROW(DU_STATE_CHANGE_COMPLETE, "11 DU STATE CHANGE COMPLETE",
	    SINGLE, 1_2, DU_STATE_CHANGE_COMPLETE, ALWAYS),
	ROW(AUTONOMOUS_DU_STATE_CHANGE_COMPLETE, "12 AUTONOMOUS DU STATE CHANGE COMPLETE",
	    SINGLE, 1_2, AUTONOMOUS_DU_STATE_CHANGE_COMPLETE, ALWAYS),
	ROW(WAKEUP, "13 WAKEUP", SINGLE, 1_4, INFORM, TILL_BOOT),
	ROW(HEARTBEAT, "14 HEARTBEAT", SINGLE, 1_4, INFORM, NEVER),
	ROW(M_REBOOT, "M Reboot", MULTIPLE, 1_0, INFORM, ALWAYS),
	ROW(M_SCHEDULE_INFORM, "M ScheduleInform", MULTIPLE, 1_0, INFORM, ALWAYS),
	ROW(M_DOWNLOAD, "M Download", MULTIPLE, 1_0, TRANSFER_COMPLETE, ALWAYS),
	ROW(M_SCHEDULE_DOWNLOAD, "M ScheduleDownload", MULTIPLE, 1_2, TRANSFER_COMPLETE, ALWAYS),
	ROW(M_UPLOAD, "M Upload", MULTIPLE, 1_0, TRANSFER_COMPLETE, ALWAYS),
	ROW(M_CHANGE_DU_STATE, "M ChangeDUState", MULTIPLE, 1_2, DU_STATE_CHANGE_COMPLETE, ALWAYS),
};
/* clang-format on */

const char *const cwmp_call_names[CALL_COUNT] = {
	[CALL_INFORM] = "Inform",
	[CALL_GET_RPC_METHODS] = "GetRPCMethods",
	[CALL_TRANSFER_COMPLETE] = "TransferComplete",
	[CALL_AUTONOMOUS_TRANSFER_COMPLETE] = "AutonomousTransferComplete",
	[CALL_KICKED] = "Kicked",
	[CALL_REQUEST_DOWNLOAD] = "RequestDownload",
	[CALL_DU_STATE_CHANGE_COMPLETE] = "DUStateChangeComplete",
	[CALL_AUTONOMOUS_DU_STATE_CHANGE_COMPLETE] = "AutonomousDUStateChangeComplete",
};

static const struct cwmp_event_row *row_of(const struct cwmp_pending *p)
{
	return &cwmp_event_rows[p->event];
}

static bool recorded(const struct cwmp_event_row *row)
{
	return row->keep == KEEP_ALWAYS || row->keep == KEEP_IN_BOOT;
}

static uint64_t fingerprint(const struct cwmp_events *ev)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t i = 0; i < ev->n; i++) {
		if (!recorded(row_of(&ev->v[i])))
			continue;
		h = (h ^ (ev->v[i].event + 1u)) * UINT64_C(0x100000001b3);
		for (const char *k = ev->v[i].key; *k; k++)
			h = (h ^ (unsigned char)*k) * UINT64_C(0x100000001b3);
	}
	return h;
}

void cwmp_events_init(struct cwmp_events *ev)
{
	ev->n = 0;
	ev->saved = fingerprint(ev);
}

static void remove_at(struct cwmp_events *ev, size_t i)
{
	memmove(&ev->v[i], &ev->v[i + 1], (ev->n - i - 1) * sizeof(ev->v[0]));
	ev->n--;
}

static struct cwmp_pending *find(struct cwmp_events *ev, enum cwmp_event event, bool sent)
{
	for (size_t i = 0; i < ev->n; i++)
		if (ev->v[i].event == event && ev->v[i].sent == sent)
			return &ev->v[i];
	return NULL;
}

bool cwmp_events_room(const struct cwmp_events *ev, size_t n)
{
	size_t have = 0;

	for (size_t i = 0; i < ev->n; i++)
		have += !row_of(&ev->v[i])->single;
	return n <= CWMP_M_EVENTS_MAX && have <= CWMP_M_EVENTS_MAX - n;
}

int cwmp_event_raise(struct cwmp_events *ev, enum cwmp_event event, const char *key)
{
	size_t len, i;

	if (!key)
		key = "";
	len = strlen(key);
	if (len >= CWMP_KEY_BYTES || utf8_length(key, len) > CWMP_KEY_MAX)
		return -EINVAL;
	if (event == EV_BOOTSTRAP)
		ev->n = 0;
	if (cwmp_event_rows[event].single) {
		if (find(ev, event, false))
			return 0;
	} else if (!cwmp_events_room(ev, 1)) {
		return -ENOSPC;
	}
	for (i = ev->n; i && ev->v[i - 1].event > event; i--)
		;
	memmove(&ev->v[i + 1], &ev->v[i], (ev->n - i) * sizeof(ev->v[0]));
	ev->v[i] = (struct cwmp_pending){ .event = (uint8_t)event };
	memcpy(ev->v[i].key, key, len + 1);
	ev->n++;
	return 1;
}

bool cwmp_event_pending(const struct cwmp_events *ev, enum cwmp_event event)
{
	for (size_t i = 0; i < ev->n; i++)
		if (ev->v[i].event == event)
			return true;
	return false;
}

/* A single event that is there twice (under way, and raised again) becomes the older one. */
static void merge(struct cwmp_events *ev, bool all)
{
	for (size_t i = 1; i < ev->n; i++) {
		const struct cwmp_event_row *row = row_of(&ev->v[i]);

		if (row->single && ev->v[i].event == ev->v[i - 1].event &&
		    (all || row->delivered_by == CALL_INFORM))
			remove_at(ev, i--);
	}
}

void cwmp_events_sent(struct cwmp_events *ev)
{
	merge(ev, true);
	for (size_t i = 0; i < ev->n; i++)
		ev->v[i].sent = ev->v[i].tried = true;
}

void cwmp_events_join(struct cwmp_events *ev)
{
	merge(ev, false);
	for (size_t i = 0; i < ev->n; i++)
		if (row_of(&ev->v[i])->delivered_by == CALL_INFORM)
			ev->v[i].sent = ev->v[i].tried = true;
}

static void deliver_keyed(struct cwmp_events *ev, enum cwmp_call call, const char *key)
{
	for (size_t i = 0; key && i < ev->n; i++) {
		const struct cwmp_pending *p = &ev->v[i];

		if (p->sent && !row_of(p)->single && row_of(p)->delivered_by == call &&
		    !strcmp(p->key, key)) {
			remove_at(ev, i);
			return;
		}
	}
}

/* 7 TRANSFER COMPLETE goes with the last M Download, 11 with the last M ChangeDUState. */
static bool others_wait(const struct cwmp_events *ev, enum cwmp_call call)
{
	for (size_t i = 0; i < ev->n; i++)
		if (!row_of(&ev->v[i])->single && row_of(&ev->v[i])->delivered_by == call)
			return true;
	return false;
}

void cwmp_events_delivered(struct cwmp_events *ev, enum cwmp_call call, const char *key, bool more)
{
	if (call != CALL_INFORM) {
		deliver_keyed(ev, call, key);
		if (more || others_wait(ev, call))
			return;
	}
	for (size_t i = ev->n; i--;)
		if (ev->v[i].sent && row_of(&ev->v[i])->delivered_by == call)
			remove_at(ev, i);
}

size_t cwmp_events_drop(struct cwmp_events *ev, enum cwmp_call call)
{
	size_t dropped = 0;

	for (size_t i = ev->n; i--;) {
		if (row_of(&ev->v[i])->delivered_by == call) {
			remove_at(ev, i);
			dropped++;
		}
	}
	return dropped;
}

void cwmp_events_session_end(struct cwmp_events *ev)
{
	for (size_t i = ev->n; i--;) {
		if (ev->v[i].sent && row_of(&ev->v[i])->keep == KEEP_NEVER)
			remove_at(ev, i);
		else
			ev->v[i].sent = false;
	}
	merge(ev, true);
}

void cwmp_events_session_again(struct cwmp_events *ev)
{
	if (!ev->n && cwmp_event_raise(ev, EV_PERIODIC, NULL) == 1)
		ev->v[0].tried = true;
}

bool cwmp_events_changed(const struct cwmp_events *ev)
{
	return ev->saved != fingerprint(ev);
}

void cwmp_events_save(struct cwmp_events *ev, cwmp_record_fn fn, void *arg)
{
	unsigned number = 0;

	for (size_t i = 0; i < ev->n; i++) {
		const struct cwmp_pending *p = &ev->v[i];
		char key[32], value[64 + CWMP_KEY_BYTES];
		int len;

		if (!recorded(row_of(p)))
			continue;
		snprintf(key, sizeof(key), "@event.%u", ++number);
		len = snprintf(value, sizeof(value), "%s%s%s", row_of(p)->code, *p->key ? "|" : "",
			       p->key);
		fn(arg, key, value, (size_t)len);
	}
	ev->saved = fingerprint(ev);
}

int cwmp_events_load(struct cwmp_events *ev, const char *value, size_t len)
{
	const char *bar = memchr(value, '|', len);
	size_t code_len = bar ? (size_t)(bar - value) : len;
	size_t key_len = bar ? len - code_len - 1 : 0;
	char key[CWMP_KEY_BYTES];
	int r;

	if (key_len >= sizeof(key) || (bar && memchr(bar, '\0', key_len + 1)))
		return -EINVAL;
	if (bar)
		memcpy(key, bar + 1, key_len);
	key[key_len] = '\0';
	for (int e = 0; e < EV_COUNT; e++) {
		if (!recorded(&cwmp_event_rows[e]) ||
		    !text_eq(value, code_len, cwmp_event_rows[e].code))
			continue;
		r = cwmp_event_raise(ev, (enum cwmp_event)e, key);
		/* Right after loading there is nothing new to be saved. */
		ev->saved = fingerprint(ev);
		return r < 0 ? r : 0;
	}
	return -EINVAL;
}

void cwmp_events_rebooted(struct cwmp_events *ev)
{
	for (size_t i = ev->n; i--;)
		if (row_of(&ev->v[i])->keep == KEEP_IN_BOOT)
			remove_at(ev, i);
}
