/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of classic STUN (RFC 3489), as TR-069 Annex G uses them: Binding Requests written, the
 * answers read. IPv4 only, as the RFC is. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STUN_ID 16	       /* octets of a transaction ID */
#define STUN_USERNAME_MAX 1024 /* STUNUsername has 256 characters */
#define STUN_REQUEST_MAX 1152  /* what stun_request() writes at most */

enum stun_type {
	STUN_REQUEST = 0x0001,
	STUN_RESPONSE = 0x0101,
	STUN_ERROR = 0x0111,
};

struct stun_addr {
	uint8_t ip[4];
	uint16_t port; /* host order */
};

struct stun_ask {
	uint8_t id[STUN_ID];
	const struct stun_addr *respond_to; /* RESPONSE-ADDRESS; NULL: to where it came from */
	bool connection_request;	    /* CONNECTION-REQUEST-BINDING (Annex G) */
	bool changed;			    /* BINDING-CHANGE (Annex G) */
	const char *username;		    /* NULL: neither USERNAME nor MESSAGE-INTEGRITY */
	const char *password;
};

/* Length of the request; 0: the username is too long. */
size_t stun_request(uint8_t out[static STUN_REQUEST_MAX], const struct stun_ask *);

struct stun_answer {
	enum stun_type type; /* STUN_RESPONSE or STUN_ERROR */
	uint8_t id[STUN_ID];
	bool has_mapped;
	struct stun_addr mapped; /* MAPPED-ADDRESS */
	unsigned int error;	 /* of STUN_ERROR: 400 to 699 */
	size_t integrity;	 /* offset of MESSAGE-INTEGRITY; 0: none */
};

/* 0 or -EINVAL: no answer of STUN. Attributes that are not known are passed over, but for those
 * that must be understood (RFC 3489 11.2). */
int stun_answer(struct stun_answer *out, const uint8_t *data, size_t len);
/* Does the MESSAGE-INTEGRITY hold? */
bool stun_genuine(const struct stun_answer *, const uint8_t *data, const char *password);

bool stun_same(const struct stun_addr *a, const struct stun_addr *b);
