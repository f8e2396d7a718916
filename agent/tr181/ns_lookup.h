/* SPDX-License-Identifier: Apache-2.0 */
/* Device.DNS.Diagnostics.NSLookupDiagnostics.: the rows. Who asks is agent/diag/lookup.c. */
#pragma once

#include "agent/diag/diag.h"
#include "agent/diag/dns.h"
#include "ipc/dialer.h"
#include "lib/limits.h"

enum lookup_status {
	LOOKUP_SUCCESS,
	LOOKUP_NO_SERVER, /* Error_DNSServerNotAvailable */
	LOOKUP_NO_NAME,	  /* Error_HostNameNotResolved */
	LOOKUP_TIMEOUT,
	LOOKUP_OTHER,
};

struct lookup_addr {
	uint8_t family; /* 4, 6 */
	uint8_t addr[16];
};

struct lookup_result {
	enum lookup_status status;
	bool answered, authoritative;
	uint32_t ms; /* at least 1; 0: no answer */
	uint32_t count;
	struct lookup_addr addr[DNS_ADDRS_MAX];
};

struct ns_lookup {
	struct diag diag;
	char name[DIAL_HOST_MAX]; /* that is asked for: with its domain */
	struct dial_addr server;
	uint32_t successes;
	uint32_t count;
	struct lookup_result result[LOOKUP_COUNT_MAX];
};

extern const struct dm_object ns_lookup;

/* result and count are what the table has from now on. */
void ns_lookup_show(struct dm *, struct ns_lookup *);
