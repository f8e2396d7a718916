/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The data model engine. Objects and parameters are const rows (see rows.h for the macros that
 * write them); the engine keeps the instances, finds paths by a prebuilt index, walks, checks
 * and changes values in transactions. It knows neither CWMP nor TR-181.
 *
 * One thread. Nothing here sleeps except a module's apply hook.
 * Paths are TR-106 paths: "Device.", "Device.WiFi.SSID.1.", "Device.WiFi.SSID.1.SSID".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DM_PATH_MAX 256 /* characters in a full path (TR-106 A17 3.1) */

struct buf;
struct dm;
struct dm_txn;
struct dm_inst;
struct dm_param;
struct dm_object;
struct store;

enum dm_type {
	DM_STRING,
	DM_INT,
	DM_UINT,
	DM_LONG,
	DM_ULONG,
	DM_BOOL,
	DM_DATETIME,
	DM_BASE64,
	DM_HEXBIN,
	DM_DECIMAL,
	DM_TYPES,
	DM_ANY = DM_TYPES, /* dm_stage: the caller gave no type */
};

/* CWMP fault codes 9003.. are this + a table in agent/cwmp; the order is not the wire's. */
enum dm_error {
	DM_OK = 0,
	DM_ENAME,      /* 9005 */
	DM_ETYPE,      /* 9006 */
	DM_EVALUE,     /* 9007 */
	DM_EREADONLY,  /* 9008 */
	DM_ERESOURCES, /* 9004 */
	DM_EDENIED,    /* 9001 */
	DM_EINTERNAL,  /* 9002 */
	DM_EARGUMENTS, /* 9003 */
	DM_ENOTIFY,    /* 9009 */
	DM_ERRORS,
};

enum dm_access { DM_RO, DM_RW };

enum dm_notify_rule {
	DM_NOTIFY_NORMAL,
	DM_CAN_DENY,	   /* active notification is refused with DM_ENOTIFY */
	DM_FORCED_ACTIVE,  /* always active, cannot be changed */
	DM_DEFAULT_ACTIVE, /* active until the ACS says otherwise */
};

enum dm_flags {
	DM_SECRET = 1 << 0,	   /* reads as "" for everybody outside the agent */
	DM_COMMAND = 1 << 1,	   /* reads as the null value of its type */
	DM_LIST = 1 << 2,	   /* comma-separated string; item, ranges, values, match and ref
					 * hold for each item, min_len and max_len for the whole */
	DM_FORCED_INFORM = 1 << 3, /* in every Inform */
	DM_ALIAS = 1 << 4,	   /* made by DM_ROW_ALIAS: unique in its table */
	DM_STRONG = 1 << 5,	   /* reference that is emptied when its target is deleted */
	DM_VOLATILE = 1 << 6,	   /* stored row whose value is not kept over a restart */
	DM_ENUM_OPEN = 1 << 7,	   /* enumeration with vendor values (X_...) allowed */
	DM_ENTRIES = 1 << 8,	   /* NumberOfEntries row made by the engine */
	DM_EVENTED = 1 << 9,	   /* its owner always calls dm_changed(): not sampled */
};

struct dm_range {
	int64_t min;
	uint64_t max; /* read as int64_t when the type is signed */
};

/*
 * A getter writes exactly one value into the sink and returns DM_OK. It must not allocate.
 * Text given to dm_put_const() must live until the walk's callback returns; all the other
 * dm_put_x() copy or format.
 */
struct dm_sink {
	const char *text;
	size_t len;
	struct buf *room; /* the engine's, reused for every value */
};

void dm_put_str(struct dm_sink *, const char *text); /* copies; NULL is "" */
void dm_put_mem(struct dm_sink *, const char *text, size_t len);
void dm_put_const(struct dm_sink *, const char *text, size_t len);
void dm_put_uint(struct dm_sink *, uint64_t v);
void dm_put_int(struct dm_sink *, int64_t v);
void dm_put_bool(struct dm_sink *, bool v);
void dm_put_time(struct dm_sink *, int64_t unix_seconds);   /* UTC, "...Z" */
void dm_put_time_unknown(struct dm_sink *);		    /* 0001-01-01T00:00:00Z */
void dm_put_mac(struct dm_sink *, const uint8_t mac[6]);    /* 00:11:22:AA:BB:CC */
void dm_put_path(struct dm_sink *, const struct dm_inst *); /* reference to a row, no final dot */
void dm_put_item(struct dm_sink *, const char *text, size_t len); /* one more item of a list */

typedef enum dm_error (*dm_get_fn)(struct dm_inst *, const struct dm_param *, struct dm_sink *);

/*
 * Checks what the row's own constraint can't say (a channel against the radio's list). value is
 * canonical text, terminated. On refusal it may say what is allowed by dm_refuse().
 */
typedef enum dm_error (*dm_check_fn)(struct dm_txn *, struct dm_inst *, const struct dm_param *,
				     const char *value, size_t len);

/*
 * One parameter. Without .get it is a stored row: its value is a cell that the engine keeps,
 * journals, undoes and persists; read it by dm_str(), dm_uint(), dm_bool() and friends.
 * With .get and DM_RW a cell holds what was asked and .get tells what is.
 */
struct dm_param {
	const char *name;
	uint8_t type;	/* enum dm_type */
	uint8_t access; /* enum dm_access */
	uint8_t notify; /* enum dm_notify_rule */
	uint8_t nranges;
	uint8_t item;		       /* enum dm_type of a list's items */
	uint16_t flags;		       /* enum dm_flags */
	uint16_t min_items, max_items; /* of a list; 0: no limit */
	uint16_t max_item;	       /* characters in one item; 0: no limit */
	uint32_t min_len, max_len;     /* characters (strings), octets (binary); 0: no limit */
	uint32_t max_octets;	       /* beside max_len, where a protocol counts octets */
	const struct dm_range *ranges;
	const char *const *values;	     /* enumeration, NULL at the end */
	const char *ref;		     /* "Device.WiFi.Radio." more than one: space between */
	bool (*match)(const char *, size_t); /* pattern; `wants` says it in words */
	const char *wants;
	const char *def; /* of a stored row; NULL is the type's null value */
	dm_get_fn get;
	dm_check_fn check;
	bool (*when)(const struct dm_inst *); /* false: absent on this box */
	const char *source;		      /* where the value comes from, for docs/tr181.md */
};

enum dm_object_flags {
	DM_ADD = 1 << 0,	/* the ACS may AddObject and DeleteObject (access readWrite) */
	DM_KEEP = 1 << 1,	/* live table: remember key -> instance number over a restart */
	DM_ANEW = 1 << 2,	/* live table of results: an empty one counts from 1 again */
	DM_COUNT_DENY = 1 << 3, /* of its counter active notification is refused */
};

/*
 * What several objects have in common: their changes are applied together, once per transaction.
 * check: what only the whole transaction can tell, by dm_refuse(). Also called when something was
 *   refused before, so that each bad parameter gets its fault; what was refused has its old value.
 * apply: the cells already hold the new values. It makes them true (and reads back) or returns an
 *   error after dm_refuse(). It must itself put back what it had changed when it fails.
 * revert: apply had succeeded, but something after it failed. The cells hold the old values again.
 * committed: the transaction is in the store.
 */
struct dm_module {
	const char *name;
	enum dm_error (*check)(struct dm *, struct dm_txn *);
	enum dm_error (*apply)(struct dm *, struct dm_txn *);
	void (*revert)(struct dm *);
	void (*committed)(struct dm *, const struct dm_txn *);
};

struct dm_object {
	const char *path; /* "Device.WiFi.SSID.{i}." */
	const struct dm_param *params;
	uint16_t nparams;
	uint16_t flags;	     /* enum dm_object_flags */
	uint32_t max;	     /* instances under one parent; 0: DM_TABLE_MAX */
	const char *entries; /* "SSIDNumberOfEntries": the parent gets this row by itself */
	const struct dm_module *module;
	/*
	 * Brings a table's rows, or a single object's values, up to date; parent is the instance
	 * above. Called at most once per RPC (dm_rpc_begin), object and parent; a module that fills
	 * several from one kernel dump remembers dm_rpc().
	 */
	void (*refresh)(struct dm *, const struct dm_object *, struct dm_inst *parent);
	/*
	 * A row came into being by AddObject or dm_row(), or was there (from the store) when the
	 * module called dm_bind(): make in->data. An error refuses the row.
	 */
	enum dm_error (*added)(struct dm_inst *);
	/* The row is about to be freed for good (after the last reader): free in->data. */
	void (*release)(struct dm_inst *);
	/* May the ACS delete this row? (DM_OK when absent) */
	enum dm_error (*may_delete)(struct dm_txn *, struct dm_inst *);
	bool (*when)(const struct dm_inst *parent); /* false: the object is absent on this box */
};

/* A live object: the only instance of a single object, or one row of a table. */
struct dm_inst {
	void *data;		/* the module's */
	struct dm_inst *parent; /* NULL at the root */
	uint32_t number;	/* 0 for a single object */
	bool fresh;		/* dm_row() has just made it; the module clears it */
	/* what follows is the engine's */
	bool gone, ghost, dead, seen;
	const char *key; /* of a live row */
	struct dm_class *cls;
	struct dm_cell *cells;
	struct dm_kid *kids;
	struct dm_attrib *attrs;
	struct dm_inst *hnext;
};

const struct dm_object *dm_inst_object(const struct dm_inst *);
struct dm *dm_inst_dm(const struct dm_inst *);
/*
 * Context that a module attaches to its object once, after dm_open(): dm_bind() at start (which
 * also runs .added for the rows that the store knew), dm_ctx() in a getter.
 */
void dm_bind(struct dm *, const struct dm_object *, void *ctx);
void *dm_ctx(const struct dm_inst *);

/* objects: every const object, parents may come in any order. Reads the store's cells and rows. */
int dm_open(struct dm **, const struct dm_object *const *objects, size_t n, struct store *);
void dm_close(struct dm *);
/* The assembled list of agent/tr181/objects.def. */
extern const struct dm_object *const dm_objects[];
extern const size_t dm_nobjects;

/*
 * Reading cells from inside the agent (secrets too). in NULL-safe: NULL gives the null value.
 * The pointer is good until the next transaction.
 */
const char *dm_str(const struct dm_inst *, const char *name, size_t *len);
uint64_t dm_uint(const struct dm_inst *, const char *name);
int64_t dm_int(const struct dm_inst *, const char *name);
bool dm_bool(const struct dm_inst *, const char *name);
/* The instance a reference cell points to, NULL when it is empty or dangling. */
struct dm_inst *dm_ref(const struct dm_inst *, const char *name);

/* Instances. The object names the table; parent is the instance above it: dm_single(dm, &wifi). */
struct dm_inst *dm_find(struct dm *, const char *path); /* object path, final dot optional */
struct dm_inst *dm_single(struct dm *, const struct dm_object *);
struct dm_inst *dm_row_by_number(struct dm_inst *parent, const struct dm_object *, uint32_t number);
size_t dm_row_count(struct dm_inst *parent, const struct dm_object *);
struct dm_inst *dm_row_at(struct dm_inst *parent, const struct dm_object *, size_t i);
int dm_inst_path(const struct dm_inst *, char out[DM_PATH_MAX + 1]); /* with the final dot */

/*
 * Live tables. dm_row() finds the row of that key or makes it (numbers are not reused soon);
 * NULL when the table is full. Usual use in refresh: dm_rows_begin(), dm_row() for each thing that
 * is there, dm_rows_end() which lets go of those not seen. While a session is open rows that left
 * stay readable (dm_session_end() lets them go).
 */
void dm_rows_begin(struct dm_inst *parent, const struct dm_object *);
struct dm_inst *dm_row(struct dm_inst *parent, const struct dm_object *, const char *key);
void dm_rows_end(struct dm_inst *parent, const struct dm_object *);
void dm_row_gone(struct dm_inst *);

/* A new RPC: every table may refresh once more. dm_rpc() is the number of the current one. */
void dm_rpc_begin(struct dm *);
uint64_t dm_rpc(const struct dm *);
void dm_session_begin(struct dm *);
void dm_session_end(struct dm *);
uint64_t dm_session(const struct dm *); /* which one is open; 0: none */

struct dm_name {
	const char *path; /* not terminated */
	size_t len;
	const struct dm_param *param; /* NULL: an object; its path ends in a dot */
	bool writable;
};
struct dm_value {
	const char *path; /* not terminated */
	size_t path_len;
	const struct dm_param *param;
	const char *text; /* lexical form of TR-106, raw (not XML-escaped) */
	size_t len;
};
/* A callback that returns non-zero ends the walk with DM_ERESOURCES. */
typedef int (*dm_name_fn)(void *arg, const struct dm_name *);
typedef int (*dm_value_fn)(void *arg, const struct dm_value *);

/* GetParameterNames (TR-069 A.3.2.3). path "" is the whole model. */
enum dm_error dm_names(struct dm *, const char *path, bool next_level, dm_name_fn, void *arg);
/* GetParameterValues of one name: a parameter, or a partial path with its final dot; "" is all. */
enum dm_error dm_get(struct dm *, const char *path, dm_value_fn, void *arg);
/* Is what somebody outside says a value of this row? Appends its canonical form. */
enum dm_error dm_canonical(const struct dm_param *, const char *value, size_t len, struct buf *);
/* Every parameter of an Inform (forcedInform), prebuilt. */
enum dm_error dm_forced(struct dm *, dm_value_fn, void *arg);
/* xsd name of a type: "xsd:unsignedInt" */
const char *dm_type_xsd(enum dm_type);
const char *dm_error_name(enum dm_error);

/* Transactions */
enum dm_origin {
	DM_BY_ACS,  /* not reported back by a value change */
	DM_BY_USER, /* sallyportctl: the same rules as the ACS */
	DM_BY_SELF, /* the agent itself: read-only stored rows may be set too */
};

#define DM_TEXT_MAX 192
struct dm_fault {
	enum dm_error error;
	char path[DM_PATH_MAX + 1]; /* shortened when what the ACS sent was longer */
	char text[DM_TEXT_MAX];	    /* what is allowed; never a secret */
};
struct dm_faults {
	struct dm_fault *v;
	size_t n, cap;
	size_t more; /* not kept: over DM_FAULTS_MAX */
};
void dm_faults_free(struct dm_faults *);

/* Only one transaction at a time: NULL when one is open or memory is short. */
struct dm_txn *dm_begin(struct dm *, enum dm_origin);
/*
 * Each checks at once, stages, and returns its own error, which is also kept for dm_commit().
 * A transaction with an error goes on taking (and checking) but can only be aborted.
 * value is UTF-8, any lexical form the type allows ("1" and "true" for a boolean).
 */
enum dm_error dm_stage(struct dm_txn *, const char *path, enum dm_type given, const char *value,
		       size_t len);
/* The same for one of the agent's own read-only stored rows, in anybody's transaction. */
enum dm_error dm_stage_own(struct dm_txn *, const char *path, const char *value, size_t len);
/* table "Device.WiFi.SSID." or "Device.WiFi.SSID.[alias]." to choose the alias */
enum dm_error dm_stage_add(struct dm_txn *, const char *table, uint32_t *instance);
/* AutoCreateInstances: adds the rows that path names by aliases that are not there yet. */
enum dm_error dm_stage_missing(struct dm_txn *, const char *path);
enum dm_error dm_stage_del(struct dm_txn *, const char *object);
/*
 * Checks references, runs the modules' apply hooks, writes the store; else undoes everything.
 * Frees the transaction either way. faults (may be NULL) gets one entry per bad parameter.
 */
enum dm_error dm_commit(struct dm_txn *, struct dm_faults *faults);
void dm_abort(struct dm_txn *);

/* For check and apply hooks. */
enum dm_error dm_refuse(struct dm_txn *, const struct dm_inst *, const char *name, enum dm_error,
			const char *fmt, ...) __attribute__((format(printf, 5, 6)));
enum dm_origin dm_txn_origin(const struct dm_txn *);
/* Was this (row of this) object touched? name NULL: anything in it. */
bool dm_txn_touched(const struct dm_txn *, const struct dm_inst *, const char *name);
/* One value, no transaction of one's own: begin, stage, commit (origin DM_BY_SELF). */
enum dm_error dm_set_own(struct dm *, const char *path, const char *value, size_t len);

/*
 * Somebody who watches over all transactions; one, for as long as the tree lives. before: this one
 * is checked and about to be applied; an error undoes it. after: it holds, or was undone.
 */
struct dm_guard {
	enum dm_error (*before)(void *arg, struct dm_txn *);
	void (*after)(void *arg, bool holds);
	void *arg;
};
void dm_set_guard(struct dm *, const struct dm_guard *);

/*
 * What a transaction changes can be kept, and another one can put it back. Before it is applied:
 * every parameter of it with the value until now, secrets too, NULL when it cannot be read; every
 * row (its path ends in a dot) that is added, with "0", or deleted, with "1". What is below such a
 * row is not told: dm_txn_keep() leaves the lines of deleted rows in the store, where
 * dm_stage_row() finds them and dm_forget_row() ends them. Ends at the first error of fn.
 */
typedef enum dm_error (*dm_old_fn)(void *arg, const char *path, const char *text, size_t len);
enum dm_error dm_txn_each_old(struct dm_txn *, dm_old_fn fn, void *arg);
void dm_txn_keep(struct dm_txn *);
/* The row is there with this number, and with what the store has of it; or it is not. Nothing is
 * done when it is so already, or what is above it is not there. */
enum dm_error dm_stage_row(struct dm_txn *, const char *path, bool there);
/* A value that was told by dm_txn_each_old(): it need only be of its type. No error, and nothing
 * done, when there is no such parameter any more. */
enum dm_error dm_stage_old(struct dm_txn *, const char *path, const char *value, size_t len);
/* In the store's memory: what is left of a row that is not there. 0 or -errno. */
int dm_forget_row(struct dm *, const char *path);
/* Every row that a parameter, or one below an object, refers to; its path has no final dot. */
typedef void (*dm_ref_fn)(void *arg, const char *row, size_t len);
void dm_each_ref(struct dm *, const char *path, dm_ref_fn fn, void *arg);

/* Attributes (TR-069 A.3.2.4, A.3.2.5) */
struct dm_attr {
	const char *path;
	size_t path_len;
	const struct dm_param *param;
	uint8_t notification; /* 0 off, 1 passive, 2 active */
	bool subscriber;      /* AccessList holds "Subscriber" */
};
typedef int (*dm_attr_fn)(void *arg, const struct dm_attr *);
enum dm_error dm_attr_get(struct dm *, const char *path, dm_attr_fn, void *arg);
struct dm_attr_change {
	const char *path; /* parameter or partial path */
	bool set_notification, set_access;
	uint8_t notification;
	bool subscriber;
};
/* All or nothing; in the store when it returns DM_OK. *bad is the index of the refused one. */
enum dm_error dm_attr_set(struct dm *, const struct dm_attr_change *, size_t n, size_t *bad);

/*
 * Value changes. A module that learns of a change calls dm_changed() (or dm_changed_all() for a
 * row) and the engine notes it when the parameter's notification asks for it. What a transaction
 * of origin ACS changed is not noted. fn is called once per newly noted parameter.
 */
void dm_changed(struct dm_inst *, const char *name);
void dm_changed_all(struct dm_inst *);
/* Have rows of the object, what is below, or their number notification? To save looking if not. */
bool dm_watched(const struct dm *, const struct dm_object *);
typedef void (*dm_change_fn)(void *arg, bool active);
void dm_on_change(struct dm *, dm_change_fn, void *arg);
/* Compares every watched parameter with what was last seen; for what has no event. */
void dm_sample(struct dm *);
/* Pending changes, with their values now, for an Inform; delivered() forgets those handed out. */
size_t dm_changes(struct dm *, bool *active);
enum dm_error dm_changes_get(struct dm *, dm_value_fn, void *arg);
void dm_changes_delivered(struct dm *);

/* Every claimed row, for docs/tr181.md and the conformance tests: path has {i}. */
typedef void (*dm_schema_fn)(void *arg, const char *path, const struct dm_object *,
			     const struct dm_param *);
void dm_schema(struct dm *, dm_schema_fn, void *arg);
/* Instance aliases in paths ("Device.WiFi.SSID.[guest].SSID"); off until a session may use them. */
void dm_allow_alias(struct dm *, bool);
bool dm_alias_allowed(const struct dm *);
/* The same in the paths that walks give out (InstanceMode); where a table has no Alias: numbers. */
void dm_tell_alias(struct dm *, bool);
