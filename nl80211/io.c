/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/nl80211.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/array.h"
#include "nl80211/io.h"

struct nl80211 {
	struct nl_sock *sk;
	uint16_t family; /* 0: not there */
	uint64_t looked; /* when the family was last asked for, ms */
	uint32_t seq, port;
	int fd;
	char said[96];
	uint8_t datagram[NL80211_DATAGRAM_MAX] __attribute__((aligned(4)));
};

static int socket_options(struct nl80211 *nl)
{
	int on = 1;

	if (nl_socket_set_buffer_size(nl->sk, NL80211_RCVBUF, 0) < 0 ||
	    nl_socket_set_nonblocking(nl->sk) < 0)
		return -EIO;
	/* The kernel says in words why, and does not repeat the request. Old ones know neither. */
	(void)setsockopt(nl->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)setsockopt(nl->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	return 0;
}

uint16_t nl80211_family(struct nl80211 *nl)
{
	uint64_t now = clock_mono_ms();
	int id;

	if (nl->family || (nl->looked && now - nl->looked < NL80211_LOOK_MS))
		return nl->family;
	nl->looked = now;
	id = genl_ctrl_resolve(nl->sk, NL80211_GENL_NAME);
	if (id > 0 && id <= UINT16_MAX)
		nl->family = (uint16_t)id;
	return nl->family;
}

int nl80211_open(struct nl80211 **out)
{
	struct nl80211 *nl = calloc(1, sizeof(*nl));
	int r = -ENOMEM;

	if (!nl)
		return -ENOMEM;
	nl->sk = nl_socket_alloc();
	if (!nl->sk)
		goto fail;
	r = -EIO;
	if (genl_connect(nl->sk) < 0)
		goto fail;
	nl->fd = nl_socket_get_fd(nl->sk);
	nl->port = nl_socket_get_local_port(nl->sk);
	if ((r = socket_options(nl)) < 0)
		goto fail;
	(void)nl80211_family(nl);
	*out = nl;
	return 0;
fail:
	nl80211_close(nl);
	return r;
}

int nl80211_open_events(struct nl80211 **out)
{
	static const char *const groups[] = { "config", "mlme", "regulatory", "scan" };
	struct nl80211 *nl;
	size_t i;
	int r = nl80211_open(&nl);

	if (r < 0)
		return r;
	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		int id = genl_ctrl_resolve_grp(nl->sk, NL80211_GENL_NAME, groups[i]);

		if (id < 0 || nl_socket_add_membership(nl->sk, id) < 0) {
			nl80211_close(nl);
			return -ENOENT;
		}
	}
	*out = nl;
	return 0;
}

void nl80211_close(struct nl80211 *nl)
{
	if (!nl)
		return;
	nl_socket_free(nl->sk);
	free(nl);
}

int nl80211_fd(const struct nl80211 *nl)
{
	return nl->fd;
}

const char *nl80211_said(const struct nl80211 *nl)
{
	return nl->said;
}

/* One datagram of the kernel's into *view. 1; 0: nothing there; -errno. */
static int receive(struct nl80211 *nl, struct nl_view *view)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { nl->datagram, sizeof(nl->datagram) };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1
	};
	ssize_t n = recvmsg(nl->fd, &msg, MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	if (msg.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	/* Any process may send to a netlink port: only the kernel has port 0. */
	if (msg.msg_namelen != sizeof(from) || from.nl_pid != 0)
		n = 0;
	*view = (struct nl_view){ nl->datagram, (size_t)n };
	return 1;
}

static int wait_readable(int fd, uint64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t now = clock_mono_ms();
	int r;

	if (now >= deadline)
		return -ETIMEDOUT;
	r = poll(&p, 1, (int)(deadline - now));
	if (r < 0)
		return errno == EINTR ? 0 : -errno;
	return r ? 0 : -ETIMEDOUT;
}

/* What one call gathers from several datagrams. */
struct call {
	nl80211_each_fn fn;
	void *arg;
	int result;
	bool disturbed, done;
};

static void handle(struct nl80211 *nl, struct call *c, const struct nl_head *h)
{
	int r;

	if (h->seq != nl->seq || h->pid != nl->port) /* late answer to a request given up */
		return;
	if (h->flags & NLM_F_DUMP_INTR)
		c->disturbed = true;
	if (h->type == NLMSG_ERROR || h->type == NLMSG_DONE) {
		c->done = true;
		nl_error_text(h, nl->said, sizeof(nl->said));
		if (!c->result)
			c->result = h->error;
		return;
	}
	if (h->type != nl->family || c->result || !c->fn)
		return;
	r = c->fn(c->arg, h);
	if (r < 0)
		c->result = r;
}

static int transmit(struct nl80211 *nl, struct nl_request *q)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct iovec iov = { q->bytes, q->len };
	const struct msghdr msg = {
		.msg_name = &kernel, .msg_namelen = sizeof(kernel), .msg_iov = &iov, .msg_iovlen = 1
	};

	if (!q->len)
		return -EINVAL;
	nl->seq++;
	nl->said[0] = '\0';
	memcpy(q->bytes + offsetof(struct nlmsghdr, nlmsg_seq), &nl->seq, sizeof(nl->seq));
	memcpy(q->bytes + offsetof(struct nlmsghdr, nlmsg_pid), &nl->port, sizeof(nl->port));
	if (sendmsg(nl->fd, &msg, 0) < 0) /* not sendto(): the filters leave that to others */
		return -errno;
	return 0;
}

int nl80211_call(struct nl80211 *nl, struct nl_request *q, nl80211_each_fn fn, void *arg,
		 int timeout_ms)
{
	const uint64_t deadline = clock_mono_ms() + (uint64_t)timeout_ms;
	struct call c = { .fn = fn, .arg = arg };
	struct nl_view view;
	struct nl_head h;
	int r;

	if (!nl80211_family(nl))
		return -ENODEV;
	if ((r = transmit(nl, q)) < 0)
		return r;
	while (!c.done) {
		if ((r = receive(nl, &view)) < 0)
			return r;
		if (r == 0) {
			if ((r = wait_readable(nl->fd, deadline)) < 0)
				return r;
			continue;
		}
		while (!c.done && (r = nl_message(&view, &h)) > 0)
			handle(nl, &c, &h);
		if (r < 0)
			return r;
	}
	if (c.result)
		return c.result;
	return c.disturbed ? -EINTR : 0;
}

int nl80211_events(struct nl80211 *nl, nl80211_each_fn fn, void *arg)
{
	struct nl_view view;
	struct nl_head h;
	int r;

	while ((r = receive(nl, &view)) > 0)
		while ((r = nl_message(&view, &h)) > 0)
			if (h.type == nl->family && (r = fn(arg, &h)) < 0)
				return r;
	return r;
}

static int dump(struct nl80211 *nl, void (*build)(struct nl_request *, uint16_t),
		nl80211_each_fn fn, void *table, size_t size)
{
	struct nl_request q;
	int r = 0, i;

	memset(table, 0, size);
	if (!nl80211_family(nl))
		return 0;
	for (i = 0; i < NL80211_DUMP_TRIES; i++) {
		memset(table, 0, size);
		build(&q, nl->family);
		r = nl80211_call(nl, &q, fn, table, NL80211_DUMP_MS);
		if (r != -EINTR)
			break;
	}
	return r;
}

static int each_wiphy(void *arg, const struct nl_head *h)
{
	return h->cmd == NL80211_CMD_NEW_WIPHY ? nl_wiphys_add(arg, h->attrs) : 0;
}

int nl80211_wiphys(struct nl80211 *nl, struct nl_wiphys *out)
{
	return dump(nl, nl_get_wiphy, each_wiphy, out, sizeof(*out));
}

static int each_iface(void *arg, const struct nl_head *h)
{
	struct nl_ifaces *t = arg;
	int r;

	if (h->cmd != NL80211_CMD_NEW_INTERFACE || t->n == NL_IFACES_MAX)
		return 0;
	r = nl_iface_read(&t->v[t->n], h->attrs);
	if (r > 0)
		t->n++;
	return r < 0 ? r : 0;
}

int nl80211_ifaces(struct nl80211 *nl, struct nl_ifaces *out)
{
	return dump(nl, nl_get_interface, each_iface, out, sizeof(*out));
}

struct stations {
	nl80211_station_fn fn;
	void *arg;
};

static int each_station(void *arg, const struct nl_head *h)
{
	const struct stations *to = arg;
	struct nl_station s;
	int r;

	if (h->cmd != NL80211_CMD_NEW_STATION)
		return 0;
	r = nl_station_read(&s, h->attrs);
	if (r == 0)
		to->fn(to->arg, &s);
	return r;
}

int nl80211_stations(struct nl80211 *nl, uint32_t ifindex, nl80211_station_fn fn, void *arg)
{
	struct stations to = { fn, arg };
	struct nl_request q;

	if (!nl80211_family(nl))
		return 0;
	nl_get_station(&q, nl->family, ifindex);
	/* The kernel does not mark disturbed station dumps: the caller may see one twice. */
	return nl80211_call(nl, &q, each_station, &to, NL80211_DUMP_MS);
}

struct neighbors {
	nl80211_bss_fn fn;
	void *arg;
};

static int each_bss(void *arg, const struct nl_head *h)
{
	const struct neighbors *to = arg;
	struct nl_bss b;

	/* One that can't be read is somebody's odd beacon, not the end of the list. */
	if (h->cmd == NL80211_CMD_NEW_SCAN_RESULTS && nl_bss_read(&b, h->attrs) > 0)
		to->fn(to->arg, &b);
	return 0;
}

int nl80211_scan_results(struct nl80211 *nl, uint32_t ifindex, nl80211_bss_fn fn, void *arg)
{
	struct neighbors to = { fn, arg };
	struct nl_request q;

	if (!nl80211_family(nl))
		return -ENODEV;
	nl_get_scan(&q, nl->family, ifindex);
	return nl80211_call(nl, &q, each_bss, &to, NL80211_DUMP_MS);
}

struct surveys {
	nl80211_survey_fn fn;
	void *arg;
};

static int each_survey(void *arg, const struct nl_head *h)
{
	const struct surveys *to = arg;
	struct nl_survey s;

	/* A channel of which the driver knows nothing comes without a frequency. */
	if (h->cmd == NL80211_CMD_NEW_SURVEY_RESULTS && nl_survey_read(&s, h->attrs) == 0)
		to->fn(to->arg, &s);
	return 0;
}

int nl80211_survey(struct nl80211 *nl, uint32_t ifindex, nl80211_survey_fn fn, void *arg)
{
	struct surveys to = { fn, arg };
	struct nl_request q;

	if (!nl80211_family(nl))
		return -ENODEV;
	nl_get_survey(&q, nl->family, ifindex);
	return nl80211_call(nl, &q, each_survey, &to, NL80211_DUMP_MS);
}

static int each_reg(void *arg, const struct nl_head *h)
{
	return h->cmd == NL80211_CMD_GET_REG ? nl_reg_read(arg, h->attrs) : 0;
}

int nl80211_reg(struct nl80211 *nl, uint32_t wiphy, struct nl_reg *out)
{
	struct nl_request q;

	memset(out, 0, sizeof(*out));
	if (!nl80211_family(nl))
		return -ENODEV;
	nl_get_reg(&q, nl->family, wiphy);
	return nl80211_call(nl, &q, each_reg, out, NL80211_DUMP_MS);
}
