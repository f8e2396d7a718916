/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/tr181/tr181.h"

#include <string.h>

#include "agent/tr181/device_info.h"
#include "agent/tr181/management_server.h"
#include "agent/tree/rows.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/limits.h"
#include "lib/log.h"

int tr181_open(struct dm **out, struct store *store)
{
	struct identity id;
	struct dm *dm;
	int r = identity_read(&id, store, "");

	if (r)
		return r;
	r = dm_open(&dm, dm_objects, dm_nobjects, store);
	if (r) {
		log_err("tree: %s", strerror(-r));
		return r;
	}
	r = device_info_init(dm, &id);
	if (!r)
		r = ms_init(dm);
	if (r) {
		log_err("tree: %s", strerror(-r));
		tr181_close(dm);
		return r;
	}
	*out = dm;
	return 0;
}

void tr181_close(struct dm *dm)
{
	ms_exit(dm);
	device_info_exit(dm);
	dm_close(dm);
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
