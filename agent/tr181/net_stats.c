/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Stats objects of everything that is a link of the kernel. There is no event: one dump serves
 * the RPC that asks. IFLA_STATS64 does not tell unicast, multicast and broadcast apart, so those
 * counters are not there.
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
static const struct dm_param port_params[] = { SHARED_ROWS,
					       ROW("Collisions", DM_ULONG, collisions) };

#define STATS(object, path) const struct dm_object object = DM_SINGLE(path, params)

extern const struct dm_object ethernet_interface_stats, ethernet_link_stats, ethernet_vlan_stats,
	bridging_port_stats, ip_interface_stats;

const struct dm_object ethernet_interface_stats =
	DM_SINGLE("Device.Ethernet.Interface.{i}.Stats.", port_params);
STATS(ethernet_link_stats, "Device.Ethernet.Link.{i}.Stats.");
STATS(ethernet_vlan_stats, "Device.Ethernet.VLANTermination.{i}.Stats.");
STATS(bridging_port_stats, "Device.Bridging.Bridge.{i}.Port.{i}.Stats.");
STATS(ip_interface_stats, "Device.IP.Interface.{i}.Stats.");
