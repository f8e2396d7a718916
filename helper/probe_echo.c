/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "helper/probe_echo.h"

static uint16_t checksum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (; len > 1; p += 2, len -= 2)
		sum += (uint32_t)p[0] << 8 | p[1];
	if (len)
		sum += (uint32_t)p[0] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

void echo_build(const struct echo *e, unsigned int family, uint8_t *out)
{
	uint32_t token = e->size < ECHO_TOKEN ? e->size : ECHO_TOKEN;

	out[0] = family == 4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	out[1] = 0;
	put16(out + 2, 0);
	put16(out + 4, e->ident);
	put16(out + 6, e->seq);
	memcpy(out + ECHO_HEAD, e->token, token);
	for (uint32_t i = token; i < e->size; i++)
		out[ECHO_HEAD + i] = (uint8_t)i;
	if (family == 4)
		put16(out + 2, checksum(out, ECHO_HEAD + e->size));
}

static bool same(const struct echo *e, const uint8_t *icmp, size_t len)
{
	return len >= ECHO_HEAD && get16(icmp + 4) == e->ident && get16(icmp + 6) == e->seq;
}

static enum echo_answer reply(const struct echo *e, const uint8_t *icmp, size_t len)
{
	size_t token = e->size < ECHO_TOKEN ? e->size : ECHO_TOKEN;

	/* Identifier and sequence number can be guessed; the token can't. */
	if (!same(e, icmp, len) || len != ECHO_HEAD + (size_t)e->size ||
	    memcmp(icmp + ECHO_HEAD, e->token, token) != 0)
		return ECHO_NOT_OURS;
	return ECHO_REPLY;
}

static enum echo_answer read4(const struct echo *e, const uint8_t *p, size_t len, uint8_t *code)
{
	enum echo_answer error;
	size_t head;

	if (len < sizeof(struct iphdr) || p[0] >> 4 != 4)
		return ECHO_NOT_OURS;
	head = (size_t)(p[0] & 15) * 4;
	if (head < sizeof(struct iphdr) || len < head + ECHO_HEAD)
		return ECHO_NOT_OURS;
	p += head;
	len -= head;
	*code = p[1];
	if (p[0] == ICMP_ECHOREPLY)
		return reply(e, p, len);
	if (p[0] != ICMP_DEST_UNREACH && p[0] != ICMP_TIME_EXCEEDED)
		return ECHO_NOT_OURS;
	error = p[0] == ICMP_TIME_EXCEEDED ? ECHO_EXPIRED : ECHO_UNREACHABLE;
	/* It quotes our packet: IP header, then at least eight bytes of ICMP. */
	p += ECHO_HEAD;
	len -= ECHO_HEAD;
	if (len < sizeof(struct iphdr))
		return ECHO_NOT_OURS;
	head = (size_t)(p[0] & 15) * 4;
	if (p[0] >> 4 != 4 || p[9] != IPPROTO_ICMP || head < sizeof(struct iphdr) ||
	    len < head + ECHO_HEAD || p[head] != ICMP_ECHO)
		return ECHO_NOT_OURS;
	return same(e, p + head, len - head) ? error : ECHO_NOT_OURS;
}

static enum echo_answer read6(const struct echo *e, const uint8_t *p, size_t len, uint8_t *code)
{
	const size_t ip = sizeof(struct ip6_hdr);
	enum echo_answer error;

	if (len < ECHO_HEAD)
		return ECHO_NOT_OURS;
	*code = p[1];
	if (p[0] == ICMP6_ECHO_REPLY)
		return reply(e, p, len);
	if (p[0] != ICMP6_DST_UNREACH && p[0] != ICMP6_TIME_EXCEEDED)
		return ECHO_NOT_OURS;
	error = p[0] == ICMP6_TIME_EXCEEDED ? ECHO_EXPIRED : ECHO_UNREACHABLE;
	p += ECHO_HEAD;
	len -= ECHO_HEAD;
	if (len < ip + ECHO_HEAD || p[0] >> 4 != 6 || p[6] != IPPROTO_ICMPV6 ||
	    p[ip] != ICMP6_ECHO_REQUEST)
		return ECHO_NOT_OURS;
	return same(e, p + ip, len - ip) ? error : ECHO_NOT_OURS;
}

enum echo_answer echo_read(const struct echo *e, unsigned int family, const uint8_t *data,
			   size_t len, uint8_t *code)
{
	*code = 0;
	return family == 4 ? read4(e, data, len, code) : read6(e, data, len, code);
}

static bool ipv4_ok(const uint8_t a[4], bool loopback, bool private)
{
	if (a[0] == 127)
		return loopback;
	if (a[0] == 0 || a[0] >= 224) /* this network, multicast, reserved, broadcast */
		return false;
	if (a[0] == 10 || (a[0] == 172 && (a[1] & 0xf0) == 16) || (a[0] == 192 && a[1] == 168) ||
	    (a[0] == 100 && (a[1] & 0xc0) == 64) || (a[0] == 169 && a[1] == 254))
		return private;
	return true;
}

/* The IPv4 address that a translator or a tunnel would send to; NULL: none. */
static const uint8_t *embedded(const uint8_t a[16])
{
	static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b }; /* RFC 6052 */

	if (memcmp(a, nat64, sizeof(nat64)) == 0)
		return a + 12;
	return a[0] == 0x20 && a[1] == 0x02 ? a + 2 : NULL; /* 6to4, RFC 3056 */
}

bool probe_target_ok(const struct probe_addr *t, bool loopback, bool private)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	static const uint8_t zero[15];
	const uint8_t *inner;

	if (t->family == 4)
		return ipv4_ok(t->addr, loopback, private);
	if (t->family != 6 || t->addr[0] == 0xff)
		return false;
	if (memcmp(t->addr, zero, sizeof(zero)) == 0)
		return t->addr[15] == 1 && loopback; /* ::1, and :: never */
	/* A raw ICMPv6 socket would not reach them anyway; a translator might. */
	if (memcmp(t->addr, mapped, sizeof(mapped)) == 0 || memcmp(t->addr, zero, 12) == 0)
		return false;
	/* fc00::/7, fe80::/10 and the old fec0::/10 */
	if ((t->addr[0] & 0xfe) == 0xfc || (t->addr[0] == 0xfe && t->addr[1] & 0x80))
		return private;
	inner = embedded(t->addr);
	return !inner || ipv4_ok(inner, loopback, private);
}
