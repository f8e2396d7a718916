/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/dialer/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static size_t addr_size(const struct dial_addr *addr)
{
	return addr->family == DIAL_IPV4 ? 4 : addr->family == DIAL_IPV6 ? 16 : 0;
}

int dial_addr_from(struct dial_addr *out, const struct sockaddr *sa, socklen_t len)
{
	memset(out, 0, sizeof(*out));
	if (sa->sa_family == AF_INET && len >= sizeof(struct sockaddr_in)) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof(in));
		out->family = DIAL_IPV4;
		out->port = ntohs(in.sin_port);
		memcpy(out->addr, &in.sin_addr, 4);
		return 0;
	}
	if (sa->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6)) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof(in6));
		out->port = ntohs(in6.sin6_port);
		if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
			out->family = DIAL_IPV4;
			memcpy(out->addr, in6.sin6_addr.s6_addr + 12, 4);
			return 0;
		}
		out->family = DIAL_IPV6;
		out->scope = in6.sin6_scope_id;
		memcpy(out->addr, &in6.sin6_addr, 16);
		return 0;
	}
	return -EAFNOSUPPORT;
}

socklen_t dial_addr_to(const struct dial_addr *addr, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (addr->family == DIAL_IPV4) {
		struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(addr->port) };

		memcpy(&in.sin_addr, addr->addr, 4);
		memcpy(out, &in, sizeof(in));
		return sizeof(in);
	}
	if (addr->family == DIAL_IPV6) {
		struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
					    .sin6_port = htons(addr->port),
					    .sin6_scope_id = addr->scope };

		memcpy(&in6.sin6_addr, addr->addr, 16);
		memcpy(out, &in6, sizeof(in6));
		return sizeof(in6);
	}
	return 0;
}

int dial_addr_parse(struct dial_addr *out, const char *text, uint16_t port)
{
	struct in6_addr in6;

	memset(out, 0, sizeof(*out));
	out->port = port;
	if (inet_pton(AF_INET, text, out->addr) == 1) {
		out->family = DIAL_IPV4;
		return 0;
	}
	if (inet_pton(AF_INET6, text, &in6) != 1)
		return -EINVAL;
	if (IN6_IS_ADDR_V4MAPPED(&in6)) {
		out->family = DIAL_IPV4;
		memcpy(out->addr, in6.s6_addr + 12, 4);
		return 0;
	}
	out->family = DIAL_IPV6;
	memcpy(out->addr, &in6, 16);
	return 0;
}

const char *dial_addr_text(const struct dial_addr *addr, bool brackets, char *out)
{
	char text[INET6_ADDRSTRLEN];
	bool v6 = addr->family == DIAL_IPV6;

	if (!addr_size(addr) || !inet_ntop(v6 ? AF_INET6 : AF_INET, addr->addr, text, sizeof(text)))
		snprintf(out, DIAL_ADDR_TEXT, "-");
	else if (v6 && brackets)
		snprintf(out, DIAL_ADDR_TEXT, "[%s]", text);
	else
		snprintf(out, DIAL_ADDR_TEXT, "%s", text);
	return out;
}

bool dial_addr_same(const struct dial_addr *a, const struct dial_addr *b)
{
	return a->family == b->family && !memcmp(a->addr, b->addr, addr_size(a));
}
