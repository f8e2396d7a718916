/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/transfer/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/store.h"
#include "lib/array.h"
#include "lib/cleanup.h"
#include "lib/num.h"
#include "lib/text.h"

#define KEY_MAX 48
#define LINE_MAX 384

static const char *const kinds[TRANSFER_KINDS] = {
	[TRANSFER_DOWNLOAD] = "download",
	[TRANSFER_UPLOAD] = "upload",
	[TRANSFER_SCHEDULED] = "scheduled",
	[TRANSFER_LOCAL] = "local",
};
static const char *const states[TRANSFER_STATES] = {
	[TRANSFER_WAITING] = "waiting",
	[TRANSFER_RUNNING] = "running",
	[TRANSFER_ARMED] = "armed",
	[TRANSFER_DONE] = "done",
};
static const char *const files[TRANSFER_FILES] = {
	[TRANSFER_FIRMWARE] = "firmware",
	[TRANSFER_CONFIG] = "config",
	[TRANSFER_LOG] = "log",
};

static void make_key(char out[KEY_MAX], const struct transfer *t, const char *field)
{
	(void)snprintf(out, KEY_MAX, "%s%u%s%s", TRANSFER_RECORD, t->id, *field ? "." : "", field);
}

bool transfer_record_is_text(const char *key)
{
	return strchr(key + strlen(TRANSFER_RECORD), '.') != NULL;
}

static int word(const char *text, const char *const *names, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(text, names[i])) {
			*out = (uint8_t)i;
			return 0;
		}
	}
	return -EINVAL;
}

static int read_windows(struct transfer *t, const char *at)
{
	for (unsigned int i = 0; i < t->nwindows; i++) {
		struct cwmp_window *w = &t->windows[i];
		int used = 0;

		if (sscanf(at, " %" SCNu32 "-%" SCNu32 "/%" SCNu8 "/%" SCNd32 "%n", &w->start,
			   &w->end, &w->mode, &w->retries, &used) != 4 ||
		    w->mode < WINDOW_ANY_TIME || w->mode > WINDOW_CONFIRMATION)
			return -EINVAL;
		at += used;
	}
	return *at ? -EINVAL : 0;
}

static void read_text(char *out, size_t size, const struct store *store, const struct transfer *t,
		      const char *field)
{
	const char *text = transfer_record_text(store, t, field);

	(void)text_copy(out, size, text, strlen(text));
}

int transfer_record_read(struct transfer *t, const struct store *store, const char *key,
			 const char *value)
{
	const char *number = key + strlen(TRANSFER_RECORD);
	char kind[12], state[12], file[12];
	const char *begun;
	uint8_t confirmed;
	uint64_t id;
	int used = 0;

	memset(t, 0, sizeof(*t));
	if (num_parse_u64(number, strlen(number), UINT32_MAX - 1, &id) || !id)
		return -EINVAL;
	if (sscanf(value,
		   "%11s %11s %11s %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu8
		   " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNu32 " %" SCNu8 " %" SCNu8
		   "%n",
		   kind, state, file, &t->instance, &t->file_size, &t->tries, &t->not_before,
		   &confirmed, &t->received_boot, &t->received_wall, &t->started, &t->ended,
		   &t->fault, &t->window, &t->nwindows, &used) != 15)
		return -EINVAL;
	if (word(kind, kinds, TRANSFER_KINDS, &t->kind) ||
	    word(state, states, TRANSFER_STATES, &t->state) ||
	    word(file, files, TRANSFER_FILES, &t->file) || !t->nwindows ||
	    t->nwindows > CWMP_WINDOWS_MAX || t->window >= t->nwindows ||
	    read_windows(t, value + used))
		return -EINVAL;
	t->id = (uint32_t)id;
	t->confirmed = confirmed;
	read_text(t->boot, sizeof(t->boot), store, t, "boot");
	read_text(t->key, sizeof(t->key), store, t, "key");
	read_text(t->fault_text, sizeof(t->fault_text), store, t, "fault");
	read_text(t->version, sizeof(t->version), store, t, "version");
	begun = transfer_record_text(store, t, "begun");
	if (!num_parse_u64(begun, strlen(begun), UINT32_MAX - 1, &id))
		t->begun = (uint32_t)id;
	return 0;
}

static int put(struct store *store, const struct transfer *t, const char *field, const char *text)
{
	char key[KEY_MAX];

	make_key(key, t, field);
	return *text ? store_set(store, key, text, strlen(text)) : store_del(store, key);
}

int transfer_record_write(struct store *store, const struct transfer *t)
{
	_cleanup_buf_ struct buf line = BUF_INIT(LINE_MAX);
	char begun[12] = "";
	int r;

	buf_printf(&line, "%s %s %s %u %u %u %u %u", kinds[t->kind], states[t->state],
		   files[t->file], t->instance, t->file_size, t->tries, t->not_before,
		   t->confirmed);
	buf_printf(&line, " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %u %u %u",
		   t->received_boot, t->received_wall, t->started, t->ended, t->fault, t->window,
		   t->nwindows);
	for (unsigned int i = 0; i < t->nwindows; i++)
		buf_printf(&line, " %u-%u/%u/%d", t->windows[i].start, t->windows[i].end,
			   t->windows[i].mode, t->windows[i].retries);
	if (line.failed)
		return -EINVAL;
	r = put(store, t, "", buf_str(&line));
	if (!r)
		r = put(store, t, "boot", t->boot);
	if (!r)
		r = put(store, t, "key", t->key);
	if (!r)
		r = put(store, t, "fault", t->fault_text);
	if (!r)
		r = put(store, t, "version", t->version);
	if (t->begun)
		(void)snprintf(begun, sizeof(begun), "%u", t->begun);
	return r ? r : put(store, t, "begun", begun);
}

const char *transfer_record_message(uint32_t window)
{
	static const char *const fields[CWMP_WINDOWS_MAX] = { "message1", "message2" };

	return fields[window];
}

int transfer_record_texts(struct store *store, const struct transfer *t,
			  const struct cwmp_transfer *asked)
{
	int r = put(store, t, "url", asked->url);

	if (!r)
		r = put(store, t, "user", asked->user);
	if (!r)
		r = put(store, t, "password", asked->password);
	for (uint32_t i = 0; i < asked->nwindows && !r; i++)
		r = put(store, t, transfer_record_message(i),
			asked->message[i] ? asked->message[i] : "");
	if (!r)
		r = put(store, t, "type", asked->file_type);
	return r ? r : put(store, t, "target", asked->target);
}

const char *transfer_record_text(const struct store *store, const struct transfer *t,
				 const char *field)
{
	char key[KEY_MAX];
	const char *text;

	make_key(key, t, field);
	text = store_get(store, key, NULL);
	return text ? text : "";
}

void transfer_record_forget(struct store *store, const struct transfer *t)
{
	static const char *const secrets[] = { "user", "password", "url" };
	/* AutonomousTransferComplete names the URL. */
	size_t n = t->kind == TRANSFER_LOCAL ? ARRAY_SIZE(secrets) - 1 : ARRAY_SIZE(secrets);
	char key[KEY_MAX];

	for (size_t i = 0; i < n; i++) {
		make_key(key, t, secrets[i]);
		(void)store_del(store, key);
	}
}

void transfer_record_delete(struct store *store, const struct transfer *t)
{
	char key[KEY_MAX];

	make_key(key, t, "");
	(void)store_del(store, key);
	(void)snprintf(key, sizeof(key), "%s%u.", TRANSFER_RECORD, t->id);
	(void)store_del_prefix(store, key);
}
