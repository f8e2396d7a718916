/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a family writes its tables:
 *
 *	static const struct dm_param ssid_params[] = {
 *		{ "Enable",	DM_BOOL,   DM_RW, .def = "false" },
 *		{ "Status",	DM_STRING, DM_RO, DM_VALUES(if_status), .get = ssid_get_status },
 *		DM_ROW_ALIAS,
 *		{ "LowerLayers", DM_STRING, DM_RW, DM_REFS("Device.WiFi.Radio."), DM_MAXLEN(1024) },
 *		{ "SSID",	DM_STRING, DM_RW, DM_MAXLEN(32), .max_octets = 32 },
 *	};
 *	const struct dm_object wifi_ssid =
 *		DM_TABLE("Device.WiFi.SSID.{i}.", ssid_params, .flags = DM_ADD,
 *			 .entries = "SSIDNumberOfEntries", .module = &wifi_module);
 *
 * and a line DM_OBJ(wifi_ssid) in agent/tr181/objects.def. Macros set fields other than .flags,
 * except those that say so; combine flags by hand: .flags = DM_LIST | DM_STRONG.
 */
#pragma once

#include "agent/tree/tree.h"

/* A row says what it has; the rest is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define DM_COUNT(a) ((uint16_t)(sizeof(a) / sizeof((a)[0])))
#define DM_MAXLEN(n) .max_len = (n)
#define DM_LEN(lo, hi) .min_len = (lo), .max_len = (hi)
#define DM_VALUES(names) .values = (names)
#define DM_MATCH(fn, words) .match = (fn), .wants = (words)
/* DM_RANGE(1, 65535); several: DM_RANGES({ 1, 13 }, { 36, 64 }). DM_NOMAX: no upper end. */
#define DM_RANGE(lo, hi) DM_RANGES({ (lo), (hi) })
#define DM_RANGES(...)                                      \
	.ranges = (const struct dm_range[]){ __VA_ARGS__ }, \
	.nranges = sizeof((const struct dm_range[]){ __VA_ARGS__ }) / sizeof(struct dm_range)
#define DM_NOMAX UINT64_MAX
/* Sets .flags: one strong reference; a list of them. Weak ones: .ref alone. */
#define DM_REF(tables) .ref = (tables), .flags = DM_STRONG
#define DM_REFS(tables) .ref = (tables), .flags = DM_STRONG | DM_LIST

/* Alias of a table's row: cpe-N until the ACS gives one (TR-106 A17 3.6.1). */
#define DM_ROW_ALIAS                                                        \
	{                                                                   \
		"Alias", DM_STRING, DM_RW, .flags = DM_ALIAS, .max_len = 64 \
	}

#define DM_SINGLE(p, rows, ...)                                                         \
	{                                                                               \
		.path = (p), .params = (rows), .nparams = DM_COUNT(rows), ##__VA_ARGS__ \
	}
#define DM_TABLE(p, rows, ...)                                                          \
	{                                                                               \
		.path = (p), .params = (rows), .nparams = DM_COUNT(rows), ##__VA_ARGS__ \
	}
/* An object with no parameters of its own ("Device.WiFi." before its counters) */
#define DM_EMPTY(p, ...)                   \
	{                                  \
		.path = (p), ##__VA_ARGS__ \
	}

/* Patterns of TR-181 2.19.1's data types, shared by the families: pure, text not terminated. */
bool dm_match_mac(const char *, size_t);   /* MACAddress; empty allowed */
bool dm_match_ipv4(const char *, size_t);  /* IPv4Address; empty allowed */
bool dm_match_ipv6(const char *, size_t);  /* IPv6Address; empty allowed */
bool dm_match_ip(const char *, size_t);	   /* IPAddress; empty allowed */
bool dm_match_oui(const char *, size_t);   /* [0-9A-F]{6} */
bool dm_match_alias(const char *, size_t); /* letter first; letters, digits, - _ */
#define DM_WANTS_MAC "a MAC address such as 00:11:22:AA:BB:CC"
#define DM_WANTS_IPV4 "an IPv4 address"
#define DM_WANTS_IP "an IPv4 or IPv6 address"
