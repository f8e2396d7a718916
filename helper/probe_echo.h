/* SPDX-License-Identifier: Apache-2.0 */
/* The pure part of the probe role: echo packets, and which addresses may be asked. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/probe.h"

#define ECHO_HEAD 8
#define ECHO_TOKEN 8 /* of random bytes, first in the payload where it is long enough */

struct echo {
	uint16_t ident;
	uint16_t seq;
	uint8_t token[ECHO_TOKEN];
	uint32_t size; /* bytes of payload */
};

/* Writes the echo request for family 4 or 6; out has ECHO_HEAD + size bytes. The checksum of
 * ICMPv6 is the kernel's. */
void echo_build(const struct echo *e, unsigned int family, uint8_t *out);

/* The first two are no answers: nothing came in time; what came is no business of ours. */
enum echo_answer { ECHO_LOST, ECHO_NOT_OURS, ECHO_REPLY, ECHO_UNREACHABLE, ECHO_EXPIRED };

/* What a raw ICMP socket of that family gave us: with its IP header for 4, without for 6. *code is
 * the ICMP message's. */
enum echo_answer echo_read(const struct echo *e, unsigned int family, const uint8_t *data,
			   size_t len, uint8_t *code);

/* An agent that was taken over must not use the box to look around in it, or to shout. */
bool probe_target_ok(const struct probe_addr *target, bool loopback, bool private);
