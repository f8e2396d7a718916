/* SPDX-License-Identifier: Apache-2.0 */
/* UDP Connection Requests (TR-069 A6 G.2.2): is this datagram one, signed, and new? Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UDPREQ_MAX 2048	 /* octets of one: five values and a host */
#define UDPREQ_IDS 16	 /* requests of one second that are told apart */
#define UDPREQ_FIELD 768 /* octets of un (256 characters) and cn */
#define UDPREQ_TS 10	 /* digits of a time in seconds, until 2286 */

/* What was accepted last: no copy and nothing older is accepted again. */
struct udpreq_seen {
	uint64_t ts;
	uint32_t n; /* ids of that second */
	uint64_t id[UDPREQ_IDS];
};

enum udpreq_verdict {
	UDPREQ_OK,
	UDPREQ_MALFORMED,
	UDPREQ_UNSIGNED, /* wrong user or signature */
	UDPREQ_REPLAY,	 /* a copy, which ACSs send on purpose, or an old one */
};

/* Changes seen only with UDPREQ_OK. An empty user or password lets nobody in. */
enum udpreq_verdict udpreq_check(struct udpreq_seen *seen, const char *data, size_t len,
				 const char *user, const char *password);
