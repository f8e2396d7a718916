/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Stats objects of everything that is a link of the kernel. There is no event: one dump serves
 * the RPC that asks. IFLA_STATS64 does not tell unicast, multicast and broadcast apart: that only
 * ports can whose driver says what the hardware counts.
 */
#include "agent/tr181/net_internal.h"

#define COUNTER(name, expression)                                                     \
	static enum dm_error get_##name(struct dm_inst *in, const struct dm_param *p, \
					struct dm_sink *sink)                         \
	{                                                                             \
		const struct rt_stats *s = stats_of(in);                              \
                                                                                      \
		dm_put_uint(sink, expression);                                        \
		return DM_OK;                                                         \
	}

static const struct rt_stats *stats_of(const struct dm_inst *in)
{
	net_count(net_of(dm_inst_dm(in)));
	return &net_link(in)->stats;
}

COUNTER(bytes_sent, s->tx_bytes)
COUNTER(bytes_received, s->rx_bytes)
COUNTER(packets_sent, s->tx_packets)
COUNTER(packets_received, s->rx_packets)
/* 32 bits in the data model: they wrap as TR-181 says of its counters */
COUNTER(errors_sent, (uint32_t)s->tx_errors)
COUNTER(errors_received, (uint32_t)s->rx_errors)
COUNTER(discards_sent, (uint32_t)s->tx_dropped)
COUNTER(discards_received, (uint32_t)s->rx_dropped)
COUNTER(collisions, s->collisions)

static const struct eth_counts *counts_of(const struct dm_inst *in)
{
	return net_counts(net_of(dm_inst_dm(in)), net_link(in)->index);
}

/* A kind of frame; of unicast what the other two leave of all. */
#define BIT(n) (1u << ETH_##n)
#define KIND(name, needs, expression)                                                 \
	static bool has_##name(const struct dm_inst *in)                              \
	{                                                                             \
		const struct eth_counts *c = counts_of(in);                           \
                                                                                      \
		return c && (c->has & (needs)) == (needs);                            \
	}                                                                             \
	static enum dm_error get_##name(struct dm_inst *in, const struct dm_param *p, \
					struct dm_sink *sink)                         \
	{                                                                             \
		static const struct eth_counts none;                                  \
		const struct eth_counts *c = counts_of(in) ?: &none;                  \
		const uint64_t *v = c->v;                                             \
                                                                                      \
		dm_put_uint(sink, expression);                                        \
		return DM_OK;                                                         \
	}

KIND(multicast_sent, BIT(TX_MULTICAST), v[ETH_TX_MULTICAST])
KIND(broadcast_sent, BIT(TX_BROADCAST), v[ETH_TX_BROADCAST])
KIND(unicast_sent, BIT(TX_ALL) | BIT(TX_MULTICAST) | BIT(TX_BROADCAST),
     v[ETH_TX_ALL] - v[ETH_TX_MULTICAST] - v[ETH_TX_BROADCAST])
KIND(multicast_received, BIT(RX_MULTICAST), v[ETH_RX_MULTICAST])
KIND(broadcast_received, BIT(RX_BROADCAST), v[ETH_RX_BROADCAST])
KIND(unicast_received, BIT(RX_ALL) | BIT(RX_MULTICAST) | BIT(RX_BROADCAST),
     v[ETH_RX_ALL] - v[ETH_RX_MULTICAST] - v[ETH_RX_BROADCAST])

#define MAC "ethtool netlink, where the driver tells: 802.3 MAC counters"
#define KIND_ROW(text, member)                                                     \
	{                                                                          \
		text, DM_ULONG, DM_RO, .notify = DM_CAN_DENY, .get = get_##member, \
				       .when = has_##member, .source = MAC         \
	}

#define STATS64 "rtnetlink: IFLA_STATS64"
#define ROW(text, size, member)                                                                  \
	{                                                                                        \
		text, size, DM_RO, .notify = DM_CAN_DENY, .get = get_##member, .source = STATS64 \
	}
#define SHARED_ROWS                                                                             \
	ROW("BytesSent", DM_ULONG, bytes_sent), ROW("BytesReceived", DM_ULONG, bytes_received), \
		ROW("PacketsSent", DM_ULONG, packets_sent),                                     \
		ROW("PacketsReceived", DM_ULONG, packets_received),                             \
		ROW("ErrorsSent", DM_UINT, errors_sent),                                        \
		ROW("ErrorsReceived", DM_UINT, errors_received),                                \
		ROW("DiscardPacketsSent", DM_UINT, discards_sent),                              \
		ROW("DiscardPacketsReceived", DM_UINT, discards_received)

static const struct dm_param params[] = { SHARED_ROWS };
static const struct dm_param port_params[] = {
	SHARED_ROWS,
	ROW("Collisions", DM_ULONG, collisions),
	KIND_ROW("UnicastPacketsSent", unicast_sent),
	KIND_ROW("UnicastPacketsReceived", unicast_received),
	KIND_ROW("MulticastPacketsSent", multicast_sent),
	KIND_ROW("MulticastPacketsReceived", multicast_received),
	KIND_ROW("BroadcastPacketsSent", broadcast_sent),
	KIND_ROW("BroadcastPacketsReceived", broadcast_received)
};

#define STATS(object, path) const struct dm_object object = DM_SINGLE(path, params)

extern const struct dm_object ethernet_interface_stats, ethernet_link_stats, ethernet_vlan_stats,
	bridging_port_stats, ip_interface_stats;

const struct dm_object ethernet_interface_stats =
	DM_SINGLE("Device.Ethernet.Interface.{i}.Stats.", port_params);
STATS(ethernet_link_stats, "Device.Ethernet.Link.{i}.Stats.");
STATS(ethernet_vlan_stats, "Device.Ethernet.VLANTermination.{i}.Stats.");
STATS(bridging_port_stats, "Device.Bridging.Bridge.{i}.Port.{i}.Stats.");
STATS(ip_interface_stats, "Device.IP.Interface.{i}.Stats.");
