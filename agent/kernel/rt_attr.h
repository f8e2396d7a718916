/* SPDX-License-Identifier: Apache-2.0 */
/* Reading attributes without trusting their lengths. Shared by rt_parse*.c only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <libmnl/libmnl.h>

/* libmnl's loops with a step that is right for messages of any length (theirs take an int). */
#define each_attr(a, h, offset)                                               \
	for ((a) = mnl_nlmsg_get_payload_offset((h), (offset));               \
	     mnl_attr_ok((a), attr_room((a), mnl_nlmsg_get_payload_tail(h))); \
	     (a) = mnl_attr_next(a))
#define each_nested(a, nest)                                                            \
	for ((a) = mnl_attr_get_payload(nest);                                          \
	     mnl_attr_ok((a), attr_room((a), (const char *)mnl_attr_get_payload(nest) + \
						     mnl_attr_get_payload_len(nest)));  \
	     (a) = mnl_attr_next(a))

static inline int attr_room(const struct nlattr *a, const void *end)
{
	return (int)((const char *)end - (const char *)a);
}

/* Takes the first size octets of the attribute; false when it has fewer. */
static inline bool take(const struct nlattr *a, void *out, size_t size)
{
	if (mnl_attr_get_payload_len(a) < size)
		return false;
	memcpy(out, mnl_attr_get_payload(a), size);
	return true;
}

static inline uint32_t take_u32(const struct nlattr *a)
{
	uint32_t v = 0;

	(void)take(a, &v, sizeof(v));
	return v;
}

static inline uint16_t take_u16(const struct nlattr *a)
{
	uint16_t v = 0;

	(void)take(a, &v, sizeof(v));
	return v;
}

static inline uint8_t take_u8(const struct nlattr *a)
{
	uint8_t v = 0;

	(void)take(a, &v, sizeof(v));
	return v;
}

static inline bool take_mac(const struct nlattr *a, uint8_t mac[6])
{
	return mnl_attr_get_payload_len(a) == 6 && take(a, mac, 6);
}

static inline bool header(const struct nlmsghdr *h, void *out, size_t size)
{
	if (mnl_nlmsg_get_payload_len(h) < size || h->nlmsg_len < MNL_NLMSG_HDRLEN)
		return false;
	memcpy(out, mnl_nlmsg_get_payload(h), size);
	return true;
}
