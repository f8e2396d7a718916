/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ipc/radio.h"

/*
 * Messages of the station role: what the box's own stations (TR-181 EndPoint) shall join, all of
 * them at once. The interfaces are the operator's, sallyport.conf's station.interfaces; the agent,
 * which may be hostile, names them by their place in that list.
 *
 * A plan holds when wpa_supplicant has each network as it is said here and nothing else. Whether
 * there is such an access point, and whether it lets the box in, is what the kernel tells.
 */
#define STATION_MAX 4 /* interfaces in station.interfaces */

/* One station and the network that it joins. */
struct station_network {
	uint32_t station;  /* its place in station.interfaces, from 0 */
	uint32_t security; /* enum radio_security; not WEP, not the enterprise modes */
	uint8_t mfp;	   /* enum radio_mfp */
	uint8_t has_psk;   /* a pre-shared key instead of a passphrase; not with SAE */
	uint8_t ssid_len;
	uint8_t zero;
	uint8_t ssid[RADIO_SSID_MAX];	       /* any bytes, zero behind ssid_len */
	char passphrase[RADIO_PASSPHRASE_MAX]; /* secret; "" with a pre-shared key or none */
	uint8_t psk[RADIO_PSK_LEN];	       /* secret; meaningful with has_psk, zero without */
};

/* STATION_APPLY. A station that is not in it is taken down. What holds already is left alone. */
struct station_plan {
	uint32_t count;	   /* networks; those behind are zero */
	uint32_t standing; /* 1: as in plan_begin */
	struct station_network network[STATION_MAX];
};

/* The answer. On an error the plan before holds again (a standing one is tried again instead). */
struct station_done {
	int32_t error;	  /* 0 or -errno, as in the frame's status */
	uint32_t station; /* what it is about; UINT32_MAX: nothing in particular */
	uint32_t field;	  /* enum plan_field; PLAN_FIELD_WIPHY: no such station, or twice */
	char why[96];	  /* for the log and the fault string; printable, no secret */
};

/* STATION_STATE: has wpa_supplicant the network of this station? Told when it changes, also while
 * STATION_APPLY is at work; of no station it has when the agent connects. */
struct station_state {
	uint32_t station; /* its place in station.interfaces, from 0 */
	uint32_t holds;	  /* 0, 1 */
};
