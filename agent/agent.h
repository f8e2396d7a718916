/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "agent/loop.h"
#include "ipc/ipc.h"

struct conf;
struct dial;
struct priv;
struct store;
struct dm;
struct http;
struct connreq;
struct client;
struct transfers;
struct trial_watch;
struct ctl_server;
struct wifi_reader;
struct rt;
struct diags;
struct vendor;

/* What sallyport.conf says, read once before lockdown. Strings belong to conf. */
struct agent_settings {
	const char *state_dir;
	const char *run_dir;
	const char *factory_file;
	const char *boot_id_file;
	const char *leases_file;    /* hosts.leases; "" is none */
	const char *discovery_file; /* discovery.file; "" is none */
	const char *vendor_file;    /* vendor.file; "" is none */
	const char *device_type;    /* device_type.url; "" is none */
	uid_t uid;
	gid_t gid;
	uid_t dialer_uid;
	gid_t dialer_gid;
	bool allow_http;			    /* acs.allow_http */
	bool tls_compat;			    /* acs.tls_compat */
	const char *ca_file, *cert_file, *key_file; /* acs.ca_file...; "" is none */
	bool system_ca;	       /* ca_file is the system's, because none was given */
	bool connreq_sha256;   /* connreq.sha256 */
	uint32_t random_delay; /* inform.random_delay, seconds */
	const char *confirm_paths;
	uint32_t confirm_s; /* confirm.seconds */
	uint16_t connreq_port;
	uint32_t connreq_unauth; /* connreq.unauth_per_minute, of one source */
};

/* 0 or -EINVAL, -ENOENT; logged. */
int agent_settings_read(struct agent_settings *out, const struct conf *conf);

/* The parts of the running agent. One object, made in main() and given to those who need more
 * than their own part. */
struct agent {
	struct loop loop;
	struct conf *conf;
	struct agent_settings set;
	struct dial *dial;     /* agent/dial.h */
	struct priv *priv;     /* agent/priv.h */
	struct store *store;   /* agent/store.h */
	struct vendor *vendor; /* agent/vendor/vendor.h */
	struct dm *dm;	       /* agent/tree/tree.h */
	struct http *http;
	struct connreq *connreq;
	struct client *client;
	struct ctl_server *ctl;		     /* agent/ctl.h */
	struct wifi_reader *wifi;	     /* agent/kernel/wifi.h */
	struct rt *rt;			     /* agent/kernel/rt.h */
	struct transfers *transfers;	     /* agent/transfer/transfer.h */
	struct trial_watch *trial;	     /* agent/trial.h; NULL: no flash role */
	struct diags *diags;		     /* agent/diag/diag.h */
	struct loop_io helper_io[IPC_ROLES]; /* events of a role, and its end */
	int discovery_fd;		     /* inotify on discovery.file's folder; -1: none */
	char boot_id[64];		     /* of this kernel boot */
};

struct dialer_config;

/*
 * Everything that needs a file, a socket or a name, then the sandbox. dialer: for the fork, when no
 * dialer runs as a service. 0, or -errno after one log line that says what failed.
 */
int agent_start(struct agent *agent, const struct dialer_config *dialer);
