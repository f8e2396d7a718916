/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/transfer/queue.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/store.h"
#include "agent/transfer/record.h"
#include "lib/cleanup.h"
#include "lib/log.h"

#define FOREVER UINT32_MAX

static struct transfer *free_place(struct transfer_queue *q)
{
	for (size_t i = 0; i < TRANSFERS_MAX; i++)
		if (!q->v[i].id)
			return &q->v[i];
	return NULL;
}

/* Numbers go up, so that the order of the queue is that of its receipt. */
static uint32_t next_id(const struct transfer_queue *q)
{
	uint32_t id = 0;

	for (size_t i = 0; i < TRANSFERS_MAX; i++)
		if (q->v[i].id > id)
			id = q->v[i].id;
	return id + 1;
}

struct transfer *transfer_by_id(struct transfer_queue *q, uint32_t id)
{
	for (size_t i = 0; i < TRANSFERS_MAX && id; i++)
		if (q->v[i].id == id)
			return &q->v[i];
	return NULL;
}

size_t transfer_count(const struct transfer_queue *q)
{
	size_t n = 0;

	for (size_t i = 0; i < TRANSFERS_MAX; i++)
		n += q->v[i].id != 0;
	return n;
}

static void load_one(void *arg, const char *key, const char *value, size_t len)
{
	struct transfer_queue *q = arg;
	struct transfer *t = free_place(q);

	if (transfer_record_is_text(key))
		return;
	if (!t || transfer_record_read(t, q->store, key, value)) {
		log_warn("store: %s is no transfer of ours, left out", key);
		if (t)
			memset(t, 0, sizeof(*t));
	}
}

void transfer_rebase(struct transfer *t, const struct transfer_clock *now)
{
	t->received_boot = now->boot_s - transfer_age(t, now);
	(void)snprintf(t->boot, sizeof(t->boot), "%s", now->boot_id);
}

void transfer_load(struct transfer_queue *q, struct store *store, const struct transfer_clock *now)
{
	memset(q, 0, sizeof(*q));
	q->store = store;
	store_each(store, TRANSFER_RECORD, false, load_one, q);
	for (size_t i = 0; i < TRANSFERS_MAX; i++) {
		struct transfer *t = &q->v[i];

		/* Its connection has died with the process. */
		if (t->id && t->state == TRANSFER_RUNNING)
			t->state = TRANSFER_WAITING;
		if (!t->id || !strcmp(t->boot, now->boot_id) || t->state == TRANSFER_ARMED)
			continue;
		transfer_rebase(t, now);
		(void)transfer_put(q, t);
	}
}

int transfer_add(struct transfer_queue *q, const struct cwmp_transfer *asked,
		 enum transfer_kind kind, enum transfer_file file, uint32_t instance,
		 const struct transfer_clock *now, struct transfer **out)
{
	struct transfer *t = free_place(q);
	int r;

	if (!t)
		return -ENOSPC;
	*t = (struct transfer){ .id = next_id(q),
				.kind = (uint8_t)kind,
				.file = (uint8_t)file,
				.instance = instance,
				.file_size = asked->file_size,
				.received_boot = now->boot_s,
				.received_wall = now->wall_s };
	(void)snprintf(t->boot, sizeof(t->boot), "%s", now->boot_id);
	(void)snprintf(t->key, sizeof(t->key), "%s", asked->key);
	t->nwindows = 1;
	t->windows[0] = (struct cwmp_window){ .start = asked->delay,
					      .end = FOREVER,
					      .mode = WINDOW_IMMEDIATELY };
	if (asked->nwindows) {
		t->nwindows = (uint8_t)asked->nwindows;
		memcpy(t->windows, asked->window, sizeof(t->windows));
	}
	r = transfer_record_texts(q->store, t, asked);
	if (!r)
		r = transfer_put(q, t);
	if (r) {
		store_revert(q->store);
		memset(t, 0, sizeof(*t));
		return r;
	}
	*out = t;
	return 0;
}

int transfer_put(struct transfer_queue *q, const struct transfer *t)
{
	if (t->state == TRANSFER_DONE)
		transfer_record_forget(q->store, t);
	return transfer_record_write(q->store, t);
}

void transfer_drop(struct transfer_queue *q, struct transfer *t)
{
	transfer_record_delete(q->store, t);
	memset(t, 0, sizeof(*t));
}

const char *transfer_text(const struct transfer_queue *q, const struct transfer *t,
			  const char *field)
{
	return transfer_record_text(q->store, t, field);
}

int64_t transfer_age(const struct transfer *t, const struct transfer_clock *now)
{
	int64_t age;

	if (!strcmp(t->boot, now->boot_id))
		age = now->boot_s - t->received_boot;
	else if (t->received_wall && now->wall_s)
		age = now->wall_s - t->received_wall;
	else
		age = 0; /* nobody knows how long the box was off: it begins again */
	return age < 0 ? 0 : age;
}

int64_t transfer_left(const struct transfer *t, const struct transfer_clock *now)
{
	uint32_t end = t->windows[t->window].end;

	return end == FOREVER ? INT64_MAX : (int64_t)end - transfer_age(t, now);
}

enum transfer_due transfer_due(struct transfer *t, const struct transfer_clock *now, int64_t *wait)
{
	int64_t age = transfer_age(t, now), from;

	if (!t->id || t->state != TRANSFER_WAITING)
		return TRANSFER_NEVER;
	while (transfer_left(t, now) <= 0) {
		if (t->window + 1 >= t->nwindows)
			return TRANSFER_MISSED;
		t->window++;
		t->tries = 0;
		t->not_before = 0;
	}
	from = t->windows[t->window].start;
	if (t->not_before > from)
		from = t->not_before;
	*wait = from - age;
	return *wait > 0 ? TRANSFER_LATER : TRANSFER_NOW;
}

bool transfer_retry(struct transfer *t, const struct transfer_clock *now)
{
	const struct cwmp_window *w = &t->windows[t->window];
	uint32_t allowed = w->retries < 0 ? TRANSFER_RETRIES : (uint32_t)w->retries;
	int64_t next =
		transfer_age(t, now) + ((int64_t)TRANSFER_RETRY_S << (t->tries < 6 ? t->tries : 6));

	/* The ACS asks again, or not. So it is for an image that was booted and given up: the box
	 * would only be gone for another few boots. */
	if (t->kind != TRANSFER_SCHEDULED || t->state == TRANSFER_ARMED)
		return false;
	if (t->tries < allowed && next < w->end) {
		t->tries++;
		t->not_before = (uint32_t)next;
	} else if (t->window + 1 < t->nwindows) {
		t->window++;
		t->tries = 0;
		t->not_before = 0;
	} else {
		return false;
	}
	t->state = TRANSFER_WAITING;
	return true;
}

enum cwmp_event transfer_event(const struct transfer *t)
{
	static const uint8_t events[TRANSFER_KINDS] = {
		[TRANSFER_DOWNLOAD] = EV_M_DOWNLOAD,
		[TRANSFER_UPLOAD] = EV_M_UPLOAD,
		[TRANSFER_SCHEDULED] = EV_M_SCHEDULE_DOWNLOAD,
		[TRANSFER_LOCAL] = EV_COUNT,
	};

	return t->kind < TRANSFER_KINDS ? (enum cwmp_event)events[t->kind] : EV_COUNT;
}
