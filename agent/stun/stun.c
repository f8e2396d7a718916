/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/stun/stun.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#define HEADER 20
#define SHA1 20
#define MESSAGE_MAX 1500 /* more does not fit into a datagram that is not cut in pieces */
#define BLOCK 64

/* RFC 3489 11.2; from 0x8000 on nobody has to understand them. */
enum attribute {
	MAPPED_ADDRESS = 0x0001,
	RESPONSE_ADDRESS = 0x0002,
	SOURCE_ADDRESS = 0x0004,
	CHANGED_ADDRESS = 0x0005,
	USERNAME = 0x0006,
	MESSAGE_INTEGRITY = 0x0008,
	ERROR_CODE = 0x0009,
	UNKNOWN_ATTRIBUTES = 0x000a,
	REFLECTED_FROM = 0x000b,
	OPTIONAL = 0x8000,
	/* TR-069 A6 G.2.1.3 */
	CONNECTION_REQUEST_BINDING = 0xc001,
	BINDING_CHANGE = 0xc002,
};

static void put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static unsigned int get16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

/* Room for an attribute of len octets, a multiple of four. */
static uint8_t *attribute(uint8_t *out, size_t *n, enum attribute type, size_t len)
{
	uint8_t *p = out + *n;

	put16(p, type);
	put16(p + 2, len);
	*n += 4 + len;
	return p + 4;
}

/* RFC 3489 11.2.8: over what is before, filled up with zeros to whole blocks of 64. */
static bool integrity(const uint8_t *data, size_t len, const char *password, uint8_t out[SHA1])
{
	uint8_t padded[MESSAGE_MAX + BLOCK] = { 0 }, mac[EVP_MAX_MD_SIZE];
	unsigned int mac_len = 0;

	if (len > MESSAGE_MAX)
		return false;
	memcpy(padded, data, len);
	if (!HMAC(EVP_sha1(), password, (int)strlen(password), padded,
		  (len + BLOCK - 1) / BLOCK * BLOCK, mac, &mac_len) ||
	    mac_len != SHA1)
		return false;
	memcpy(out, mac, SHA1);
	return true;
}

static void put_address(uint8_t *out, size_t *n, const struct stun_addr *addr)
{
	uint8_t *p = attribute(out, n, RESPONSE_ADDRESS, 8);

	p[0] = 0;
	p[1] = 1; /* IPv4 */
	put16(p + 2, addr->port);
	memcpy(p + 4, addr->ip, 4);
}

/* Filled up with blanks: RFC 3489 knows no padding. */
static void put_username(uint8_t *out, size_t *n, const char *name)
{
	size_t len = strlen(name), whole = (len + 3) / 4 * 4;
	uint8_t *p = attribute(out, n, USERNAME, whole);

	memset(p, ' ', whole);
	memcpy(p, name, len);
}

size_t stun_request(uint8_t out[static STUN_REQUEST_MAX], const struct stun_ask *ask)
{
	static const char binding[] = "dslforum.org/TR-111 ";
	size_t n = HEADER;
	uint8_t *p;

	if (ask->username && strlen(ask->username) > STUN_USERNAME_MAX)
		return 0;
	put16(out, STUN_REQUEST);
	memcpy(out + 4, ask->id, STUN_ID);
	if (ask->respond_to)
		put_address(out, &n, ask->respond_to);
	if (ask->connection_request)
		memcpy(attribute(out, &n, CONNECTION_REQUEST_BINDING, sizeof(binding) - 1), binding,
		       sizeof(binding) - 1);
	if (ask->changed)
		(void)attribute(out, &n, BINDING_CHANGE, 0);
	if (ask->username)
		put_username(out, &n, ask->username);
	put16(out + 2, n - HEADER + (ask->username ? 4 + SHA1 : 0));
	if (ask->username) {
		size_t before = n;

		p = attribute(out, &n, MESSAGE_INTEGRITY, SHA1);
		if (!integrity(out, before, ask->password, p))
			return 0;
	}
	return n;
}

static int take_mapped(struct stun_answer *a, const uint8_t *p, size_t len)
{
	if (len != 8 || p[1] != 1)
		return -EINVAL;
	a->has_mapped = true;
	a->mapped.port = (uint16_t)get16(p + 2);
	memcpy(a->mapped.ip, p + 4, 4);
	return 0;
}

static int take_error(struct stun_answer *a, const uint8_t *p, size_t len)
{
	if (len < 4 || (p[2] & 7) < 1 || p[3] > 99)
		return -EINVAL;
	a->error = (p[2] & 7u) * 100 + p[3];
	return 0;
}

static int take(struct stun_answer *a, unsigned int type, const uint8_t *p, size_t len, size_t at)
{
	/* Whatever comes behind the MESSAGE-INTEGRITY is not covered by it. */
	if (a->integrity)
		return 0;
	switch (type) {
	case MAPPED_ADDRESS:
		return a->has_mapped ? 0 : take_mapped(a, p, len);
	case ERROR_CODE:
		return a->error ? 0 : take_error(a, p, len);
	case MESSAGE_INTEGRITY:
		if (len != SHA1)
			return -EINVAL;
		a->integrity = at;
		return 0;
	case RESPONSE_ADDRESS:
	case SOURCE_ADDRESS:
	case CHANGED_ADDRESS:
	case USERNAME:
	case UNKNOWN_ATTRIBUTES:
	case REFLECTED_FROM:
		return 0;
	default:
		return type < OPTIONAL ? -EINVAL : 0;
	}
}

int stun_answer(struct stun_answer *a, const uint8_t *data, size_t len)
{
	size_t at = HEADER;
	int r;

	*a = (struct stun_answer){ .type = STUN_RESPONSE };
	if (len < HEADER || len > MESSAGE_MAX || get16(data + 2) != len - HEADER)
		return -EINVAL;
	if (get16(data) != STUN_RESPONSE && get16(data) != STUN_ERROR)
		return -EINVAL;
	a->type = get16(data);
	memcpy(a->id, data + 4, STUN_ID);
	while (at < len) {
		size_t n;

		if (len - at < 4)
			return -EINVAL;
		n = get16(data + at + 2);
		if (n > len - at - 4)
			return -EINVAL;
		r = take(a, get16(data + at), data + at + 4, n, at);
		if (r)
			return r;
		at += 4 + n;
		/* Some servers fill up what newer ones do; RFC 3489 has multiples of four. */
		while (n++ % 4 && at < len)
			at++;
	}
	return (a->type == STUN_RESPONSE ? a->has_mapped : a->error >= 300) ? 0 : -EINVAL;
}

bool stun_genuine(const struct stun_answer *a, const uint8_t *data, const char *password)
{
	uint8_t want[SHA1];

	return a->integrity && integrity(data, a->integrity, password, want) &&
	       !CRYPTO_memcmp(want, data + a->integrity + 4, SHA1);
}

bool stun_same(const struct stun_addr *a, const struct stun_addr *b)
{
	return a->port == b->port && !memcmp(a->ip, b->ip, sizeof(a->ip));
}
