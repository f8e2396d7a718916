/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/tr181/tr181.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/tr181/agent_status.h"
#include "agent/tr181/box.h"
#include "agent/tr181/device_info.h"
#include "agent/tr181/management_server.h"
#include "agent/tree/rows.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/log.h"

/* Ours, the one that has the box's OUI in its name, and the vendor's. */
static int open_tree(struct dm **dm, struct store *store, const struct identity *id,
		     const struct dm_object *const *own, size_t nown)
{
	_cleanup_free_ const struct dm_object **all = calloc(dm_nobjects + 1 + nown, sizeof(*all));
	size_t n = dm_nobjects;

	if (!all)
		return -ENOMEM;
	memcpy(all, dm_objects, dm_nobjects * sizeof(*all));
	all[n++] = agent_status_object(id->oui);
	for (size_t i = 0; i < nown; i++)
		all[n++] = own[i];
	return dm_open(dm, all, n, store);
}

static void close_tree(struct dm *dm)
{
	time_exit(dm);
	temperature_exit(dm);
	device_status_exit(dm);
	ms_exit(dm);
	device_info_exit(dm);
	dm_close(dm);
}

int tr181_open(struct dm **out, struct store *store, const struct dm_object *const *own,
	       size_t nown)
{
	struct identity id;
	struct dm *dm;
	int r = identity_read(&id, store, "");

	if (r)
		return r;
	r = open_tree(&dm, store, &id, own, nown);
	if (r) {
		log_err("tree: %s", strerror(-r));
		return r;
	}
	r = device_info_init(dm, &id);
	if (!r)
		r = ms_init(dm);
	if (!r)
		r = device_status_init(dm, "");
	if (!r)
		r = temperature_init(dm, "");
	if (!r)
		r = time_init(dm, "");
	if (r) {
		log_err("tree: %s", strerror(-r));
		close_tree(dm);
		return r;
	}
	*out = dm;
	return 0;
}

enum dm_error tr181_as_it_is(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
			     const char *value, size_t len)
{
	_cleanup_buf_ struct buf room = BUF_INIT(DM_VALUE_MAX);
	struct dm_sink sink = { .text = "", .room = &room };
	enum dm_error e = p->get(in, p, &sink);

	if (!e && sink.len == len && !memcmp(sink.text, value, len))
		return DM_OK;
	return dm_refuse(txn, in, p->name, DM_EVALUE,
			 "it cannot be changed on this device: allowed is '%.*s'",
			 sink.len > 80 ? 80 : (int)sink.len, sink.text);
}

void tr181_put_when(struct dm_sink *sink, uint64_t ms)
{
	struct timespec real;
	uint64_t now = clock_mono_ms();
	int64_t at;

	if (ms == UINT64_MAX) {
		dm_put_const(sink, "9999-12-31T23:59:59Z", 20);
		return;
	}
	if (!clock_synced()) {
		dm_put_time_unknown(sink);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &real);
	at = (int64_t)real.tv_sec * 1000 + real.tv_nsec / 1000000 + (int64_t)(ms - now);
	/* the nearest second: two looks at one moment give one text */
	dm_put_time(sink, (at + 500) / 1000);
}
