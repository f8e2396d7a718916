/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files net*.c. */
#pragma once

#include "config.h"

#include "agent/kernel/ethtool.h"
#include "agent/kernel/rt.h"
#include "agent/loop.h"
#include "agent/tr181/net.h"
#include "agent/tr181/tr181.h"
#include "agent/tree/rows.h"
#include "lib/limits.h"

/* The rows that one link of the kernel is shown by; NULL: none of that kind. */
struct net_if {
	uint32_t index;
	bool upstream;		/* a default route leads through it */
	struct dm_inst *port1;	/* Ethernet.Interface */
	struct dm_inst *link;	/* Ethernet.Link */
	struct dm_inst *vlan;	/* Ethernet.VLANTermination */
	struct dm_inst *bridge; /* Bridging.Bridge */
	struct dm_inst *bport;	/* Bridging.Bridge.Port: of a bridge its management port */
	struct dm_inst *ip;	/* IP.Interface */
	struct dm_inst *ssid;	/* WiFi.SSID */
};

struct net {
	struct dm *dm;
	const struct rt_tables *t;
	struct rt *rt; /* NULL: somebody else fills *t (tests) */
	struct loop *loop;
	struct rt_listener listener;
	struct loop_timer settle;
	const char *leases;
	struct ethtool *eth;
	/* dm_rpc() + 1 of the last look at events, at statistics, at speeds, at kinds of frames */
	uint64_t looked, counted, clocked, sorted;
	uint64_t links, addrs, routes; /* generations that the rows show */
	uint32_t moves;		       /* rt_tables.moves that WiFi has heard of */
	uint32_t nifs;
	struct net_if ifs[RT_LINKS_MAX]; /* by index */
	struct hosts *hosts;
};

extern const struct dm_object ethernet, ethernet_interface, ethernet_link, ethernet_vlan;
extern const struct dm_object bridging, bridging_bridge, bridging_port;
extern const struct dm_object ip, ip_interface, ip_ipv4, ip_ipv6, ip_prefix;
extern const struct dm_object routing, routing_router, routing_ipv4, routing_ipv6;
extern const struct dm_object hosts, hosts_host, hosts_ipv4, hosts_ipv6;
extern const struct dm_object interface_stack;

struct net *net_of(struct dm *); /* NULL: a tree without a kernel below it */
struct net_if *net_if(struct net *, uint32_t index);
/* dm_object.refresh of every table but the hosts'. */
void net_refresh(struct dm *, const struct dm_object *, struct dm_inst *parent);
/* Statistics no older than this RPC. */
void net_count(struct net *);

/* How fast a link is, no older than this RPC; NULL: it cannot tell. */
const struct eth_mode *net_mode(struct net *, uint32_t index);
const struct eth_counts *net_counts(struct net *, uint32_t index);

/* A row's own copy of what it shows; true when it is another than before. */
bool net_put(struct dm_inst *, const void *data, size_t size);
void net_release(struct dm_inst *); /* dm_object.release: frees in->data */
/* The link that a row (or the row above a Stats object) shows: as it is, else as it was. */
const struct rt_link *net_link(const struct dm_inst *);

#define NET_LOWERS_MAX 64
/* The rows directly below a row, as InterfaceStack and LowerLayers have them. */
size_t net_lowers(struct net *, const struct dm_inst *, struct dm_inst **out, size_t max);

/* Syncs, each of its own tables, in this order. */
void net_sync_ethernet(struct net *);
void net_sync_bridging(struct net *);
void net_sync_ip(struct net *);
void net_sync_addresses(struct net *);
void net_sync_routing(struct net *);
void net_sync_stack(struct net *);
void net_sync_hosts(struct net *);

/* Getters that several families share. */
enum dm_error net_get_enable(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error net_get_true(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error net_get_enabled(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error net_get_status(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error net_get_name(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error net_get_last_change(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error net_get_lower_layers(struct dm_inst *, const struct dm_param *, struct dm_sink *);
enum dm_error net_get_mac(struct dm_inst *, const struct dm_param *, struct dm_sink *);
void net_put_ip(struct dm_sink *, uint8_t family, const uint8_t *addr);
void net_put_prefix(struct dm_sink *, const uint8_t *addr, unsigned int plen);
bool net_prefix_has(const uint8_t *prefix, unsigned int plen, const uint8_t *addr);
/* The address that a route's preferred source or a prefix comes from; NULL: none. */
const struct rt_addr *net_addr(const struct net *, uint32_t index, uint8_t family,
			       const uint8_t *addr);
const char *net_origin4(const struct net *, const struct rt_addr *);
void net_key_ip(char *out, size_t size, uint8_t family, const uint8_t *addr, unsigned int plen);
#define NET_KEY_MAX 160

/* net_wifi.c; without WiFi there is none. */
#ifdef CONFIG_ROLE_RADIO
bool net_is_wifi(struct dm *, uint32_t index);
struct dm_inst *net_wifi_ssid(struct dm *, uint32_t index);
/* Links came or went: has a radio? */
void net_wifi_look(struct dm *);
typedef void (*net_station_fn)(void *arg, const uint8_t mac[6], const struct dm_inst *row,
			       uint32_t index);
/* Every station of every access point; index is the BSS's link. */
void net_wifi_stations(struct dm *, net_station_fn, void *arg);
#endif

/* A row that can be set in TR-181 but not yet here: takes the value that it has, and no other. */
#define AS_IT_IS .check = tr181_as_it_is, .flags = DM_VOLATILE
#define AS_IT_IS_REFS .ref = "", .check = tr181_as_it_is, .flags = DM_LIST | DM_STRONG | DM_VOLATILE

extern const char *const net_status[];	/* Up, Down... of an interface */
extern const char *const net_enabled[]; /* Disabled, Enabled, Error... */

#define LINK_UP "rtnetlink: IFF_UP; takes only what it is"
#define LINK_LOWER "rtnetlink: IFLA_LINK and IFLA_MASTER; takes only what it is"

/* What all layers of the stack have, told by rtnetlink. lower: the source of LowerLayers. */
/* clang-format off */
#define NET_LAYER_ROWS(lower)                                                              \
	{ "Status", DM_STRING, DM_RO, DM_VALUES(net_status), .get = net_get_status,        \
	  .source = "rtnetlink: operstate; unknown counts as up, as for the kernel" },     \
	DM_ROW_ALIAS,                                                                      \
	{ "Name", DM_STRING, DM_RO, DM_MAXLEN(64), .get = net_get_name,                    \
	  .source = "rtnetlink: the link's name" },                                        \
	{ "LastChange", DM_UINT, DM_RO, .notify = DM_CAN_DENY, .get = net_get_last_change, \
	  .source = "how long the agent has seen it in this state" },                      \
	{ "LowerLayers", DM_STRING, DM_RW, DM_MAXLEN(1024), .get = net_get_lower_layers,   \
	  AS_IT_IS_REFS, .source = lower }
/* clang-format on */
