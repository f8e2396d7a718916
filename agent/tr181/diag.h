/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that several diagnoses have. The context of such an object is its struct diag. */
#pragma once

#include "agent/diag/diag.h"
#include "agent/tree/rows.h"
#include "ipc/probe.h"

extern const char *const diag_versions[]; /* Any, IPv4, IPv6 */
extern const char *const diag_states[DIAG_STATES];

enum dm_error diag_get_state(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error diag_check_state(struct dm_txn *, struct dm_inst *, const struct dm_param *,
			       const char *value, size_t len);

/* states: what the object's DiagnosticsState may be, as in TR-181 */
#define DIAG_ROW_STATE(states, ...)                                                             \
	{                                                                                       \
		"DiagnosticsState", DM_STRING, DM_RW, DM_VALUES(states),                        \
			.def = "None", .get = diag_get_state, .check = diag_check_state,        \
			.flags = DM_VOLATILE | DM_EVENTED, .source = "what the agent is doing", \
			##__VA_ARGS__                                                           \
	}
#define DIAG_ROW_VERSION                                                                    \
	{                                                                                   \
		"ProtocolVersion", DM_STRING, DM_RW, DM_VALUES(diag_versions), .def = "Any" \
	}
#define DIAG_ROW_RESULT(name, type, getter, ...)                                                \
	{                                                                                       \
		name, type, DM_RO, .get = get_##getter, .source = "the last run", ##__VA_ARGS__ \
	}

/* get_name(): a result, from r, which of(in) gives. */
#define DIAG_GETTER(name, of, put, expression)                                        \
	static enum dm_error get_##name(struct dm_inst *in, const struct dm_param *p, \
					struct dm_sink *sink)                         \
	{                                                                             \
		const __auto_type r = of(in);                                         \
                                                                                      \
		put(sink, expression);                                                \
		return DM_OK;                                                         \
	}

/* The module `name` of an object. */
#define DIAG_HOOKS(name_, object, text)                                        \
	static enum dm_error name_##_apply(struct dm *dm, struct dm_txn *txn)  \
	{                                                                      \
		return diag_apply(dm, txn, &(object));                         \
	}                                                                      \
	static void name_##_revert(struct dm *dm)                              \
	{                                                                      \
		diag_revert(dm, &(object));                                    \
	}                                                                      \
	static void name_##_committed(struct dm *dm, const struct dm_txn *txn) \
	{                                                                      \
		diag_committed(dm, txn, &(object));                            \
	}                                                                      \
	static const struct dm_module name_ = { .name = (text),                \
						.apply = name_##_apply,        \
						.revert = name_##_revert,      \
						.committed = name_##_committed }

/* `module` and `here` of an object: .module = &module, .when = here */
#define DIAG_MODULE(object, text)                                \
	DIAG_HOOKS(module, object, text);                        \
	static bool here(const struct dm_inst *parent)           \
	{                                                        \
		return diag_here(dm_inst_dm(parent), &(object)); \
	}

#define DIAG_ROW_LOCAL(getter)                                                   \
	{                                                                        \
		"IPAddressUsed", DM_STRING, DM_RO, DM_MAXLEN(45),                \
			DM_MATCH(dm_match_ip, DM_WANTS_IP),                      \
			.get = get_##getter,                                     \
			.source = "where the answers came to; empty without any" \
	}
/* An address of the probe role; nothing for none. */
void diag_put_addr(struct dm_sink *, const struct probe_addr *);
/* A dateTime with microseconds; 0 is the unknown time. */
void diag_put_us(struct dm_sink *, int64_t us);
/* Microseconds as milliseconds, to the nearest. */
void diag_put_ms(struct dm_sink *, uint32_t us);
/* The table has n rows, numbered from 1, whose data are the entries of results. */
void diag_show(struct dm *, const struct dm_object *object, const struct dm_object *table,
	       void *results, uint32_t n, size_t size);
/* Does the object have its context? */
bool diag_here(struct dm *, const struct dm_object *);

/* What the rows ask for: ProtocolVersion as 4, 6 or 0; the link that Interface names, of whatever
 * layer, 0 for none. -ENODEV: there is no such link now. Begins an RPC of the tree. */
unsigned int diag_family(const struct dm_inst *in);
int diag_interface(const struct dm_inst *in, uint32_t *ifindex);
