/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/scheduled.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool scheduled_parse(struct scheduled *s, const char *text)
{
	int at = 0;

	if (sscanf(text, "%63s %" SCNu64 " %" SCNd64 " %" SCNu32 "%n", s->boot, &s->due, &s->wall,
		   &s->delay, &at) != 4)
		return false;
	s->key = text[at] == ' ' ? text + at + 1 : "";
	return true;
}

void scheduled_print(char text[SCHEDULED_MAX], const struct scheduled *s)
{
	snprintf(text, SCHEDULED_MAX, "%s %" PRIu64 " %" PRId64 " %" PRIu32 " %s", s->boot, s->due,
		 s->wall, s->delay, s->key);
}

bool scheduled_in_this_boot(const struct scheduled *s, const struct scheduled_now *now)
{
	return !strcmp(s->boot, now->boot);
}

static int64_t up_to(int64_t max, int64_t left)
{
	return left < 0 ? 0 : left > max ? max : left; /* over: the clock was set back */
}

int64_t scheduled_left(const struct scheduled *s, const struct scheduled_now *now)
{
	if (scheduled_in_this_boot(s, now))
		return up_to((int64_t)s->delay * 1000, (int64_t)(s->due - now->boot_ms));
	if (s->wall && now->right)
		return up_to(s->delay, s->wall - now->wall) * 1000;
	return (int64_t)s->delay * 1000;
}

void scheduled_rebase(struct scheduled *s, const struct scheduled_now *now)
{
	s->due = now->boot_ms + (uint64_t)scheduled_left(s, now);
	snprintf(s->boot, sizeof(s->boot), "%s", now->boot);
}

struct scheduled scheduled_new(const struct scheduled_now *now, uint32_t delay, const char *key)
{
	struct scheduled s = { .due = now->boot_ms + (uint64_t)delay * 1000,
			       .wall = now->right ? now->wall + delay : 0,
			       .delay = delay,
			       .key = key };

	snprintf(s.boot, sizeof(s.boot), "%s", now->boot);
	return s;
}
