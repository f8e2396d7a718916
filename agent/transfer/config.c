/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/transfer/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "agent/store.h"
#include "agent/store_text.h"
#include "agent/transfer/backup.h"
#include "agent/transfer/run.h"
#include "lib/array.h"
#include "lib/audit.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/hex.h"
#include "lib/log.h"
#include "lib/rand.h"
#include "lib/text.h"

#define KEY_SECRET "@keep.backup" /* of this box, in hex: stays over a factory reset */

struct config_job {
	uint8_t operator_key[BACKUP_KEY_BYTES];
	uint8_t private[BACKUP_KEY_BYTES]; /* of the operator, on a box that takes over */
	bool has_private;
	uint8_t secret[BACKUP_KEY_BYTES];
	struct buf file; /* sealed */
};

/* What belongs to the box's life and not to its configuration stays. */
static const char *const kinds[] = { "Device.", "@rows.", "@next.", "@key.", "@attr." };
/* Who restores a box must not lose it: it goes on with the ACS that it has. */
static const char *const own[] = { "Device.ManagementServer.URL",
				   "Device.ManagementServer.Username",
				   "Device.ManagementServer.Password" };

static bool is_own(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (!strcmp(key, own[i]))
			return true;
	return false;
}

static bool is_configuration(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strncmp(key, kinds[i], strlen(kinds[i])))
			return true;
	return false;
}

/* Backup */

struct writing {
	struct buf text;
	size_t lines;
};

static void write_line(void *arg, const char *key, const char *value, size_t len)
{
	struct writing *w = arg;

	if (is_own(key))
		return;
	store_put_line(&w->text, key, value, len);
	w->lines++;
}

static unsigned open_backup(struct transfers *ts, struct transfer *t, uint64_t *size)
{
	struct config_job *c = ts->config;
	struct writing w = { .text = BUF_INIT(STORE_BYTES_MAX) };
	int r;

	store_put_header(&w.text);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		store_each(ts->agent->store, kinds[i], false, write_line, &w);
	store_put_end(&w.text, w.lines);
	r = w.text.failed
		    ? -ENOMEM
		    : backup_seal(&c->file, c->operator_key, c->secret, w.text.data, w.text.len);
	buf_wipe(&w.text);
	if (r)
		return transfers_fault(ts, FAULT_UPLOAD, "cannot seal the configuration: %s",
				       strerror(-r));
	*size = c->file.len;
	return 0;
}

static int64_t read_backup(struct transfers *ts, uint64_t at, void *to, size_t n)
{
	const struct buf *file = &ts->config->file;

	if (at >= file->len)
		return 0;
	if (n > file->len - at)
		n = file->len - at;
	memcpy(to, file->data + at, n);
	return (int64_t)n;
}

/* Restoration */

static unsigned begin(struct transfers *ts, struct transfer *t)
{
	buf_reset(&ts->config->file);
	return 0;
}

static unsigned take(struct transfers *ts, const void *data, size_t n)
{
	buf_put(&ts->config->file, data, n);
	return ts->config->file.failed ? transfers_fault(ts, FAULT_DOWNLOAD, "no memory for it")
				       : 0;
}

static int check_line(void *arg, const char *key, const char *value, size_t len)
{
	return !is_configuration(key) || is_own(key);
}

static int set_line(void *arg, const char *key, const char *value, size_t len)
{
	struct store *store = arg;

	return store_set(store, key, value, len);
}

struct kept {
	char *value[ARRAY_SIZE(own)];
	size_t len[ARRAY_SIZE(own)];
};

static int keep_own(const struct store *store, struct kept *k)
{
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		const char *value =
			store_has(store, own[i]) ? store_get(store, own[i], &k->len[i]) : NULL;

		k->value[i] = value ? strdup(value) : NULL;
		if (value && !k->value[i])
			return -ENOMEM;
	}
	return 0;
}

static void forget_own(struct kept *k)
{
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		if (k->value[i])
			explicit_bzero(k->value[i], k->len[i]);
		free(k->value[i]);
	}
}

/* As much of it as VendorConfigFile.{i}.Name may have. */
static size_t name_bytes(const char *name)
{
	size_t n = 0, one;

	for (int i = 0; i < KEPT_CONFIG_NAME_MAX && name[n]; i++) {
		one = utf8_sequence(name + n, strlen(name + n));
		if (!one)
			break;
		n += one;
	}
	return n;
}

static int note_restored(struct store *store, const struct buf *file, const char *name)
{
	char version[17], date[24] = "";
	int r;

	/* Of the authenticator: the same file has the same version. */
	hex_encode(version, file->data + file->len - 8, 8);
	if (clock_synced())
		(void)snprintf(date, sizeof(date), "%lld", (long long)clock_wall());
	r = store_set(store, KEPT_CONFIG_VERSION, version, strlen(version));
	if (!r)
		r = store_set(store, KEPT_CONFIG_DATE, date, strlen(date));
	return r ? r : store_set(store, KEPT_CONFIG_NAME, name, name_bytes(name));
}

/* In the store's memory only: it is saved together with the result of the transfer. */
static int replace(struct transfers *ts, const struct buf *text, const char *name)
{
	struct store *store = ts->agent->store;
	struct store_text parsed;
	struct kept kept = { 0 };
	int r = keep_own(store, &kept);

	/* nothing that was before goes back any more */
	if (!r)
		r = store_del_prefix(store, STORE_KEY_CONFIRM);
	for (size_t i = 0; i < ARRAY_SIZE(kinds) && !r; i++)
		r = store_del_prefix(store, kinds[i]);
	for (size_t i = 0; i < ARRAY_SIZE(own) && !r; i++)
		if (kept.value[i])
			r = store_set(store, own[i], kept.value[i], kept.len[i]);
	forget_own(&kept);
	if (!r)
		r = store_parse(&parsed, text->data, text->len, set_line, store);
	return r ? r : note_restored(store, &ts->config->file, name);
}

static unsigned restore(struct transfers *ts, struct transfer *t, const struct buf *text)
{
	const char *target = transfer_text(&ts->q, t, "target");
	struct store_text parsed = { 0 };

	if (store_parse(&parsed, buf_str(text), text->len, check_line, NULL) || !parsed.ended)
		return transfers_fault(ts, FAULT_FILE_CORRUPT, "line %u: %s", parsed.line,
				       parsed.error ? parsed.error : "not a setting");
	if (parsed.version > STORE_VERSION)
		return transfers_fault(ts, FAULT_FILE_CORRUPT, "made by a newer release");
	if (store_save(ts->agent->store) || replace(ts, text, *target ? target : "backup")) {
		store_revert(ts->agent->store);
		return transfers_fault(ts, FAULT_DOWNLOAD, "the store does not take it");
	}
	audit("restore", AUDIT_DONE, "name", *target ? target : "backup");
	ts->reboot_wanted = true;
	return 0;
}

static unsigned finish(struct transfers *ts, struct transfer *t)
{
	struct config_job *c = ts->config;
	struct buf text = BUF_INIT(STORE_BYTES_MAX);
	enum backup_error e = backup_open(&text, c->file.data, c->file.len, c->secret,
					  c->has_private ? c->private : NULL);
	unsigned fault;

	if (e == BACKUP_OK)
		fault = restore(ts, t, &text);
	else
		fault = transfers_fault(ts,
					e == BACKUP_FOREIGN  ? FAULT_FILE_UNSIGNED
					: e == BACKUP_FAILED ? FAULT_DOWNLOAD
							     : FAULT_FILE_CORRUPT,
					"the configuration file is %s", backup_error_text(e));
	buf_wipe(&text);
	return fault;
}

static void close_file(struct transfers *ts)
{
	buf_free(&ts->config->file);
}

const struct transfer_handler config_handler = {
	.max = STORE_BYTES_MAX + BACKUP_OVERHEAD,
	.begin = begin,
	.take = take,
	.finish = finish,
	.open = open_backup,
	.read = read_backup,
	.close = close_file,
};

/* Keys */

static int read_pem(const char *path, bool private, uint8_t out[BACKUP_KEY_BYTES])
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char text[1024];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	BIO *bio = n > 0 ? BIO_new_mem_buf(text, (int)n) : NULL;
	EVP_PKEY *key = !bio	  ? NULL
			: private ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL)
				  : PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	size_t len = BACKUP_KEY_BYTES;
	bool good = key && EVP_PKEY_is_a(key, "X25519") &&
		    (private ? EVP_PKEY_get_raw_private_key(key, out, &len)
			     : EVP_PKEY_get_raw_public_key(key, out, &len)) == 1;

	EVP_PKEY_free(key);
	BIO_free(bio);
	explicit_bzero(text, sizeof(text));
	if (good)
		return 0;
	log_err("%s: not the PEM file of an X25519 %s key", path, private ? "private" : "public");
	return -EINVAL;
}

static int own_secret(struct store *store, uint8_t out[BACKUP_KEY_BYTES])
{
	char text[2 * BACKUP_KEY_BYTES + 1];
	size_t len = 0;
	const char *kept = store_get(store, KEY_SECRET, &len);
	int r;

	if (kept && len == 2 * BACKUP_KEY_BYTES && !hex_decode(out, kept, len))
		return 0;
	if ((r = rand_bytes(out, BACKUP_KEY_BYTES)))
		return r;
	hex_encode(text, out, BACKUP_KEY_BYTES);
	r = store_set(store, KEY_SECRET, text, strlen(text));
	explicit_bzero(text, sizeof(text));
	return r ? r : store_save(store);
}

int config_new(struct transfers *ts)
{
	const char *public = conf_str(ts->agent->conf, "backup.key", "");
	const char *private = conf_str(ts->agent->conf, "backup.open_key", "");
	struct config_job *c;
	int r;

	if (!*public)
		return 0;
	ts->config = c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	buf_init(&c->file, STORE_BYTES_MAX + BACKUP_OVERHEAD);
	r = read_pem(public, false, c->operator_key);
	if (!r && *private) {
		r = read_pem(private, true, c->private);
		c->has_private = !r;
	}
	return r;
}

void config_start(struct transfers *ts)
{
	int r = ts->config ? own_secret(ts->agent->store, ts->config->secret) : 0;

	if (!r)
		return;
	log_err("no backups: the secret of this box cannot be kept: %s", strerror(-r));
	config_free(ts);
	ts->config = NULL;
}

void config_free(struct transfers *ts)
{
	if (!ts->config)
		return;
	buf_free(&ts->config->file);
	explicit_bzero(ts->config, sizeof(*ts->config));
	free(ts->config);
}
