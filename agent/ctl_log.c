/* SPDX-License-Identifier: Apache-2.0 */
/* The last log lines in a ring: no secret is ever in them (lib/log.h sees to that). */
#include <stdio.h>
#include <string.h>

#include "agent/ctl_verbs.h"
#include "lib/limits.h"
#include "lib/log.h"

static char ring[CTL_LOG_MAX];
static size_t ring_end; /* where the next byte goes */
static size_t ring_used;

static void ring_put(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ring[ring_end] = s[i];
		ring_end = (ring_end + 1) % sizeof(ring);
	}
	ring_used = ring_used + n < sizeof(ring) ? ring_used + n : sizeof(ring);
}

static void keep(int level, const char *text, void *arg)
{
	char head[8];

	snprintf(head, sizeof(head), "<%d>", level);
	ring_put(head, strlen(head));
	ring_put(text, strlen(text) + 1);
}

void ctl_log_start(void)
{
	(void)log_add_tap(keep, NULL);
}

void ctl_log_stop(void)
{
	log_drop_tap(keep);
}

void ctl_log_put(struct ctl_reply *r)
{
	size_t at = (ring_end + sizeof(ring) - ring_used) % sizeof(ring), n = 0;
	char line[LOG_LINE_MAX + 8];
	/* A full ring begins inside a line that has lost its head. */
	bool whole = ring_used < sizeof(ring);

	for (size_t i = 0; i < ring_used; i++, at = (at + 1) % sizeof(ring)) {
		if (n < sizeof(line))
			line[n++] = ring[at];
		if (ring[at])
			continue;
		line[sizeof(line) - 1] = '\0';
		if (whole)
			ctl_reply_put(r, CTL_LINE, 1, (const char *[]){ line }, NULL);
		whole = true;
		n = 0;
	}
}
