/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "ipc/ipc.h"
#include "lib/array.h"

#define SIZE(s, f) sizeof(((struct s *)0)->f)

/* Every byte of a message is described: no padding for a stray byte to travel in, and no field
 * that the codec does not look at. */
#define IPC_STRUCT(s)                                                               \
	_Static_assert(sizeof(struct s) <= IPC_PAYLOAD_MAX, "too big: struct " #s); \
	_Static_assert(sizeof(struct s) == (0
#define IPC_END(s) ), "not in ipc/fields.def, or padding: struct " #s);
#define IPC_UINT(s, f, max) +SIZE(s, f)
#define IPC_INT(s, f, min, max) +SIZE(s, f)
#define IPC_STR(s, f) +SIZE(s, f)
#define IPC_BYTES(s, f, len) +SIZE(s, f)
#define IPC_RAW(s, f) +SIZE(s, f)
#define IPC_ZERO(s, f) +SIZE(s, f)
#define IPC_SUB(s, f, x) +SIZE(s, f)
#include "ipc/fields.def"
#undef IPC_STRUCT
#undef IPC_END
#undef IPC_UINT
#undef IPC_INT
#undef IPC_STR
#undef IPC_BYTES
#undef IPC_RAW
#undef IPC_ZERO
#undef IPC_SUB

#define FIELD(s, f, k) .name = #f, .kind = (k), .offset = offsetof(struct s, f), .size = SIZE(s, f)

#define IPC_STRUCT(s) static const struct ipc_field fields_##s[] = {
#define IPC_END(s)                                                          \
	}                                                                   \
	;                                                                   \
	static const struct ipc_struct struct_##s = { #s, sizeof(struct s), \
						      ARRAY_SIZE(fields_##s), fields_##s };
#define IPC_UINT(s, f, m) { FIELD(s, f, IPC_F_UINT), .max = (m) },
#define IPC_INT(s, f, lo, hi) { FIELD(s, f, IPC_F_INT), .min = (lo), .max = (uint64_t)(hi) },
#define IPC_STR(s, f) { FIELD(s, f, IPC_F_STR) },
#define IPC_BYTES(s, f, len)                                               \
	{ FIELD(s, f, IPC_F_BYTES), .len_offset = offsetof(struct s, len), \
	  .len_size = SIZE(s, len) },
#define IPC_RAW(s, f) { FIELD(s, f, IPC_F_RAW) },
#define IPC_ZERO(s, f) { FIELD(s, f, IPC_F_ZERO) },
#define IPC_SUB(s, f, x)                          \
	{ .name = #f,                             \
	  .kind = IPC_F_SUB,                      \
	  .offset = offsetof(struct s, f),        \
	  .size = sizeof(struct x),               \
	  .count = SIZE(s, f) / sizeof(struct x), \
	  .sub = &struct_##x },
#include "ipc/fields.def"

const struct ipc_struct ipc_none = { "none", 0, 0, NULL };

#define SHAPE_NONE &ipc_none
#define SHAPE_MSG(s) &struct_##s
#define FDS_NONE 0
#define FDS_FD 1
#define QUIET false
#define AUDIT true

const struct ipc_row ipc_rows[IPC_OPS] = {
#define IPC_OP(NAME, n, ROLE, request, reply, in, out, st, rate, ms, aud) \
	[IPC_##NAME] = { .name = #n,                                      \
			 .role = IPC_##ROLE,                              \
			 .audit = (aud),                                  \
			 .fd_in = FDS_##in,                               \
			 .fd_out = FDS_##out,                             \
			 .states = (uint32_t)(st),                        \
			 .per_minute = (rate),                            \
			 .timeout_ms = (ms),                              \
			 .req = SHAPE_##request,                          \
			 .rep = SHAPE_##reply },
#define IPC_EVENT(NAME, n, ROLE, message)        \
	[IPC_##NAME] = { .name = #n,             \
			 .role = IPC_##ROLE,     \
			 .event = true,          \
			 .req = SHAPE_##message, \
			 .rep = &ipc_none },
#include "ipc/messages.def"
};

const char *ipc_role_name(enum ipc_role role)
{
	static const char *const names[IPC_ROLES] = {
		[IPC_DIALER] = "dialer", [IPC_RADIO] = "radio",	  [IPC_PROBE] = "probe",
		[IPC_FLASH] = "flash",	 [IPC_SYSTEM] = "system", [IPC_STATION] = "station",
	};

	return (unsigned int)role < IPC_ROLES ? names[role] : "?";
}
