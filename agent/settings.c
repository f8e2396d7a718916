/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "agent/agent.h"
#include "config.h"
#include "lib/conf.h"

#define SYSTEM_CA "/etc/ssl/certs/ca-certificates.crt"
/* A box that is somebody's station mostly reaches its ACS that way. */
#ifdef CONFIG_ROLE_STATION
#define CONFIRM_PATHS "Device.WiFi.EndPoint."
#else
#define CONFIRM_PATHS ""
#endif

int agent_settings_read(struct agent_settings *out, const struct conf *conf)
{
	long port = conf_int(conf, "connreq.port", 7547, 1, UINT16_MAX);
	long unauth = conf_int(conf, "connreq.unauth_per_minute", 30, 1, 10000);
	long delay = conf_int(conf, "inform.random_delay", 0, 0, 86400);
	long confirm = conf_int(conf, "confirm.seconds", 600, 1, 86400);
	int allow_http = conf_bool(conf, "acs.allow_http", false);
	int compat = conf_bool(conf, "acs.tls_compat", false);
	int sha256 = conf_bool(conf, "connreq.sha256", false);
	int r;

	memset(out, 0, sizeof(*out));
	if (delay == LONG_MIN || port == LONG_MIN || unauth == LONG_MIN || allow_http < 0 ||
	    compat < 0 || sha256 < 0 || confirm == LONG_MIN)
		return -EINVAL;
	out->state_dir = conf_str(conf, "state.dir", "/var/lib/sallyport");
	out->run_dir = conf_str(conf, "run.dir", "/run/sallyport");
	out->factory_file = conf_str(conf, "factory.file", "/etc/sallyport/factory.conf");
	out->boot_id_file = conf_str(conf, "boot_id.file", "/proc/sys/kernel/random/boot_id");
	out->leases_file = conf_str(conf, "hosts.leases", "");
	out->discovery_file = conf_str(conf, "discovery.file", "/run/sallyport-dhcp/acs");
	out->device_type = conf_str(conf, "device_type.url", "");
	out->vendor_file = conf_str(conf, "vendor.file", "");
	out->ca_file = conf_str(conf, "acs.ca_file", "");
	out->system_ca = !*out->ca_file;
	if (out->system_ca)
		out->ca_file = SYSTEM_CA;
	out->cert_file = conf_str(conf, "acs.cert_file", "");
	out->key_file = conf_str(conf, "acs.key_file", "");
	out->allow_http = allow_http;
	out->tls_compat = compat;
	out->connreq_sha256 = sha256;
	out->confirm_paths = conf_str(conf, "confirm.paths", CONFIRM_PATHS);
	out->confirm_s = (uint32_t)confirm;
	out->random_delay = (uint32_t)delay;
	out->connreq_port = (uint16_t)port;
	out->connreq_unauth = (uint32_t)unauth;
	r = conf_user(conf, "user.agent", &out->uid, &out->gid);
	if (!r)
		r = conf_user(conf, "user.dialer", &out->dialer_uid, &out->dialer_gid);
	return r;
}
