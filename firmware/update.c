/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "firmware/update.h"

static enum fw_reason check(struct update *u, const void *manifest, size_t len, const uint8_t *sig,
			    enum slot_id inactive, int *error)
{
	struct fw_box box = { .model = u->model, .jump_max = u->jump_max };
	struct slots slots;
	enum fw_reason reason;
	int64_t usable;

	/* The signature first: an unsigned manifest is not even parsed. */
	if ((reason = fw_verify(u->keys, manifest, len, sig)) != FW_OK ||
	    (reason = fw_manifest_parse(&u->manifest, manifest, len)) != FW_OK)
		return reason;
	usable = flash_usable(&u->slot[inactive]);
	if (usable < 0 || (*error = slots_read(&slots, &u->bootenv->env))) {
		*error = usable < 0 ? (int)usable : *error;
		return FW_OK;
	}
	box.slot_bytes = (uint64_t)usable;
	box.counter = slots.counter;
	return fw_policy(&u->manifest, &box);
}

enum fw_reason update_begin(struct update *u, const void *manifest, size_t len,
			    const uint8_t sig[FW_SIGNED_BYTES], int *error)
{
	enum slot_id inactive = slot_other(u->running);
	enum fw_reason reason;
	int r;

	update_abort(u);
	/* In memory only: whether there may be an update now is asked before anything else. */
	r = bootenv_load(u->bootenv);
	if (!r)
		r = slots_begin(&u->bootenv->env, u->running);
	*error = r == -EALREADY ? 0 : r;
	if (*error)
		return FW_OK;
	reason = check(u, manifest, len, sig, inactive, error);
	if (reason != FW_OK || *error)
		return reason;
	/* From here on the slot is not whole: the environment says so before the first erase. Once
	 * is enough: an agent that begins again and again must not wear the environment out. */
	if (!r && (*error = bootenv_save(u->bootenv)))
		return FW_OK;
	fw_writer_init(&u->writer, &u->slot[inactive], u->block, u->scratch);
	u->next = 0;
	u->state = UPDATE_WRITING;
	return FW_OK;
}

enum fw_reason update_chunk(struct update *u, const uint8_t *data, size_t len, int *error)
{
	enum fw_reason reason;

	*error = u->state == UPDATE_WRITING ? 0 : -EPROTO;
	if (*error)
		return FW_OK;
	reason = fw_verify_chunk(&u->manifest, u->next, data, len);
	if (reason == FW_OK)
		*error = fw_writer_put(&u->writer, data, len);
	if (reason == FW_OK && !*error && ++u->next == u->manifest.chunks) {
		*error = fw_writer_end(&u->writer);
		u->state = UPDATE_WRITTEN;
	}
	if (reason != FW_OK || *error)
		update_abort(u);
	return reason;
}

int update_arm(struct update *u)
{
	int r;

	if (u->state != UPDATE_WRITTEN || u->writer.written != u->manifest.payload)
		return -EPROTO;
	u->state = UPDATE_IDLE;
	/* What was loaded may be old: the boot loader or fw_setenv may have written since. */
	if ((r = bootenv_load(u->bootenv)) ||
	    (r = slots_arm(&u->bootenv->env, u->running, u->manifest.counter,
			   u->manifest.version)) ||
	    (r = bootenv_save(u->bootenv)))
		return r;
	u->state = UPDATE_ARMED;
	return 0;
}

void update_abort(struct update *u)
{
	u->state = UPDATE_IDLE;
}
