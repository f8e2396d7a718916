/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the network of the box is: Ethernet, Bridging, IP, Routing, Hosts, InterfaceStack. Fed by
 * the tables of agent/kernel/rt.h; nothing of it can be set yet.
 */
#pragma once

struct dm;
struct loop;
struct rt;

/*
 * After tr181_open(), before lockdown. rt stays the caller's. leases: the DHCP server's file in
 * dnsmasq's format, "" none; the string stays the caller's. 0 or -ENOMEM.
 */
int net_init(struct dm *, struct rt *rt, const char *leases);
/* Inside the sandbox: first look, then events. 0 or -errno. */
int net_start(struct dm *, struct loop *);
