/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps a NAT's binding for UDP Connection Requests, and finds how long one lives (TR-069 A6
 * G.2.1, RFC 3489 9.3 and 10.2). Pure: no socket, no clock, no random numbers of its own.
 *
 * The primary socket is where requests arrive; from the secondary the server is asked whether it
 * can still reach the primary. When something is to be sent says binding_next(); what, says
 * binding_due(); what has come goes into binding_heard().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/stun/stun.h"

struct binding_config {
	struct stun_addr local;		 /* of the primary socket */
	const char *username, *password; /* live as long as the binding; "" for none */
	uint32_t min_s;			 /* STUNMinimumKeepAlivePeriod */
	int64_t max_s;			 /* STUNMaximumKeepAlivePeriod; -1: none */
};

enum binding_state { BINDING_ASKING, BINDING_RESTING, BINDING_PROBING, BINDING_OVER };

struct binding {
	struct binding_config cfg;
	enum binding_state state;
	uint64_t next_ms;
	/* The request under way, for its repetitions. */
	uint8_t id[STUN_ID];
	uint8_t request[STUN_REQUEST_MAX];
	size_t len;
	unsigned int sent;
	bool changed;	   /* the next request tells of a new binding */
	bool authenticate; /* the server wants it */
	/* What is known. */
	bool known, nat;
	struct stun_addr mapped;
	bool probe_failed;  /* the binding that is lost now was let go on purpose */
	uint32_t low, high; /* seconds: lives so long, and is asked so often; is dead after that, or
			     * not tried */
	unsigned int error; /* of the server's last refusal */
};

enum binding_action {
	BINDING_WAIT,
	BINDING_SEND,  /* request, from the primary socket to the server */
	BINDING_PROBE, /* request, from the secondary */
	BINDING_LOST,  /* no answer, or a refusal: begin anew, later, with new sockets */
};

void binding_start(struct binding *, const struct binding_config *, uint64_t now_ms);
uint64_t binding_next(const struct binding *);
/* id: random, for a new transaction. */
enum binding_action binding_due(struct binding *, uint64_t now_ms, const uint8_t id[STUN_ID]);
/* A datagram of the server. True: mapped or nat is new. */
bool binding_heard(struct binding *, bool primary, const uint8_t *data, size_t len,
		   uint64_t now_ms);
