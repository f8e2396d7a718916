/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The privileged side of the wall: prototypes of all handlers, from ipc/messages.def, e.g.
 *
 *	int asroot_plan_begin(struct radio *r, const struct plan_begin *req);
 *	int asroot_plan_commit(struct radio *r, struct plan_done *rep);
 *
 * A handler answers 0 or -errno. It gets frames whose shape and ranges ipc/codec.c has checked and
 * nothing else: whether the request is sensible and allowed is the handler's own to find out.
 * A row with FD adds `int fd_in` (closed by the frame afterwards) or `int *fd_out` (handed over).
 *
 * A role's file makes its dispatch table, asroot_ops[], with
 *
 *	#define ASROOT_TABLE_RADIO
 *	#include "helper/asroot_table.h"
 */
#pragma once

#include "helper/role.h"
#include "ipc/messages.h"

struct radio;
struct probe;
struct flash_role;
struct system_role;
struct station_role;

#define ASROOT_SELF_RADIO struct radio
#define ASROOT_SELF_PROBE struct probe
#define ASROOT_SELF_FLASH struct flash_role
#define ASROOT_SELF_SYSTEM struct system_role
#define ASROOT_SELF_STATION struct station_role

#define ASROOT_REQ_NONE
#define ASROOT_REQ_MSG(x) , const struct x *req
#define ASROOT_REP_NONE
#define ASROOT_REP_MSG(x) , struct x *rep
#define ASROOT_IN_NONE
#define ASROOT_IN_FD , int fd_in
#define ASROOT_OUT_NONE
#define ASROOT_OUT_FD , int *fd_out

#define ASROOT_PROTO(name, self, request, reply, in, out) \
	int asroot_##name(                                \
		self *role                                \
			ASROOT_REQ_##request ASROOT_REP_##reply ASROOT_IN_##in ASROOT_OUT_##out);
/* The dialer has no privilege: its handlers are in agent/dialer. */
#define ASROOT_DIALER(...)
#define ASROOT_RADIO(name, ...) ASROOT_PROTO(name, ASROOT_SELF_RADIO, __VA_ARGS__)
#define ASROOT_PROBE(name, ...) ASROOT_PROTO(name, ASROOT_SELF_PROBE, __VA_ARGS__)
#define ASROOT_FLASH(name, ...) ASROOT_PROTO(name, ASROOT_SELF_FLASH, __VA_ARGS__)
#define ASROOT_SYSTEM(name, ...) ASROOT_PROTO(name, ASROOT_SELF_SYSTEM, __VA_ARGS__)
#define ASROOT_STATION(name, ...) ASROOT_PROTO(name, ASROOT_SELF_STATION, __VA_ARGS__)

#define IPC_OP(NAME, name, ROLE, request, reply, in, out, ...) \
	ASROOT_##ROLE(name, request, reply, in, out)
#define IPC_EVENT(...)
#include "ipc/messages.def"
#undef IPC_OP
#undef IPC_EVENT
