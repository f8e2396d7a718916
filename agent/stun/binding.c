/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/stun/binding.h"

#include <string.h>

#include "lib/limits.h"

/* RFC 3489 9.3: 0, 100, 300, 700, 1500, 3100 ms and so on, nine in all, then 1.6 s of silence. */
#define TRIES 9
#define FIRST_MS 100
#define LAST_MS 1600

static void set_periods(struct binding *b)
{
	uint32_t high = b->cfg.max_s < 0 || b->cfg.max_s > STUN_KEEPALIVE_MAX_S
				? STUN_KEEPALIVE_MAX_S
				: (uint32_t)b->cfg.max_s;

	b->low = b->cfg.min_s ? b->cfg.min_s : STUN_KEEPALIVE_S;
	if (!high)
		high = 1;
	/* Contradicting settings: often enough matters more than seldom enough. */
	if (b->low > high)
		b->low = high;
	b->high = high;
}

void binding_start(struct binding *b, const struct binding_config *cfg, uint64_t now)
{
	*b = (struct binding){ .cfg = *cfg, .state = BINDING_ASKING, .next_ms = now };
	set_periods(b);
}

uint64_t binding_next(const struct binding *b)
{
	return b->state == BINDING_OVER ? UINT64_MAX : b->next_ms;
}

/* Known to an eighth is well enough. */
static bool wants_probe(const struct binding *b)
{
	return b->nat && b->high - b->low > b->low / 8 + 1;
}

static void ask_at(struct binding *b, uint64_t when)
{
	b->state = BINDING_ASKING;
	b->sent = 0;
	b->next_ms = when;
}

static void rest(struct binding *b, uint64_t now)
{
	uint32_t seconds = wants_probe(b) ? b->low + (b->high - b->low) / 2 : b->low;

	b->state = BINDING_RESTING;
	b->sent = 0;
	b->next_ms = now + seconds * UINT64_C(1000);
}

static enum binding_action over(struct binding *b)
{
	b->state = BINDING_OVER;
	return BINDING_LOST;
}

static bool write_request(struct binding *b, const uint8_t id[STUN_ID])
{
	bool probe = b->state == BINDING_PROBING;
	struct stun_ask ask = { .respond_to = probe ? &b->mapped : NULL,
				.connection_request = !probe,
				.changed = !probe && b->changed };

	memcpy(ask.id, id, STUN_ID);
	memcpy(b->id, id, STUN_ID);
	if (b->authenticate) {
		ask.username = b->cfg.username;
		ask.password = b->cfg.password;
	}
	b->len = stun_request(b->request, &ask);
	return b->len > 0;
}

static enum binding_action send_again(struct binding *b, uint64_t now)
{
	uint64_t wait = (uint64_t)FIRST_MS << b->sent;

	b->next_ms = now + (wait < LAST_MS ? wait : LAST_MS);
	b->sent++;
	return b->state == BINDING_PROBING ? BINDING_PROBE : BINDING_SEND;
}

enum binding_action binding_due(struct binding *b, uint64_t now, const uint8_t id[STUN_ID])
{
	if (b->state == BINDING_OVER || now < b->next_ms)
		return BINDING_WAIT;
	if (b->state == BINDING_RESTING) {
		b->state = wants_probe(b) ? BINDING_PROBING : BINDING_ASKING;
		b->sent = 0;
	}
	if (b->sent == TRIES && b->state == BINDING_ASKING)
		return over(b);
	if (b->sent == TRIES) {
		/* The binding did not live that long: make one, and tell if it is another. */
		b->high = b->low + (b->high - b->low) / 2;
		b->probe_failed = true;
		ask_at(b, now);
	}
	if (!b->sent && !write_request(b, id))
		return over(b);
	return send_again(b, now);
}

/* A binding that did not last although it was kept up: ask twice as often. */
static void lost_too_soon(struct binding *b)
{
	uint32_t least = b->cfg.min_s ? b->cfg.min_s : 1;

	b->low = b->low / 2 > least ? b->low / 2 : least;
	if (b->low > b->high)
		b->low = b->high;
	b->high = b->low;
}

static bool mapped(struct binding *b, const struct stun_answer *a, uint64_t now)
{
	bool nat = !stun_same(&a->mapped, &b->cfg.local);
	bool other = !b->known || !stun_same(&a->mapped, &b->mapped);
	bool told = b->changed;

	if (other && b->known && !b->probe_failed)
		lost_too_soon(b);
	b->probe_failed = false;
	b->changed = other;
	b->known = true;
	b->nat = nat;
	b->mapped = a->mapped;
	/* G.2.1.1: another request tells the server at once; but once, however often whoever
	 * answers says something else. */
	if (other && !told)
		ask_at(b, now);
	else
		rest(b, now);
	return other;
}

static void refused(struct binding *b, const struct stun_answer *a, uint64_t now)
{
	if (a->error >= 500 && a->error < 600)
		return; /* the repetitions go on (RFC 3489 9.3) */
	b->error = a->error;
	if ((a->error == 401 || a->error == 432) && !b->authenticate && *b->cfg.username) {
		b->authenticate = true;
		ask_at(b, now);
		return;
	}
	/* The next due date gives it up, as if nobody had answered. */
	b->sent = TRIES;
	b->next_ms = now;
}

static void probed(struct binding *b, bool primary, const struct stun_answer *a, uint64_t now)
{
	if (primary && a->type == STUN_RESPONSE)
		b->low += (b->high - b->low) / 2;
	else
		b->high = b->low; /* the server does not send elsewhere: nothing to find out */
	ask_at(b, now);
}

bool binding_heard(struct binding *b, bool primary, const uint8_t *data, size_t len, uint64_t now)
{
	bool waits = b->state == BINDING_ASKING || b->state == BINDING_PROBING;
	struct stun_answer a;

	/* Who does not know these 128 bits has not seen the request. */
	if (!waits || !b->sent || stun_answer(&a, data, len) || memcmp(a.id, b->id, STUN_ID))
		return false;
	/* RFC 3489 9.3: what was asked with a MESSAGE-INTEGRITY is answered with one. */
	if (b->authenticate && a.type == STUN_RESPONSE && !stun_genuine(&a, data, b->cfg.password))
		return false;
	if (b->state == BINDING_PROBING) {
		probed(b, primary, &a, now);
		return false;
	}
	if (!primary)
		return false;
	if (a.type == STUN_RESPONSE)
		return mapped(b, &a, now);
	refused(b, &a, now);
	return false;
}
