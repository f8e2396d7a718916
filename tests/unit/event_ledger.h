/* SPDX-License-Identifier: Apache-2.0 */
/* What the ACS must hear of, kept in the plainest way, to hold the agent's queue against. */
#pragma once

#include "tests/unit/cwmp_model.h"

#define LEDGER_MAX 256

/* One thing that happened and that the ACS has to hear of. */
struct owed {
	enum cwmp_event event;
	char key[16];
	/* there when the session began; or when its Inform was written, if that delivers it */
	bool tried;
};

static struct {
	struct owed v[LEDGER_MAX];
	size_t n;
	unsigned int delivered;
} ledger;

static void strike(size_t i)
{
	memmove(&ledger.v[i], &ledger.v[i + 1], (ledger.n - i - 1) * sizeof(ledger.v[0]));
	ledger.n--;
}

static bool single(const struct owed *o)
{
	return cwmp_event_rows[o->event].single;
}

static void owe(enum cwmp_event event, const char *key)
{
	if (event == EV_BOOTSTRAP)
		ledger.n = 0;
	for (size_t i = 0; i < ledger.n && cwmp_event_rows[event].single; i++)
		if (ledger.v[i].event == event && !ledger.v[i].tried)
			return;
	assert_true(ledger.n < LEDGER_MAX);
	ledger.v[ledger.n] = (struct owed){ .event = event };
	snprintf(ledger.v[ledger.n++].key, sizeof(ledger.v[0].key), "%s", key);
}

static bool by_inform(const struct owed *o)
{
	return cwmp_event_rows[o->event].delivered_by == CALL_INFORM;
}

/* all: at the start of a session, when its calls are planned. */
static void mark_tried(bool all)
{
	/* The same single event twice, once from before: they go together. */
	for (size_t i = 0; i < ledger.n; i++)
		for (size_t j = i + 1; j < ledger.n; j++)
			if (single(&ledger.v[i]) && ledger.v[i].event == ledger.v[j].event &&
			    (all || by_inform(&ledger.v[i])))
				strike(j--);
	for (size_t i = 0; i < ledger.n; i++)
		ledger.v[i].tried |= all || by_inform(&ledger.v[i]);
}

/* Of what was saved, by the next agent; power: in another boot. */
static void owe_again(const struct owed *saved, size_t n, bool power)
{
	ledger.n = 0;
	for (size_t i = 0; i < n; i++) {
		uint8_t keep = cwmp_event_rows[saved[i].event].keep;

		if (keep == KEEP_ALWAYS || (keep == KEEP_IN_BOOT && !power))
			ledger.v[ledger.n++] = saved[i];
	}
	mark_tried(true);
	for (size_t i = 0; i < ledger.n; i++)
		ledger.v[i].tried = false;
}

/* The Inform lists exactly what is owed, and says how often it was tried. */
static void check_inform(const struct soap_msg *m, uint32_t failures)
{
	const struct soap_node *e = soap_first(m, soap_find(m, m->body, "Event"));
	bool seen[LEDGER_MAX] = { false };
	size_t listed = 0;
	uint32_t count;

	mark_tried(false);
	for (; e; e = soap_next(m, e), listed++) {
		const char *code = soap_text(m, soap_find(m, e, "EventCode"));
		const char *key = soap_text(m, soap_find(m, e, "CommandKey"));
		size_t i;

		for (i = 0; i < ledger.n; i++)
			if (!seen[i] && ledger.v[i].tried &&
			    !strcmp(cwmp_event_rows[ledger.v[i].event].code, code) &&
			    !strcmp(ledger.v[i].key, key))
				break;
		if (i == ledger.n)
			fail_msg("%s %s is told, but not owed", code, key);
		seen[i] = true;
	}
	assert_true(listed > 0);
	for (size_t i = 0; i < ledger.n; i++)
		if (!seen[i] && ledger.v[i].tried &&
		    (m->version >= CWMP_1_2 ||
		     cwmp_event_rows[ledger.v[i].event].since <= m->version))
			fail_msg("%s %s is owed, but not told",
				 cwmp_event_rows[ledger.v[i].event].code, ledger.v[i].key);
	assert_int_equal(soap_uint(m, soap_find(m, m->body, "RetryCount"), &count), 0);
	assert_int_equal(count, failures);
}

/* What this Inform told and another call has to deliver is called in this session. */
static void check_calls(const struct session *s)
{
	for (size_t i = 0; i < ledger.n; i++) {
		size_t call = 0;

		if (ledger.v[i].event != EV_M_DOWNLOAD || !ledger.v[i].tried)
			continue;
		while (call < s->ncalls && strcmp(s->calls[call].key, ledger.v[i].key))
			call++;
		if (call == s->ncalls)
			fail_msg("told, but not called: %s", ledger.v[i].key);
	}
}

static void deliver(enum cwmp_call call, const char *key)
{
	bool more = false;

	for (size_t i = 0; i < ledger.n; i++) {
		const struct owed *o = &ledger.v[i];

		if (cwmp_event_rows[o->event].delivered_by != call)
			continue;
		if (o->tried && (call == CALL_INFORM || (!single(o) && !strcmp(o->key, key)))) {
			strike(i--);
			ledger.delivered++;
		} else if (!single(o)) {
			more = true;
		}
	}
	for (size_t i = 0; i < ledger.n && call != CALL_INFORM && !more; i++)
		if (ledger.v[i].tried && single(&ledger.v[i]) &&
		    cwmp_event_rows[ledger.v[i].event].delivered_by == call)
			strike(i--);
}
