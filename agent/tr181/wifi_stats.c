/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.WiFi.Radio.{i}.Stats. and SSID.{i}.Stats. (TR-181 2.19.1): what the links of the kernel
 * have counted, by the one dump that serves all statistics of an RPC. An SSID is one link. A radio
 * is the sum of those that it has now: nobody counts what went over links that are gone.
 */
#include "agent/tr181/net_internal.h"
#include "agent/tr181/wifi_internal.h"

static void add(struct rt_stats *sum, const struct net *net, const struct nl_iface *i)
{
	const struct rt_link *l = rt_link(net->t, i->ifindex);

	if (!l)
		return;
	sum->rx_bytes += l->stats.rx_bytes;
	sum->tx_bytes += l->stats.tx_bytes;
	sum->rx_packets += l->stats.rx_packets;
	sum->tx_packets += l->stats.tx_packets;
	sum->rx_errors += l->stats.rx_errors;
	sum->tx_errors += l->stats.tx_errors;
	sum->rx_dropped += l->stats.rx_dropped;
	sum->tx_dropped += l->stats.tx_dropped;
}

/* in: the Stats object */
static struct rt_stats stats_of(const struct dm_inst *in)
{
	const struct wifi *w = wifi_of(in->parent);
	struct net *net = net_of(dm_inst_dm(in));
	struct rt_stats sum = { 0 };
	const struct nl_wiphy *wiphy;
	const struct nl_iface *i;

	if (!net)
		return sum;
	net_count(net);
	if (dm_inst_object(in->parent) == &wifi_ssid) {
		i = wifi_ssid_is_up(w, in->parent) ? wifi_ssid_iface(w, in->parent, NULL) : NULL;
		if (i)
			add(&sum, net, i);
		return sum;
	}
	wiphy = wifi_wiphy(w, in->parent);
	for (uint32_t n = 0; wiphy && n < w->reader->ifaces.n; n++)
		if (w->reader->ifaces.v[n].wiphy == wiphy->index)
			add(&sum, net, &w->reader->ifaces.v[n]);
	return sum;
}

#define COUNTER(name, member, type)                                                   \
	static enum dm_error get_##name(struct dm_inst *in, const struct dm_param *p, \
					struct dm_sink *sink)                         \
	{                                                                             \
		const struct rt_stats s = stats_of(in);                               \
                                                                                      \
		dm_put_uint(sink, (type)s.member);                                    \
		return DM_OK;                                                         \
	}

COUNTER(bytes_sent, tx_bytes, uint64_t)
COUNTER(bytes_received, rx_bytes, uint64_t)
COUNTER(packets_sent, tx_packets, uint64_t)
COUNTER(packets_received, rx_packets, uint64_t)
/* 32 bits in the data model: they wrap as TR-181 says of its counters */
COUNTER(errors_sent, tx_errors, uint32_t)
COUNTER(errors_received, rx_errors, uint32_t)
COUNTER(discards_sent, tx_dropped, uint32_t)
COUNTER(discards_received, rx_dropped, uint32_t)

#define ROW(text, size, member)                                                \
	{                                                                      \
		text, size, DM_RO, .notify = DM_CAN_DENY, .get = get_##member, \
				   .source = "rtnetlink: IFLA_STATS64"         \
	}

static const struct dm_param params[] = {
	ROW("BytesSent", DM_ULONG, bytes_sent),
	ROW("BytesReceived", DM_ULONG, bytes_received),
	ROW("PacketsSent", DM_ULONG, packets_sent),
	ROW("PacketsReceived", DM_ULONG, packets_received),
	ROW("ErrorsSent", DM_UINT, errors_sent),
	ROW("ErrorsReceived", DM_UINT, errors_received),
	ROW("DiscardPacketsSent", DM_UINT, discards_sent),
	ROW("DiscardPacketsReceived", DM_UINT, discards_received),
};

const struct dm_object wifi_radio_stats = DM_SINGLE("Device.WiFi.Radio.{i}.Stats.", params);
const struct dm_object wifi_ssid_stats = DM_SINGLE("Device.WiFi.SSID.{i}.Stats.", params);
