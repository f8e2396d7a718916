/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "agent/dialer/addr.h"
#include "agent/dialer/dialer.h"
#include "lib/array.h"
#include "lib/conf.h"
#include "lib/log.h"

/* Ports below 1024 other than the web's are never an ACS, but mail, shells and file shares. */
static const struct {
	enum dial_purpose purpose;
	const char *key, *def;
} port_keys[] = {
	{ DIAL_FOR_ACS, "dialer.ports.acs", "80 443 1024-65535" },
	{ DIAL_FOR_TRANSFER, "dialer.ports.transfer", "80 443 1024-65535" },
	{ DIAL_FOR_STUN, "dialer.ports.stun", "1024-65535" },
	{ DIAL_FOR_DIAGNOSTICS, "dialer.ports.diagnostics", "80 443 1024-65535" },
	{ DIAL_FOR_NAMES, "dialer.ports.names", "53" },
	{ DIAL_FOR_ECHO, "dialer.ports.echo", "7 1024-65535" },
};

int dialer_config_read(struct dialer_config *out, const struct conf *conf)
{
	const char *address = conf_str(conf, "connreq.address", "");
	const char *device = conf_str(conf, "wan.interface", "");
	long port = conf_int(conf, "connreq.port", 7547, 1, UINT16_MAX);
	int loopback = conf_bool(conf, "dialer.allow_loopback", false);
	int private = conf_bool(conf, "dialer.allow_private", true);
	int r;

	memset(out, 0, sizeof(*out));
	if (loopback < 0 || private < 0 || port == LONG_MIN)
		return -EINVAL;
	out->egress.allow_loopback = loopback;
	out->egress.allow_private = private;
	for (size_t i = 0; i < ARRAY_SIZE(port_keys); i++) {
		const char *text = conf_str(conf, port_keys[i].key, port_keys[i].def);

		r = egress_parse_ports(&out->egress.ports[port_keys[i].purpose], text);
		if (r) {
			log_err("%s: ports like \"80 443 1024-65535\" are wanted, not \"%s\"",
				port_keys[i].key, text);
			return r;
		}
	}
	if (strlen(device) >= sizeof(out->device)) {
		log_err("wan.interface: \"%s\" is no name of an interface", device);
		return -EINVAL;
	}
	memcpy(out->device, device, strlen(device) + 1);
	if (*address && dial_addr_parse(&out->listen_addr, address, 0)) {
		log_err("connreq.address: an IPv4 or IPv6 address is wanted, not \"%s\"", address);
		return -EINVAL;
	}
	out->listen_addr.port = (uint16_t)port;
	out->run_dir = conf_str(conf, "run.dir", "/run/sallyport");
	r = conf_user(conf, "user.dialer", &out->uid, &out->gid);
	if (!r)
		r = conf_user(conf, "user.agent", &out->agent_uid, &out->agent_gid);
	return r;
}
