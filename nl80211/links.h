/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a radio's interface has lost its access point without the caller's doing. nl80211 does
 * not tell: the kernel takes the access points of a hostapd that died down in silence
 * (cfg80211_autodisconnect_wk()). But their links lose the carrier or go, and rtnetlink tells that.
 */
#pragma once

#include <stdbool.h>

#include "nl80211/io.h"

/* Before lockdown: a descriptor to wait for, or -errno. */
int nl_links_open(void);
/* Reads what there is: has one of these links gone, or gone quiet? */
bool nl_links_lost(int fd, const struct nl_ifaces *);
