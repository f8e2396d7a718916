/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Netlink attributes as they stand in a message: pure reading, no allocation, no socket. The
 * bytes may come from anywhere; nothing is read beyond `len`.
 *
 * A reader lists what it wants and where it goes; what it does not list is passed over (newer
 * kernels send more), but what it lists has to be there once and in the right size:
 *
 *	const struct nl_want want[] = {
 *		NL_NEED(NL80211_ATTR_IFINDEX, NL_U32, &ifindex),
 *		NL_MAY(NL80211_ATTR_SSID, NL_BYTES, &ssid),
 *	};
 *	r = nl_read(attrs, want, ARRAY_SIZE(want));
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct nl_view {
	const uint8_t *p;
	size_t len;
};

enum nl_kind {
	NL_U8,	  /* uint8_t */
	NL_U16,	  /* uint16_t */
	NL_U32,	  /* uint32_t */
	NL_S32,	  /* int32_t */
	NL_U64,	  /* uint64_t */
	NL_S8,	  /* int8_t */
	NL_FLAG,  /* bool: there, and empty */
	NL_MAC,	  /* uint8_t[6] */
	NL_TEXT,  /* char[size]: terminated, no NUL before the last byte, at most size */
	NL_BYTES, /* struct nl_view into the message, at most `size` bytes when size is not 0 */
	NL_NEST,  /* struct nl_view of the attributes inside */
};

struct nl_want {
	uint16_t type;
	uint8_t kind; /* enum nl_kind */
	uint8_t need; /* 1: -ENOENT when it is not there */
	uint32_t size;
	void *out; /* untouched when the attribute is not there */
};

#define NL_NEED(t, k, o)                                        \
	{                                                       \
		.type = (t), .kind = (k), .need = 1, .out = (o) \
	}
#define NL_MAY(t, k, o)                              \
	{                                            \
		.type = (t), .kind = (k), .out = (o) \
	}
#define NL_MAY_SIZE(t, k, o, n)                                   \
	{                                                         \
		.type = (t), .kind = (k), .size = (n), .out = (o) \
	}
#define NL_NEED_SIZE(t, k, o, n)                                             \
	{                                                                    \
		.type = (t), .kind = (k), .need = 1, .size = (n), .out = (o) \
	}
#define NL_WANT_MAX 64

/*
 * 0; -EBADMSG the attributes overrun their room, -EINVAL one of them has a length that its kind
 * can't have, -EALREADY one comes twice, -ENOENT a needed one is missing. On an error some of the
 * outputs may have been written: use none.
 */
int nl_read(struct nl_view attrs, const struct nl_want *want, size_t n);

/*
 * Walks a list: takes the next attribute off the front of *rest. 1 and *type, *value; 0 at the
 * end; -EBADMSG when it does not fit.
 */
int nl_next(struct nl_view *rest, uint16_t *type, struct nl_view *value);

/* The first fixed bytes of a netlink message. */
struct nl_head {
	uint16_t type; /* NLMSG_DONE, NLMSG_ERROR or the family's id */
	uint16_t flags;
	uint32_t seq, pid;
	uint8_t cmd, version; /* of the generic netlink header; 0 when there is none */
	int error;	      /* of NLMSG_ERROR and NLMSG_DONE: 0 or -errno */
	struct nl_view attrs; /* of NLMSG_ERROR: those of the extended ack */
};

/*
 * Takes the next message off the front of a datagram. 1; 0 at the end; -EBADMSG when a length
 * does not fit (nothing more is read from such a datagram).
 */
int nl_message(struct nl_view *datagram, struct nl_head *head);
/* The kernel's own words (NLMSGERR_ATTR_MSG), "" when it sent none. Made printable. */
void nl_error_text(const struct nl_head *head, char *out, size_t size);
