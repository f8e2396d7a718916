/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction's part that is the vendor's: written, read back, and put back when it must be. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/tree/rows.h"
#include "agent/vendor/file.h"
#include "agent/vendor/parts.h"
#include "lib/log.h"

/* The hooks of a module are given the tree alone, and there is one vendor. */
static struct vendor *bound;

/* What a daemon has against it is in v->raw (-EBADE). */
static int write_value(struct vendor *v, const struct vendor_object *o, size_t row,
		       const char *text, size_t len)
{
	const struct vendor_source *s = &o->sources[row];
	char path[DM_PATH_MAX + 1];

	if (s->file)
		return vendor_file_write(s->file, text, len);
	buf_reset(&v->raw);
	(void)snprintf(path, sizeof(path), "%s%s", o->obj.path, o->rows[row].name);
	return vendor_daemon_set(&v->daemons[s->daemon], dm_rpc(v->dm), path, text, len, &v->raw);
}

static void forget(struct vendor *v)
{
	while (v->nchanges)
		free(v->changes[--v->nchanges].old);
}

/* The last first. What cannot be put back is said: then the box is not as the store has it. */
static void put_back(struct vendor *v)
{
	for (size_t i = v->nchanges; i--;) {
		const struct vendor_change *c = &v->changes[i];
		int r = write_value(v, c->object, c->row, c->old, c->old_len);

		if (r)
			log_err("vendor: %s%s cannot be put back: %s", c->object->obj.path,
				c->object->rows[c->row].name, strerror(-r));
	}
	forget(v);
}

static int remember(struct vendor *v, struct vendor_object *o, size_t row)
{
	struct vendor_change *c = &v->changes[v->nchanges];
	int r = vendor_read(v, o, row);

	if (r)
		return r;
	*c = (struct vendor_change){ o, row, strdup(buf_str(&v->value)), v->value.len };
	if (!c->old)
		return -ENOMEM;
	v->nchanges++;
	return 0;
}

static enum dm_error change(struct vendor *v, struct dm_txn *txn, struct vendor_object *o,
			    size_t row)
{
	struct dm_inst *in = dm_single(v->dm, &o->obj);
	const char *name = o->rows[row].name;
	size_t len;
	const char *text = dm_str(in, name, &len);
	int r;

	if (v->nchanges == VENDOR_CHANGES_MAX)
		return dm_refuse(txn, in, name, DM_ERESOURCES, "at most %d such values at once",
				 VENDOR_CHANGES_MAX);
	r = remember(v, o, row);
	if (r)
		return dm_refuse(txn, in, name, DM_EINTERNAL,
				 "it cannot be changed: what has it does not tell it now");
	r = write_value(v, o, row, text, len);
	/* A file that could not be written, or what was refused, is as it was. */
	if (r == -EBADE || (r && o->sources[row].file))
		free(v->changes[--v->nchanges].old);
	if (r == -EBADE)
		return dm_refuse(txn, in, name, DM_EVALUE, "it is refused: %.100s",
				 buf_str(&v->raw));
	if (r) {
		log_err("vendor: %s%s cannot be written: %s", o->obj.path, name, strerror(-r));
		return dm_refuse(txn, in, name, DM_EINTERNAL, "it cannot be written");
	}
	return DM_OK;
}

/* A driver may round or ignore what it is told. */
static enum dm_error look_again(struct vendor *v, struct dm_txn *txn, const struct vendor_change *c)
{
	struct dm_inst *in = dm_single(v->dm, &c->object->obj);
	const char *name = c->object->rows[c->row].name;
	size_t len;
	const char *want = dm_str(in, name, &len);

	if (vendor_read(v, c->object, c->row))
		return dm_refuse(txn, in, name, DM_EINTERNAL, "it cannot be read back");
	if (v->value.len == len && !memcmp(buf_str(&v->value), want, len))
		return DM_OK;
	return dm_refuse(txn, in, name, DM_EVALUE, "the box does not take it; it has '%.80s'",
			 buf_str(&v->value));
}

static enum dm_error apply_object(struct vendor *v, struct dm_txn *txn, struct vendor_object *o)
{
	struct dm_inst *in = dm_single(v->dm, &o->obj);
	enum dm_error e = DM_OK;

	for (size_t k = 0; k < o->nrows && !e; k++)
		if (o->rows[k].access == DM_RW && dm_txn_touched(txn, in, o->rows[k].name))
			e = change(v, txn, o, k);
	return e;
}

static enum dm_error apply(struct dm *dm, struct dm_txn *txn)
{
	struct vendor *v = bound;
	enum dm_error e = DM_OK;

	for (size_t i = 0; i < v->conf.nobjects && !e; i++)
		e = apply_object(v, txn, &v->conf.objects[i]);
	for (size_t i = 0; i < v->nchanges && !e; i++)
		e = look_again(v, txn, &v->changes[i]);
	if (e)
		put_back(v);
	return e;
}

static void revert(struct dm *dm)
{
	put_back(bound);
}

static void committed(struct dm *dm, const struct dm_txn *txn)
{
	forget(bound);
}

void vendor_bind(struct vendor *v)
{
	bound = v;
}

const struct dm_module vendor_module = {
	.name = "vendor", .apply = apply, .revert = revert, .committed = committed
};
