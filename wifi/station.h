/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network of one of the box's own stations (ipc/station.h) as it is checked and written down
 * for wpa_supplicant. Pure.
 */
#pragma once

#include "ipc/station.h"
#include "lib/buf.h"
#include "wifi/plan.h"

/*
 * May a station join this? The agent may be hostile here. radio: the kernel's view of the station's
 * radio, NULL: its ciphers are not looked at. 0, or -errno and *done.
 */
int station_check(const struct station_network *, const struct nl_wiphy *radio,
		  struct station_done *done);
int station_refuse(struct station_done *, int error, uint32_t station, enum plan_field field,
		   const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Lines of "NAME VALUE" for wpa_supplicant's SET_NETWORK, each with its line end. No byte of the
 * network can become another line. out holds a key. */
void station_settings(struct buf *out, const struct station_network *);
