/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/diag/dns.h"

#include <errno.h>
#include <string.h>

#define HEAD 12
#define LABEL_MAX 63
#define NAME_MAX_OCTETS 255
#define CLASS_IN 1

#define FLAG_QR 0x80	 /* first byte of the flags: an answer */
#define FLAG_OPCODE 0x78 /* 0: a standard query */
#define FLAG_AA 0x04
#define FLAG_TC 0x02
#define FLAG_RD 0x01

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(struct dns_query *q, uint16_t v)
{
	q->data[q->len++] = (uint8_t)(v >> 8);
	q->data[q->len++] = (uint8_t)v;
}

static bool name_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '-' || c == '_';
}

static int put_name(struct dns_query *q, const char *name)
{
	size_t start = q->len;

	do {
		size_t n = strcspn(name, ".");

		if (!n || n > LABEL_MAX || q->len - start + n + 2 > NAME_MAX_OCTETS)
			return -EINVAL;
		q->data[q->len++] = (uint8_t)n;
		for (size_t i = 0; i < n; i++) {
			if (!name_char(name[i]))
				return -EINVAL;
			q->data[q->len++] = (uint8_t)name[i];
		}
		name += n;
		name += *name == '.';
	} while (*name);
	q->data[q->len++] = 0;
	return 0;
}

int dns_ask(struct dns_query *q, uint16_t id, const char *name, uint16_t type)
{
	int r;

	q->len = 0;
	put16(q, id);
	put16(q, FLAG_RD << 8);
	put16(q, 1); /* one question */
	put16(q, 0);
	put16(q, 0);
	put16(q, 0);
	r = put_name(q, name);
	if (r)
		return r;
	put16(q, type);
	put16(q, CLASS_IN);
	return 0;
}

/* The question comes back as it was, but for the case of its letters. */
static bool same_question(const struct dns_query *q, const uint8_t *data, size_t len)
{
	if (len < q->len)
		return false;
	for (size_t i = HEAD; i < q->len; i++) {
		uint8_t a = q->data[i], b = data[i];

		if (a != b && !((a ^ b) == 0x20 && (a | 0x20) >= 'a' && (a | 0x20) <= 'z'))
			return false;
	}
	return true;
}

/* Behind the name at `at`; 0: it does not end. A pointer is its end: nobody follows it. */
static size_t skip_name(const uint8_t *data, size_t len, size_t at)
{
	while (at < len) {
		uint8_t n = data[at];

		if ((n & 0xc0) == 0xc0)
			return at + 2 <= len ? at + 2 : 0;
		if (n & 0xc0)
			return 0;
		if (!n)
			return at + 1;
		at += 1 + (size_t)n;
	}
	return 0;
}

static void take(struct dns_answer *out, const uint8_t *data, size_t size)
{
	if (out->count == DNS_ADDRS_MAX)
		return;
	memcpy(out->addr[out->count++], data, size);
}

static int read_records(struct dns_answer *out, const struct dns_query *q, const uint8_t *data,
			size_t len)
{
	uint16_t type = get16(q->data + q->len - 4);
	size_t size = type == DNS_A ? 4 : 16, at = q->len;

	for (unsigned int left = get16(data + 6); left; left--) {
		size_t n;

		at = skip_name(data, len, at);
		if (!at || len - at < 10)
			return -EBADMSG;
		n = get16(data + at + 8);
		if (n > len - at - 10)
			return -EBADMSG;
		/* Others are aliases on the way to it, or of no interest. */
		if (get16(data + at) == type && get16(data + at + 2) == CLASS_IN) {
			if (n != size)
				return -EBADMSG;
			take(out, data + at + 10, size);
		}
		at += 10 + n;
	}
	return 0;
}

int dns_read(struct dns_answer *out, const struct dns_query *q, const uint8_t *data, size_t len)
{
	memset(out, 0, sizeof(*out));
	if (len < HEAD || get16(data) != get16(q->data) || !(data[2] & FLAG_QR) ||
	    data[2] & FLAG_OPCODE)
		return -EINVAL;
	out->rcode = data[3] & 15;
	out->authoritative = data[2] & FLAG_AA;
	out->truncated = data[2] & FLAG_TC;
	/* Some servers say what went wrong and nothing else. */
	if (!get16(data + 4) && out->rcode)
		return 0;
	if (get16(data + 4) != 1 || !same_question(q, data, len))
		return -EINVAL;
	/* Cut short: what is there may end in the middle. */
	return out->truncated ? 0 : read_records(out, q, data, len);
}
