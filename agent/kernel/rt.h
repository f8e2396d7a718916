/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel says about links, addresses, routes and neighbours (rtnetlink): bounded tables
 * in memory that follow the kernel's multicast. Reading needs no capability.
 *
 * rt_parse*.c and rt_table.c are pure; rt.c has the two sockets, opened before lockdown: one for
 * events, one for dumps (an event between a request and its answer would be taken for the answer).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/kernel/rt_set.h"

struct nlmsghdr;

#define RT_NAME 16 /* IFNAMSIZ */

struct rt_stats {
	uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes, rx_errors, tx_errors;
	uint64_t rx_dropped, tx_dropped, collisions;
};

enum rt_kind { RT_PLAIN, RT_VETH, RT_BRIDGE, RT_VLAN, RT_BOND, RT_TUNNEL, RT_OTHER };

struct rt_link {
	uint32_t index; /* key */
	uint32_t round;
	char name[RT_NAME];
	uint16_t type;	/* ARPHRD_ */
	uint8_t kind;	/* enum rt_kind, by IFLA_INFO_KIND */
	uint8_t oper;	/* IF_OPER_ */
	uint32_t flags; /* IFF_ */
	uint32_t mtu, master;
	uint32_t below; /* IFLA_LINK; 0: none, or in another network namespace */
	uint32_t carrier_changes;
	uint8_t mac[6], perm[6];
	bool has_mac, has_perm;
	bool ipv6;	    /* IPv6 is not disabled on it */
	bool bridging;	    /* its master is a bridge: port_* hold */
	uint8_t port_state; /* BR_STATE_ */
	uint16_t vlan, vlan_proto;
	uint32_t ageing; /* of a bridge, in 1/100 s */
	bool vlan_filtering;
	uint64_t since_ms; /* monotonic: oper and flags have been seen like this since */
	struct rt_stats stats;
};

struct rt_addr {
	struct {
		uint32_t index;
		uint8_t family, plen;
		uint16_t zero;
		uint8_t addr[16];
	} key;
	uint32_t round;
	uint32_t flags; /* IFA_F_ */
	uint8_t proto;	/* IFAPROT_; 0: the kernel does not say */
	uint8_t scope;
	uint64_t preferred_ms, valid_ms; /* monotonic, when each ends; UINT64_MAX: never */
};

/* One next hop of a route in table main. */
struct rt_route {
	struct {
		uint8_t family, plen, tos, type; /* RTN_ */
		uint32_t index, priority;
		uint8_t dst[16], gw[16];
	} key;
	uint32_t round;
	uint8_t protocol; /* RTPROT_ */
	bool has_priority, has_gw;
	uint8_t src[16];     /* preferred source, zero: none */
	uint64_t expires_ms; /* monotonic; UINT64_MAX: never */
};

/* A neighbour, or (family AF_BRIDGE) what a bridge has learned behind a port. */
struct rt_neigh {
	struct {
		uint32_t index;
		uint8_t family, zero;
		uint16_t vlan;
		uint8_t dst[16]; /* the MAC of a bridge's entry */
	} key;
	uint32_t round;
	uint16_t state; /* NUD_ */
	uint8_t flags;	/* NTF_ */
	bool has_mac;
	uint8_t mac[6]; /* also that of a neighbour that no longer answers */
};

enum rt_table { RT_LINKS, RT_ADDRS, RT_ROUTES, RT_NEIGHS, RT_TABLES };

struct rt_tables {
	struct rt_set set[RT_TABLES];
	uint64_t gen[RT_TABLES]; /* goes up with every change; statistics are none */
	bool stale[RT_TABLES];	 /* to be read anew before it is used */
	bool full[RT_TABLES];	 /* something did not fit; said once */
	uint32_t round;		 /* of the dump that is running */
	uint32_t moves;		 /* links that came or went so far */
};

/* rt_parse*.c. The next whole message of a datagram, NULL at its end; *at is aligned. */
const struct nlmsghdr *rt_message(const void **at, size_t *left);
/* One message each. false: not for us, or malformed. now: clock_mono_ms(). */
bool rt_parse_link(struct rt_link *, const struct nlmsghdr *, uint64_t now);
bool rt_parse_addr(struct rt_addr *, const struct nlmsghdr *, uint64_t now);
bool rt_parse_neigh(struct rt_neigh *, const struct nlmsghdr *);
/* Every next hop; n of them, at most max. */
size_t rt_parse_routes(struct rt_route *, size_t max, const struct nlmsghdr *, uint64_t now);
/* A bridge's own notice about one of its ports (family AF_BRIDGE). */
bool rt_parse_port(uint32_t *index, uint8_t *state, const struct nlmsghdr *);

/* rt_table.c */
void rt_tables_init(struct rt_tables *);
void rt_tables_free(struct rt_tables *);
/* One message of an event or a dump. */
void rt_apply(struct rt_tables *, const struct nlmsghdr *, uint64_t now, bool dump);
/* A dump ends: what it did not mention (of the family; 0: all) is not there any more. */
void rt_sweep(struct rt_tables *, enum rt_table, uint8_t family);
struct rt_link *rt_link(const struct rt_tables *, uint32_t index);

/*
 * Which addresses this box has and which ways lead out of it, in short: as long as this stays the
 * same, a connection would have the same local address. Lifetimes do not count.
 */
uint64_t rt_whereabouts(const struct rt_tables *);

/* rt.c */
struct rt;
struct loop;

/* Called after events, with a bit (1 << enum rt_table) for each table that changed or may have. */
struct rt_listener {
	void (*fn)(void *arg, unsigned int tables);
	void *arg;
	struct rt_listener *next; /* rt's */
};

/* Before lockdown; 0 or -errno. */
int rt_open(struct rt **);
/* First dump of everything, then events. */
int rt_start(struct rt *, struct loop *);
/* The listener stays where it is, the caller's. */
void rt_listen(struct rt *, struct rt_listener *);
const struct rt_tables *rt_tables(const struct rt *);
/* Takes the events that wait, and reads anew what is stale. */
void rt_fresh(struct rt *);
/* Statistics have no event. */
void rt_fresh_stats(struct rt *);
