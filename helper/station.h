/* SPDX-License-Identifier: Apache-2.0 */
/* The station role's own state. What a network takes is in wifi/, as pure code. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "helper/ctrl_socket.h"
#include "helper/role.h"
#include "ipc/station.h"
#include "nl80211/build.h"

/* What wpa_supplicant knows of an interface, as far as the role knows. */
enum joiner_state {
	JOINER_UNKNOWN, /* nothing to build on: it is taken away before anything else */
	JOINER_OUT,	/* not its own */
	JOINER_IN,	/* added by this process, with one network that is in use */
};

/* One interface of station.interfaces. */
struct joiner {
	char name[NL_IFNAME_MAX];
	enum joiner_state state;
	unsigned int id;	   /* wpa_supplicant's number of the network, JOINER_IN */
	bool has_next;		   /* another one is being made ready beside it */
	unsigned int next;	   /* its number */
	struct station_network is; /* JOINER_IN */
	bool told;		   /* the agent takes it that it is JOINER_IN */
};

struct station_role {
	struct role_io *io;
	struct ctrl_socket ctrl;
	const char *file;   /* that wpa_supplicant begins an interface with; "": none */
	const char *socket; /* name of the control socket in its folder */
	int folder;	    /* inotify on that, -1: none */
	char mark[32];	    /* of the networks that this process made */
	unsigned int n;
	struct joiner joiners[STATION_MAX];
	struct station_plan next;
	struct station_plan now; /* what shall hold: the last one accepted */
	bool holds;		 /* ... and does, as far as is known */
	uint64_t retry_at;	 /* ms; when to look (again) */
	uint32_t retry_ms;
	char complaint[96]; /* last said in the log, so that it is said once */
};

/*
 * station_join.c. Makes the plan hold. 0, or -errno and *done. Nothing that holds is touched before
 * wpa_supplicant has taken each of the new networks; of a standing plan as much is done as can be,
 * and the first failure is told.
 */
int station_apply(struct station_role *, const struct station_plan *, struct station_done *done);
/* Has wpa_supplicant still what it was given? 0, -EREMOTEIO: not all of it, and that is known now;
 * else what asking met with. */
int station_look(struct station_role *);
const char *station_why(int error);
const struct station_network *station_wanted(const struct station_plan *, unsigned int station);
