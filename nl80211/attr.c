/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "lib/array.h"
#include "nl80211/attr.h"

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

int nl_next(struct nl_view *rest, uint16_t *type, struct nl_view *value)
{
	struct nlattr head;
	size_t step;

	if (!rest->len)
		return 0;
	if (rest->len < sizeof(head))
		return -EBADMSG;
	memcpy(&head, rest->p, sizeof(head));
	if (head.nla_len < sizeof(head) || head.nla_len > rest->len)
		return -EBADMSG;
	*type = (uint16_t)(head.nla_type & NLA_TYPE_MASK);
	value->p = rest->p + sizeof(head);
	value->len = head.nla_len - sizeof(head);
	step = align4(head.nla_len);
	if (step > rest->len) /* the last one needs no padding */
		step = rest->len;
	rest->p += step;
	rest->len -= step;
	return 1;
}

static int take_fixed(struct nl_view v, void *out, size_t size)
{
	if (v.len != size)
		return -EINVAL;
	memcpy(out, v.p, size);
	return 0;
}

static int take_text(struct nl_view v, const struct nl_want *w)
{
	/* The kernel sends some names with their NUL and some without. */
	if (v.len && v.p[v.len - 1] == '\0')
		v.len--;
	if (v.len + 1 > w->size || memchr(v.p, '\0', v.len))
		return -EINVAL;
	memcpy(w->out, v.p, v.len);
	((char *)w->out)[v.len] = '\0';
	return 0;
}

static int take(struct nl_view v, const struct nl_want *w)
{
	switch ((enum nl_kind)w->kind) {
	case NL_U8:
	case NL_S8:
		return take_fixed(v, w->out, 1);
	case NL_U16:
		return take_fixed(v, w->out, 2);
	case NL_U32:
	case NL_S32:
		return take_fixed(v, w->out, 4);
	case NL_U64:
		return take_fixed(v, w->out, 8);
	case NL_MAC:
		return take_fixed(v, w->out, 6);
	case NL_FLAG:
		if (v.len)
			return -EINVAL;
		*(bool *)w->out = true;
		return 0;
	case NL_TEXT:
		return take_text(v, w);
	case NL_BYTES:
		if (w->size && v.len > w->size)
			return -EINVAL;
		*(struct nl_view *)w->out = v;
		return 0;
	case NL_NEST:
		*(struct nl_view *)w->out = v;
		return 0;
	}
	return -EINVAL;
}

int nl_read(struct nl_view attrs, const struct nl_want *want, size_t n)
{
	uint64_t seen = 0;
	struct nl_view v;
	uint16_t type;
	size_t i;
	int r;

	if (n > NL_WANT_MAX)
		return -EINVAL;
	while ((r = nl_next(&attrs, &type, &v)) > 0) {
		for (i = 0; i < n && want[i].type != type; i++)
			;
		if (i == n)
			continue;
		if (seen & UINT64_C(1) << i)
			return -EALREADY;
		seen |= UINT64_C(1) << i;
		if ((r = take(v, &want[i])) < 0)
			return r;
	}
	if (r < 0)
		return r;
	for (i = 0; i < n; i++)
		if (want[i].need && !(seen & UINT64_C(1) << i))
			return -ENOENT;
	return 0;
}

/*
 * struct nlmsgerr: an int, then the header of the request it answers. With NLM_F_CAPPED only that
 * header is repeated, otherwise the whole request stands before the attributes.
 */
static int read_error(struct nl_view body, struct nl_head *head)
{
	struct nlmsghdr echo;
	size_t skip;

	if (body.len < sizeof(int))
		return -EBADMSG;
	memcpy(&head->error, body.p, sizeof(int));
	head->attrs = (struct nl_view){ body.p, 0 };
	if (head->error > 0 || head->error < -4095)
		return -EBADMSG;
	if (!(head->flags & NLM_F_ACK_TLVS) || head->type == NLMSG_DONE)
		return 1;
	if (body.len < sizeof(int) + sizeof(echo))
		return -EBADMSG;
	memcpy(&echo, body.p + sizeof(int), sizeof(echo));
	skip = sizeof(int) + sizeof(echo);
	if (!(head->flags & NLM_F_CAPPED)) {
		if (echo.nlmsg_len < sizeof(echo) || echo.nlmsg_len > body.len - sizeof(int))
			return -EBADMSG;
		skip = sizeof(int) + align4(echo.nlmsg_len);
	}
	if (skip > body.len)
		return -EBADMSG;
	head->attrs = (struct nl_view){ body.p + skip, body.len - skip };
	return 1;
}

int nl_message(struct nl_view *datagram, struct nl_head *head)
{
	struct nl_view body;
	struct nlmsghdr h;
	struct genlmsghdr g;
	size_t step;

	if (!datagram->len)
		return 0;
	if (datagram->len < sizeof(h))
		return -EBADMSG;
	memcpy(&h, datagram->p, sizeof(h));
	if (h.nlmsg_len < sizeof(h) || h.nlmsg_len > datagram->len)
		return -EBADMSG;
	body = (struct nl_view){ datagram->p + sizeof(h), h.nlmsg_len - sizeof(h) };
	step = align4(h.nlmsg_len);
	if (step > datagram->len)
		step = datagram->len;
	datagram->p += step;
	datagram->len -= step;

	*head = (struct nl_head){
		.type = h.nlmsg_type, .flags = h.nlmsg_flags, .seq = h.nlmsg_seq, .pid = h.nlmsg_pid
	};
	if (h.nlmsg_type == NLMSG_ERROR || h.nlmsg_type == NLMSG_DONE)
		return read_error(body, head);
	if (h.nlmsg_type < NLMSG_MIN_TYPE) /* NOOP, OVERRUN: nothing in them */
		return 1;
	if (body.len < sizeof(g))
		return -EBADMSG;
	memcpy(&g, body.p, sizeof(g));
	head->cmd = g.cmd;
	head->version = g.version;
	head->attrs = (struct nl_view){ body.p + sizeof(g), body.len - sizeof(g) };
	return 1;
}

void nl_error_text(const struct nl_head *head, char *out, size_t size)
{
	struct nl_view text = { NULL, 0 };
	const struct nl_want want[] = { NL_MAY(NLMSGERR_ATTR_MSG, NL_BYTES, &text) };
	size_t n = 0;

	if (!size)
		return;
	if (head->type == NLMSG_ERROR && nl_read(head->attrs, want, ARRAY_SIZE(want)) == 0)
		for (; n < text.len && n + 1 < size && text.p[n]; n++)
			out[n] = text.p[n] >= 0x20 && text.p[n] < 0x7f ? (char)text.p[n] : '?';
	out[n] = '\0';
}
