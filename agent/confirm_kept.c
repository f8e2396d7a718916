/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/confirm_kept.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/confirm.h"
#include "agent/store.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/limits.h"
#include "lib/text.h"

#define PARAMETER_KEY "Device.ManagementServer.ParameterKey"
#define KEY_OLD STORE_KEY_CONFIRM ".old."
#define KEY_NEW STORE_KEY_CONFIRM ".new."
#define KEY_LEN (sizeof(KEY_OLD) - 1) /* of both */
#define KEY_SIZE (KEY_LEN + DM_PATH_MAX + 1)

static const char *const sides[] = { [KEPT_OLD] = KEY_OLD, [KEPT_NEW] = KEY_NEW };

static bool is_row(const char *path)
{
	const size_t len = strlen(path);

	return len && path[len - 1] == '.';
}

static bool says(const struct kept *k, enum kept_side side, const char *row, size_t len, char what)
{
	char key[KEY_SIZE];
	const char *text;

	if (snprintf(key, sizeof(key), "%s%.*s", sides[side], (int)len, row) >= (int)sizeof(key))
		return false;
	text = store_get(k->store, key, NULL);
	return text && text[0] == what;
}

/* The row itself, or one that it or the parameter is in: what comes and goes takes with it all that
 * is below. */
static bool says_of_any(const struct kept *k, enum kept_side side, const char *path, char what)
{
	const char *dot = path;

	while ((dot = strchr(dot, '.')))
		if (says(k, side, path, (size_t)(++dot - path), what))
			return true;
	return false;
}

struct taking {
	const struct kept *k;
	enum kept_side side;
};

static enum dm_error take_one(void *arg, const char *path, const char *text, size_t len)
{
	const struct taking *t = arg;
	char key[KEY_SIZE];

	(void)snprintf(key, sizeof(key), "%s%s", sides[t->side], path);
	if (store_has(t->k->store, key) || (!is_row(path) && says_of_any(t->k, t->side, path, '0')))
		return DM_OK;
	if (!text) /* of what came along some may not go back */
		return kept_covers(t->k, path) ? DM_EINTERNAL : DM_OK;
	return store_set(t->k->store, key, text, len) ? DM_ERESOURCES : DM_OK;
}

enum dm_error kept_take(const struct kept *k, enum kept_side side, struct dm_txn *txn)
{
	struct taking t = { k, side };

	dm_txn_keep(txn);
	return dm_txn_each_old(txn, take_one, &t);
}

/* A row that comes back may bring others that are to go, and one that goes makes room for it. */
enum pass { GO, COME, GO_AGAIN, VALUES, PASSES };

struct staging {
	const struct kept *k;
	struct dm_txn *txn;
	bool all;
	enum pass pass;
};

static void stage_one(void *arg, const char *key, const char *value, size_t len)
{
	const struct staging *s = arg;
	const char *path = key + KEY_LEN;
	const bool row = is_row(path), there = value[0] == '1';

	if (!s->all && strcmp(path, PARAMETER_KEY) != 0 && !kept_covers(s->k, path))
		return;
	if (!row && s->pass == VALUES)
		(void)dm_stage_old(s->txn, path, value, len);
	else if (row && s->pass != VALUES && there == (s->pass == COME))
		(void)dm_stage_row(s->txn, path, there);
}

void kept_stage(const struct kept *k, enum kept_side side, struct dm_txn *txn, bool all)
{
	struct staging s = { .k = k, .txn = txn, .all = all };

	for (s.pass = GO; s.pass < PASSES; s.pass++)
		store_each(k->store, sides[side], false, stage_one, &s);
}

/* The names of rows, each terminated: who goes through the store can't change it. */
static void gather(void *arg, const char *key, const char *value, size_t len)
{
	const char *path = key + KEY_LEN;

	if (is_row(path))
		buf_put(arg, path, strlen(path) + 1);
}

static int each_row(const struct kept *k, enum kept_side side,
		    int (*fn)(const struct kept *, const char *path))
{
	_cleanup_buf_ struct buf paths = BUF_INIT(STORE_BYTES_MAX);
	const char *path;
	int r = 0;

	store_each(k->store, sides[side], false, gather, &paths);
	if (paths.failed)
		return -ENOMEM;
	for (path = buf_str(&paths); !r && path < buf_str(&paths) + paths.len;
	     path += strlen(path) + 1)
		r = fn(k, path);
	return r;
}

static int forget_row(const struct kept *k, const char *path)
{
	return dm_forget_row(k->dm, path);
}

/* What was there before the change is still wanted. */
static int forget_new_row(const struct kept *k, const char *path)
{
	return says(k, KEPT_OLD, path, strlen(path), '1') ? 0 : dm_forget_row(k->dm, path);
}

int kept_forget_new(const struct kept *k)
{
	const int r = each_row(k, KEPT_NEW, forget_new_row);

	return r ? r : store_del_prefix(k->store, KEY_NEW);
}

int kept_forget(const struct kept *k)
{
	int r = kept_forget_new(k);

	if (!r)
		r = each_row(k, KEPT_OLD, forget_row);
	return r ? r : store_del_prefix(k->store, STORE_KEY_CONFIRM);
}

/* One in a row that the change has deleted will be wanted when that comes back. */
static int tidy_row(const struct kept *k, const char *path)
{
	const bool there = dm_find(k->dm, path);
	char key[KEY_SIZE];
	int r;

	if (!says(k, KEPT_OLD, path, strlen(path), there ? '1' : '0') ||
	    says_of_any(k, KEPT_NEW, path, there ? '0' : '1') ||
	    (!there && says_of_any(k, KEPT_OLD, path, '1')))
		return 0;
	(void)snprintf(key, sizeof(key), KEY_OLD "%s", path);
	r = dm_forget_row(k->dm, path);
	return r ? r : store_del(k->store, key);
}

int kept_tidy(const struct kept *k)
{
	return each_row(k, KEPT_OLD, tidy_row);
}

static void reach(void *arg, const char *path, size_t len)
{
	struct kept *k = arg;
	char row[DM_PATH_MAX + 2];

	if (!len || len > DM_PATH_MAX)
		return;
	(void)snprintf(row, sizeof(row), "%.*s.", (int)len, path);
	if (!kept_covers(k, row))
		buf_printf(&k->reached, "%s ", row);
}

/* What the words of a list refer to; the list may be reached itself, and grow. */
static void reach_from(struct kept *k, const char *list)
{
	char word[DM_PATH_MAX + 1];
	size_t at = 0, n;

	for (;;) {
		const char *words = list ? list : buf_str(&k->reached);

		at += strspn(words + at, " \t");
		n = strcspn(words + at, " \t");
		if (!n)
			return;
		if (text_copy(word, sizeof(word), words + at, n))
			dm_each_ref(k->dm, word, reach, k);
		at += n;
	}
}

bool kept_reach(struct kept *k)
{
	_cleanup_buf_ struct buf before = k->reached;

	k->reached = BUF_INIT(CONFIRM_BYTES_MAX);
	reach_from(k, k->paths);
	reach_from(k, NULL);
	return strcmp(buf_str(&before), buf_str(&k->reached)) != 0;
}

bool kept_covers(const struct kept *k, const char *path)
{
	return confirm_covers(k->paths, path) || confirm_covers(buf_str(&k->reached), path);
}

struct naming {
	const struct kept *k;
	char *out;
	size_t size;
};

static void name_one(void *arg, const char *key, const char *value, size_t len)
{
	const struct naming *n = arg;

	if (kept_covers(n->k, key + KEY_LEN))
		(void)snprintf(n->out, n->size, "%s", key + KEY_LEN);
}

void kept_name(const struct kept *k, char *out, size_t size)
{
	struct naming n = { k, out, size };

	(void)snprintf(out, size, "a change");
	store_each(k->store, KEY_OLD, false, name_one, &n);
}
