/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/client_parts.h"
#include "agent/known_time.h"
#include "agent/store.h"
#include "lib/clock.h"
#include "lib/hex.h"
#include "lib/log.h"
#include "lib/num.h"
#include "lib/rand.h"

/* The kernel boot whose 1 BOOT, and the URL whose 0 BOOTSTRAP, an ACS has answered. */
#define KEY_BOOT "@boot"
#define KEY_BOOTSTRAP CLIENT_KEY_BOOTSTRAP
#define KEY_EVENT "@event."
/* The kernel boot in which those were raised. */
#define KEY_EVENTS_BOOT "@events.boot"
/* The version in whose namespace that ACS wants to be spoken to. */
#define KEY_OFFER "@offer"
#define KEY_PATH "@connreq.path"

static bool holds(const struct store *store, const char *key, const char *value)
{
	const char *kept = store_get(store, key, NULL);

	return kept && !strcmp(kept, value);
}

static void load_event(void *arg, const char *key, const char *value, size_t len)
{
	struct client *c = arg;

	if (cwmp_events_load(&c->events, value, len))
		log_warn("store: %s is no event of ours, left out", key);
}

/* Unique to this box and not to be guessed (TR-069 A6 3.2.2); the same until a factory reset. */
static int load_path(struct client *c)
{
	const char *kept = store_get(c->agent->store, KEY_PATH, NULL);
	unsigned char raw[16];
	int r;

	if (kept && *kept == '/' && strlen(kept) < sizeof(c->connreq_path)) {
		memcpy(c->connreq_path, kept, strlen(kept) + 1);
		return 0;
	}
	r = rand_bytes(raw, sizeof(raw));
	if (r)
		return r;
	c->connreq_path[0] = '/';
	hex_encode(c->connreq_path + 1, raw, sizeof(raw));
	r = store_set(c->agent->store, KEY_PATH, c->connreq_path, strlen(c->connreq_path));
	return r ? r : store_save(c->agent->store);
}

static void load_offer(struct client *c)
{
	const char *kept = store_get(c->agent->store, KEY_OFFER, NULL);
	uint64_t offer;

	if (kept && holds(c->agent->store, KEY_BOOTSTRAP, ms_settings(c->agent->dm)->url) &&
	    !num_parse_u64(kept, strlen(kept), CWMP_NEWEST, &offer))
		c->offer = (uint8_t)offer;
}

int client_record_load(struct client *c)
{
	load_offer(c);
	cwmp_events_init(&c->events);
	store_each(c->agent->store, KEY_EVENT, false, load_event, c);
	if (!holds(c->agent->store, KEY_EVENTS_BOOT, c->agent->boot_id))
		cwmp_events_rebooted(&c->events);
	return load_path(c);
}

bool client_record_boot(struct client *c)
{
	const struct store *store = c->agent->store;
	const char *url = ms_settings(c->agent->dm)->url;
	bool new_acs = *url && !holds(store, KEY_BOOTSTRAP, url);

	/* First contact, or the ACS was changed and the new one has not answered yet. BOOTSTRAP
	 * throws out what waits, so it comes first. */
	if (new_acs)
		(void)cwmp_event_raise(&c->events, EV_BOOTSTRAP, NULL);
	if (!holds(store, KEY_BOOT, c->agent->boot_id))
		(void)cwmp_event_raise(&c->events, EV_BOOT, NULL);
	return new_acs;
}

struct saving {
	struct store *store;
	int error;
};

static void save_event(void *arg, const char *key, const char *value, size_t len)
{
	struct saving *s = arg;

	if (!s->error)
		s->error = store_set(s->store, key, value, len);
}

static int set(struct store *store, const char *key, const char *value)
{
	return holds(store, key, value) ? 0 : store_set(store, key, value, strlen(value));
}

void client_record_save(struct client *c)
{
	struct saving s = { .store = c->agent->store };

	if (cwmp_events_changed(&c->events)) {
		s.error = store_del_prefix(s.store, KEY_EVENT);
		cwmp_events_save(&c->events, save_event, &s);
		if (!s.error)
			s.error = set(s.store, KEY_EVENTS_BOOT, c->agent->boot_id);
	}
	/* Told: not before the ACS has answered, so that a crash in between repeats them. */
	if (!s.error && c->session && session_informed(c->session)) {
		const char offer[] = { (char)('0' + session_offer(c->session)), '\0' };

		if (!cwmp_event_pending(&c->events, EV_BOOTSTRAP)) {
			client_discovery_answered(c);
			s.error = set(s.store, KEY_BOOTSTRAP, c->url);
		}
		if (!s.error)
			s.error = set(s.store, KEY_OFFER, offer);
		if (!s.error && !cwmp_event_pending(&c->events, EV_BOOT))
			s.error = set(s.store, KEY_BOOT, c->agent->boot_id);
	}
	/* Costs no write of its own. */
	if (!s.error && store_dirty(s.store))
		s.error = known_time_keep(s.store, clock_synced(), clock_wall());
	if (!s.error)
		s.error = store_save(s.store);
	if (s.error)
		log_err("cannot keep the pending events: %s", strerror(-s.error));
}
