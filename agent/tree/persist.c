/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree's part of the store:
 *	Device.WiFi.SSID.1.SSID = home		a cell that differs from its default
 *	@rows.Device.WiFi.SSID. = 1 2 5		rows of a table that AddObject fills
 *	@next.Device.WiFi.SSID. = 6		number of its next row
 *	@key.Device.WiFi.Radio.1 = phy0		what a row of a DM_KEEP table stands for
 *	@attr.Device.X.Y = 2 1			notification, may subscribers write
 * The factory layer need not list rows: those that its paths name are there.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/store.h"
#include "agent/tree/internal.h"
#include "lib/array.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/num.h"

#define KEY_MAX (DM_PATH_MAX + 32)

static const char *record(struct dm *dm, const char *kind, const char *path, size_t *len)
{
	char key[KEY_MAX];

	if (snprintf(key, sizeof(key), "%s%s", kind, path) >= (int)sizeof(key))
		return NULL;
	return store_get(dm->store, key, len);
}

static int put_record(struct dm *dm, const char *kind, const char *path, const char *val,
		      size_t len)
{
	char key[KEY_MAX];

	if (snprintf(key, sizeof(key), "%s%s", kind, path) >= (int)sizeof(key))
		return -ENAMETOOLONG;
	return val ? store_set(dm->store, key, val, len) : store_del(dm->store, key);
}

/*
 * What a release before this one wrote, or a person into the factory file, may not fit the row:
 * then the default holds, and the line stays where it is.
 */
static void load_cell(struct dm_inst *in, size_t param, const char *path)
{
	const struct dm_param *p = in->cls->params[param];
	struct dm_cell *cell = dm_cell_of(in, param);
	_cleanup_buf_ struct buf value = BUF_INIT(DM_VALUE_MAX);
	struct dm_refusal why;
	const char *text;
	size_t len;

	if (!cell || (p->flags & DM_VOLATILE))
		return;
	text = store_get(in->cls->dm->store, path, &len);
	if (!text)
		return;
	if (dm_check(p, DM_ANY, text, len, &value, &why))
		log_warn("store: %s is left at its default: %s", path, why.text);
	else if (dm_cell_set(cell, buf_str(&value), value.len))
		log_err("store: no memory for %s", path);
}

void dm_attr_fetch(struct dm_inst *in, size_t param)
{
	char path[DM_PATH_MAX + 1];
	const char *attr;
	size_t len;

	if (!in->cls->dm->store || !dm_param_path(in, param, path))
		return;
	attr = record(in->cls->dm, "@attr.", path, &len);
	if (attr)
		dm_attr_load(in, param, attr, len);
}

void dm_load_cells(struct dm_inst *in)
{
	char path[DM_PATH_MAX + 1];

	if (!in->cls->dm->store)
		return;
	for (size_t i = 0; i < in->cls->nparams; i++) {
		if (!dm_param_path(in, i, path))
			continue;
		load_cell(in, i, path);
		dm_attr_fetch(in, i);
	}
}

static int table_path(const struct dm_inst *parent, const struct dm_class *cls,
		      char out[DM_PATH_MAX + 1])
{
	int len = dm_inst_path(parent, out);

	if (len < 0 || (size_t)len + cls->name_len + 1u > DM_PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(out + len, cls->name, cls->name_len);
	len += cls->name_len;
	out[len++] = '.';
	out[len] = 0;
	return len;
}

struct loader {
	struct dm_inst *parent;
	struct dm_class *cls;
	size_t skip; /* bytes of the key before the number */
};

static void load_row(struct loader *l, const char *digits, size_t n)
{
	struct dm_kid *kid = dm_kid_of(l->parent, l->cls);
	uint32_t max = l->cls->obj->max ? l->cls->obj->max : DM_TABLE_MAX;
	struct dm_inst *in;
	uint64_t number;

	if (num_parse_u64(digits, n, INT32_MAX, &number) || !number || kid->live >= max ||
	    dm_kid_find(kid, (uint32_t)number, NULL))
		return;
	in = dm_inst_make(l->cls, l->parent, (uint32_t)number);
	if (!in || dm_kid_insert(kid, in)) {
		log_err("store: no memory for row %u of %s", (unsigned)number, l->cls->obj->path);
		if (in)
			dm_inst_free(in);
		return;
	}
	kid->live++;
}

static size_t digits_at(const char *s)
{
	size_t n = 0;

	while (s[n] >= '0' && s[n] <= '9')
		n++;
	return n;
}

static void implied_row(void *arg, const char *key, const char *value, size_t len)
{
	struct loader *l = arg;
	size_t n = digits_at(key + l->skip);

	if (key[l->skip + n] == '.')
		load_row(l, key + l->skip, n);
}

static void load_key(void *arg, const char *key, const char *value, size_t len)
{
	struct loader *l = arg;
	size_t n = digits_at(key + l->skip);
	uint64_t number;

	if (key[l->skip + n] || num_parse_u64(key + l->skip, n, INT32_MAX, &number) || !number)
		return;
	if (dm_live_load(l->parent, l->cls, (uint32_t)number, value))
		log_warn("store: %s is left out", key);
}

static void load_added(struct loader *l, const char *path, size_t len)
{
	struct dm *dm = l->cls->dm;
	const char *rows = record(dm, "@rows.", path, &len);

	if (!rows) {
		l->skip = strlen(path);
		store_each_factory(dm->store, path, implied_row, l);
		return;
	}
	while (*rows) {
		size_t n = digits_at(rows);

		load_row(l, rows, n);
		rows += n;
		if (*rows)
			rows++;
	}
}

void dm_load_rows(struct dm_inst *parent, struct dm_class *cls)
{
	struct loader l = { parent, cls, 0 };
	struct dm_kid *kid = dm_kid_of(parent, cls);
	char path[DM_PATH_MAX + 1], key[KEY_MAX];
	int len = table_path(parent, cls, path);
	const char *next;
	uint64_t number;
	size_t n;

	if (!cls->dm->store || len < 0)
		return;
	if (cls->obj->flags & DM_ADD) {
		load_added(&l, path, (size_t)len);
	} else {
		l.skip = strlen("@key.") + (size_t)len;
		snprintf(key, sizeof(key), "@key.%s", path);
		store_each(cls->dm->store, key, false, load_key, &l);
	}
	next = record(cls->dm, "@next.", path, &n);
	if (next && !num_parse_u64(next, n, UINT32_MAX, &number) && number > kid->next)
		kid->next = (uint32_t)number;
}

int dm_save_cell(struct dm_inst *in, size_t param)
{
	const struct dm_param *p = in->cls->params[param];
	struct store *store = in->cls->dm->store;
	const struct dm_cell *cell = dm_cell_of(in, param);
	struct dm_cell def = { 0 };
	char path[DM_PATH_MAX + 1];

	if (!store || !cell || !in->cls->lasting || (p->flags & DM_VOLATILE))
		return 0;
	if (!dm_param_path(in, param, path))
		return -ENAMETOOLONG;
	dm_cell_default(&def, p);
	if (!store_factory(store, path, NULL) && cell->len == def.len &&
	    !memcmp(cell->val, def.val, def.len))
		return store_del(store, path);
	return store_set(store, path, cell->val, cell->len);
}

static int save_next(struct dm_inst *parent, struct dm_class *cls, const char *path)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u", dm_kid_of(parent, cls)->next);

	return put_record(cls->dm, "@next.", path, text, (size_t)n);
}

int dm_save_rows(struct dm_inst *parent, struct dm_class *cls)
{
	const struct dm_kid *kid = dm_kid_of(parent, cls);
	char path[DM_PATH_MAX + 1];
	_cleanup_buf_ struct buf rows = BUF_INIT(STORE_LINE_MAX);
	int r;

	if (!cls->dm->store || !cls->lasting)
		return 0;
	if (table_path(parent, cls, path) < 0)
		return -ENAMETOOLONG;
	for (uint32_t i = 0; i < kid->n; i++) {
		if (i)
			buf_putc(&rows, ' ');
		buf_putu(&rows, kid->rows[i]->number);
	}
	if (rows.failed)
		return -ENOSPC;
	r = put_record(cls->dm, "@rows.", path, buf_str(&rows), rows.len);
	return r ? r : save_next(parent, cls, path);
}

/* Path of a row without its final dot, as @key has it. */
static int row_key(const struct dm_inst *in, char out[DM_PATH_MAX + 1])
{
	int len = dm_inst_path(in, out);

	if (len < 1)
		return -ENAMETOOLONG;
	out[len - 1] = 0;
	return 0;
}

int dm_save_key(struct dm_inst *in)
{
	char path[DM_PATH_MAX + 1];
	int r;

	if (!in->cls->dm->store)
		return 0;
	r = row_key(in, path);
	if (!r)
		r = put_record(in->cls->dm, "@key.", path, in->key, strlen(in->key));
	if (!r && table_path(in->parent, in->cls, path) >= 0)
		r = save_next(in->parent, in->cls, path);
	return r;
}

/* May the store hold anything below the row besides its own parameters? */
static bool has_lasting_kids(const struct dm_class *cls)
{
	for (size_t i = 0; i < cls->nkids; i++)
		if (cls->kids[i]->lasting)
			return true;
	return false;
}

/* Everything below the row, by its prefix: the store must be in order for that. */
int dm_forget_below(struct store *store, const char *row)
{
	static const char *const kinds[] = { "", "@attr.", "@rows.", "@next.", "@key.", "@seen." };
	char key[KEY_MAX];
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds) && !r; i++) {
		snprintf(key, sizeof(key), "%s%s", kinds[i], row);
		r = store_del_prefix(store, key);
	}
	return r;
}

/* Thousands of hosts may be forgotten at once: each by the names that it can have. */
static int forget_params(struct dm_inst *in)
{
	static const char *const kinds[] = { "", "@attr.", "@seen." };
	char path[DM_PATH_MAX + 1], key[KEY_MAX];
	int r = 0;

	for (size_t i = 0; i < in->cls->nparams; i++) {
		if (!dm_param_path(in, i, path))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(kinds) && !r; k++) {
			snprintf(key, sizeof(key), "%s%s", kinds[k], path);
			if (store_has(in->cls->dm->store, key))
				r = store_del(in->cls->dm->store, key);
		}
	}
	return r;
}

int dm_forget(struct dm_inst *in)
{
	char path[DM_PATH_MAX + 1];
	int r;

	if (!in->cls->dm->store || !in->cls->lasting)
		return 0;
	if (dm_inst_path(in, path) < 0)
		return -ENAMETOOLONG;
	r = has_lasting_kids(in->cls) ? dm_forget_below(in->cls->dm->store, path)
				      : forget_params(in);
	if (!r && in->key && !row_key(in, path))
		r = put_record(in->cls->dm, "@key.", path, NULL, 0);
	return r;
}

int dm_save_attr(struct dm_inst *in, size_t param)
{
	uint8_t attr = in->attrs ? in->attrs[param].flags : 0;
	char path[DM_PATH_MAX + 1], key[KEY_MAX], text[8];
	int n;

	if (!in->cls->dm->store || !in->cls->lasting)
		return 0;
	if (!dm_param_path(in, param, path))
		return -ENAMETOOLONG;
	if (!(attr & (ATTR_SET | ATTR_NO_SUBSCRIBER)))
		return put_record(in->cls->dm, "@attr.", path, NULL, 0);
	n = snprintf(text, sizeof(text), "%d %d", attr & ATTR_NOTIFY, !(attr & ATTR_NO_SUBSCRIBER));
	(void)snprintf(key, sizeof(key), "@attr.%s", path);
	return store_set_spare(in->cls->dm->store, key, text, (size_t)n);
}

/*
 * Before anybody is told the numbers, and not when an event makes rows: whoever makes up MAC
 * addresses on the LAN must not wear the flash out.
 */
void dm_save_numbers(struct dm *dm)
{
	int r;

	if (!dm->numbers_dirty || dm->walking || dm->txn)
		return;
	r = dm->store ? store_save(dm->store) : 0;
	dm->numbers_dirty = false;
	if (r)
		log_warn("store: new instance numbers are not saved: %s", strerror(-r));
}
