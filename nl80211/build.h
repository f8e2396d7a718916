/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nl80211 requests that Sallyport can send. There is one function per request and no other
 * way to write a command number: what is not in NL_REQUESTS cannot leave a role (SECURITY I6).
 * Pure: a request is bytes in a caller's struct; nl80211/io.h sends it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* name, NL80211_CMD_x, does it need CAP_NET_ADMIN */
#define NL_REQUESTS(X)                         \
	X(get_wiphy, GET_WIPHY, false)         \
	X(get_interface, GET_INTERFACE, false) \
	X(get_station, GET_STATION, false)     \
	X(get_survey, GET_SURVEY, false)       \
	X(get_reg, GET_REG, false)             \
	X(get_scan, GET_SCAN, false)           \
	X(trigger_scan, TRIGGER_SCAN, true)    \
	X(set_power, SET_WIPHY, true)          \
	X(set_retry, SET_WIPHY, true)          \
	X(new_interface, NEW_INTERFACE, true)  \
	X(del_interface, DEL_INTERFACE, true)  \
	X(req_set_reg, REQ_SET_REG, true)

#define NL_REQUEST_MAX 256 /* the largest request here is under 100 bytes */
#define NL_IFNAME_MAX 16   /* IFNAMSIZ: 15 characters and the NUL */

struct nl_request {
	uint32_t len; /* bytes; 0: something did not fit, must not be sent */
	uint8_t bytes[NL_REQUEST_MAX] __attribute__((aligned(4)));
};

/* family: the id that the kernel gave to nl80211 (nl80211/io.h). seq and port are the sender's. */
void nl_get_wiphy(struct nl_request *, uint16_t family);		     /* dump, split */
void nl_get_interface(struct nl_request *, uint16_t family);		     /* dump */
void nl_get_station(struct nl_request *, uint16_t family, uint32_t ifindex); /* dump */
void nl_get_survey(struct nl_request *, uint16_t family, uint32_t ifindex);  /* dump */
void nl_get_scan(struct nl_request *, uint16_t family, uint32_t ifindex);    /* dump */
void nl_get_reg(struct nl_request *, uint16_t family, uint32_t wiphy);
/* Every channel, for any SSID. What was heard before is forgotten. beacons: an access point is on
 * the air here; it leaves its channel for moments. */
void nl_trigger_scan(struct nl_request *, uint16_t family, uint32_t ifindex, bool beacons);
/* mbm: 1/100 dBm; negative: as much as regulation and hardware allow. */
void nl_set_power(struct nl_request *, uint16_t family, uint32_t wiphy, int32_t mbm);
/* How often a short frame is sent; 1 to 255. */
void nl_set_retry(struct nl_request *, uint16_t family, uint32_t wiphy, uint8_t times);
/* An interface of type AP; address NULL: the kernel's choice. */
void nl_new_interface(struct nl_request *, uint16_t family, uint32_t wiphy, const char *name,
		      const uint8_t *address);
void nl_del_interface(struct nl_request *, uint16_t family, uint32_t ifindex);
/* country: two upper-case letters. */
void nl_req_set_reg(struct nl_request *, uint16_t family, const char *country);
