/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all diagnoses have in common: DiagnosticsState (TR-181 2.19.1), when a run begins and who is
 * told of its end. One run at a time on the whole box: two would spoil each other's figures, and
 * what one may use has to be enough. The others wait, in the order in which they were asked for.
 *
 * What was asked for, and what came of it, outlives the agent, and ends with the boot (record.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/tree/tree.h"
#include "ipc/ipc.h"

struct agent;
struct diags;

enum diag_state {
	DIAG_NONE,
	DIAG_REQUESTED,
	DIAG_COMPLETE,
	DIAG_NO_NAME,	    /* Error_CannotResolveHostName */
	DIAG_NO_ROUTE,	    /* Error_NoRouteToHost */
	DIAG_MAX_HOPS,	    /* Error_MaxHopCountExceeded */
	DIAG_NO_SERVER,	    /* Error_DNSServerNotResolved */
	DIAG_NO_CONNECTION, /* Error_InitConnectionFailed */
	DIAG_NO_RESPONSE,   /* Error_NoResponse */
	DIAG_TRANSFER,	    /* Error_TransferFailed */
	DIAG_INCOMPLETE,    /* Error_NoTransferComplete */
	DIAG_TIMEOUT,	    /* Error_Timeout */
	DIAG_INTERNAL,	    /* Error_Internal */
	DIAG_OTHER,	    /* Error_Other */
	DIAG_STATES
};

struct diag;

struct diag_ops {
	const char *name; /* for the log */
	const struct dm_object *object;
	/* Of what its rows read: results follow the struct diag up to here, without a pointer. */
	size_t size;
	/* The inputs are read now. Its end is diag_end(), which it may call by itself. */
	void (*begin)(struct diag *);
	/* A run that has begun is over at once and without a word. */
	void (*stop)(struct diag *);
	/* The results are others now; all zeros: none. NULL: there is no table of them. Perhaps
	 * within a commit: no transaction of its own. */
	void (*show)(struct diag *);
	/* May the results that were read from the store be what the getters go by? NULL: any. */
	bool (*sound)(const struct diag *);
	/* The probe role says something while this run is on. NULL: no business of its. */
	void (*event)(struct diag *, enum ipc_op op, const void *payload);
};

/* First in what its object's rows read: the object's context is a pointer to it. */
struct diag {
	const struct diag_ops *ops;
	struct diags *all;
	enum diag_state state;
	uint32_t begun; /* so often, since it was asked for */
	uint32_t turn;	/* 0: does not wait */
	struct diag *next;
};

/* After client_new() and before client_start(). 0 or -errno. */
int diags_new(struct diags **out, struct agent *agent);
/* From now on the object is there. */
void diags_add(struct diags *all, struct diag *d, const struct diag_ops *ops);
/* What was asked for in the session begins now. Takes NULL, as the next. */
void diags_session_ended(struct diags *all);
void diags_event(struct diags *all, enum ipc_op op, const void *payload);

struct agent *diag_agent(const struct diag *d);
/* Its object. */
struct dm_inst *diag_inst(const struct diag *d);
/* The end of the run, good or bad: 8 DIAGNOSTICS COMPLETE. why NULL: nothing for the log; r is
 * added to it, if it is not 0. */
void diag_end(struct diag *d, enum diag_state state, const char *why, int r);

/* Hooks of the object's module: what is asked for is in the store along with its inputs. */
enum dm_error diag_apply(struct dm *dm, const struct dm_txn *txn, const struct dm_object *object);
void diag_revert(struct dm *dm, const struct dm_object *object);
/* A change of the object is in the store: whatever ran is over, and Requested begins anew. */
void diag_committed(struct dm *dm, const struct dm_txn *txn, const struct dm_object *object);
