/* SPDX-License-Identifier: Apache-2.0 */
/* The patterns of TR-181's data types that the rows name. */
#include <arpa/inet.h>
#include <string.h>

#include "agent/tree/rows.h"

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool dm_match_mac(const char *s, size_t n)
{
	if (!n)
		return true;
	if (n != 17)
		return false;
	for (size_t i = 0; i < n; i++)
		if (i % 3 == 2 ? s[i] != ':' : !is_hex(s[i]))
			return false;
	return true;
}

static bool is_address(int family, const char *s, size_t n)
{
	char text[INET6_ADDRSTRLEN], bytes[16];

	if (n >= sizeof(text) || memchr(s, 0, n))
		return false;
	memcpy(text, s, n);
	text[n] = 0;
	return inet_pton(family, text, bytes) == 1;
}

bool dm_match_ipv4(const char *s, size_t n)
{
	return !n || is_address(AF_INET, s, n);
}

bool dm_match_ipv6(const char *s, size_t n)
{
	return !n || is_address(AF_INET6, s, n);
}

bool dm_match_ip(const char *s, size_t n)
{
	return dm_match_ipv4(s, n) || dm_match_ipv6(s, n);
}

bool dm_match_oui(const char *s, size_t n)
{
	if (n != 6)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_hex(s[i]) || (s[i] >= 'a' && s[i] <= 'f'))
			return false;
	return true;
}

/* TR-069 A6 3.6.1 asks for a letter first and for nothing that ends the brackets of a path. */
bool dm_match_alias(const char *s, size_t n)
{
	if (!n || !((s[0] >= 'a' && s[0] <= 'z') || (s[0] >= 'A' && s[0] <= 'Z')))
		return false;
	return !memchr(s, ']', n) && !memchr(s, '[', n) && !memchr(s, '.', n);
}
