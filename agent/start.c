/* SPDX-License-Identifier: Apache-2.0 */
/* Puts the agent together, in the order in which power is given up. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/client.h"
#include "agent/ctl.h"
#include "agent/dial.h"
#include "agent/diag/diag.h"
#include "agent/dialer/dialer.h"
#include "agent/http/client.h"
#include "agent/kernel/rt.h"
#include "agent/kernel/wifi.h"
#include "agent/kernel/zone.h"
#include "agent/known_time.h"
#include "agent/priv.h"
#include "agent/soap/read.h"
#include "agent/store.h"
#include "agent/tr181/device_type.h"
#include "agent/tr181/dns_client.h"
#include "agent/tr181/management_server.h"
#include "agent/tr181/net.h"
#include "agent/tr181/tr181.h"
#include "agent/tr181/wifi.h"
#include "agent/transfer/transfer.h"
#include "agent/trial.h"
#include "agent/vendor/vendor.h"
#include "config.h"
#include "lib/array.h"
#include "lib/audit.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/text.h"
#include "lib/num.h"
#include "lib/version.h"
#include "seccomp/sandbox.h"

#ifndef BUILD_EPOCH
#error "BUILD_EPOCH comes from agent/Makefile"
#endif

static int failed(const char *what, int r)
{
	log_err("%s: %s", what, strerror(-r));
	return r;
}

static int connect_dialer(const struct agent *a, int *fd)
{
	struct priv p;
	int r;

	priv_init(&p);
	r = priv_connect(&p, IPC_DIALER, a->set.run_dir, a->set.uid, a->set.gid);
	if (r)
		return r;
	*fd = take_fd(&p.role[IPC_DIALER]->fd);
	priv_free(&p);
	return 0;
}

/* As its own user a dialer of ours could be no other; the service manager starts both at once. */
static bool dialer_service(const char *path)
{
	const uint64_t until = clock_mono_ms() + (geteuid() ? AGENT_ROLE_WAIT_MS : 0);
	struct stat st;

	while (stat(path, &st)) {
		if (clock_mono_ms() >= until)
			return false;
		(void)poll(NULL, 0, AGENT_ROLE_POLL_MS);
	}
	return true;
}

/* A service of its own, else a child that is forked now, while there is nothing to inherit. */
static int get_dialer(const struct agent *a, const struct dialer_config *cfg, int *fd)
{
	struct dialer_config own = *cfg;
	char path[128];

	if ((size_t)snprintf(path, sizeof(path), "%s/dialer.sock", a->set.run_dir) >= sizeof(path))
		return -ENAMETOOLONG;
	if (dialer_service(path))
		return connect_dialer(a, fd);
	if (geteuid()) {
		log_warn("started as uid %u and no dialer at %s: it shares this uid", geteuid(),
			 path);
		own.uid = geteuid();
		own.gid = getegid();
	}
	return dialer_fork(&own, fd);
}

static int read_file(const char *path, size_t max, struct buf *out)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char chunk[2048];
	ssize_t n;

	buf_init(out, max);
	if (fd < 0)
		return -errno;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_put(out, chunk, (size_t)n);
	explicit_bzero(chunk, sizeof(chunk));
	if (n < 0)
		return -errno;
	return out->failed ? -EFBIG : 0;
}

static int read_boot_id(struct agent *a)
{
	_cleanup_buf_ struct buf text = { 0 };
	int r = read_file(a->set.boot_id_file, sizeof(a->boot_id) - 1, &text);
	size_t n = strcspn(buf_str(&text), " \t\r\n");

	if (!r && !n)
		r = -ENODATA;
	if (r)
		return failed(a->set.boot_id_file, r);
	memcpy(a->boot_id, text.data, n);
	a->boot_id[n] = '\0';
	return 0;
}

/* The system's CAs may be missing, as long as no https is wanted; what was configured may not. */
static int read_pem(const char *path, bool optional, struct buf *out)
{
	int r = *path ? read_file(path, TLS_FILE_MAX, out) : -ENOENT;

	if (!*path || (r == -ENOENT && optional)) {
		buf_init(out, 1);
		return 0;
	}
	return r ? failed(path, r) : 0;
}

static int start_http(struct agent *a)
{
	_cleanup_buf_ struct buf ca = { 0 }, cert = { 0 };
	struct buf key = { 0 };
	struct http_config cfg = { .allow_http = a->set.allow_http,
				   .body_max = SOAP_BODY_MAX,
				   .user_agent = "sallyport/" SALLYPORT_VERSION,
				   .tls = { .compat = a->set.tls_compat,
					    .not_before = known_time(a->store, BUILD_EPOCH) } };
	int r;

	if ((r = read_pem(a->set.ca_file, a->set.system_ca, &ca)) ||
	    (r = read_pem(a->set.cert_file, false, &cert)) ||
	    (r = read_pem(a->set.key_file, false, &key)))
		goto out;
	cfg.tls.ca = buf_str(&ca);
	cfg.tls.ca_len = ca.len;
	cfg.tls.ca_later = a->set.system_ca;
	cfg.tls.cert = buf_str(&cert);
	cfg.tls.cert_len = cert.len;
	cfg.tls.key = buf_str(&key);
	cfg.tls.key_len = key.len;
	r = http_new(&a->http, &a->loop, a->dial, &cfg);
	if (r)
		failed("cannot prepare HTTP", r);
out:
	buf_wipe(&key);
	return r;
}

static void tell_event(struct agent *a, enum ipc_op op, const void *payload)
{
#ifdef CONFIG_ROLE_STATION
	if (op == IPC_STATION_STATE)
		wifi_station_state(a->dm, payload);
#endif
	diags_event(a->diags, op, payload);
}

/* An event. A role that has gone cannot be reached again from inside of the sandbox: start anew. */
static void role_speaks(void *arg, int fd, uint32_t events)
{
	struct agent *a = arg;
	struct ipc_chan *chan = NULL;
	struct ipc_hdr hdr;
	int r = -EPIPE;

	for (int i = 0; i < IPC_ROLES && !chan; i++)
		if (a->priv->role[i] && a->priv->role[i]->fd == fd)
			chan = a->priv->role[i];
	if (chan)
		r = ipc_recv(chan, &hdr, NULL);
	if (!r && hdr.kind == IPC_KIND_EVENT)
		tell_event(a, hdr.op, chan->rx.payload);
	else if (!r)
		r = ipc_keep(chan);
	if (r && r != -EAGAIN) {
		log_err("the helper is gone");
		loop_quit(&a->loop, 1);
	}
}

#ifdef CONFIG_ROLE_STATION
static void event_in_call(void *arg, enum ipc_op op, const void *payload, int fd)
{
	if (fd >= 0)
		close(fd);
	tell_event(arg, op, payload);
}

/* The first plan is sent before the loop runs. */
static void hear_stations(struct agent *a)
{
	struct ipc_chan *chan = a->priv->role[IPC_STATION];

	if (!chan)
		return;
	chan->on_event = event_in_call;
	chan->arg = a;
}
#endif

static int watch_roles(struct agent *a)
{
	int r = 0;

	for (int i = 0; i < IPC_ROLES && !r; i++) {
		a->helper_io[i].fd = -1;
		if (a->priv->role[i])
			r = loop_io_add(&a->loop, &a->helper_io[i], a->priv->role[i]->fd,
					EPOLLIN | EPOLLRDHUP, role_speaks, a);
	}
	return r;
}

static int connect_roles(struct agent *a)
{
	/* As helper/main.c: a role is there when it has a user. */
	static const struct {
		enum ipc_role role;
		const char *user_key;
	} roles[] = {
#ifdef CONFIG_ROLE_RADIO
		{ IPC_RADIO, "user.radio" },
#endif
#ifdef CONFIG_ROLE_PROBE
		{ IPC_PROBE, "user.probe" },
#endif
#ifdef CONFIG_ROLE_FLASH
		{ IPC_FLASH, "user.flash" },
#endif
#ifdef CONFIG_ROLE_SYSTEM
		{ IPC_SYSTEM, "user.system" },
#endif
#ifdef CONFIG_ROLE_STATION
		{ IPC_STATION, "user.station" },
#endif
	};
	uint64_t until;
	int r;

	a->priv = calloc(1, sizeof(*a->priv));
	if (!a->priv)
		return -ENOMEM;
	priv_init(a->priv);
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		if (!conf_str(a->conf, roles[i].user_key, NULL))
			continue;
		/* The service manager starts both at once: a role may need a moment. */
		until = clock_mono_ms() + AGENT_ROLE_WAIT_MS;
		while ((r = priv_connect(a->priv, roles[i].role, a->set.run_dir, a->set.uid,
					 a->set.gid)) &&
		       clock_mono_ms() < until)
			(void)poll(NULL, 0, AGENT_ROLE_POLL_MS);
		if (r) {
			log_err("cannot reach the helper at %s/%s.sock: %s", a->set.run_dir,
				ipc_role_name(roles[i].role), strerror(-r));
			return r;
		}
	}
	return watch_roles(a);
}

/* Here and not when the ACS asks: nothing of the old life may run while it is thrown away. */
static int reset_if_asked(struct store *store)
{
	int r;

	if (!store_has(store, STORE_KEY_RESET))
		return 0;
	if ((r = store_factory_reset(store)) || (r = store_save(store)))
		return r;
	audit("factory_reset", AUDIT_DONE);
	return 0;
}

static int watch_dhcp(struct agent *a)
{
	char folder[256];
	int r;

	a->discovery_fd = -1;
	if (!text_folder(folder, sizeof(folder), a->set.discovery_file))
		return 0;
	r = client_discovery_watch(folder);
	/* Without the folder there is no hook: this box has its ACS from elsewhere. */
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return failed(folder, r);
	a->discovery_fd = r;
	return 0;
}

static int open_parts(struct agent *a, int dialer)
{
	const struct dm_object *const *own;
	size_t nown;
	int r;

	if ((r = loop_init(&a->loop)))
		return failed("cannot make the event loop", r);
	if ((r = dial_new(&a->dial, &a->loop, dialer)))
		return failed("cannot talk to the dialer", r);
	if ((r = read_boot_id(a)))
		return r;
	if ((r = store_open(&a->store, a->set.state_dir, a->set.factory_file)))
		return failed(a->set.state_dir, r);
	if ((r = reset_if_asked(a->store)))
		return failed("cannot return to the factory layer", r);
	if ((r = vendor_load(&a->vendor, a->set.vendor_file)))
		return r;
	own = vendor_objects(a->vendor, &nown);
	if ((r = tr181_open(&a->dm, a->store, own, nown)) ||
	    (r = vendor_open(a->vendor, a->dm, a->set.run_dir)) ||
	    (r = device_type_init(a->dm, a->set.device_type)))
		return r;
	if ((r = client_confirm_check(a->dm, a->set.confirm_paths)))
		return r;
	ms_allow_http(a->dm, a->set.allow_http);
	if ((r = start_http(a)) || (r = connect_roles(a)) || (r = watch_dhcp(a)))
		return r;
	if ((r = rt_open(&a->rt)) || (r = net_init(a->dm, a->rt, a->set.leases_file)))
		return failed("cannot prepare rtnetlink", r);
#ifdef CONFIG_ROLE_RADIO
	if ((r = wifi_reader_open(&a->wifi)) ||
	    (r = wifi_init(a->dm, a->wifi, a->priv, conf_str(a->conf, "radio.bridges", ""))))
		return failed("cannot prepare WiFi", r);
	a->wifi->stations = conf_str(a->conf, "station.interfaces", "");
#endif
#ifdef CONFIG_ROLE_STATION
	hear_stations(a);
#endif
#ifdef CONFIG_CTL
	if ((r = ctl_open(&a->ctl, a)))
		return r;
#endif
	if ((r = transfers_new(&a->transfers, a)))
		return failed("cannot prepare file transfers", r);
	return 0;
}

static int lock_down(const struct agent *a)
{
	char leases[256], dhcp[256], log[256], zone[256];
	struct sb_path paths[7 + VENDOR_PLACES_MAX] = { { a->set.state_dir, true },
							{ "/proc", false },
							{ "/sys", false } };
	size_t n = 3;

	/* Who writes a file replaces it: what must stay reachable is the folder. */
	if (text_folder(leases, sizeof(leases), a->set.leases_file))
		paths[n++].path = leases;
	if (text_folder(dhcp, sizeof(dhcp), a->set.discovery_file))
		paths[n++].path = dhcp;
	if (text_folder(log, sizeof(log), conf_str(a->conf, "log.system", "")))
		paths[n++].path = log;
	if (zone_place(zone, sizeof(zone)))
		paths[n++].path = zone;
	n += vendor_paths(a->vendor, paths + n, ARRAY_SIZE(paths) - n);

	const struct sb_request req = {
		.role = SB_AGENT, .uid = a->set.uid, .gid = a->set.gid, .paths = paths, .npaths = n
	};

	return sb_enter(&req);
}

int agent_start(struct agent *a, const struct dialer_config *dialer)
{
	int fd, r;

	if ((r = get_dialer(a, dialer, &fd))) {
		log_err("cannot get a dialer, at %s/dialer.sock or by a fork: %s", a->set.run_dir,
			strerror(-r));
		return r;
	}
	if ((r = open_parts(a, fd)))
		return r;
	soap_warm_up();
	if ((r = lock_down(a)))
		return failed("cannot enter the sandbox", r);
	if ((r = net_start(a->dm, &a->loop)))
		return failed("rtnetlink", r);
#ifdef CONFIG_ROLE_RADIO
	(void)wifi_start(a->dm, &a->loop); /* logged; a role that was lost ends the first round */
#endif
	if ((r = dns_client_start(a->dm, a->dial)))
		return failed("name servers", r);
	if ((r = client_new(&a->client, a)))
		return failed("cannot prepare sessions", r);
	if ((r = diags_new(&a->diags, a)))
		return failed("cannot prepare diagnostics", r);
#ifdef CONFIG_ROLE_FLASH
	if ((r = trial_watch_new(&a->trial, a)))
		return failed("cannot watch the image on trial", r);
#endif
	if ((r = vendor_start(a->vendor, &a->loop)))
		return failed("sockets of vendor daemons", r);
#ifdef CONFIG_CTL
	if ((r = ctl_start(a->ctl)))
		return failed("control socket", r);
#endif
	if ((r = client_start(a->client)))
		return r;
	transfers_start(a->transfers);
	return 0;
}
