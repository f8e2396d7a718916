/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast ports are, and what kinds of frames they count: the kernel's ethtool family of generic
 * netlink. Its socket and number are had before lockdown; reading needs no capability. There is no
 * event that rtnetlink does not tell too, so who wants it asks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct nlmsghdr;

struct eth_mode {
	uint32_t index; /* of the link */
	uint32_t round;
	uint32_t speed; /* Mbit/s; 0: unknown, as while there is no carrier */
	uint8_t duplex; /* DUPLEX_HALF, DUPLEX_FULL, DUPLEX_UNKNOWN */
	bool autoneg;
};

/* Frames by kind, of the hardware (IEEE 802.3 30.3.1.1): each is there or not. */
enum eth_count {
	ETH_TX_ALL,
	ETH_TX_MULTICAST,
	ETH_TX_BROADCAST,
	ETH_RX_ALL,
	ETH_RX_MULTICAST,
	ETH_RX_BROADCAST,
	ETH_COUNTS,
};
struct eth_counts {
	uint32_t index;
	uint32_t round;
	uint32_t has; /* bit of each enum eth_count that the driver counts */
	uint64_t v[ETH_COUNTS];
};

struct ethtool;

/* 0 or -errno. A kernel without the family: nothing is ever known. */
int ethtool_open(struct ethtool **);
void ethtool_close(struct ethtool *);
/* Ask for all links anew. */
void ethtool_fresh(struct ethtool *);
void ethtool_fresh_counts(struct ethtool *);
/* NULL: the link has no such thing. */
const struct eth_mode *ethtool_mode(const struct ethtool *, uint32_t index);
const struct eth_counts *ethtool_counts(const struct ethtool *, uint32_t index);

/* Pure. false: not for us, or malformed. */
bool ethtool_parse_mode(struct eth_mode *, const struct nlmsghdr *);
bool ethtool_parse_counts(struct eth_counts *, const struct nlmsghdr *);
/* The number of the family in an answer of the controller; 0: it is not in it. */
uint16_t ethtool_parse_family(const struct nlmsghdr *);
