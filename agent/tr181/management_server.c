/* SPDX-License-Identifier: Apache-2.0 */
/* Device.ManagementServer. (TR-181 2.19.1) */
#include "agent/tr181/management_server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/cwmp/session.h"
#include "agent/http/url.h"
#include "agent/tree/rows.h"
#include "config.h"
#include "lib/clock.h"

struct ms {
	struct dm *dm;
	struct ms_settings set;
	bool allow_http;
	char *connreq_url;
	char udp_address[64];
	bool nat;
	ms_changed_fn fn;
	void *arg;
};

static struct ms *ms_of(struct dm *dm)
{
	return dm_ctx(dm_single(dm, &management_server));
}

static enum dm_error get_connreq_url(struct dm_inst *in, const struct dm_param *p,
				     struct dm_sink *sink)
{
	const struct ms *ms = dm_ctx(in);

	if (ms && ms->connreq_url)
		dm_put_const(sink, ms->connreq_url, strlen(ms->connreq_url));
	return DM_OK;
}

#ifdef CONFIG_CONNREQ_UDP
static enum dm_error get_udp_address(struct dm_inst *in, const struct dm_param *p,
				     struct dm_sink *sink)
{
	const struct ms *ms = dm_ctx(in);

	dm_put_str(sink, ms ? ms->udp_address : "");
	return DM_OK;
}

static enum dm_error get_nat(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct ms *ms = dm_ctx(in);

	dm_put_bool(sink, ms && ms->nat);
	return DM_OK;
}
#endif

/* Whether the session layer takes [alias] in paths. */
static enum dm_error get_alias_based(struct dm_inst *in, const struct dm_param *p,
				     struct dm_sink *sink)
{
	dm_put_bool(sink, dm_alias_allowed(dm_inst_dm(in)));
	return DM_OK;
}

/* What the agent could never dial must not be stored: the box would be lost to its ACS. */
static enum dm_error check_url(struct dm_txn *txn, struct dm_inst *in, const struct dm_param *p,
			       const char *value, size_t len)
{
	const struct ms *ms = dm_ctx(in);
	static struct url url;

	if (!len)
		return DM_OK;
	if (!strncasecmp(value, "http://", 7) && ms && !ms->allow_http)
		return dm_refuse(txn, in, p->name, DM_EVALUE,
				 "The URL is refused: this device allows https only");
	if (session_redirect_refused(value, value, false) || url_parse(&url, value) ||
	    strcspn(value, "\"<>^`{}|") != len)
		return dm_refuse(txn, in, p->name, DM_EVALUE,
				 "The URL is refused: allowed is https://host[:port]/path%s",
				 ms && ms->allow_http ? " or http://" : "");
	return DM_OK;
}

static enum dm_error get_connreq_methods(struct dm_inst *in, const struct dm_param *p,
					 struct dm_sink *sink)
{
#ifdef CONFIG_CONNREQ_HTTP
	dm_put_item(sink, "HTTP", 4);
#endif
#ifdef CONFIG_CONNREQ_UDP
	dm_put_item(sink, "STUN", 4);
#endif
	return DM_OK;
}

#ifdef CONFIG_CWMP_ALIAS
static const char *const instance_modes[] = { "InstanceNumber", "InstanceAlias", NULL };
#endif
static const char *const connreq_methods[] = { "HTTP", "STUN", "XMPP", NULL };

#define FACTORY_LAYER "set by the ACS; factory layer"

static const struct dm_param params[] = {
	{ "EnableCWMP", DM_BOOL, DM_RW, .def = "true", .source = FACTORY_LAYER },
	{ "URL", DM_STRING, DM_RW, DM_MAXLEN(2048), .check = check_url, .source = FACTORY_LAYER },
	{ "Username", DM_STRING, DM_RW, DM_MAXLEN(256), .source = FACTORY_LAYER },
	{ "Password", DM_STRING, DM_RW, DM_MAXLEN(256), .flags = DM_SECRET,
	  .source = FACTORY_LAYER },
	{ "PeriodicInformEnable", DM_BOOL, DM_RW, .def = "true", .source = FACTORY_LAYER },
	{ "PeriodicInformInterval", DM_UINT, DM_RW, DM_RANGE(1, DM_NOMAX), .def = "86400",
	  .source = FACTORY_LAYER },
	{ "PeriodicInformTime", DM_DATETIME, DM_RW, .source = FACTORY_LAYER },
	{ "ParameterKey", DM_STRING, DM_RO, DM_MAXLEN(32), .flags = DM_FORCED_INFORM,
	  .notify = DM_CAN_DENY, .source = "the ACS's last change" },
	{ "ConnectionRequestURL", DM_STRING, DM_RO, DM_MAXLEN(2048), .get = get_connreq_url,
	  .flags = DM_FORCED_INFORM | DM_EVENTED, .notify = DM_DEFAULT_ACTIVE,
	  .source = "the port that listens and the local address of the ACS connection" },
	{ "ConnectionRequestUsername", DM_STRING, DM_RW, DM_MAXLEN(256), .source = FACTORY_LAYER },
	{ "ConnectionRequestPassword", DM_STRING, DM_RW, DM_MAXLEN(256), .flags = DM_SECRET,
	  .source = FACTORY_LAYER },
	{ "UpgradesManaged", DM_BOOL, DM_RW, .source = FACTORY_LAYER },
	{ "DefaultActiveNotificationThrottle", DM_UINT, DM_RW, .source = FACTORY_LAYER },
	{ "CWMPRetryMinimumWaitInterval", DM_UINT, DM_RW, DM_RANGE(1, 65535), .def = "5",
	  .source = FACTORY_LAYER },
	{ "CWMPRetryIntervalMultiplier", DM_UINT, DM_RW, DM_RANGE(1000, 65535), .def = "2000",
	  .source = FACTORY_LAYER },
#ifdef CONFIG_CONNREQ_HTTP
	{ "HTTPConnectionRequestEnable", DM_BOOL, DM_RW, .def = "true", .source = FACTORY_LAYER },
#endif
#ifdef CONFIG_CONNREQ_UDP
	{ "UDPConnectionRequestAddress", DM_STRING, DM_RO, DM_MAXLEN(256), .get = get_udp_address,
	  .flags = DM_EVENTED, .source = "the STUN server's answer" },
	{ "STUNEnable", DM_BOOL, DM_RW, .source = FACTORY_LAYER },
	{ "STUNServerAddress", DM_STRING, DM_RW, DM_MAXLEN(256), .max_octets = 255,
	  .source = FACTORY_LAYER },
	{ "STUNServerPort", DM_UINT, DM_RW, DM_RANGE(0, 65535), .def = "3478",
	  .source = FACTORY_LAYER },
	{ "STUNUsername", DM_STRING, DM_RW, DM_MAXLEN(256), .source = FACTORY_LAYER },
	{ "STUNPassword", DM_STRING, DM_RW, DM_MAXLEN(256), .flags = DM_SECRET,
	  .source = FACTORY_LAYER },
	{ "STUNMaximumKeepAlivePeriod", DM_INT, DM_RW, DM_RANGE(-1, DM_NOMAX), .def = "-1",
	  .source = FACTORY_LAYER },
	{ "STUNMinimumKeepAlivePeriod", DM_UINT, DM_RW, .source = FACTORY_LAYER },
	{ "NATDetected", DM_BOOL, DM_RO, .get = get_nat, .flags = DM_EVENTED,
	  .source = "the STUN server's answer" },
#endif
	{ "AliasBasedAddressing", DM_BOOL, DM_RO, .get = get_alias_based, .flags = DM_FORCED_INFORM,
	  .source = "what this agent supports" },
#ifdef CONFIG_CWMP_ALIAS
	{ "InstanceMode", DM_STRING, DM_RW, DM_VALUES(instance_modes), .def = "InstanceNumber",
	  .source = FACTORY_LAYER },
	{ "AutoCreateInstances", DM_BOOL, DM_RW, .source = FACTORY_LAYER },
#endif
	{ "SupportedConnReqMethods", DM_STRING, DM_RO, .get = get_connreq_methods,
	  DM_VALUES(connreq_methods), .flags = DM_LIST, .source = "what this agent supports" },
};

static bool read_time(const struct dm_inst *in, int64_t *unix_seconds)
{
	size_t len;
	const char *text = dm_str(in, "PeriodicInformTime", &len);

	/* the year 1 is Unknown Time: any phase will do (TR-069 A6 3.7.1.4) */
	return len > 4 && memcmp(text, "0001", 4) && !clock_parse(text, len, unix_seconds);
}

static void read_settings(struct dm *dm, struct ms_settings *s)
{
	const struct dm_inst *in = dm_single(dm, &management_server);

	/* TR-069 A6 3.6.1 */
	dm_tell_alias(dm, !strcmp(dm_str(in, "InstanceMode", NULL), "InstanceAlias"));

	s->enable_cwmp = dm_bool(in, "EnableCWMP");
	s->url = dm_str(in, "URL", NULL);
	s->username = dm_str(in, "Username", NULL);
	s->password = dm_str(in, "Password", NULL);
	s->periodic_enable = dm_bool(in, "PeriodicInformEnable");
	s->periodic_interval = (uint32_t)dm_uint(in, "PeriodicInformInterval");
	s->periodic_time = 0;
	s->periodic_phase = read_time(in, &s->periodic_time);
	s->connreq_username = dm_str(in, "ConnectionRequestUsername", NULL);
	s->connreq_password = dm_str(in, "ConnectionRequestPassword", NULL);
#ifdef CONFIG_CONNREQ_HTTP
	s->connreq_http_enable = dm_bool(in, "HTTPConnectionRequestEnable");
#endif
	s->notification_throttle = (uint32_t)dm_uint(in, "DefaultActiveNotificationThrottle");
	s->stun_enable = dm_bool(in, "STUNEnable");
	s->stun_server = dm_str(in, "STUNServerAddress", NULL);
	s->stun_port = (uint16_t)dm_uint(in, "STUNServerPort");
	s->stun_username = dm_str(in, "STUNUsername", NULL);
	s->stun_password = dm_str(in, "STUNPassword", NULL);
	s->stun_min = (uint32_t)dm_uint(in, "STUNMinimumKeepAlivePeriod");
	s->stun_max = dm_int(in, "STUNMaximumKeepAlivePeriod");
	s->retry_min_wait = (uint32_t)dm_uint(in, "CWMPRetryMinimumWaitInterval");
	s->retry_multiplier = (uint32_t)dm_uint(in, "CWMPRetryIntervalMultiplier");
}

static unsigned int compare(const struct ms_settings *a, const struct ms_settings *b)
{
	unsigned int bits = 0;

	if (strcmp(a->url, b->url))
		bits |= MS_URL;
	if (a->periodic_enable != b->periodic_enable ||
	    a->periodic_interval != b->periodic_interval ||
	    a->periodic_phase != b->periodic_phase || a->periodic_time != b->periodic_time)
		bits |= MS_PERIODIC;
	if (strcmp(a->connreq_username, b->connreq_username) ||
	    strcmp(a->connreq_password, b->connreq_password) ||
	    a->connreq_http_enable != b->connreq_http_enable)
		bits |= MS_CONNREQ;
	if (a->stun_enable != b->stun_enable || strcmp(a->stun_server, b->stun_server) ||
	    a->stun_port != b->stun_port || strcmp(a->stun_username, b->stun_username) ||
	    strcmp(a->stun_password, b->stun_password) || a->stun_min != b->stun_min ||
	    a->stun_max != b->stun_max)
		bits |= MS_STUN;
	if (a->enable_cwmp != b->enable_cwmp)
		bits |= MS_ENABLE;
	if (a->notification_throttle != b->notification_throttle)
		bits |= MS_THROTTLE;
	return bits;
}

/* The old values live until this returns, so both can be compared. */
static void committed(struct dm *dm, const struct dm_txn *txn)
{
	struct ms *ms = ms_of(dm);
	struct ms_settings fresh;
	unsigned int bits;

	if (!ms)
		return;
	read_settings(dm, &fresh);
	bits = compare(&ms->set, &fresh);
	ms->set = fresh;
	if (bits && ms->fn)
		ms->fn(ms->arg, bits);
}

static const struct dm_module ms_module = { .name = "management server", .committed = committed };

const struct dm_object management_server =
	DM_SINGLE("Device.ManagementServer.", params, .module = &ms_module);

const struct ms_settings *ms_settings(struct dm *dm)
{
	return &ms_of(dm)->set;
}

void ms_on_change(struct dm *dm, ms_changed_fn fn, void *arg)
{
	struct ms *ms = ms_of(dm);

	ms->fn = fn;
	ms->arg = arg;
}

void ms_allow_http(struct dm *dm, bool allow)
{
	ms_of(dm)->allow_http = allow;
}

int ms_set_connreq_url(struct dm *dm, const char *url)
{
	struct ms *ms = ms_of(dm);
	char *own;

	if (ms->connreq_url && !strcmp(ms->connreq_url, url))
		return 0;
	own = strdup(url);
	if (!own)
		return -ENOMEM;
	free(ms->connreq_url);
	ms->connreq_url = own;
	dm_changed(dm_single(dm, &management_server), "ConnectionRequestURL");
	return 0;
}

int ms_set_udp(struct dm *dm, const char *address, bool nat)
{
	struct ms *ms = ms_of(dm);
	struct dm_inst *in = dm_single(dm, &management_server);

	if (strlen(address) >= sizeof(ms->udp_address))
		return -ENAMETOOLONG;
	if (strcmp(ms->udp_address, address)) {
		memcpy(ms->udp_address, address, strlen(address) + 1);
		dm_changed(in, "UDPConnectionRequestAddress");
	}
	if (ms->nat != nat) {
		ms->nat = nat;
		dm_changed(in, "NATDetected");
	}
	return 0;
}

int ms_init(struct dm *dm)
{
	struct ms *ms = calloc(1, sizeof(*ms));

	if (!ms)
		return -ENOMEM;
	ms->dm = dm;
#ifdef CONFIG_CWMP_ALIAS
	dm_allow_alias(dm, true);
#endif
	read_settings(dm, &ms->set);
	dm_bind(dm, &management_server, ms);
	return 0;
}

void ms_exit(struct dm *dm)
{
	struct ms *ms = ms_of(dm);

	dm_bind(dm, &management_server, NULL);
	if (ms)
		free(ms->connreq_url);
	free(ms);
}
