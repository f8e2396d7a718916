/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/diag/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/store.h"
#include "agent/tr181/diag.h"
#include "lib/cleanup.h"
#include "lib/hex.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/num.h"
#include "lib/version.h"

#define PREFIX "@diag."
#define KEY_BOOT PREFIX "boot"
#define KEY_MAX 48
#define BOOT_MAX 128

static void make_key(char out[KEY_MAX], const struct diag *d)
{
	(void)snprintf(out, KEY_MAX, PREFIX "%s", d->ops->name);
}

static void make_boot(char out[BOOT_MAX], const char *boot_id)
{
	(void)snprintf(out, BOOT_MAX, "%s " SALLYPORT_VERSION, boot_id);
}

int diag_records_open(struct store *store, const char *boot_id)
{
	const char *kept = store_get(store, KEY_BOOT, NULL);
	char boot[BOOT_MAX];

	make_boot(boot, boot_id);
	return kept && !strcmp(kept, boot) ? 0 : store_del_prefix(store, PREFIX);
}

static void put_results(struct buf *text, const struct diag *d)
{
	const uint8_t *results = (const uint8_t *)(d + 1);
	size_t n = d->ops->size - sizeof(*d);

	buf_printf(text, "%zu ", n);
	while (n && !results[n - 1])
		n--;
	buf_puthex(text, results, n);
}

int diag_record_write(struct store *store, const char *boot_id, const struct diag *d,
		      enum diag_state state, uint32_t begun)
{
	_cleanup_buf_ struct buf text = BUF_INIT(STORE_LINE_MAX);
	char key[KEY_MAX], boot[BOOT_MAX];
	int r;

	make_key(key, d);
	if (state == DIAG_NONE)
		return store_del(store, key);
	buf_printf(&text, "%s ", diag_states[state]);
	if (state == DIAG_REQUESTED)
		buf_printf(&text, "%" PRIu32, begun);
	else
		put_results(&text, d);
	if (text.failed)
		return -ENOSPC;
	make_boot(boot, boot_id);
	r = store_set(store, KEY_BOOT, boot, strlen(boot));
	return r ? r : store_set(store, key, buf_str(&text), text.len);
}

/* The number in front of text, up to `end`. NULL: none; else what is at its end. */
static const char *read_number(const char *text, char end, uint64_t max, uint64_t *out)
{
	size_t n = strcspn(text, " ");

	return text[n] == end && !num_parse_u64(text, n, max, out) ? text + n : NULL;
}

static bool read_results(struct diag *d, const char *text)
{
	size_t room = d->ops->size - sizeof(*d), n;
	const char *hex;
	uint64_t size;

	hex = read_number(text, ' ', SIZE_MAX, &size);
	if (!hex || size != room)
		return false;
	n = strlen(++hex);
	return n <= 2 * room && !hex_decode(d + 1, hex, n) && (!d->ops->sound || d->ops->sound(d));
}

static bool read_record(struct diag *d, const char *text)
{
	size_t n = strcspn(text, " ");
	int state = DIAG_NONE + 1;
	uint64_t begun;

	while (state < DIAG_STATES &&
	       (strlen(diag_states[state]) != n || memcmp(diag_states[state], text, n) != 0))
		state++;
	if (state == DIAG_STATES || !text[n])
		return false;
	d->state = (enum diag_state)state;
	text += n + 1;
	if (d->state != DIAG_REQUESTED)
		return read_results(d, text);
	if (!read_number(text, '\0', UINT32_MAX, &begun))
		return false;
	d->begun = (uint32_t)begun;
	return true;
}

void diag_record_read(const struct store *store, struct diag *d)
{
	const char *text;
	char key[KEY_MAX];

	make_key(key, d);
	text = store_get(store, key, NULL);
	if (!text || read_record(d, text))
		return;
	log_warn("store: %s is no record of ours, left out", key);
	d->state = DIAG_NONE;
	d->begun = 0;
	memset(d + 1, 0, d->ops->size - sizeof(*d));
}
