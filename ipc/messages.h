/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that ipc/messages.def and ipc/fields.def become. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ipc/dialer.h"
#include "ipc/flash.h"
#include "ipc/probe.h"
#include "ipc/radio.h"
#include "ipc/station.h"
#include "ipc/system.h"

enum ipc_role { IPC_DIALER, IPC_RADIO, IPC_PROBE, IPC_FLASH, IPC_SYSTEM, IPC_STATION, IPC_ROLES };

enum ipc_op {
#define IPC_OP(NAME, ...) IPC_##NAME,
#define IPC_EVENT(NAME, ...) IPC_##NAME,
#include "ipc/messages.def"
#undef IPC_OP
#undef IPC_EVENT
	IPC_OPS
};

/* What a role is doing, one bit at a time; a row's `states` is a mask of them. */
enum ipc_state {
	IPC_ST_IDLE = 1 << 0,
	IPC_ST_PLANNING = 1 << 1, /* between PLAN_BEGIN and PLAN_COMMIT */
	IPC_ST_WRITING = 1 << 2,  /* between a verified manifest and the end of its image */
	IPC_ST_ANY = ~0,
};

enum ipc_kind { IPC_KIND_REQUEST = 1, IPC_KIND_REPLY = 2, IPC_KIND_EVENT = 3 };

enum ipc_field_kind {
	IPC_F_UINT,
	IPC_F_INT,
	IPC_F_STR,
	IPC_F_BYTES,
	IPC_F_RAW,
	IPC_F_ZERO,
	IPC_F_SUB
};

struct ipc_struct;

struct ipc_field {
	const char *name;
	enum ipc_field_kind kind;
	uint16_t offset;
	uint16_t size;		       /* bytes; of one element for IPC_F_SUB */
	uint16_t count;		       /* elements of IPC_F_SUB */
	uint16_t len_offset, len_size; /* IPC_F_BYTES: where its length is */
	int64_t min;		       /* IPC_F_INT */
	uint64_t max;		       /* IPC_F_UINT; IPC_F_INT: as int64_t */
	const struct ipc_struct *sub;
};

struct ipc_struct {
	const char *name; /* "plan_bss"; "none" for an empty payload */
	uint16_t size;	  /* exactly this many bytes of payload */
	uint16_t nfields;
	const struct ipc_field *fields;
};

struct ipc_row {
	const char *name; /* "plan_bss" */
	enum ipc_role role;
	bool event;
	bool audit;
	uint8_t fd_in, fd_out; /* descriptors that come with a request; with a successful reply */
	uint32_t states;
	uint32_t per_minute;
	uint32_t timeout_ms;
	const struct ipc_struct *req, *rep; /* an event has only req */
};

extern const struct ipc_row ipc_rows[IPC_OPS];
extern const struct ipc_struct ipc_none;

const char *ipc_role_name(enum ipc_role role); /* "radio"; also the name of its socket and unit */
