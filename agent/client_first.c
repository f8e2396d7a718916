/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the power of a town comes back, its gateways must not all call at once: the first Inform of
 * a boot waits a random while (inform.random_delay). Neither a reboot that the ACS ordered nor a
 * restart of the agent is such a boot.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/client_parts.h"
#include "agent/store.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/rand.h"

#define KEY_FIRST "@first" /* BOOT-ID and milliseconds of its monotonic clock */

/* An agent that is restarted meanwhile neither waits anew nor goes ahead. */
static bool kept(const struct client *c, uint64_t *due)
{
	const char *text = store_get(c->agent->store, KEY_FIRST, NULL);
	char boot[64];

	return text && sscanf(text, "%63s %" SCNu64, boot, due) == 2 &&
	       !strcmp(boot, c->agent->boot_id);
}

void client_first_boot(struct client *c)
{
	uint32_t range = c->agent->set.random_delay;
	char text[96];
	uint64_t due;

	if (!range || !cwmp_event_pending(&c->events, EV_BOOT) ||
	    cwmp_event_pending(&c->events, EV_M_REBOOT))
		return;
	if (!kept(c, &due)) {
		due = clock_mono_ms() + rand_below(range * 1000 + 1);
		snprintf(text, sizeof(text), "%s %" PRIu64, c->agent->boot_id, due);
		if (store_set(c->agent->store, KEY_FIRST, text, strlen(text)) ||
		    store_save(c->agent->store))
			log_warn("cannot keep when the first session is due");
	}
	c->first_at = due;
	if (due > clock_mono_ms())
		log_info("the first session of this boot waits %u s",
			 (unsigned int)((due - clock_mono_ms() + 999) / 1000));
}

uint64_t client_first_next(const struct client *c, uint64_t next)
{
	/* Somebody who asks for this box is no town. */
	if (next >= c->first_at || c->schedule.asked ||
	    cwmp_event_pending(&c->events, EV_CONNECTION_REQUEST))
		return next;
	return c->first_at;
}
