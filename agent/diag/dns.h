/* SPDX-License-Identifier: Apache-2.0 */
/* DNS messages as far as NSLookupDiagnostics wants them (RFC 1035). Pure; the server is hostile. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_A 1
#define DNS_AAAA 28
#define DNS_QUERY_MAX (12 + 255 + 4)
#define DNS_ADDRS_MAX 10 /* TR-181 IPAddresses */

#define DNS_NOERROR 0
#define DNS_NXDOMAIN 3

struct dns_query {
	size_t len;
	uint8_t data[DNS_QUERY_MAX];
};

struct dns_answer {
	uint8_t rcode;
	bool authoritative, truncated;
	uint32_t count;
	uint8_t addr[DNS_ADDRS_MAX][16]; /* of the type that was asked for; IPv4 the first four */
};

/* name: letters, digits, '-', '_' and dots, with or without the last. 0 or -EINVAL. */
int dns_ask(struct dns_query *out, uint16_t id, const char *name, uint16_t type);
/* 0; -EINVAL: no answer to q; -EBADMSG: one that cannot be read. */
int dns_read(struct dns_answer *out, const struct dns_query *q, const uint8_t *data, size_t len);
