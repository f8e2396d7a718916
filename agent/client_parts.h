/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the client, for agent/client*.c only. */
#pragma once

#include "agent/agent.h"
#include "agent/client.h"
#include "agent/confirm.h"
#include "agent/confirm_kept.h"
#include "agent/cwmp/rpc.h"
#include "agent/cwmp/schedule.h"
#include "agent/cwmp/session.h"
#include "agent/kernel/rt.h"
#include "agent/loop.h"
#include "agent/tr181/management_server.h"
#include "agent/tree/tree.h"
#include "config.h"
#include "ipc/dialer.h"
#include "lib/limits.h"

#define CONNREQ_PATH_MAX 36 /* "/" and 16 bytes in hex */
#define CONNREQ_URL_MAX 128
/* The URL whose ACS has answered a BOOTSTRAP. */
#define CLIENT_KEY_BOOTSTRAP "@bootstrap"

/* What the ACS wants done when the session is over. */
enum client_command { CLIENT_NOTHING, CLIENT_REBOOT, CLIENT_FACTORY_RESET };

struct client {
	struct agent *agent;
	struct cwmp_events events;
	struct cwmp_schedule schedule;
	struct loop_timer start;    /* the next session */
	struct loop_timer periodic; /* the next 2 PERIODIC */
	uint64_t anchor_ms;	    /* of the period without a phase */
	uint64_t first_at;	    /* inform.random_delay: no session before; 0: none held back */
	bool synced;		    /* the clock was set when a session ended last */
	bool started;		    /* client_start() is through */

	/* The session of now; NULL between sessions. */
	struct session *session;
	struct http_session *http;
	struct cwmp_env env;
	struct cwmp_ops ops;
	enum client_command command;
	struct loop_timer scheduled; /* the next ScheduleInform */
	struct cwmp_acs acs;	     /* what the ACS at this URL offers */
	uint8_t offer;		     /* the version that it understood */
	bool dialing;
	uint64_t began_ms;
	char url[CWMP_URL_MAX + 1]; /* ManagementServer.URL when the session began */
	unsigned int changed;	    /* enum ms_changed: waits for the end of the session */
	char last_error[128];
	struct loop_io discovery; /* the hook of the DHCP client has written */

	/* client_confirm.c */
	struct {
		struct loop_timer due;
		enum confirm_phase phase;
		bool fresh;    /* the session of now was begun after the last such change */
		bool tried;    /* one has ended without an answer */
		bool answered; /* in a session that is not over yet */
		bool going;    /* to phase, whose values are not set yet */
		unsigned int tries;
		struct dm_guard guard;
		struct kept kept;
		bool covered; /* the transaction of now is of that kind */
		enum dm_origin origin;
		char what[128]; /* one of its parameters, for people */
	} confirm;

	/* client_connreq.c */
	struct loop_timer relisten;
	int listen_id;		      /* of the dialer's answer that is waited for; 0: none */
	struct dial_addr listen_addr; /* what the port is bound to */
	struct dial_addr local;	      /* of the newest ACS connection; family 0: not known */
	char connreq_path[CONNREQ_PATH_MAX];
	char connreq_url[CONNREQ_URL_MAX];

	/* client_address.c */
	struct rt_listener rt;
	struct loop_timer moved; /* something has changed: look when it has settled */
	uint64_t whereabouts;	 /* rt_whereabouts() at the last look */
	int route_id;		 /* as listen_id */
	uint8_t route_family;
#ifdef CONFIG_CONNREQ_UDP
	struct client_udp *udp;
#endif
};

/* client.c */
void client_arm(struct client *c);
/* May sessions be held at all? */
bool client_enabled(const struct client *c);
void client_settings(struct client *c, unsigned int changed);

/* client_session.c */
void client_session_begin(struct client *c);

/* client_record.c: what the store keeps for the client. */
int client_record_load(struct client *c);
/* Raises BOOTSTRAP and BOOT when the records say that the ACS has not heard of them. true: of a
 * BOOTSTRAP, so what an ACS has ordered was another's order. */
bool client_record_boot(struct client *c);
/* Writes what has changed, if anything. */
void client_record_save(struct client *c);

/* client_first.c: the first session after a power cut */
void client_first_boot(struct client *c);
/* next, or later when the first session is held back. */
uint64_t client_first_next(const struct client *c, uint64_t next);

/* client_discovery.c: the ACS that DHCP names */
void client_discovery_start(struct client *c);
/* A session failed; contacted: though the ACS had answered. Perhaps DHCP says something else, or
 * has its turn. A changed URL is told like any other change of it. */
void client_discovery_failed(struct client *c, bool contacted);
/* An ACS is about to be noted as the first that answered. */
void client_discovery_answered(struct client *c);

/* The port is open, or it is known that it stays closed: client.c goes on. */
void client_listening(struct client *c);

#ifdef CONFIG_CONNREQ_HTTP
/* client_connreq.c */
int client_connreq_init(struct client *c);
/* Opens or closes the port as the settings say; client_start() waits for the outcome. */
void client_connreq_apply(struct client *c);
/* The local address of the connection to the ACS. */
void client_connreq_local(struct client *c, const struct dial_addr *local);
/* client_address.c */
void client_address_init(struct client *c);
/* Asks for the address of a connection to the ACS without a session, when it is not known. */
void client_address_learn(struct client *c);
#else
static inline int client_connreq_init(struct client *c)
{
	return 0;
}
static inline void client_connreq_apply(struct client *c)
{
	client_listening(c);
}
static inline void client_connreq_local(struct client *c, const struct dial_addr *local)
{
}
static inline void client_address_init(struct client *c)
{
}
static inline void client_address_learn(struct client *c)
{
}
#endif

/* client_confirm.c: changes that could cut the box off */
void client_confirm_init(struct client *c);
void client_confirm_start(struct client *c);
/* A session begins, has got an HTTP answer, is over. */
void client_confirm_session(struct client *c);
void client_confirm_answered(struct client *c);
void client_confirm_ended(struct client *c);

/* client_udp.c: STUN, and connection requests by UDP */
#ifdef CONFIG_CONNREQ_UDP
int client_udp_init(struct client *c);
/* Begins anew with the settings of now, or stops. */
void client_udp_apply(struct client *c);
/* Other credentials: what was signed with the old ones cannot be replayed. */
void client_udp_forget(struct client *c);
#else
static inline int client_udp_init(struct client *c)
{
	return 0;
}

static inline void client_udp_apply(struct client *c)
{
}
static inline void client_udp_forget(struct client *c)
{
}
#endif

/* client_transfer.c: what the RPCs and own calls of files are to the transfers */
void client_transfer_init(struct client *c);

/* client_command.c: Reboot, FactoryReset, ScheduleInform. */
void client_command_init(struct client *c);
/* At start: what an earlier boot or process had taken down; new_acs: for another ACS. */
void client_command_boot(struct client *c, bool new_acs);
void client_command_arm(struct client *c);
/* Another ACS: what the old one had ordered is not reported to it. */
void client_command_forget(struct client *c);
/* The session is over. Does what was ordered. */
void client_command_run(struct client *c);
