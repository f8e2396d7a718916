/* SPDX-License-Identifier: Apache-2.0 */
/* The DHCP server's file of leases, in dnsmasq's format. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define LEASE_NAME_MAX 64 /* Hosts.Host.HostName */

struct lease {
	int64_t until; /* Unix time; 0: for ever */
	uint8_t mac[6];
	uint8_t ip[4];
	char name[LEASE_NAME_MAX + 1]; /* "": none */
};

typedef void (*lease_fn)(void *arg, const struct lease *);

/* Every IPv4 lease of an Ethernet address; other lines are skipped. Pure. */
void leases_parse(const char *text, size_t len, lease_fn fn, void *arg);
/* Reads the file. 0 or -errno (-EFBIG: over LEASES_BYTES_MAX). */
int leases_read(const char *file, lease_fn fn, void *arg);
