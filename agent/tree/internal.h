/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of agent/tree/ only. */
#pragma once

#include "agent/tree/path.h"
#include "agent/tree/tree.h"
#include "lib/buf.h"

#define DM_LEVELS_MAX 16 /* objects inside each other; TR-181 has at most eleven */
#define DM_NAME_MAX 64	 /* characters in one component; the longest of TR-181 has 57 */

/* An object row with what the engine adds to it. */
struct dm_class {
	const struct dm_object *obj;
	struct dm *dm;
	struct dm_class *parent;
	struct dm_class **kids;		/* in the order of registration */
	const struct dm_param **params; /* the rows of obj, then one counter per table below */
	struct dm_class **counted;	/* the table that params[obj->nparams + i] counts */
	uint16_t *cell_at;		/* which cell a parameter has, + 1; 0: none */
	const struct dm_module *module; /* own or inherited */
	struct dm_inst *only;		/* the instance when no table is above */
	void *ctx;
	const char *name; /* last component, without dot */
	uint16_t name_len;
	uint16_t id;
	uint16_t slot; /* place among the parent's kids */
	uint16_t nkids, nparams, ncells;
	uint8_t level;
	bool table;
	bool lasting; /* rows keep their numbers over a restart: cells are saved */
	bool bound;
};

/* A stored value. val is what holds: the default (const) or own memory. */
struct dm_cell {
	const char *val;
	uint32_t len;
	bool own;     /* val is to be freed */
	bool staged;  /* given in the open transaction by its caller */
	bool touched; /* in the undo log */
};

/* What an instance has below it for one class: the rows of a table, or one single object. */
struct dm_kid {
	struct dm_inst **rows; /* by number; of a single object: &one */
	struct dm_inst *one;
	uint32_t n, cap;
	uint32_t live;	       /* rows that are not gone */
	uint32_t next;	       /* number of the next row */
	uint32_t nhash;	       /* power of two */
	struct dm_inst **hash; /* live tables: by key */
	uint64_t refreshed;    /* dm_rpc() */
};

enum {
	ATTR_NOTIFY = 3,
	ATTR_SET = 1 << 2,
	ATTR_NO_SUBSCRIBER = 1 << 3,
	ATTR_PENDING = 1 << 4,
	ATTR_WATCHED = 1 << 5
};

/* One per parameter of an instance that has any. */
struct dm_attrib {
	uint32_t watch, pending; /* places in dm's arrays, when the flag is set */
	uint8_t flags;
};

struct dm_watch {
	struct dm_inst *in;
	uint16_t param;
	bool known;    /* hash is of this run */
	bool saved;    /* hash came from the store */
	uint64_t hash; /* of the value last seen */
};

struct dm_pending {
	struct dm_inst *in;
	uint16_t param;
	bool handed; /* given to an Inform */
};

/* An index entry: (class, component) -> class below or parameter. */
struct dm_slot {
	uint32_t hash;
	uint16_t owner; /* class id + 1; 0: free */
	uint16_t what;	/* kid slot or parameter number */
	bool is_param;
};

struct dm {
	struct store *store;
	struct dm_class *classes;
	size_t nclasses;
	struct dm_param *counters; /* the engine's own rows */
	struct dm_slot *slots;
	uint32_t nslots; /* power of two */
	struct dm_inst *root;
	uint64_t seed; /* of the hashes over what the network chooses */
	uint64_t rpc;
	uint32_t walking; /* rows are not freed while a walk or transaction holds them */
	bool session;
	uint64_t sessions;     /* begun so far */
	bool alias;	       /* [alias] is taken in paths */
	bool alias_names;      /* and given */
	bool numbers_dirty;    /* rows of lasting live tables were made: to be saved */
	struct dm_inst **dead; /* gone, to be freed when nobody looks */
	size_t ndead, dead_cap;
	struct buf room; /* the sink's */
	struct dm_txn *txn;
	struct dm_watch *watch;
	size_t nwatch, watch_cap;
	struct dm_pending *pending;
	size_t npending, pending_cap;
	struct dm_watch *forced; /* of every Inform */
	size_t nforced, forced_cap;
	const struct dm_guard *guard; /* NULL: none */
	dm_change_fn on_change;
	void *on_change_arg;
};

/* schema.c */
int dm_schema_build(struct dm *, const struct dm_object *const *objects, size_t n);
void dm_schema_free(struct dm *);
const struct dm_slot *dm_index(const struct dm_class *, const char *name, size_t len);
struct dm_class *dm_class_of(const struct dm *, const struct dm_object *);
int dm_param_index(const struct dm_class *, const char *name); /* -1: none */
/* Does the object below (or table) exist on this box? */
static inline bool dm_kid_here(struct dm_inst *in, const struct dm_class *cls)
{
	return !cls->obj->when || cls->obj->when(in);
}

static inline bool dm_param_here(struct dm_inst *in, const struct dm_param *p)
{
	return !p->when || p->when(in);
}

/* inst.c */
struct dm_inst *dm_inst_make(struct dm_class *, struct dm_inst *parent, uint32_t number);
void dm_inst_free(struct dm_inst *);
int dm_kid_insert(struct dm_kid *, struct dm_inst *);
void dm_kid_remove(struct dm_kid *, struct dm_inst *);
/* The row with that number, or the place where it would be. */
struct dm_inst *dm_kid_find(const struct dm_kid *, uint32_t number, uint32_t *at);
uint32_t dm_kid_number(struct dm_kid *, uint32_t max); /* 0: full */
static inline struct dm_kid *dm_kid_of(const struct dm_inst *in, const struct dm_class *cls)
{
	return &in->kids[cls->slot];
}

/* The cell of a stored or writable row, NULL when it has none. */
static inline struct dm_cell *dm_cell_of(const struct dm_inst *in, size_t param)
{
	uint16_t at = in->cls->cell_at[param];

	return at ? &in->cells[at - 1] : NULL;
}

int dm_cell_set(struct dm_cell *, const char *val, size_t len);
void dm_cell_default(struct dm_cell *, const struct dm_param *);
void dm_cell_drop(struct dm_cell *);
void *dm_grow(void *v, size_t *cap, size_t n, size_t size); /* array growth; NULL: no memory */

/* live.c */
void dm_refresh(struct dm_inst *parent, struct dm_class *);
void dm_hold(struct dm *); /* rows are kept until dm_unhold() */
void dm_unhold(struct dm *);
uint64_t dm_hash(uint64_t seed, const char *s, size_t n);
void dm_dead_forget(struct dm_inst *); /* it is being freed */
int dm_live_load(struct dm_inst *parent, struct dm_class *, uint32_t number, const char *key);

/* persist.c */
void dm_load_cells(struct dm_inst *); /* values and attributes of this instance */
void dm_load_rows(struct dm_inst *parent, struct dm_class *); /* of a lasting table */
int dm_save_cell(struct dm_inst *, size_t param);
int dm_save_rows(struct dm_inst *parent, struct dm_class *);
int dm_save_key(struct dm_inst *);
int dm_forget(struct dm_inst *); /* everything below a deleted row */
int dm_forget_below(struct store *, const char *row);
int dm_save_attr(struct dm_inst *, size_t param);
void dm_save_numbers(struct dm *);
/* Path of one of its parameters, terminated; its length. */
size_t dm_param_path(const struct dm_inst *, size_t param, char out[DM_PATH_MAX + 1]);

/* resolve.c */
enum dm_target_kind { DM_T_ALL, DM_T_OBJECT, DM_T_TABLE, DM_T_PARAM };
struct dm_target {
	enum dm_target_kind kind;
	struct dm_inst *in; /* the object; of a table: what is above it */
	struct dm_class *table;
	uint16_t param;
	const char *alias; /* dm_resolve_add: the alias wanted, not terminated */
	size_t alias_len;
};
enum dm_error dm_resolve(struct dm *, const char *path, size_t len, struct dm_target *);
enum dm_error dm_resolve_add(struct dm *, const char *path, size_t len, struct dm_target *);

/* walk.c */
struct dm_walk {
	struct dm *dm;
	void *arg;
	dm_name_fn name_fn;
	dm_value_fn value_fn;
	/* one of these per walk; non-zero ends it */
	enum dm_error (*object)(struct dm_walk *, struct dm_inst *);
	enum dm_error (*table)(struct dm_walk *, struct dm_inst *parent, struct dm_class *);
	enum dm_error (*param)(struct dm_walk *, struct dm_inst *, size_t param);
	bool told;  /* paths as the ACS wants them (InstanceMode) */
	bool still; /* no refresh: only what the tree holds already */
	bool one;   /* a single name: an error of its getter is the answer */
	size_t len; /* of the object's path in text */
	char text[DM_PATH_MAX + 2 * DM_NAME_MAX];
};
enum dm_error dm_walk(struct dm_walk *, const struct dm_target *);
#define DM_ROW_NAME_MAX 72 /* an alias in brackets, or a number */
size_t dm_row_name(const struct dm_inst *, char out[DM_ROW_NAME_MAX]);
int dm_told_path(const struct dm_inst *, char out[DM_PATH_MAX + 1]);
int dm_forced_build(struct dm *);
enum dm_error dm_get_param(struct dm_walk *, struct dm_inst *, size_t param);
/* Reads one value into the sink, as everybody outside sees it. */
enum dm_error dm_read(struct dm_inst *, size_t param, struct dm_sink *);
void dm_sink_start(struct dm_sink *, struct buf *room);

/* check.c */
struct dm_refusal {
	enum dm_error error;
	char text[DM_TEXT_MAX];
};
/*
 * Type and constraint of one value for one row: pure. The canonical value goes to out.
 * given DM_ANY: no type came with it.
 */
enum dm_error dm_check(const struct dm_param *, enum dm_type given, const char *value, size_t len,
		       struct buf *out, struct dm_refusal *);

/* txn.c, txn_rows.c, commit.c */
enum dm_undo_kind { DM_UNDO_SET, DM_UNDO_ADD, DM_UNDO_DEL };
struct dm_undo {
	enum dm_undo_kind kind;
	uint16_t param;
	struct dm_inst *in;
	struct dm_cell old;
	uint32_t next;
};
struct dm_txn {
	struct dm *dm;
	enum dm_origin origin;
	bool keep; /* lines of deleted rows stay in the store */
	struct dm_undo *log;
	size_t n, cap;
	struct dm_faults faults;
	struct buf value;
};
enum dm_error dm_fault(struct dm_txn *, enum dm_error, const char *path, size_t len,
		       const char *text);
enum dm_error dm_txn_cell(struct dm_txn *, struct dm_inst *, size_t param, const char *val,
			  size_t len);
struct dm_undo *dm_txn_log(struct dm_txn *, enum dm_undo_kind, struct dm_inst *);
void dm_txn_undo(struct dm_txn *);
void dm_txn_free(struct dm_txn *);

/* attr.c, change.c */
uint8_t dm_notification(const struct dm_inst *, size_t param);
void dm_attr_load(struct dm_inst *, size_t param, const char *text, size_t len);
bool dm_attrs_make(struct dm_inst *);
void dm_attr_fetch(struct dm_inst *, size_t param); /* from the store */
void dm_watch_start(struct dm_inst *, size_t param);
void dm_watch_stop(struct dm_inst *, size_t param);
void dm_watch_forget(struct dm_inst *); /* the instance is being freed */
void dm_watch_baseline(struct dm_inst *, size_t param);
void dm_note(struct dm_inst *, size_t param, bool by_acs);
/* The ACS has set it, so it knows it: also after a restart. Saved by the caller. 0 or -errno. */
int dm_seen_by_acs(struct dm_inst *, size_t param);
