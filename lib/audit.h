/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit log: one line for each privileged action, each request that was refused and each
 * authentication that failed, at every log level; docs/audit.md lists them.
 *
 *	<5>sallyport-agent: audit: action=rpc result=refused method=Reboot fault=9000
 *
 * Values are quoted where they need it, so that what comes from outside cannot forge a field.
 */
#pragma once

#include <stdint.h>

#include "lib/log.h"

enum audit_result {
	AUDIT_DONE,
	AUDIT_REFUSED, /* it may not be, or who asked is not who he must be */
	AUDIT_FAILED,  /* it may be, but did not come off */
};

/* What anybody in the network can cause could fill the log: AUDIT_PER_MINUTE lines of one gate,
 * then they are counted, and the next line that is written has left_out=N. */
struct audit_gate {
	uint64_t since; /* monotonic ms; 0: never used */
	uint32_t said, left_out;
};

/* audit("dhcp", AUDIT_DONE, "parameter", path, "value", text): pairs of strings. */
#define audit(action, result, ...) audit_gated(NULL, action, result, ##__VA_ARGS__)
#define audit_gated(gate, action, result, ...) \
	(LOG_CHECKS(__VA_ARGS__) audit_write(gate, action, result, ##__VA_ARGS__, (char *)NULL))
void audit_write(struct audit_gate *gate, const char *action, enum audit_result result, ...)
	__attribute__((sentinel));

/* A number as a value; good until the end of the block. */
#define AUDIT_NUM(n) audit_num((char[24]){ 0 }, (n))
const char *audit_num(char text[24], uint64_t n);
