/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included once by each role's file, after `#define ASROOT_TABLE_<ROLE>`: makes the static
 * dispatch table asroot_ops[] of that role, with every handler called by its own types.
 * No #pragma once: it is the body of a table, not a declaration.
 */
#include "helper/asroot.h"

#ifdef ASROOT_TABLE_RADIO
#define ASROOT_IF_RADIO(x) x
#else
#define ASROOT_IF_RADIO(x)
#endif
#ifdef ASROOT_TABLE_PROBE
#define ASROOT_IF_PROBE(x) x
#else
#define ASROOT_IF_PROBE(x)
#endif
#ifdef ASROOT_TABLE_FLASH
#define ASROOT_IF_FLASH(x) x
#else
#define ASROOT_IF_FLASH(x)
#endif
#ifdef ASROOT_TABLE_SYSTEM
#define ASROOT_IF_SYSTEM(x) x
#else
#define ASROOT_IF_SYSTEM(x)
#endif
#ifdef ASROOT_TABLE_STATION
#define ASROOT_IF_STATION(x) x
#else
#define ASROOT_IF_STATION(x)
#endif
#define ASROOT_IF_DIALER(x)

#define ASROOT_PASS_REQ_NONE
#define ASROOT_PASS_REQ_MSG(x) , req
#define ASROOT_PASS_REP_NONE
#define ASROOT_PASS_REP_MSG(x) , rep
#define ASROOT_PASS_IN_NONE
#define ASROOT_PASS_IN_FD , fd_in
#define ASROOT_PASS_OUT_NONE
#define ASROOT_PASS_OUT_FD , fd_out

#define IPC_EVENT(...)
#define ASROOT_RUN(name, request, reply, in, out)                                             \
	static int run_##name(void *self, const void *req, void *rep, int fd_in, int *fd_out) \
	{                                                                                     \
		(void)req, (void)rep, (void)fd_in, (void)fd_out;                              \
		return asroot_##name(self ASROOT_PASS_REQ_##request ASROOT_PASS_REP_##reply   \
					     ASROOT_PASS_IN_##in ASROOT_PASS_OUT_##out);      \
	}
#define IPC_OP(NAME, name, ROLE, request, reply, in, out, ...) \
	ASROOT_IF_##ROLE(ASROOT_RUN(name, request, reply, in, out))
#include "ipc/messages.def"
#undef IPC_OP

static const struct role_op asroot_ops[IPC_OPS] = {
#define IPC_OP(NAME, name, ROLE, ...) ASROOT_IF_##ROLE([IPC_##NAME] = { run_##name } COMMA)
#define COMMA ,
#include "ipc/messages.def"
#undef COMMA
#undef IPC_OP
};
#undef IPC_EVENT
