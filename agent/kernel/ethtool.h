/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast ports are: the kernel's ethtool family of generic netlink. Its socket and number are had
 * before lockdown; reading needs no capability. There is no event that rtnetlink does not tell too,
 * so who wants it asks.
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

struct ethtool;

/* 0 or -errno. A kernel without the family: nothing is ever known. */
int ethtool_open(struct ethtool **);
void ethtool_close(struct ethtool *);
/* Asks for all links anew. */
void ethtool_fresh(struct ethtool *);
/* NULL: the link has no such thing. */
const struct eth_mode *ethtool_mode(const struct ethtool *, uint32_t index);

/* Pure. false: not for us, or malformed. */
bool ethtool_parse_mode(struct eth_mode *, const struct nlmsghdr *);
/* The number of the family in an answer of the controller; 0: it is not in it. */
uint16_t ethtool_parse_family(const struct nlmsghdr *);
